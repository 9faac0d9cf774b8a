//! Before an endpoint of the API: the body is read, the caller is known, the rate limit holds.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
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
    if let Err(failure) = discard(body, &app.settings).await {
        return context.refuse(failure);
    }

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

/// Reads a body that no endpoint needs, so that its end is known before anything is done.
async fn discard(body: Body, settings: &Settings) -> Result<(), Failure> {
    match tokio::time::timeout(settings.read_timeout, Limited::new(body, settings.max_body).collect()).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::PayloadTooLarge),
        Ok(Err(_)) => Err(Failure::ValidationError),
        Err(_) => Err(Failure::RequestTimeout),
    }
}
