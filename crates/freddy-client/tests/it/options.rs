//! What one call may have of its own.

use std::time::Duration;

use freddy_client::{Client, Error, ErrorKind, RetryPolicy};
use freddy_types::{ErrorCode, Json, Tag, endpoint, identifier, personal_connectors::DisconnectConnector};

use crate::support::{Connection, NO_CONTENT, Stub, answer, builder, failure, id, within_reason};

identifier! {
    /// A short word.
    pub(crate) struct Word: "word" {
        prefix: "",
        characters: "!-~", "a visible ASCII character",
        max: 9,
        example: "w",
    }
}

endpoint! {
    /// Is not idempotent, and has headers of its own.
    pub(crate) struct Note {
        /// Anything.
        pub(crate) optional header note: Word as "X-Note",
        /// What makes it idempotent.
        pub(crate) optional header idempotency_key: Word as "Idempotency-Key",
    }
    method: Post,
    path: "/v2/notes",
    response: Json<String>,
    operation_id: "note",
    tag: Tag { name: "Notes", description: "" },
    summary: "",
    description: "",
    returns: "",
    success_message: "",
    errors: [],
}

pub(crate) const NOTE: Note = Note { note: None, idempotency_key: None };

fn request() -> DisconnectConnector {
    DisconnectConnector { connector_id: id() }
}

fn text() -> Connection {
    Connection::send(answer(200, &[], r#""text""#))
}

fn quick(stub: &Stub) -> Client {
    builder(stub).retry(RetryPolicy::new().initial_backoff(Duration::from_millis(1))).build().unwrap()
}

#[tokio::test]
async fn a_call_may_have_its_own_deadline_and_timeout() {
    let stub = Stub::start(vec![Connection::send("").then_stall(); 2]).await;
    let client = builder(&stub).build().unwrap();
    let error = within_reason(client.call(&request()).deadline(Duration::from_millis(50))).await.unwrap_err();
    assert_eq!(error.to_string(), "disconnectConnector failed: no whole answer within the call's 50ms");
    let error =
        within_reason(client.call(&request()).attempt_timeout(Duration::from_millis(40)).retry(RetryPolicy::never()))
            .await
            .unwrap_err();
    assert_eq!(error.to_string(), "disconnectConnector failed: no whole answer within the attempt's 40ms");
}

#[tokio::test]
async fn a_call_may_have_its_own_retry_policy() {
    let failed = Connection::send(failure(ErrorCode::InternalServerError));
    let stub = Stub::start(vec![failed.clone(), failed, Connection::send(NO_CONTENT)]).await;
    let client = quick(&stub);
    let error = within_reason(client.call(&request()).retry(RetryPolicy::never())).await.unwrap_err();
    assert_eq!((error.attempts(), stub.requests().len()), (1, 1));
    within_reason(client.call(&request()).send()).await.unwrap();
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn headers_of_a_call_come_beside_those_of_the_client_and_replace_them() {
    let stub = Stub::start(vec![Connection::send(NO_CONTENT), Connection::send(NO_CONTENT)]).await;
    let client = builder(&stub).default_header("X-Tenant", "blue").default_header("X-Kept", "1").build().unwrap();
    let request = request();
    let call = client.call(&request).header("X-Tenant", "red").header("x-tenant", "green").header("X-Own", "2");
    let response = within_reason(call.with_metadata()).await.unwrap();
    assert_eq!(response.metadata.status(), 204);
    within_reason(client.send(&request)).await.unwrap();
    let [first, second] = &*stub.requests() else { panic!() };
    let values = |name| (first.header(name).map(str::to_owned), second.header(name).map(str::to_owned));
    assert_eq!(values("X-Tenant"), (Some("green".to_owned()), Some("blue".to_owned())));
    assert_eq!(values("X-Kept"), (Some("1".to_owned()), Some("1".to_owned())));
    assert_eq!(values("X-Own"), (Some("2".to_owned()), None));
    assert_eq!(first.head.matches("enant").count(), 1);
}

fn assert_not_sent(error: &Error, stub: &Stub, problem: &str) {
    assert_eq!((error.kind(), error.attempts(), stub.connections()), (ErrorKind::Request, 0, 0));
    assert!(error.to_string().ends_with(problem), "{error}");
    assert!(!format!("{error:?}").contains("planted"), "{error:?}");
}

#[tokio::test]
async fn a_header_that_cannot_be_sent_is_an_error_before_anything_is_sent() {
    let stub = Stub::start(vec![]).await;
    let client = builder(&stub).build().unwrap();
    for (name, value, problem) in [
        ("X Y", "planted", "a header's name is not one of HTTP"),
        ("", "planted", "a header's name is not one of HTTP"),
        ("X-Y", "planted\r\nX-Z: 1", "a header's value has a character that HTTP forbids"),
        ("authorization", "planted", "a header is one that only the client sets"),
        ("x-api-key", "planted", "a header is one that only the client sets"),
        ("Host", "planted", "a header is one that only the client sets"),
        ("Content-Length", "0", "a header is one that only the client sets"),
        ("Idempotency-Key", "planted", "a header is one that only the client sets"),
    ] {
        let error = within_reason(client.call(&request()).header(name, value).header("X-Fine", "1")).await;
        assert_not_sent(&error.unwrap_err(), &stub, problem);
    }
    let own = Note { note: Some("own".parse().unwrap()), ..NOTE };
    let error = within_reason(client.call(&own).header("x-note", "planted")).await.unwrap_err();
    assert_not_sent(&error, &stub, "a header is one that the request already has");
}

#[tokio::test]
async fn what_an_endpoint_says_counts_instead_of_a_default_header() {
    let stub = Stub::start(vec![text()]).await;
    let client = builder(&stub).default_header("X-Note", "default").build().unwrap();
    within_reason(client.send(&Note { note: Some("own".parse().unwrap()), ..NOTE })).await.unwrap();
    let [request] = &*stub.requests() else { panic!() };
    assert_eq!(request.header("X-Note"), Some("own"));
    assert!(!request.head.contains("default"), "{}", request.head);
}

#[tokio::test]
async fn an_idempotency_key_of_a_call_lets_it_be_sent_again() {
    let stub = Stub::start(vec![Connection::send("").then_reset(), text()]).await;
    let own = Note { idempotency_key: Some("other".parse().unwrap()), ..NOTE };
    assert_eq!(within_reason(quick(&stub).call(&own).idempotency_key("once")).await.unwrap(), "text");
    let [first, second] = &*stub.requests() else { panic!() };
    for request in [first, second] {
        assert_eq!(request.header("Idempotency-Key"), Some("once"));
        assert!(!request.head.contains("other"));
    }

    let stub = Stub::start(vec![Connection::send("").then_reset(), text()]).await;
    assert_eq!(within_reason(quick(&stub).call(&NOTE)).await.unwrap_err().attempts(), 1);
}

#[tokio::test]
async fn options_that_cannot_be_used_are_errors_before_anything_is_sent() {
    let stub = Stub::start(vec![]).await;
    let client = builder(&stub).build().unwrap();
    for key in ["", "two words", "planted\n", "é"] {
        let error = within_reason(client.call(&NOTE).idempotency_key(key)).await.unwrap_err();
        assert_not_sent(&error, &stub, "the idempotency key is empty or has a character other than visible ASCII");
    }
    let error = within_reason(client.call(&NOTE).deadline(Duration::ZERO)).await.unwrap_err();
    assert_not_sent(&error, &stub, "the deadline of the call is zero");
    let error = within_reason(client.call(&NOTE).attempt_timeout(Duration::ZERO)).await.unwrap_err();
    assert_not_sent(&error, &stub, "the attempt timeout of the call is zero");
}

#[test]
fn a_call_does_not_show_its_headers() {
    let client = Client::builder().api_key("key").build().unwrap();
    let shown = format!("{:?}", client.call(&NOTE).header("X-Secret", "planted"));
    assert!(shown.contains("note") && shown.contains("x-secret") && !shown.contains("planted"), "{shown}");
}
