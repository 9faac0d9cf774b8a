//! The rate limit: so many requests of one caller in a window that starts with the first of them.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use freddy_types::RateLimit;
use moka::sync::Cache;

mod shared;

pub(crate) use shared::Shared;

/// Who is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Subject {
    /// A key, by its number.
    Key(i64),
    /// Whoever calls from an address without a valid key; of an IPv6 address, the network of 64 bits.
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

/// What a limiter says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Whether the request may go on.
    pub(crate) allowed: bool,
    /// Where the caller stands, this request counted.
    pub(crate) limit: RateLimit,
}

/// How many requests in which time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quota {
    /// The requests of one window.
    pub(crate) requests: u32,
    /// The length of a window, in whole seconds.
    pub(crate) window: Duration,
}

/// Counts requests, in this process or for several.
#[derive(Clone, Debug)]
pub(crate) enum Limiter {
    /// Counts in this process alone: with several processes, each lets the limit through.
    Local(Local),
    /// Counts in Redis, for every process that uses the same.
    Shared(Shared),
}

impl Limiter {
    /// Counts a request.
    pub(crate) async fn check(&self, subject: Subject, now: jiff::Timestamp) -> Verdict {
        match self {
            Self::Local(local) => local.check(subject, now),
            Self::Shared(shared) => shared.check(subject, now).await,
        }
    }
}

/// The windows of this process.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    quota: Quota,
    windows: Cache<Subject, Arc<Mutex<Window>>>,
}

#[derive(Debug)]
struct Window {
    /// In Unix seconds.
    ends_at: i64,
    used: u32,
}

/// More callers than this at once are told apart no longer than memory allows.
const MAX_SUBJECTS: u64 = 1_000_000;

impl Local {
    /// A limiter that has counted nothing yet.
    #[must_use]
    pub(crate) fn new(quota: Quota) -> Self {
        // A window that nobody asked for twice its length is over.
        let windows = Cache::builder().max_capacity(MAX_SUBJECTS).time_to_idle(quota.window * 2).build();
        Self { quota, windows }
    }

    fn check(&self, subject: Subject, now: jiff::Timestamp) -> Verdict {
        let window = self.windows.get_with(subject, || Arc::new(Mutex::new(Window { ends_at: i64::MIN, used: 0 })));
        // The two numbers are consistent at every point where a panic could be.
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.as_second();
        if self.quota.is_over(window.ends_at, now) {
            *window = Window { ends_at: now.saturating_add(self.quota.seconds()), used: 0 };
        }
        let allowed = window.used < self.quota.requests;
        window.used += u32::from(allowed);
        self.quota.verdict(allowed, window.used, window.ends_at)
    }
}

impl Quota {
    fn seconds(self) -> i64 {
        i64::try_from(self.window.as_secs()).unwrap_or(i64::MAX)
    }

    /// Requests may be counted in another order than they came in; but a window that ends much later than one that
    /// starts now was made before the clock was set back, and must not shut a caller out.
    fn is_over(self, ends_at: i64, now: i64) -> bool {
        ends_at <= now || ends_at > now.saturating_add(self.seconds().saturating_mul(2))
    }

    fn verdict(self, allowed: bool, used: u32, ends_at: i64) -> Verdict {
        let reset_at = jiff::Timestamp::from_second(ends_at).unwrap_or(jiff::Timestamp::MAX);
        let remaining = self.requests.saturating_sub(used);
        Verdict { allowed, limit: RateLimit { limit: self.requests, remaining, reset_at } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_window_starts_with_its_first_request_and_lets_the_limit_through_once() {
        let local = Local::new(Quota { requests: 2, window: Duration::from_secs(60) });
        let check = |second| {
            let verdict = local.check(Subject::Key(1), at(second));
            (verdict.allowed, verdict.limit.remaining, verdict.limit.reset_at.as_second())
        };
        assert_eq!(check(100), (true, 1, 160));
        assert_eq!(check(159), (true, 0, 160));
        assert_eq!(check(159), (false, 0, 160));
        assert_eq!(check(160), (true, 1, 220));
        // A request that came earlier and is counted later does not open another window.
        assert_eq!(check(159), (true, 0, 220));
        assert_eq!(check(159), (false, 0, 220));
        // A clock that was set back by more than that shuts nobody out.
        assert_eq!(check(99), (true, 1, 159));
    }

    #[test]
    fn callers_are_counted_apart_and_an_ipv6_network_as_one() {
        let local = Local::new(Quota { requests: 1, window: Duration::from_secs(60) });
        let allowed = |subject| local.check(subject, at(0)).allowed;
        let address = |text: &str| Subject::address(text.parse().unwrap());
        assert!(allowed(Subject::Key(1)) && allowed(Subject::Key(2)));
        assert!(allowed(address("192.0.2.1")) && allowed(address("192.0.2.2")));
        assert!(!allowed(address("::ffff:192.0.2.1")), "the same address, written as IPv6");
        assert!(allowed(address("2001:db8::1")) && !allowed(address("2001:db8::ffff:1")));
        assert!(allowed(address("2001:db8:0:1::1")), "another network");
    }
}
