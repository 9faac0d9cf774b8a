//! The outermost part: gives each request its identity, has it answered in time, and logs and measures the answer.

use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use freddy_types::{ConnectorId, Failure, TraceId, headers};
use futures_util::FutureExt as _;
use hyper::StatusCode;
use hyper::body::{Body as _, Incoming};
use hyper::header::{CONNECTION, HeaderValue};

use super::api::Api;
use super::caller_address::caller_address;
use super::connection::Watch;
use super::context::{Context, Response};
use super::docs::Docs;
use super::health::Health;
use super::metrics::method_label;
use super::panic_hook::TRACE_ID;
use super::{host, trace_context};
use crate::metrics::{Occupancy, RequestMetrics};
use crate::settings::Settings;

pub(super) type Request = hyper::Request<Incoming>;

/// An [`App`](crate::App) with its endpoints, ready to be served. Clones share everything.
#[derive(Clone)]
pub struct Service(Arc<Parts>);

struct Parts {
    trusted_hops: usize,
    trust_request_id: bool,
    answer_within: Duration,
    in_flight: Occupancy,
    metrics: RequestMetrics,
    health: Health,
    docs: Docs,
    api: Api,
}

impl Service {
    pub(crate) fn new(settings: &Settings, health: Health, docs: Docs, api: Api) -> Self {
        Self(Arc::new(Parts {
            trusted_hops: settings.trusted_hops,
            trust_request_id: settings.trust_request_id,
            answer_within: settings.answer_within(),
            in_flight: Occupancy::requests_in_flight(),
            metrics: RequestMetrics::default(),
            health,
            docs,
            api,
        }))
    }

    /// From now on the server is not ready, and asks clients to close their connections.
    pub(super) fn begin_draining(&self) {
        self.0.health.begin_draining();
    }

    /// What answers the requests of one connection.
    pub(super) fn for_connection(self, peer: SocketAddr, watch: Arc<Watch>) -> ForConnection {
        ForConnection { service: self, peer, watch }
    }
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service").finish_non_exhaustive()
    }
}

/// A [`Service`] that knows who the peer is.
pub(super) struct ForConnection {
    service: Service,
    peer: SocketAddr,
    watch: Arc<Watch>,
}

impl hyper::service::Service<Request> for ForConnection {
    type Response = Response;
    type Error = std::convert::Infallible;
    // The connection can only be taken apart again if it does not hold this in place.
    type Future = Pin<Box<dyn Future<Output = Result<Response, Self::Error>> + Send>>;

    fn call(&self, request: Request) -> Self::Future {
        let (service, peer, watch) = (Arc::clone(&self.service.0), self.peer, Arc::clone(&self.watch));
        Box::pin(async move { Ok(service.answer(peer, &watch, request).await) })
    }
}

/// What is learned of a request while it is answered, for the log.
#[derive(Debug, Default)]
pub(super) struct Learned<'a> {
    /// The template of its path.
    pub(super) route: OnceLock<&'a str>,
    /// The connector that its path names, if that is a valid ID.
    pub(super) connector_id: OnceLock<ConnectorId>,
    /// The number of its key, if that is valid.
    pub(super) key_id: OnceLock<i64>,
}

/// A request that has no answer yet. If it never gets one, its client went away, and the log says so.
struct Unanswered<'a> {
    metrics: &'a RequestMetrics,
    context: &'a Context,
    learned: &'a Learned<'a>,
    method: &'static str,
    traceparent: Option<&'a str>,
    started: Instant,
}

impl Unanswered<'_> {
    fn answered(self, status: StatusCode, bytes: Option<u64>) {
        self.log(status, bytes);
        std::mem::forget(self);
    }

    fn log(&self, status: StatusCode, bytes: Option<u64>) {
        let elapsed = self.started.elapsed();
        let route = self.learned.route.get().copied();
        tracing::info!(
            trace_id = self.context.trace_id.as_str(),
            traceparent = self.traceparent,
            address = %self.context.address,
            key = self.learned.key_id.get().copied(),
            method = self.method,
            route,
            connector_id = self.learned.connector_id.get().map(ConnectorId::as_str),
            status = status.as_u16(),
            milliseconds = elapsed.as_micros() as f64 / 1000.0,
            bytes,
            "answered"
        );
        self.metrics.record(self.method, route, status, elapsed);
    }
}

impl Drop for Unanswered<'_> {
    fn drop(&mut self) {
        // No status of HTTP, but the one that other servers' logs have for it.
        if let Ok(gone) = StatusCode::from_u16(499) {
            self.log(gone, None);
        }
    }
}

impl Parts {
    async fn answer(&self, peer: SocketAddr, watch: &Arc<Watch>, request: Request) -> Response {
        let started = Instant::now();
        let busy = (watch.busy(), self.in_flight.enter());
        let context = Context {
            trace_id: self.trace_id(&request),
            now: jiff::Timestamp::now(),
            address: caller_address(peer, request.headers(), self.trusted_hops),
        };
        let method = method_label(request.method());
        let traceparent = trace_context::traceparent(request.headers()).map(str::to_owned);
        let learned = Learned::default();
        let unanswered = Unanswered {
            metrics: &self.metrics,
            context: &context,
            learned: &learned,
            method,
            traceparent: traceparent.as_deref(),
            started,
        };

        let routed = TRACE_ID.scope(context.trace_id.clone(), self.route(&context, watch, request, &learned));
        let in_time = tokio::time::timeout(self.answer_within, routed);
        let mut response = match AssertUnwindSafe(in_time).catch_unwind().await {
            Ok(Ok(response)) => response,
            Ok(Err(_)) => {
                tracing::error!(trace_id = context.trace_id.as_str(), "not answered in time");
                context.refuse(Failure::ServiceUnavailable)
            }
            // The panic hook has logged it.
            Err(_) => context.refuse(Failure::InternalServerError),
        };
        let answered = response.headers_mut();
        // A trace ID is visible ASCII.
        if let Ok(id) = HeaderValue::from_str(context.trace_id.as_str()) {
            answered.insert(headers::X_REQUEST_ID, id);
        }
        if self.health.is_draining() {
            answered.insert(CONNECTION, HeaderValue::from_static("close"));
        }
        unanswered.answered(response.status(), response.body().size_hint().exact());
        drop(busy);
        response
    }

    async fn route<'a>(
        &'a self,
        context: &Context,
        watch: &Arc<Watch>,
        request: Request,
        learned: &Learned<'a>,
    ) -> Response {
        let Some(mut answer) = self.fixed(context, &request, learned).await else {
            return self.api.answer(context, watch, request, learned).await;
        };
        if !request.body().is_end_stream() {
            answer.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        answer
    }

    /// The answer to a request that is not for the API.
    async fn fixed<'a>(&'a self, context: &Context, request: &Request, learned: &Learned<'a>) -> Option<Response> {
        if !host::is_named_once(request.version(), request.headers()) {
            return Some(context.refuse(Failure::ValidationError));
        }
        let health = self.health.answer(context, request, learned).await;
        if health.is_some() { health } else { self.docs.answer(context, request, learned).await }
    }

    /// The identifier that a trusted proxy gives, or a new one.
    fn trace_id(&self, request: &Request) -> TraceId {
        let given = if self.trust_request_id { request.headers().get(headers::X_REQUEST_ID) } else { None };
        let given = given.and_then(|value| value.to_str().ok()?.parse().ok());
        given.unwrap_or_else(|| TraceId::from_bits(rand::random()))
    }
}
