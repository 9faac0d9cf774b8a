//! The commands that manage a database. Standard output has what a program can use, and standard error one line that says
//! what was done.

pub(crate) mod audit;
pub(crate) mod connector;
pub(crate) mod key;
mod listing;
mod time;

use std::io::{self, Write as _};

use clap::Args;
use freddy_server::store::{DatabaseSettings, Store};

use crate::Result;

#[derive(Args)]
pub(crate) struct Database {
    /// The database: `sqlite://` and a file, which is created if it is missing, except to revoke or rotate a key, or
    /// `postgres://…`
    #[arg(
        long,
        env = "FREDDY_DATABASE_URL",
        default_value = "sqlite://freddy.db",
        hide_env_values = true,
        value_name = "URL"
    )]
    database_url: String,
}

impl Database {
    /// Opens it, and makes one if there is none.
    pub(crate) async fn open(&self) -> Result<Store> {
        self.open_with(&DatabaseSettings::default()).await
    }

    /// The same, with settings.
    pub(crate) async fn open_with(&self, settings: &DatabaseSettings) -> Result<Store> {
        let store = Store::open_with(&self.database_url, settings).await?;
        Ok(store)
    }

    /// Opens it if there is one: whoever mistypes its name is told, and leaves no empty database behind.
    pub(crate) async fn open_existing(&self) -> Result<Store> {
        let store = Store::open_existing(&self.database_url).await?;
        Ok(store.ok_or_else(|| {
            // The URL of a PostgreSQL may have a password in it.
            let name = Some(&*self.database_url).filter(|url| url.starts_with("sqlite:"));
            format!("there is no database of freddy-server at {}", name.unwrap_or("--database-url"))
        })?)
    }
}

/// Says in a line what was done. What was done is done, even if nobody can be told.
fn say(line: &str) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// Writes a whole text to standard output.
fn print(text: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    output.write_all(text.as_bytes())?;
    output.flush()
}

/// An owner's name as it can be shown in a line: control characters, and others that cannot be seen, are escaped.
fn printable(owner: &str) -> String {
    owner.escape_debug().to_string().replace("\\'", "'").replace("\\\"", "\"")
}

/// The name of a new owner, which can be shown as it is.
fn owner(text: &str) -> std::result::Result<String, &'static str> {
    const MAX_BYTES: usize = 256;
    if text.is_empty() {
        Err("it is empty")
    } else if text.len() > MAX_BYTES {
        Err("it has more than 256 bytes")
    } else if text.trim() != text {
        Err("it begins or ends with a space")
    } else if printable(text).replace("\\\\", "\\") != text {
        Err("it has a character that cannot be shown")
    } else {
        Ok(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_owner_can_be_shown_as_it_is() {
        for good in ["a", "alice@example.com", "José", "O'Neil \"Bob\"", r"DOMAIN\alice", r"two\\", "李", "🦀"] {
            assert_eq!(owner(good).as_deref(), Ok(good));
        }
        for bad in
            ["", " a", "a ", "a\tb", "a\nb", "a\rb", "\x1b[2Ja", "a\u{7f}", "a\u{9b}b", "a\u{202e}b", "a\u{200b}b"]
        {
            assert!(owner(bad).is_err(), "{bad:?}");
        }
        assert!(owner(&"a".repeat(256)).is_ok());
        assert!(owner(&"a".repeat(257)).is_err());
    }

    #[test]
    fn two_owners_are_never_shown_alike() {
        let owners = ["a\tb", r"a\tb", r"a\\tb", "a'b", r"a\'b", "a\"b", "a\\\"b", "a\\\tb"];
        let shown: std::collections::BTreeSet<_> = owners.iter().map(|owner| printable(owner)).collect();
        assert_eq!(shown.len(), owners.len(), "{shown:?}");
    }
}
