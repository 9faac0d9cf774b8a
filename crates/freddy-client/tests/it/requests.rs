//! What a call sends.

use std::time::Duration;

use freddy_client::{Client, Error, ErrorKind, RetryPolicy};
use freddy_types::{AuthScheme, Cursor, Endpoint, ErrorCode, Json, Page, SuccessResponse, Tag, endpoint, identifier};
use futures_util::TryStreamExt as _;

use crate::support::{Connection, KEY, NO_CONTENT, Stub, answer, builder, failure, id, play};

#[tokio::test]
async fn a_key_and_a_token_each_go_in_their_own_header() {
    let played = play(vec![Connection::send(NO_CONTENT)], |builder| builder).await;
    let [request] = &*played.requests else { panic!("{:?}", played.requests) };
    assert_eq!(request.target(), "DELETE /v1/personal-connectors/pcon_abc123");
    assert_eq!((request.header("X-API-Key"), request.header("Authorization")), (Some(KEY), None));
    assert_eq!(request.header("Accept"), Some("application/json"));
    assert_eq!(request.header("Accept-Encoding"), Some("identity"));
    assert_eq!(request.header("User-Agent"), Some(concat!("freddy-client/", env!("CARGO_PKG_VERSION"))));

    let played = play(vec![Connection::send(NO_CONTENT)], |builder| builder.bearer_token(KEY)).await;
    let [request] = &*played.requests else { panic!("{:?}", played.requests) };
    let bearer = format!("Bearer {KEY}");
    assert_eq!((request.header("X-API-Key"), request.header("Authorization")), (None, Some(&*bearer)));
}

#[tokio::test]
async fn every_attempt_sends_the_same() {
    let failed = Connection::send(failure(ErrorCode::InternalServerError));
    let played = play(vec![failed.clone(), failed, Connection::send(NO_CONTENT)], |builder| builder).await;
    let [first, second, third] = &*played.requests else { panic!("{:?}", played.requests) };
    assert_eq!((&first.head, &first.head), (&second.head, &third.head));
}

#[tokio::test]
async fn a_base_url_may_have_a_path() {
    for prefix in ["/freddy/eu", "/freddy/eu/"] {
        let stub = Stub::start(vec![Connection::send(NO_CONTENT)]).await;
        let client = builder(&stub).base_url(format!("{}{prefix}", stub.url())).build().unwrap();
        client.disconnect_connector(&id()).await.unwrap();
        assert_eq!(stub.requests()[0].target(), "DELETE /freddy/eu/v1/personal-connectors/pcon_abc123");
    }
}

identifier! {
    /// A key.
    struct Key: "key" {
        prefix: "",
        characters: "!-~", "a visible ASCII character",
        max: 9,
        example: "k",
    }
}

endpoint! {
    /// Reads, and takes no bearer token.
    struct Get {
        /// Anything.
        required path name: String,
        /// A word to look for.
        optional query word: String,
        /// The place that a page goes on from.
        optional query cursor: Cursor,
    }
    method: Get,
    path: "/v2/others/{name}",
    response: Page<String>,
    operation_id: "other",
    tag: TAG,
    summary: "",
    description: "",
    returns: "",
    success_message: "",
    errors: [],
    auth: [AuthScheme::ApiKey],
    cursor: cursor of String,
}

endpoint! {
    /// Is not idempotent, and takes nothing but bearer tokens.
    struct Post {
        /// Anything.
        required path name: String,
        /// The key that makes it idempotent.
        optional header idempotency_key: Key as "Idempotency-Key",
        /// Some text.
        required body text: String,
    }
    method: Post,
    path: "/v2/others/{name}",
    response: Json<String>,
    operation_id: "other",
    tag: TAG,
    summary: "",
    description: "",
    returns: "",
    success_message: "",
    errors: [],
    auth: [AuthScheme::Bearer],
}

const TAG: Tag = Tag { name: "Others", description: "" };
const LAST_PAGE: &str = r#"{"items":["c"],"has_more":false}"#;

impl Get {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), word: None, cursor: None }
    }
}

impl Post {
    fn named(name: &str) -> Self {
        Self { name: name.to_owned(), idempotency_key: None, text: "ü".to_owned() }
    }
}

fn page() -> Connection {
    Connection::send(answer(200, &[], LAST_PAGE))
}

type Answer<E> = <<E as Endpoint>::Response as SuccessResponse>::Received;

async fn send<E: Endpoint>(request: E, script: Vec<Connection>) -> (Result<Answer<E>, Error>, Stub) {
    let stub = Stub::start(script).await;
    let builder = builder(&stub).retry(RetryPolicy::new().initial_backoff(Duration::from_millis(1)));
    let result = crate::support::within_reason(builder.build().unwrap().send(&request)).await;
    (result, stub)
}

fn text() -> Connection {
    Connection::send(answer(200, &[], r#""text""#))
}

#[tokio::test]
async fn paths_and_queries_are_sent_percent_encoded() {
    let request = Get { word: Some("x+y &=é".to_owned()), ..Get::named("a b/ü") };
    let (result, stub) = send(request, vec![page()]).await;
    assert_eq!(result.unwrap().items, ["c"]);
    let [request] = &*stub.requests() else { panic!() };
    assert_eq!(request.target(), "GET /v2/others/a%20b%2F%C3%BC?word=x%2By%20%26%3D%C3%A9");
    assert_eq!((request.header("X-API-Key"), request.header("Content-Type")), (Some(KEY), None));
}

#[tokio::test]
async fn a_body_is_sent_as_json_with_its_headers() {
    let request = Post { idempotency_key: Some("once".parse().unwrap()), ..Post::named("x") };
    let (result, stub) = send(request, vec![text()]).await;
    assert_eq!(result.unwrap(), "text");
    let [request] = &*stub.requests() else { panic!() };
    assert_eq!((request.target(), request.body.as_str()), ("POST /v2/others/x", "\"ü\""));
    assert_eq!(request.header("Content-Type"), Some("application/json"));
    assert_eq!(request.header("Idempotency-Key"), Some("once"));
}

#[tokio::test]
async fn a_key_goes_as_bearer_to_an_endpoint_that_takes_nothing_else() {
    let (_, stub) = send(Post::named("x"), vec![text()]).await;
    let [request] = &*stub.requests() else { panic!() };
    assert_eq!((request.target(), request.header("X-API-Key")), ("POST /v2/others/x", None));
    assert_eq!(request.header("Authorization").unwrap(), format!("Bearer {KEY}"));
}

#[tokio::test]
async fn a_token_is_not_sent_as_a_key() {
    let stub = Stub::start(vec![]).await;
    let client = builder(&stub).bearer_token(KEY).build().unwrap();
    let error = client.send(&Get::named("x")).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), stub.connections()), (ErrorKind::Request, 0, 0));
    assert_eq!(error.to_string(), "other failed: the endpoint takes no credential of this kind");
}

#[tokio::test]
async fn what_is_not_idempotent_is_sent_once() {
    for connection in [Connection::send(answer(503, &[("Retry-After", "1")], "")), Connection::send("").then_reset()] {
        let (result, stub) = send(Post::named("x"), vec![connection]).await;
        let error = result.unwrap_err();
        assert_eq!((error.is_retryable(), error.attempts(), stub.connections()), (false, 1, 1));
    }
}

#[tokio::test]
async fn an_idempotency_key_lets_a_request_be_sent_again_as_it_was() {
    let request = Post { idempotency_key: Some("once".parse().unwrap()), ..Post::named("x") };
    let (result, stub) = send(request, vec![Connection::send("").then_reset(), text()]).await;
    assert_eq!(result.unwrap(), "text");
    let [first, second] = &*stub.requests() else { panic!() };
    assert_eq!((&first.head, &first.body), (&second.head, &second.body));
}

#[tokio::test]
async fn a_path_that_would_become_another_is_not_sent() {
    for name in [".", "..", ""] {
        let (result, stub) = send(Get::named(name), vec![page()]).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), stub.connections()), (ErrorKind::Request, 0, 0));
        assert_eq!(error.to_string(), "other failed: a path parameter is `.`, `..` or empty");
    }
}

#[tokio::test]
async fn a_success_with_another_body_says_so() {
    let (result, _) = send(Post::named("x"), vec![Connection::send(answer(200, &[], "!"))]).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.is_retryable()), (ErrorKind::UnexpectedSuccess, Some(200), false));
    assert_eq!(
        crate::support::chain(&error),
        ["other failed: HTTP 200 with another body", "expected value at line 1 column 1"]
    );
}

#[tokio::test]
async fn what_is_wrong_with_a_success_does_not_quote_the_key() {
    let escaped = KEY.replace('_', "\\u005F");
    // Short, and longer than what is kept of it.
    for padding in ["", &" ".repeat(70_000)] {
        let body = format!("{{\"items\":[],\"has_more\":\"{escaped}\"{padding}}}");
        let (result, _) = send(Get::named("x"), vec![Connection::send(answer(200, &[], &body))]).await;
        let error = result.unwrap_err();
        let problem = &crate::support::chain(&error)[1];
        assert!(problem.contains("invalid type: string \"[redacted]\""), "{problem}");
        assert!(!format!("{error:?} {:?}", error.response()).contains(KEY), "{error:?}");
    }
}

#[tokio::test]
async fn a_success_whose_body_breaks_off_is_a_transport_fault_that_knows_its_status() {
    let cut = Connection::send("HTTP/1.1 200 OK\r\nX-Request-Id: req_1\r\nContent-Length: 9\r\n\r\ntext").then_reset();
    let stub = Stub::start(vec![cut, page()]).await;
    let client = builder(&stub).retry(RetryPolicy::never()).build().unwrap();
    let error = crate::support::within_reason(client.send(&Get::named("x"))).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.request_id()), (ErrorKind::Transport, Some(200), Some("req_1")));
    assert!(error.is_retryable());
    assert_eq!(error.to_string(), "other failed: HTTP 200 with a body that broke off");
}

#[tokio::test]
async fn a_call_can_be_spawned_and_outlives_its_request() {
    let stub = Stub::start(vec![page()]).await;
    let call = {
        let client: Client = builder(&stub).build().unwrap();
        tokio::spawn(client.send(&Get::named("x")))
    };
    assert_eq!(call.await.unwrap().unwrap().items, ["c"]);
}

#[tokio::test]
async fn a_success_without_end_is_read_up_to_a_bound() {
    let (result, _) = send(Post::named("x"), vec![Connection::send(answer(200, &[], &"x".repeat(17 << 20)))]).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::UnexpectedSuccess, 1));
    assert_eq!(error.to_string(), "other failed: HTTP 200 with a body that is longer than 16777216 bytes");
}

/// Reads a list whose server sends these pages.
async fn list(pages: &[&str]) -> (Result<Vec<String>, Error>, Stub) {
    let stub = Stub::start(pages.iter().map(|page| Connection::send(answer(200, &[], page))).collect()).await;
    let client = builder(&stub).retry(RetryPolicy::never()).build().unwrap();
    let items = client.items(Get { word: Some("w".to_owned()), ..Get::named("x") }).try_collect().await;
    (items, stub)
}

#[tokio::test]
async fn the_items_of_a_list_come_page_by_page() {
    let first = r#"{"items":["a"],"has_more":true,"next_cursor":"2&"}"#;
    let (items, stub) = list(&[first, r#"{"items":[],"has_more":true,"next_cursor":"3"}"#, LAST_PAGE]).await;
    assert_eq!(items.unwrap(), ["a", "c"]);
    let targets: Vec<String> = stub.requests().iter().map(|request| request.target().to_owned()).collect();
    assert_eq!(
        targets,
        ["GET /v2/others/x?word=w", "GET /v2/others/x?word=w&cursor=2%26", "GET /v2/others/x?word=w&cursor=3"]
    );
}

#[tokio::test]
async fn a_list_that_leads_nowhere_ends_with_an_error() {
    let again = r#"{"items":["a"],"has_more":true,"next_cursor":"2"}"#;
    let (items, stub) = list(&[again, again, LAST_PAGE]).await;
    let error = items.unwrap_err();
    assert_eq!((error.kind(), stub.connections()), (ErrorKind::UnexpectedSuccess, 2));
    assert_eq!(error.to_string(), "other failed: the cursor of a page leads to the same page");

    let (items, _) = list(&[r#"{"items":["a"],"has_more":true}"#]).await;
    assert_eq!(items.unwrap_err().to_string(), "other failed: there is more, but no cursor that leads there");
}

#[tokio::test]
async fn a_page_that_fails_ends_the_list_with_its_error() {
    let stub = Stub::start(vec![
        Connection::send(answer(200, &[], r#"{"items":["a"],"has_more":true,"next_cursor":"2"}"#)),
        Connection::send(failure(ErrorCode::Forbidden)),
    ])
    .await;
    let client = builder(&stub).build().unwrap();
    let mut items = std::pin::pin!(client.items(Get::named("x")));
    assert_eq!(items.try_next().await.unwrap().as_deref(), Some("a"));
    assert_eq!(items.try_next().await.unwrap_err().code(), Some(ErrorCode::Forbidden));
    assert_eq!(items.try_next().await.unwrap(), None);
}
