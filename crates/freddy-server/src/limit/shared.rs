//! One count for several processes, in Redis.

use std::time::Duration;

use redis::Script;
use redis::aio::ConnectionManager;

use super::local::Local;
use super::quota::{Quota, Subject, Verdict};

/// Counts in Redis. While Redis does not answer, each process counts for itself.
pub(crate) struct Shared {
    quota: Quota,
    redis: ConnectionManager,
    script: Script,
    fallback: Local,
}

/// How long a request waits for Redis before it is counted in this process.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Counts up to the limit and no further. The window starts with the first request. Returns the count, whether this
/// request is in it, and the end of the window.
const COUNT: &str = r"
local ends_at = tonumber(redis.call('HGET', KEYS[1], 'ends_at') or '0')
local now, window, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if ends_at <= now or ends_at > now + 2 * window then
  ends_at = now + window
  redis.call('HSET', KEYS[1], 'ends_at', ends_at, 'used', 0)
  redis.call('EXPIRE', KEYS[1], window * 2)
end
local used = tonumber(redis.call('HGET', KEYS[1], 'used'))
if used >= limit then return {used, 0, ends_at} end
return {redis.call('HINCRBY', KEYS[1], 'used', 1), 1, ends_at}
";

impl Shared {
    /// Connects to the Redis that a `redis://` URL names.
    ///
    /// # Errors
    /// The URL is not a Redis URL, or Redis does not answer.
    pub(crate) async fn connect(url: &str, quota: Quota) -> redis::RedisResult<Self> {
        let client = redis::Client::open(url)?;
        // The manager would try again for many seconds before it reports a wrong address.
        client.get_multiplexed_async_connection().await?;
        let redis = client.get_connection_manager().await?;
        Ok(Self { quota, redis, script: Script::new(COUNT), fallback: Local::new(quota) })
    }

    pub(super) async fn check(&self, subject: Subject, now: jiff::Timestamp) -> Verdict {
        let key = match subject {
            Subject::Key(id) => format!("freddy:rate-limit:key:{id}"),
            Subject::Address(address) => format!("freddy:rate-limit:address:{address}"),
        };
        let mut invocation = self.script.key(key);
        invocation.arg(now.as_second()).arg(self.quota.window_seconds).arg(self.quota.requests);
        let mut redis = self.redis.clone();
        let counted = tokio::time::timeout(TIMEOUT, invocation.invoke_async::<(u32, u8, i64)>(&mut redis)).await;
        if let Ok(Ok((used, allowed, ends_at))) = counted {
            return self.quota.verdict(allowed == 1, used, ends_at);
        }
        let kind = counted.ok().and_then(Result::err).map(|error| error.kind());
        tracing::warn!(?kind, "Redis does not answer; the rate limit is counted in this process");
        self.fallback.check(subject, now)
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("quota", &self.quota).finish_non_exhaustive()
    }
}
