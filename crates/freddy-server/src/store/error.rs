//! Why the database could not do what it was asked.

/// The database failed. What it said is shown to an operator who runs a command, and never to a caller of the API.
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
