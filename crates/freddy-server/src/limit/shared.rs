//! One count for several processes, in Redis, for as long as Redis is worth asking.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use metrics::{Counter, counter};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, ConnectionAddr, ErrorKind, RedisError, RedisResult};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use super::quota::{Quota, Subject};
use super::script::{Count, CountScript, timed_out};
use crate::metrics::REDIS_FALLBACK;

/// How long a new connection may take, with TLS and a password. No request waits for it.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);

/// How often a Redis that answers is looked at, so that a request seldom is the first to find out that it no longer does.
const WATCH_INTERVAL: Duration = Duration::from_secs(1);

/// The pause before a Redis that is away is tried again. Each is twice the one before.
const MIN_PAUSE: Duration = Duration::from_millis(100);
const MAX_PAUSE: Duration = Duration::from_secs(5);

/// The key that is counted under to see whether Redis counts.
const PROBE_KEY: &str = "freddy:rate-limit:probe";
const PROBE_QUOTA: Quota = Quota { requests: u32::MAX, window_seconds: 1 };

/// In characters.
const MAX_REASON: usize = 200;

/// Counts in Redis.
///
/// The first failure gives the connection up. From then on requests are not held up by Redis, until a task in the
/// background has a connection on which Redis counts.
#[derive(Debug)]
pub(super) struct Shared {
    quota: Quota,
    link: Arc<Link>,
    /// Ends with this.
    _keeper: JoinSet<()>,
}

struct Link {
    client: Client,
    script: CountScript,
    /// The current connection, and its number. There is none while Redis is away.
    connection: RwLock<Option<(u64, MultiplexedConnection)>>,
    given_up: Notify,
    /// Requests that were not counted in Redis since it was last given up.
    missed: AtomicU64,
    missed_total: Counter,
}

impl Shared {
    /// Tries the Redis that a `redis://` or `rediss://` URL names, and goes on trying in the background.
    ///
    /// # Errors
    /// The URL is not one of a Redis that can be used.
    pub(super) async fn connect(url: &str, quota: Quota) -> RedisResult<Self> {
        let client = Client::open(url)?;
        if matches!(client.get_connection_info().addr(), ConnectionAddr::TcpTls { insecure: true, .. }) {
            let message = "`#insecure` is not supported: name the file with the CA of Redis in SSL_CERT_FILE";
            return Err((ErrorKind::InvalidClientConfig, message).into());
        }
        // It takes the process's own. There is no choice of one where several are compiled in.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let link = Arc::new(Link {
            client,
            script: CountScript::new(),
            connection: RwLock::new(None),
            given_up: Notify::new(),
            missed: AtomicU64::new(0),
            missed_total: counter!(REDIS_FALLBACK),
        });
        match link.connect().await {
            Ok(connection) => link.set(Some((0, connection))),
            Err(error) => warn_of(&error),
        }
        let mut keeper = JoinSet::new();
        keeper.spawn(link.clone().keep());
        Ok(Self { quota, link, _keeper: keeper })
    }

    /// Counts a request; `None` if Redis is away.
    pub(super) async fn count(&self, subject: Subject) -> Option<Count> {
        let count = self.try_count(subject).await;
        if count.is_none() {
            self.link.missed.fetch_add(1, Ordering::Relaxed);
            self.link.missed_total.increment(1);
        }
        count
    }

    async fn try_count(&self, subject: Subject) -> Option<Count> {
        let (number, mut connection) = self.link.current()?;
        let key = match subject {
            Subject::Key(id) => format!("freddy:rate-limit:key:{id}"),
            Subject::Address(address) => format!("freddy:rate-limit:address:{address}"),
        };
        let count = self.link.script.run(&mut connection, &key, self.quota).await;
        count.map_err(|error| self.link.give_up(number, &error)).ok()
    }
}

impl Link {
    fn current(&self) -> Option<(u64, MultiplexedConnection)> {
        self.connection.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, connection: Option<(u64, MultiplexedConnection)>) {
        *self.connection.write().unwrap_or_else(PoisonError::into_inner) = connection;
    }

    /// Many requests may find out at once that a connection is dead. The first of them says so.
    fn give_up(&self, number: u64, error: &RedisError) {
        let is_current = |(current, _): &mut (u64, _)| *current == number;
        let mut connection = self.connection.write().unwrap_or_else(PoisonError::into_inner);
        if connection.take_if(is_current).is_some() {
            drop(connection);
            warn_of(error);
            self.given_up.notify_one();
        }
    }

    /// A connection on which Redis counts.
    async fn connect(&self) -> RedisResult<MultiplexedConnection> {
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let connecting = self.client.get_multiplexed_async_connection_with_config(&config);
        let mut connection = timeout(CONNECT_TIMEOUT, connecting).await.map_err(timed_out)??;
        self.script.run(&mut connection, PROBE_KEY, PROBE_QUOTA).await?;
        Ok(connection)
    }

    /// Keeps a connection, for as long as the process lives.
    async fn keep(self: Arc<Self>) {
        let mut pause = MIN_PAUSE;
        for number in 1.. {
            let since = Instant::now();
            self.watch().await;
            // A Redis that fails again soon after it came back is not tried more often for it.
            if since.elapsed() > MAX_PAUSE {
                pause = MIN_PAUSE;
            }
            let connection = loop {
                sleep(pause).await;
                pause = MAX_PAUSE.min(2 * pause);
                if let Ok(connection) = self.connect().await {
                    break connection;
                }
            };
            self.set(Some((number, connection)));
            let counted_here = self.missed.swap(0, Ordering::Relaxed);
            tracing::info!(counted_here, "the rate limit is counted in Redis again");
        }
    }

    /// Returns when there is no connection that works.
    async fn watch(&self) {
        while let Some((number, mut connection)) = self.current() {
            tokio::select! {
                () = self.given_up.notified() => {}
                () = sleep(WATCH_INTERVAL) => {
                    if let Err(error) = self.script.run(&mut connection, PROBE_KEY, PROBE_QUOTA).await {
                        self.give_up(number, &error);
                    }
                }
            }
        }
    }
}

fn warn_of(error: &RedisError) {
    // Redis may repeat what it was sent, such as a password, after these words.
    let text = error.to_string();
    let reason = text.split(", with args").next().unwrap_or_default();
    let reason: String = reason.chars().take(MAX_REASON).collect();
    tracing::warn!(reason, "Redis cannot be used; the rate limit is counted in this process");
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("missed", &self.missed).finish_non_exhaustive()
    }
}
