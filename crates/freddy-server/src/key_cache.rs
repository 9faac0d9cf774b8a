//! API keys, looked up in the database and remembered for a moment.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;

use crate::key::KeyHash;
use crate::last_use::LastUse;
use crate::store::{Caller, Store, StoreError};

/// Bounds the memory that it takes, however many wrong keys are tried.
const MAX_KEYS: u64 = 100_000;

/// Looks keys up, and remembers for a moment what it found.
#[derive(Debug)]
pub(crate) struct KeyCache {
    store: Store,
    known: Cache<KeyHash, Option<Caller>>,
    last_use: LastUse,
}

impl KeyCache {
    /// An empty cache. The future notes in the database when keys are used; it ends when the cache is dropped.
    pub(crate) fn new(store: Store, time_to_live: Duration) -> (Self, impl Future<Output = ()>) {
        let known = Cache::builder().max_capacity(MAX_KEYS).time_to_live(time_to_live).build();
        let notes = store.clone();
        let (last_use, noting) = LastUse::new(move |uses| {
            let store = notes.clone();
            async move { store.note_uses(uses).await }
        });
        (Self { store, known, last_use }, noting)
    }

    /// Whose key this is; `None` if it is not valid at this time, in Unix milliseconds. What does not have the form of a
    /// key is not looked up.
    pub(crate) async fn caller(&self, key: &[u8], at: i64) -> Result<Option<Caller>, Arc<StoreError>> {
        let Some(hash) = KeyHash::of(key) else { return Ok(None) };
        // Whoever asks for the same key meanwhile waits for the same answer.
        let caller = self.known.try_get_with(hash, self.look_up(hash, at)).await?;
        // What is remembered does not outlive the key.
        Ok(caller.filter(|caller| caller.expires_at.is_none_or(|expires_at| at < expires_at)))
    }

    /// Whether only the database knows whose key this is.
    pub(crate) fn needs_look_up(&self, key: &[u8]) -> bool {
        KeyHash::of(key).is_some_and(|hash| !self.known.contains_key(&hash))
    }

    async fn look_up(&self, hash: KeyHash, at: i64) -> Result<Option<Caller>, StoreError> {
        let caller = self.store.caller(hash, at).await?;
        if let Some(caller) = &caller {
            self.last_use.note(caller.key_id, at);
        }
        Ok(caller)
    }
}
