//! Why a text is no identifier, or no timestamp.

use std::fmt;

/// The error of parsing an identifier. It says where and why, never what the text was, so that it can go to a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId {
    what: &'static str,
    reason: IdReason,
}

#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdReason {
    Empty,
    Prefix { prefix: &'static str },
    NothingAfter { prefix: &'static str },
    Character { position: usize, allowed: &'static str },
    TooLong { length: usize, max: usize },
}

impl InvalidId {
    #[doc(hidden)]
    #[must_use]
    pub const fn new(what: &'static str, reason: IdReason) -> Self {
        Self { what, reason }
    }

    /// The byte at which the text stops being an identifier, counted from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        match self.reason {
            IdReason::Empty | IdReason::Prefix { .. } => 0,
            IdReason::NothingAfter { prefix } => prefix.len(),
            IdReason::Character { position, .. } => position,
            IdReason::TooLong { max, .. } => max,
        }
    }
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what;
        match self.reason {
            IdReason::Empty => write!(f, "{what} is empty"),
            IdReason::Prefix { prefix } => write!(f, "{what} does not start with `{prefix}`"),
            IdReason::NothingAfter { prefix } => write!(f, "{what} has nothing after `{prefix}`"),
            IdReason::Character { position, allowed } => {
                write!(f, "{what} has an unexpected character at byte {position}: allowed there is {allowed}")
            }
            IdReason::TooLong { length, max } => write!(f, "{what} is {length} bytes long, at most {max} are allowed"),
        }
    }
}

impl std::error::Error for InvalidId {}

/// The error of parsing a timestamp. It says where and what was expected there, not what stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTimestamp {
    pub(crate) position: usize,
    pub(crate) expected: &'static str,
}

impl InvalidTimestamp {
    /// The byte at which the text stops being a date-time, counted from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid RFC 3339 date-time: expected {} at byte {}", self.expected, self.position)
    }
}

impl std::error::Error for InvalidTimestamp {}
