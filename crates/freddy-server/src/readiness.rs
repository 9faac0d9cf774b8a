//! Whether the server can do what it is for.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use moka::future::Cache;
use tokio::time::timeout;

use crate::batch_writer::BatchWriter;
use crate::store::Store;

/// How long a supervisor has to wait for an answer at most.
const TIMEOUT: Duration = Duration::from_secs(1);

/// How long the outcome of a try is remembered, so that however many ask, the database is tried twice a second.
const REMEMBERED: Duration = Duration::from_millis(500);

/// Tries whether the database takes a write. One try at a time serves everybody who asks.
#[derive(Debug)]
pub(crate) struct Readiness {
    store: Store,
    writer: BatchWriter,
    tried: Cache<(), bool>,
    was_ready: AtomicBool,
}

impl Readiness {
    pub(crate) fn new(store: Store, writer: BatchWriter) -> Self {
        let tried = Cache::builder().time_to_live(REMEMBERED).build();
        Self { store, writer, tried, was_ready: AtomicBool::new(true) }
    }

    /// Whether a write succeeds, in time.
    pub(crate) async fn is_ready(&self) -> bool {
        self.writer.is_running() && self.tried.get_with((), self.try_write()).await
    }

    async fn try_write(&self) -> bool {
        let problem = match timeout(TIMEOUT, self.store.try_write()).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.kind()),
            Err(_) => Some("timed out"),
        };
        // Who asks is a stranger, and must not fill the log.
        if self.was_ready.swap(problem.is_none(), Ordering::Relaxed) != problem.is_none() {
            match problem {
                Some(kind) => tracing::warn!(kind, "the database takes no writes"),
                None => tracing::info!("the database takes writes again"),
            }
        }
        problem.is_none()
    }
}
