//! PostgreSQL, for any number of server processes at once.

use std::str::FromStr as _;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection, PgPool, PgPoolOptions};
use sqlx::{Connection as _, query, query_as};

use super::disconnect::{Disconnect, DisconnectOutcome, Found, Plan, plan};
use super::error::Result;
use super::records::Caller;
use crate::key::KeyHash;

const CONNECTIONS: u32 = 16;

#[derive(Clone, Debug)]
pub struct Postgres {
    pub(super) pool: PgPool,
}

impl Postgres {
    pub(super) async fn open(url: &str, acquire_timeout: Duration) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?;
        // A single connection reports at once why it fails. The pool would retry until it gives up without a reason.
        let mut connection = PgConnection::connect_with(&options).await?;
        sqlx::migrate!("migrations/postgres").run(&mut connection).await.map_err(sqlx::Error::from)?;
        connection.close().await?;
        let pool = PgPoolOptions::new().acquire_timeout(acquire_timeout).max_connections(CONNECTIONS);
        Ok(Self { pool: pool.connect_lazy_with(options) })
    }

    pub(super) async fn ping(&self) -> Result<()> {
        query("SELECT 1 FROM connectors LIMIT 1").execute(&self.pool).await?;
        Ok(())
    }

    pub(super) async fn caller(&self, hash: KeyHash, at: i64) -> Result<Option<Caller>> {
        let statement = "SELECT id AS key_id, owner, expires_at FROM api_keys \
                         WHERE hash = $1 AND revoked_at IS NULL AND COALESCE(expires_at > $2, TRUE)";
        Ok(query_as(statement).bind(&hash.0[..]).bind(at).fetch_optional(&self.pool).await?)
    }

    pub(super) async fn disconnect(&self, requests: &[Disconnect]) -> Result<Vec<DisconnectOutcome>> {
        let keys: Vec<i64> = requests.iter().map(|request| request.key_id).collect();
        let connectors: Vec<&str> = requests.iter().map(|request| request.connector_id.as_str()).collect();
        let times: Vec<i64> = requests.iter().map(|request| request.at).collect();
        let mut transaction = self.pool.begin().await?;
        // Every process locks rows in the same order, so that there is no deadlock. A key that is being revoked is
        // revoked either before this transaction or after it.
        query("SELECT 1 FROM api_keys WHERE id = ANY ($1) ORDER BY id FOR SHARE")
            .bind(&keys)
            .execute(&mut *transaction)
            .await?;
        query("SELECT 1 FROM connectors WHERE id = ANY ($1) ORDER BY id FOR UPDATE")
            .bind(&connectors)
            .execute(&mut *transaction)
            .await?;
        let found: Vec<Found> = query_as(
            "SELECT k.id IS NOT NULL AND k.revoked_at IS NULL AND COALESCE(k.expires_at > r.at, TRUE) AS key_valid, \
                    c.owner IS NOT DISTINCT FROM k.owner AS yours, c.disconnected_at IS NOT NULL AS disconnected \
             FROM unnest($1::bigint[], $2::text[], $3::bigint[]) WITH ORDINALITY AS r (key_id, connector_id, at, place) \
             LEFT JOIN api_keys AS k ON k.id = r.key_id \
             LEFT JOIN connectors AS c ON c.id = r.connector_id \
             ORDER BY r.place",
        )
        .bind(&keys)
        .bind(&connectors)
        .bind(&times)
        .fetch_all(&mut *transaction)
        .await?;
        let Plan { outcomes, changes } = plan(requests, &found);
        if !changes.is_empty() {
            query(
                "WITH changes AS ( \
                     SELECT * FROM unnest($1::text[], $2::bigint[], $3::text[], $4::bigint[]) \
                     AS r (connector_id, key_id, trace_id, at) \
                 ), disconnected AS ( \
                     UPDATE connectors SET disconnected_at = r.at, disconnected_by = r.key_id \
                     FROM changes AS r WHERE connectors.id = r.connector_id \
                 ) INSERT INTO audit (connector_id, key_id, trace_id, at) SELECT * FROM changes",
            )
            .bind(changes.iter().map(|change| change.connector_id.as_str()).collect::<Vec<_>>())
            .bind(changes.iter().map(|change| change.key_id).collect::<Vec<_>>())
            .bind(changes.iter().map(|change| change.trace_id.as_str()).collect::<Vec<_>>())
            .bind(changes.iter().map(|change| change.at).collect::<Vec<_>>())
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(outcomes)
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}
