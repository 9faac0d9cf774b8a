//! What a call returns when the network fails.

use std::time::Duration;

use freddy_client::{ErrorKind, RetryPolicy};
use freddy_types::{ErrorBody, ErrorCode};

use crate::support::{
    ATTEMPT_TIMEOUT, Connection, DEADLINE, NO_CONTENT, Stub, answer, builder, chain, disconnect, disconnect_once,
    documented, failure, id, play, within_reason,
};

/// An answer whose head promises a longer body than follows.
fn cut_short(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} x\r\n{headers}Content-Length: 100000\r\n\r\n{body}")
}

#[tokio::test]
async fn a_reset_before_the_answer_is_retried() {
    for script in [
        Connection::refuse(),
        Connection::send("").then_reset(),
        Connection::send(""),
        Connection::send("HTTP/1.1 204 No Con").then_reset(),
        Connection::send("HTTP/1.1 500 x\r\nContent-Le"),
        Connection::send("SSH-2.0-OpenSSH_9.9\r\n"),
    ] {
        let played = disconnect(vec![script.clone(), Connection::send(NO_CONTENT)]).await;
        played.result.unwrap();
        assert_eq!((played.connections, played.waits.len()), (2, 1), "{script:?}");
        let [retry, done] = &*played.events else { panic!("{:?}", played.events) };
        assert_eq!((&*retry.level, &*retry.message, retry.attempt), ("WARN", "trying again", 1));
        assert_eq!((retry.status, retry.wait_ms), (None, Some(played.waits[0])));
        assert_eq!(
            retry.error.as_deref(),
            Some("disconnectConnector failed: the connection broke before the answer"),
            "{script:?}"
        );
        assert_eq!((done.status, done.attempt), (Some(204), 2));

        let (error, _) = disconnect_once(script).await;
        assert_eq!((error.kind(), error.status(), error.is_retryable()), (ErrorKind::Transport, None, true));
        assert!(chain(&error).len() >= 3, "{:?}", chain(&error));
    }
}

#[tokio::test]
async fn a_refused_connection_is_a_transport_fault() {
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let base_url = format!("http://{unused}");
    let played = play(vec![], |builder| builder.base_url(base_url)).await;
    let error = played.result.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), played.waits.len()), (ErrorKind::Transport, 4, 3));
    assert_eq!(error.to_string(), "disconnectConnector failed after 4 attempts: no connection");
    assert!(chain(&error).last().unwrap().contains("refused"), "{:?}", chain(&error));
}

#[tokio::test]
async fn a_reset_within_the_body_still_gives_the_status() {
    let headers = "X-Request-Id: req_1\r\n";
    for status in [401, 404, 500] {
        let reset = Connection::send(cut_short(status, headers, "{\"success\": fal")).then_reset();
        let (error, _) = disconnect_once(reset).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Response, Some(status)));
        assert_eq!(error.request_id(), Some("req_1"));
        let ErrorBody::Opaque(preview) = error.response().unwrap().body() else { panic!("{error:?}") };
        assert_eq!(preview.text(), "{\"success\": fal");
        assert!(chain(&error)[1].contains("body"), "the source says what cut it: {:?}", chain(&error));
    }
}

#[tokio::test]
async fn an_envelope_cut_short_keeps_its_status_and_hint() {
    let whole = documented(ErrorCode::RateLimitExceeded);
    let cut = Connection::send(cut_short(429, "Retry-After: 3\r\n", &whole[..whole.len() - 1]));
    let error = disconnect(vec![cut, Connection::send(NO_CONTENT)]).await.result.unwrap_err();
    // That of the body is longer than that of the header, and than what the client waits.
    assert_eq!((error.code(), error.attempts()), (Some(ErrorCode::RateLimitExceeded), 1));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(60)));
}

#[tokio::test]
async fn a_complete_envelope_is_read_from_a_body_that_breaks_off() {
    let cut = Connection::send(cut_short(403, "", &documented(ErrorCode::Forbidden)));
    let (error, _) = disconnect_once(cut).await;
    assert_eq!(error.code(), Some(ErrorCode::Forbidden));
}

#[tokio::test]
async fn a_stall_before_the_answer_is_a_timeout_and_retried() {
    for begun in ["", "HTTP/1.1 204 No Content\r\nX-Re"] {
        let played = disconnect(vec![Connection::send(begun).then_stall(), Connection::send(NO_CONTENT)]).await;
        played.result.unwrap();
        assert_eq!((played.requests.len(), played.waits.len()), (2, 1));
        assert!(played.elapsed >= ATTEMPT_TIMEOUT && played.elapsed < ATTEMPT_TIMEOUT + Duration::from_secs(1));

        let (error, played) = disconnect_once(Connection::send(begun).then_stall()).await;
        assert_eq!((error.kind(), error.is_retryable(), error.status()), (ErrorKind::Timeout, true, None));
        assert_eq!(error.to_string(), "disconnectConnector failed: no whole answer within the attempt's 15s");
        assert_eq!(played.elapsed.as_secs(), ATTEMPT_TIMEOUT.as_secs());
    }
}

#[cfg(feature = "rustls")]
#[tokio::test]
async fn a_tls_handshake_that_stalls_is_a_connect_timeout() {
    let stub = Stub::start(vec![Connection::default().then_stall()]).await;
    let client = builder(&stub)
        .base_url(stub.url().replace("http:", "https:"))
        .connect_timeout(Duration::from_millis(50))
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let error = within_reason(client.disconnect_connector(&id())).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Timeout, true));
    assert_eq!(error.to_string(), "disconnectConnector failed: no connection in time");
    assert!(chain(&error).len() >= 3, "{:?}", chain(&error));
}

#[tokio::test]
async fn a_stalled_body_still_gives_the_status() {
    let stall = Connection::send(cut_short(403, "", &documented(ErrorCode::Forbidden))).then_stall();
    let (error, played) = disconnect_once(stall).await;
    assert_eq!((error.kind(), error.code()), (ErrorKind::Response, Some(ErrorCode::Forbidden)));
    assert_eq!(chain(&error)[1], "no whole answer within the attempt's 15s");
    assert_eq!(played.elapsed.as_secs(), ATTEMPT_TIMEOUT.as_secs());
}

#[tokio::test]
async fn a_204_is_a_success_whatever_the_connection_does_afterwards() {
    for end in [
        Connection::send(NO_CONTENT).then_reset(),
        Connection::send(NO_CONTENT).then_stall(),
        Connection::send("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n").then_reset(),
        Connection::send("HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\nzzz").then_stall(),
    ] {
        let played = disconnect(vec![end.clone()]).await;
        assert!(played.result.is_ok(), "{end:?}: {:?}", played.result);
        assert_eq!((played.requests.len(), played.elapsed), (1, Duration::ZERO), "{end:?}");
    }
}

#[tokio::test]
async fn a_server_that_never_answers_ends_the_call_at_the_deadline() {
    let stalls = vec![Connection::send("").then_stall(); 9];
    let patient = RetryPolicy::new().max_attempts(99);
    let played = play(stalls, |builder| builder.retry(patient)).await;
    let error = played.result.unwrap_err();
    // Three whole attempts, and one that the deadline cut short.
    assert_eq!((error.kind(), error.attempts(), played.requests.len()), (ErrorKind::Timeout, 4, 4));
    assert_eq!(error.to_string(), "disconnectConnector failed after 4 attempts: no whole answer within the call's 60s");
    assert!(played.elapsed >= DEADLINE && played.elapsed < DEADLINE + Duration::from_secs(5), "{:?}", played.elapsed);
}

#[tokio::test]
async fn a_failed_response_whose_body_outlasts_the_deadline_is_still_that_response() {
    let stall = Connection::send(cut_short(500, "", "")).then_stall();
    let played = play(vec![stall], |builder| builder.deadline(Duration::from_secs(9))).await;
    let error = played.result.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Response, Some(500), 1));
    assert_eq!(chain(&error)[1], "no whole answer within the call's 9s");
}

#[tokio::test]
async fn an_informational_answer_is_skipped() {
    let script = format!("HTTP/1.1 103 Early Hints\r\n\r\n{}", answer(403, &[], &documented(ErrorCode::Forbidden)));
    let (error, _) = disconnect_once(Connection::send(script)).await;
    assert_eq!(error.code(), Some(ErrorCode::Forbidden));
}

#[tokio::test]
async fn a_connection_is_reused_and_replaced_once_the_server_has_closed_it() {
    let kept = "HTTP/1.1 204 No Content\r\n\r\n";
    // The server reads the third request on the first connection, and then hangs up as on an idle one.
    let first = Connection::send(kept).then_send(kept).then_send("");
    let stub = Stub::start(vec![first, Connection::send(NO_CONTENT)]).await;
    let soon = RetryPolicy::new().initial_backoff(Duration::from_millis(1));
    let client = builder(&stub).retry(soon).build().unwrap();
    for connections in [1, 1, 2] {
        within_reason(client.disconnect_connector(&id())).await.unwrap();
        assert_eq!(stub.connections(), connections);
    }
    assert_eq!(stub.requests().len(), 4);
}

#[tokio::test]
async fn a_head_without_end_is_a_transport_fault() {
    let endless = format!("HTTP/1.1 204 No Content\r\nX-Padding: {}", "x".repeat(1 << 20));
    let (error, _) = disconnect_once(Connection::send(endless)).await;
    assert_eq!((error.kind(), error.status()), (ErrorKind::Transport, None));
    assert!(chain(&error).last().unwrap().contains("too large"), "{:?}", chain(&error));
}

#[tokio::test]
async fn an_error_says_whether_the_request_may_have_been_carried_out() {
    for (attempt, may) in [
        (Connection::refuse(), true),
        (Connection::send("").then_reset(), true),
        (Connection::send("").then_stall(), true),
        (Connection::send(failure(ErrorCode::InternalServerError)), true),
        (Connection::send(answer(200, &[], "{}")), true),
        (Connection::send(cut_short(200, "", "")), true),
        (Connection::send(answer(302, &[], "")), false),
        (Connection::send(answer(408, &[], "")), false),
        (Connection::send(failure(ErrorCode::Unauthorized)), false),
        (Connection::send(failure(ErrorCode::RateLimitExceeded)), false),
        (Connection::send(answer(404, &[], "")), false),
    ] {
        let (error, _) = disconnect_once(attempt.clone()).await;
        assert_eq!(error.may_have_happened(), may, "{attempt:?}");
    }
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let played = play(vec![], |builder| builder.base_url(format!("http://{unused}"))).await;
    assert!(!played.result.unwrap_err().may_have_happened());
}

#[tokio::test]
async fn a_refusal_after_an_attempt_that_may_have_worked_says_so() {
    let stall = Connection::send("").then_stall();
    for status in [403, 404, 409, 410, 401] {
        let refused = Connection::send(answer(status, &[], "{\"detail\":\"no\"}"));
        let played = disconnect(vec![stall.clone(), refused.clone()]).await;
        let error = played.result.unwrap_err();
        assert_eq!((error.status(), error.attempts(), error.may_have_happened()), (Some(status), 2, true));
        let hint = if status == 401 { "" } else { "; an earlier attempt may have been carried out" };
        assert_eq!(error.to_string(), format!("disconnectConnector failed after 2 attempts: HTTP {status}: no{hint}"));

        // An attempt that was only told to wait changes nothing.
        let limited = Connection::send(answer(429, &[("Retry-After", "1")], ""));
        let played = disconnect(vec![limited, refused]).await;
        let error = played.result.unwrap_err();
        assert_eq!((error.attempts(), error.may_have_happened()), (2, false));
        assert_eq!(error.to_string(), format!("disconnectConnector failed after 2 attempts: HTTP {status}: no"));
    }
    // It is remembered over more than one attempt.
    let limited = Connection::send(answer(429, &[("Retry-After", "1")], ""));
    let played = disconnect(vec![stall, limited, Connection::send(answer(404, &[], ""))]).await;
    assert!(played.result.unwrap_err().may_have_happened());
}
