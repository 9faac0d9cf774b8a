//! What a comparison found, under the settings of a team, and how it is shown.

use std::fmt;

use clap::ValueEnum;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::Offset;
use serde::Serialize;

use crate::finding::{Class, Finding};
use crate::input::{Document, Warning};
use crate::rules::Rule;
use crate::settings::{Applied, Settings, SettingsError};

mod github;
mod groups;
mod markdown;
mod plain;
mod rule_list;
mod text;
mod version;

pub use plain::visible;
pub use rule_list::{RuleFormat, rules};
pub use version::{Bump, Versions};

/// The JSON Schema of a report as JSON.
pub const JSON_SCHEMA: &str = include_str!("report/schema.json");

/// What changed from one document to another, whom it breaks, and which version it needs.
///
/// It serializes as [`JSON_SCHEMA`] says.
#[derive(Debug, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The version of the form of this report: 1. Fields may be added without a new one.
    pub schema_version: u32,
    /// Whether anything breaks that is not accepted.
    pub breaking: bool,
    /// The part of the version that has to be raised.
    pub version_bump: Bump,
    /// The versions that the documents declare.
    pub version: Versions,
    /// How many findings there are of each kind, also of those that are not shown.
    pub counts: Counts,
    /// The accepted breaks that are accepted no longer.
    pub expired: Vec<Expired>,
    /// What was read from either document and is not compared.
    pub warnings: Vec<Warning>,
    /// The findings, breaking ones first.
    pub findings: Vec<Entry>,
}

/// How many findings there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Counts {
    /// Those that break somebody and are not accepted.
    pub breaking: usize,
    /// Those that break somebody and are accepted.
    pub accepted: usize,
    /// Those that break nobody.
    pub compatible: usize,
    /// Those that change only documentation.
    pub documentation: usize,
    /// Those that the settings switch off.
    pub off: usize,
}

/// A finding, and what the settings say of it.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct Entry {
    /// The finding. Its class is that of the settings.
    #[serde(flatten)]
    pub finding: Finding,
    /// Its class without the settings, if that is another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_without_settings: Option<Class>,
    /// Why it does not count as breaking, if it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Acceptance>,
}

impl From<Finding> for Entry {
    fn from(finding: Finding) -> Self {
        Self { finding, class_without_settings: None, accepted: None }
    }
}

impl Entry {
    pub(crate) fn breaks(&self) -> bool {
        self.finding.class == Class::Breaking && self.accepted.is_none()
    }

    /// The place of the finding among others: what breaks comes first, then what is accepted, and so on.
    fn rank(&self) -> (Class, bool) {
        (self.finding.class, self.accepted.is_some())
    }

    /// One word for the class, and a second one for what it would be without the settings.
    fn label(&self) -> String {
        let label = if self.accepted.is_some() { "accepted".to_owned() } else { self.finding.class.to_string() };
        match self.class_without_settings {
            Some(class) => format!("{label} ({class} without the settings)"),
            None => label,
        }
    }

    fn acceptance(&self) -> Option<String> {
        let Acceptance { reason, until } = self.accepted.as_ref()?;
        Some(match until {
            Some(until) => format!("Accepted until {until}: {reason}"),
            None => format!("Accepted: {reason}"),
        })
    }
}

/// Why a break is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Acceptance {
    /// The reason.
    pub reason: String,
    /// The last day on which it is accepted; none if it was announced as a removal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
}

/// A break that was accepted until a day that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Expired {
    /// The rule.
    pub rule: &'static Rule,
    /// The place.
    pub pointer: String,
    /// Why it was accepted.
    pub reason: String,
    /// The last day on which it was accepted.
    pub until: Date,
}

impl fmt::Display for Expired {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, pointer, reason, until } = self;
        write!(f, "`{}` at {pointer} was accepted until {until} ({reason}), and is no longer", rule.id)
    }
}

/// How a report is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// By operation, for a terminal
    Text,
    /// For programs; `openapi-compat schema` prints the schema
    Json,
    /// A changelog by operation
    Markdown,
    /// Annotations of files in GitHub Actions
    Github,
}

/// The day that it is now, in UTC.
#[must_use]
pub fn today() -> Date {
    Offset::UTC.to_datetime(Timestamp::now()).date()
}

impl Report {
    /// Compares two documents.
    #[must_use]
    pub fn new(old: &Document, new: &Document) -> Self {
        let entries = crate::diff(old, new).into_iter().map(Entry::from).collect();
        Self::from_applied(Applied { entries, ..Applied::default() }, old, new)
    }

    /// Compares two documents under settings. `today` decides which accepted breaks have expired.
    ///
    /// # Errors
    /// If an accepted break of the settings does not match exactly one break.
    pub fn with_settings(
        old: &Document,
        new: &Document,
        settings: &Settings,
        today: Date,
    ) -> Result<Self, SettingsError> {
        Self::of(crate::diff_with(old, new, settings.extensions(), Some(today)), old, new, settings, today)
    }

    fn of(
        findings: Vec<Finding>,
        old: &Document,
        new: &Document,
        settings: &Settings,
        today: Date,
    ) -> Result<Self, SettingsError> {
        Ok(Self::from_applied(settings.apply(findings, old, today)?, old, new))
    }

    fn from_applied(applied: Applied, old: &Document, new: &Document) -> Self {
        let Applied { mut entries, expired, switched_off } = applied;
        entries.sort_by_key(Entry::rank);
        let mut counts = Counts { off: switched_off, ..Counts::default() };
        for entry in &entries {
            *match (entry.finding.class, &entry.accepted) {
                (Class::Breaking, None) => &mut counts.breaking,
                (Class::Breaking, Some(_)) => &mut counts.accepted,
                (Class::Compatible, _) => &mut counts.compatible,
                (Class::Documentation, _) => &mut counts.documentation,
            } += 1;
        }
        let version_bump = Bump::of(&counts);
        Self {
            schema_version: 1,
            breaking: counts.breaking > 0,
            version_bump,
            version: Versions::new(old, new, version_bump),
            counts,
            expired,
            warnings: [old, new].into_iter().flat_map(Document::warnings).cloned().collect(),
            findings: entries,
        }
    }

    /// Leaves out of the findings what breaks nobody or is accepted. The counts stay.
    #[must_use]
    pub fn breaking_only(mut self) -> Self {
        self.findings.retain(Entry::breaks);
        self
    }

    /// The report in a format, as whole lines. Only the text has colours, and only if they are asked for.
    #[must_use]
    pub fn show(&self, format: Format, colours: bool) -> String {
        match format {
            Format::Text => text::show(self, colours),
            Format::Json => format!("{:#}\n", serde_json::json!(self)),
            Format::Markdown => markdown::show(self),
            Format::Github => github::show(self),
        }
    }

    fn summary(&self) -> String {
        let Counts { breaking, accepted, compatible, documentation, off } = self.counts;
        let mut summary = format!("{breaking} breaking, {compatible} compatible, {documentation} of documentation");
        if accepted > 0 {
            summary += &format!(", {accepted} accepted");
        }
        if off > 0 {
            summary += &format!(", {off} switched off");
        }
        summary
    }
}

#[cfg(test)]
mod tests;
