//! Workflow commands of GitHub Actions, which annotate the files of a pull request.

use std::fmt::Write as _;

use super::{Entry, Report, plain};
use crate::finding::Class;
use crate::input::Location;

/// As many annotations of each kind as GitHub shows of a step.
const MOST_SHOWN: usize = 10;

/// Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($rest:tt)*) => { let _ = writeln!($out, $($rest)*); };
}

pub(super) fn show(report: &Report) -> String {
    let mut out = String::new();
    let entries = |level: &'static str| {
        report
            .findings
            .iter()
            .filter(move |entry| level_of(entry) == Some(level))
            .map(|entry| (properties(plain::location(entry), entry.finding.rule.id), message(entry)))
    };
    let expired =
        report.expired.iter().map(|expired| (properties(None, "expired"), plain::visible(&expired.to_string())));
    let warnings = report
        .warnings
        .iter()
        .map(|warning| (properties(warning.location.as_ref(), "not-compared"), plain::visible(&warning.message)));
    annotate("error", entries("error"), &mut out);
    annotate("warning", expired.chain(warnings).chain(entries("warning")), &mut out);
    annotate("notice", entries("notice"), &mut out);
    // These lines are no commands, so no text of a document may stand in them.
    line!(out, "changes: {}", report.summary());
    line!(out, "These changes need {}.", report.version_bump);
    out
}

fn annotate(level: &str, annotations: impl Iterator<Item = (String, String)>, out: &mut String) {
    let mut left_out: usize = 0;
    for (index, (properties, message)) in annotations.enumerate() {
        if index < MOST_SHOWN {
            line!(out, "::{level}{properties}::{}", data(&message));
        } else {
            left_out += 1;
        }
    }
    if left_out > 0 {
        line!(out, "{left_out} more of level {level} are not shown, since GitHub shows {MOST_SHOWN} of a step.");
    }
}

fn level_of(entry: &Entry) -> Option<&'static str> {
    match (entry.finding.class, &entry.accepted) {
        (Class::Breaking, None) => Some("error"),
        (Class::Breaking, Some(_)) => Some("warning"),
        (Class::Compatible, _) => Some("notice"),
        (Class::Documentation, _) => None,
    }
}

/// Where an annotation stands, and its title.
fn properties(location: Option<&Location>, title: &str) -> String {
    let place = location.map_or_else(String::new, |location| {
        format!("file={},line={},col={},", property(&plain::visible(&location.file)), location.line, location.column)
    });
    format!(" {place}title={}", property(title))
}

fn message(entry: &Entry) -> String {
    let advice = entry.finding.advice.filter(|_| entry.accepted.is_none()).map(|advice| format!("Instead: {advice}"));
    let operation = match &*entry.finding.operations {
        [operation] => operation.to_string(),
        _ => String::new(),
    };
    let first = match entry.finding.message.contains(&operation) {
        true => entry.finding.message.clone(),
        false => format!("{operation}: {}", entry.finding.message),
    };
    let lines = [Some(first), plain::reached(entry), entry.acceptance(), advice];
    lines.into_iter().flatten().map(|line| plain::visible(&line)).collect::<Vec<_>>().join("\n")
}

/// The message of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
