//! A changelog in Markdown, as GitHub shows it. No text of a document can become markup.

use std::fmt::Write as _;

use super::groups::{Group, groups};
use super::{Report, plain};
use crate::finding::Class;

/// Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($rest:tt)*) => { let _ = writeln!($out, $($rest)*); };
}

pub(super) fn show(report: &Report) -> String {
    let mut out = String::new();
    let name = |version: &Option<String>| prose(version.as_deref().unwrap_or("(no version)"));
    line!(out, "# Changes from {} to {}\n", name(&report.version.old), name(&report.version.new));
    line!(out, "{}. These changes need {}.", capital(&report.summary()), report.version_bump);
    if report.version.suffices == Some(false)
        && let Some(least) = &report.version.least
    {
        line!(out, "\n**The version has to be {} at least.**", prose(least));
    }
    for expired in &report.expired {
        line!(out, "\n**Expired:** {}.", prose(&expired.to_string()));
    }
    for warning in &report.warnings {
        line!(out, "\n**Warning:** {}", prose(&warning.to_string()));
    }
    for (group, entries) in groups(&report.findings) {
        let heading = match group {
            Group::Operation(_) => code(&group.heading()),
            Group::Several | Group::Document => group.heading(),
        };
        line!(out, "\n## {heading}\n");
        for entry in entries {
            let label = capital(&entry.label());
            let label = if entry.finding.class == Class::Breaking { format!("**{label}:**") } else { label + ":" };
            line!(out, "- {label} {}", prose(&entry.finding.message));
            if let (Some(advice), None) = (entry.finding.advice, &entry.accepted) {
                line!(out, "  *Instead:* {}", prose(advice));
            }
            if let Some(acceptance) = entry.acceptance() {
                line!(out, "  *{}*", prose(&acceptance));
            }
            let mut details = vec![
                code(entry.finding.rule.id),
                format!("{} at {}", entry.finding.direction, code(&plain::pointer(&entry.finding.pointer))),
            ];
            details.extend(plain::location(entry).map(|location| code(&location.to_string())));
            details.extend(plain::values(entry).as_deref().map(code));
            details.extend(plain::reached(entry).as_deref().map(prose));
            line!(out, "  <br>{}", details.join("; "));
        }
    }
    out
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// A text as code: between more backticks than it has in a row.
fn code(text: &str) -> String {
    let text = plain::visible(text);
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 || text.trim().is_empty() { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// A sentence in which only pairs of backticks are markup. Text of a document may have backticks of its own and move the
/// pairs, but whatever is between them is code, and whatever is not is escaped.
fn prose(text: &str) -> String {
    let text = plain::visible(text);
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        let is_closed = index + 1 < parts.len();
        match index % 2 {
            1 if is_closed && !part.is_empty() => {
                let _ = write!(out, "`{part}`");
            }
            1 if is_closed => out.push_str("\\`\\`"),
            1 => {
                out.push_str("\\`");
                escape(part, &mut out);
            }
            _ => escape(part, &mut out),
        }
    }
    out
}

fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // A word joiner, which is not seen, keeps GitHub from notifying people and from linking issues.
            '@' | '#' => out.extend([character, '\u{2060}']),
            '\\' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', character]),
            _ => out.push(character),
        }
    }
}
