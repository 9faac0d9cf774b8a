//! What is read from the database. Times are Unix milliseconds.

/// Who is calling: a key that was valid when it was looked up.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Caller {
    /// The key's number.
    pub key_id: i64,
    /// Whose key it is.
    pub owner: String,
    /// From when on the key is not valid.
    pub expires_at: Option<i64>,
}

/// A key, as an operator sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[non_exhaustive]
pub struct KeyRow {
    /// Its number.
    pub id: i64,
    /// Whose it is.
    pub owner: String,
    /// When it was made.
    pub created_at: i64,
    /// From when on it is not valid.
    pub expires_at: Option<i64>,
    /// When it was last used, to about a minute.
    pub last_used_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// The key that was made to take its place.
    pub replaced_by: Option<i64>,
}

/// A connector, as an operator sees it in a list.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[non_exhaustive]
pub struct ConnectorRow {
    /// Its ID.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// When it was added.
    pub created_at: i64,
    /// When it was disconnected.
    pub disconnected_at: Option<i64>,
    /// The key that disconnected it.
    pub disconnected_by: Option<i64>,
}

/// A row of the audit: a connector was disconnected.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
#[non_exhaustive]
pub struct AuditRow {
    /// When the request arrived.
    pub at: i64,
    /// The connector.
    pub connector_id: String,
    /// The key that the request was made with.
    pub key_id: i64,
    /// Whose key it is.
    pub owner: String,
    /// The request.
    pub trace_id: String,
}
