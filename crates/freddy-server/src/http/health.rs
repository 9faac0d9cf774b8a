//! Whether the process is alive, and whether it can take requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use freddy_types::Failure;
use hyper::StatusCode;

use super::context::{Context, Response, empty};
use super::fixed;
use super::service::{Learned, Request};
use super::turns::Turns;
use crate::store::Store;

const ALIVE: &str = "/healthz";
const READY: &str = "/readyz";

/// How long the database may take to say that it is ready. Whoever asks does not wait much longer.
const TIMEOUT: Duration = Duration::from_secs(1);

/// Answers `/healthz` and `/readyz`.
#[derive(Debug)]
pub(crate) struct Health {
    store: Store,
    turns: Arc<Turns>,
    is_draining: AtomicBool,
}

impl Health {
    pub(crate) fn new(store: Store, turns: Arc<Turns>) -> Self {
        Self { store, turns, is_draining: AtomicBool::new(false) }
    }

    /// From now on, the server is not ready.
    pub(super) fn begin_draining(&self) {
        self.is_draining.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_draining(&self) -> bool {
        self.is_draining.load(Ordering::Relaxed)
    }

    /// The answer, if the path is one of these. Neither queues: a busy server is healthy and must not be restarted.
    pub(super) async fn answer(&self, context: &Context, request: &Request, learned: &Learned<'_>) -> Option<Response> {
        let route = [ALIVE, READY].into_iter().find(|route| *route == request.uri().path())?;
        let _ = learned.route.set(route);
        if let Some(answer) = fixed::other_than_get(context, request.method()) {
            return Some(answer);
        }
        Some(if route == ALIVE || self.is_ready().await {
            empty(StatusCode::NO_CONTENT)
        } else {
            context.refuse(Failure::ServiceUnavailable)
        })
    }

    async fn is_ready(&self) -> bool {
        if self.is_draining() || self.turns.is_full() {
            return false;
        }
        matches!(tokio::time::timeout(TIMEOUT, self.store.ping()).await, Ok(Ok(())))
    }
}
