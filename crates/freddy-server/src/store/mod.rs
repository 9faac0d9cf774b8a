//! The database: keys, connectors, and what was done to them.

mod admin;
mod disconnect;
mod error;
mod postgres;
mod records;
mod session;
mod sqlite;

use std::time::Duration;

pub use admin::{AuditQuery, ConnectorQuery, KeyQuery, KeySelection, Replacement};
pub use disconnect::{Disconnect, DisconnectOutcome};
pub use error::{Result, StoreError};
pub use records::{AuditRow, Caller, ConnectorRow, KeyRow};

use crate::key::KeyHash;

/// How long a request waits for a connection of the pool.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

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
    /// Opens the database that a URL names, `sqlite://…` or `postgres://…`, and brings its schema up to date. A missing
    /// SQLite file is created, and `sqlite::memory:` is a database that ends with the process.
    ///
    /// # Errors
    /// The URL is of neither kind, the database cannot be reached, or its schema was made by another program.
    pub async fn open(url: &str) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => sqlite::Sqlite::open(url, ACQUIRE_TIMEOUT).await.map(Self::Sqlite),
            Some("postgres" | "postgresql") => postgres::Postgres::open(url, ACQUIRE_TIMEOUT).await.map(Self::Postgres),
            _ => Err(sqlx::Error::Configuration("a database URL starts with sqlite: or postgres:".into()).into()),
        }
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ping(&self) -> Result<()> {
        forward!(self.ping())
    }

    /// Who a key belongs to; `None` if it is unknown or revoked, or has expired at this time, in Unix milliseconds.
    ///
    /// # Errors
    /// The database failed.
    pub async fn caller(&self, hash: KeyHash, at: i64) -> Result<Option<Caller>> {
        forward!(self.caller(hash, at))
    }

    /// Disconnects connectors, all in one transaction, and returns the outcome of each request. By then it is durable.
    ///
    /// # Errors
    /// The database failed, and it is unknown whether any of the requests took effect.
    pub async fn disconnect(&self, requests: &[Disconnect]) -> Result<Vec<DisconnectOutcome>> {
        forward!(self.disconnect(requests))
    }

    /// Closes the connections once they are idle.
    pub async fn close(&self) {
        forward!(self.close());
    }
}
