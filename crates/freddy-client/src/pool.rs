//! The connections of a client, and what becomes of them when one falls silent.

use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::Version;

/// Makes a [`reqwest::Client`], which has connections of its own.
type Connect = dyn Fn() -> reqwest::Result<reqwest::Client> + Send + Sync;

/// The connections that the next attempt may use.
///
/// An attempt over HTTP/1.1 that ends early takes its connection with it. Over HTTP/2 others share the connection, so it
/// stays, and if it is dead, every attempt after it would be sent into the same silence. Whether reqwest speaks HTTP/2 is
/// up to the features of the whole program. So after a timeout there is a new pool, unless the server is known to speak
/// HTTP/1.1. Attempts that are under way keep the old one.
pub(crate) struct Pool {
    connect: Box<Connect>,
    /// Whether a connection may be an HTTP/2 one. Without TLS nothing negotiates it.
    may_share: bool,
    current: Mutex<Current>,
}

struct Current {
    http: reqwest::Client,
    generation: u64,
    speaks_http_1: bool,
}

/// The connections of one attempt.
pub(crate) struct Lease {
    pub(crate) http: reqwest::Client,
    generation: u64,
}

impl Pool {
    pub(crate) fn new(
        may_share: bool,
        connect: impl Fn() -> reqwest::Result<reqwest::Client> + Send + Sync + 'static,
    ) -> reqwest::Result<Self> {
        let current = Mutex::new(Current { http: connect()?, generation: 0, speaks_http_1: false });
        Ok(Self { connect: Box::new(connect), may_share, current })
    }

    pub(crate) fn lease(&self) -> Lease {
        let current = self.lock();
        Lease { http: current.http.clone(), generation: current.generation }
    }

    /// Notes what an answer says of the connections.
    pub(crate) fn answered(&self, version: Version) {
        if self.may_share {
            self.lock().speaks_http_1 = version <= Version::HTTP_11;
        }
    }

    /// Has the next attempt make a new connection, if this one could meet the same silence again.
    pub(crate) fn fell_silent(&self, lease: &Lease) {
        {
            let mut current = self.lock();
            if !self.may_share || current.speaks_http_1 || current.generation != lease.generation {
                return;
            }
            // Of the attempts that end together, one does it.
            current.generation += 1;
        }
        // It loads certificates, so the others do not wait for it. If it fails, the old pool is better than none.
        if let Ok(http) = (self.connect)() {
            self.lock().http = http;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn pool(may_share: bool) -> (Pool, Arc<AtomicUsize>) {
        let made = Arc::<AtomicUsize>::default();
        let pool = Pool::new(may_share, {
            let made = Arc::clone(&made);
            move || {
                made.fetch_add(1, Ordering::Relaxed);
                reqwest::Client::builder().no_proxy().build()
            }
        });
        (pool.unwrap(), made)
    }

    #[test]
    fn attempts_that_time_out_together_make_one_new_pool() {
        let (pool, made) = pool(true);
        let (first, second) = (pool.lease(), pool.lease());
        pool.fell_silent(&first);
        pool.fell_silent(&second);
        assert_eq!(made.load(Ordering::Relaxed), 2);
        pool.answered(Version::HTTP_2);
        pool.fell_silent(&pool.lease());
        assert_eq!(made.load(Ordering::Relaxed), 3);
    }

    #[test]
    fn connections_that_nobody_shares_stay() {
        let (plain, made) = pool(false);
        plain.fell_silent(&plain.lease());
        assert_eq!(made.load(Ordering::Relaxed), 1);

        let (http_1, made) = pool(true);
        http_1.answered(Version::HTTP_11);
        http_1.fell_silent(&http_1.lease());
        assert_eq!(made.load(Ordering::Relaxed), 1);
    }
}
