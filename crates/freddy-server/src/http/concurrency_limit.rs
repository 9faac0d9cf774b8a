//! How many requests are answered at the same time, and how many queue for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use freddy_types::Failure;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::context::Context;
use crate::metrics::Occupancy;

/// A number of permits, and a queue of bounded length for them.
#[derive(Debug)]
pub(crate) struct ConcurrencyLimit {
    permits: Semaphore,
    queued: AtomicUsize,
    occupancy: Occupancy,
    max_queue: usize,
}

impl ConcurrencyLimit {
    pub(crate) fn new(permits: usize, max_queue: usize) -> Self {
        let permits = Semaphore::new(permits.min(Semaphore::MAX_PERMITS));
        Self { permits, queued: AtomicUsize::default(), occupancy: Occupancy::requests_queued(), max_queue }
    }

    /// A permit, at once or after a wait in the queue; `None` if the queue is full.
    #[expect(clippy::expect_used, reason = "nothing closes the semaphore")]
    async fn acquire(&self) -> Option<SemaphorePermit<'_>> {
        if let Ok(permit) = self.permits.try_acquire() {
            return Some(permit);
        }
        let _slot = (QueueSlot::take(&self.queued, self.max_queue)?, self.occupancy.enter());
        Some(self.permits.acquire().await.expect("the semaphore is never closed"))
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

/// Answers a request once it has a permit, and refuses it with 503 if the queue is full.
pub(crate) async fn limit_concurrency(
    State(limit): State<Arc<ConcurrencyLimit>>,
    Extension(context): Extension<Context>,
    request: Request,
    next: Next,
) -> Response {
    match limit.acquire().await {
        Some(_permit) => next.run(request).await,
        None => context.refuse(Failure::ServiceUnavailable),
    }
}
