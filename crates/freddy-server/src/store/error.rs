//! Why the database could not do what it was asked.

/// The database failed. What it said is shown to an operator who runs a command, and never to a caller of the API.
#[derive(Debug)]
#[non_exhaustive]
pub enum StoreError {
    /// The database, or the connection to it, reports this.
    Database(sqlx::Error),
    /// The database did not answer in time.
    TimedOut,
    /// Another file, or none, is where the file of the database was.
    FileReplaced,
    /// The schema of the database is none that this program can use.
    Schema(String),
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

impl StoreError {
    /// What kind of failure it was, without anything that came from the database.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TimedOut => "timed out",
            Self::FileReplaced => "file replaced",
            Self::Schema(_) => "unknown schema",
            Self::Database(sqlx::Error::PoolTimedOut) => "pool timed out",
            Self::Database(sqlx::Error::PoolClosed) => "pool closed",
            Self::Database(sqlx::Error::Io(_)) => "connection failed",
            Self::Database(sqlx::Error::Tls(_)) => "TLS failed",
            Self::Database(sqlx::Error::Protocol(_)) => "protocol error",
            Self::Database(error) => kind_of_code(&code(error)),
        }
    }

    /// Whether somebody else kept the database from doing anything, for as long as it may wait. Nothing was done.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self.kind(), "database locked" | "statement cancelled")
    }

    /// Whether the connection is of no more use, and others that are as old may be neither.
    pub(super) fn is_lost_connection(&self) -> bool {
        match self {
            Self::TimedOut => true,
            Self::Database(sqlx::Error::Io(_) | sqlx::Error::Tls(_) | sqlx::Error::Protocol(_)) => true,
            Self::Database(error) => {
                let code = code(error);
                // A connection failed, its server is shutting down, or it is no longer the primary.
                code.len() == 5 && (code.starts_with("08") || code.starts_with("57P") || code == "25006")
            }
            Self::FileReplaced | Self::Schema(_) => false,
        }
    }
}

/// The database's own code: a number of SQLite, or an SQLSTATE of PostgreSQL.
fn code(error: &sqlx::Error) -> String {
    error.as_database_error().and_then(sqlx::error::DatabaseError::code).unwrap_or_default().into_owned()
}

/// What an operator can do something about.
fn kind_of_code(code: &str) -> &'static str {
    // SQLite says in the upper bits where exactly it happened. An SQLSTATE has five characters.
    let primary = if code.len() < 5 { code.parse().map_or(0, |code: u16| code & 0xff) } else { 0 };
    match (primary, code) {
        (13, _) | (_, "53100") => "disk full",
        (10, _) | (_, "58030") => "disk failed",
        (5 | 6, _) | (_, "55P03") => "database locked",
        (8, _) | (_, "25006") => "read-only",
        (_, "53300") => "too many connections",
        (_, "57014") => "statement cancelled",
        (_, "57P01" | "57P02" | "57P03") => "connection failed",
        (_, "") => "database error",
        _ => "statement failed",
    }
}

impl std::fmt::Display for StoreError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Database(_) => f.write_str("the database failed"),
            Self::TimedOut => f.write_str("the database did not answer in time"),
            Self::FileReplaced => f.write_str("the file of the database was deleted or replaced"),
            Self::Schema(text) => f.write_str(text),
        }
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Database(error) => Some(error),
            Self::TimedOut | Self::FileReplaced | Self::Schema(_) => None,
        }
    }
}

/// A result of the database.
pub type Result<T> = std::result::Result<T, StoreError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_says_what_is_to_be_done() {
        for (code, kind) in [
            ("13", "disk full"),
            ("778", "disk failed"),
            ("5", "database locked"),
            ("517", "database locked"),
            ("1032", "read-only"),
            ("2067", "statement failed"),
            ("53100", "disk full"),
            ("55P03", "database locked"),
            ("57014", "statement cancelled"),
            ("25006", "read-only"),
            ("00013", "statement failed"),
        ] {
            assert_eq!(kind_of_code(code), kind, "{code}");
        }
    }
}
