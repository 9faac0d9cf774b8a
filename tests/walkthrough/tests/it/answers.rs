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
    insta::assert_snapshot!(words.replace("; ", ";\n"), "a list", @r"
    Validation failed: query.state: is not one of queued, running, done;
    query.created_after: invalid RFC 3339 date-time: expected a year of four digits at byte 0;
    query.limit: is not an integer from 1 to 100;
    query.cursor: is not percent-encoded UTF-8
    ");
}

#[tokio::test]
async fn a_body_is_told_every_place_of_it() {
    let body = r#"{"name":"","priorty":3,"schedule":{"kind":"every","minutes":0,"jitter":"1","at":"now"},
        "labels":{"a":1},"owner":{"team":null}}"#;
    let words = refusal("POST /v1/jobs", "", body).await;
    insta::assert_snapshot!(words.replace("; ", ";\n"), "a creation", @r"
    Validation failed: header Idempotency-Key: is missing;
    body /name: does not have 1 to 80 characters;
    body /schedule/minutes: is not an integer from 1 to 10080;
    body /schedule/jitter: is not an integer from 0 to 600;
    body /schedule: has an unknown field `at`;
    body /labels/*: is not a string;
    body /owner/name: is missing;
    body /owner/team: is not a string;
    body: has an unknown field `priorty`, perhaps `priority` is meant
    ");
    let words = refusal("POST /v1/jobs", "Idempotency-Key: k1\r\n", &NEW_JOB.replace("every", "cron")).await;
    insta::assert_snapshot!(words, "a variant that is not known", @"Validation failed: body /schedule/kind: is not one of once, every");
    let words = refusal("POST /v1/jobs", "Idempotency-Key: k 1\r\nContent-Type: text/plain\r\n", NEW_JOB).await;
    insta::assert_snapshot!(words, "another type of body", @"Validation failed: header Idempotency-Key: idempotency key has an unexpected character at byte 1: allowed there is an ASCII letter, a digit, `_` or `-`; header Content-Type: is not `application/json`");
    let words = refusal("POST /v1/jobs", "Idempotency-Key: k1\r\n", &NEW_JOB[1..]).await;
    insta::assert_snapshot!(words, "no JSON", @"Validation failed: body: is not JSON at line 1 column 7");
    let words = refusal("POST /v1/jobs", "Idempotency-Key: k1\r\n", "").await;
    insta::assert_snapshot!(words, "no body", @"Validation failed: body: is missing");
}

#[tokio::test]
async fn path_and_body_are_told_together() {
    let words = refusal("PATCH /v1/jobs/job-1", "", r#"{"name":null,"note":"","note":null}"#).await;
    insta::assert_snapshot!(words, "a patch", @"Validation failed: path.job_id: job ID does not start with `job_`; body /name: is not a string; body /note: is given more than once; body /note: does not have 1 to 500 characters");
    let words = refusal("POST /v1/jobs/%00/cancel", "", "").await;
    insta::assert_snapshot!(words, "a cancellation", @"Validation failed: path.job_id: job ID does not start with `job_`");
}
