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
            sqlx::Error::Database(error) => kind_of_code(error.code().as_deref().unwrap_or_default()),
            _ => "database error",
        }
    }
}

/// What an operator can do something about, by the database's own code: a number of SQLite, or an SQLSTATE of PostgreSQL.
fn kind_of_code(code: &str) -> &'static str {
    // SQLite says in the upper bits where exactly it happened. An SQLSTATE has five characters.
    let primary = if code.len() < 5 { code.parse().map_or(0, |code: u16| code & 0xff) } else { 0 };
    match (primary, code) {
        (13, _) | (_, "53100") => "disk full",
        (10, _) | (_, "58030") => "disk failed",
        (5 | 6, _) | (_, "55P03") => "database locked",
        (_, "53300") => "too many connections",
        _ => "statement failed",
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
            ("2067", "statement failed"),
            ("53100", "disk full"),
            ("55P03", "database locked"),
            ("00013", "statement failed"),
            ("", "statement failed"),
        ] {
            assert_eq!(kind_of_code(code), kind, "{code}");
        }
    }
}
