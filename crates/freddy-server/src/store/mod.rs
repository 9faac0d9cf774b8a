//! The database: keys, connectors, and what was done to them.

mod postgres;
mod sqlite;

use std::time::Duration;

use freddy_types::{ConnectorId, TraceId};

use crate::key::KeyHash;

/// Who is calling: a key that was valid when it was looked up.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Caller {
    /// The key's number.
    pub key_id: i64,
    /// Whose key it is.
    pub owner: String,
}

/// A request to disconnect a connector.
#[derive(Clone, Debug)]
pub struct Disconnect {
    /// The key that it was made with.
    pub key_id: i64,
    /// The connector.
    pub connector_id: ConnectorId,
    /// The request, for the audit table.
    pub trace_id: TraceId,
    /// When it arrived, in Unix milliseconds.
    pub at: i64,
}

/// What became of a [`Disconnect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisconnectOutcome {
    /// The connector is disconnected, by this request or an earlier one.
    Disconnected,
    /// There is no such connector, or it is somebody else's.
    NotYours,
    /// The key has been revoked since it was looked up.
    KeyRevoked,
}

/// A connector, as an operator sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ConnectorRow {
    /// Its ID.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// When it was disconnected, in Unix milliseconds.
    pub disconnected_at: Option<i64>,
}

/// The database failed. What it said is shown to an operator who runs a command, and never to a caller of the API.
#[derive(Debug)]
pub struct StoreError(sqlx::Error);

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self(error)
    }
}

impl StoreError {
    /// What kind of failure it was, without anything that came from the database.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match &self.0 {
            sqlx::Error::PoolTimedOut => "pool timed out",
            sqlx::Error::PoolClosed => "pool closed",
            sqlx::Error::Io(_) => "connection failed",
            sqlx::Error::Tls(_) => "TLS failed",
            sqlx::Error::Protocol(_) => "protocol error",
            sqlx::Error::Database(_) => "statement failed",
            _ => "database error",
        }
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the database failed")
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.0)
    }
}

/// A result of the database.
pub type Result<T> = std::result::Result<T, StoreError>;

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
    /// SQLite file is created.
    ///
    /// # Errors
    /// The URL is of neither kind, the database cannot be reached, or its schema was made by another program.
    pub async fn open(url: &str) -> Result<Self> {
        match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => sqlite::Sqlite::open(url).await.map(Self::Sqlite),
            Some("postgres" | "postgresql") => postgres::Postgres::open(url).await.map(Self::Postgres),
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
        forward!(self.disconnect(requests))
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

/// What a transaction found of each request, before it changed anything.
#[derive(sqlx::FromRow)]
struct Found {
    key_valid: bool,
    yours: bool,
    disconnected: bool,
}

/// What a transaction has to do, and what to answer.
struct Plan<'a> {
    outcomes: Vec<DisconnectOutcome>,
    /// The first request of each connector that is to be disconnected.
    changes: Vec<&'a Disconnect>,
}

fn plan<'a>(requests: &'a [Disconnect], found: &[Found]) -> Plan<'a> {
    let mut changes: Vec<&Disconnect> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    let outcomes = requests
        .iter()
        .zip(found)
        .map(|(request, found)| match found {
            Found { key_valid: false, .. } => DisconnectOutcome::KeyRevoked,
            Found { yours: false, .. } => DisconnectOutcome::NotYours,
            Found { disconnected, .. } => {
                if !disconnected && seen.insert(&request.connector_id) {
                    changes.push(request);
                }
                DisconnectOutcome::Disconnected
            }
        })
        .collect();
    Plan { outcomes, changes }
}
