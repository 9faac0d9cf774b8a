//! SQLite: one file, one writer, durable at every commit.

use std::str::FromStr;
use std::time::Duration;

use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Connection as _, query, query_as};

use super::disconnect::{Disconnect, DisconnectOutcome, Found, Plan, plan};
use super::error::Result;
use super::records::Caller;
use super::session::Session;
use crate::key::KeyHash;

/// In WAL mode, readers do not wait for the writer, nor the writer for them.
const READERS: u32 = 4;

#[derive(Clone, Debug)]
pub struct Sqlite {
    pub(super) writer: SqlitePool,
    pub(super) readers: SqlitePool,
}

impl Sqlite {
    pub(super) async fn open(url: &str, acquire_timeout: Duration) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)?
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A commit is on the disk when it returns.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(acquire_timeout);
        let pool = || SqlitePoolOptions::new().acquire_timeout(acquire_timeout);
        let writer = pool().max_connections(1).connect_with(options.clone()).await?;
        sqlx::migrate!("migrations/sqlite").run(&writer).await.map_err(sqlx::Error::from)?;
        // A writer that replaces one that failed must not start an empty database.
        writer.set_connect_options(options.clone().create_if_missing(false));
        let readers = pool().max_connections(READERS).connect_with(options.read_only(true)).await?;
        Ok(Self { writer, readers })
    }

    pub(super) async fn ping(&self) -> Result<()> {
        query("SELECT 1 FROM connectors LIMIT 1").execute(&self.readers).await?;
        Ok(())
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
        let mut writer = Session::new(self.writer.acquire().await?);
        let mut transaction = writer.begin_with("BEGIN IMMEDIATE").await?;
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
        writer.end();
        Ok(outcomes)
    }

    pub(super) async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}
