//! The rate limit: what a server knows of it, and what it tells.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::code::ErrorCode;
use crate::headers;
use crate::received::ErrorDetails;
use crate::time::Timestamp;
use crate::wire::{self, Integer, field};

/// The largest count on the wire, so that every language reads it into 32 bits.
pub(crate) const MAX_COUNT: u32 = i32::MAX as u32;

type Count = Integer<0, MAX_COUNT>;

/// The time of every documented body: `2025-11-13T10:30:00Z`.
pub(crate) const EXAMPLE_TIME: jiff::Timestamp = jiff::Timestamp::constant(EXAMPLE_SECOND, 0);
const EXAMPLE_SECOND: i64 = 1_763_029_800;

/// A server's knowledge of a rate limit, from which [`Failure::RateLimitExceeded`](crate::Failure::RateLimitExceeded)
/// makes [`RateLimitDetails`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// Requests allowed in a window. More than 2,147,483,647 is sent as that.
    pub limit: u32,
    /// Requests left in this window. More than 2,147,483,647 is sent as that.
    pub remaining: u32,
    /// When the window ends.
    pub reset_at: jiff::Timestamp,
}

impl RateLimit {
    /// The one of the documented body: all 100 requests used, and a window that ends a minute after [`EXAMPLE_TIME`].
    pub(crate) const EXAMPLE: Self =
        Self { limit: 100, remaining: 0, reset_at: jiff::Timestamp::constant(EXAMPLE_SECOND + 60, 0) };

    /// The `X-RateLimit-*` headers, which a response of any status may have: name and value.
    ///
    /// The end of the window is in Unix seconds, rounded up.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let reset = (self.reset_at.as_nanosecond() + 999_999_999).div_euclid(1_000_000_000);
        header_values(self.limit.min(MAX_COUNT), self.remaining.min(MAX_COUNT), reset)
    }

    /// The details for an error of this time: the wait is rounded up to whole seconds, and a window that
    /// has already ended is no wait at all.
    pub(crate) fn details_at(&self, timestamp: &Timestamp) -> RateLimitDetails {
        let now = timestamp.instant();
        let until = self.reset_at.as_nanosecond() - now.as_nanosecond();
        let longest = (Timestamp::LAST_SENT - now.as_second()).clamp(0, MAX_COUNT.into());
        // Clamped to what fits.
        let retry_after = (until + 999_999_999).div_euclid(1_000_000_000).clamp(0, longest.into()) as u32;
        RateLimitDetails {
            retry_after,
            limit: self.limit.min(MAX_COUNT),
            remaining: self.remaining.min(MAX_COUNT),
            reset_at: Timestamp::from_second_saturating(now.as_second() + i64::from(retry_after)),
        }
    }
}

/// The `details` of [`ErrorCode::RateLimitExceeded`].
///
/// ```json
/// {"retry_after": 60, "limit": 100, "remaining": 0, "reset_at": "2025-11-13T10:31:00Z"}
/// ```
///
/// A server gets one from its [`RateLimit`] when it builds the error, so that `reset_at` is the error's `timestamp`
/// plus `retry_after`. A client reads one with [`ReceivedError::details`](crate::ReceivedError::details); there the
/// four fields are whatever the server sent, and further fields are passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimitDetails {
    retry_after: u32,
    limit: u32,
    remaining: u32,
    reset_at: Timestamp,
}

impl RateLimitDetails {
    /// Seconds to wait before the next request.
    #[must_use]
    pub fn retry_after(&self) -> u32 {
        self.retry_after
    }

    /// Requests allowed in a window.
    #[must_use]
    pub fn limit(&self) -> u32 {
        self.limit
    }

    /// Requests left in this window.
    #[must_use]
    pub fn remaining(&self) -> u32 {
        self.remaining
    }

    /// When the window ends.
    #[must_use]
    pub fn reset_at(&self) -> &Timestamp {
        &self.reset_at
    }
}

impl RateLimitDetails {
    /// `Retry-After` and the `X-RateLimit-*` headers, which say the same as the details.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (&'static str, String)> {
        let wait = (headers::RETRY_AFTER, self.retry_after.to_string());
        let reset = self.reset_at.instant().as_second();
        std::iter::once(wait).chain(header_values(self.limit, self.remaining, reset.into()))
    }
}

fn header_values(limit: u32, remaining: u32, reset: i128) -> impl Iterator<Item = (&'static str, String)> {
    [
        (headers::X_RATELIMIT_LIMIT, limit.to_string()),
        (headers::X_RATELIMIT_REMAINING, remaining.to_string()),
        (headers::X_RATELIMIT_RESET, reset.to_string()),
    ]
    .into_iter()
}

impl ErrorDetails for RateLimitDetails {
    const CODE: ErrorCode = ErrorCode::RateLimitExceeded;
}

impl Serialize for RateLimitDetails {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("RateLimitDetails", FIELDS.len())?;
        object.serialize_field(field::RETRY_AFTER, &self.retry_after)?;
        object.serialize_field(field::LIMIT, &self.limit)?;
        object.serialize_field(field::REMAINING, &self.remaining)?;
        object.serialize_field(field::RESET_AT, &self.reset_at)?;
        object.end()
    }
}

impl<'de> Deserialize<'de> for RateLimitDetails {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DetailsVisitor { closed: false })
    }
}

/// Details without any further field: what a server sends.
pub(crate) struct Closed(pub(crate) RateLimitDetails);

impl<'de> Deserialize<'de> for Closed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DetailsVisitor { closed: true }).map(Self)
    }
}

wire::keys! {
    Key {
        RetryAfter = field::RETRY_AFTER,
        Limit = field::LIMIT,
        Remaining = field::REMAINING,
        ResetAt = field::RESET_AT,
    }
}

/// The fields, all required.
pub(crate) const FIELDS: [&str; 4] = [field::RETRY_AFTER, field::LIMIT, field::REMAINING, field::RESET_AT];

struct DetailsVisitor {
    closed: bool,
}

impl<'de> Visitor<'de> for DetailsVisitor {
    type Value = RateLimitDetails;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rate limit details")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RateLimitDetails, A::Error> {
        let (mut retry_after, mut limit, mut remaining, mut reset_at) =
            (None::<Count>, None::<Count>, None::<Count>, None);
        while let Some(key) = map.next_key()? {
            match key {
                Key::RetryAfter => wire::fill(&mut retry_after, field::RETRY_AFTER, &mut map)?,
                Key::Limit => wire::fill(&mut limit, field::LIMIT, &mut map)?,
                Key::Remaining => wire::fill(&mut remaining, field::REMAINING, &mut map)?,
                Key::ResetAt => wire::fill(&mut reset_at, field::RESET_AT, &mut map)?,
                Key::Other(name) if self.closed => return Err(serde::de::Error::unknown_field(&name, &FIELDS)),
                Key::Other(_) => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(RateLimitDetails {
            retry_after: wire::required(retry_after, field::RETRY_AFTER)?.0,
            limit: wire::required(limit, field::LIMIT)?.0,
            remaining: wire::required(remaining, field::REMAINING)?.0,
            reset_at: wire::required(reset_at, field::RESET_AT)?,
        })
    }
}
