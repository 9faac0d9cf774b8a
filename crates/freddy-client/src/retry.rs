//! When to retry, and after what wait.

use std::time::Duration;

use crate::throttle::Budget;

/// How often a call is tried, and how long it waits in between.
///
/// The policy does not decide what may be retried: that is an idempotent request that failed on a transport fault, a
/// timeout, or a status of 408, 429 or 5xx other than 501, 505, 506, 508, 510 and 511.
///
/// Two things are counted over all calls of a client and its clones, so that the client does not add to an outage: the
/// retries, which have a [`budget`](Self::budget), and the time until a limit of the key ends, which is
/// [heeded](Self::heed_known_limits) by calls that have not been sent yet.
///
/// ```
/// use std::time::Duration;
/// use freddy_client::RetryPolicy;
///
/// // For a job that has time: waits up to five minutes if the server asks for it.
/// let patient = RetryPolicy::new().max_attempts(10).max_wait(Duration::from_secs(300));
/// assert_eq!(patient.next_wait(1, Some(Duration::from_secs(60)), 0), Some(Duration::from_secs(60)));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    initial_backoff: Duration,
    max_wait: Duration,
    budget: Option<Budget>,
    heeds_known_limits: bool,
}

impl RetryPolicy {
    /// Up to four attempts; a backoff that starts at 250 milliseconds and doubles; no wait longer than 30 seconds; a budget
    /// of 10 percent of the calls and 3 retries a second; known limits are heeded.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            max_attempts: 4,
            initial_backoff: Duration::from_millis(250),
            max_wait: Duration::from_secs(30),
            budget: Some(Budget { percent: 10, per_second: 3 }),
            heeds_known_limits: true,
        }
    }

    /// A single attempt.
    #[must_use]
    pub const fn never() -> Self {
        Self::new().max_attempts(1)
    }

    /// How many times a request is sent at most, including the first time. Zero counts as one.
    #[must_use]
    pub const fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// How long to wait after the first attempt if the server does not say. It doubles with each attempt. Half of it is
    /// random, so that clients that failed together do not retry together.
    #[must_use]
    pub const fn initial_backoff(mut self, backoff: Duration) -> Self {
        self.initial_backoff = backoff;
        self
    }

    /// The longest wait. A backoff is capped at it. If the server asks for more, the call ends with its error at once, and
    /// [`Error::retry_after`](crate::Error::retry_after) says how long to wait. What is added to a wait that the server asked
    /// for does not count.
    #[must_use]
    pub const fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// How many retries all calls of the client may make together: this share of the calls, and so many a second on top.
    /// When there are none left, a call ends with the error of its last attempt, though [`max_attempts`](Self::max_attempts)
    /// would allow another.
    ///
    /// What is not used can be saved up: ten seconds' worth of `per_second`, and at least ten. A new client has that much,
    /// so `budget(0, 0)` is ten retries in all; for none, see [`never`](Self::never).
    #[must_use]
    pub const fn budget(mut self, percent: u32, per_second: u32) -> Self {
        self.budget = Some(Budget { percent, per_second });
        self
    }

    /// No budget: each call makes as many attempts as it may.
    #[must_use]
    pub const fn unlimited_budget(mut self) -> Self {
        self.budget = None;
        self
    }

    /// Whether calls hold back while the key is known to be limited, as they do by default.
    ///
    /// It is known when a call of the client, or of a clone of it, was answered with a 429 that says for how long. Until then
    /// other calls are not sent: they wait, if the policy has more than one attempt and the wait is within
    /// [`max_wait`](Self::max_wait) and the deadline, and otherwise end at once with that answer, zero
    /// [`attempts`](crate::Error::attempts) and the rest of the wait as [`retry_after`](crate::Error::retry_after). One
    /// answer keeps calls back for a minute at most; then a call is sent to see.
    #[must_use]
    pub const fn heed_known_limits(mut self, heed: bool) -> Self {
        self.heeds_known_limits = heed;
        self
    }

    /// How long to wait after this many failed `attempts`, or `None` to give up. It is a pure function: randomness is given
    /// as `random` bits.
    ///
    /// `asked` is what the server asked for. The wait is that long, and up to a twentieth longer, so that clients which were
    /// told the same do not return at the same moment. If it asked for nothing, or for a wait of zero, the wait is a backoff:
    /// from a half to the whole of `initial_backoff * 2^(attempts - 1)`, in whole milliseconds.
    #[must_use]
    pub fn next_wait(&self, attempts: u32, asked: Option<Duration>, random: u32) -> Option<Duration> {
        if attempts >= self.max_attempts {
            return None;
        }
        match asked.filter(|wait| !wait.is_zero()) {
            Some(wait) => (wait <= self.max_wait).then(|| spread(wait, random)),
            None => Some(self.backoff(attempts, random)),
        }
    }

    pub(crate) fn retry_budget(&self) -> Option<Budget> {
        self.budget
    }

    pub(crate) fn heeds_limits(&self) -> bool {
        self.heeds_known_limits
    }

    /// How long a call that has not been sent yet waits for a limit that ends after `left`, or `None` to give up.
    pub(crate) fn wait_for_limit(&self, left: Duration, random: u32) -> Option<Duration> {
        (self.max_attempts > 1 && left <= self.max_wait).then(|| spread(left, random))
    }

    fn backoff(&self, attempts: u32, random: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let whole = self.initial_backoff.saturating_mul(factor).min(self.max_wait).as_millis();
        // 33 bits would be too many only for a wait of billions of years.
        let chance = (whole - whole / 2).saturating_mul(u128::from(random)) >> 32;
        Duration::from_millis(u64::try_from(whole / 2 + chance).unwrap_or(u64::MAX))
    }
}

/// A wait and up to a twentieth of it, which is in whole milliseconds.
fn spread(wait: Duration, random: u32) -> Duration {
    let chance = (wait / 20).as_millis().saturating_mul(u128::from(random)) >> 32;
    wait.saturating_add(Duration::from_millis(u64::try_from(chance).unwrap_or(u64::MAX)))
}

/// `wait`, as far as it fits into the time that is `left`, or `None` if not even the `least` of it does. Half of what
/// would be left is kept for the attempt. It is in whole milliseconds, as timers are, and not shorter than `least`.
pub(crate) fn fit(wait: Duration, least: Duration, left: Duration) -> Option<Duration> {
    let least = Duration::from_millis(u64::try_from(least.as_nanos().div_ceil(1_000_000)).ok()?);
    if least >= left {
        return None;
    }
    let more = wait.saturating_sub(least).min((left - least) / 2).as_millis();
    Some(least + Duration::from_millis(u64::try_from(more).ok()?))
}

impl Default for RetryPolicy {
    /// [`RetryPolicy::new`].
    fn default() -> Self {
        Self::new()
    }
}
