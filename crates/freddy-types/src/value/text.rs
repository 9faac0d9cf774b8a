//! Strings of a bounded length, and the values that are plain strings and booleans.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::wire::fault::{At, Faults, Reason};
use crate::wire::read::Wire;
use crate::wire::scalar::{HeaderScalar, Scalar, read_scalar};
use crate::wire::shape::{Shape, TextShape};
use crate::wire::tree::Tree;

/// A string of `MIN` to `MAX` characters.
///
/// ```
/// use freddy_types::Text;
///
/// let name: Text<1, 80> = "Nightly".parse()?;
/// assert_eq!(name.as_str(), "Nightly");
/// assert_eq!("".parse::<Text<1, 80>>().unwrap_err().to_string(), "does not have 1 to 80 characters");
/// # Ok::<(), freddy_types::Reason>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text<const MIN: usize, const MAX: usize>(Box<str>);

impl<const MIN: usize, const MAX: usize> Text<MIN, MAX> {
    /// The string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn check(text: &str) -> Result<(), Reason> {
        // As many bytes as characters, or more.
        let fits =
            if text.len() <= MAX && text.len() >= MIN * 4 { true } else { (MIN..=MAX).contains(&text.chars().count()) };
        if fits { Ok(()) } else { Err(Reason::chars(MIN, MAX)) }
    }
}

impl<const MIN: usize, const MAX: usize> std::str::FromStr for Text<MIN, MAX> {
    type Err = Reason;

    /// # Errors
    /// It has fewer or more characters.
    fn from_str(text: &str) -> Result<Self, Reason> {
        Self::check(text).map(|()| Self(text.into()))
    }
}

impl<const MIN: usize, const MAX: usize> TryFrom<String> for Text<MIN, MAX> {
    type Error = Reason;

    /// Keeps the string's allocation.
    fn try_from(text: String) -> Result<Self, Reason> {
        Self::check(&text).map(|()| Self(text.into()))
    }
}

impl<const MIN: usize, const MAX: usize> From<Text<MIN, MAX>> for String {
    fn from(text: Text<MIN, MAX>) -> Self {
        text.0.into()
    }
}

impl<const MIN: usize, const MAX: usize> AsRef<str> for Text<MIN, MAX> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Display for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl<const MIN: usize, const MAX: usize> fmt::Debug for Text<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: usize, const MAX: usize> Serialize for Text<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de, const MIN: usize, const MAX: usize> Deserialize<'de> for Text<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor<const MIN: usize, const MAX: usize>;

        impl<const MIN: usize, const MAX: usize> Visitor<'_> for TextVisitor<MIN, MAX> {
            type Value = Text<MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "a string of {MIN} to {MAX} characters")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                text.parse().map_err(|reason: Reason| E::custom(reason))
            }
        }

        deserializer.deserialize_str(TextVisitor)
    }
}

impl<const MIN: usize, const MAX: usize> Wire for Text<MIN, MAX> {
    type Received = Self;

    fn shape() -> Shape {
        Shape::Text(TextShape { min_chars: MIN, max_chars: Some(MAX), ..TextShape::any("text") })
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        read_scalar(tree, at, faults)
    }
}

impl<const MIN: usize, const MAX: usize> Scalar for Text<MIN, MAX> {
    fn to_text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        text.parse()
    }
}

impl Wire for String {
    type Received = Self;

    fn shape() -> Shape {
        Shape::Text(TextShape::any("text"))
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        read_scalar(tree, at, faults)
    }
}

impl Scalar for String {
    fn to_text(&self) -> Cow<'_, str> {
        self.as_str().into()
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        Ok(text.to_owned())
    }
}

impl Wire for bool {
    type Received = Self;

    fn shape() -> Shape {
        Shape::Boolean
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        match tree {
            Tree::Boolean(value) => Some(*value),
            _ => {
                faults.add(at, Reason::not_a("`true` or `false`"));
                None
            }
        }
    }
}

impl HeaderScalar for bool {}

impl Scalar for bool {
    fn to_text(&self) -> Cow<'_, str> {
        if *self { "true".into() } else { "false".into() }
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Reason::not_a("`true` or `false`")),
        }
    }
}
