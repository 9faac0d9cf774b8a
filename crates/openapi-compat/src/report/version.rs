//! Which version a change needs.

use std::fmt;

use semver::Version;
use serde::Serialize;
use serde_json::Value;

use super::Counts;
use crate::input::Document;

/// The part of a version that has to be raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bump {
    /// None, since nothing changed.
    None,
    /// The patch version: only documentation changed.
    Patch,
    /// The minor version: something compatible changed, or a break was accepted.
    Minor,
    /// The major version: something breaks.
    Major,
}

impl Bump {
    pub(super) fn of(counts: &Counts) -> Self {
        match *counts {
            Counts { breaking: 1.., .. } => Self::Major,
            Counts { accepted: 1.., .. } | Counts { compatible: 1.., .. } => Self::Minor,
            Counts { documentation: 1.., .. } => Self::Patch,
            _ => Self::None,
        }
    }

    /// The smallest version that may come after this one with such a change.
    #[must_use]
    pub fn least_version(self, published: &Version) -> Version {
        let Version { major, minor, patch, .. } = *published;
        match self {
            Self::None => published.clone(),
            Self::Patch => Version::new(major, minor, patch.saturating_add(1)),
            Self::Minor => Version::new(major, minor.saturating_add(1), 0),
            Self::Major => Version::new(major.saturating_add(1), 0, 0),
        }
    }
}

impl fmt::Display for Bump {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "no new version",
            Self::Patch => "a patch version",
            Self::Minor => "a minor version",
            Self::Major => "a major version",
        })
    }
}

/// The versions that two documents declare in `info.version`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Versions {
    /// That of the old document.
    pub old: Option<String>,
    /// That of the new document.
    pub new: Option<String>,
    /// The smallest that the new document may have; none if the old one has no semantic version.
    pub least: Option<String>,
    /// Whether the new document has this one or a later one; none if that cannot be said.
    pub suffices: Option<bool>,
}

impl Versions {
    pub(super) fn new(old: &Document, new: &Document, bump: Bump) -> Self {
        let declared =
            |document: &Document| document.value().pointer("/info/version").and_then(Value::as_str).map(str::to_owned);
        let (old, new) = (declared(old), declared(new));
        let least = old.as_ref().and_then(|old| old.parse::<Version>().ok()).map(|old| bump.least_version(&old));
        let declared = new.as_ref().and_then(|new| new.parse::<Version>().ok());
        let suffices = least.as_ref().zip(declared.as_ref()).map(|(least, declared)| declared >= least);
        Self { least: least.map(|least| least.to_string()), old, new, suffices }
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |version: &Option<String>| super::plain::visible(version.as_deref().unwrap_or("(none)"));
        write!(f, "{} → {}", name(&self.old), name(&self.new))?;
        match (&self.least, self.suffices) {
            (Some(_), Some(true)) => f.write_str(", which is enough"),
            (Some(least), _) => write!(f, "; these changes need {least} at least"),
            (None, _) => f.write_str("; the first is not a semantic version"),
        }
    }
}
