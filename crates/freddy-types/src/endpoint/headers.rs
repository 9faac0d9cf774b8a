//! The headers of the contract: each name in one place, with what its value is.

use crate::error::details::rate_limit::MAX_COUNT;
use crate::value::time::Timestamp;

/// What the value of a header is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderValueKind {
    /// Any visible ASCII.
    Text,
    /// A whole number within bounds.
    Integer {
        /// The smallest.
        min: i64,
        /// The largest.
        max: i64,
    },
}

impl HeaderValueKind {
    const COUNT: Self = Self::Integer { min: 0, max: MAX_COUNT as i64 };
    const UNIX_SECONDS: Self = Self::Integer { min: Timestamp::SENT.0, max: Timestamp::SENT.1 };
}

/// A response header as the contract documents it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResponseHeader {
    /// The name, in its documented spelling. Header names do not distinguish upper and lower case.
    pub name: &'static str,
    /// What the value means, and its unit.
    pub description: &'static str,
    /// What the value is.
    pub kind: HeaderValueKind,
    /// A value.
    pub example: &'static str,
}

macro_rules! response_headers {
    ($( $NAME:ident = $name:literal, $kind:expr, $example:literal, $description:literal; )+) => {
        $(
            #[doc = concat!("`", $name, "`: ", $description)]
            pub const $NAME: &str = $name;
        )+

        /// The headers that responses carry. Only a rate-limited response has all of them.
        pub const RESPONSE_HEADERS: &[ResponseHeader] = &[$(
            ResponseHeader {
                name: $NAME,
                description: $description,
                kind: $kind,
                example: $example,
            },
        )+];
    };
}

response_headers! {
    X_REQUEST_ID = "X-Request-Id", HeaderValueKind::Text, "req_abc123",
        "The identifier of the request, equal to the `trace_id` of an error body.";
    WWW_AUTHENTICATE = "WWW-Authenticate", HeaderValueKind::Text, "ApiKey realm=\"api\", Bearer realm=\"api\"",
        "The ways to authenticate, each of which is enough.";
    RETRY_AFTER = "Retry-After", HeaderValueKind::COUNT, "60",
        "Seconds to wait before the next request, equal to `details.retry_after` where a body has it.";
    X_RATELIMIT_LIMIT = "X-RateLimit-Limit", HeaderValueKind::COUNT, "100",
        "Requests allowed in a window.";
    X_RATELIMIT_REMAINING = "X-RateLimit-Remaining", HeaderValueKind::COUNT, "0",
        "Requests left in this window.";
    X_RATELIMIT_RESET = "X-RateLimit-Reset", HeaderValueKind::UNIX_SECONDS, "1763029860",
        "When the window ends, in Unix seconds.";
}

/// `X-API-Key`: the key of the caller, as it is.
pub const X_API_KEY: &str = "X-API-Key";

/// `Authorization`: `Bearer` and a token, which may be an API key.
pub const AUTHORIZATION: &str = "Authorization";

/// `Location`: where what was made can be read.
pub const LOCATION: &str = "Location";

/// `Idempotency-Key`: a request of any method that has one may be sent again, and is executed once.
pub const IDEMPOTENCY_KEY: &str = "Idempotency-Key";

/// `Content-Type` of a body.
pub const CONTENT_TYPE: &str = "Content-Type";

/// `Date`: the server's clock, against which a `Retry-After` date is read.
pub const DATE: &str = "Date";

/// The [`CONTENT_TYPE`] of every body of the contract.
pub const JSON: &str = "application/json";

/// Where the headers of a request or a response are found.
///
/// Implemented for slices, arrays and vectors of name and value, for `()` where there are none, and with the feature
/// `http` for `http::HeaderMap`. Implement it for what your HTTP client has.
pub trait HeaderLookup {
    /// The first value of a header. Upper and lower case are the same in `name`.
    fn value_of(&self, name: &str) -> Option<&[u8]>;

    /// Every value of a header, one for each line of it.
    ///
    /// Give all of them if your client has them: a retry hint may stand in any. Without an implementation it is the first.
    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        self.value_of(name).into_iter().collect()
    }
}

impl HeaderLookup for () {
    fn value_of(&self, _: &str) -> Option<&[u8]> {
        None
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> HeaderLookup for [(N, V)] {
    fn value_of(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(n, _)| n.as_ref().eq_ignore_ascii_case(name)).map(|(_, value)| value.as_ref())
    }

    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        let named = self.iter().filter(|(n, _)| n.as_ref().eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_ref()).collect()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const LEN: usize> HeaderLookup for [(N, V); LEN] {
    fn value_of(&self, name: &str) -> Option<&[u8]> {
        self.as_slice().value_of(name)
    }

    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        self.as_slice().values_of(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> HeaderLookup for Vec<(N, V)> {
    fn value_of(&self, name: &str) -> Option<&[u8]> {
        self.as_slice().value_of(name)
    }

    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        self.as_slice().values_of(name)
    }
}

impl<H: HeaderLookup + ?Sized> HeaderLookup for &H {
    fn value_of(&self, name: &str) -> Option<&[u8]> {
        (**self).value_of(name)
    }

    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        (**self).values_of(name)
    }
}
