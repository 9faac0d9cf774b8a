//! What the server says of requests that no client of ours would send.

use freddy_types::{ErrorCode, ErrorResponse, headers};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::server::Server;

/// A valid body, to be spoilt.
const NEW_JOB: &str = r#"{"name":"Nightly","schedule":{"kind":"every","minutes":15},"owner":{"name":"Ada"}}"#;

/// The `system_message` of the answer to a request that is not as it should be.
async fn refusal(request_line: &str, more_headers: &str, body: &str) -> String {
    let server = Server::start().await;
    let mut stream = TcpStream::connect(server.base_url.strip_prefix("http://").unwrap()).await.unwrap();
    let head = format!(
        "{request_line} HTTP/1.1\r\nHost: jobs.example\r\n{}: {}\r\nContent-Length: {}\r\nConnection: close\r\n{more_headers}\r\n",
        headers::X_API_KEY,
        server.api_key,
        body.len(),
    );
    stream.write_all((head + body).as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status: u16 = head[9..12].parse().unwrap();
    let response = ErrorResponse::decode(status, &(), body.as_bytes());
    assert!(response.has_code(ErrorCode::ValidationError), "{answer}");
    response.envelope().unwrap().error().system_message().to_owned()
}

#[tokio::test]
async fn a_query_is_told_every_place_of_it() {
    let words = refusal("GET /v1/jobs?state=queued&state=lost&limit=0&created_after=monday&cursor=%FF", "", "").await;
    insta::assert_snapshot!(words, "a list", @"");
}

#[tokio::test]
async fn a_body_is_told_every_place_of_it() {
    let body = r#"{"name":"","priorty":3,"schedule":{"kind":"every","minutes":0,"jitter":"1","at":"now"},
        "labels":{"a":1},"owner":{"team":null}}"#;
    let words = refusal("POST /v1/jobs", "", body).await;
    insta::assert_snapshot!(words.replace("; ", ";\n"), "a creation", @"");
    let words = refusal("POST /v1/jobs", "Idempotency-Key: k1\r\n", &NEW_JOB.replace("every", "cron")).await;
    insta::assert_snapshot!(words, "a variant that is not known", @"");
    let words = refusal("POST /v1/jobs", "Idempotency-Key: k 1\r\nContent-Type: text/plain\r\n", NEW_JOB).await;
    insta::assert_snapshot!(words, "another type of body", @"");
    let words = refusal("POST /v1/jobs", "Idempotency-Key: k1\r\n", &NEW_JOB[1..]).await;
    insta::assert_snapshot!(words, "no JSON", @"");
    let words = refusal("POST /v1/jobs", "Idempotency-Key: k1\r\n", "").await;
    insta::assert_snapshot!(words, "no body", @"");
}

#[tokio::test]
async fn path_and_body_are_told_together() {
    let words = refusal("PATCH /v1/jobs/job-1", "", r#"{"name":null,"note":"","note":null}"#).await;
    insta::assert_snapshot!(words, "a patch", @"");
    let words = refusal("POST /v1/jobs/%00/cancel", "", "").await;
    insta::assert_snapshot!(words, "a cancellation", @"");
}
