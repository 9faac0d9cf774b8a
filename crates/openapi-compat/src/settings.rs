//! What a team decides for itself: severities, accepted breaks, extensions that programs read, and what may be removed.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::Deserialize;
use serde_saphyr::Spanned;

use crate::finding::{Class, Direction, Finding};
use crate::input::Document;
use crate::json_pointer;
use crate::report::{Acceptance, Entry, Expired, visible};

mod fields;
mod removal;

use fields::{AcceptedOperation, Extension, Reason, RuleId};
use removal::Removable;

/// Settings, as a file of them says.
///
/// ```
/// let settings = openapi_compat::Settings::parse(
///     "
/// severity:
///   unknown: documentation # any rule
/// extensions: [x-internal]
/// removable: sunset
/// ",
/// )?;
/// # Ok::<(), openapi_compat::SettingsError>(())
/// ```
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Settings {
    severity: BTreeMap<RuleId, Severity>,
    extensions: Vec<Extension>,
    removable: Option<Removable>,
    accepted: Vec<Spanned<Accepted>>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Severity {
    Breaking,
    Compatible,
    Documentation,
    Off,
}

/// One break that is accepted. It has to match exactly one finding, so that no other break hides behind it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    rule: RuleId,
    /// The pointer of the finding; within the operation, if one is named.
    at: Option<String>,
    operation: Option<AcceptedOperation>,
    direction: Option<Direction>,
    /// A part of the message.
    says: Option<String>,
    reason: Reason,
    /// The last day on which it is accepted.
    until: Date,
}

/// Why settings cannot be read, or do not fit the documents.
#[derive(Debug)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

/// What settings make of findings.
#[derive(Debug, Default)]
pub(crate) struct Applied {
    pub(crate) entries: Vec<Entry>,
    pub(crate) expired: Vec<Expired>,
    pub(crate) switched_off: usize,
}

impl Settings {
    /// The most bytes that settings may have.
    pub const MAX_BYTES: usize = 1 << 20;

    /// Reads settings from YAML.
    ///
    /// # Errors
    /// If they are larger than [`MAX_BYTES`](Self::MAX_BYTES), or anything in them is not known. Says where.
    pub fn parse(yaml: &str) -> Result<Self, SettingsError> {
        if yaml.len() > Self::MAX_BYTES {
            return Err(SettingsError(format!("is larger than {} bytes", Self::MAX_BYTES)));
        }
        // An empty file, or one of comments, has no value that could be read.
        let is_empty = yaml.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
        if is_empty {
            return Ok(Self::default());
        }
        let settings: Self = serde_saphyr::from_str(yaml)
            .map_err(|error| SettingsError(visible(&error.without_snippet().to_string())))?;
        for accepted in &settings.accepted {
            if accepted.value.at.is_none() && accepted.value.operation.is_none() {
                return Err(accepted_error(accepted, "it has neither `at` nor `operation`"));
            }
        }
        Ok(settings)
    }

    /// Applies the settings on a day: severities first, then removals that were announced, then accepted breaks.
    pub(crate) fn apply(&self, findings: Vec<Finding>, old: &Document, today: Date) -> Result<Applied, SettingsError> {
        let mut applied = Applied::default();
        for mut finding in findings {
            let class_before = finding.class;
            match self.severity.get(&RuleId(finding.rule)) {
                Some(Severity::Off) => {
                    applied.switched_off += 1;
                    continue;
                }
                Some(Severity::Breaking) => finding.class = Class::Breaking,
                Some(Severity::Compatible) => finding.class = Class::Compatible,
                Some(Severity::Documentation) => finding.class = Class::Documentation,
                None => {}
            }
            finding.advice = (finding.class == Class::Breaking).then_some(finding.rule.advice);
            let class_without_settings = (finding.class != class_before).then_some(class_before);
            applied.entries.push(Entry { finding, class_without_settings, accepted: None });
        }
        if let Some(removable) = self.removable {
            for entry in applied.entries.iter_mut().filter(|entry| entry.finding.class == Class::Breaking) {
                entry.accepted =
                    removable.reason(&entry.finding, old, today).map(|reason| Acceptance { reason, until: None });
            }
        }
        for accepted in &self.accepted {
            let entry = accepted.value.find(&mut applied.entries).map_err(|why| accepted_error(accepted, &why))?;
            if entry.accepted.as_ref().is_some_and(|acceptance| acceptance.until.is_some()) {
                return Err(accepted_error(accepted, "another one accepts the same"));
            }
            let Accepted { reason: Reason(reason), until, .. } = &accepted.value;
            if today <= *until {
                entry.accepted = Some(Acceptance { reason: reason.clone(), until: Some(*until) });
            } else {
                applied.expired.push(Expired {
                    rule: entry.finding.rule,
                    pointer: entry.finding.pointer.clone(),
                    reason: reason.clone(),
                    until: *until,
                });
            }
        }
        Ok(applied)
    }

    /// The names of the extensions that programs read.
    pub(crate) fn extensions(&self) -> impl Iterator<Item = &str> {
        self.extensions.iter().map(|Extension(name)| name.as_str())
    }
}

fn accepted_error(accepted: &Spanned<Accepted>, why: &str) -> SettingsError {
    let (line, rule) = (accepted.referenced.line(), accepted.value.rule.0.id);
    let place = accepted.value.pointer();
    SettingsError(format!("line {line}: the accepted break `{rule}` at {place:?}: {why}"))
}

impl Accepted {
    /// The pointer that it names. An operation stands for the pointer to it.
    fn pointer(&self) -> String {
        let at = self.at.as_deref().unwrap_or_default();
        match &self.operation {
            None => at.to_owned(),
            Some(AcceptedOperation(operation)) => {
                let kind = if operation.path.starts_with('/') { "/paths" } else { "/webhooks" };
                let operation = json_pointer::child(
                    &json_pointer::child(kind, &operation.path),
                    operation.method.to_ascii_lowercase(),
                );
                operation + at
            }
        }
    }

    /// The one break that it accepts.
    fn find<'e>(&self, entries: &'e mut [Entry]) -> Result<&'e mut Entry, String> {
        let pointer = self.pointer();
        let matches = |finding: &Finding| {
            *finding.rule == *self.rule.0
                && finding.pointer == pointer
                && self.direction.is_none_or(|direction| direction == finding.direction)
                && self.says.as_ref().is_none_or(|part| finding.message.contains(part))
        };
        let (breaking, others): (Vec<_>, Vec<_>) = entries
            .iter_mut()
            .filter(|entry| matches(&entry.finding))
            .partition(|entry| entry.finding.class == Class::Breaking);
        let several = breaking.len();
        match <[_; 1]>::try_from(breaking) {
            Ok([entry]) => Ok(entry),
            Err(_) if several == 0 && others.is_empty() => {
                Err("it matches nothing that was found; remove it, or mend its place".to_owned())
            }
            Err(_) if several == 0 => Err("what it matches breaks nobody; remove it".to_owned()),
            Err(breaking) => {
                let list: Vec<_> = breaking
                    .iter()
                    .map(|entry| {
                        format!(
                            "  direction: {}, message: {}",
                            entry.finding.direction.id(),
                            visible(&entry.finding.message)
                        )
                    })
                    .collect();
                Err(format!(
                    "it matches {several} breaks, and may accept only one; add `direction`, or `says` with a part of the message:\n{}",
                    list.join("\n")
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests;
