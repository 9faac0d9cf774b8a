//! Databases with one key and many connectors.

use std::sync::atomic::{AtomicUsize, Ordering};

use freddy_server::key::NewKey;
use freddy_server::store::Store;
use freddy_types::headers;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, raw_sql};

use crate::load::{path_of, request};

pub(crate) const LARGE: usize = 1_000_000;
pub(crate) const SMALL: usize = 1_000;

/// The number of the first key in a database.
pub(crate) const KEY_ID: i64 = 1;

/// The connectors that are somebody else's.
const OF_SOMEBODY_ELSE: usize = 1_000;

/// Coprime to the numbers of connectors, so that steps of it visit each of them once, here and there.
const STEP: usize = 7_919;

/// Which connectors are disconnected one after the other.
#[derive(Clone, Copy)]
pub(crate) enum Order {
    /// Those whose IDs are next to each other. A page of the database has many of them.
    Neighbours,
    /// Those that are far apart, as with random IDs. Each is in a page of its own.
    FarApart,
}

/// On PostgreSQL. It is removed afterwards, or else by the next run.
const NAME: &str = "freddy_speed";

pub(crate) struct Database {
    pub(crate) url: String,
    key: NewKey,
    connectors: usize,
    next: AtomicUsize,
    location: Location,
}

enum Location {
    Sqlite { _folder: tempfile::TempDir },
    Postgres { admin_url: String },
}

impl Database {
    pub(crate) async fn sqlite(connectors: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("speed.db").display());
        let database = Self::new(url, connectors, Location::Sqlite { _folder: folder }).await;
        let mut connection = SqliteConnection::connect(&database.url).await.unwrap();
        let numbers = |count| {
            format!(
                "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) SELECT i FROM n"
            )
        };
        raw_sql(AssertSqlSafe(database.fill(numbers))).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        database
    }

    pub(crate) async fn postgres(admin_url: &str, connectors: usize) -> Self {
        remove(admin_url).await;
        let mut admin = PgConnection::connect(admin_url).await.unwrap();
        raw_sql(AssertSqlSafe(format!("CREATE DATABASE {NAME}"))).execute(&mut admin).await.unwrap();
        let (server, _) = admin_url.rsplit_once('/').unwrap();
        let location = Location::Postgres { admin_url: admin_url.to_owned() };
        let database = Self::new(format!("{server}/{NAME}"), connectors, location).await;
        let mut connection = PgConnection::connect(&database.url).await.unwrap();
        let fill = database.fill(|count| format!("SELECT generate_series(0, {count} - 1) AS i"));
        raw_sql(AssertSqlSafe(fill)).execute(&mut connection).await.unwrap();
        // Or the server does it in the middle of a round.
        raw_sql("VACUUM ANALYZE connectors").execute(&mut connection).await.unwrap();
        raw_sql("CHECKPOINT").execute(&mut connection).await.unwrap();
        database
    }

    async fn new(url: String, connectors: usize, location: Location) -> Self {
        let store = Store::open(&url).await.unwrap();
        let key = NewKey::generate().unwrap();
        assert_eq!(store.add_key("alice", key.hash(), 0).await.unwrap(), KEY_ID);
        store.close().await;
        Self { url, key, connectors, next: AtomicUsize::new(0), location }
    }

    /// The statement that adds the connectors.
    fn fill(&self, numbers: impl Fn(usize) -> String) -> String {
        let rows = |prefix, owner, count| {
            format!(
                "INSERT INTO connectors (id, owner, created_at) \
                 SELECT '{prefix}' || i, '{owner}', 0 FROM ({}) AS numbers;",
                numbers(count)
            )
        };
        rows("pcon_", "alice", self.connectors) + &rows("pcon_b", "bob", OF_SOMEBODY_ELSE)
    }

    fn next_number(&self) -> usize {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// The ID of a connector that is still connected. Each order has a half of the connectors.
    pub(crate) fn next_id(&self, order: Order) -> String {
        let (number, half) = (self.next_number(), self.connectors / 2);
        assert!(number < half, "all connectors are disconnected");
        let number = match order {
            Order::Neighbours => number,
            Order::FarApart => half + number * STEP % half,
        };
        format!("pcon_{number}")
    }

    /// A request to disconnect a connector that is still connected.
    pub(crate) fn next(&self, order: Order) -> String {
        self.request(&self.next_id(order))
    }

    pub(crate) fn next_of_somebody_else(&self) -> String {
        self.request(&format!("pcon_b{}", self.next_number() % OF_SOMEBODY_ELSE))
    }

    /// A request with the key.
    pub(crate) fn request(&self, id: &str) -> String {
        request(&path_of(id), &format!("{}: {}\r\n", headers::X_API_KEY, self.key.reveal()))
    }

    pub(crate) async fn remove(self) {
        if let Location::Postgres { admin_url } = &self.location {
            remove(admin_url).await;
        }
    }
}

async fn remove(admin_url: &str) {
    let mut admin = PgConnection::connect(admin_url).await.unwrap();
    let drop = format!("DROP DATABASE IF EXISTS {NAME} WITH (FORCE)");
    raw_sql(AssertSqlSafe(drop)).execute(&mut admin).await.unwrap();
}
