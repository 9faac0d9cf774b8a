//! Whether the server can do what it is for.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use tokio::time::timeout;

use crate::store::{Store, StoreError};

/// How long a supervisor has to wait for an answer at most.
const TIMEOUT: Duration = Duration::from_secs(1);

/// How long a success is remembered, so that however many ask, the database writes twice a second.
const REMEMBERED: Duration = Duration::from_millis(500);

/// Tries whether the database takes a write. One try at a time serves everybody who asks.
#[derive(Debug)]
pub(crate) struct Readiness {
    store: Store,
    successes: Cache<(), ()>,
}

impl Readiness {
    pub(crate) fn new(store: Store) -> Self {
        Self { store, successes: Cache::builder().time_to_live(REMEMBERED).build() }
    }

    /// Whether a write succeeds, in time.
    pub(crate) async fn is_ready(&self) -> bool {
        let tried = self.successes.try_get_with((), self.store.try_write());
        let problem = match timeout(TIMEOUT, tried).await {
            Ok(Ok(())) => return true,
            Ok(Err(error)) => Arc::<StoreError>::as_ref(&error).kind(),
            Err(_) => "timed out",
        };
        tracing::warn!(kind = problem, "the database takes no writes");
        false
    }
}
