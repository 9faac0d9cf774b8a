//! What a call sends.

use freddy_client::{Client, Error, ErrorKind};
use freddy_types::{
    AuthScheme, Endpoint, ErrorCode, Method, NoContent, PathParameter, PathTemplate, SuccessResponse, Tag,
    UnexpectedBody,
};

use crate::support::{Connection, KEY, NO_CONTENT, Stub, answer, builder, failure, id, play};

#[tokio::test]
async fn a_key_and_a_token_each_go_in_their_own_header() {
    let played = play(vec![Connection::send(NO_CONTENT)], |builder| builder).await;
    let [request] = &*played.requests else { panic!("{:?}", played.requests) };
    assert_eq!(request.target(), "DELETE /v1/personal-connectors/pcon_abc123");
    assert_eq!((request.header("X-API-Key"), request.header("Authorization")), (Some(KEY), None));
    assert_eq!(request.header("Accept"), Some("application/json"));
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

/// An endpoint that reads, is not idempotent, or takes other credentials, as its parameters say.
#[derive(Debug)]
struct Other<const POST: bool, const BEARER_ONLY: bool> {
    name: Name,
}

#[derive(Debug)]
struct Name(String);

impl std::str::FromStr for Name {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl AsRef<str> for Name {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl PathParameter for Name {
    const DESCRIPTION: &'static str = "Anything.";
    const EXAMPLE: &'static str = "anything";
}

/// The documented answer of the other endpoints: a 200 whose body starts with a letter.
#[derive(Debug, PartialEq)]
struct Text(String);

impl SuccessResponse for Text {
    const STATUS: u16 = 200;
    const HEADING: &'static str = "OK";

    fn from_body(body: &[u8]) -> Result<Self, UnexpectedBody> {
        match body.first() {
            Some(byte) if byte.is_ascii_alphabetic() => Ok(Self(String::from_utf8_lossy(body).into_owned())),
            // The only way to make one from outside: the body of an answer that should have none.
            _ => Err(NoContent::from_body(b"!").unwrap_err()),
        }
    }

    fn into_body(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

impl<const POST: bool, const BEARER_ONLY: bool> Endpoint for Other<POST, BEARER_ONLY> {
    const METHOD: Method = if POST { Method::Post } else { Method::Get };
    const PATH: PathTemplate = PathTemplate::new("/v2/others/{name}");
    const OPERATION_ID: &'static str = "other";
    const TAG: Tag = Tag { name: "Others", description: "" };
    const SUMMARY: &'static str = "";
    const DESCRIPTION: &'static str = "";
    const RETURNS: &'static str = "";
    const SUCCESS_MESSAGE: &'static str = "";
    const ERRORS: &'static [ErrorCode] = &[];
    const AUTH: &'static [AuthScheme] = if BEARER_ONLY { &[AuthScheme::Bearer] } else { &[AuthScheme::ApiKey] };
    type PathParameters = (Name,);
    type Response = Text;

    fn path_parameters(&self) -> (&Name,) {
        (&self.name,)
    }

    fn from_path_parameters((name,): (Name,)) -> Self {
        Self { name }
    }
}

type Get = Other<false, false>;
type Post = Other<true, true>;

impl<const POST: bool, const BEARER_ONLY: bool> Other<POST, BEARER_ONLY> {
    fn named(name: &str) -> Self {
        Self { name: Name(name.to_owned()) }
    }
}

async fn send<E: Endpoint>(request: E, connection: Connection) -> (Result<E::Response, Error>, Stub) {
    let stub = Stub::start(vec![connection]).await;
    let result = builder(&stub).build().unwrap().send(&request).await;
    (result, stub)
}

#[tokio::test]
async fn any_endpoint_is_sent_as_its_type_says() {
    let (result, stub) = send(Get::named("a b/ü"), Connection::send(answer(200, &[], "text"))).await;
    assert_eq!(result.unwrap(), Text("text".to_owned()));
    let [request] = &*stub.requests() else { panic!() };
    assert_eq!((request.target(), request.header("X-API-Key")), ("GET /v2/others/a%20b%2F%C3%BC", Some(KEY)));
}

#[tokio::test]
async fn a_key_goes_as_bearer_to_an_endpoint_that_takes_nothing_else() {
    let (_, stub) = send(Post::named("x"), Connection::send(answer(200, &[], "text"))).await;
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
        let (result, stub) = send(Post::named("x"), connection).await;
        let error = result.unwrap_err();
        assert_eq!((error.is_retryable(), error.attempts(), stub.connections()), (false, 1, 1));
    }
}

#[tokio::test]
async fn a_path_that_would_become_another_is_not_sent() {
    for name in [".", ".."] {
        let (result, stub) = send(Get::named(name), Connection::send(answer(200, &[], "text"))).await;
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.attempts(), stub.connections()), (ErrorKind::Request, 0, 0));
        assert_eq!(error.to_string(), "other failed: the path would be read as another one");
    }
}

#[tokio::test]
async fn a_success_with_another_body_says_so() {
    let (result, _) = send(Get::named("x"), Connection::send(answer(200, &[], "!"))).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.is_retryable()), (ErrorKind::UnexpectedSuccess, Some(200), false));
    assert_eq!(
        crate::support::chain(&error),
        ["other failed: HTTP 200 with another body", "expected no body, got 1 bytes"]
    );
}

#[tokio::test]
async fn a_success_whose_body_breaks_off_is_a_transport_fault_that_knows_its_status() {
    let cut = Connection::send("HTTP/1.1 200 OK\r\nX-Request-Id: req_1\r\nContent-Length: 9\r\n\r\ntext").then_reset();
    let stub = Stub::start(vec![cut, Connection::send(answer(200, &[], "text"))]).await;
    let client = builder(&stub).retry(freddy_client::RetryPolicy::never()).build().unwrap();
    let error = client.send(&Get::named("x")).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.request_id()), (ErrorKind::Transport, Some(200), Some("req_1")));
    assert!(error.is_retryable());
    assert_eq!(error.to_string(), "other failed: HTTP 200 with a body that broke off");
}

#[tokio::test]
async fn a_call_can_be_spawned_and_outlives_its_request() {
    let stub = Stub::start(vec![Connection::send(answer(200, &[], "text"))]).await;
    let call = {
        let client: Client = builder(&stub).build().unwrap();
        tokio::spawn(client.send(&Get::named("x")))
    };
    assert_eq!(call.await.unwrap().unwrap(), Text("text".to_owned()));
}

#[tokio::test]
async fn a_success_without_end_is_read_up_to_a_bound() {
    let (result, _) = send(Get::named("x"), Connection::send(answer(200, &[], &"x".repeat(17 << 20)))).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::UnexpectedSuccess, 1));
    assert_eq!(error.to_string(), "other failed: HTTP 200 with a body that is longer than 16777216 bytes");
}
