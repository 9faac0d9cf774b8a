//! Making, listing, rotating and revoking keys.

use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::MetadataExt as _;

use clap::{Args, Subcommand};
use freddy_server::key::NewKey;
use freddy_server::store::{KeyQuery, KeyRow, KeySelection, Replacement};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::listing::{Listing, Row};
use super::{Database, print, printable, say, time};
use crate::Result;

#[derive(Subcommand)]
pub(crate) enum KeyCommand {
    /// Make a key and show it once
    ///
    /// Prints the key on standard output, and its number on standard error. Without `--expires-in` and `--expires-at`, the
    /// key does not expire.
    Create {
        #[command(flatten)]
        database: Database,
        /// Whose key it is
        #[arg(long, value_parser = super::owner)]
        owner: String,
        #[command(flatten)]
        expiry: Expiry,
    },
    /// List keys by number, in pages
    ///
    /// The columns are the number, the owner, the state, when the key was made, and when it was last used. The server
    /// writes the last use once a minute. It is when the key was last looked up, so the server's `--key-cache-ms` may have
    /// passed since. A server that is killed loses the last minute.
    List {
        #[command(flatten)]
        database: Database,
        /// Only the keys of this owner
        #[arg(long)]
        owner: Option<String>,
        /// Also the keys that are revoked or have expired
        #[arg(long)]
        all: bool,
        /// Go on after the key with this number
        #[arg(long, value_name = "NUMBER")]
        after: Option<i64>,
        #[command(flatten)]
        listing: Listing,
    },
    /// Replace a key with a new one of the same owner
    ///
    /// Shows the new key once, as `create` does. It is valid for as long as the old one was from the start, or as
    /// `--expires-in` or `--expires-at` says. The old one stays valid for the overlap, in which its owner changes over
    /// to the new one. A key that has been replaced cannot be replaced again.
    Rotate {
        #[command(flatten)]
        database: Database,
        /// The number of the key to replace
        #[arg(value_name = "NUMBER")]
        key: i64,
        /// How much longer the old key is valid, such as `24h`, `7d` or `0s`. It never becomes valid for longer than it was
        #[arg(long, default_value = "24h", value_name = "DURATION", value_parser = time::at_once_or_later)]
        overlap: Timestamp,
        #[command(flatten)]
        expiry: Expiry,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
    /// Revoke keys
    ///
    /// A revoked key disconnects nothing from now on. Other answers may follow it for `--key-cache-ms`.
    Revoke {
        #[command(flatten)]
        database: Database,
        /// The numbers of the keys
        #[arg(value_name = "NUMBER", required_unless_present = "owner", conflicts_with = "owner", num_args = 1..=1000)]
        keys: Vec<i64>,
        /// Revoke all keys of this owner
        #[arg(long)]
        owner: Option<String>,
        /// Only say what would be done
        #[arg(long)]
        dry_run: bool,
    },
}

/// When a new key expires.
#[derive(Args)]
pub(crate) struct Expiry {
    /// How long the new key is valid, such as `90d`, `12h` or `1y 6mo`
    #[arg(long, value_name = "DURATION", value_parser = time::from_now)]
    expires_in: Option<Timestamp>,
    /// Until when the new key is valid, such as `2027-01-31T12:00:00Z`, or `2027-01-31` for the beginning of that day in UTC
    #[arg(long, value_name = "TIME", conflicts_with = "expires_in", value_parser = time::future)]
    expires_at: Option<Timestamp>,
}

impl Expiry {
    fn milliseconds(&self) -> Option<i64> {
        self.expires_in.or(self.expires_at).map(Timestamp::as_millisecond)
    }
}

pub(crate) async fn run(command: KeyCommand) -> Result<()> {
    let now = Timestamp::now().as_millisecond();
    match command {
        KeyCommand::Create { database, owner, expiry } => create(&database, &owner, now, expiry.milliseconds()).await,
        KeyCommand::List { database, owner, all, after, listing } => {
            let valid_at = if all { None } else { Some(now) };
            let keys = KeyQuery { owner: owner.as_deref(), valid_at, after, limit: listing.rows_to_read() };
            let keys = database.open().await?.keys(keys).await?;
            listing.show(keys.into_iter().map(|key| Listed { key, now }).collect())
        }
        KeyCommand::Rotate { database, key, overlap, expiry, dry_run } => {
            rotate(&database, key, now, overlap.as_millisecond(), expiry.milliseconds(), dry_run).await
        }
        KeyCommand::Revoke { database, keys, owner, dry_run } => {
            revoke(&database, &keys, owner.as_deref(), now, dry_run).await
        }
    }
}

async fn create(database: &Database, owner: &str, now: i64, expires_at: Option<i64>) -> Result<()> {
    check_output()?;
    let key = NewKey::generate()?;
    let number = database.open().await?.add_key_until(owner, key.hash(), now, expires_at).await?;
    print(&format!("{}\n", key.reveal()))
        .map_err(|error| format!("key {number} could not be shown, so revoke it: {error}"))?;
    say(&format!("key {number} of {}{}; it is not shown again", printable(owner), until(expires_at)));
    Ok(())
}

async fn rotate(
    database: &Database,
    old: i64,
    now: i64,
    overlap_until: i64,
    expires_at: Option<i64>,
    dry_run: bool,
) -> Result<()> {
    if !dry_run {
        check_output()?;
    }
    let store = database.open_existing().await?;
    let key = store.key(old).await?.ok_or_else(|| format!("there is no key {old}"))?;
    if let Some(number) = key.replaced_by {
        return Err(format!("key {old} was replaced by key {number} already; `key create` makes another").into());
    }
    match state(&key, now) {
        State::Valid => {}
        State::Revoked(at) => return Err(format!("key {old} was revoked at {}", time::shown(at)).into()),
        State::Expired(at) => return Err(format!("key {old} expired at {}", time::shown(at)).into()),
    }
    let lifetime = key.expires_at.map(|at| at.saturating_sub(key.created_at));
    let expires_at = expires_at.or(lifetime.map(|lifetime| now.saturating_add(lifetime)));
    let old_expires_at = key.expires_at.map_or(overlap_until, |at| at.min(overlap_until));
    let (owner, new_until, old_until) = (printable(&key.owner), until(expires_at), until(Some(old_expires_at)));
    if dry_run {
        say(&format!("a new key of {owner}{new_until} would replace key {old}{old_until}; nothing was changed"));
        return Ok(());
    }
    let new = NewKey::generate()?;
    let replacement = Replacement { old, old_expires_at, hash: new.hash(), at: now, expires_at };
    let number = store.replace_key(&replacement).await?.ok_or_else(|| format!("key {old} has just been changed"))?;
    print(&format!("{}\n", new.reveal())).map_err(|error| {
        format!("key {number}, which replaces key {old}{old_until}, could not be shown, so revoke it: {error}")
    })?;
    say(&format!("key {number} of {owner}{new_until} replaces key {old}{old_until}; it is not shown again"));
    Ok(())
}

async fn revoke(database: &Database, keys: &[i64], owner: Option<&str>, now: i64, dry_run: bool) -> Result<()> {
    let selection = owner.map_or(KeySelection::Numbers(keys), KeySelection::Owner);
    let revoked = database.open_existing().await?.revoke_keys(selection, now, dry_run).await?;
    let (one, many) = if dry_run { ("would be", "would be") } else { ("is", "are") };
    match &*revoked {
        [] => {}
        [key] => say(&format!("key {key} {one} revoked")),
        keys => say(&format!("{} keys {many} revoked: {}", keys.len(), numbers(keys))),
    }
    let missing: Vec<i64> = keys.iter().copied().filter(|key| !revoked.contains(key)).collect();
    match (owner, &*missing) {
        (Some(owner), _) if revoked.is_empty() => Err(format!("{} has no key to revoke", printable(owner)).into()),
        (Some(_), _) | (None, []) => Ok(()),
        (None, missing) => Err(format!("there is no key {} to revoke", numbers(missing)).into()),
    }
}

fn numbers(keys: &[i64]) -> String {
    keys.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

fn until(expires_at: Option<i64>) -> String {
    expires_at.map_or_else(String::new, |at| format!(" (valid until {})", time::shown(at)))
}

/// A key that is written to nowhere is lost. A standard output that is closed becomes `/dev/null` when a program starts.
fn check_output() -> Result<()> {
    let output = File::from(io::stdout().as_fd().try_clone_to_owned()?).metadata()?;
    let nowhere = std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == output.rdev());
    if nowhere { Err("standard output is closed or /dev/null, so the key could not be shown".into()) } else { Ok(()) }
}

enum State {
    Valid,
    Expired(i64),
    Revoked(i64),
}

fn state(key: &KeyRow, now: i64) -> State {
    match (key.revoked_at, key.expires_at) {
        (Some(at), _) => State::Revoked(at),
        (None, Some(at)) if at <= now => State::Expired(at),
        (None, _) => State::Valid,
    }
}

/// A key as it is at a time.
struct Listed {
    key: KeyRow,
    now: i64,
}

impl Row for Listed {
    const NAME: &str = "key";

    fn cursor(&self) -> Value {
        self.key.id.into()
    }

    fn columns(&self) -> Vec<String> {
        let key = &self.key;
        let state = match state(key, self.now) {
            State::Valid => {
                format!("valid{}", key.expires_at.map_or_else(String::new, |at| format!(" until {}", time::shown(at))))
            }
            State::Expired(at) => format!("expired at {}", time::shown(at)),
            State::Revoked(at) => format!("revoked at {}", time::shown(at)),
        };
        let last_use =
            key.last_used_at.map_or("never used".to_owned(), |at| format!("last used at {}", time::shown(at)));
        let created = format!("created at {}", time::shown(key.created_at));
        vec![key.id.to_string(), printable(&key.owner), state, created, last_use]
    }

    fn json(&self) -> Value {
        let KeyRow { id, owner, replaced_by, .. } = &self.key;
        json!({
            "number": id,
            "owner": owner,
            "created_at": time::exact(self.key.created_at),
            "expires_at": self.key.expires_at.map(time::exact),
            "last_used_at": self.key.last_used_at.map(time::exact),
            "revoked_at": self.key.revoked_at.map(time::exact),
            "replaced_by": replaced_by,
        })
    }
}
