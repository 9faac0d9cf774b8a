//! The outermost layer: gives each request its identity, and logs and measures its answer.

use std::time::{Duration, Instant};

use axum::extract::{FromRequestParts as _, MatchedPath, RawPathParams, Request, State};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use freddy_types::{ConnectorId, Failure, TraceId, headers};
use tracing::Instrument as _;

use super::caller_address::caller_address;
use super::context::Context;
use super::metrics::method_label;
use super::{error_envelope, host};
use crate::metrics::{Occupancy, RequestMetrics};
use crate::settings::Settings;

/// The parameter of the contract's paths that names a connector.
const CONNECTOR_ID: &str = "connector_id";

/// What [`request_context`] needs to know.
#[derive(Clone, Debug)]
pub(crate) struct RequestSettings {
    trust_forwarded_for: bool,
    answer_within: Duration,
    in_flight: Occupancy,
    metrics: RequestMetrics,
}

impl RequestSettings {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            trust_forwarded_for: settings.trust_forwarded_for,
            answer_within: settings.answer_within(),
            in_flight: Occupancy::requests_in_flight(),
            metrics: RequestMetrics::default(),
        }
    }
}

/// Puts the request's [`Context`] in place, has the request answered, and logs the outcome.
#[expect(clippy::expect_used, reason = "a trace ID is ASCII")]
pub(crate) async fn request_context(State(settings): State<RequestSettings>, request: Request, next: Next) -> Response {
    let started = Instant::now();
    let _in_flight = settings.in_flight.enter();
    let context = Context {
        trace_id: new_trace_id(),
        now: jiff::Timestamp::now(),
        address: caller_address(&request, settings.trust_forwarded_for),
    };
    let (mut parts, body) = request.into_parts();
    // Only what the server knows or has checked: a path and a method can be long, and a path can contain a key.
    let route = parts.extensions.get::<MatchedPath>().cloned();
    let route = route.as_ref().map(MatchedPath::as_str);
    let connector_id = connector_id(&mut parts).await;
    let connector_id = connector_id.as_ref().map(ConnectorId::as_str);
    let method = method_label(&parts.method);
    let span = tracing::info_span!("request", trace_id = %context.trace_id, method, route, connector_id);
    parts.extensions.insert(context.clone());
    let names_host = host::is_named_once(parts.version, &parts.headers);
    let request = Request::from_parts(parts, body);

    let answer = async {
        if names_host {
            error_envelope::answer(&context, settings.answer_within, request, next).await
        } else {
            context.refuse(Failure::ValidationError)
        }
    };
    let mut response = answer.instrument(span.clone()).await;
    let id = HeaderValue::from_str(context.trace_id.as_str()).expect("a trace ID is a header value");
    response.headers_mut().insert(headers::X_REQUEST_ID, id);
    let elapsed = started.elapsed();
    span.in_scope(|| tracing::info!(status = response.status().as_u16(), ?elapsed, "answered"));
    settings.metrics.record(method, route, response.status(), elapsed);
    response
}

/// The connector that the path names, if that is a valid ID.
async fn connector_id(parts: &mut Parts) -> Option<ConnectorId> {
    let parameters = RawPathParams::from_request_parts(parts, &()).await.ok()?;
    let (_, value) = parameters.iter().find(|(name, _)| *name == CONNECTOR_ID)?;
    value.parse().ok()
}

fn new_trace_id() -> TraceId {
    let mut bits = [0; 16];
    // If there is no randomness, the time is unique enough.
    if getrandom::fill(&mut bits).is_err() {
        bits = jiff::Timestamp::now().as_nanosecond().to_be_bytes();
    }
    TraceId::from_bits(u128::from_be_bytes(bits))
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex, PoisonError};

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use clap::Parser as _;
    use freddy_types::{ErrorCode, ErrorResponse};
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::http::panic_hook::log_panic;

    #[derive(clap::Parser)]
    struct Arguments {
        #[command(flatten)]
        settings: Settings,
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_panic_is_a_500_and_its_message_is_in_no_answer_and_no_log() {
        let settings = RequestSettings::new(&Arguments::parse_from(["test"]).settings);
        let mut panics = Router::new()
            .route(
                "/",
                get(async || {
                    if true {
                        panic!("PLANTED-a7f3")
                    }
                }),
            )
            .layer(from_fn_with_state(settings, request_context));
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();

        let logging = tracing::subscriber::set_default(subscriber);
        let default_hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(log_panic));
        let request = Request::builder().header("Host", "test").body(Body::empty()).unwrap();
        let answer = tower_service::Service::call(&mut panics, request).await.unwrap();
        std::panic::set_hook(default_hook);
        drop(logging);

        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let error = ErrorResponse::decode(head.status, &head.headers, &body);
        assert_eq!(error.code(), Some(ErrorCode::InternalServerError));
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let panicked = log.lines().find(|line| line.contains("\"panicked\"")).unwrap();
        assert!(panicked.contains(file!()) && panicked.contains(error.request_id().unwrap()), "{log}");
        assert!(!format!("{log} {head:?} {body:?}").contains("PLANTED"), "{log}");
    }
}
