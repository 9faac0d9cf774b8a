//! The routes.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::response::Response;
use axum::routing::get;
use axum::{Extension, Router};
use freddy_types::{Failure, NoContent};
use tokio::task::JoinHandle;

use crate::api::personal_connectors::disconnect_connector;
use crate::batch_writer::{BatchWriter, WriterTimeouts};
use crate::http::authenticate::{Authenticator, authenticate};
use crate::http::concurrency_limit::{ConcurrencyLimit, limit_concurrency};
use crate::http::context::{Context, respond};
use crate::http::docs;
use crate::http::endpoints::Endpoints;
use crate::http::request_context::{RequestSettings, request_context};
use crate::key_cache::KeyCache;
use crate::limit::{Limiter, Local, Shared};
use crate::readiness::Readiness;
use crate::settings::Settings;
use crate::store::Store;

/// What all requests share.
#[derive(Clone, Debug)]
pub struct App {
    request_settings: RequestSettings,
    // Shared, since every connection has its own copy of each layer.
    concurrency_limit: Arc<ConcurrencyLimit>,
    authenticator: Arc<Authenticator>,
    readiness: Arc<Readiness>,
    writer: BatchWriter,
}

impl App {
    /// Puts an app together. The task writes what the app disconnects; it ends when the last clone of the app is dropped.
    ///
    /// # Errors
    /// The settings name a Redis, and it does not answer.
    pub async fn new(store: Store, settings: Settings) -> Result<(Self, JoinHandle<()>), redis::RedisError> {
        let limiter = match &settings.redis_url {
            Some(url) => Limiter::Shared(Shared::connect(url, settings.quota()).await?),
            None => Limiter::Local(Local::new(settings.quota())),
        };
        let keys = KeyCache::new(store.clone(), settings.key_cache);
        if let Some(version) = store.newer_schema() {
            tracing::warn!(version, "a newer version of this program has migrated the database");
        }
        let timeouts = WriterTimeouts { group: settings.answer_within(), lock: settings.database().lock_timeout };
        let (writer, writing) = BatchWriter::start(store.clone(), timeouts);
        let app = Self {
            request_settings: RequestSettings::new(&settings),
            concurrency_limit: Arc::new(ConcurrencyLimit::new(settings.max_concurrency.get(), settings.max_queue)),
            authenticator: Arc::new(Authenticator::new(keys, limiter, &settings)),
            readiness: Arc::new(Readiness::new(store)),
            writer,
        };
        Ok((app, writing))
    }

    /// The routes: the API's endpoints, its documents, and the health checks.
    pub fn router(self) -> Router {
        self.router_with(|endpoints| endpoints)
    }

    /// The routes, with further endpoints beside those of the contract. `/docs` shows the contract's own document.
    ///
    /// # Panics
    /// An endpoint has the path of the documents or of a health check.
    pub fn router_with(self, others: impl FnOnce(Endpoints) -> Endpoints) -> Router {
        let writer = self.writer;
        let endpoints = Endpoints::default().mount(move |context, caller, request| {
            let writer = writer.clone();
            async move { disconnect_connector(&writer, context, caller, request).await }
        });
        let api = others(endpoints)
            .into_router()
            .fallback(not_found)
            .method_not_allowed_fallback(method_not_allowed)
            .layer(from_fn_with_state(self.authenticator, authenticate));
        let queued = Router::new()
            .route("/readyz", get(ready))
            .with_state(self.readiness)
            .merge(docs::routes())
            .method_not_allowed_fallback(method_not_allowed)
            // Not as the service of its fallback: the outermost layer would not see which route was matched.
            .merge(api)
            .layer(from_fn_with_state(self.concurrency_limit, limit_concurrency));
        Router::new()
            // It does not queue: a busy server is healthy, and must not be restarted.
            .route("/healthz", get(|| async { StatusCode::NO_CONTENT }))
            .method_not_allowed_fallback(method_not_allowed)
            .merge(queued)
            .layer(from_fn_with_state(self.request_settings, request_context))
    }
}

async fn ready(State(readiness): State<Arc<Readiness>>, Extension(context): Extension<Context>) -> Response {
    if readiness.is_ready().await { respond(NoContent) } else { context.refuse(Failure::ServiceUnavailable) }
}

async fn not_found(Extension(context): Extension<Context>) -> Response {
    context.refuse(Failure::NotFound)
}

async fn method_not_allowed(Extension(context): Extension<Context>) -> Response {
    context.refuse(Failure::MethodNotAllowed)
}
