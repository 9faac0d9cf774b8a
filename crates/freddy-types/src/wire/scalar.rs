//! Values that have a text of their own, for paths, queries and headers.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Deserializer, Visitor};

use crate::wire::fault::{At, Faults, Reason};
use crate::wire::open::StringEnum;
use crate::wire::read::Wire;
use crate::wire::tree::Tree;

/// A wire type that can stand in a path, a query or a header.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a path, a query or a header",
    label = "has no text of its own",
    note = "an object or a list stands in a body; a query takes a list as a `repeated` row"
)]
pub trait Scalar: Wire {
    /// The text, not yet encoded for where it will stand.
    fn to_text(&self) -> Cow<'_, str>;

    /// Reads the text.
    ///
    /// # Errors
    /// Says why it is none, without repeating it.
    fn from_text(text: &str) -> Result<Self, Reason>;
}

/// A [`Scalar`] that can stand in a header: its text is visible ASCII. Identifiers, numbers, times, lists of names and
/// booleans are. A [`Text`](crate::Text) is not, since a header cannot carry a line break or an `é`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot stand in a header",
    label = "may have characters that no header carries",
    note = "declare a type of visible ASCII characters with `identifier!`"
)]
pub trait HeaderScalar: Scalar {}

/// Reads a JSON string as [`Scalar::from_text`] does.
#[doc(hidden)]
pub fn read_scalar<T: Scalar>(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<T> {
    let read = match tree {
        Tree::Text(text) => T::from_text(text),
        _ => Err(Reason::not_a("a string")),
    };
    read.map_err(|reason| faults.add(at, reason)).ok()
}

#[doc(hidden)]
pub fn name_from_text<T: StringEnum>(text: &str) -> Result<T, Reason> {
    T::from_wire(text).ok_or_else(|| Reason::names(T::ALL.iter().map(|known| known.as_str()).collect()))
}

/// Reads a string through `FromStr`, so that serde says the same as the parser.
#[doc(hidden)]
pub fn deserialize_from_str<'de, T, D>(deserializer: D, expecting: &'static str) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display>,
    D: Deserializer<'de>,
{
    struct FromStrVisitor<T> {
        expecting: &'static str,
        output: PhantomData<T>,
    }

    impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for FromStrVisitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.expecting)
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            text.parse().map_err(E::custom)
        }
    }

    deserializer.deserialize_str(FromStrVisitor { expecting, output: PhantomData })
}
