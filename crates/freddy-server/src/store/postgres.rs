//! PostgreSQL, for any number of server processes at once.

use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::migrate::Migrator;
use sqlx::pool::PoolConnectionMetadata;
use sqlx::postgres::{PgArguments, PgConnectOptions, PgConnection, PgPool, PgPoolOptions, PgRow};
use sqlx::{
    Arguments as _, AssertSqlSafe, ConnectOptions as _, Connection as _, FromRow, Row as _, query, query_as,
    query_as_with, query_scalar, raw_sql,
};
use tokio::time::timeout;

use super::connections::Connections;
use super::disconnect::{Disconnect, DisconnectOutcome, Found};
use super::error::{Result, StoreError};
use super::records::Caller;
use super::schema::{Applied, Comparison, compare};
use super::session::Session;
use super::settings::DatabaseSettings;
use crate::key::KeyHash;

static MIGRATOR: Migrator = sqlx::migrate!("migrations/postgres");

/// Any number: it names the lock that a process holds while it migrates a database.
const MIGRATION_LOCK: i64 = 0x6672_6464_796d_6967;

/// How much longer than the server the client waits for a statement. What takes longer was lost on the way.
const TRANSPORT: Duration = Duration::from_secs(1);

/// A connection that was idle for this long is tried before it is used: a firewall may have forgotten it.
const TRIED_AFTER: Duration = Duration::from_secs(30);

/// Decides, does and records everything in one round trip, and in the transaction that one statement is.
///
/// No row is waited for. `found` is as of the start of the statement; what is to be changed is then locked, and a locked
/// row is read as it is now. What another transaction has locked, or has changed in between, is not in `done`, and its
/// request is to be tried again. A key that is locked cannot be revoked before this transaction is over.
///
/// The arrays keep the planner at the indexes, whatever it believes about the number of rows.
const DISCONNECT: &str = "\
    WITH request AS MATERIALIZED ( \
        SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::bigint[]) \
        WITH ORDINALITY AS r (key_id, connector_id, trace_id, at, place) \
    ), key AS MATERIALIZED ( \
        SELECT id, owner, revoked_at, expires_at FROM api_keys WHERE id = ANY ($1) \
    ), connector AS MATERIALIZED ( \
        SELECT id, owner, disconnected_at FROM connectors WHERE id = ANY ($2) \
    ), found AS MATERIALIZED ( \
        SELECT request.*, \
               key.id IS NOT NULL AND key.revoked_at IS NULL AND coalesce(key.expires_at > at, TRUE) AS key_valid, \
               coalesce(connector.owner = key.owner, FALSE) AS yours, \
               connector.disconnected_at IS NOT NULL AS disconnected \
        FROM request LEFT JOIN key ON key.id = key_id LEFT JOIN connector ON connector.id = connector_id \
    ), wanted AS MATERIALIZED ( \
        SELECT * FROM found WHERE key_valid AND yours AND NOT disconnected \
    ), locked_key AS MATERIALIZED ( \
        SELECT id, owner, expires_at FROM api_keys \
        WHERE id = ANY (ARRAY(SELECT key_id FROM wanted)) AND revoked_at IS NULL FOR SHARE SKIP LOCKED \
    ), locked_connector AS MATERIALIZED ( \
        SELECT id, owner FROM connectors \
        WHERE id = ANY (ARRAY(SELECT connector_id FROM wanted)) AND disconnected_at IS NULL \
        FOR NO KEY UPDATE SKIP LOCKED \
    ), done AS MATERIALIZED ( \
        SELECT wanted.* FROM wanted \
        JOIN locked_key AS k ON k.id = key_id JOIN locked_connector AS c ON c.id = connector_id AND c.owner = k.owner \
        WHERE coalesce(k.expires_at > at, TRUE) \
    ), change AS MATERIALIZED ( \
        SELECT DISTINCT ON (connector_id) connector_id, key_id, trace_id, at FROM done ORDER BY connector_id, place \
    ), disconnected AS ( \
        UPDATE connectors SET disconnected_at = change.at, disconnected_by = change.key_id \
        FROM change WHERE id = change.connector_id \
    ), audited AS ( \
        INSERT INTO audit (connector_id, key_id, trace_id, at) SELECT * FROM change \
    ) \
    SELECT found.key_valid, found.yours, found.disconnected OR done.place IS NOT NULL AS disconnected \
    FROM found LEFT JOIN done ON done.place = found.place ORDER BY found.place";

/// The arguments of a statement.
macro_rules! arguments {
    ($($value:expr),*) => {{
        #[allow(unused_mut, reason = "there may be none")]
        let mut arguments = PgArguments::default();
        $(arguments.add($value).map_err(sqlx::Error::Encode)?;)*
        arguments
    }};
}

#[derive(Clone, Debug)]
pub struct Postgres {
    pub(super) pool: PgPool,
    /// When a connection was last found to be lost. Older ones are not used again.
    lost_at: Arc<Mutex<Option<Instant>>>,
    /// How long the client waits for a statement.
    patience: Duration,
    /// How to begin a transaction, behind a pooler that gives each transaction another connection to the server. What a
    /// session would keep, such as its settings and prepared statements, is then to be in each transaction.
    begin: Option<Arc<str>>,
    newer_schema: Option<i64>,
}

impl Postgres {
    pub(super) async fn open(url: &str, settings: &DatabaseSettings) -> Result<Self> {
        // Poolers refuse a parameter that they do not know, and floating-point numbers are not used here.
        let options = PgConnectOptions::from_str(url)?.extra_float_digits(None).disable_statement_logging();
        // A single connection reports at once why it fails. The pool would retry until it gives up without a reason.
        let mut connection = connect(&options, settings).await?;
        let newer_schema = migrate(&mut connection).await?;
        connection.close().await?;

        let limits = [
            ("lock_timeout", settings.lock_timeout),
            ("statement_timeout", settings.statement_timeout),
            ("idle_in_transaction_session_timeout", settings.statement_timeout),
        ];
        let limits = limits.map(|(name, limit)| (name, limit.as_millis().to_string()));
        let with_limits = options.clone().options(limits.clone());
        let (options, begin) = if keeps_options(&options, settings).await? {
            (with_limits, None)
        } else {
            let limits = limits.map(|(name, limit)| format!("; SET LOCAL {name} = {limit}"));
            (options, Some(format!("BEGIN{}", limits.concat()).into()))
        };
        let lost_at = Arc::default();
        let pool = PgPoolOptions::new()
            .acquire_timeout(settings.connect_timeout)
            .max_connections(settings.pool_size.get())
            // A round trip for each use would be too dear.
            .test_before_acquire(false)
            .before_acquire(is_usable(Arc::clone(&lost_at)))
            .connect_lazy_with(options);
        let patience = settings.statement_timeout.saturating_add(TRANSPORT);
        Ok(Self { pool, lost_at, patience, begin, newer_schema })
    }

    pub(super) fn newer_schema(&self) -> Option<i64> {
        self.newer_schema
    }

    pub(super) fn max_connections(&self) -> u32 {
        self.pool.options().get_max_connections()
    }

    pub(super) fn connections(&self) -> Connections {
        Connections::of(&self.pool)
    }

    /// The rows that a statement returns. By then it is committed.
    ///
    /// A statement that may be repeated is tried once more if the connection is lost, which happens to every connection
    /// when the database is restarted or another server takes over.
    async fn repeatable<T>(&self, statement: &'static str, arguments: PgArguments) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        match self.once(statement, arguments.clone()).await {
            Err(error) if error.is_lost_connection() => self.once(statement, arguments).await,
            result => result,
        }
    }

    /// The rows that a statement returns. By then it is committed.
    async fn once<T>(&self, statement: &'static str, arguments: PgArguments) -> Result<Vec<T>>
    where
        T: for<'r> FromRow<'r, PgRow> + Send + Unpin,
    {
        let mut session = Session::new(self.pool.acquire().await?);
        let run = async {
            if let Some(begin) = &self.begin {
                raw_sql(AssertSqlSafe(&**begin)).execute(&mut *session).await?;
            }
            let persistent = self.begin.is_none();
            // It reads on until the server is ready for the next statement, and only then is this one committed.
            let rows = query_as_with(statement, arguments).persistent(persistent).fetch_all(&mut *session).await?;
            if self.begin.is_some() {
                raw_sql("COMMIT").execute(&mut *session).await?;
            }
            Ok(rows)
        };
        let result = timeout(self.patience, run).await.unwrap_or(Err(StoreError::TimedOut));
        match &result {
            Ok(_) => session.end(),
            Err(error) if error.is_lost_connection() => {
                *self.lost_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
            }
            Err(_) => {}
        }
        result
    }

    pub(super) async fn try_write(&self) -> Result<()> {
        let statement = "WITH connector AS (UPDATE connectors SET owner = owner WHERE FALSE), \
                              audited AS (INSERT INTO audit SELECT * FROM audit WHERE FALSE) \
                         UPDATE readiness SET tries = tries + 1";
        self.repeatable::<()>(statement, arguments![]).await.map(drop)
    }

    pub(super) async fn caller(&self, hash: KeyHash, at: i64) -> Result<Option<Caller>> {
        let statement = "SELECT id AS key_id, owner, expires_at FROM api_keys \
                         WHERE hash = $1 AND revoked_at IS NULL AND COALESCE(expires_at > $2, TRUE)";
        Ok(self.repeatable(statement, arguments![&hash.0[..], at]).await?.pop())
    }

    pub(super) async fn disconnect(&self, requests: &[Disconnect]) -> Result<Vec<DisconnectOutcome>> {
        let arguments = arguments![
            requests.iter().map(|request| request.key_id).collect::<Vec<_>>(),
            requests.iter().map(|request| request.connector_id.as_str()).collect::<Vec<_>>(),
            requests.iter().map(|request| request.trace_id.as_str()).collect::<Vec<_>>(),
            requests.iter().map(|request| request.at).collect::<Vec<_>>()
        ];
        let found: Vec<Found> = self.repeatable(DISCONNECT, arguments).await?;
        let outcomes = found.iter().map(|found| {
            let allowed = if found.disconnected { DisconnectOutcome::Disconnected } else { DisconnectOutcome::Busy };
            found.refusal().unwrap_or(allowed)
        });
        Ok(outcomes.collect())
    }

    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

async fn connect(options: &PgConnectOptions, settings: &DatabaseSettings) -> Result<PgConnection> {
    let connected = timeout(settings.connect_timeout, PgConnection::connect_with(options)).await;
    Ok(connected.map_err(|_| StoreError::TimedOut)??)
}

/// Whether a setting in the options is in effect. A pooler, which shares connections to the server between its clients,
/// refuses it or leaves it out.
async fn keeps_options(options: &PgConnectOptions, settings: &DatabaseSettings) -> Result<bool> {
    const UNSUPPORTED_PARAMETER: &str = "08P01";
    // In milliseconds. Nobody else has set it to this.
    const PROBE: &str = "86400123";

    let options = options.clone().options([("lock_timeout", PROBE)]);
    let mut connection = match connect(&options, settings).await {
        Err(StoreError::Database(sqlx::Error::Database(error)))
            if error.code().as_deref() == Some(UNSUPPORTED_PARAMETER) =>
        {
            return Ok(false);
        }
        connection => connection?,
    };
    let statement = "SELECT setting FROM pg_settings WHERE name = 'lock_timeout'";
    let setting: String = raw_sql(statement).fetch_one(&mut connection).await?.try_get(0)?;
    connection.close().await?;
    Ok(setting == PROBE)
}

/// Whether a connection of the pool may be used.
fn is_usable(
    lost_at: Arc<Mutex<Option<Instant>>>,
) -> impl for<'c> Fn(&'c mut PgConnection, PoolConnectionMetadata) -> futures_util::future::BoxFuture<'c, sqlx::Result<bool>>
+ Send
+ Sync
+ 'static {
    move |connection, metadata| {
        let lost_at = *lost_at.lock().unwrap_or_else(PoisonError::into_inner);
        let is_newer = lost_at.is_none_or(|lost_at| lost_at.elapsed() > metadata.age);
        Box::pin(async move {
            let is_fresh = metadata.idle_for < TRIED_AFTER;
            Ok(is_newer && (is_fresh || matches!(timeout(TRANSPORT, connection.ping()).await, Ok(Ok(())))))
        })
    }
}

/// Brings the schema up to date, and returns its version if a newer program made it. All of it is in one transaction, and
/// no statement is left prepared, so that it works behind a pooler.
async fn migrate(connection: &mut PgConnection) -> Result<Option<i64>> {
    let mut transaction = connection.begin().await?;
    let Comparison { missing, newer } = installed(&mut transaction).await?;
    if missing.is_empty() {
        return Ok(newer);
    }
    query("SELECT pg_advisory_xact_lock($1)").bind(MIGRATION_LOCK).persistent(false).execute(&mut *transaction).await?;
    raw_sql(
        "CREATE TABLE IF NOT EXISTS _sqlx_migrations ( \
             version BIGINT PRIMARY KEY, description TEXT NOT NULL, installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), \
             success BOOLEAN NOT NULL, checksum BYTEA NOT NULL, execution_time BIGINT NOT NULL \
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
             VALUES ($1, $2, TRUE, $3, -1)",
        )
        .bind(migration.version)
        .bind(&*migration.description)
        .bind(&*migration.checksum)
        .persistent(false)
        .execute(&mut *transaction)
        .await?;
    }
    transaction.commit().await?;
    Ok(newer)
}

async fn installed(connection: &mut PgConnection) -> Result<Comparison> {
    let exists = "SELECT to_regclass('_sqlx_migrations') IS NOT NULL, to_regclass('schema_compatibility') IS NOT NULL";
    let (migrations, compatibility): (bool, bool) =
        query_as(exists).persistent(false).fetch_one(&mut *connection).await?;
    let applied: Vec<Applied> = if migrations {
        query_as("SELECT version, checksum FROM _sqlx_migrations").persistent(false).fetch_all(&mut *connection).await?
    } else {
        Vec::new()
    };
    let compatible_from: Option<i64> = if compatibility {
        let statement = "SELECT max(compatible_from) FROM schema_compatibility";
        query_scalar(statement).persistent(false).fetch_one(&mut *connection).await?
    } else {
        None
    };
    compare(&MIGRATOR, &applied, compatible_from)
}
