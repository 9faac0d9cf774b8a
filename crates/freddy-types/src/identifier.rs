//! What the identifiers share: one validating constructor, and every trait made from it.

use std::fmt;

/// A text is not an identifier. Says where and why, never what the text was, so that it can go to a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidId {
    pub(crate) what: &'static str,
    pub(crate) reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    Empty,
    Prefix { prefix: &'static str },
    NothingAfter { prefix: &'static str },
    Character { position: usize, allowed: &'static str },
    TooLong { length: usize, max: usize },
}

impl InvalidId {
    /// The byte at which the text stops being an identifier, counted from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        match self.reason {
            Reason::Empty | Reason::Prefix { .. } => 0,
            Reason::NothingAfter { prefix } => prefix.len(),
            Reason::Character { position, .. } => position,
            Reason::TooLong { max, .. } => max,
        }
    }
}

impl fmt::Display for InvalidId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = self.what;
        match self.reason {
            Reason::Empty => write!(f, "{what} is empty"),
            Reason::Prefix { prefix } => write!(f, "{what} does not start with `{prefix}`"),
            Reason::NothingAfter { prefix } => write!(f, "{what} has nothing after `{prefix}`"),
            Reason::Character { position, allowed } => {
                write!(f, "{what} has an unexpected character at byte {position}: allowed there is {allowed}")
            }
            Reason::TooLong { length, max } => write!(f, "{what} is {length} bytes long, at most {max} are allowed"),
        }
    }
}

impl std::error::Error for InvalidId {}

/// A literal that was found to be an identifier, at compile time.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Checked(pub(crate) &'static str);

/// Implements the traits of an identifier for a newtype around `Box<str>` with a `const fn check(&str) -> Result<(), InvalidId>`.
macro_rules! identifier {
    ($Id:ident, $what:literal) => {
        impl $Id {
            /// The identifier as it stands on the wire.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $Id {
            type Err = $crate::InvalidId;

            /// Reads the wire form; see the type for what it is.
            ///
            /// # Errors
            /// Says at which byte the text stops being one, and why.
            fn from_str(text: &str) -> Result<Self, $crate::InvalidId> {
                Self::check(text)?;
                Ok(Self(text.into()))
            }
        }

        impl TryFrom<&str> for $Id {
            type Error = $crate::InvalidId;

            fn try_from(text: &str) -> Result<Self, $crate::InvalidId> {
                text.parse()
            }
        }

        impl TryFrom<String> for $Id {
            type Error = $crate::InvalidId;

            /// Keeps the string's allocation.
            fn try_from(text: String) -> Result<Self, $crate::InvalidId> {
                Self::check(&text)?;
                Ok(Self(text.into()))
            }
        }

        impl From<$Id> for String {
            fn from(id: $Id) -> Self {
                id.0.into()
            }
        }

        impl From<$Id> for Box<str> {
            fn from(id: $Id) -> Self {
                id.0
            }
        }

        impl AsRef<str> for $Id {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        /// `Eq`, `Ord` and `Hash` are those of the string, so a map with this key is searched by `&str`.
        impl std::borrow::Borrow<str> for $Id {
            fn borrow(&self) -> &str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $Id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::fmt::Debug for $Id {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_tuple(stringify!($Id)).field(&self.as_str()).finish()
            }
        }

        impl PartialEq<str> for $Id {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $Id {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl PartialEq<$Id> for str {
            fn eq(&self, other: &$Id) -> bool {
                self == other.as_str()
            }
        }

        impl PartialEq<$Id> for &str {
            fn eq(&self, other: &$Id) -> bool {
                *self == other.as_str()
            }
        }

        impl serde::Serialize for $Id {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $Id {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str($crate::wire::FromStrVisitor::new(concat!("a ", $what)))
            }
        }
    };
}
pub(crate) use identifier;
