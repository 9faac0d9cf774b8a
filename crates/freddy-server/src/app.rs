//! The routes.

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::{MethodFilter, get, on};
use axum::{Extension, Router};
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ApiError, Endpoint, Failure, IncomingRequest, InvalidRequest, NoContent, SuccessResponse as _};
use tokio::task::JoinHandle;

use crate::commit::Committer;
use crate::context::{Context, respond};
use crate::edge::{Admission, admit, edge};
use crate::gate::{Identified, Keys, RequestBody, gate};
use crate::limit::{Limiter, Local, Shared};
use crate::settings::Settings;
use crate::store::{Caller, Disconnect, Outcome, Store};

/// What the requests share.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    pub(crate) keys: Keys,
    pub(crate) limiter: Limiter,
    pub(crate) admission: Admission,
    pub(crate) committer: Committer,
}

impl App {
    /// Puts an app together. The task writes what the app disconnects; it ends when the last clone of the app is dropped.
    ///
    /// # Errors
    /// Redis is wanted and does not answer.
    pub async fn new(store: Store, settings: Settings) -> Result<(Self, JoinHandle<()>), redis::RedisError> {
        let limiter = match &settings.redis_url {
            Some(url) => Limiter::Shared(Shared::connect(url, settings.quota()).await?),
            None => Limiter::Local(Local::new(settings.quota())),
        };
        let (committer, writer) = Committer::start(store.clone(), settings.answer_within());
        let app = Self {
            keys: Keys::new(store.clone(), &settings),
            admission: Admission::new(settings.max_concurrency.get(), settings.max_queue),
            settings,
            store,
            limiter,
            committer,
        };
        Ok((app, writer))
    }

    /// The routes: the API's endpoints, its documents, and what an operator asks.
    pub fn router(self) -> Router {
        self.router_with(|endpoints| endpoints)
    }

    /// The routes, with other endpoints beside the contract's.
    pub fn router_with(self, others: impl FnOnce(Endpoints) -> Endpoints) -> Router {
        let committer = self.committer.clone();
        let endpoints = Endpoints(Router::new()).mount(move |context, caller, request| {
            let committer = committer.clone();
            async move { disconnect_connector(&committer, context, caller, request).await }
        });
        let Endpoints(api) = others(endpoints);
        let api = api
            .fallback(not_found)
            .method_not_allowed_fallback(method_not_allowed)
            .layer(from_fn_with_state(self.clone(), gate));
        let queued = Router::new()
            .route("/readyz", get(ready))
            .merge(crate::docs::routes())
            .method_not_allowed_fallback(method_not_allowed)
            .fallback_service(api.with_state(self.clone()))
            .layer(from_fn_with_state(self.clone(), admit));
        Router::new()
            // That a server is busy does not make it ill: who asks for its health does not queue.
            .route("/healthz", get(|| async { StatusCode::NO_CONTENT }))
            .method_not_allowed_fallback(method_not_allowed)
            .merge(queued)
            .layer(from_fn_with_state(self.clone(), edge))
            .with_state(self)
    }
}

/// The endpoints that are answered.
#[derive(Debug)]
pub struct Endpoints(Router<App>);

impl Endpoints {
    /// Routes an endpoint to the function that answers it. Method, path, parsing, statuses: all are the endpoint's.
    ///
    /// The function is called with a request that is within its rate limit, of a key that was valid when it was looked
    /// up, at most [`Settings::key_cache`] ago: what changes something checks it again where it is changed.
    #[must_use]
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
        // The contract's methods are the names that HTTP knows them by.
        let method = axum::http::Method::from(E::METHOD);
        match MethodFilter::try_from(method) {
            Ok(filter) => Self(self.0.route(E::PATH.as_str(), on(filter, answer))),
            Err(_) => self,
        }
    }
}

async fn disconnect_connector(
    committer: &Committer,
    context: Context,
    caller: Caller,
    request: DisconnectConnector,
) -> Result<NoContent, ApiError> {
    let disconnect = Disconnect {
        key_id: caller.key_id,
        connector_id: request.connector_id,
        trace_id: context.trace_id.clone(),
        at: context.now_millisecond(),
    };
    match committer.disconnect(disconnect).await {
        Ok(Outcome::Disconnected) => Ok(NoContent),
        Ok(Outcome::NotYours) => Err(context.error(Failure::Forbidden)),
        Ok(Outcome::KeyRevoked) => Err(context.error(Failure::Unauthorized)),
        Err(_) => Err(context.error(Failure::InternalServerError)),
    }
}

async fn ready(State(app): State<App>, Extension(context): Extension<Context>) -> Response {
    if app.store.ping().await.is_ok() { respond(NoContent) } else { context.refuse(Failure::ServiceUnavailable) }
}

async fn not_found(Extension(context): Extension<Context>) -> Response {
    context.refuse(Failure::NotFound)
}

async fn method_not_allowed(Extension(context): Extension<Context>) -> Response {
    context.refuse(Failure::MethodNotAllowed)
}
