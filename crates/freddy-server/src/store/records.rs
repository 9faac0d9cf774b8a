//! What is read from the database.

/// Who is calling: a key that was valid when it was looked up.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Caller {
    /// The key's number.
    pub key_id: i64,
    /// Whose key it is.
    pub owner: String,
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
