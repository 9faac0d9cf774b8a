//! A change, and whom it breaks.

use std::fmt;

use serde::Serialize;

/// One change from an old document to a new one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Change {
    /// Whether it breaks anybody.
    pub class: Class,
    /// Where, as a JSON pointer into the new document, or into the old one if the new one does not have it.
    pub pointer: String,
    /// Whether it is about requests, responses, or the document.
    pub direction: Direction,
    /// What changed and whom it breaks, in one sentence.
    pub message: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(f, "{}, {}, {pointer}: {}", self.class, self.direction, self.message)
    }
}

/// Whether a change breaks anybody, from the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Breaks, or may break, somebody who relied on the old document: needs a major version.
    Breaking,
    /// Something new that breaks nobody: needs a minor version.
    Compatible,
    /// Changes only documentation: needs a patch version.
    Documentation,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Breaking => "breaking",
            Self::Compatible => "compatible",
            Self::Documentation => "documentation",
        })
    }
}

/// Which part of an exchange a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// What a client sends, and where to.
    Request,
    /// What a client receives.
    Response,
    /// Neither: the document itself.
    Document,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Document => "document",
        })
    }
}
