//! Where a program takes part in a call, and what it can see of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use freddy_client::{ClientBuilder, ErrorKind, RetryDecision, RetryPolicy};
use freddy_types::ErrorCode;

use crate::options::NOTE;
use crate::support::{Connection, NO_CONTENT, Stub, answer, builder, disconnect, failure, id, play, within_reason};

fn busy() -> Connection {
    Connection::send(failure(ErrorCode::ServiceUnavailable).replace("Retry-After: 1\r\n", ""))
}

fn quick(stub: &Stub) -> ClientBuilder {
    builder(stub).retry(RetryPolicy::new().initial_backoff(Duration::from_millis(1)))
}

fn text() -> Connection {
    Connection::send(answer(200, &[], r#""text""#))
}

#[tokio::test]
async fn a_predicate_may_forbid_a_retry() {
    let played = play(vec![busy(), Connection::send(NO_CONTENT)], |builder| {
        builder.retry_if(|error| match error.status() {
            Some(503) => RetryDecision::GiveUp,
            _ => RetryDecision::AsUsual,
        })
    })
    .await;
    let error = played.result.unwrap_err();
    assert_eq!((error.status(), error.attempts(), error.is_retryable()), (Some(503), 1, true));
}

#[tokio::test]
async fn a_predicate_may_allow_a_retry_within_the_policy() {
    let allow = |error: &freddy_client::Error| match error.status() {
        Some(503) => RetryDecision::Retry,
        _ => RetryDecision::AsUsual,
    };
    let stub = Stub::start(vec![busy(), busy(), text()]).await;
    assert_eq!(within_reason(quick(&stub).retry_if(allow).build().unwrap().send(&NOTE)).await.unwrap(), "text");

    let stub = Stub::start(vec![busy(); 9]).await;
    let error = within_reason(quick(&stub).retry_if(allow).build().unwrap().send(&NOTE)).await.unwrap_err();
    assert_eq!((error.attempts(), stub.requests().len()), (4, 4));
}

#[tokio::test]
async fn the_predicate_of_a_call_counts_instead() {
    let stub = Stub::start(vec![busy(), text(), busy(), text()]).await;
    let client = quick(&stub).retry_if(|_| RetryDecision::GiveUp).build().unwrap();
    assert_eq!(within_reason(client.call(&NOTE).retry_if(|_| RetryDecision::Retry)).await.unwrap(), "text");
    within_reason(client.send(&NOTE)).await.unwrap_err();
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn each_attempt_may_have_headers_of_its_own() {
    let stub = Stub::start(vec![busy(), Connection::send(NO_CONTENT)]).await;
    let client = quick(&stub)
        .before_attempt(|attempt| {
            let traceparent = format!("{}-{}", attempt.operation(), attempt.number());
            attempt.header("traceparent", traceparent)
        })
        .build()
        .unwrap();
    within_reason(client.disconnect_connector(&id())).await.unwrap();
    let sent: Vec<_> =
        stub.requests().iter().map(|request| request.header("traceparent").unwrap().to_owned()).collect();
    assert_eq!(sent, ["disconnectConnector-1", "disconnectConnector-2"]);
}

#[tokio::test]
async fn a_hook_runs_in_the_span_of_its_attempt() {
    let played = play(vec![Connection::send(NO_CONTENT)], |builder| {
        builder.before_attempt(|attempt| {
            let span = tracing::Span::current();
            attempt.header("X-Span", span.metadata().unwrap().name())
        })
    })
    .await;
    assert_eq!(played.requests[0].header("X-Span"), Some("freddy attempt"));
}

#[tokio::test]
async fn a_predicate_is_not_asked_about_what_cannot_be_sent() {
    let stub = Stub::start(vec![]).await;
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let builder = quick(&stub).retry_if(|_| RetryDecision::Retry).before_attempt(move |attempt| {
        counted.fetch_add(1, Ordering::SeqCst);
        attempt.header("X Y", "1")
    });
    within_reason(builder.build().unwrap().disconnect_connector(&id())).await.unwrap_err();
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_hook_cannot_send_what_only_the_client_sends() {
    for (name, value, problem) in [
        ("X-API-Key", "x", "a header is one that only the client sets"),
        ("X-Given", "x", "a header is one that the request already has"),
        ("X-Bad", "\n", "a header's value has a character that HTTP forbids"),
    ] {
        let stub = Stub::start(vec![]).await;
        let builder = quick(&stub).default_header("X-Given", "1");
        let client = builder.before_attempt(move |attempt| attempt.header(name, value)).build().unwrap();
        let error = within_reason(client.disconnect_connector(&id())).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), stub.connections()), (ErrorKind::Request, 0, 0));
        assert_eq!(error.to_string(), format!("disconnectConnector failed: {problem}"));
    }
}

#[tokio::test]
async fn each_attempt_is_a_span_with_the_names_of_opentelemetry() {
    let played = disconnect(vec![busy(), Connection::send(NO_CONTENT)]).await;
    played.result.unwrap();
    let spans: Vec<_> = played.log.lines().filter(|line| line.starts_with("opened freddy attempt ")).collect();
    let [first, second] = *spans else { panic!("{}", played.log) };
    for span in [first, second] {
        for field in [
            "otel.name=DELETE /v1/personal-connectors/{connector_id}",
            "otel.kind=client",
            "http.request.method=DELETE",
            "server.address=127.0.0.1",
            "url.scheme=http",
            "url.template=/v1/personal-connectors/{connector_id}",
        ] {
            assert!(span.contains(field), "{field}: {span}");
        }
        assert!(span.contains("server.port=") && !span.contains("pcon_abc123"), "{span}");
    }
    assert!(!first.contains("resend_count=") && second.contains("http.request.resend_count=1"), "{second}");
    let records: Vec<_> = played.log.lines().filter(|line| line.starts_with("recorded ")).collect();
    assert_eq!(
        records,
        [
            "recorded http.response.status_code=503",
            "recorded otel.status_code=ERROR",
            "recorded error.type=503",
            "recorded http.response.status_code=204"
        ]
    );
}

#[tokio::test]
async fn a_span_says_what_kind_of_fault_there_was() {
    for (connection, expected) in [
        (Connection::send("").then_reset(), "transport"),
        (Connection::send("").then_stall(), "timeout"),
        (Connection::send(answer(200, &[], "{}")), "unexpected_status"),
    ] {
        let played = play(vec![connection], |builder| builder.retry(RetryPolicy::never())).await;
        played.result.unwrap_err();
        assert!(played.log.contains(&format!("recorded error.type={expected}\n")), "{expected}: {}", played.log);
    }
}
