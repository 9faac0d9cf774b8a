//! What the head of a request decides is decided before its body arrives.

use std::time::Duration;

use freddy_types::{ErrorCode, headers};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::{Answer, Connection, Server, delete_of};

const PATH: &str = "/v1/personal-connectors/pcon_abc123";

/// Waits for the first answer to a head whose body never arrives.
async fn answer_to_head(server: &Server, head: &str) -> Answer {
    let mut connection = Connection::open(server.address).await;
    connection.write(head).await;
    connection.answer().await.unwrap()
}

#[tokio::test]
async fn a_head_that_decides_is_answered_though_its_body_never_arrives() {
    let flags = ["--read-timeout-ms", "600000", "--max-body", "10"];
    let server = Server::start(&flags).await;
    let key = server.key();
    for (line, credential, length, code) in [
        (format!("DELETE {PATH}"), "", "9", ErrorCode::Unauthorized),
        (format!("DELETE {PATH}"), "X-API-Key: wrong\r\n", "9", ErrorCode::Unauthorized),
        (format!("DELETE {PATH}"), &*key, "11", ErrorCode::PayloadTooLarge),
        (format!("DELETE {PATH}"), &*key, "9223372036854775807", ErrorCode::PayloadTooLarge),
        (format!("PUT {PATH}"), &*key, "9", ErrorCode::MethodNotAllowed),
        ("DELETE /nope".to_owned(), &*key, "9", ErrorCode::NotFound),
        ("POST /openapi.json".to_owned(), "", "9", ErrorCode::MethodNotAllowed),
        ("POST /healthz".to_owned(), "", "9", ErrorCode::MethodNotAllowed),
    ] {
        for expect in ["", "Expect: 100-continue\r\n"] {
            let head = format!("{line} HTTP/1.1\r\nHost: t\r\n{credential}{expect}Content-Length: {length}\r\n\r\n");
            let answer = answer_to_head(&server, &head).await;
            assert_eq!(answer.assert_contract_error().code(), Some(code), "{head}");
            // It cannot be known whether the client will send the body after all.
            let is_read = line.contains("/v1/") || line.contains("/nope");
            let is_read = is_read && expect.is_empty() && code != ErrorCode::PayloadTooLarge;
            assert_eq!(answer.header("connection"), (!is_read).then_some("close"), "{head}");
        }
    }
    assert!(server.database.disconnected().await.is_empty());
}

#[tokio::test]
async fn a_limited_caller_is_told_so_before_the_body_arrives() {
    let server = Server::start(&["--read-timeout-ms", "600000", "--rate-limit", "1"]).await;
    server.delete("pcon_nobody").await.assert_error(ErrorCode::Forbidden);
    answer_to_head(&server, &server.delete_with_body(9, "")).await.assert_error(ErrorCode::RateLimitExceeded);
}

#[tokio::test]
async fn a_connection_is_used_again_once_the_body_that_nobody_needed_is_there() {
    let server = Server::start(&[]).await;
    let mut connection = Connection::open(server.address).await;
    for sent_later in [false, true] {
        let head = format!("DELETE {PATH} HTTP/1.1\r\nHost: t\r\nContent-Length: 5\r\n\r\n");
        connection.write(&head).await;
        if !sent_later {
            connection.write("GET /").await;
        }
        connection.answer().await.unwrap().assert_error(ErrorCode::Unauthorized);
        if sent_later {
            connection.write("GET /").await;
        }
        // What was the body is not taken for a request.
        connection.call(&delete_of("pcon_abc123", &server.alice)).await.unwrap().assert_no_content();
    }
}

#[tokio::test]
async fn slow_bodies_take_nobody_elses_turn() {
    let server = Server::start(&["--max-concurrency", "1", "--max-queue", "0", "--read-timeout-ms", "600000"]).await;
    // One with a valid key waits for its body, and those without are answered, though their bodies never end.
    let mut slow = Connection::in_flight(server.address, "pcon_abc123", &server.alice).await;
    let mut open = Vec::new();
    for _ in 0..300 {
        let mut connection = Connection::open(server.address).await;
        connection.write("DELETE /x HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\n1").await;
        open.push(connection);
    }
    for connection in &mut open {
        let status = connection.answer().await.unwrap().status;
        assert!([404, 429, 503].contains(&status), "{status}");
    }
    server.delete("pcon_bob1").await.assert_error(ErrorCode::Forbidden);
    slow.write("0").await;
    slow.answer().await.unwrap().assert_no_content();
}

#[tokio::test]
async fn an_address_has_a_bounded_number_of_bodies_to_wait_for() {
    let server = Server::start(&["--read-timeout-ms", "600000", "--rate-limit", "100000"]).await;
    let mut waiting = Vec::new();
    let refused = loop {
        let mut connection = Connection::open(server.address).await;
        connection.write(&server.delete_with_body(9, "1")).await;
        match tokio::time::timeout(
            Duration::from_millis(if waiting.len() < 256 { 1 } else { 5000 }),
            connection.answer(),
        )
        .await
        {
            Ok(answer) => break answer.unwrap(),
            Err(_) => waiting.push(connection),
        }
        assert!(waiting.len() < 300, "they are not bounded");
    };
    refused.assert_error(ErrorCode::ServiceUnavailable);
    assert_eq!(refused.header("connection"), Some("close"));
    assert_eq!(waiting.len(), 256);
    // Whoever has no key is counted apart, and takes nothing away.
    answer_to_head(&server, &format!("DELETE {PATH} HTTP/1.1\r\nHost: t\r\nContent-Length: 9\r\n\r\n"))
        .await
        .assert_error(ErrorCode::Unauthorized);
    // Requests without a body are not affected.
    server.delete("pcon_bob1").await.assert_error(ErrorCode::Forbidden);
}

#[tokio::test]
async fn two_different_keys_in_one_request_are_no_key() {
    let server = Server::start(&[]).await;
    let alice = server.alice.reveal();
    for (credentials, status) in [
        (format!("X-API-Key: {alice}\r\nAuthorization: Bearer {alice}\r\n"), 204),
        (format!("X-API-Key: {alice}\r\nAuthorization: Bearer other\r\n"), 401),
        (format!("X-API-Key: other\r\nAuthorization: Bearer {alice}\r\n"), 401),
        (format!("X-API-Key: {alice}\r\nX-API-Key: other\r\n"), 401),
    ] {
        assert_eq!(server.call("DELETE", PATH, &credentials).await.status, status, "{credentials}");
    }
}

#[tokio::test]
async fn a_401_names_every_scheme() {
    let server = Server::start(&[]).await;
    let answer = server.call("DELETE", PATH, "").await;
    answer.assert_error(ErrorCode::Unauthorized);
    assert_eq!(answer.header(headers::WWW_AUTHENTICATE), Some(r#"ApiKey realm="api", Bearer realm="api""#));
}

#[tokio::test]
async fn options_lists_the_methods_and_head_is_get_without_its_body() {
    let server = Server::start(&[]).await;
    for (path, allow) in [
        (PATH, "DELETE, OPTIONS"),
        ("/healthz", "GET, HEAD, OPTIONS"),
        ("/readyz", "GET, HEAD, OPTIONS"),
        ("/openapi.json", "GET, HEAD, OPTIONS"),
        ("/docs/", "GET, HEAD, OPTIONS"),
    ] {
        let answer = server.call("OPTIONS", path, "").await;
        assert_eq!((answer.status, answer.header("allow")), (204, Some(allow)), "{path}");
    }
    server.call("OPTIONS", "/nope", "").await.assert_error(ErrorCode::NotFound);
    for (path, status) in [("/healthz", 204), ("/readyz", 204), ("/openapi.json", 200), (PATH, 405), ("/nope", 404)] {
        let head = format!("HEAD {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n{}\r\n", server.key());
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        assert!(answer.ends_with("\r\n\r\n"), "{path}: {answer}");
    }
}
