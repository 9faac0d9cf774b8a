//! When keys were last used, for an operator who looks for those that nobody uses any more.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

use crate::store::StoreError;

/// How often it is written. It is a note, not a record: a request never waits for it.
const EVERY: Duration = Duration::from_secs(60);

/// How long writing may take.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Bounds the memory and the statement. What more keys were used is not noted until they are used in a later interval.
const MAX_KEYS: usize = 10_000;

type Uses = HashMap<i64, i64>;

/// Takes notes. They are written by the future that comes with it, which ends when this is dropped.
#[derive(Debug)]
pub(crate) struct LastUse {
    uses: Arc<Mutex<Uses>>,
    _end: oneshot::Sender<Infallible>,
}

impl LastUse {
    /// Notes that `write` is to write: the numbers of keys, and when they were last used, in Unix milliseconds. What it
    /// cannot write is lost.
    pub(crate) fn new<F>(write: impl Fn(Vec<(i64, i64)>) -> F) -> (Self, impl Future<Output = ()>)
    where
        F: Future<Output = Result<(), StoreError>>,
    {
        let uses = Arc::<Mutex<Uses>>::default();
        let (end, mut ended) = oneshot::channel();
        let noted = Arc::clone(&uses);
        let writing = async move {
            while tokio::time::timeout(EVERY, &mut ended).await.is_err() {
                write_uses(&noted, &write).await;
            }
            write_uses(&noted, &write).await;
        };
        (Self { uses, _end: end }, writing)
    }

    /// Notes that a key was used.
    pub(crate) fn note(&self, key_id: i64, at: i64) {
        let mut uses = self.uses.lock().unwrap_or_else(PoisonError::into_inner);
        let has_room = uses.len() < MAX_KEYS;
        match uses.entry(key_id) {
            Entry::Occupied(mut noted) => *noted.get_mut() = at.max(*noted.get()),
            Entry::Vacant(free) if has_room => drop(free.insert(at)),
            Entry::Vacant(_) => {}
        }
    }
}

async fn write_uses<F>(uses: &Mutex<Uses>, write: impl Fn(Vec<(i64, i64)>) -> F)
where
    F: Future<Output = Result<(), StoreError>>,
{
    let uses = std::mem::take(&mut *uses.lock().unwrap_or_else(PoisonError::into_inner));
    if uses.is_empty() {
        return;
    }
    let keys = uses.len();
    let kind = match tokio::time::timeout(TIMEOUT, write(uses.into_iter().collect())).await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.kind(),
        Err(_) => "timed out",
    };
    tracing::warn!(keys, kind, "the last use of keys could not be noted");
}

#[cfg(test)]
mod tests {
    use tokio::sync::mpsc;

    use super::*;

    /// The notes of keys, and what is written of them, once and in order.
    fn notes() -> (LastUse, mpsc::UnboundedReceiver<Vec<(i64, i64)>>) {
        let (write, written) = mpsc::unbounded_channel();
        let (notes, writing) = LastUse::new(move |mut uses: Vec<(i64, i64)>| {
            uses.sort_unstable();
            write.send(uses).unwrap();
            std::future::ready(Ok(()))
        });
        tokio::spawn(writing);
        (notes, written)
    }

    #[tokio::test(start_paused = true)]
    async fn a_minute_of_uses_is_written_once_and_the_rest_at_the_end() {
        let (notes, mut written) = notes();
        for (key, at) in [(1, 5), (2, 7), (1, 9), (1, 8)] {
            notes.note(key, at);
        }
        let started = tokio::time::Instant::now();
        assert_eq!(written.recv().await.unwrap(), [(1, 9), (2, 7)]);
        assert_eq!(started.elapsed().as_secs(), 60);
        // Nothing is written for a minute without a use.
        tokio::time::sleep(EVERY * 3).await;
        notes.note(3, 10);
        drop(notes);
        assert_eq!(written.recv().await.unwrap(), [(3, 10)]);
        assert_eq!(written.recv().await, None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_notes_are_bounded() {
        let (notes, mut written) = notes();
        for key in 0..=10_000 {
            notes.note(key, 1);
        }
        notes.note(9_999, 2);
        drop(notes);
        let written = written.recv().await.unwrap();
        assert_eq!((written.len(), written.last()), (10_000, Some(&(9_999, 2))));
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_be_written_is_lost_and_writing_goes_on() {
        let (began, mut beginnings) = mpsc::unbounded_channel();
        let (notes, writing) = LastUse::new(move |uses| {
            began.send(uses.len()).unwrap();
            std::future::pending()
        });
        tokio::spawn(writing);
        for _ in 0..3 {
            notes.note(1, 1);
            assert_eq!(beginnings.recv().await, Some(1));
        }
    }
}
