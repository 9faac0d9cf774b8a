//! The database: keys, connectors, and what was done to them.

mod admin;
mod connections;
mod disconnect;
mod error;
mod file;
mod postgres;
mod records;
mod schema;
mod session;
mod settings;
mod sqlite;

pub use admin::{AuditQuery, ConnectorQuery, KeyQuery, KeySelection, Replacement};
pub use disconnect::{Disconnect, DisconnectOutcome};
pub use error::{Result, StoreError};
pub use records::{AuditRow, Caller, ConnectorRow, KeyRow};
pub use settings::DatabaseSettings;

use crate::key::KeyHash;
use crate::metrics::DATABASE_CONNECTIONS;

/// While PostgreSQL writes one group to the disk, it can work on another.
const GROUPS_AT_ONCE: usize = 2;

/// The database. Both kinds behave the same.
#[derive(Clone, Debug)]
pub enum Store {
    /// A SQLite file, for one server process.
    Sqlite(sqlite::Sqlite),
    /// PostgreSQL, for any number of server processes.
    Postgres(postgres::Postgres),
}

macro_rules! forward {
    ($self:ident.$method:ident($($argument:expr),*)) => {
        match &$self {
            Store::Sqlite(store) => store.$method($($argument),*).await,
            Store::Postgres(store) => store.$method($($argument),*).await,
        }
    };
}

impl Store {
    /// Opens a database with the default settings.
    ///
    /// # Errors
    /// Those of [`Store::open_with`].
    pub async fn open(url: &str) -> Result<Self> {
        Self::open_with(url, &DatabaseSettings::default()).await
    }

    /// Opens the database that a URL names, `sqlite://…` or `postgres://…`, and brings its schema up to date. A missing
    /// SQLite file is created, and `sqlite::memory:` is a database that ends with the process.
    ///
    /// # Errors
    /// The URL is of neither kind, the database cannot be reached, or its schema is none that this program can use.
    pub async fn open_with(url: &str, settings: &DatabaseSettings) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => sqlite::Sqlite::open(url, settings).await.map(Self::Sqlite),
            Some("postgres" | "postgresql") => postgres::Postgres::open(url, settings).await.map(Self::Postgres),
            _ => Err(sqlx::Error::Configuration("a database URL starts with sqlite: or postgres:".into()).into()),
        }
    }

    /// The version of the database's schema, if a newer program made it and this one can use it.
    #[must_use]
    pub fn newer_schema(&self) -> Option<i64> {
        match self {
            Self::Sqlite(store) => store.newer_schema(),
            Self::Postgres(store) => store.newer_schema(),
        }
    }

    /// Tries what a disconnect needs: to commit a write, durably. It changes a row that is there for nothing else.
    ///
    /// # Errors
    /// A disconnect would fail as well.
    pub async fn try_write(&self) -> Result<()> {
        let store = self.clone();
        to_its_end(async move { forward!(store.try_write()) }).await
    }

    /// Who a key belongs to; `None` if it is unknown or revoked, or has expired at this time, in Unix milliseconds.
    ///
    /// # Errors
    /// The database failed.
    pub async fn caller(&self, hash: KeyHash, at: i64) -> Result<Option<Caller>> {
        let store = self.clone();
        to_its_end(async move { forward!(store.caller(hash, at)) }).await
    }

    /// Disconnects connectors, all in one transaction, and returns the outcome of each request. By then it is durable.
    ///
    /// # Errors
    /// The database failed, and it is unknown whether any of the requests took effect.
    pub async fn disconnect(&self, requests: &[Disconnect]) -> Result<Vec<DisconnectOutcome>> {
        match forward!(self.disconnect(requests)) {
            Err(error) if error.is_busy() => Ok(vec![DisconnectOutcome::Busy; requests.len()]),
            result => result,
        }
    }

    /// How many groups of requests are worth disconnecting at the same time.
    pub(crate) fn groups_at_once(&self) -> usize {
        match self {
            Self::Sqlite(_) => 1,
            Self::Postgres(_) => GROUPS_AT_ONCE,
        }
    }

    /// How many connections there may be.
    pub(crate) fn max_connections(&self) -> u32 {
        match self {
            Self::Sqlite(store) => store.max_connections(),
            Self::Postgres(store) => store.max_connections(),
        }
    }

    /// Records how many connections there are.
    pub(crate) fn record_connections(&self) {
        let connections = match self {
            Self::Sqlite(store) => store.connections(),
            Self::Postgres(store) => store.connections(),
        };
        metrics::gauge!(DATABASE_CONNECTIONS, "state" => "idle").set(connections.idle);
        metrics::gauge!(DATABASE_CONNECTIONS, "state" => "used").set(connections.used);
    }

    /// Closes the connections once they are idle.
    pub async fn close(&self) {
        forward!(self.close());
    }
}

/// Does something to its end even if nobody waits for it any more: a statement that is dropped costs its connection, and
/// anybody could cost as many as they like by going away.
async fn to_its_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    match tokio::spawn(work).await {
        Ok(result) => result,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is ending.
            Err(_) => Err(StoreError::TimedOut),
        },
    }
}
