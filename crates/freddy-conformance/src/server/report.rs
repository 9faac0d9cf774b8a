//! How a run is shown: as a table, as JSON, as XML.

use std::fmt::Write as _;

use serde::Serialize;

use super::outcome::{Done, Finding, Outcome};
use crate::vectors::Level;
use crate::xml::escaped;

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
        self.cases.iter().any(|done| self.fails(done))
    }

    /// Whether a case fails at the level of the run.
    fn fails(&self, done: &Done) -> bool {
        matches!(done.outcome, Outcome::Failed { .. }) && done.case.level <= self.level
    }

    fn word(&self, done: &Done) -> &'static str {
        match done.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed { .. } if self.fails(done) => "FAILED",
            Outcome::Failed { .. } => "not kept",
            Outcome::Skipped { .. } => "skipped",
        }
    }

    fn count(&self, word: &str) -> usize {
        self.cases.iter().filter(|done| self.word(done) == word).count()
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
            let _ = writeln!(text, "{:<8}  {:<6}  {:<width$}  {note}", self.word(done), case.level.as_str(), case.name);
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
        let [passed, failed, not_kept, skipped] =
            ["passed", "FAILED", "not kept", "skipped"].map(|word| self.count(word));
        let _ = write!(text, "\n{passed} passed, {failed} failed, {not_kept} not kept, {skipped} skipped\n");
        text
    }

    fn junit(&self) -> String {
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"freddy-conformance\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
            self.cases.len(),
            self.count("FAILED"),
            self.count("skipped")
        );
        for done in &self.cases {
            let (name, level) = (escaped(&done.case.name), done.case.level.as_str());
            let _ = write!(text, "  <testcase classname=\"{level}\" name=\"{name}\" time=\"{:.3}\"", done.seconds);
            match &done.outcome {
                Outcome::Failed { .. } if !self.fails(done) => text.push_str("/>\n"),
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
