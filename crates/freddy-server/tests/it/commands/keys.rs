//! The commands for keys.

use std::fs::File;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Output, Stdio};

use freddy_types::{ErrorCode, connector_id};
use jiff::Timestamp;
use serde_json::Value;

use super::{error_of, run};
use crate::support::{CONNECTORS, Database, Process, Server, command, send};

const NO_CACHE: &[&str] = &["--key-cache-ms", "0"];
const LONG_CACHE: &[&str] = &["--key-cache-ms", "600000"];

/// The keys of a database, as `key list` shows them to programs.
pub(super) fn keys(database: &Database) -> Vec<Value> {
    let (out, _) = run(&["key", "list", "--all", "--format", "json", "--database-url", database.url()]);
    let mut page: Value = serde_json::from_str(&out).unwrap();
    serde_json::from_value(page["items"].take()).unwrap()
}

fn time(value: &Value) -> Timestamp {
    value.as_str().unwrap().parse().unwrap()
}

fn hours_from_now(value: &Value) -> f64 {
    Timestamp::now().duration_until(time(value)).as_secs_f64() / 3600.0
}

async fn delete(address: std::net::SocketAddr, key: &str) -> u16 {
    let head = format!("DELETE {CONNECTORS}pcon_abc123 HTTP/1.1\r\nHost: t\r\nConnection: close");
    send(address, &format!("{head}\r\nX-API-Key: {}\r\n\r\n", key.trim_end())).await.status
}

#[tokio::test]
async fn a_key_is_valid_until_it_expires() {
    for database in Database::each().await {
        let create = ["key", "create", "--owner", "alice", "--database-url", database.url()];
        let with = |expiry: &[&str]| run(&[&create, expiry].concat());
        let (for_ever, said) = with(&[]);
        assert_eq!(said, "key 1 of alice; it is not shown again\n");
        let (in_90_days, said) = with(&["--expires-in", "90d"]);
        let expires_at = &keys(&database)[1]["expires_at"];
        assert!((hours_from_now(expires_at) - 90.0 * 24.0).abs() < 1.0, "{expires_at}");
        let until = format!("{:.0}", time(expires_at));
        assert_eq!(said, format!("key 2 of alice (valid until {until}); it is not shown again\n"));
        let (_, said) = with(&["--expires-at", "2099-01-31"]);
        assert_eq!(said, "key 3 of alice (valid until 2099-01-31T00:00:00Z); it is not shown again\n");

        let server = Process::serve(database.url(), NO_CACHE);
        for key in [&for_ever, &in_90_days] {
            assert_eq!(delete(server.address, key).await, 403);
        }
        database.execute("UPDATE api_keys SET expires_at = 1", "UPDATE api_keys SET expires_at = 1").await;
        for key in [&for_ever, &in_90_days] {
            assert_eq!(delete(server.address, key).await, 401);
        }
    }
}

#[test]
fn an_expiry_is_a_time_to_come_within_a_hundred_years() {
    let database = Database::sqlite();
    for (expiry, expected) in [
        (&["--expires-in", "90"][..], "it is not a duration such as 90d"),
        (&["--expires-in", "0s"], "it is no time at all"),
        (&["--expires-in=-1d"], "it is negative"),
        (&["--expires-in", "101y"], "it is more than 100 years"),
        (&["--expires-at", "2020-01-01"], "it is over"),
        (&["--expires-at", "soon"], "it is not a time such as 2027-01-31T12:00:00Z or 2027-01-31"),
        (&["--expires-at", "9000-01-01"], "it is more than 100 years"),
    ] {
        let error =
            error_of(&[&["key", "create", "--owner", "alice", "--database-url", database.url()], expiry].concat());
        assert!(error.contains(expected), "{expiry:?}: {error}");
    }
}

/// Sets when alice's key expires, `milliseconds` from now.
async fn expire(server: &Server, milliseconds: i64) {
    let at = Timestamp::now().as_millisecond() + milliseconds;
    let statement: &'static str = format!("UPDATE api_keys SET expires_at = {at}").leak();
    server.database.execute(statement, statement).await;
}

#[tokio::test]
async fn a_key_that_has_expired_changes_nothing_even_if_it_is_cached_as_one_that_never_does() {
    for database in Database::each().await {
        let server = Server::start_on(database, LONG_CACHE).await;
        server.delete("pcon_nobody").await.assert_error(ErrorCode::Forbidden);
        expire(&server, 0).await;
        for id in ["pcon_abc123", "pcon_bob1", "pcon_nobody"] {
            server.delete(id).await.assert_error(ErrorCode::Unauthorized);
        }
        assert!(server.database.disconnected().await.is_empty());
    }
}

#[tokio::test]
async fn a_cached_key_does_not_outlive_its_expiry() {
    for database in Database::each().await {
        let server = Server::start_on(database, &[LONG_CACHE, &["--rate-limit", "1000000"]].concat()).await;
        expire(&server, 2_000).await;
        server.delete("pcon_abc123").await.assert_no_content();
        // From here on, the database would say that the key never expires. What is cached says when it does.
        server.database.execute("UPDATE api_keys SET expires_at = NULL", "UPDATE api_keys SET expires_at = NULL").await;
        let started = std::time::Instant::now();
        while server.delete("pcon_abc123").await.status != 401 {
            assert!(started.elapsed().as_secs() < 60, "it outlives its expiry");
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test]
async fn what_does_not_have_the_form_of_a_key_is_not_looked_up() {
    for database in Database::each().await {
        let server = Server::start_on(database, NO_CACHE).await;
        server.database.execute("PRAGMA foreign_keys = OFF; DROP TABLE api_keys", "DROP TABLE api_keys CASCADE").await;
        let key = server.alice.reveal();
        for (credential, status) in [
            (String::new(), 401),
            ("X-API-Key: wrong\r\n".to_owned(), 401),
            (format!("X-API-Key: {}\r\n", key.to_uppercase()), 401),
            (format!("X-API-Key: {key}0\r\n"), 401),
            (format!("Authorization: Bearer {}\r\n", &key[1..]), 401),
            (format!("X-API-Key: {key}\r\n"), 500),
        ] {
            let answer = server.call("DELETE", &format!("{CONNECTORS}pcon_abc123"), &credential).await;
            assert_eq!(answer.status, status, "{credential}");
        }
    }
}

#[tokio::test]
async fn the_last_use_of_a_key_is_noted_by_a_server_that_stops() {
    for database in Database::each().await {
        for owner in ["alice", "bob"] {
            run(&["key", "create", "--owner", owner, "--database-url", database.url()]);
        }
        let (used, _) = run(&["key", "create", "--owner", "carol", "--database-url", database.url()]);
        for _ in 0..2 {
            let before = Timestamp::now();
            let server = Process::serve(database.url(), &[]);
            assert_eq!(delete(server.address, &used).await, 403);
            server.terminate();
            let keys = keys(&database);
            assert_eq!((&keys[0]["last_used_at"], &keys[1]["last_used_at"]), (&Value::Null, &Value::Null));
            let last_use = time(&keys[2]["last_used_at"]);
            assert!(before.as_millisecond() <= last_use.as_millisecond() && last_use <= Timestamp::now(), "{last_use}");
        }
    }
}

#[tokio::test]
async fn a_last_use_that_cannot_be_noted_fails_nothing() {
    for database in Database::each().await {
        let (key, _) = run(&["key", "create", "--owner", "alice", "--database-url", database.url()]);
        database.open().await.add_connector(&connector_id!("pcon_abc123"), "alice", 0).await.unwrap();
        database.execute("DROP TABLE key_uses", "DROP TABLE key_uses").await;
        let server = Process::serve(database.url(), &[]);
        assert_eq!(delete(server.address, &key).await, 204);
        let log = server.terminate();
        assert!(log.contains("the last use of keys could not be noted"), "{log}");
    }
}

#[tokio::test]
async fn a_rotated_key_is_valid_for_the_overlap_and_its_successor_for_the_same_lifetime() {
    for database in Database::each().await {
        let at = ["--database-url", database.url()];
        let with = |arguments: &[&str]| run(&[arguments, &at].concat());
        let (old, _) = with(&["key", "create", "--owner", "alice"]);
        with(&["key", "create", "--owner", "bob", "--expires-in", "30d"]);
        with(&["connector", "add", "--owner", "alice", "--id", "pcon_abc123"]);

        let before = keys(&database);
        let (out, said) = with(&["key", "rotate", "1", "--dry-run"]);
        assert!(out.is_empty() && said.starts_with("a new key of alice would replace key 1 (valid until "), "{said}");
        assert_eq!(keys(&database), before, "a dry run changes nothing");

        let (new, said) = with(&["key", "rotate", "1"]);
        assert!(said.starts_with("key 3 of alice replaces key 1 (valid until "), "{said}");
        let (_, said) = with(&["key", "rotate", "2", "--overlap", "60d"]);
        assert!(said.starts_with("key 4 of bob (valid until "), "{said}");
        let (_, said) = with(&["key", "rotate", "4", "--overlap", "0s", "--expires-in", "7d"]);
        assert!(said.starts_with("key 5 of bob (valid until "), "{said}");
        let keys = keys(&database);
        let hours = |number: usize| (hours_from_now(&keys[number - 1]["expires_at"]) / 24.0).round();
        assert!((hours_from_now(&keys[0]["expires_at"]) - 24.0).abs() < 1.0, "the overlap is a day");
        assert_eq!(keys[2]["expires_at"], Value::Null, "it never expires, as the old one did not");
        assert!((hours(2) - 30.0).abs() < 0.1, "an overlap makes no key valid for longer");
        assert!(hours_from_now(&keys[3]["expires_at"]) <= 0.0);
        assert!((hours(5) - 7.0).abs() < 0.1, "what is given goes before the old lifetime");
        let replaced: Vec<_> = keys.iter().map(|key| key["replaced_by"].as_i64()).collect();
        assert_eq!(replaced, [Some(3), Some(4), None, Some(5), None]);

        let server = Process::serve(database.url(), NO_CACHE);
        for key in [&old, &new] {
            assert_eq!(delete(server.address, key).await, 204);
        }
    }
}

#[tokio::test]
async fn the_lifetime_of_a_key_is_what_it_had_from_the_start() {
    for database in Database::each().await {
        run(&["key", "create", "--owner", "alice", "--expires-in", "30d", "--database-url", database.url()]);
        // Made 20 days ago, it is valid for 10 days more.
        let earlier = "UPDATE api_keys SET created_at = created_at - 1728000000, expires_at = expires_at - 1728000000";
        database.execute(earlier, earlier).await;
        run(&["key", "rotate", "1", "--database-url", database.url()]);
        assert!((hours_from_now(&keys(&database)[1]["expires_at"]) - 30.0 * 24.0).abs() < 1.0);
    }
}

#[tokio::test]
async fn only_a_valid_key_that_was_not_replaced_is_rotated() {
    for database in Database::each().await {
        let at = ["--database-url", database.url()];
        let with = |arguments: &[&str]| run(&[arguments, &at].concat());
        for _ in 0..3 {
            with(&["key", "create", "--owner", "alice"]);
        }
        with(&["key", "rotate", "1"]);
        with(&["key", "revoke", "2"]);
        database
            .execute(
                "UPDATE api_keys SET expires_at = 1 WHERE id = 3",
                "UPDATE api_keys SET expires_at = 1 WHERE id = 3",
            )
            .await;
        let before = keys(&database);
        for (number, expected) in [
            ("1", "key 1 was replaced by key 4 already"),
            ("2", "key 2 was revoked at "),
            ("3", "key 3 expired at 1970-01-01T00:00:00Z"),
            ("99", "there is no key 99"),
            ("-9223372036854775808", "there is no key -9223372036854775808"),
        ] {
            for dry_run in [&["--dry-run"][..], &[]] {
                let error = error_of(&[&["key", "rotate"], dry_run, &at, &["--", number]].concat());
                assert!(error.starts_with(&format!("error: {expected}")), "{error}");
            }
        }
        assert_eq!(keys(&database), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_rotations_at_the_same_time_one_succeeds() {
    for database in Database::each().await {
        run(&["key", "create", "--owner", "alice", "--database-url", database.url()]);
        let rotate = || command(&["key", "rotate", "1", "--database-url", database.url()]);
        let rotations: Vec<_> =
            (0..4).map(|_| rotate().stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()).collect();
        let rotated = rotations.into_iter().map(|rotation| rotation.wait_with_output().unwrap());
        assert_eq!(rotated.filter(|rotated| rotated.status.success()).count(), 1);
        assert_eq!(keys(&database).len(), 2);
    }
}

#[tokio::test]
async fn revoking_tells_which_keys_and_a_dry_run_revokes_none() {
    for database in Database::each().await {
        let at = ["--database-url", database.url()];
        let with = |arguments: &[&str]| run(&[arguments, &at].concat()).1;
        for owner in ["alice", "bob", "alice", "bob", "alice", "carol"] {
            with(&["key", "create", "--owner", owner]);
        }
        let revoked = || -> Vec<i64> {
            let keys = keys(&database);
            let revoked = keys.iter().filter(|key| !key["revoked_at"].is_null());
            revoked.map(|key| key["number"].as_i64().unwrap()).collect()
        };
        assert_eq!(with(&["key", "revoke", "3", "--dry-run"]), "key 3 would be revoked\n");
        assert_eq!(with(&["key", "revoke", "--owner", "alice", "--dry-run"]), "3 keys would be revoked: 1, 3, 5\n");
        assert!(revoked().is_empty());
        assert_eq!(with(&["key", "revoke", "3"]), "key 3 is revoked\n");
        assert_eq!(with(&["key", "revoke", "--owner", "alice"]), "2 keys are revoked: 1, 5\n");
        assert_eq!(with(&["key", "revoke", "4", "2"]), "2 keys are revoked: 2, 4\n");
        assert_eq!(revoked(), [1, 2, 3, 4, 5]);
        assert_eq!(
            error_of(&[&["key", "revoke", "--owner", "alice"], &at[..]].concat()),
            "error: alice has no key to revoke\n"
        );

        // What can be revoked is, whatever else is asked for.
        let error = error_of(&[&["key", "revoke", "1", "6", "77"], &at[..]].concat());
        assert_eq!(error, "key 6 is revoked\nerror: there is no key 1, 77 to revoke\n");
        assert_eq!(revoked(), [1, 2, 3, 4, 5, 6]);
    }
    for wrong in [&["key", "revoke"][..], &["key", "revoke", "1", "--owner", "alice"]] {
        assert!(error_of(wrong).contains("Usage: freddy-server key revoke"));
    }
}

#[test]
fn a_key_that_cannot_be_shown_is_an_error_that_names_it() {
    let database = Database::sqlite();
    let full = || File::options().write(true).open("/dev/full").unwrap();
    let at = ["--database-url", database.url()];
    for (arguments, expected) in [
        (&["key", "create", "--owner", "alice"][..], "key 1 could not be shown, so revoke it: No space left on device"),
        (&["key", "rotate", "1"], "key 2, which replaces key 1 (valid until "),
    ] {
        let Output { status, stderr, .. } = command(&[arguments, &at].concat()).stdout(full()).output().unwrap();
        assert_eq!(status.code(), Some(1));
        let error = String::from_utf8(stderr).unwrap();
        assert!(error.starts_with(&format!("error: {expected}")), "{error}");
        assert!(error.contains("could not be shown, so revoke it: No space left on device"), "{error}");
    }
}

#[test]
fn no_key_is_made_where_none_can_be_shown() {
    let database = Database::sqlite();
    run(&["key", "create", "--owner", "alice", "--database-url", database.url()]);
    let before = keys(&database);
    for arguments in [&["key", "create", "--owner", "alice"][..], &["key", "rotate", "1"]] {
        let mut closed = Command::new("sh");
        closed.args(["-c", "exec \"$0\" \"$@\" >&-"]).arg(env!("CARGO_BIN_EXE_freddy-server"));
        closed.args(arguments).args(["--database-url", database.url()]).arg0("sh");
        let Output { status, stderr, .. } = closed.output().unwrap();
        assert!(!status.success());
        let error = String::from_utf8(stderr).unwrap();
        assert_eq!(error, "error: standard output is closed or /dev/null, so the key could not be shown\n");
    }
    assert_eq!(keys(&database), before);
}
