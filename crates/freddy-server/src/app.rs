//! The parts of a server, put together.

use std::sync::Arc;

use tokio::task::JoinHandle;

use crate::api::personal_connectors::disconnect_connector;
use crate::batch_writer::{BatchWriter, WriterTimeouts};
use crate::http::api::Api;
use crate::http::docs::Docs;
use crate::http::health::Health;
use crate::http::routes::Endpoints;
use crate::http::service::Service;
use crate::http::turns::Turns;
use crate::key_cache::KeyCache;
use crate::limit::Limiter;
use crate::metrics;
use crate::readiness::Readiness;
use crate::settings::Settings;
use crate::store::Store;

/// A server that is put together, and takes endpoints.
#[derive(Debug)]
pub struct App {
    settings: Settings,
    store: Store,
    keys: KeyCache,
    limiter: Limiter,
    writer: BatchWriter,
}

impl App {
    /// Puts an app together. The task writes what the app disconnects, and when keys were used; it ends when the app, or the
    /// service that was made of it, is dropped.
    ///
    /// # Errors
    /// What the settings name as a Redis is not the URL of one. A Redis that does not answer is no error.
    pub async fn new(store: Store, settings: Settings) -> Result<(Self, JoinHandle<()>), redis::RedisError> {
        metrics::record_limits(&settings);
        let limiter = match &settings.redis_url {
            Some(url) => Limiter::shared(url, settings.quota()).await?,
            None => Limiter::local(settings.quota()),
        };
        let (keys, noting) = KeyCache::new(store.clone(), settings.key_cache);
        let noting = tokio::spawn(noting);
        if let Some(version) = store.newer_schema() {
            tracing::warn!(version, "a newer version of this program has migrated the database");
        }
        let timeouts = WriterTimeouts { group: settings.answer_within(), lock: settings.database().lock_timeout };
        let (writer, writing) = BatchWriter::start(store.clone(), timeouts);
        let writing = tokio::spawn(async move {
            for task in [writing, noting] {
                if let Some(panic) = task.await.err().and_then(|error| error.try_into_panic().ok()) {
                    std::panic::resume_unwind(panic);
                }
            }
        });
        Ok((Self { settings, store, keys, limiter, writer }, writing))
    }

    /// The API's endpoints, its documents, and the health checks.
    #[must_use]
    pub fn service(self) -> Service {
        self.service_with(|endpoints| endpoints)
    }

    /// The same with further endpoints beside those of the contract. `/docs` shows the contract's own document.
    ///
    /// # Panics
    /// Two endpoints have paths that differ in nothing but the names of parameters.
    #[must_use]
    pub fn service_with(self, others: impl FnOnce(Endpoints) -> Endpoints) -> Service {
        let Self { settings, store, keys, limiter, writer } = self;
        let endpoints = Endpoints::default().mount(move |context, caller, request| {
            let writer = writer.clone();
            async move { disconnect_connector(&writer, context, caller, request).await }
        });
        let turns = Arc::new(Turns::new(settings.max_concurrency.get(), settings.max_queue));
        let health = Health::new(Readiness::new(store), Arc::clone(&turns));
        let api = Api::new(&settings, turns, keys, limiter, others(endpoints));
        let docs = if settings.docs { Docs::new() } else { Docs::default() };
        Service::new(&settings, health, docs, api)
    }
}
