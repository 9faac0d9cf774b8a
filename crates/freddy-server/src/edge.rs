//! Around every request: its identity, its turn, its time, and an envelope for whatever goes wrong.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use freddy_types::{Failure, TraceId, headers};
use futures_util::FutureExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tracing::Instrument as _;

use crate::app::App;
use crate::context::Context;

/// Lets so many requests in, and so many wait.
#[derive(Clone, Debug)]
pub(crate) struct Admission {
    turns: Arc<Semaphore>,
    waiting: Arc<AtomicUsize>,
    max_waiting: usize,
}

impl Admission {
    pub(crate) fn new(turns: usize, max_waiting: usize) -> Self {
        let turns = Arc::new(Semaphore::new(turns.min(Semaphore::MAX_PERMITS)));
        Self { turns, waiting: Arc::default(), max_waiting }
    }

    /// A turn, now or after some waiting; none if too many wait already.
    async fn turn(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(turn) = Arc::clone(&self.turns).try_acquire_owned() {
            return Some(turn);
        }
        let place = Place::take(&self.waiting, self.max_waiting)?;
        let turn = Arc::clone(&self.turns).acquire_owned().await.ok();
        drop(place);
        turn
    }
}

/// A place in the queue, left when dropped, also by a client who went away.
struct Place<'a>(&'a AtomicUsize);

impl<'a> Place<'a> {
    fn take(waiting: &'a AtomicUsize, max: usize) -> Option<Self> {
        let taken = waiting.fetch_add(1, Ordering::Relaxed);
        let place = Self(waiting);
        (taken < max).then_some(place)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

pub(crate) async fn edge(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let context = Context {
        trace_id: new_trace_id(),
        now: jiff::Timestamp::now(),
        address: address(&request, app.settings.trust_forwarded_for),
    };
    let method = request.method().clone();
    let span = tracing::info_span!("request", trace_id = %context.trace_id, %method, path = request.uri().path());
    request.extensions_mut().insert(context.clone());

    let mut response = answer(&app, &context, request, next).instrument(span.clone()).await;
    if is_foreign_error(&response) {
        response = context.refuse(failure_of(response.status()));
    }
    if let Ok(id) = HeaderValue::from_str(context.trace_id.as_str()) {
        response.headers_mut().insert(headers::X_REQUEST_ID, id);
    }
    let elapsed = started.elapsed();
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), ?elapsed, "answered"));
    let labels = [("method", method.to_string()), ("status", response.status().as_str().to_owned())];
    metrics::histogram!("freddy_request_seconds", &labels).record(elapsed);
    response
}

async fn answer(app: &App, context: &Context, request: Request, next: Next) -> Response {
    let in_time = async {
        let Some(_turn) = app.admission.turn().await else {
            return context.refuse(Failure::ServiceUnavailable);
        };
        next.run(request).await
    };
    match AssertUnwindSafe(tokio::time::timeout(answer_within(app), in_time)).catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("not answered in time");
            context.refuse(Failure::ServiceUnavailable)
        }
        // What it panicked with is in nobody's log: it may hold anything.
        Err(_) => context.refuse(Failure::InternalServerError),
    }
}

/// The time for reading the body is the client's and comes on top.
fn answer_within(app: &App) -> Duration {
    app.settings.answer_timeout.saturating_add(app.settings.read_timeout)
}

/// An error that some library answered in its own words.
fn is_foreign_error(response: &Response) -> bool {
    let status = response.status();
    let is_ours = || response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == headers::JSON);
    (status.is_client_error() || status.is_server_error()) && !is_ours()
}

fn failure_of(status: StatusCode) -> Failure {
    match status {
        StatusCode::NOT_FOUND => Failure::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Failure::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => Failure::RequestTimeout,
        StatusCode::PAYLOAD_TOO_LARGE => Failure::PayloadTooLarge,
        status if status.is_client_error() => Failure::ValidationError,
        _ => Failure::InternalServerError,
    }
}

fn new_trace_id() -> TraceId {
    let mut bits = [0; 16];
    // Without randomness the time tells requests apart well enough to answer them.
    if getrandom::fill(&mut bits).is_err() {
        bits = jiff::Timestamp::now().as_nanosecond().to_be_bytes();
    }
    TraceId::from_bits(u128::from_be_bytes(bits))
}

fn address(request: &Request, trust_forwarded_for: bool) -> IpAddr {
    let forwarded = || forwarded_for(request.headers());
    trust_forwarded_for.then(forwarded).flatten().unwrap_or_else(|| {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        peer.map_or(IpAddr::from([0, 0, 0, 0]), |ConnectInfo(peer)| peer.ip())
    })
}

/// The entry that the nearest proxy wrote; those before it are the client's to invent.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").into_iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}
