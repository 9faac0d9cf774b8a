//! What is wrong with a request: where, and why, in static texts, names and numbers alone.

use std::fmt;

use crate::wire::invalid::{InvalidId, InvalidTimestamp};

/// What is wrong with a request, all of it that could be found at once.
///
/// It is made while a request is read and says for each fault the place and the reason: `query.limit: is not an integer
/// from 1 to 100`. Nothing of it is a value that came in, so it is fit for `system_message`, which is public. The one
/// thing that is repeated is the name of a field that is not known, if it looks like a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    found: Vec<Fault>,
    more: usize,
}

/// One thing that is wrong with a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    place: Box<str>,
    reason: Reason,
}

impl Fault {
    /// Where: `path.connector_id`, `query.limit`, `header Idempotency-Key`, `body`, or `body /name` with a JSON pointer.
    #[must_use]
    pub fn place(&self) -> &str {
        &self.place
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &Reason {
        &self.reason
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.reason)
    }
}

impl Faults {
    /// The most that are listed; how many more there are is counted.
    pub const MAX_LISTED: usize = 16;

    /// One fault, found by the program that answers the request: `Faults::one("body /name", "is taken")`.
    #[must_use]
    pub fn one(place: &'static str, reason: &'static str) -> Self {
        Self { found: vec![Fault { place: place.into(), reason: Reason::text(reason) }], more: 0 }
    }

    /// Adds a fault that the program found.
    #[must_use]
    pub fn and(mut self, place: &'static str, reason: &'static str) -> Self {
        self.add(&At::root(place), Reason::text(reason));
        self
    }

    /// The faults, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.found.iter()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    #[doc(hidden)]
    pub fn add(&mut self, at: &At<'_>, reason: impl Into<Reason>) {
        if self.found.len() < Self::MAX_LISTED {
            self.found.push(Fault { place: at.to_string().into(), reason: reason.into() });
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.found.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{fault}")?;
        }
        if self.more > 0 {
            write!(f, "; and {} more", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// Why a value is not what it should be: static texts, names and numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason(Why);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    Text(&'static str),
    NotA(&'static str),
    Missing,
    Twice,
    Integer { min: i64, max: i64 },
    Chars { min: usize, max: usize },
    Names(Vec<&'static str>),
    UnknownField { name: Option<Box<str>>, nearest: Option<&'static str> },
    Id(InvalidId),
    Timestamp(InvalidTimestamp),
    Json { line: usize, column: usize },
}

impl Reason {
    /// A reason in words that stand in the program, such as `is taken`.
    #[must_use]
    pub const fn text(text: &'static str) -> Self {
        Self(Why::Text(text))
    }

    /// `is not …`, such as `an object`.
    #[must_use]
    pub const fn not_a(expected: &'static str) -> Self {
        Self(Why::NotA(expected))
    }

    pub(crate) const fn missing() -> Self {
        Self(Why::Missing)
    }

    pub(crate) const fn twice() -> Self {
        Self(Why::Twice)
    }

    pub(crate) const fn integer(min: i64, max: i64) -> Self {
        Self(Why::Integer { min, max })
    }

    pub(crate) const fn chars(min: usize, max: usize) -> Self {
        Self(Why::Chars { min, max })
    }

    pub(crate) fn names(names: Vec<&'static str>) -> Self {
        Self(Why::Names(names))
    }

    pub(crate) fn json(error: &serde_json::Error) -> Self {
        Self(Why::Json { line: error.line(), column: error.column() })
    }

    pub(crate) fn unknown_field(name: &str, known: &[&'static str]) -> Self {
        /// A longer one, or one with other characters, may be anything, and is not repeated.
        const MAX_NAME: usize = 40;
        let is_name = name.len() <= MAX_NAME
            && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
        Self(Why::UnknownField {
            name: (is_name && !name.is_empty()).then(|| name.into()),
            nearest: if name.len() <= MAX_NAME { nearest(name, known) } else { None },
        })
    }
}

impl From<InvalidId> for Reason {
    fn from(error: InvalidId) -> Self {
        Self(Why::Id(error))
    }
}

impl From<InvalidTimestamp> for Reason {
    fn from(error: InvalidTimestamp) -> Self {
        Self(Why::Timestamp(error))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Why::Text(text) => f.write_str(text),
            Why::NotA(expected) => write!(f, "is not {expected}"),
            Why::Missing => f.write_str("is missing"),
            Why::Twice => f.write_str("is given more than once"),
            Why::Integer { min, max } => write!(f, "is not an integer from {min} to {max}"),
            Why::Chars { min, max } => write!(f, "does not have {min} to {max} characters"),
            Why::Names(names) => write!(f, "is not one of {}", names.join(", ")),
            Why::UnknownField { name, nearest } => {
                match name {
                    Some(name) => write!(f, "has an unknown field `{name}`")?,
                    None => f.write_str("has an unknown field")?,
                }
                nearest.map_or(Ok(()), |nearest| write!(f, ", perhaps `{nearest}` is meant"))
            }
            Why::Id(error) => error.fmt(f),
            Why::Timestamp(error) => error.fmt(f),
            Why::Json { line, column } => write!(f, "is not JSON at line {line} column {column}"),
        }
    }
}

impl std::error::Error for Reason {}

/// The known name that takes the fewest edits, if it is near enough to be what was meant.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let (distance, nearest) = known.iter().map(|known| (edits(name, known), *known)).min()?;
    // A name of one letter is not near to every other letter.
    (distance <= 1 + nearest.len() / 6 && distance < nearest.len()).then_some(nearest)
}

/// Levenshtein's distance, in bytes, upper and lower case the same.
fn edits(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.bytes().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(other.bytes()) {
            let replaced = diagonal + usize::from(!a.eq_ignore_ascii_case(&b));
            diagonal = *cell;
            left = replaced.min(*cell + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// A place in a request while it is read: a step below another place.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct At<'a> {
    above: Option<&'a At<'a>>,
    step: Step,
}

#[derive(Clone, Copy)]
enum Step {
    Root(&'static str),
    Named(&'static str, &'static str),
    Field(&'static str),
    Index(usize),
    /// An entry of a map. Its name came in, so it is not repeated.
    Entry,
}

impl<'a> At<'a> {
    #[must_use]
    pub const fn root(name: &'static str) -> Self {
        Self { above: None, step: Step::Root(name) }
    }

    /// A place with a name of its own: `query.` and `limit`.
    #[must_use]
    pub const fn named(place: &'static str, name: &'static str) -> Self {
        Self { above: None, step: Step::Named(place, name) }
    }

    #[must_use]
    pub const fn field(&'a self, name: &'static str) -> Self {
        Self { above: Some(self), step: Step::Field(name) }
    }

    #[must_use]
    pub const fn index(&'a self, index: usize) -> Self {
        Self { above: Some(self), step: Step::Index(index) }
    }

    #[must_use]
    pub const fn entry(&'a self) -> Self {
        Self { above: Some(self), step: Step::Entry }
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(above) = self.above {
            write!(f, "{above}")?;
            if above.above.is_none() {
                f.write_str(" ")?;
            }
        }
        match self.step {
            Step::Root(name) => f.write_str(name),
            Step::Named(place, name) => write!(f, "{place}{name}"),
            Step::Field(name) => write!(f, "/{name}"),
            Step::Index(index) => write!(f, "/{index}"),
            Step::Entry => f.write_str("/*"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_read_as_they_are_documented() {
        let body = At::root("body");
        let labels = body.field("labels");
        assert_eq!(body.to_string(), "body");
        assert_eq!(labels.index(3).field("name").to_string(), "body /labels/3/name");
        assert_eq!(labels.entry().to_string(), "body /labels/*");
        assert_eq!(At::named("query.", "limit").to_string(), "query.limit");
    }

    #[test]
    fn an_unknown_field_is_named_with_the_known_one_that_is_nearest() {
        let known = ["name", "schedule", "labels"];
        let reason = |name: &str| Reason::unknown_field(name, &known).to_string();
        assert_eq!(reason("shedule"), "has an unknown field `shedule`, perhaps `schedule` is meant");
        assert_eq!(reason("Name"), "has an unknown field `Name`, perhaps `name` is meant");
        assert_eq!(reason("colour"), "has an unknown field `colour`");
        assert_eq!(reason("na me"), "has an unknown field, perhaps `name` is meant");
        assert_eq!(reason(&"x".repeat(41)), "has an unknown field");
        assert_eq!(reason(""), "has an unknown field");
        assert_eq!(Reason::unknown_field("x", &["a"]).to_string(), "has an unknown field `x`");
        // Two letters of four make another word.
        assert_eq!(Reason::unknown_field("size", &["time"]).to_string(), "has an unknown field `size`");
    }

    #[test]
    fn the_distance_counts_single_edits() {
        for (one, other, distance) in [
            ("", "", 0),
            ("abc", "abc", 0),
            ("", "abc", 3),
            ("abc", "ac", 1),
            ("abc", "axc", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!((edits(one, other), edits(other, one)), (distance, distance), "{one} {other}");
        }
    }

    #[test]
    fn what_is_beyond_the_bound_is_counted() {
        let mut faults = Faults::default();
        for _ in 0..20 {
            faults.add(&At::root("body"), Reason::missing());
        }
        assert_eq!(faults.iter().count(), Faults::MAX_LISTED);
        assert!(faults.to_string().ends_with("; and 4 more"), "{faults}");
    }
}
