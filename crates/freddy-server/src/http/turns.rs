//! How many requests are answered at the same time, and how many queue for it.

use std::sync::atomic::{AtomicUsize, Ordering};

use freddy_types::Failure;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::metrics::Occupancy;

/// A number of turns, and a queue of bounded length for them.
#[derive(Debug)]
pub(crate) struct Turns {
    free: Semaphore,
    queued: AtomicUsize,
    occupancy: Occupancy,
    max_queue: usize,
}

impl Turns {
    pub(crate) fn new(turns: usize, max_queue: usize) -> Self {
        let free = Semaphore::new(turns.min(Semaphore::MAX_PERMITS));
        Self { free, queued: AtomicUsize::default(), occupancy: Occupancy::requests_queued(), max_queue }
    }

    /// A turn, at once or after a wait in the queue.
    ///
    /// # Errors
    /// The queue is full.
    #[expect(clippy::expect_used, reason = "nothing closes the semaphore")]
    pub(super) async fn take(&self) -> Result<SemaphorePermit<'_>, Failure> {
        if let Ok(turn) = self.free.try_acquire() {
            return Ok(turn);
        }
        let slot = QueueSlot::take(&self.queued, self.max_queue).ok_or(Failure::ServiceUnavailable)?;
        let _queued = (slot, self.occupancy.enter());
        Ok(self.free.acquire().await.expect("the semaphore is never closed"))
    }

    /// Whether a request would be refused now.
    pub(super) fn is_full(&self) -> bool {
        self.free.available_permits() == 0 && self.queued.load(Ordering::Relaxed) >= self.max_queue
    }
}

/// A slot in the queue. It is given back when dropped, and so also when the client goes away while it waits.
struct QueueSlot<'a>(&'a AtomicUsize);

impl<'a> QueueSlot<'a> {
    fn take(queued: &'a AtomicUsize, max: usize) -> Option<Self> {
        let taken = queued.fetch_add(1, Ordering::Relaxed);
        let slot = Self(queued);
        (taken < max).then_some(slot)
    }
}

impl Drop for QueueSlot<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
