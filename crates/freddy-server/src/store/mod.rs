//! The database: who may do what, and what was done.

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
    /// The key it came with.
    pub key_id: i64,
    /// The connector.
    pub connector_id: ConnectorId,
    /// The request, for the audit.
    pub trace_id: TraceId,
    /// When it came, in Unix milliseconds.
    pub at: i64,
}

/// What became of a [`Disconnect`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The connector is disconnected, now or already.
    Disconnected,
    /// There is no such connector, or it is somebody else's.
    NotYours,
    /// The key has been revoked since it was looked up.
    KeyRevoked,
}

/// A connector, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct ConnectorRow {
    /// Its ID.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// When it was disconnected, in Unix milliseconds.
    pub disconnected_at: Option<i64>,
}

/// A database that could not do what it was asked. What the database said is for the log of an operator's own
/// command and for nothing that a caller sees.
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

/// How long a request waits for a connection to the database.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);

/// The database, of either kind: the same behaviour on both.
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
    /// Opens the database that a URL names, `sqlite://…` or `postgres://…`, and brings its schema up to date. A SQLite
    /// file that is not there is made.
    ///
    /// # Errors
    /// The URL is of neither kind, the database cannot be reached, or its schema is not one of this program's.
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

    /// Who a key belongs to; nobody, if it is unknown or revoked.
    ///
    /// # Errors
    /// The database failed.
    pub async fn caller(&self, hash: KeyHash) -> Result<Option<Caller>> {
        forward!(self.caller(hash))
    }

    /// Disconnects connectors, all in one transaction, and says for each what became of it. When it returns, what it says
    /// is durable.
    ///
    /// # Errors
    /// The database failed, and nothing is known of any of the requests.
    pub async fn disconnect(&self, requests: &[Disconnect]) -> Result<Vec<Outcome>> {
        forward!(self.disconnect(requests))
    }

    /// Adds a key and returns its number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_key(&self, owner: &str, hash: KeyHash, at: i64) -> Result<i64> {
        forward!(self.add_key(owner, hash, at))
    }

    /// Revokes a key, and says whether there was a valid one with this number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke_key(&self, key_id: i64, at: i64) -> Result<bool> {
        forward!(self.revoke_key(key_id, at))
    }

    /// Adds a connector, and says whether its ID was free.
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

    /// Closes the connections, after what they are doing is done.
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
    outcomes: Vec<Outcome>,
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
            Found { key_valid: false, .. } => Outcome::KeyRevoked,
            Found { yours: false, .. } => Outcome::NotYours,
            Found { disconnected, .. } => {
                if !disconnected && seen.insert(&request.connector_id) {
                    changes.push(request);
                }
                Outcome::Disconnected
            }
        })
        .collect();
    Plan { outcomes, changes }
}
