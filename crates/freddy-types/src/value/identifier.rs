//! [`identifier!`](crate::identifier): a row an identifier, with one validating constructor, and every trait made from it.

use crate::wire::invalid::IdReason;

/// The characters of a regular expression's class, such as `0-9A-Za-z`.
#[doc(hidden)]
#[derive(Debug)]
pub struct Characters {
    /// For one byte.
    table: [bool; 256],
    /// The same for a block, whose bytes are compared at once: the first and the last of each range. A range that is not
    /// used has no character.
    ranges: [(u8, u8); MAX_RANGES],
    /// What it is called in an error.
    allowed: &'static str,
}

const MAX_RANGES: usize = 6;

impl Characters {
    /// Reads a class.
    ///
    /// # Panics
    /// It is not one. In a constant, as [`identifier!`](crate::identifier) has it, that is a compile error.
    #[must_use]
    #[expect(clippy::indexing_slicing, reason = "at compile time, where it is an error to have too many")]
    pub const fn of(class: &'static str, allowed: &'static str) -> Self {
        let mut table = [false; 256];
        let mut ranges = [(1, 0); MAX_RANGES];
        let mut count = 0;
        let mut unread = class.as_bytes();
        while let [first, behind @ ..] = unread {
            assert!(
                first.is_ascii_graphic() && !matches!(*first, b'[' | b']' | b'\\' | b'^'),
                "a class has visible ASCII characters without a meaning of their own"
            );
            let mut last = *first;
            unread = behind;
            if let [b'-', end, tail @ ..] = behind {
                assert!(*first < *end, "a range goes from the lower character to the higher one");
                assert!(end.is_ascii_graphic(), "a range has visible ASCII characters");
                last = *end;
                unread = tail;
            }
            assert!(count < MAX_RANGES, "a class has at most six ranges and single characters");
            ranges[count] = (*first, last);
            count += 1;
            let mut byte = *first;
            while byte <= last {
                table[byte as usize] = true;
                byte += 1;
            }
        }
        Self { table, ranges, allowed }
    }

    #[expect(clippy::indexing_slicing, reason = "a byte is below 256")]
    const fn contains(&self, byte: u8) -> bool {
        self.table[byte as usize]
    }

    const fn contains_all(&self, block: &[u8; 16]) -> bool {
        let (mut bytes, mut all) = (block.as_slice(), true);
        while let [byte, others @ ..] = bytes {
            let (mut ranges, mut found) = (self.ranges.as_slice(), false);
            while let [(first, last), tail @ ..] = ranges {
                found |= *first <= *byte && *byte <= *last;
                ranges = tail;
            }
            all &= found;
            bytes = others;
        }
        all
    }
}

/// Where a text stops being `prefix` and 1 to `max` of `characters`, and why.
#[doc(hidden)]
#[must_use]
pub const fn find_fault(text: &[u8], prefix: &'static str, max: usize, characters: &Characters) -> Option<IdReason> {
    if text.is_empty() {
        return Some(IdReason::Empty);
    }
    let Some((start, rest)) = text.split_at_checked(prefix.len()) else {
        return Some(IdReason::Prefix { prefix });
    };
    let (mut start, mut expected) = (start, prefix.as_bytes());
    while let ([byte, start_tail @ ..], [wanted, expected_tail @ ..]) = (start, expected) {
        if *byte != *wanted {
            return Some(IdReason::Prefix { prefix });
        }
        (start, expected) = (start_tail, expected_tail);
    }
    if rest.is_empty() {
        return Some(IdReason::NothingAfter { prefix });
    }
    if rest.len() > max {
        return Some(IdReason::TooLong { length: text.len(), max: prefix.len() + max });
    }
    let mut unread = rest;
    // What is wrong in a block is found below.
    while let Some((block, tail)) = unread.split_first_chunk::<16>() {
        if !characters.contains_all(block) {
            break;
        }
        unread = tail;
    }
    while let [byte, tail @ ..] = unread {
        if !characters.contains(*byte) {
            return Some(IdReason::Character { position: text.len() - unread.len(), allowed: characters.allowed });
        }
        unread = tail;
    }
    None
}

/// A literal that was found to be an identifier, at compile time.
#[doc(hidden)]
#[derive(Clone, Copy)]
pub struct Checked(&'static str);

impl Checked {
    /// # Panics
    /// At compile time, with what is wrong with the literal.
    #[must_use]
    #[expect(clippy::panic, reason = "at compile time a panic is the error message")]
    pub const fn new(literal: &'static str, fault: Option<IdReason>, words: &LiteralFaults) -> Self {
        match fault {
            None => Self(literal),
            Some(IdReason::Empty) => panic!("{}", words.empty),
            Some(IdReason::Prefix { .. }) => panic!("{}", words.prefix),
            Some(IdReason::NothingAfter { .. }) => panic!("{}", words.nothing_after),
            Some(IdReason::TooLong { .. }) => panic!("{}", words.too_long),
            Some(IdReason::Character { .. }) => panic!("{}", words.character),
        }
    }

    #[must_use]
    pub const fn get(self) -> &'static str {
        self.0
    }
}

/// What to say of a literal, since nothing can be put together while compiling.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct LiteralFaults {
    pub empty: &'static str,
    pub prefix: &'static str,
    pub nothing_after: &'static str,
    pub too_long: &'static str,
    pub character: &'static str,
}

/// Declares an identifier: a newtype that is parsed once, so that a value that exists is valid.
///
/// ```
/// freddy_types::identifier! {
///     /// The identifier of a job.
///     pub struct JobId: "job ID" {
///         prefix: "job_",
///         characters: "0-9A-Za-z", "an ASCII letter or digit",
///         max: 32,
///         example: "job_1",
///     }
/// }
///
/// let id: JobId = "job_7".parse()?;
/// assert_eq!(id, "job_7");
/// assert_eq!(JobId::PATTERN, "^job_[0-9A-Za-z]{1,32}$");
/// assert_eq!("job-7".parse::<JobId>().unwrap_err().to_string(), "job ID does not start with `job_`");
/// # Ok::<(), freddy_types::InvalidId>(())
/// ```
///
/// The wire form is the prefix and 1 to `max` of the characters. These are written as in the class of a regular
/// expression, and the parser and the schema's pattern are made from the same words.
#[macro_export]
macro_rules! identifier {
    (
        $(#[doc = $doc:literal])+
        $vis:vis struct $Id:ident : $what:literal {
            $(schema: $schema_doc:literal,)?
            prefix: $prefix:literal,
            characters: $class:literal, $allowed:literal,
            max: $max:literal,
            example: $example:literal $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis struct $Id(Box<str>);

        impl $Id {
            #[doc = concat!("The most bytes that a ", $what, " has.")]
            pub const MAX_LEN: usize = $prefix.len() + $max;

            #[doc = concat!("The regular expression, in the dialect of JSON Schema, that matches exactly a ", $what, ".")]
            pub const PATTERN: &'static str = concat!("^", $prefix, "[", $class, "]{1,", $max, "}$");

            /// A value, for examples.
            pub const EXAMPLE: &'static str = {
                assert!(Self::is_valid($example), "the example is not valid");
                $example
            };

            const fn find_fault(text: &[u8]) -> Option<$crate::__private::IdReason> {
                const CHARACTERS: $crate::__private::Characters = $crate::__private::Characters::of($class, $allowed);
                $crate::__private::find_fault(text, $prefix, $max, &CHARACTERS)
            }

            /// Whether a text is one.
            #[must_use]
            pub const fn is_valid(text: &str) -> bool {
                Self::find_fault(text.as_bytes()).is_none()
            }

            const fn check(text: &str) -> Result<(), $crate::InvalidId> {
                match Self::find_fault(text.as_bytes()) {
                    None => Ok(()),
                    Some(reason) => Err($crate::InvalidId::new($what, reason)),
                }
            }

            /// For [`id!`](crate::id), which runs it at compile time.
            #[doc(hidden)]
            #[must_use]
            pub const fn check_literal(literal: &'static str) -> $crate::__private::Checked {
                const WORDS: $crate::__private::LiteralFaults = $crate::__private::LiteralFaults {
                    empty: concat!($what, " is empty"),
                    prefix: concat!($what, " does not start with `", $prefix, "`"),
                    nothing_after: concat!($what, " has nothing after `", $prefix, "`"),
                    too_long: concat!($what, " has more than ", $max, " characters after `", $prefix, "`"),
                    character: concat!($what, " has a character after `", $prefix, "` that is not ", $allowed),
                };
                $crate::__private::Checked::new(literal, Self::find_fault(literal.as_bytes()), &WORDS)
            }

            #[doc(hidden)]
            #[must_use]
            pub fn from_checked(literal: $crate::__private::Checked) -> Self {
                Self(literal.get().into())
            }
        }

        impl $crate::Wire for $Id {
            type Received = Self;

            fn shape() -> $crate::shape::Shape {
                let doc: &[&str] = $crate::__schema_doc!([$($doc),+] $($schema_doc)?);
                $crate::shape::Shape::Text($crate::__private::id_shape(stringify!($Id), doc, Self::PATTERN, $example))
            }

            fn read(
                tree: &$crate::__private::Tree,
                at: &$crate::__private::At<'_>,
                faults: &mut $crate::Faults,
            ) -> Option<Self> {
                $crate::__private::read_scalar(tree, at, faults)
            }
        }

        impl $crate::HeaderScalar for $Id {}

        impl $crate::Scalar for $Id {
            fn to_text(&self) -> std::borrow::Cow<'_, str> {
                self.as_str().into()
            }

            fn from_text(text: &str) -> Result<Self, $crate::Reason> {
                Ok(text.parse::<Self>()?)
            }
        }

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

        impl $crate::__private::serde::Serialize for $Id {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $Id {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::__private::deserialize_from_str(deserializer, concat!("a ", $what))
            }
        }
    };
}

/// The words of an identifier's schema: its own, or the documentation of the type.
#[doc(hidden)]
#[macro_export]
macro_rules! __schema_doc {
    ([$($doc:literal),+]) => {
        &[$($doc),+]
    };
    ([$($doc:literal),+] $schema_doc:literal) => {
        &[$schema_doc]
    };
}

/// An identifier from a literal that is checked at compile time.
///
/// ```
/// use freddy_types::{ConnectorId, id};
///
/// assert_eq!(id!(ConnectorId, "pcon_abc123").as_str(), "pcon_abc123");
/// ```
///
/// ```compile_fail
/// let id = freddy_types::id!(freddy_types::ConnectorId, "pcon_abc-123");
/// ```
#[macro_export]
macro_rules! id {
    ($Id:ty, $literal:literal) => {{
        // An item, which `cargo check` evaluates too; a block it leaves to the build.
        const CHECKED: $crate::__private::Checked = <$Id>::check_literal($literal);
        <$Id>::from_checked(CHECKED)
    }};
}
