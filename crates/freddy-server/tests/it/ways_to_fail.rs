//! Every way to fail, enumerated, on every database. Each answer is an envelope of the strict contract.

use std::collections::BTreeMap;
use std::time::Duration;

use freddy_types::ErrorCode;

use crate::support::{Answer, CONNECTORS, Connection, Database, Server, delete_of, send, settings};

/// What went wrong, and what was answered.
type Failures = Vec<(&'static str, Answer)>;

async fn of_requests(database: Database) -> Failures {
    let server = Server::start_on(database, &["--max-body", "10", "--read-timeout-ms", "200"]).await;
    let path = format!("{CONNECTORS}pcon_abc123");
    let broken_chunk =
        format!("DELETE {path} HTTP/1.1\r\nHost: t\r\n{}Transfer-Encoding: chunked\r\n\r\nzz\r\n", server.key());
    let failures = vec![
        ("a malformed ID", server.delete("pcon_").await),
        ("a broken chunk", send(server.address, &broken_chunk).await),
        ("no key", server.call("DELETE", &path, "").await),
        ("a wrong key", server.call("DELETE", &path, "X-API-Key: wrong\r\n").await),
        ("an unknown connector", server.delete("pcon_nobody").await),
        ("somebody else's connector", server.delete("pcon_bob1").await),
        ("an unknown path", server.call("GET", "/nope", "").await),
        ("an unknown path of the API", server.call("DELETE", "/v1/nope", &server.key()).await),
        ("no connector", server.call("DELETE", CONNECTORS, &server.key()).await),
        ("an unknown page of the reference", server.call("GET", "/docs/nope", "").await),
        ("a wrong method", server.call("GET", &path, &server.key()).await),
        ("an odd method", server.call("QUERY", &path, &server.key()).await),
        ("a wrong method for a document", server.call("POST", "/openapi.json", "").await),
        ("a body too large", send(server.address, &server.delete_with_body(11, "01234567890")).await),
        ("a body too slow", send(server.address, &server.delete_with_body(10, "01")).await),
    ];
    assert!(server.database.disconnected().await.is_empty());
    // A body that is none of the endpoint's business does no harm.
    send(server.address, &server.delete_with_body(10, "0123456789")).await.assert_no_content();
    failures
}

async fn of_the_rate_limit(database: Database) -> Failures {
    let server = Server::start_on(database, &["--rate-limit", "1"]).await;
    let path = format!("{CONNECTORS}pcon_abc123");
    server.delete("pcon_abc123").await.assert_no_content();
    assert_eq!(server.call("DELETE", &path, "").await.code(), ErrorCode::Unauthorized);
    vec![
        ("too many requests of a key", server.delete("pcon_abc123").await),
        ("too many requests of an address", server.call("DELETE", &path, "").await),
    ]
}

async fn of_the_database(database: Database) -> Failures {
    let server = Server::start_on(database, &["--answer-timeout-ms", "300", "--read-timeout-ms", "200"]).await;
    let locked = server.database.lock().await;
    let too_long = server.delete("pcon_abc123").await;
    drop(locked);
    // It may still have happened, or happen now: that is what a 503 leaves open. After that all is well.
    while server.delete("pcon_abc123").await.status != 204 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    server.database.execute("DROP TABLE audit", "DROP TABLE audit").await;
    server.store.add_connector(&"pcon_new".parse().unwrap(), "alice", 0).await.unwrap();
    let not_written = server.delete("pcon_new").await;
    assert_eq!(server.database.disconnected().await.len(), 1, "without its audit row nothing is disconnected");

    server.database.execute("PRAGMA foreign_keys = OFF; DROP TABLE api_keys", "DROP TABLE api_keys CASCADE").await;
    let path = format!("{CONNECTORS}pcon_abc123");
    let no_keys = server.call("DELETE", &path, "X-API-Key: not seen before\r\n").await;
    server.database.execute("PRAGMA foreign_keys = OFF; DROP TABLE connectors", "DROP TABLE connectors CASCADE").await;
    let not_ready = server.call("GET", "/readyz", "").await;
    vec![
        ("a server whose database is not ready", not_ready),
        ("a database that takes too long", too_long),
        ("a database that does not write", not_written),
        ("a database that does not find keys", no_keys),
    ]
}

async fn of_too_many_at_once(database: Database) -> Failures {
    let flags = ["--max-concurrency", "1", "--max-queue", "0", "--read-timeout-ms", "2000"];
    let server = Server::start_on(database, &flags).await;
    // One request holds the only turn while its body does not come.
    let mut slow = Connection::in_flight(server.address, "pcon_abc123", &server.alice).await;
    let refused = server.delete("pcon_bob1").await;
    // A busy server is not an ill one.
    server.call("GET", "/healthz", "").await.assert_no_content();
    slow.write("0").await;
    slow.answer().await.unwrap().assert_no_content();
    assert_eq!(refused.error().retry_after(), Some(Duration::from_secs(1)));
    vec![("too many at once", refused)]
}

#[tokio::test]
async fn every_way_to_fail_has_its_code_and_every_code_its_way() {
    let kinds = Database::each().await.len();
    let mut databases: Vec<_> = Vec::new();
    for _ in 0..4 {
        databases.extend(Database::each().await);
    }
    for _ in 0..kinds {
        let mut failures = of_requests(databases.pop().unwrap()).await;
        failures.extend(of_the_rate_limit(databases.pop().unwrap()).await);
        failures.extend(of_the_database(databases.pop().unwrap()).await);
        failures.extend(of_too_many_at_once(databases.pop().unwrap()).await);
        let mut ways: BTreeMap<ErrorCode, Vec<&str>> = BTreeMap::new();
        for (what, answer) in &failures {
            ways.entry(answer.code()).or_default().push(what);
        }
        let expected = BTreeMap::from([
            (ErrorCode::ValidationError, vec!["a malformed ID", "a broken chunk"]),
            (ErrorCode::Unauthorized, vec!["no key", "a wrong key"]),
            (ErrorCode::Forbidden, vec!["an unknown connector", "somebody else's connector"]),
            (
                ErrorCode::NotFound,
                vec![
                    "an unknown path",
                    "an unknown path of the API",
                    "no connector",
                    "an unknown page of the reference",
                ],
            ),
            (ErrorCode::MethodNotAllowed, vec!["a wrong method", "an odd method", "a wrong method for a document"]),
            (ErrorCode::PayloadTooLarge, vec!["a body too large"]),
            (ErrorCode::RequestTimeout, vec!["a body too slow"]),
            (ErrorCode::RateLimitExceeded, vec!["too many requests of a key", "too many requests of an address"]),
            (
                ErrorCode::InternalServerError,
                vec!["a database that does not write", "a database that does not find keys"],
            ),
            (
                ErrorCode::ServiceUnavailable,
                vec!["a server whose database is not ready", "a database that takes too long", "too many at once"],
            ),
        ]);
        assert_eq!(ways, expected);
        assert_eq!(ways.into_keys().collect::<Vec<_>>(), ErrorCode::ALL);
    }
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_one() {
    let server = Server::start(&[]).await;
    let answer = server.call("GET", &format!("{CONNECTORS}pcon_abc123"), &server.key()).await;
    assert_eq!((answer.code(), answer.header("allow")), (ErrorCode::MethodNotAllowed, Some("DELETE")));
    let document = server.call("POST", "/openapi.json", "").await;
    assert_eq!((document.code(), document.header("allow")), (ErrorCode::MethodNotAllowed, Some("GET,HEAD")));
}

#[tokio::test]
async fn a_database_that_comes_back_is_used_again() {
    let Some(database) = Database::postgres().await else { return };
    let server = Server::start_on(database, &["--key-cache-ms", "0"]).await;
    server.delete("pcon_abc123").await.assert_no_content();
    server.database.execute("", "ALTER TABLE api_keys RENAME TO gone").await;
    assert_eq!(server.delete("pcon_abc123").await.code(), ErrorCode::InternalServerError);
    server.database.execute("", "ALTER TABLE gone RENAME TO api_keys").await;
    server.delete("pcon_abc123").await.assert_no_content();
    // Every connection breaks: the next request, or the one after it, has a new one.
    server
        .database
        .execute(
            "",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        )
        .await;
    let mut answers = Vec::new();
    for _ in 0..20 {
        let answer = server.delete("pcon_abc123").await;
        answers.push(answer.status);
        if answer.status == 204 {
            return;
        }
        assert_eq!(answer.code(), ErrorCode::InternalServerError);
    }
    panic!("{answers:?}");
}

#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let server = Server::start(&["--read-timeout-ms", "200"]).await;
    let mut connection = Connection::open(server.address).await;
    connection.write("DELETE /v1/personal-connectors/pcon_abc123 HTTP/1.1\r\nHost:").await;
    assert!(connection.is_closed().await);
    // Neither does a client hold one that says nothing at all.
    assert!(Connection::open(server.address).await.is_closed().await);
}

#[tokio::test]
async fn what_is_not_http_is_answered_without_an_envelope() {
    let server = Server::start(&[]).await;
    let long_header = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "a".repeat(1 << 20));
    let long_path = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(70_000));
    for (request, status) in [("nonsense\r\n\r\n", 400), (&*long_header, 431), (&*long_path, 414)] {
        let mut connection = Connection::open(server.address).await;
        connection.write(request).await;
        let answer = connection.answer().await.unwrap();
        assert_eq!((answer.status, answer.body.len()), (status, 0));
    }
}

#[tokio::test]
async fn a_connection_is_used_again_after_an_error() {
    let server = Server::start(&[]).await;
    let mut connection = Connection::open(server.address).await;
    for (id, status) in [("wrong", 400), ("pcon_bob1", 403), ("pcon_abc123", 204), ("pcon_nobody", 403)] {
        let answer = connection.call(&delete_of(id, &server.alice)).await.unwrap();
        assert_eq!(answer.status, status);
    }
}

#[test]
fn the_documented_limit_is_the_default() {
    assert_eq!((settings(&[]).rate_limit.get(), settings(&[]).rate_window.get()), (100, 60));
}
