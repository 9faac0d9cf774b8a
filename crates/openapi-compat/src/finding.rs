//! One change, and whom it breaks.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::input::Location;
use crate::rules::Rule;

/// One change from an old document to a new one.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Whether it breaks anybody.
    pub class: Class,
    /// Where, as a JSON pointer into the new document, or into the old one if the new one does not have it.
    pub pointer: String,
    /// What it is about.
    pub direction: Direction,
    /// The rule that found it.
    pub rule: &'static Rule,
    /// What changed and whom it breaks, in one sentence.
    pub message: String,
    /// What to do instead, if it breaks somebody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<&'static str>,
    /// What stood there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// What stands there now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// The operations that it reaches, sorted; empty if it is about the document as a whole, or no operation reaches it.
    #[serde(serialize_with = "as_list")]
    pub operations: Arc<[Operation]>,
    /// Where the old document has it, or what it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_location: Option<Location>,
    /// Where the new document has it, or what it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new_location: Option<Location>,
    /// As `pointer`, in the old document.
    #[serde(skip)]
    pub(crate) old_pointer: Option<String>,
}

fn as_list<S: Serializer>(operations: &Arc<[Operation]>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(operations.iter())
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let pointer = if self.pointer.is_empty() { "the document" } else { &self.pointer };
        write!(f, "{}, {}, {pointer}: {}", self.class, self.direction, self.message)
    }
}

/// A method of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Operation {
    /// The path template, or the name of a webhook.
    pub path: String,
    /// The method in capital letters.
    pub method: String,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// What a client sends, and where to.
    Request,
    /// What a client receives.
    Response,
    /// What is generated from the document: names and the order of parameters, which no message shows.
    Code,
    /// None of these: the document itself.
    Document,
}

impl Direction {
    /// Its name in JSON and in settings.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Code => "code",
            Self::Document => "document",
        }
    }
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Request => "request",
            Self::Response => "response",
            Self::Code => "generated code",
            Self::Document => "document",
        })
    }
}
