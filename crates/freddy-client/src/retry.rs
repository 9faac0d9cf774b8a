//! When to retry, and after what wait.

use std::time::Duration;

/// How often a call is tried, and how long it waits in between.
///
/// The policy does not decide what may be retried: that is an idempotent request that failed on a transport fault, a
/// timeout, or a status of 408, 429 or 5xx.
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
}

impl RetryPolicy {
    /// Up to four attempts; a backoff that starts at 250 milliseconds and doubles; no wait longer than 30 seconds.
    #[must_use]
    pub const fn new() -> Self {
        Self { max_attempts: 4, initial_backoff: Duration::from_millis(250), max_wait: Duration::from_secs(30) }
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
    /// [`Error::retry_after`](crate::Error::retry_after) says how long to wait.
    #[must_use]
    pub const fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// How long to wait after this many failed `attempts`, or `None` to give up. It is a pure function: randomness is given
    /// as `random` bits.
    ///
    /// `asked` is what the server asked for, and is kept exactly. If it asked for nothing, or for a wait of zero, the wait
    /// is a backoff: from a half to the whole of `initial_backoff * 2^(attempts - 1)`, in whole milliseconds.
    #[must_use]
    pub fn next_wait(&self, attempts: u32, asked: Option<Duration>, random: u32) -> Option<Duration> {
        if attempts >= self.max_attempts {
            return None;
        }
        match asked.filter(|wait| !wait.is_zero()) {
            Some(wait) => (wait <= self.max_wait).then_some(wait),
            None => Some(self.backoff(attempts, random)),
        }
    }

    fn backoff(&self, attempts: u32, random: u32) -> Duration {
        let factor = 1_u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        let whole = self.initial_backoff.saturating_mul(factor).min(self.max_wait).as_millis();
        // 33 bits would be too many only for a wait of billions of years.
        let chance = (whole - whole / 2).saturating_mul(u128::from(random)) >> 32;
        Duration::from_millis(u64::try_from(whole / 2 + chance).unwrap_or(u64::MAX))
    }
}

impl Default for RetryPolicy {
    /// [`RetryPolicy::new`].
    fn default() -> Self {
        Self::new()
    }
}
