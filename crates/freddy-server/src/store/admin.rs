//! What an operator asks for and changes. Every statement is in the SQL that both databases have in common.

use std::path::Path;
use std::str::FromStr as _;

use freddy_types::ConnectorId;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{Connection as _, QueryBuilder, query, query_as, query_scalar};

use super::Store;
use super::error::Result;
use super::records::{AuditRow, ConnectorRow, KeyRow};
use super::session::Session;
use crate::key::KeyHash;

/// Which keys to list.
#[derive(Clone, Copy, Debug)]
pub struct KeyQuery<'a> {
    /// Only this owner's.
    pub owner: Option<&'a str>,
    /// Only those that are valid at this time, in Unix milliseconds.
    pub valid_at: Option<i64>,
    /// Only those with a number above this one.
    pub after: Option<i64>,
    /// At most this many.
    pub limit: u32,
}

/// Which connectors to list.
#[derive(Clone, Copy, Debug)]
pub struct ConnectorQuery<'a> {
    /// Only this owner's.
    pub owner: Option<&'a str>,
    /// Only those that are disconnected, or only those that are not.
    pub disconnected: Option<bool>,
    /// Only those with an ID above this one.
    pub after: Option<&'a ConnectorId>,
    /// At most this many.
    pub limit: u32,
}

/// Which rows of the audit to list.
#[derive(Clone, Copy, Debug)]
pub struct AuditQuery<'a> {
    /// Only what was done with this key.
    pub key_id: Option<i64>,
    /// Only what was done to this connector.
    pub connector_id: Option<&'a ConnectorId>,
    /// Only what was done at this time or later, in Unix milliseconds.
    pub since: Option<i64>,
    /// Only what comes after the row of this connector, which is what was done before it.
    pub after: Option<&'a ConnectorId>,
    /// At most this many.
    pub limit: u32,
}

/// Which keys to revoke.
#[derive(Clone, Copy, Debug)]
pub enum KeySelection<'a> {
    /// Those with these numbers.
    Numbers(&'a [i64]),
    /// All of an owner.
    Owner(&'a str),
}

/// A key that takes the place of another, which goes on being valid for a while.
#[derive(Clone, Debug)]
pub struct Replacement {
    /// The number of the key that is replaced.
    pub old: i64,
    /// From when on the old key is not valid, in Unix milliseconds.
    pub old_expires_at: i64,
    /// The hash of the new key.
    pub hash: KeyHash,
    /// The time of the change, in Unix milliseconds.
    pub at: i64,
    /// From when on the new key is not valid, in Unix milliseconds.
    pub expires_at: Option<i64>,
}

const INSERT_KEY: &str =
    "INSERT INTO api_keys (owner, hash, created_at, expires_at) VALUES ($1, $2, $3, $4) RETURNING id";

/// Runs the same code in a transaction of either database. Statements are not kept prepared: a pooler in front of PostgreSQL
/// may run the next transaction elsewhere.
macro_rules! in_transaction {
    ($store:expr, $sqlite_pool:ident, |$transaction:ident| $run:expr) => {
        match $store {
            Store::Sqlite(store) => in_transaction!(store.$sqlite_pool, |$transaction| $run),
            Store::Postgres(store) => in_transaction!(store.pool, |$transaction| $run),
        }
    };
    ($pool:expr, |$transaction:ident| $run:expr) => {{
        let mut session = Session::new($pool.acquire().await?);
        let mut $transaction = session.begin().await?;
        let result = $run;
        $transaction.commit().await?;
        session.end();
        Ok(result)
    }};
}

impl Store {
    /// Opens a database as [`Store::open`] does, except that it makes none: `None` if there is no database yet, or none
    /// that this program has made.
    ///
    /// # Errors
    /// Those of [`Store::open`].
    pub async fn open_existing(url: &str) -> Result<Option<Self>> {
        let has_keys = match url.split_once(':').map(|(scheme, _)| scheme) {
            Some("sqlite") => {
                let options = SqliteConnectOptions::from_str(url)?.create_if_missing(false);
                if !Path::new(options.get_filename()).exists() {
                    return Ok(None);
                }
                let mut connection = SqliteConnection::connect_with(&options).await?;
                let found =
                    query("SELECT 1 FROM sqlite_schema WHERE name = 'api_keys'").fetch_optional(&mut connection);
                let found = found.await?.is_some();
                connection.close().await?;
                found
            }
            Some("postgres" | "postgresql") => {
                let options = PgConnectOptions::from_str(url)?;
                // Poolers refuse a parameter that they do not know.
                let options = options.extra_float_digits(None);
                let mut connection = PgConnection::connect_with(&options).await?;
                // Without a prepared statement, which a pooler between may not know later.
                let found = sqlx::raw_sql("SELECT 1 WHERE to_regclass('api_keys') IS NOT NULL");
                let found = found.fetch_optional(&mut connection).await?.is_some();
                connection.close().await?;
                found
            }
            // It says what is wrong with the URL.
            _ => true,
        };
        if has_keys { Self::open(url).await.map(Some) } else { Ok(None) }
    }

    /// Adds a key that is valid until a time, or for ever, and returns its number. Times are Unix milliseconds.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_key_until(&self, owner: &str, hash: KeyHash, at: i64, expires_at: Option<i64>) -> Result<i64> {
        in_transaction!(self, writer, |transaction| {
            let insert = query_scalar(INSERT_KEY).bind(owner).bind(&hash.0[..]).bind(at).bind(expires_at);
            insert.persistent(false).fetch_one(&mut *transaction).await?
        })
    }

    /// Adds a key that does not expire, and returns its number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_key(&self, owner: &str, hash: KeyHash, at: i64) -> Result<i64> {
        self.add_key_until(owner, hash, at, None).await
    }

    /// A page of keys, by number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn keys(&self, keys: KeyQuery<'_>) -> Result<Vec<KeyRow>> {
        in_transaction!(self, readers, |transaction| {
            let mut select = QueryBuilder::new(
                "SELECT k.id, k.owner, k.created_at, k.expires_at, k.revoked_at, k.replaced_by, u.at AS last_used_at \
                 FROM api_keys AS k LEFT JOIN key_uses AS u ON u.key_id = k.id WHERE k.id > ",
            );
            select.push_bind(keys.after.unwrap_or(i64::MIN));
            if let Some(owner) = keys.owner {
                select.push(" AND k.owner = ").push_bind(owner);
            }
            if let Some(at) = keys.valid_at {
                select.push(" AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > ");
                select.push_bind(at).push(")");
            }
            select.push(" ORDER BY k.id LIMIT ").push_bind(i64::from(keys.limit));
            select.build_query_as().persistent(false).fetch_all(&mut *transaction).await?
        })
    }

    /// The key with this number.
    ///
    /// # Errors
    /// The database failed.
    pub async fn key(&self, id: i64) -> Result<Option<KeyRow>> {
        let Some(before) = id.checked_sub(1) else { return Ok(None) };
        let found = self.keys(KeyQuery { owner: None, valid_at: None, after: Some(before), limit: 1 }).await?;
        Ok(found.into_iter().find(|key| key.id == id))
    }

    /// Adds a key for the owner of another and sets when that one expires, in one transaction, and returns the new key's
    /// number; `None` if the old key is unknown, revoked, expired or replaced already.
    ///
    /// # Errors
    /// The database failed.
    pub async fn replace_key(&self, replacement: &Replacement) -> Result<Option<i64>> {
        let Replacement { old, old_expires_at, hash, at, expires_at } = replacement;
        in_transaction!(self, writer, |transaction| {
            // It writes first, so that nobody else changes the key until the end of the transaction.
            let update = query_scalar(
                "UPDATE api_keys SET expires_at = $1 WHERE id = $2 AND revoked_at IS NULL AND replaced_by IS NULL \
                 AND (expires_at IS NULL OR expires_at > $3) RETURNING owner",
            );
            let update = update.bind(old_expires_at).bind(old).bind(at);
            let Some(owner) = update.persistent(false).fetch_optional(&mut *transaction).await? else {
                return Ok(None);
            };
            let owner: String = owner;
            let insert = query_scalar(INSERT_KEY).bind(owner).bind(&hash.0[..]).bind(at).bind(expires_at);
            let number: i64 = insert.persistent(false).fetch_one(&mut *transaction).await?;
            let link = query("UPDATE api_keys SET replaced_by = $1 WHERE id = $2").bind(number).bind(old);
            link.persistent(false).execute(&mut *transaction).await?;
            Some(number)
        })
    }

    /// Revokes keys, and returns the numbers of those that were not revoked yet, in order. With `dry_run` it only finds
    /// them.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke_keys(&self, keys: KeySelection<'_>, at: i64, dry_run: bool) -> Result<Vec<i64>> {
        if matches!(keys, KeySelection::Numbers([])) {
            return Ok(Vec::new());
        }
        in_transaction!(self, writer, |transaction| {
            let mut statement = QueryBuilder::new("");
            if dry_run {
                statement.push("SELECT id FROM api_keys");
            } else {
                statement.push("UPDATE api_keys SET revoked_at = ").push_bind(at);
            }
            statement.push(" WHERE revoked_at IS NULL AND ");
            match keys {
                KeySelection::Owner(owner) => statement.push("owner = ").push_bind(owner),
                KeySelection::Numbers(numbers) => {
                    let mut list = statement.push("id IN (").separated(", ");
                    for number in numbers {
                        list.push_bind(number);
                    }
                    statement.push(")")
                }
            };
            if !dry_run {
                statement.push(" RETURNING id");
            }
            let mut revoked: Vec<i64> =
                statement.build_query_scalar().persistent(false).fetch_all(&mut *transaction).await?;
            revoked.sort_unstable();
            revoked
        })
    }

    /// Revokes a key, and returns whether there was one with this number that was not revoked yet.
    ///
    /// # Errors
    /// The database failed.
    pub async fn revoke_key(&self, key_id: i64, at: i64) -> Result<bool> {
        Ok(!self.revoke_keys(KeySelection::Numbers(&[key_id]), at, false).await?.is_empty())
    }

    /// Notes when keys were used: their numbers and times in Unix milliseconds.
    ///
    /// # Errors
    /// The database failed.
    pub(crate) async fn note_uses(&self, mut uses: Vec<(i64, i64)>) -> Result<()> {
        // Every process writes them in the same order, so that there is no deadlock.
        uses.sort_unstable();
        in_transaction!(self, writer, |transaction| {
            let mut insert = QueryBuilder::new("WITH uses (key_id, at) AS (");
            insert.push_values(&uses, |mut row, (key_id, at)| {
                row.push_bind(key_id).push_bind(at);
            });
            // A key that was deleted by hand has no row to refer to.
            insert.push(
                ") INSERT INTO key_uses (key_id, at) \
                 SELECT uses.key_id, uses.at FROM uses JOIN api_keys ON api_keys.id = uses.key_id WHERE TRUE",
            );
            insert.push(" ON CONFLICT (key_id) DO UPDATE SET at = excluded.at WHERE excluded.at > key_uses.at");
            insert.build().persistent(false).execute(&mut *transaction).await?;
        })
    }

    /// Adds a connector, and returns whether its ID was free.
    ///
    /// # Errors
    /// The database failed.
    pub async fn add_connector(&self, id: &ConnectorId, owner: &str, at: i64) -> Result<bool> {
        in_transaction!(self, writer, |transaction| {
            let insert =
                query("INSERT INTO connectors (id, owner, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
            let insert = insert.bind(id.as_str()).bind(owner).bind(at).persistent(false);
            insert.execute(&mut *transaction).await?.rows_affected() == 1
        })
    }

    /// A page of connectors, by ID.
    ///
    /// # Errors
    /// The database failed.
    pub async fn connectors(&self, connectors: ConnectorQuery<'_>) -> Result<Vec<ConnectorRow>> {
        in_transaction!(self, readers, |transaction| {
            let mut select = QueryBuilder::new(
                "SELECT id, owner, created_at, disconnected_at, disconnected_by FROM connectors WHERE id > ",
            );
            select.push_bind(connectors.after.map_or("", ConnectorId::as_str));
            if let Some(owner) = connectors.owner {
                select.push(" AND owner = ").push_bind(owner);
            }
            match connectors.disconnected {
                Some(true) => drop(select.push(" AND disconnected_at IS NOT NULL")),
                Some(false) => drop(select.push(" AND disconnected_at IS NULL")),
                None => {}
            }
            select.push(" ORDER BY id LIMIT ").push_bind(i64::from(connectors.limit));
            select.build_query_as().persistent(false).fetch_all(&mut *transaction).await?
        })
    }

    /// A page of the audit, the newest first; `None` if the connector to go on after has no row.
    ///
    /// # Errors
    /// The database failed.
    pub async fn audit(&self, audit: AuditQuery<'_>) -> Result<Option<Vec<AuditRow>>> {
        in_transaction!(self, readers, |transaction| {
            let after: Option<(i64, &str)> = match audit.after.map(ConnectorId::as_str) {
                Some(id) => {
                    let at = query_as("SELECT at FROM audit WHERE connector_id = $1").bind(id);
                    let Some((at,)) = at.persistent(false).fetch_optional(&mut *transaction).await? else {
                        return Ok(None);
                    };
                    Some((at, id))
                }
                None => None,
            };
            let mut select = QueryBuilder::new(
                "SELECT a.at, a.connector_id, a.key_id, k.owner, a.trace_id \
                 FROM audit AS a JOIN api_keys AS k ON k.id = a.key_id WHERE a.at >= ",
            );
            select.push_bind(audit.since.unwrap_or(i64::MIN));
            if let Some(id) = audit.connector_id {
                select.push(" AND a.connector_id = ").push_bind(id.as_str());
            }
            if let Some(key_id) = audit.key_id {
                select.push(" AND a.key_id = ").push_bind(key_id);
            }
            if let Some((at, id)) = after {
                select.push(" AND (a.at, a.connector_id) < (").push_bind(at).push(", ").push_bind(id).push(")");
            }
            select.push(" ORDER BY a.at DESC, a.connector_id DESC LIMIT ").push_bind(i64::from(audit.limit));
            Some(select.build_query_as().persistent(false).fetch_all(&mut *transaction).await?)
        })
    }
}
