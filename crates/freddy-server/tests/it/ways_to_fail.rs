//! Every way to fail, on every database. Each answer is an envelope of the strict contract.

use std::collections::BTreeSet;
use std::time::Duration;

use freddy_types::ErrorCode;

use crate::support::{Answer, CONNECTORS, Connection, Database, Server, delete_of, send, settings};

const PATH: &str = "/v1/personal-connectors/pcon_abc123";

/// Makes two tests of each row, one for each kind of database. A row is a function that makes a request fail.
macro_rules! ways_to_fail {
    ($($case:ident => $code:ident: $fail:expr;)+) => {
        $(mod $case {
            use super::*;

            async fn check(database: Database) {
                let fail = $fail;
                fail(database).await.assert_error(ErrorCode::$code);
            }

            #[tokio::test]
            async fn on_sqlite() {
                check(Database::sqlite()).await;
            }

            #[tokio::test]
            async fn on_postgres() {
                let Some(database) = Database::postgres().await else { return };
                check(database).await;
            }
        })+

        /// The code of each row.
        const CODES: &[ErrorCode] = &[$(ErrorCode::$code),+];
    };
}

ways_to_fail! {
    a_malformed_id_is_invalid => ValidationError: async |database| {
        refused(database, async |server| server.delete("pcon_").await).await
    };
    a_broken_chunk_is_invalid => ValidationError: async |database| {
        refused(database, async |server| {
            let head = format!("DELETE {PATH} HTTP/1.1\r\nHost: t\r\n{}", server.key());
            send(server.address, &format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n")).await
        })
        .await
    };
    a_request_without_a_host_is_invalid => ValidationError: async |database| {
        refused(database, async |server| {
            send(server.address, &format!("DELETE {PATH} HTTP/1.1\r\n{}\r\n", server.key())).await
        })
        .await
    };
    a_request_with_two_hosts_is_invalid => ValidationError: async |database| {
        refused(database, async |server| server.call("DELETE", PATH, &format!("{}Host: other\r\n", server.key())).await)
            .await
    };
    a_request_without_a_key_is_unauthorized => Unauthorized: async |database| {
        refused(database, async |server| server.call("DELETE", PATH, "").await).await
    };
    a_wrong_key_is_unauthorized => Unauthorized: async |database| {
        refused(database, async |server| server.call("DELETE", PATH, "X-API-Key: wrong\r\n").await).await
    };
    an_unknown_connector_is_forbidden => Forbidden: async |database| {
        refused(database, async |server| server.delete("pcon_nobody").await).await
    };
    somebody_elses_connector_is_forbidden => Forbidden: async |database| {
        refused(database, async |server| server.delete("pcon_bob1").await).await
    };
    an_unknown_path_is_not_found => NotFound: async |database| {
        refused(database, async |server| server.call("GET", "/nope", "").await).await
    };
    an_unknown_path_of_the_api_is_not_found => NotFound: async |database| {
        refused(database, async |server| server.call("DELETE", "/v1/nope", &server.key()).await).await
    };
    a_path_without_a_connector_is_not_found => NotFound: async |database| {
        refused(database, async |server| server.call("DELETE", CONNECTORS, &server.key()).await).await
    };
    an_unknown_page_of_the_reference_is_not_found => NotFound: async |database| {
        refused(database, async |server| server.call("GET", "/docs/nope", "").await).await
    };
    a_wrong_method_is_not_allowed => MethodNotAllowed: async |database| {
        refused(database, async |server| server.call("GET", PATH, &server.key()).await).await
    };
    a_method_that_http_does_not_define_is_not_allowed => MethodNotAllowed: async |database| {
        refused(database, async |server| server.call("QUERY", PATH, &server.key()).await).await
    };
    a_wrong_method_for_a_document_is_not_allowed => MethodNotAllowed: async |database| {
        refused(database, async |server| server.call("POST", "/openapi.json", "").await).await
    };
    a_body_above_the_limit_is_too_large => PayloadTooLarge: async |database| {
        refused(database, async |server| send(server.address, &server.delete_with_body(11, "01234567890")).await).await
    };
    a_body_that_does_not_arrive_is_a_timeout => RequestTimeout: async |database| {
        refused(database, async |server| send(server.address, &server.delete_with_body(10, "01")).await).await
    };
    one_request_more_than_a_key_may_make_is_limited => RateLimitExceeded: async |database| {
        let server = Server::start_on(database, &["--rate-limit", "1"]).await;
        server.delete("pcon_abc123").await.assert_no_content();
        server.delete("pcon_abc123").await
    };
    one_request_more_than_an_address_may_make_is_limited => RateLimitExceeded: async |database| {
        let server = Server::start_on(database, &["--rate-limit", "1"]).await;
        server.call("DELETE", PATH, "").await.assert_error(ErrorCode::Unauthorized);
        server.call("DELETE", PATH, "").await
    };
    a_database_that_takes_too_long_is_unavailable => ServiceUnavailable: async |database| {
        let flags = ["--answer-timeout-ms", "300", "--read-timeout-ms", "200"];
        let server = Server::start_on(database, &flags).await;
        let locked = server.database.lock().await;
        let answer = server.delete("pcon_abc123").await;
        drop(locked);
        // A 503 leaves open whether the request took effect. A later one succeeds.
        while server.delete("pcon_abc123").await.status != 204 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        answer
    };
    a_failed_commit_is_an_internal_error => InternalServerError: async |database| {
        let server = Server::start_on(database, &[]).await;
        server.database.execute("DROP TABLE audit", "DROP TABLE audit").await;
        let answer = server.delete("pcon_abc123").await;
        assert!(server.database.disconnected().await.is_empty(), "without its audit row nothing is disconnected");
        answer
    };
    a_failed_lookup_of_a_key_is_an_internal_error => InternalServerError: async |database| {
        let server = Server::start_on(database, &[]).await;
        let drop_keys = "PRAGMA foreign_keys = OFF; DROP TABLE api_keys";
        server.database.execute(drop_keys, "DROP TABLE api_keys CASCADE").await;
        server.delete("pcon_abc123").await
    };
    a_server_without_its_tables_is_not_ready => ServiceUnavailable: async |database| {
        let server = Server::start_on(database, &[]).await;
        let drop_connectors = "PRAGMA foreign_keys = OFF; DROP TABLE connectors";
        server.database.execute(drop_connectors, "DROP TABLE connectors CASCADE").await;
        server.call("GET", "/readyz", "").await
    };
    a_request_that_finds_the_queue_full_is_unavailable => ServiceUnavailable: async |database| {
        let flags = ["--max-concurrency", "1", "--max-queue", "0", "--read-timeout-ms", "2000"];
        let server = Server::start_on(database, &flags).await;
        // This request holds the only permit as long as its body does not arrive.
        let mut slow = Connection::in_flight(server.address, "pcon_abc123", &server.alice).await;
        let refused = server.delete("pcon_bob1").await;
        // A busy server is a healthy one.
        server.call("GET", "/healthz", "").await.assert_no_content();
        slow.write("0").await;
        slow.answer().await.unwrap().assert_no_content();
        assert_eq!(refused.assert_contract_error().retry_after(), Some(Duration::from_secs(1)));
        refused
    };
}

/// The answer to a request that must change nothing.
async fn refused(database: Database, request: impl AsyncFnOnce(&Server) -> Answer) -> Answer {
    let server = Server::start_on(database, &["--max-body", "10", "--read-timeout-ms", "200"]).await;
    let answer = request(&server).await;
    assert!(server.database.disconnected().await.is_empty());
    answer
}

#[test]
fn every_code_has_a_way_to_fail() {
    assert_eq!(CODES.iter().collect::<BTreeSet<_>>(), ErrorCode::ALL.iter().collect());
}

#[tokio::test]
async fn a_body_that_the_endpoint_does_not_ask_for_is_ignored() {
    let server = Server::start(&["--max-body", "10"]).await;
    send(server.address, &server.delete_with_body(10, "0123456789")).await.assert_no_content();
}

#[tokio::test]
async fn the_answer_to_a_wrong_method_lists_the_allowed_ones() {
    let server = Server::start(&[]).await;
    let answer = server.call("GET", PATH, &server.key()).await;
    answer.assert_error(ErrorCode::MethodNotAllowed);
    assert_eq!(answer.header("allow"), Some("DELETE"));
    let document = server.call("POST", "/openapi.json", "").await;
    document.assert_error(ErrorCode::MethodNotAllowed);
    assert_eq!(document.header("allow"), Some("GET,HEAD,OPTIONS"));
}

#[tokio::test]
async fn a_database_that_comes_back_is_used_again() {
    let Some(database) = Database::postgres().await else { return };
    let server = Server::start_on(database, &["--key-cache-ms", "0"]).await;
    server.delete("pcon_abc123").await.assert_no_content();
    server.database.execute("", "ALTER TABLE api_keys RENAME TO gone").await;
    server.delete("pcon_abc123").await.assert_error(ErrorCode::InternalServerError);
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
        answer.assert_error(ErrorCode::InternalServerError);
    }
    panic!("{answers:?}");
}

#[tokio::test]
async fn a_connection_without_a_complete_head_is_closed() {
    let server = Server::start(&["--read-timeout-ms", "200"]).await;
    let mut connection = Connection::open(server.address).await;
    connection.write("DELETE /v1/personal-connectors/pcon_abc123 HTTP/1.1\r\nHost:").await;
    assert!(connection.is_closed().await);
    // So is one on which nothing arrives.
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
