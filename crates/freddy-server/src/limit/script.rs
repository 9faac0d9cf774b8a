//! How a request is counted in Redis.

use std::io;
use std::pin::pin;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{RedisError, RedisResult, Script};
use tokio::time::timeout;

use super::quota::Quota;

/// How long Redis may take to count. Twice half of it is waited for: after a pause of this whole process, such as on a
/// machine that is too busy, the second half is what it takes to read an answer that is there already.
const TIMEOUT: Duration = Duration::from_millis(200);

/// Counts up to the limit and no further. The window starts with the first request, and lasts as long as the key: its
/// time to live is by the clock of Redis, the same for everybody. One that is longer than a window was set before that
/// clock was set back. A value that is not a count is replaced, so that it cannot shut a caller out.
///
/// Returns the count, whether this request is in it, and how many milliseconds of the window are left.
///
/// Needs Redis 5: before, a script could not write after it had read a clock.
const COUNT: &str = r"
local window, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local used = tonumber(string.match(tostring(redis.pcall('GET', KEYS[1])), '^%d+$'))
local left = redis.call('PTTL', KEYS[1])
if not used or left <= 0 or left > window then
  redis.call('SET', KEYS[1], 1, 'PX', window)
  return {1, 1, window}
end
if used >= limit then return {limit, 0, left} end
return {redis.call('INCR', KEYS[1]), 1, left}
";

/// What Redis says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) used: u32,
    pub(super) allowed: bool,
    /// How long the window still lasts.
    pub(super) left: Duration,
}

/// The script.
pub(super) struct CountScript(Script);

impl CountScript {
    pub(super) fn new() -> Self {
        Self(Script::new(COUNT))
    }

    /// Counts a request under this key.
    pub(super) async fn run(&self, redis: &mut MultiplexedConnection, key: &str, quota: Quota) -> RedisResult<Count> {
        let mut invocation = self.0.key(key);
        invocation.arg(1000 * u64::from(quota.window_seconds)).arg(quota.requests);
        let mut answer = pin!(invocation.invoke_async::<(u32, bool, u64)>(redis));
        let (used, allowed, left) = match timeout(TIMEOUT / 2, &mut answer).await {
            Ok(answer) => answer?,
            Err(_) => timeout(TIMEOUT / 2, answer).await.map_err(timed_out)??,
        };
        Ok(Count { used, allowed, left: Duration::from_millis(left) })
    }
}

/// Waiting was given up.
pub(super) fn timed_out(_: tokio::time::error::Elapsed) -> RedisError {
    io::Error::from(io::ErrorKind::TimedOut).into()
}
