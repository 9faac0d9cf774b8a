//! A count in the memory of this process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use moka::sync::Cache;

use super::quota::{Quota, Subject, Verdict};

/// Bounds the memory that it takes. Beyond it, the callers that were quiet the longest are forgotten.
const MAX_SUBJECTS: u64 = 1_000_000;

/// The windows of this process.
#[derive(Debug)]
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

impl Local {
    /// A limiter that has counted nothing yet.
    #[must_use]
    pub(crate) fn new(quota: Quota) -> Self {
        // A window that was not used for twice its length is over.
        let idle = Duration::from_secs(2 * u64::from(quota.window_seconds));
        Self { quota, windows: Cache::builder().max_capacity(MAX_SUBJECTS).time_to_idle(idle).build() }
    }

    pub(super) fn check(&self, subject: Subject, now: jiff::Timestamp) -> Verdict {
        let window = self.windows.get_with(subject, || Arc::new(Mutex::new(Window { ends_at: i64::MIN, used: 0 })));
        // The two numbers are consistent wherever a panic could leave them.
        let mut window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.as_second();
        if self.quota.is_over(window.ends_at, now) {
            *window = Window { ends_at: now.saturating_add(self.quota.window_seconds.into()), used: 0 };
        }
        let allowed = window.used < self.quota.requests;
        window.used += u32::from(allowed);
        self.quota.verdict(allowed, window.used, window.ends_at)
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
        let local = Local::new(Quota { requests: 2, window_seconds: 60 });
        let check = |second| {
            let verdict = local.check(Subject::Key(1), at(second));
            (verdict.allowed, verdict.limit.remaining, verdict.limit.reset_at.as_second())
        };
        assert_eq!(check(100), (true, 1, 160));
        assert_eq!(check(159), (true, 0, 160));
        assert_eq!(check(159), (false, 0, 160));
        assert_eq!(check(160), (true, 1, 220));
        // A request that arrived earlier and is counted later does not open another window.
        assert_eq!(check(159), (true, 0, 220));
        assert_eq!(check(159), (false, 0, 220));
        // A clock that was set back by more than that shuts nobody out.
        assert_eq!(check(99), (true, 1, 159));
    }

    #[test]
    fn keys_and_ipv4_addresses_are_counted_apart_and_ipv6_addresses_per_64() {
        let local = Local::new(Quota { requests: 1, window_seconds: 60 });
        let allowed = |subject| local.check(subject, at(0)).allowed;
        let address = |text: &str| Subject::address(text.parse().unwrap());
        assert!(allowed(Subject::Key(1)) && allowed(Subject::Key(2)));
        assert!(allowed(address("192.0.2.1")) && allowed(address("192.0.2.2")));
        assert!(!allowed(address("::ffff:192.0.2.1")), "the same address, written as IPv6");
        assert!(allowed(address("2001:db8::1")) && !allowed(address("2001:db8::ffff:1")));
        assert!(allowed(address("2001:db8:0:1::1")), "another network");
    }
}
