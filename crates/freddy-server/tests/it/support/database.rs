//! A database for one test, of either kind.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use freddy_server::key::NewKey;
use freddy_server::store::Store;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};
use tempfile::TempDir;

pub(crate) struct Database {
    url: String,
    location: Location,
}

enum Location {
    Folder {
        _folder: TempDir,
    },
    /// The PostgreSQL that the database is on, and its name there.
    Postgres {
        admin_url: String,
        name: String,
    },
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self { url, location: Location::Folder { _folder: folder } }
    }

    pub(crate) async fn postgres() -> Option<Self> {
        let admin_url = variable("FREDDY_TEST_POSTGRES_URL", "PostgreSQL")?;
        let name = format!("freddy_{}", &NewKey::generate().unwrap().reveal()[4..20]);
        let mut admin = PgConnection::connect(&admin_url).await.unwrap();
        sqlx::raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut admin).await.unwrap();
        let (server, _) = admin_url.rsplit_once('/').unwrap();
        Some(Self { url: format!("{server}/{name}"), location: Location::Postgres { admin_url, name } })
    }

    /// One of each kind that is available.
    pub(crate) async fn each() -> Vec<Self> {
        std::iter::once(Self::sqlite()).chain(Self::postgres().await).collect()
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// The file of a SQLite.
    pub(crate) fn file(&self) -> &Path {
        Path::new(self.url.strip_prefix("sqlite://").unwrap())
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    pub(crate) async fn execute(&self, sqlite: &'static str, postgres: &'static str) {
        match self.location {
            Location::Folder { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(sqlite).execute(&mut connection).await.unwrap();
            }
            Location::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql(postgres).execute(&mut connection).await.unwrap();
            }
        }
    }

    /// Adds connectors of alice's, all at once.
    pub(crate) async fn add_connectors(&self, ids: &[String]) {
        let sqlite = "INSERT INTO connectors (id, owner, created_at) SELECT value, 'alice', 0 FROM json_each(?)";
        let postgres = "INSERT INTO connectors (id, owner, created_at) SELECT id, 'alice', 0 FROM unnest($1) AS id";
        match self.location {
            Location::Folder { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                let ids = serde_json::to_string(ids).unwrap();
                sqlx::query(sqlite).bind(ids).execute(&mut connection).await.unwrap();
            }
            Location::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query(postgres).bind(ids).execute(&mut connection).await.unwrap();
            }
        }
    }

    /// Keeps everybody else from writing until the result is dropped.
    pub(crate) async fn lock(&self) -> Lock {
        self.lock_with("LOCK TABLE connectors").await
    }

    /// Keeps everybody else from what a statement locks, on PostgreSQL, until the result is dropped.
    pub(crate) async fn lock_with(&self, postgres: &'static str) -> Lock {
        match self.location {
            Location::Folder { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut connection).await.unwrap();
                Lock::Sqlite { _connection: connection }
            }
            Location::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::raw_sql("BEGIN").execute(&mut connection).await.unwrap();
                sqlx::raw_sql(postgres).execute(&mut connection).await.unwrap();
                Lock::Postgres { _connection: connection }
            }
        }
    }

    pub(crate) async fn texts(&self, statement: &str) -> Vec<String> {
        match self.location {
            Location::Folder { .. } => {
                let mut connection = SqliteConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(&mut connection).await.unwrap()
            }
            Location::Postgres { .. } => {
                let mut connection = PgConnection::connect(&self.url).await.unwrap();
                sqlx::query_scalar(AssertSqlSafe(statement)).fetch_all(&mut connection).await.unwrap()
            }
        }
    }

    /// Waits until the database has noticed that its clients are gone.
    pub(crate) async fn clients_are_gone(&self) {
        if let Location::Postgres { .. } = self.location {
            let others = "SELECT pid::text FROM pg_stat_activity \
                          WHERE datname = current_database() AND pid <> pg_backend_pid()";
            let started = Instant::now();
            while !self.texts(others).await.is_empty() {
                assert!(started.elapsed() < Duration::from_secs(60), "somebody is still connected");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }

    /// The disconnected connectors, as `ID by key`.
    pub(crate) async fn disconnected(&self) -> Vec<String> {
        let statement = "SELECT id || ' by ' || disconnected_by FROM connectors \
                         WHERE disconnected_at IS NOT NULL ORDER BY id";
        self.texts(statement).await
    }

    /// The rows of the audit, as `ID by key`.
    pub(crate) async fn audit(&self) -> Vec<String> {
        self.texts("SELECT connector_id || ' by ' || key_id FROM audit ORDER BY connector_id").await
    }
}

pub(crate) enum Lock {
    Sqlite { _connection: SqliteConnection },
    Postgres { _connection: PgConnection },
}

impl Drop for Database {
    fn drop(&mut self) {
        let Location::Postgres { admin_url, name } = &self.location else { return };
        let (admin_url, name) = (admin_url.clone(), name.clone());
        // A destructor cannot wait for its own runtime.
        let dropped = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut admin = PgConnection::connect(&admin_url).await.unwrap();
                let statement = format!("DROP DATABASE {name} WITH (FORCE)");
                sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut admin).await.unwrap();
            });
        });
        if dropped.join().is_err() && !std::thread::panicking() {
            panic!("a database of a test is left behind");
        }
    }
}

/// The Redis to count in, if one is available.
pub(crate) fn redis_url() -> Option<String> {
    variable("FREDDY_TEST_REDIS_URL", "Redis")
}

fn variable(name: &str, what: &str) -> Option<String> {
    static SAID: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

    let value = std::env::var(name).ok();
    if value.is_none() {
        let test = std::thread::current().name().unwrap_or_default().to_owned();
        let text = format!("skipped on {what}, which {name} does not name: {test}\n");
        // Once for each test, and straight to the stream, since the test harness hides what a passing test prints.
        if SAID.lock().unwrap().insert(text.clone()) {
            std::io::stderr().write_all(text.as_bytes()).unwrap();
        }
    }
    value
}
