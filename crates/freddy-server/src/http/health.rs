//! Whether the process is alive, and whether it can take requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use freddy_types::Failure;
use hyper::StatusCode;

use super::context::{Context, Response, empty};
use super::fixed;
use super::service::{Learned, Request};
use super::turns::Turns;
use crate::readiness::Readiness;

const ALIVE: &str = "/healthz";
const READY: &str = "/readyz";

/// Answers `/healthz` and `/readyz`.
#[derive(Debug)]
pub(crate) struct Health {
    readiness: Readiness,
    turns: Arc<Turns>,
    is_draining: AtomicBool,
}

impl Health {
    pub(crate) fn new(readiness: Readiness, turns: Arc<Turns>) -> Self {
        Self { readiness, turns, is_draining: AtomicBool::new(false) }
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
        !self.is_draining() && !self.turns.is_full() && self.readiness.is_ready().await
    }
}
