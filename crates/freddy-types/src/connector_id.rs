//! The identifier of a personal connector.

use crate::endpoint::PathParameter;
use crate::identifier::{Checked, InvalidId, Reason, identifier};

/// The identifier of a personal connector: `pcon_` and 1 to 64 ASCII letters or digits, such as `pcon_abc123`.
///
/// A value that exists is valid. It is made by parsing, or from a literal by [`connector_id!`](crate::connector_id).
/// The documentation gives the prefix and the alphabet; the upper limit of the length is this contract's.
///
/// ```
/// use freddy_types::ConnectorId;
///
/// let id: ConnectorId = "pcon_abc123".parse()?;
/// assert_eq!(id, "pcon_abc123");
///
/// let error = "pcon_abc/123".parse::<ConnectorId>().unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "connector ID has an unexpected character at byte 8: allowed there is an ASCII letter or digit",
/// );
/// # Ok::<(), freddy_types::InvalidId>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectorId(Box<str>);

const WHAT: &str = "connector ID";
const PREFIX: &str = "pcon_";

impl ConnectorId {
    /// The most bytes that a connector ID has.
    pub const MAX_LEN: usize = PREFIX.len() + 64;

    /// The regular expression, in the dialect of JSON Schema, that matches exactly the connector IDs.
    pub const PATTERN: &'static str = "^pcon_[0-9A-Za-z]{1,64}$";

    const fn check(text: &str) -> Result<(), InvalidId> {
        match Self::find_fault(text.as_bytes()) {
            None => Ok(()),
            Some(reason) => Err(InvalidId { what: WHAT, reason }),
        }
    }

    const fn find_fault(text: &[u8]) -> Option<Reason> {
        if text.is_empty() {
            return Some(Reason::Empty);
        }
        let Some((prefix, rest)) = text.split_at_checked(PREFIX.len()) else {
            return Some(Reason::Prefix { prefix: PREFIX });
        };
        if !matches!(prefix, b"pcon_") {
            return Some(Reason::Prefix { prefix: PREFIX });
        }
        if rest.is_empty() {
            return Some(Reason::NothingAfter { prefix: PREFIX });
        }
        if text.len() > Self::MAX_LEN {
            return Some(Reason::TooLong { length: text.len(), max: Self::MAX_LEN });
        }
        let mut unread = rest;
        // Blocks without a branch in them are checked many bytes at once; what is wrong in one is found below.
        while let Some((block, tail)) = unread.split_first_chunk::<16>() {
            let (mut bytes, mut all) = (block.as_slice(), true);
            while let [byte, others @ ..] = bytes {
                all &= byte.is_ascii_alphanumeric();
                bytes = others;
            }
            if !all {
                break;
            }
            unread = tail;
        }
        while let [byte, tail @ ..] = unread {
            if !byte.is_ascii_alphanumeric() {
                return Some(Reason::Character {
                    position: text.len() - unread.len(),
                    allowed: "an ASCII letter or digit",
                });
            }
            unread = tail;
        }
        None
    }

    /// For [`connector_id!`](crate::connector_id), which runs it at compile time.
    #[doc(hidden)]
    #[must_use]
    #[expect(clippy::panic, reason = "at compile time a panic is the error message")]
    pub const fn check_literal(literal: &'static str) -> Checked {
        match Self::find_fault(literal.as_bytes()) {
            None => Checked(literal),
            Some(Reason::Empty) => panic!("connector ID is empty"),
            Some(Reason::Prefix { .. }) => panic!("connector ID does not start with `pcon_`"),
            Some(Reason::NothingAfter { .. }) => panic!("connector ID has nothing after `pcon_`"),
            Some(Reason::TooLong { .. }) => panic!("connector ID is longer than 69 bytes"),
            Some(Reason::Character { .. }) => {
                panic!("connector ID has a character after `pcon_` that is not an ASCII letter or digit")
            }
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub fn from_checked(literal: Checked) -> Self {
        Self(literal.0.into())
    }
}

identifier!(ConnectorId, "connector ID");

impl PathParameter for ConnectorId {
    const DESCRIPTION: &'static str = "Connector ID (e.g., `pcon_abc123`).";
    const EXAMPLE: &'static str = "pcon_abc123";
}

/// A [`ConnectorId`] from a literal that is checked at compile time.
///
/// ```
/// let id = freddy_types::connector_id!("pcon_abc123");
/// assert_eq!(id.as_str(), "pcon_abc123");
/// ```
///
/// ```compile_fail
/// let id = freddy_types::connector_id!("pcon_abc-123");
/// ```
#[macro_export]
macro_rules! connector_id {
    ($literal:literal) => {
        $crate::ConnectorId::from_checked(const { $crate::ConnectorId::check_literal($literal) })
    };
}
