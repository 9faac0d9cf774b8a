//! The database: keys, connectors, and what was done to them.

mod disconnect;
mod error;
mod file;
mod postgres;
mod records;
mod schema;
mod session;
mod settings;
mod sqlite;

use freddy_types::ConnectorId;

pub use disconnect::{Disconnect, DisconnectOutcome};
pub use error::{Result, StoreError};
pub use records::{Caller, ConnectorRow};
pub use settings::DatabaseSettings;

use crate::key::KeyHash;

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
        match $self {
            Self::Sqlite(store) => store.$method($($argument),*).await,
            Self::Postgres(store) => store.$method($($argument),*).await,
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
        forward!(self.try_write())
    }

    /// Who a key belongs to; `None` if it is unknown or revoked.
    ///
    /// # Errors
    /// The database failed.
    pub async fn caller(&self, hash: KeyHash) -> Result<Option<Caller>> {
        forward!(self.caller(hash))
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

    /// Records how many connections there are.
    pub(crate) fn record_connections(&self) {
        let (all, idle) = match self {
            Self::Sqlite(store) => store.connections(),
            Self::Postgres(store) => store.connections(),
        };
        let idle = u32::try_from(idle).unwrap_or(all).min(all);
        metrics::gauge!("freddy_database_connections", "state" => "idle").set(idle);
        metrics::gauge!("freddy_database_connections", "state" => "used").set(all - idle);
    }

    /// Adds a key and returns its number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_key(&self, owner: &str, hash: KeyHash, at: i64) -> Result<i64> {
        forward!(self.add_key(owner, hash, at))
    }

    /// Revokes a key, and returns whether there was a valid one with this number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke_key(&self, key_id: i64, at: i64) -> Result<bool> {
        forward!(self.revoke_key(key_id, at))
    }

    /// Adds a connector, and returns whether its ID was free.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_connector(&self, id: &ConnectorId, owner: &str, at: i64) -> Result<bool> {
        forward!(self.add_connector(id, owner, at))
    }

    /// Every connector, by ID.
    ///
    /// # Errors
    /// The database failed.
    pub async fn connectors(&self) -> Result<Vec<ConnectorRow>> {
        forward!(self.connectors())
    }

    /// Closes the connections once they are idle.
    pub async fn close(&self) {
        forward!(self.close());
    }
}
