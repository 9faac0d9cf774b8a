//! The rate limit: a number of requests for each caller, in a window that starts with the first of them.

mod local;
mod quota;
mod script;
mod shared;

use metrics::{Counter, counter};

pub(crate) use quota::{Quota, Subject, Verdict};

use local::Local;
use quota::end_of_window;
use shared::Shared;

/// Counts requests, in this process or for several.
#[derive(Debug)]
pub(crate) struct Limiter {
    quota: Quota,
    /// Counts if nothing else does, and knows whose window is used up, wherever that was counted.
    local: Local,
    shared: Option<Shared>,
    refused_keys: Counter,
    refused_addresses: Counter,
}

impl Limiter {
    /// Counts in this process alone. With several processes, each lets the limit through.
    pub(crate) fn local(quota: Quota) -> Self {
        let refused = |subject| counter!("freddy_rate_limited_total", "subject" => subject);
        let (refused_keys, refused_addresses) = (refused("key"), refused("address"));
        Self { quota, local: Local::new(quota), shared: None, refused_keys, refused_addresses }
    }

    /// Counts in Redis, for every process that uses the same Redis, and in this process while Redis is away.
    ///
    /// # Errors
    /// The text is not the URL of a Redis. A Redis that is away is no error.
    pub(crate) async fn shared(url: &str, quota: Quota) -> redis::RedisResult<Self> {
        Ok(Self { shared: Some(Shared::connect(url, quota).await?), ..Self::local(quota) })
    }

    /// Counts a request, and in the metrics if it is refused.
    pub(crate) async fn check(&self, subject: Subject, now: jiff::Timestamp) -> Verdict {
        let verdict = match &self.shared {
            None => self.local.check(subject, now),
            Some(shared) => match self.exhausted(subject, now) {
                Some(verdict) => verdict,
                None => self.check_shared(shared, subject, now).await,
            },
        };
        if !verdict.allowed {
            self.record_refusal(subject);
        }
        verdict
    }

    async fn check_shared(&self, shared: &Shared, subject: Subject, now: jiff::Timestamp) -> Verdict {
        let Some(count) = shared.count(subject).await else { return self.local.check(subject, now) };
        let ends_at = end_of_window(now, count.left);
        if count.used >= self.quota.requests {
            self.local.exhaust(subject, ends_at);
        }
        self.quota.verdict(count.allowed, count.used, ends_at)
    }

    /// The refusal of a subject that is known to have used its window up. It counts nothing, asks nobody, and is cheap.
    /// Whoever refuses a request for it calls [`record_refusal`](Self::record_refusal).
    pub(crate) fn exhausted(&self, subject: Subject, now: jiff::Timestamp) -> Option<Verdict> {
        self.local.exhausted(subject, now)
    }

    /// Counts a refused request in the metrics.
    pub(crate) fn record_refusal(&self, subject: Subject) {
        match subject {
            Subject::Key(_) => self.refused_keys.increment(1),
            Subject::Address(_) => self.refused_addresses.increment(1),
        }
    }
}
