//! The rate limit: what a server knows of it, and what it tells.

use crate::endpoint::headers;
use crate::error::details::{Details, DetailsSource};
use crate::object;
use crate::value::integer::Integer;
use crate::value::time::{Timestamp, WholeSecond};

/// The largest count on the wire, so that every language reads it into 32 bits.
pub(crate) const MAX_COUNT: u32 = i32::MAX as u32;

type Count = Integer<0, { MAX_COUNT as i64 }>;

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
        let (first, last) = Timestamp::SENT;
        let reset = (self.reset_at.as_nanosecond() + 999_999_999).div_euclid(1_000_000_000);
        let reset = reset.clamp(first.into(), last.into());
        header_values(self.limit.min(MAX_COUNT), self.remaining.min(MAX_COUNT), reset)
    }
}

impl DetailsSource for RateLimit {
    type Details = RateLimitDetails;

    /// The wait is rounded up to whole seconds, and a window that has already ended is no wait at all.
    fn details_at(&self, timestamp: &Timestamp) -> RateLimitDetails {
        let now = timestamp.instant();
        let until = self.reset_at.as_nanosecond() - now.as_nanosecond();
        let longest = (Timestamp::SENT.1 - now.as_second()).clamp(0, MAX_COUNT.into());
        // Clamped to what fits.
        let retry_after = (until + 999_999_999).div_euclid(1_000_000_000).clamp(0, longest.into()) as i64;
        RateLimitDetails {
            retry_after: Integer::saturating(retry_after),
            limit: Integer::saturating(self.limit.into()),
            remaining: Integer::saturating(self.remaining.into()),
            reset_at: WholeSecond::from_second_saturating(now.as_second() + retry_after),
        }
    }

    fn example() -> Self {
        Self::EXAMPLE
    }
}

object! {
    /// The `details` of `RATE_LIMIT_EXCEEDED`.
    pub struct RateLimitDetails, received as ReceivedRateLimitDetails {
        /// Seconds to wait before the next request.
        required retry_after: Count = 60,
        /// Requests allowed in a window.
        required limit: Count = 100,
        /// Requests left in this window.
        required remaining: Count = 0,
        /// When the window ends.
        required reset_at: WholeSecond = "2025-11-13T10:31:00Z",
    }
}

/// The same questions to what is sent and to what was received.
macro_rules! accessors {
    ($($Details:ident: $Time:ty, $as_timestamp:expr;)+) => {$(
        impl $Details {
            /// Seconds to wait before the next request.
            #[must_use]
            pub fn retry_after(&self) -> u32 {
                count(self.retry_after)
            }

            /// Requests allowed in a window.
            #[must_use]
            pub fn limit(&self) -> u32 {
                count(self.limit)
            }

            /// Requests left in this window.
            #[must_use]
            pub fn remaining(&self) -> u32 {
                count(self.remaining)
            }

            /// When the window ends.
            #[must_use]
            pub fn reset_at(&self) -> &Timestamp {
                let as_timestamp: fn(&$Time) -> &Timestamp = $as_timestamp;
                as_timestamp(&self.reset_at)
            }
        }
    )+};
}

accessors! {
    RateLimitDetails: WholeSecond, WholeSecond::as_timestamp;
    ReceivedRateLimitDetails: Timestamp, |timestamp| timestamp;
}

fn count(count: Count) -> u32 {
    // At least 0 and at most MAX_COUNT.
    count.get() as u32
}

impl Details for RateLimitDetails {
    /// `Retry-After` and the `X-RateLimit-*` headers.
    fn headers(&self) -> Vec<(&'static str, String)> {
        let wait = (headers::RETRY_AFTER, self.retry_after.to_string());
        let reset = self.reset_at.instant().as_second();
        std::iter::once(wait).chain(header_values(self.limit(), self.remaining(), reset.into())).collect()
    }

    fn check_against(&self, timestamp: &Timestamp) -> Result<(), (&'static str, &'static str)> {
        let window = self.reset_at.instant().as_second() - timestamp.instant().as_second();
        if window == self.retry_after.get() {
            Ok(())
        } else {
            Err(("/error/details/reset_at", "is not `timestamp` plus `retry_after` seconds"))
        }
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
