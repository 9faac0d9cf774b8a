//! Before an endpoint of the API: the body is read, the caller is known, the rate limit holds.

use std::sync::Arc;

use axum::Extension;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use freddy_types::{AuthScheme, Failure};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use moka::future::Cache;

use crate::app::App;
use crate::context::Context;
use crate::key::KeyHash;
use crate::limit::Subject;
use crate::settings::Settings;
use crate::store::{Caller, Store, StoreError};

/// Who is calling, for an endpoint that asks.
#[derive(Clone, Debug)]
pub(crate) struct Identified(pub(crate) Option<Caller>);

/// The body of a request, for an endpoint that has one.
#[derive(Clone, Debug)]
pub(crate) struct RequestBody(pub(crate) Bytes);

/// Looks keys up, and remembers for a moment what it found.
#[derive(Clone, Debug)]
pub(crate) struct Keys {
    store: Store,
    known: Cache<KeyHash, Option<Caller>>,
}

/// What is remembered is bounded, whatever is tried.
const MAX_KEYS: u64 = 100_000;

impl Keys {
    pub(crate) fn new(store: Store, settings: &Settings) -> Self {
        Self { store, known: Cache::builder().max_capacity(MAX_KEYS).time_to_live(settings.key_cache).build() }
    }

    /// The caller of a request. A request without a key takes the same way as one with a wrong one.
    async fn caller(&self, headers: &HeaderMap) -> Result<Option<Caller>, Arc<StoreError>> {
        let credential = AuthScheme::ALL.iter().find_map(|scheme| scheme.credential(headers));
        let hash = KeyHash::of(credential.unwrap_or_default());
        self.known.try_get_with(hash, self.store.caller(hash)).await
    }
}

pub(crate) async fn gate(
    State(app): State<App>,
    Extension(context): Extension<Context>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut request = Request::from_parts(parts, Body::empty());
    let body = match read(body, &app.settings).await {
        Ok(body) => body,
        Err(failure) => return context.refuse(failure),
    };

    let caller = match app.keys.caller(request.headers()).await {
        Ok(caller) => caller,
        Err(error) => {
            tracing::error!(kind = error.kind(), "a key could not be looked up");
            return context.refuse(Failure::InternalServerError);
        }
    };
    let subject = caller.as_ref().map_or(Subject::address(context.address), |caller| Subject::Key(caller.key_id));
    let verdict = app.limiter.check(subject, context.now).await;
    let mut response = if verdict.allowed {
        request.extensions_mut().insert(Identified(caller));
        request.extensions_mut().insert(RequestBody(body));
        next.run(request).await
    } else {
        context.refuse(Failure::RateLimitExceeded(verdict.limit))
    };
    for (name, value) in verdict.limit.headers() {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}

/// Reads the whole body, whether or not the endpoint needs it, so that its end is known before anything is done.
async fn read(body: Body, settings: &Settings) -> Result<Bytes, Failure> {
    match tokio::time::timeout(settings.read_timeout, Limited::new(body, settings.max_body).collect()).await {
        Ok(Ok(body)) => Ok(body.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::PayloadTooLarge),
        Ok(Err(_)) => Err(Failure::ValidationError),
        Err(_) => Err(Failure::RequestTimeout),
    }
}
