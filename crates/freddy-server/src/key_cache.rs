//! API keys, looked up in the database and remembered for a moment.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use crate::key::KeyHash;
use crate::store::{Caller, Store, StoreError};

/// Bounds the memory that it takes, however many wrong keys are tried.
const MAX_KEYS: u64 = 100_000;

/// Looks keys up, and remembers for a moment what it found.
#[derive(Debug)]
pub(crate) struct KeyCache {
    store: Store,
    known: Cache<KeyHash, Option<Caller>>,
}

impl KeyCache {
    pub(crate) fn new(store: Store, time_to_live: Duration) -> Self {
        Self { store, known: Cache::builder().max_capacity(MAX_KEYS).time_to_live(time_to_live).build() }
    }

    /// Whose key this is; `None` if it is not valid.
    pub(crate) async fn caller(&self, key: &[u8]) -> Result<Option<Caller>, Arc<StoreError>> {
        let hash = KeyHash::of(key);
        self.known.try_get_with(hash, self.store.caller(hash)).await
    }
}
