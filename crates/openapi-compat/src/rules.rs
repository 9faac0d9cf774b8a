//! The rules, each with an ID that never changes.

use std::fmt;

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

/// The rule with an ID.
///
/// # Errors
/// If there is none. Names the rule with the nearest ID, if one is near.
pub fn find(id: &str) -> Result<&'static Rule, UnknownRule> {
    ALL.iter().copied().find(|rule| rule.id == id).ok_or_else(|| {
        let likeness = |rule: &&&Rule| strsim::jaro_winkler(rule.id, id);
        let nearest = ALL.iter().max_by(|one, other| likeness(one).total_cmp(&likeness(other)));
        UnknownRule { id: id.to_owned(), nearest: nearest.filter(|rule| likeness(rule) > 0.8).map(|rule| rule.id) }
    })
}

/// That no rule has an ID.
#[derive(Debug)]
pub struct UnknownRule {
    id: String,
    nearest: Option<&'static str>,
}

impl fmt::Display for UnknownRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no rule {:?}", self.id)?;
        match self.nearest {
            Some(nearest) => write!(f, "; did you mean `{nearest}`?"),
            None => f.write_str("; `openapi-compat rules` lists all"),
        }
    }
}

impl std::error::Error for UnknownRule {}

rules! {
    UNKNOWN "unknown": "Something changed that no rule knows.", "Take it back, or accept it with a reason.";
}
