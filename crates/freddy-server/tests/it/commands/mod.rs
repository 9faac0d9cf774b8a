//! The commands of the program, as operators and newcomers use them.

mod keys;
mod lists;

use std::process::Output;

use freddy_types::ErrorCode;

use crate::support::{CONNECTORS, Database, Process, command, send};

/// What a command printed, and what it wrote to standard error.
fn run(arguments: &[&str]) -> (String, String) {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    let (out, error) = (String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap());
    assert!(status.success(), "{arguments:?}: {error}");
    (out, error)
}

/// What a failing command wrote to standard error.
fn error_of(arguments: &[&str]) -> String {
    let Output { status, stdout, stderr } = command(arguments).output().unwrap();
    assert!(!status.success() && stdout.is_empty(), "{arguments:?}: {}", String::from_utf8_lossy(&stdout));
    String::from_utf8(stderr).unwrap()
}

#[tokio::test]
async fn an_operator_makes_keys_and_connectors_and_revokes() {
    for database in Database::each().await {
        let at = ["--database-url", database.url()];
        let with = |arguments: &[&str]| run(&[arguments, &at].concat());
        let (key, said) = with(&["key", "create", "--owner", "alice"]);
        assert_eq!(said, "key 1 of alice; it is not shown again\n");
        let (key, id) = (key.trim_end().to_owned(), "pcon_abc123");
        assert_eq!(with(&["connector", "add", "--owner", "alice", "--id", id]).0, "pcon_abc123\n");
        let random = with(&["connector", "add", "--owner", "bob"]).0;
        let random: freddy_types::ConnectorId = random.trim_end().parse().unwrap();

        let server = Process::serve(database.url(), &["--key-cache-ms", "0"]);
        let delete = format!(
            "DELETE {CONNECTORS}{id} HTTP/1.1\r\nHost: t\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n"
        );
        send(server.address, &delete).await.assert_no_content();
        let listed = with(&["connector", "list"]).0;
        let lines: Vec<Vec<&str>> = listed.lines().map(|line| line.split('\t').collect()).collect();
        let state_of = |id: &str| lines.iter().find(|line| line[0] == id).map(|line| (line[1], line[2])).unwrap();
        assert_eq!(state_of(random.as_str()), ("bob", "connected"));
        let (owner, state) = state_of(id);
        assert_eq!(owner, "alice");
        let at: jiff::Timestamp = state.strip_prefix("disconnected at ").unwrap().parse().unwrap();
        assert!(at.duration_until(jiff::Timestamp::now()).as_secs() < 60);

        assert_eq!(with(&["key", "revoke", "1"]).1, "key 1 is revoked\n");
        send(server.address, &delete).await.assert_error(ErrorCode::Unauthorized);
    }
}

#[test]
fn a_key_is_kept_only_as_its_hash() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys.db");
    let url = format!("sqlite://{}", file.display());
    let (key, _) = run(&["key", "create", "--owner", "alice", "--database-url", &url]);
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        let kept = bytes.windows(key.trim_end().len()).any(|window| window == key.trim_end().as_bytes());
        assert!(!kept, "the key is in the database");
    }
}

#[test]
fn a_wrong_setting_is_reported_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let missing = format!("sqlite://{}", folder.path().join("no/such/folder.db").display());
    let file = format!("sqlite://{}", folder.path().join("test.db").display());
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let taken = taken.local_addr().unwrap().to_string();
    for (arguments, expected) in [
        (&["serve", "--rate-limit", "0"][..], "invalid value '0' for '--rate-limit <REQUESTS>'"),
        (&["serve", "--key-cache-ms", "99999999999999999"], "for '--key-cache-ms <MILLISECONDS>': more than 86400000"),
        (
            &["serve", "--lock-timeout-ms", "0"],
            "invalid value '0' for '--lock-timeout-ms <MILLISECONDS>': nothing happens",
        ),
        (&["serve", "--listen", "everywhere"], "invalid value 'everywhere' for '--listen <ADDRESS>'"),
        (&["serve", "--database-url", "mysql://here"], "a database URL starts with sqlite: or postgres:\n"),
        (&["serve", "--database-url", &missing], "unable to open database file"),
        (&["key", "create", "--owner", "alice", "--database-url", &missing], "unable to open database file"),
        (&["serve", "--database-url", "postgres://127.0.0.1:1/x"], "Connection refused"),
        (
            &["serve", "--database-url", &file, "--listen", &taken],
            &format!("cannot listen on {taken}: Address already in use"),
        ),
        (
            &["serve", "--database-url", &file, "--redis-url", "http://here"],
            "cannot use Redis: Redis URL did not parse",
        ),
        (
            &["serve", "--database-url", &file, "--redis-url", "rediss://127.0.0.1:1/#insecure"],
            "cannot use Redis: `#insecure` is not supported",
        ),
        (
            &["serve", "--database-url", &file, "--listen", "127.0.0.1:0", "--metrics-listen", &taken],
            &format!("cannot serve metrics on {taken}"),
        ),
        (&["key", "revoke", "7", "--database-url", &file], "there is no key 7 to revoke"),
        (&["connector", "add", "--owner", "alice", "--id", "abc123"], "invalid value 'abc123' for '--id <ID>'"),
    ] {
        let error = error_of(arguments);
        assert!(error.contains(expected), "{arguments:?}: {error}");
    }
    let from_environment = command(&["serve"]).env("FREDDY_RATE_LIMIT", "many").output().unwrap();
    let error = String::from_utf8(from_environment.stderr).unwrap();
    assert!(error.contains("invalid value 'many' for '--rate-limit <REQUESTS>'"), "{error}");
    let no_filter = command(&["serve", "--database-url", &file]).env("RUST_LOG", "freddy=loud").output().unwrap();
    let error = String::from_utf8(no_filter.stderr).unwrap();
    assert!(error.starts_with("error: RUST_LOG is not a filter: "), "{error}");
}

#[test]
fn a_connector_is_added_once() {
    let database = Database::sqlite();
    let add = ["connector", "add", "--owner", "alice", "--id", "pcon_abc123", "--database-url", database.url()];
    run(&add);
    assert_eq!(error_of(&add), "error: there is a connector pcon_abc123 already\n");
}

#[tokio::test]
async fn a_demo_has_the_keys_that_it_prints() {
    let mut demo = Process::start(&["demo"]);
    let (mut keys, mut commented) = (Vec::new(), Vec::new());
    while commented.len() < 5 {
        let line = demo.line();
        if let Some((_, key)) = line.split_once("  frd_") {
            keys.push(format!("frd_{key}"));
        }
        commented.extend(line.strip_prefix("# ").and_then(|line| line.split(':').next()).map(str::to_owned));
    }
    assert_eq!(commented, ["204", "400", "401", "403", "429"]);
    assert_eq!(keys.len(), 2, "{keys:?}");
    for (key, status) in keys.iter().zip([204, 403]) {
        let request = format!(
            "DELETE {CONNECTORS}pcon_abc123 HTTP/1.1\r\nHost: t\r\nConnection: close\r\nX-API-Key: {key}\r\n\r\n"
        );
        assert_eq!(send(demo.address, &request).await.status, status);
    }
    demo.terminate();
}
