//! Around every request: its identity, its time, an envelope for whatever goes wrong, and around nearly every one its turn.

use std::net::{IpAddr, SocketAddr};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::Extension;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
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
    if app.settings.metrics_listen.is_some() {
        let labels = [("method", metrics_label(&method)), ("status", response.status().as_str().to_owned().into())];
        metrics::histogram!("freddy_request_seconds", &labels).record(elapsed);
    }
    response
}

/// Anybody can invent a method, and every label is kept for as long as the process lives.
fn metrics_label(method: &Method) -> metrics::SharedString {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if known.contains(method) { method.to_string().into() } else { "other".into() }
}

/// Lets a request in when it has its turn.
pub(crate) async fn admit(
    State(app): State<App>,
    Extension(context): Extension<Context>,
    request: Request,
    next: Next,
) -> Response {
    match app.admission.turn().await {
        Some(_turn) => next.run(request).await,
        None => context.refuse(Failure::ServiceUnavailable),
    }
}

async fn answer(app: &App, context: &Context, request: Request, next: Next) -> Response {
    let in_time = tokio::time::timeout(app.settings.answer_within(), next.run(request));
    match AssertUnwindSafe(in_time).catch_unwind().await {
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("not answered in time");
            context.refuse(Failure::ServiceUnavailable)
        }
        // The hook has logged it.
        Err(_) => context.refuse(Failure::InternalServerError),
    }
}

/// A panic hook that says where, and not what with: that may hold anything, and the default hook would print it.
pub fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    tracing::error!(at = panic.location().map(tracing::field::display), "panicked");
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
        StatusCode::SERVICE_UNAVAILABLE => Failure::ServiceUnavailable,
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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Mutex, PoisonError};

    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use clap::Parser as _;
    use freddy_types::{ErrorCode, ErrorResponse};
    use http_body_util::BodyExt as _;

    use super::*;
    use crate::settings::Settings;
    use crate::store::Store;

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

    async fn app() -> (App, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("test.db").display())).await.unwrap();
        let (app, _) = App::new(store, Arguments::parse_from(["test"]).settings).await.unwrap();
        (app, folder)
    }

    #[tokio::test]
    async fn a_panic_is_a_500_and_what_it_panicked_with_is_in_no_answer_and_no_log() {
        let (app, _folder) = app().await;
        let panics = Router::new()
            .route(
                "/",
                get(async || {
                    if true {
                        panic!("PLANTED-a7f3")
                    }
                }),
            )
            .layer(from_fn_with_state(app.clone(), edge))
            .with_state(app);
        let log = Log::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();

        let logging = tracing::subscriber::set_default(subscriber);
        let default_hook = std::panic::take_hook();
        std::panic::set_hook(Box::new(log_panic));
        let mut panics = panics;
        let answer = tower_service::Service::call(&mut panics, Request::new(Body::empty())).await.unwrap();
        std::panic::set_hook(default_hook);
        drop(logging);

        let (head, body) = answer.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let error = ErrorResponse::decode(head.status, &head.headers, &body);
        assert_eq!(error.code(), Some(ErrorCode::InternalServerError));
        let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
        let panicked = log.lines().find(|line| line.contains("\"panicked\"")).unwrap();
        assert!(panicked.contains("edge.rs") && panicked.contains(error.request_id().unwrap()), "{log}");
        assert!(!format!("{log} {head:?} {body:?}").contains("PLANTED"), "{log}");
    }

    #[test]
    fn the_forwarded_address_is_the_one_that_the_nearest_proxy_wrote() {
        for (headers, expected) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["203.0.113.9, 192.0.2.1"], Some("192.0.2.1")),
            (&["203.0.113.9", "10.0.0.1,2001:db8::7"], Some("2001:db8::7")),
            (&["192.0.2.1, unknown"], None),
            (&[], None),
        ] {
            let mut map = HeaderMap::new();
            for header in headers {
                map.append("x-forwarded-for", HeaderValue::from_static(header));
            }
            assert_eq!(forwarded_for(&map), expected.map(|address| address.parse().unwrap()), "{headers:?}");
        }
    }

    #[test]
    fn an_invented_method_makes_no_label_of_its_own() {
        assert_eq!(&*metrics_label(&Method::DELETE), "DELETE");
        assert_eq!(&*metrics_label(&Method::from_bytes(b"INVENTED").unwrap()), "other");
    }
}
