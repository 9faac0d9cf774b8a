//! SQLite: one file, one writer, durable at every commit.

use std::str::FromStr;
use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::migrate::Migrator;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions as _, Connection as _, query, query_as, query_scalar, raw_sql};

use super::connections::Connections;
use super::disconnect::{Disconnect, DisconnectOutcome, Found, Plan, plan};
use super::error::Result;
use super::file::OpenFiles;
use super::records::Caller;
use super::schema::{Applied, Comparison, compare};
use super::session::Session;
use super::settings::DatabaseSettings;
use crate::key::KeyHash;

/// In WAL mode, readers do not wait for the writer, nor the writer for them.
const READERS: u32 = 4;

/// Between two tries to open a file that another process is preparing.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

#[derive(Clone, Debug)]
pub struct Sqlite {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
    files: OpenFiles,
    newer_schema: Option<i64>,
}

impl Sqlite {
    pub(super) async fn open(url: &str, settings: &DatabaseSettings) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit is on the disk when it returns.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(settings.lock_timeout)
            // What takes long is in the metrics; the text of a statement belongs in no log.
            .disable_statement_logging();
        let started = Instant::now();
        loop {
            match Self::open_once(&options, settings).await {
                // SQLite itself does not wait for a process that is switching a new file to its write-ahead log.
                Err(error) if error.is_busy() && started.elapsed() < settings.connect_timeout => {
                    tokio::time::sleep(RETRY_PAUSE).await;
                }
                result => return result,
            }
        }
    }

    async fn open_once(options: &SqliteConnectOptions, settings: &DatabaseSettings) -> Result<Self> {
        // A connection is not closed for its age: the last one would delete the log, or a database in memory.
        let pool =
            || SqlitePoolOptions::new().acquire_timeout(settings.connect_timeout).idle_timeout(None).max_lifetime(None);
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        let newer_schema = migrate(&mut *writer.acquire().await?).await?;
        // A writer that replaces one that failed must not start an empty database.
        writer.set_connect_options(options.clone().create_if_missing(false));
        let readers = pool().max_connections(READERS).connect_with(options.clone().read_only(true)).await?;
        let statement = "SELECT file || '-wal' FROM pragma_database_list WHERE name = 'main' AND file <> ''";
        let log: Option<String> = query_scalar(statement).fetch_optional(&readers).await?;
        let files = log.into_iter().flat_map(|log| [options.get_filename().to_owned(), log.into()]);
        Ok(Self { writer, readers, files: OpenFiles::at(files), newer_schema })
    }

    pub(super) fn newer_schema(&self) -> Option<i64> {
        self.newer_schema
    }

    pub(super) fn max_connections(&self) -> u32 {
        self.writer.options().get_max_connections() + self.readers.options().get_max_connections()
    }

    pub(super) fn connections(&self) -> Connections {
        [&self.writer, &self.readers].map(Connections::of).into_iter().sum()
    }

    pub(super) async fn try_write(&self) -> Result<()> {
        let mut session = Session::new(self.writer.acquire().await?);
        // As many pages as a disconnect may take, and never the same, since SQLite writes only what has changed.
        let statements = "BEGIN IMMEDIATE; \
                          UPDATE connectors SET owner = owner WHERE FALSE; \
                          INSERT INTO audit SELECT * FROM audit WHERE FALSE; \
                          UPDATE readiness SET content = randomblob(12000); \
                          COMMIT";
        raw_sql(statements).execute(&mut *session).await?;
        session.end();
        self.files.verify()
    }

    pub(super) async fn caller(&self, hash: KeyHash, at: i64) -> Result<Option<Caller>> {
        let statement = "SELECT id AS key_id, owner, expires_at FROM api_keys \
                         WHERE hash = ? AND revoked_at IS NULL AND COALESCE(expires_at > ?, TRUE)";
        Ok(query_as(statement).bind(&hash.0[..]).bind(at).fetch_optional(&self.readers).await?)
    }

    pub(super) async fn disconnect(&self, requests: &[Disconnect]) -> Result<Vec<DisconnectOutcome>> {
        // The number of statements does not depend on the number of requests.
        let asked: Vec<_> =
            requests.iter().map(|request| json!([request.key_id, request.connector_id, request.at])).collect();
        let mut session = Session::new(self.writer.acquire().await?);
        let mut transaction = session.begin_with("BEGIN IMMEDIATE").await?;
        let found: Vec<Found> = query_as(
            "SELECT k.id IS NOT NULL AND k.revoked_at IS NULL AND COALESCE(k.expires_at > r.value ->> 2, TRUE) \
                        AS key_valid, \
                    c.owner IS k.owner AS yours, c.disconnected_at IS NOT NULL AS disconnected \
             FROM json_each(?) AS r \
             LEFT JOIN api_keys AS k ON k.id = r.value ->> 0 \
             LEFT JOIN connectors AS c ON c.id = r.value ->> 1 \
             ORDER BY r.key",
        )
        .bind(serde_json::Value::from(asked).to_string())
        .fetch_all(&mut *transaction)
        .await?;
        let Plan { outcomes, changes } = plan(requests, &found);
        if !changes.is_empty() {
            let changes: Vec<_> = changes
                .iter()
                .map(|change| json!([change.connector_id, change.key_id, change.trace_id, change.at]))
                .collect();
            let changes = serde_json::Value::from(changes).to_string();
            query(
                "UPDATE connectors SET disconnected_at = r.value ->> 3, disconnected_by = r.value ->> 1 \
                 FROM json_each(?) AS r WHERE connectors.id = r.value ->> 0",
            )
            .bind(&changes)
            .execute(&mut *transaction)
            .await?;
            query(
                "INSERT INTO audit (connector_id, key_id, trace_id, at) \
                 SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?)",
            )
            .bind(&changes)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        session.end();
        // After the commit: it went into the files that were open.
        self.files.verify()?;
        Ok(outcomes)
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Brings the schema up to date, and returns its version if a newer program made it.
async fn migrate(connection: &mut SqliteConnection) -> Result<Option<i64>> {
    let Comparison { missing, newer } = installed(connection).await?;
    if missing.is_empty() {
        return Ok(newer);
    }
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    query(
        "CREATE TABLE IF NOT EXISTS _sqlx_migrations ( \
             version BIGINT PRIMARY KEY, description TEXT NOT NULL, \
             installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, \
             success BOOLEAN NOT NULL, checksum BLOB NOT NULL, execution_time BIGINT NOT NULL \
         )",
    )
    .execute(&mut *transaction)
    .await?;
    // Another process may have been faster.
    let Comparison { missing, newer } = installed(&mut transaction).await?;
    for migration in missing {
        raw_sql(migration.sql.clone()).execute(&mut *transaction).await?;
        query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
             VALUES (?, ?, TRUE, ?, -1)",
        )
        .bind(migration.version)
        .bind(&*migration.description)
        .bind(&*migration.checksum)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(newer)
}

async fn installed(connection: &mut SqliteConnection) -> Result<Comparison> {
    let exists = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = ?";
    let migrations: i64 = query_scalar(exists).bind("_sqlx_migrations").fetch_one(&mut *connection).await?;
    let compatibility: i64 = query_scalar(exists).bind("schema_compatibility").fetch_one(&mut *connection).await?;
    let applied: Vec<Applied> = if migrations > 0 {
        query_as("SELECT version, checksum FROM _sqlx_migrations").fetch_all(&mut *connection).await?
    } else {
        Vec::new()
    };
    let compatible_from: Option<i64> = if compatibility > 0 {
        query_scalar("SELECT max(compatible_from) FROM schema_compatibility").fetch_one(&mut *connection).await?
    } else {
        None
    };
    compare(&MIGRATOR, &applied, compatible_from)
}
