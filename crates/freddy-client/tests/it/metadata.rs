//! What is said beside the body of an answer.

use freddy_client::ErrorKind;
use freddy_types::{ErrorCode, RateLimit, RateLimitDetails, extension_code, personal_connectors::DisconnectConnector};

use crate::support::{
    Connection, KEY, Stub, answer, builder, disconnect, disconnect_once, documented, failure, id, within_reason,
};

const RATE_LIMIT: [(&str, &str); 3] =
    [("X-RateLimit-Limit", "100"), ("X-RateLimit-Remaining", "7"), ("X-RateLimit-Reset", "1763029860")];

fn request() -> DisconnectConnector {
    DisconnectConnector { connector_id: id() }
}

fn no_content(headers: &[(&str, &str)]) -> Connection {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    Connection::send(format!("HTTP/1.1 204 No Content\r\n{headers}Connection: close\r\n\r\n"))
}

fn rate_limit() -> RateLimit {
    RateLimit { limit: 100, remaining: 7, reset_at: jiff::Timestamp::from_second(1_763_029_860).unwrap() }
}

#[tokio::test]
async fn a_success_keeps_what_was_said_beside_it() {
    let said = [RATE_LIMIT.as_slice(), &[("X-Request-Id", "req_1"), ("X-Other", "x")]].concat();
    let stub = Stub::start(vec![Connection::send(failure(ErrorCode::InternalServerError)), no_content(&said)]).await;
    let response = within_reason(builder(&stub).build().unwrap().send_with_metadata(&request())).await.unwrap();
    let metadata = response.metadata;
    assert_eq!((metadata.status(), metadata.attempts(), metadata.request_id()), (204, 2, Some("req_1")));
    assert_eq!(metadata.rate_limit(), Some(rate_limit()));
    assert_eq!(metadata.headers()["x-other"], "x");
}

#[tokio::test]
async fn a_failure_keeps_what_was_said_beside_it() {
    let said = [RATE_LIMIT.as_slice(), &[("X-Request-Id", "req_1")]].concat();
    let (error, _) = disconnect_once(Connection::send(answer(403, &said, &documented(ErrorCode::Forbidden)))).await;
    let metadata = error.metadata().unwrap();
    assert_eq!((metadata.status(), metadata.attempts(), metadata.request_id()), (403, 1, Some("req_1")));
    assert_eq!(metadata.rate_limit(), Some(rate_limit()));
}

#[tokio::test]
async fn an_error_has_what_the_last_attempt_was_answered() {
    let played = disconnect(vec![
        Connection::send(answer(500, &[("X-Request-Id", "req_1")], "")),
        Connection::send(answer(404, &[("X-Request-Id", "req_2")], "")),
    ])
    .await;
    let error = played.result.unwrap_err();
    let metadata = error.metadata().unwrap();
    assert_eq!((metadata.status(), metadata.attempts(), metadata.request_id()), (404, 2, Some("req_2")));

    let (error, _) = disconnect_once(Connection::send("").then_reset()).await;
    assert_eq!(error.kind(), ErrorKind::Transport);
    assert!(error.metadata().is_none());
}

#[tokio::test]
async fn a_rate_limit_is_read_only_if_it_is_whole() {
    for broken in 0..RATE_LIMIT.len() {
        for value in [None, Some("-1x"), Some("99999999999999999999")] {
            let mut said = RATE_LIMIT.to_vec();
            match value {
                Some(value) => said[broken].1 = value,
                None => _ = said.remove(broken),
            }
            let stub = Stub::start(vec![no_content(&said)]).await;
            let response = within_reason(builder(&stub).build().unwrap().send_with_metadata(&request())).await.unwrap();
            assert_eq!(response.metadata.rate_limit(), None, "{said:?}");
        }
    }
}

#[tokio::test]
async fn metadata_shows_neither_the_key_nor_a_cookie() {
    let stub = Stub::start(vec![no_content(&[("X-Echo", KEY), ("Set-Cookie", "session=planted")])]).await;
    let response = within_reason(builder(&stub).build().unwrap().send_with_metadata(&request())).await.unwrap();
    assert_eq!(response.metadata.headers()["x-echo"], "[redacted]");
    assert_eq!(response.metadata.headers()["set-cookie"], "session=planted");
    let shown = format!("{response:?}");
    assert!(shown.contains("set-cookie") && !shown.contains("planted"), "{shown}");
}

extension_code! {
    /// Somebody else is changing the connector.
    const CONNECTOR_LOCKED {
        code: "CONNECTOR_LOCKED",
        status: 423,
        error_type: Client,
        heading: "Locked",
        message: "The connector is locked.",
        system_message: "Connector is locked",
        example_trace_id: "req_locked",
    }
}

#[tokio::test]
async fn codes_and_details_are_a_question_away() {
    let (error, _) = disconnect_once(Connection::send(failure(ErrorCode::RateLimitExceeded))).await;
    assert_eq!(error.details::<RateLimitDetails>().unwrap().remaining(), 0);
    assert!(error.has_code(ErrorCode::RateLimitExceeded) && !error.has_code(ErrorCode::Forbidden));
    assert!(!error.has_code(CONNECTOR_LOCKED.code()));

    let (error, _) = disconnect_once(Connection::send(failure(ErrorCode::Forbidden))).await;
    assert_eq!(error.details::<RateLimitDetails>(), None);

    let (error, _) = disconnect_once(Connection::send(failure(CONNECTOR_LOCKED.code()))).await;
    assert_eq!(error.code(), None);
    assert!(error.has_code(CONNECTOR_LOCKED.code()));

    let broken = documented(ErrorCode::RateLimitExceeded).replace("\"remaining\":0", "\"remaining\":\"none\"");
    let (error, _) = disconnect_once(Connection::send(answer(429, &[], &broken))).await;
    assert_eq!(error.details::<RateLimitDetails>(), None);
    assert!(error.has_code(ErrorCode::RateLimitExceeded));

    let (error, _) = disconnect_once(Connection::send("").then_reset()).await;
    assert_eq!(error.details::<RateLimitDetails>(), None);
    assert!(!error.has_code(ErrorCode::RateLimitExceeded));
}
