//! The identifier of one request in logs and answers.

use crate::identifier::{InvalidId, Reason, identifier};

/// The identifier under which a request is found in the server's log: `error.trace_id` and the `X-Request-Id` header.
///
/// A server makes `req_` and 32 hex digits, [`TraceId::from_bits`]; one that it takes over from a gateway can be any
/// 1 to 128 visible ASCII characters, which is what stands in a header and on a log line unharmed.
/// A client treats what it receives as opaque: [`ReceivedError::trace_id`](crate::ReceivedError::trace_id) is any string.
///
/// ```
/// use freddy_types::TraceId;
///
/// assert_eq!(TraceId::from_bits(0xC0FFEE), "req_00000000000000000000000000c0ffee");
/// assert_eq!("two words".parse::<TraceId>().unwrap_err().position(), 3);
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(Box<str>);

impl TraceId {
    /// The most bytes that a trace ID has.
    pub const MAX_LEN: usize = 128;

    /// The regular expression, in the dialect of JSON Schema, that matches exactly the trace IDs that a server may send.
    pub const PATTERN: &'static str = "^[!-~]{1,128}$";

    /// The trace ID that shows 128 bits, which should come from a random source: `req_` and 32 lower-case hex digits.
    #[must_use]
    pub fn from_bits(bits: u128) -> Self {
        Self(format!("req_{bits:032x}").into())
    }

    /// One that the code table holds; that it is valid is tested for every row.
    pub(crate) fn from_table(text: &'static str) -> Self {
        Self(text.into())
    }

    pub(crate) const fn is_valid(text: &str) -> bool {
        Self::find_fault(text.as_bytes()).is_none()
    }

    const fn check(text: &str) -> Result<(), InvalidId> {
        match Self::find_fault(text.as_bytes()) {
            None => Ok(()),
            Some(reason) => Err(InvalidId { what: "trace ID", reason }),
        }
    }

    const fn find_fault(text: &[u8]) -> Option<Reason> {
        if text.is_empty() {
            return Some(Reason::Empty);
        }
        if text.len() > Self::MAX_LEN {
            return Some(Reason::TooLong { length: text.len(), max: Self::MAX_LEN });
        }
        let mut unread = text;
        while let [byte, tail @ ..] = unread {
            if !byte.is_ascii_graphic() {
                return Some(Reason::Character {
                    position: text.len() - unread.len(),
                    allowed: "a visible ASCII character",
                });
            }
            unread = tail;
        }
        None
    }
}

identifier!(TraceId, "trace ID");
