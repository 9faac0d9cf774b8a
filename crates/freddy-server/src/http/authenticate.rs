//! Finds out who is calling, and whether they are within their rate limit.

use std::sync::Arc;

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::Response;
use freddy_types::{AuthScheme, Failure};

use super::body::{self, BodyLimits};
use super::context::Context;
use crate::key_cache::KeyCache;
use crate::limit::{Limiter, Subject};
use crate::settings::Settings;
use crate::store::Caller;

/// Who is calling, for an endpoint that asks.
#[derive(Clone, Debug)]
pub(crate) struct Identified(pub(crate) Option<Caller>);

/// What [`authenticate`] needs.
#[derive(Debug)]
pub(crate) struct Authenticator {
    body_limits: BodyLimits,
    keys: KeyCache,
    limiter: Limiter,
}

impl Authenticator {
    pub(crate) fn new(keys: KeyCache, limiter: Limiter, settings: &Settings) -> Self {
        let body_limits = BodyLimits { max_bytes: settings.max_body, timeout: settings.read_timeout };
        Self { body_limits, keys, limiter }
    }
}

/// Reads the body, looks the caller up and counts the request. A caller without a valid key goes on to the endpoint,
/// which refuses it: all that is decided here is whether the request is within the rate limit of its key or address.
#[expect(clippy::expect_used, reason = "the headers of a rate limit are numbers")]
pub(crate) async fn authenticate(
    State(authenticator): State<Arc<Authenticator>>,
    Extension(context): Extension<Context>,
    request: Request,
    next: Next,
) -> Response {
    let (parts, body) = request.into_parts();
    let mut request = Request::from_parts(parts, Body::empty());
    let body = match body::read(body, authenticator.body_limits).await {
        Ok(body) => body,
        Err(failure) => return context.refuse(failure),
    };

    let credential = AuthScheme::ALL.iter().find_map(|scheme| scheme.credential(request.headers()));
    let caller = match authenticator.keys.caller(credential.unwrap_or_default(), context.now_millisecond()).await {
        Ok(caller) => caller,
        Err(error) => {
            tracing::error!(kind = error.kind(), "a key could not be looked up");
            return context.refuse(Failure::InternalServerError);
        }
    };
    let subject = caller.as_ref().map_or(Subject::address(context.address), |caller| Subject::Key(caller.key_id));
    let verdict = authenticator.limiter.check(subject, context.now).await;
    let mut response = if verdict.allowed {
        request.extensions_mut().insert(Identified(caller));
        request.extensions_mut().insert(body);
        next.run(request).await
    } else {
        context.refuse(Failure::RateLimitExceeded(verdict.limit))
    };
    for (name, value) in verdict.limit.headers() {
        let value = HeaderValue::try_from(value).expect("a number is a header value");
        response.headers_mut().insert(name, value);
    }
    response
}
