//! Text for a terminal.

use std::fmt::Write as _;

use clap::builder::styling::{AnsiColor, Style};

use super::groups::groups;
use super::{Entry, Report, plain};
use crate::finding::Class;

/// Writing to a `String` cannot fail.
macro_rules! line {
    ($out:expr, $($rest:tt)*) => { let _ = writeln!($out, $($rest)*); };
}

pub(super) fn show(report: &Report, colours: bool) -> String {
    let style = |style: Style| if colours { style } else { Style::new() };
    let (bold, dim) = (style(Style::new().bold()), style(Style::new().dimmed()));
    let mut out = String::new();
    for (group, entries) in groups(&report.findings) {
        line!(out, "{bold}{}{bold:#}", group.heading());
        for entry in entries {
            let label = style(label_style(entry));
            line!(out, "  {label}{}{label:#}: {}", entry.label(), plain::visible(&entry.finding.message));
            let location = plain::location(entry)
                .map(|location| format!(" at {}", plain::visible(&location.to_string())))
                .unwrap_or_default();
            line!(out, "    {dim}{}, {}{location}{dim:#}", entry.finding.rule.id, entry.finding.direction);
            let values = plain::values(entry).map(|values| format!(": {values}")).unwrap_or_default();
            line!(out, "    {dim}{}{dim:#}{values}", plain::pointer(&entry.finding.pointer));
            for more in [plain::reached(entry), entry.acceptance().map(|text| plain::visible(&text))].iter().flatten() {
                line!(out, "    {more}");
            }
            if let (Some(advice), None) = (entry.finding.advice, &entry.accepted) {
                line!(out, "    Instead: {advice}");
            }
        }
        line!(out, "");
    }
    for expired in &report.expired {
        let label = style(AnsiColor::Yellow.on_default());
        line!(out, "{label}expired{label:#}: {}", plain::visible(&expired.to_string()));
    }
    for warning in &report.warnings {
        let label = style(AnsiColor::Yellow.on_default());
        line!(out, "{label}warning{label:#}: {}", plain::visible(&warning.to_string()));
    }
    line!(out, "{bold}changes{bold:#}: {}", report.summary());
    line!(out, "{bold}version{bold:#}: {}", report.version);
    out
}

fn label_style(entry: &Entry) -> Style {
    match (entry.finding.class, &entry.accepted) {
        (Class::Breaking, None) => AnsiColor::Red.on_default().bold(),
        (Class::Breaking, Some(_)) => AnsiColor::Yellow.on_default(),
        (Class::Compatible, _) => AnsiColor::Green.on_default(),
        (Class::Documentation, _) => Style::new().dimmed(),
    }
}
