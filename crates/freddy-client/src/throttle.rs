//! What the calls of one client know of each other: how many retries there have been, and until when the key is limited.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use freddy_types::ErrorResponse;
use tokio::time::Instant;

use crate::error::Error;

/// For how long an answer keeps further calls back at most, so that a wrong hint of years does not end the client.
const MAX_HOLD: Duration = Duration::from_secs(60);

/// Retries are counted in thousandths.
const RETRY: u64 = 1000;

/// How many retries the calls of a client may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Of the calls.
    pub(crate) percent: u32,
    pub(crate) per_second: u32,
}

impl Budget {
    /// How many retries can be saved up. A client that has just been made has as many.
    fn capacity(self) -> u64 {
        u64::from(self.per_second.max(1)) * 10 * RETRY
    }
}

#[derive(Debug)]
pub(crate) struct Throttle(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many retries there may be, and when that was so. `None` is as many as can be saved up.
    retries: Option<(u64, Instant)>,
    limit: Option<KnownLimit>,
}

/// An answer that says that the key is limited.
#[derive(Clone, Debug)]
pub(crate) struct KnownLimit {
    response: Box<ErrorResponse>,
    until: Instant,
    /// Until when calls heed it.
    held_until: Instant,
}

impl KnownLimit {
    pub(crate) fn left(&self, now: Instant) -> Duration {
        self.until.saturating_duration_since(now)
    }

    pub(crate) fn into_response(self) -> Box<ErrorResponse> {
        self.response
    }
}

impl Throttle {
    pub(crate) fn new() -> Self {
        Self(Mutex::default())
    }

    /// Counts a call, which earns a part of a retry.
    pub(crate) fn call(&self, budget: Option<Budget>, now: Instant) {
        if let Some(budget) = budget {
            self.lock().earn(budget, now, u64::from(budget.percent) * RETRY / 100);
        }
    }

    /// Whether there may be a retry now, which then counts as made.
    pub(crate) fn may_retry(&self, budget: Option<Budget>, now: Instant) -> bool {
        let Some(budget) = budget else { return true };
        let mut state = self.lock();
        let retries = state.earn(budget, now, 0);
        match retries.checked_sub(RETRY) {
            Some(left) => {
                *retries = left;
                true
            }
            None => false,
        }
    }

    /// Notes a 429 that says how long it lasts.
    pub(crate) fn note(&self, error: &Error, now: Instant) {
        let Some(response) = error.response().filter(|response| response.status() == 429) else { return };
        let Some(wait) = error.retry_after().filter(|wait| !wait.is_zero()) else { return };
        let until = crate::exchange::end_of(now, wait);
        let mut state = self.lock();
        if state.limit.as_ref().is_none_or(|known| known.until < until) {
            let held_until = until.min(now + MAX_HOLD);
            state.limit = Some(KnownLimit { response: Box::new(response.clone()), until, held_until });
        }
    }

    /// The limit that holds now.
    pub(crate) fn limit(&self, now: Instant) -> Option<KnownLimit> {
        let mut state = self.lock();
        state.limit.take_if(|known| known.held_until <= now);
        state.limit.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn earn(&mut self, budget: Budget, now: Instant, earned: u64) -> &mut u64 {
        let (retries, since) = self.retries.get_or_insert((budget.capacity(), now));
        let millis = u64::try_from(now.saturating_duration_since(*since).as_millis()).unwrap_or(u64::MAX);
        // A part of a millisecond is counted the next time.
        *since += Duration::from_millis(millis);
        let earned = millis.saturating_mul(u64::from(budget.per_second)).saturating_add(earned);
        *retries = retries.saturating_add(earned).min(budget.capacity());
        retries
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_are_a_share_of_the_calls_and_so_many_a_second() {
        let throttle = Throttle::new();
        let budget = Some(Budget { percent: 20, per_second: 3 });
        let start = Instant::now();
        let retries = |now| (0..100).filter(|_| throttle.may_retry(budget, now)).count();
        assert_eq!(retries(start), 30, "what a new client has");
        assert_eq!(retries(start + Duration::from_millis(900)), 2);
        assert_eq!(retries(start + Duration::from_millis(1100)), 1, "parts are kept");
        let later = start + Duration::from_secs(100);
        assert_eq!(retries(later), 30, "no more can be saved up");
        for _ in 0..10 {
            throttle.call(budget, later);
        }
        assert_eq!(retries(later), 2);
        assert!((0..1000).all(|_| throttle.may_retry(None, later)));
    }

    #[test]
    fn a_budget_of_nothing_is_what_a_new_client_has() {
        let throttle = Throttle::new();
        let budget = Some(Budget { percent: 0, per_second: 0 });
        let century = Instant::now() + Duration::from_secs(100 * 365 * 24 * 60 * 60);
        assert_eq!((0..100).filter(|_| throttle.may_retry(budget, Instant::now())).count(), 10);
        assert!(!throttle.may_retry(budget, century));
    }
}
