//! Endpoints as routes.

use axum::extract::Request;
use axum::routing::{MethodFilter, on};
use axum::{Extension, Router};
use freddy_types::{ApiError, Endpoint, Failure, IncomingRequest, InvalidRequest, SuccessResponse as _};

use super::authenticate::Identified;
use super::body::RequestBody;
use super::context::{Context, respond};
use crate::store::Caller;

/// The endpoints that are answered.
#[derive(Debug, Default)]
pub struct Endpoints(Router);

impl Endpoints {
    /// Routes an endpoint to the function that answers it. The endpoint defines its method, its path, how a request is
    /// read, and the status of the answer.
    ///
    /// The function is called with a request that is within its rate limit, and with a caller whose key was valid when it
    /// was looked up, at most [`Settings::key_cache`](crate::Settings::key_cache) ago. A function that changes something
    /// has to check the key again in the same transaction.
    ///
    /// # Panics
    /// Another endpoint has the same method and path, or axum cannot route the method.
    #[must_use]
    #[expect(clippy::expect_used, reason = "an endpoint that is not routed would be a 404 that nobody notices")]
    pub fn mount<E, H, F>(self, handler: H) -> Self
    where
        E: Endpoint,
        H: Fn(Context, Caller, E) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Result<E::Response, ApiError>> + Send,
    {
        let answer = async move |Extension(context): Extension<Context>,
                                 Extension(Identified(caller)): Extension<Identified>,
                                 Extension(RequestBody(body)): Extension<RequestBody>,
                                 request: Request| {
            let Some(caller) = caller else { return context.refuse(Failure::Unauthorized) };
            let decoded = E::decode(
                &IncomingRequest::new(request.uri().path())
                    .query(request.uri().query().unwrap_or_default())
                    .headers(request.headers())
                    .body(&body),
            );
            drop(request);
            let endpoint = match decoded {
                Ok(endpoint) => endpoint,
                Err(InvalidRequest::Faults(faults)) => return respond(context.invalid(&faults)),
                Err(_) => return context.refuse(Failure::ValidationError),
            };
            match handler(context, caller, endpoint).await {
                Ok(success) => respond(success.encode()),
                Err(error) => respond(error),
            }
        };
        let method = MethodFilter::try_from(axum::http::Method::from(E::METHOD));
        let method = method.expect("axum routes every method that an endpoint can have");
        Self(self.0.route(E::PATH.as_str(), on(method, answer)))
    }

    pub(crate) fn into_router(self) -> Router {
        self.0
    }
}
