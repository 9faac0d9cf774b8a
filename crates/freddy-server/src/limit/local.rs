//! A count in the memory of this process.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};

use quick_cache::sync::Cache;

use super::quota::{Quota, Subject, Verdict};

/// The most keys that are remembered, and the most addresses. A table takes up to about 100 MiB. Beyond that, some that
/// were quiet for long are forgotten.
const MAX_SUBJECTS: usize = 500_000;

/// The windows of this process.
#[derive(Debug)]
pub(super) struct Local {
    quota: Quota,
    keys: Table,
    /// Apart, since anybody can have many addresses. They must not push out the windows of keys.
    addresses: Table,
}

type Table = Cache<Subject, Arc<Mutex<Window>>>;

#[derive(Debug)]
struct Window {
    /// In Unix seconds.
    ends_at: i64,
    used: u32,
}

impl Local {
    /// A limiter that has counted nothing yet.
    pub(super) fn new(quota: Quota) -> Self {
        Self::with_capacity(quota, MAX_SUBJECTS)
    }

    fn with_capacity(quota: Quota, subjects: usize) -> Self {
        Self { quota, keys: Cache::new(subjects), addresses: Cache::new(subjects) }
    }

    pub(super) fn check(&self, subject: Subject, now: jiff::Timestamp) -> Verdict {
        let now = now.as_second();
        self.with_window(subject, |window| {
            if self.quota.is_over(window.ends_at, now) {
                *window = Window { ends_at: now.saturating_add(self.quota.window_seconds.into()), used: 0 };
            }
            let allowed = window.used < self.quota.requests;
            window.used += u32::from(allowed);
            self.quota.verdict(allowed, window.used, window.ends_at)
        })
    }

    /// The refusal of a subject whose window is used up. Counts nothing.
    pub(super) fn exhausted(&self, subject: Subject, now: jiff::Timestamp) -> Option<Verdict> {
        let window = self.table(subject).get(&subject)?;
        let window = window.lock().unwrap_or_else(PoisonError::into_inner);
        let exhausted = window.used >= self.quota.requests && !self.quota.is_over(window.ends_at, now.as_second());
        exhausted.then(|| self.quota.verdict(false, window.used, window.ends_at))
    }

    /// Remembers that a subject has used its window up, which was counted elsewhere.
    pub(super) fn exhaust(&self, subject: Subject, ends_at: i64) {
        self.with_window(subject, |window| *window = Window { ends_at, used: self.quota.requests });
    }

    fn table(&self, subject: Subject) -> &Table {
        match subject {
            Subject::Key(_) => &self.keys,
            Subject::Address(_) => &self.addresses,
        }
    }

    fn with_window<T>(&self, subject: Subject, change: impl FnOnce(&mut Window) -> T) -> T {
        let new = || Ok::<_, Infallible>(Arc::new(Mutex::new(Window { ends_at: i64::MIN, used: 0 })));
        let Ok(window) = self.table(subject).get_or_insert_with(&subject, new);
        // The two numbers are consistent wherever a panic could leave them.
        change(&mut window.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

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

    #[test]
    fn a_subject_is_exhausted_from_its_last_request_to_the_end_of_its_window() {
        let local = Local::new(Quota { requests: 2, window_seconds: 60 });
        let exhausted = |second| local.exhausted(Subject::Key(1), at(second));
        assert_eq!(exhausted(100), None);
        local.check(Subject::Key(1), at(100));
        assert_eq!(exhausted(100), None);
        local.check(Subject::Key(1), at(100));
        assert_eq!(exhausted(159), Some(local.check(Subject::Key(1), at(159))));
        assert!(exhausted(159).is_some_and(|verdict| !verdict.allowed));
        assert_eq!(exhausted(160), None);
        assert_eq!(exhausted(39), None, "the clock was set back");
        local.exhaust(Subject::Key(1), 170);
        assert_eq!(exhausted(169).unwrap().limit.reset_at, at(170));
        assert!(local.check(Subject::Key(1), at(170)).allowed);
    }

    #[test]
    fn a_flood_of_addresses_is_bounded_and_pushes_no_key_out() {
        let local = Local::with_capacity(Quota { requests: 1, window_seconds: 60 }, 1000);
        for key in 0..500 {
            assert!(local.check(Subject::Key(key), at(0)).allowed);
        }
        for address in 0..20_000 {
            // Twice, so that each is as well worth remembering as a key.
            let [first, second] =
                [(); 2].map(|()| local.check(Subject::address(Ipv4Addr::from_bits(address).into()), at(0)).allowed);
            assert!(first && !second);
        }
        assert!((500..=1000).contains(&local.addresses.len()), "{}", local.addresses.len());
        for key in 0..500 {
            assert!(!local.check(Subject::Key(key), at(0)).allowed, "key {key} was forgotten");
        }
    }
}
