//! What is counted, and what follows from a count.

use std::net::IpAddr;
use std::time::Duration;

use freddy_types::RateLimit;

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// A key, by its number.
    Key(i64),
    /// Whoever calls from an address without a valid key. IPv6 callers are limited per /64.
    Address(IpAddr),
}

impl Subject {
    /// The subject of an address.
    #[must_use]
    pub(crate) fn address(address: IpAddr) -> Self {
        Self::Address(match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
            address @ IpAddr::V4(_) => address,
        })
    }
}

/// What a limiter decides about a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether the request is within the limit.
    pub(crate) allowed: bool,
    /// Where the caller stands, with this request counted.
    pub(crate) limit: RateLimit,
}

/// How many requests are allowed in what time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// The requests of one window.
    pub(crate) requests: u32,
    /// The length of a window.
    pub(crate) window_seconds: u32,
}

impl Quota {
    /// Whether a window that ends at this time no longer counts.
    ///
    /// Requests may be counted in another order than they arrived in. But a window that ends much later than one that
    /// starts now was opened before the clock was set back, and must not shut a caller out.
    pub(super) fn is_over(self, ends_at: i64, now: i64) -> bool {
        ends_at <= now || ends_at > now.saturating_add(2 * i64::from(self.window_seconds))
    }

    pub(super) fn verdict(self, allowed: bool, used: u32, ends_at: i64) -> Verdict {
        // Only a clock in the year 9999 gets there.
        let reset_at = jiff::Timestamp::from_second(ends_at).unwrap_or(jiff::Timestamp::MAX);
        let remaining = self.requests.saturating_sub(used);
        Verdict { allowed, limit: RateLimit { limit: self.requests, remaining, reset_at } }
    }
}

/// When a window ends that lasts for so much longer, in whole Unix seconds: whoever waits until then is not too early.
pub(super) fn end_of_window(now: jiff::Timestamp, left: Duration) -> i64 {
    let left = i64::try_from(left.as_millis()).unwrap_or(i64::MAX);
    let end = now.as_millisecond().saturating_add(left);
    end.div_euclid(1000) + i64::from(end.rem_euclid(1000) > 0)
}
