//! The rules, each with an ID that never changes.

use serde::{Serialize, Serializer};

/// A rule of the comparison.
#[derive(Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rule {
    /// Its ID, which never changes, such as `operation-removed`.
    pub id: &'static str,
    /// What it finds, in a sentence.
    pub finds: &'static str,
    /// What to do instead of a change that breaks somebody.
    pub advice: &'static str,
}

impl Serialize for Rule {
    /// As its ID.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}

macro_rules! rules {
    ($($name:ident $id:literal: $finds:literal, $advice:literal;)*) => {
        $(pub(crate) static $name: Rule = Rule { id: $id, finds: $finds, advice: $advice };)*

        /// Every rule, in the order of the documentation.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    UNKNOWN "unknown": "Something changed that no rule knows.", "Take it back, or accept it with a reason.";
}
