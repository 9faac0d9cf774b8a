//! What happens on a connection, and since when nothing does.

use std::sync::Arc;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU8, AtomicU64, AtomicUsize, Ordering};
use std::task::Waker;
use std::time::Duration;

use futures_util::task::AtomicWaker;
use tokio::time::Instant;

/// After this time without a request, a connection gives its buffers back.
const QUIET_AFTER: Duration = Duration::from_secs(1);

/// Slower than this, in bytes a second, a client does not read but hold on to a connection.
const MIN_READ_RATE: u64 = 4 << 10;

/// How long a client may take.
#[derive(Clone, Copy, Debug)]
pub(in crate::http) struct Timeouts {
    /// For the head of a request, from the end of the answer before it.
    pub(in crate::http) head: Duration,
    /// For reading an answer, and on top of it a second for each [`MIN_READ_RATE`].
    pub(in crate::http) write: Duration,
}

/// The state of a connection. It is written by the task of the connection, and read by whoever looks for one to give up.
#[derive(Debug)]
pub(in crate::http) struct Watch {
    timeouts: Timeouts,
    /// The requests that are being answered, and the bodies that are being read.
    busy: AtomicUsize,
    /// Since when it has not been busy.
    waiting_since: AtomicU64,
    /// Since when a write has not been complete; 0 if it is.
    blocked_since: AtomicU64,
    /// The bytes that were written since then.
    written: AtomicU64,
    order: AtomicU8,
    waker: AtomicWaker,
}

/// What a connection is told to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Go on.
    None = 0,
    /// End once what is in flight is answered.
    Finish = 1,
    /// End at once.
    Close = 2,
}

/// What to do about a connection on which nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rest {
    /// Look again at this time.
    Until(Instant),
    /// Give its buffers back.
    Quiet,
    /// Close it.
    Overdue,
}

impl Watch {
    pub(super) fn new(timeouts: Timeouts) -> Self {
        Self {
            timeouts,
            busy: AtomicUsize::new(0),
            waiting_since: AtomicU64::new(now()),
            blocked_since: AtomicU64::new(0),
            written: AtomicU64::new(0),
            order: AtomicU8::new(Order::None as u8),
            waker: AtomicWaker::new(),
        }
    }

    pub(super) fn wake_with(&self, waker: &Waker) {
        self.waker.register(waker);
    }

    pub(super) fn give(&self, order: Order) {
        self.order.fetch_max(order as u8, Ordering::AcqRel);
        self.waker.wake();
    }

    pub(super) fn order(&self) -> Order {
        match self.order.load(Ordering::Acquire) {
            0 => Order::None,
            1 => Order::Finish,
            _ => Order::Close,
        }
    }

    /// Until the result is dropped, the connection is neither quiet nor overdue.
    pub(in crate::http) fn busy(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::AcqRel);
        Busy(Arc::clone(self))
    }

    /// A write was not complete, or has gone on after that.
    pub(super) fn blocked(&self) {
        if self.blocked_since.load(Ordering::Relaxed) == 0 {
            self.written.store(0, Ordering::Relaxed);
            self.blocked_since.store(now(), Ordering::Relaxed);
        }
    }

    pub(super) fn wrote(&self, bytes: usize) {
        if self.blocked_since.load(Ordering::Relaxed) != 0 {
            self.written.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Everything is written.
    pub(super) fn flushed(&self) {
        if self.blocked_since.swap(0, Ordering::Relaxed) != 0 {
            self.waiting_since.store(now(), Ordering::Relaxed);
        }
    }

    /// Whether a request is being answered, or a body read.
    pub(super) fn is_busy(&self) -> bool {
        self.busy.load(Ordering::Acquire) > 0
    }

    /// Whether the client has not read all that it was sent.
    pub(super) fn is_blocked(&self) -> bool {
        self.blocked_since.load(Ordering::Relaxed) != 0
    }

    /// How long the server has had nothing to do for this connection but to send; `None` if it has.
    pub(super) fn idle_for(&self) -> Option<Duration> {
        (!self.is_busy()).then(|| since(self.waiting_since.load(Ordering::Relaxed)))
    }

    /// `is_quiet` is whether the connection has given its buffers back.
    pub(super) fn rest(&self, is_quiet: bool) -> Rest {
        let until = |left: Duration| {
            // What happens meanwhile may bring another time nearer.
            let left = if is_quiet { left } else { left.min(QUIET_AFTER) };
            Rest::Until(Instant::now() + left)
        };
        let blocked_since = self.blocked_since.load(Ordering::Relaxed);
        if blocked_since != 0 {
            let rate = Duration::from_millis(self.written.load(Ordering::Relaxed).saturating_mul(1000) / MIN_READ_RATE);
            let left = self.timeouts.write.saturating_add(rate).saturating_sub(since(blocked_since));
            return if left.is_zero() { Rest::Overdue } else { until(left) };
        }
        let Some(idle) = self.idle_for() else { return until(QUIET_AFTER) };
        let left = self.timeouts.head.saturating_sub(idle);
        if left.is_zero() {
            Rest::Overdue
        } else if is_quiet {
            until(left)
        } else if idle >= QUIET_AFTER {
            Rest::Quiet
        } else {
            until(QUIET_AFTER - idle)
        }
    }
}

/// A request that is being answered, or a body that is being read.
#[derive(Debug)]
pub(in crate::http) struct Busy(Arc<Watch>);

impl Drop for Busy {
    fn drop(&mut self) {
        // Before it counts as idle, or it would count as idle for a long time.
        self.0.waiting_since.store(now(), Ordering::Relaxed);
        self.0.busy.fetch_sub(1, Ordering::AcqRel);
    }
}

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// In milliseconds, and never 0.
fn now() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX).saturating_add(1)
}

fn since(at: u64) -> Duration {
    Duration::from_millis(now().saturating_sub(at))
}
