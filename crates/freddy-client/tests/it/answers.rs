//! What a call returns for each answer of a server.

use std::time::Duration;

use freddy_client::{BuildError, Client, Error, ErrorKind};
use freddy_types::{ErrorBody, ErrorCode, NoContent};

use crate::support::{Connection, NO_CONTENT, answer, chain, disconnect, disconnect_once, documented, failure};

#[test]
fn an_error_is_one_word() {
    assert_eq!(size_of::<Error>(), size_of::<usize>());
    assert_eq!(size_of::<Result<NoContent, Error>>(), size_of::<usize>());
}

#[test]
fn clients_and_errors_go_between_threads() {
    fn goes_between_threads<T: Send + Sync + 'static>() {}
    goes_between_threads::<Error>();
    goes_between_threads::<BuildError>();
    goes_between_threads::<Client>();
    #[cfg(feature = "blocking")]
    goes_between_threads::<freddy_client::blocking::Client>();
}

#[tokio::test]
async fn no_content_is_success() {
    let played = disconnect(vec![Connection::send(NO_CONTENT)]).await;
    played.result.unwrap();
    assert_eq!((played.requests.len(), played.waits.len(), played.elapsed), (1, 0, Duration::ZERO));
    let [event] = &*played.events else { panic!("{:?}", played.events) };
    assert_eq!(event.span, "freddy call disconnectConnector DELETE /v1/personal-connectors/{connector_id}");
    assert_eq!((&*event.level, &*event.message, event.attempt), ("DEBUG", "answered", 1));
    assert_eq!((event.status, event.request_id.as_deref()), (Some(204), Some("req_done")));
}

#[tokio::test]
async fn every_code_reaches_the_caller_with_its_status_and_its_request_id() {
    for &code in ErrorCode::ALL {
        let (error, played) = disconnect_once(Connection::send(failure(code))).await;
        assert_eq!(error.kind(), ErrorKind::Response);
        assert_eq!((error.code(), error.status()), (Some(code), Some(code.status())));
        let envelope = error.response().unwrap().envelope().unwrap();
        assert_eq!(error.request_id(), Some(envelope.error().trace_id()));
        let text = format!("disconnectConnector failed: HTTP {} {code}: ", code.status());
        assert!(error.to_string().starts_with(&text), "{error}");
        assert_eq!(chain(&error).len(), 1);
        let [event] = &*played.events else { panic!("{:?}", played.events) };
        assert_eq!((&*event.level, &*event.message, event.attempt), ("DEBUG", "failed", 1));
        assert_eq!((event.status, event.request_id.as_deref()), (error.status().map(u64::from), error.request_id()));
    }
}

#[tokio::test]
async fn a_wrong_key_is_not_retried() {
    let played =
        disconnect(vec![Connection::send(failure(ErrorCode::Unauthorized)), Connection::send(NO_CONTENT)]).await;
    let error = played.result.unwrap_err();
    assert_eq!((error.code(), error.attempts(), played.connections), (Some(ErrorCode::Unauthorized), 1, 1));
}

#[tokio::test]
async fn an_unknown_code_keeps_everything() {
    let body = documented(ErrorCode::Forbidden).replace("FORBIDDEN", "CONNECTOR_LOCKED").replace("403", "423");
    let (error, _) = disconnect_once(Connection::send(answer(423, &[("X-Request-Id", "req_header")], &body))).await;
    assert_eq!((error.code(), error.status(), error.request_id()), (None, Some(423), Some("req_header")));
    assert_eq!(error.response().unwrap().code_str(), Some("CONNECTOR_LOCKED"));
    assert!(!error.is_retryable());
}

#[tokio::test]
async fn the_html_of_a_proxy_keeps_its_status_and_its_retry_hint() {
    let html = "<html><body>Service Unavailable</body></html>";
    let (error, _) =
        disconnect_once(Connection::send(answer(503, &[("Content-Type", "text/html"), ("Retry-After", "7")], html)))
            .await;
    assert!(error.is_retryable());
    assert_eq!((error.status(), error.retry_after()), (Some(503), Some(Duration::from_secs(7))));
    assert_eq!(error.to_string(), "disconnectConnector failed: HTTP 503: 45 bytes that are not JSON");
}

#[tokio::test]
async fn an_error_is_read_whatever_its_content_type() {
    for content_type in ["text/html", "application/octet-stream", ";;"] {
        let headers = [("Content-Type", content_type), ("Content-Encoding", "gzip")];
        let body = documented(ErrorCode::Forbidden);
        let (error, _) = disconnect_once(Connection::send(answer(403, &headers, &body))).await;
        assert_eq!(error.code(), Some(ErrorCode::Forbidden), "{content_type}");
    }
}

#[tokio::test]
async fn the_body_of_an_error_is_read_up_to_the_limit() {
    let body = "x".repeat(10 << 20);
    let (error, played) = disconnect_once(Connection::send(answer(500, &[], &body))).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Response, Some(500)));
    let ErrorBody::Opaque(preview) = error.response().unwrap().body() else { panic!("{error:?}") };
    assert_eq!(preview.total_len(), 64 << 10);
    assert_eq!(played.elapsed, Duration::ZERO);
}

#[tokio::test]
async fn an_unexpected_200_is_an_error_and_not_retried() {
    let played = disconnect(vec![Connection::send(answer(200, &[("X-Request-Id", "req_1")], "{\"ok\":true}"))]).await;
    let error = played.result.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedSuccess, Some(200)));
    assert_eq!((error.is_retryable(), error.attempts(), error.request_id()), (false, 1, Some("req_1")));
    assert_eq!(
        error.to_string(),
        "disconnectConnector failed: expected HTTP 204, got HTTP 200: JSON without a message (request req_1)"
    );
}

#[tokio::test]
async fn an_error_under_a_success_status_still_has_its_code() {
    let (error, _) = disconnect_once(Connection::send(answer(200, &[], &documented(ErrorCode::Forbidden)))).await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::UnexpectedSuccess, Some(ErrorCode::Forbidden)));
}

#[tokio::test]
async fn a_redirect_is_an_error_and_not_followed() {
    let other = crate::support::Stub::start(vec![Connection::send(NO_CONTENT)]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("{}/v1/personal-connectors/pcon_abc123", other.url());
        let played = disconnect(vec![Connection::send(answer(status, &[("Location", &location)], ""))]).await;
        let error = played.result.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::Response, Some(status)));
        assert_eq!((error.is_retryable(), played.requests.len(), other.connections()), (false, 1, 0));
    }
}

#[tokio::test]
async fn a_message_with_a_full_stop_does_not_end_the_text_with_one() {
    let (error, _) = disconnect_once(Connection::send(answer(400, &[], "{\"detail\": \"No such thing.\"}"))).await;
    assert_eq!(error.to_string(), "disconnectConnector failed: HTTP 400: No such thing");
}
