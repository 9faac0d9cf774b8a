//! How a run is shown: as a table, as JSON, as XML.

use std::fmt::Write as _;

use serde::Serialize;

use super::outcome::{Done, Finding, Outcome};
use crate::vectors::Level;

/// Where the reference stands.
const REFERENCE: &str = "openapi/reference.md";

/// What a report is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// A table, and what was sent and got where a case fails
    Table,
    /// One JSON object
    Json,
    /// The XML that most CI systems read
    Junit,
}

/// A whole run.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) base_url: String,
    pub(super) level: Level,
    pub(super) cases: Vec<Done>,
}

impl Report {
    pub(super) fn has_failed(&self) -> bool {
        self.cases.iter().any(|done| matches!(done.outcome, Outcome::Failed { .. }))
    }

    pub(super) fn text(&self, format: Format) -> String {
        match format {
            Format::Table => self.table(),
            Format::Json => serde_json::to_string_pretty(self).unwrap_or_default() + "\n",
            Format::Junit => self.junit(),
        }
    }

    fn table(&self) -> String {
        let mut text = String::new();
        let width = self.cases.iter().map(|done| done.case.name.len()).max().unwrap_or_default();
        for done in &self.cases {
            let Done { case, outcome, .. } = done;
            let note = match outcome {
                Outcome::Skipped { because } => because,
                Outcome::Passed | Outcome::Failed { .. } => &case.why,
            };
            let _ = writeln!(text, "{:<7}  {:<6}  {:<width$}  {note}", outcome.word(), case.level.as_str(), case.name);
        }
        for done in &self.cases {
            if let Outcome::Failed { findings } = &done.outcome {
                let _ = write!(
                    text,
                    "\n{} ({})\n  {}\n  {REFERENCE}#{}\n",
                    done.case.name,
                    done.case.level.as_str(),
                    done.case.why,
                    done.reference
                );
                for finding in findings {
                    text.push_str(&shown(finding));
                }
            }
        }
        let count = |word| self.cases.iter().filter(|done| done.outcome.word() == word).count();
        let _ =
            write!(text, "\n{} passed, {} failed, {} skipped\n", count("passed"), count("FAILED"), count("skipped"));
        text
    }

    fn junit(&self) -> String {
        let count = |word| self.cases.iter().filter(|done| done.outcome.word() == word).count();
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"freddy-conformance\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
            self.cases.len(),
            count("FAILED"),
            count("skipped")
        );
        for done in &self.cases {
            let (name, level) = (escaped(&done.case.name), done.case.level.as_str());
            let _ = write!(text, "  <testcase classname=\"{level}\" name=\"{name}\" time=\"{:.3}\"", done.seconds);
            match &done.outcome {
                Outcome::Passed => text.push_str("/>\n"),
                Outcome::Skipped { because } => {
                    let _ = writeln!(text, "><skipped message=\"{}\"/></testcase>", escaped(because));
                }
                Outcome::Failed { findings } => {
                    let shown: String = findings.iter().map(shown).collect();
                    let shown = escaped(&format!("{REFERENCE}#{}\n{shown}", done.reference));
                    let _ = writeln!(
                        text,
                        "><failure message=\"{}\">{shown}</failure></testcase>",
                        escaped(&done.case.why)
                    );
                }
            }
        }
        text.push_str("</testsuite>\n");
        text
    }
}

fn shown(finding: &Finding) -> String {
    let mut text = String::new();
    for (what, said) in [("sent", &finding.sent), ("got", &finding.got), ("expected", &finding.expected)] {
        let _ = writeln!(text, "    {what}:");
        for line in said.lines() {
            let _ = writeln!(text, "      {line}");
        }
    }
    text
}

/// A text for XML, from which what XML cannot hold is gone already.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\n', "&#10;")
}
