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

use crate::metrics::RATE_LIMITED;

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
        let refused = |subject| counter!(RATE_LIMITED, "subject" => subject);
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
    pub(crate) fn exhausted(&self, subject: Subject, now: jiff::Timestamp) -> Option<Verdict> {
        self.local.exhausted(subject, now)
    }

    /// Counts a refused request in the metrics.
    fn record_refusal(&self, subject: Subject) {
        match subject {
            Subject::Key(_) => self.refused_keys.increment(1),
            Subject::Address(_) => self.refused_addresses.increment(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::hash::{BuildHasher as _, RandomState};
    use std::io::Write as _;
    use std::time::Duration;

    use super::*;

    const QUOTA: Quota = Quota { requests: 10, window_seconds: 60 };

    fn at(millisecond: i64) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(millisecond).unwrap()
    }

    /// Two processes that share a Redis, and a key that nobody has called with; none if there is no Redis.
    async fn two_processes() -> Option<([Limiter; 2], i64, redis::aio::MultiplexedConnection)> {
        let Ok(url) = std::env::var("FREDDY_TEST_REDIS_URL") else {
            // Straight to the stream, since the test harness hides what a passing test prints.
            std::io::stderr().write_all(b"skipped on Redis, which FREDDY_TEST_REDIS_URL does not name\n").unwrap();
            return None;
        };
        let key = i64::from(RandomState::new().hash_one(0) as u32) + 1_000_000;
        let client = redis::Client::open(&*url).unwrap();
        let limiters = [Limiter::shared(&url, QUOTA).await.unwrap(), Limiter::shared(&url, QUOTA).await.unwrap()];
        Some((limiters, key, client.get_multiplexed_async_connection().await.unwrap()))
    }

    #[tokio::test]
    async fn processes_whose_clocks_differ_let_the_limit_through_once() {
        for apart in [2_000, 30_000, 61_000, 70_500, 3_600_000, -61_000, -3_600_000] {
            let Some((processes, key, _)) = two_processes().await else { return };
            let mut allowed = 0;
            for call in 0..60 {
                let now = at(1_763_029_800_300 + apart * (call % 2));
                let verdict = processes[call as usize % 2].check(Subject::Key(key), now).await;
                allowed += u32::from(verdict.allowed);
                // Each tells the end by its own clock.
                let left = verdict.limit.reset_at.as_millisecond() - now.as_millisecond();
                assert!((1..=61_000).contains(&left), "{left} ms are left, {apart} ms apart");
            }
            assert_eq!(allowed, QUOTA.requests, "{apart} ms apart");
        }
    }

    #[tokio::test]
    async fn what_else_is_under_a_key_of_redis_shuts_nobody_out() {
        for value in [
            // As if the clock of Redis had been set back.
            "SET KEY 10 PX 61000",
            "SET KEY 10",
            "SET KEY text PX 60000",
            "SET KEY -10 PX 60000",
            "SET KEY 1.5 PX 60000",
            "HSET KEY used 10",
            "LPUSH KEY 10",
        ] {
            let Some(([process, _], key, mut redis)) = two_processes().await else { return };
            let value = value.replace("KEY", &format!("freddy:rate-limit:key:{key}"));
            let mut words = value.split(' ');
            let mut command = redis::cmd(words.next().unwrap());
            words.for_each(|word| {
                command.arg(word);
            });
            command.exec_async(&mut redis).await.unwrap();
            for call in 0..=QUOTA.requests {
                let verdict = process.check(Subject::Key(key), at(0)).await;
                assert_eq!(verdict.allowed, call < QUOTA.requests, "{value}");
            }
            assert_eq!(
                process.shared.as_ref().unwrap().count(Subject::Key(key)).await.map(|count| count.used),
                Some(10)
            );
        }
    }

    #[tokio::test]
    async fn who_is_over_the_limit_in_one_process_is_soon_known_to_be_in_the_other() {
        let Some(([one, other], key, _)) = two_processes().await else { return };
        for _ in 0..QUOTA.requests {
            assert_eq!(one.exhausted(Subject::Key(key), at(0)), None);
            one.check(Subject::Key(key), at(0)).await;
        }
        assert!(one.exhausted(Subject::Key(key), at(0)).is_some_and(|verdict| !verdict.allowed));
        assert_eq!(one.exhausted(Subject::Key(key), at(61_000)), None);
        assert_eq!(other.exhausted(Subject::Key(key), at(0)), None);
        assert!(!other.check(Subject::Key(key), at(0)).await.allowed);
        assert!(other.exhausted(Subject::Key(key), at(0)).is_some());
    }

    #[test]
    fn a_window_does_not_end_before_the_second_that_is_told() {
        let end = |now, left| end_of_window(at(now), Duration::from_millis(left));
        assert_eq!([end(100_000, 1), end(100_999, 1), end(100_700, 59_500), end(-1_500, 400)], [101, 101, 161, -1]);
    }
}
