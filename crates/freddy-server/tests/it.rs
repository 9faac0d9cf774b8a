//! The server over real sockets and a real SQLite file: every documented answer, and every way out.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "all of it is tests")]

use std::net::SocketAddr;

use clap::Parser;
use freddy_server::key::NewKey;
use freddy_server::store::Store;
use freddy_server::{App, Settings, serve};
use freddy_types::{ApiError, ErrorCode, ErrorEnvelope, ErrorResponse, connector_id, headers};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

struct Server {
    address: SocketAddr,
    store: Store,
    alice: NewKey,
    alice_id: i64,
    stop: Option<oneshot::Sender<()>>,
    running: JoinHandle<()>,
    _folder: TempDir,
}

struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The error, held to the strict contract.
    fn error(&self) -> ErrorResponse {
        let envelope: ErrorEnvelope = serde_json::from_slice(&self.body).unwrap();
        let error = ApiError::try_from(envelope).unwrap();
        assert_eq!(error.status(), self.status);
        assert_eq!(self.header(headers::X_REQUEST_ID), Some(error.trace_id().as_str()));
        assert_eq!(self.header(headers::CONTENT_TYPE), Some(headers::JSON));
        ErrorResponse::decode(self.status, self.headers.as_slice(), &self.body)
    }
}

impl Server {
    /// A server with a connector of alice's and one of bob's.
    async fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("test.db").display())).await.unwrap();
        let (alice, bob) = (NewKey::generate().unwrap(), NewKey::generate().unwrap());
        let alice_id = store.add_key("alice", alice.hash(), 0).await.unwrap();
        store.add_key("bob", bob.hash(), 0).await.unwrap();
        store.add_connector(&connector_id!("pcon_abc123"), "alice", 0).await.unwrap();
        store.add_connector(&connector_id!("pcon_bob1"), "bob", 0).await.unwrap();

        let settings = Arguments::parse_from(["test"].iter().chain(arguments)).settings;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (app, writer) = App::new(store.clone(), settings).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            serve(listener, app, async { stopped.await.unwrap_or(()) }).await;
            writer.await.unwrap();
        });
        Self { address, store, alice, alice_id, stop: Some(stop), running, _folder: folder }
    }

    async fn send(&self, request: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
        let head = str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers =
            lines.map(|line| line.split_once(": ").unwrap()).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
        Answer { status, headers, body: bytes[end + 4..].to_vec() }
    }

    async fn call(&self, method: &str, path: &str, credential: &str) -> Answer {
        self.send(&format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{credential}\r\n")).await
    }

    async fn delete(&self, id: &str) -> Answer {
        self.call("DELETE", &format!("/v1/personal-connectors/{id}"), &self.key()).await
    }

    fn key(&self) -> String {
        format!("X-API-Key: {}\r\n", self.alice.reveal())
    }

    async fn disconnected(&self) -> Vec<String> {
        let rows = self.store.connectors().await.unwrap();
        rows.into_iter().filter(|row| row.disconnected_at.is_some()).map(|row| row.id).collect()
    }

    async fn stop(mut self) -> Store {
        let _ = self.stop.take().unwrap().send(());
        self.running.await.unwrap();
        self.store
    }
}

#[tokio::test]
async fn an_own_connector_is_disconnected_and_again() {
    let server = Server::start(&[]).await;
    for _ in 0..2 {
        let answer = server.delete("pcon_abc123").await;
        assert_eq!((answer.status, answer.body.len()), (204, 0));
        assert!(answer.header(headers::X_REQUEST_ID).is_some());
        assert_eq!(answer.header(headers::CONTENT_TYPE), None);
        assert_eq!(server.disconnected().await, ["pcon_abc123"]);
    }
}

#[tokio::test]
async fn a_key_is_taken_in_either_header() {
    let server = Server::start(&[]).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let credential = format!("Authorization: {scheme} {}\r\n", server.alice.reveal());
        assert_eq!(server.call("DELETE", "/v1/personal-connectors/pcon_abc123", &credential).await.status, 204);
    }
}

#[tokio::test]
async fn an_unknown_connector_and_somebody_elses_are_the_same_403() {
    let server = Server::start(&[]).await;
    let (unknown, others) = (server.delete("pcon_nobody").await, server.delete("pcon_bob1").await);
    for answer in [&unknown, &others] {
        assert_eq!(answer.error().code(), Some(ErrorCode::Forbidden));
    }
    assert_eq!(unknown.body.len(), others.body.len());
    let names = |answer: &Answer| answer.headers.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&unknown), names(&others));
    assert!(server.disconnected().await.is_empty());
}

#[tokio::test]
async fn whoever_has_no_valid_key_gets_the_same_401_and_changes_nothing() {
    let server = Server::start(&["--key-cache-ms", "0"]).await;
    let path = "/v1/personal-connectors/pcon_abc123";
    server.store.revoke_key(server.alice_id, 1).await.unwrap();
    for credential in ["", "X-API-Key: \r\n", "X-API-Key: wrong\r\n", "Authorization: Basic YTpi\r\n", &server.key()] {
        let answer = server.call("DELETE", path, credential).await;
        assert_eq!(answer.error().code(), Some(ErrorCode::Unauthorized), "{credential}");
        assert_eq!(answer.error().message(), Some(ErrorCode::Unauthorized.message()));
    }
    assert!(server.disconnected().await.is_empty());
}

#[tokio::test]
async fn a_revoked_key_that_is_remembered_changes_nothing() {
    let server = Server::start(&["--key-cache-ms", "600000"]).await;
    assert_eq!(server.delete("pcon_nobody").await.status, 403);
    server.store.revoke_key(server.alice_id, 1).await.unwrap();
    assert_eq!(server.delete("pcon_abc123").await.error().code(), Some(ErrorCode::Unauthorized));
    assert!(server.disconnected().await.is_empty());
}

#[tokio::test]
async fn a_malformed_id_is_a_400() {
    let server = Server::start(&[]).await;
    for id in ["abc123", "pcon_", "pcon_a-b", "pcon_%2e", "pcon_%zz"] {
        assert_eq!(server.delete(id).await.error().code(), Some(ErrorCode::ValidationError), "{id}");
    }
    assert_eq!(server.delete("%70con%5Fabc123").await.status, 204);
}

#[tokio::test]
async fn never_more_than_the_limit_is_let_through() {
    let server = std::sync::Arc::new(Server::start(&["--rate-limit", "10"]).await);
    let calls: Vec<_> = (0..40)
        .map(|_| {
            let server = std::sync::Arc::clone(&server);
            tokio::spawn(async move { server.delete("pcon_abc123").await })
        })
        .collect();
    let (mut through, mut refused) = (0, 0);
    for call in calls {
        let answer = call.await.unwrap();
        assert_eq!(answer.header(headers::X_RATELIMIT_LIMIT), Some("10"));
        if answer.status == 204 {
            through += 1;
        } else {
            let error = answer.error();
            assert_eq!(error.code(), Some(ErrorCode::RateLimitExceeded));
            let asked = error.retry_after().unwrap().as_secs().to_string();
            assert_eq!(answer.header(headers::RETRY_AFTER), Some(&*asked));
            refused += 1;
        }
    }
    assert_eq!((through, refused), (10, 30));
}

#[tokio::test]
async fn every_other_way_out_is_an_envelope() {
    let server = Server::start(&["--max-body", "10", "--read-timeout-ms", "200"]).await;
    let path = "/v1/personal-connectors/pcon_abc123";
    let not_found = server.call("GET", "/nope", "").await;
    assert_eq!(not_found.error().code(), Some(ErrorCode::NotFound));
    assert_eq!(server.call("GET", "/docs/nope", "").await.error().code(), Some(ErrorCode::NotFound));
    for method in ["GET", "POST", "QUERY"] {
        let answer = server.call(method, path, &server.key()).await;
        assert_eq!(answer.error().code(), Some(ErrorCode::MethodNotAllowed), "{method}");
        assert_eq!(answer.header("allow"), Some("DELETE"));
    }
    let with_body = |length: usize, body: &str| {
        format!(
            "DELETE {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n{}Content-Length: {length}\r\n\r\n{body}",
            server.key()
        )
    };
    let too_large = server.send(&with_body(11, "01234567890")).await;
    assert_eq!(too_large.error().code(), Some(ErrorCode::PayloadTooLarge));
    let too_slow = server.send(&with_body(10, "01")).await;
    assert_eq!(too_slow.error().code(), Some(ErrorCode::RequestTimeout));
    assert!(server.disconnected().await.is_empty());
    assert_eq!(server.send(&with_body(10, "0123456789")).await.status, 204);
}

#[tokio::test]
async fn too_many_at_once_are_a_503_that_says_when_to_try_again() {
    let server = Server::start(&["--max-concurrency", "1", "--max-queue", "0", "--read-timeout-ms", "2000"]).await;
    // One request holds the only turn while its body does not come.
    let mut slow = TcpStream::connect(server.address).await.unwrap();
    let head = format!("DELETE /v1/x HTTP/1.1\r\nHost: t\r\n{}Content-Length: 5\r\n\r\n", server.key());
    slow.write_all(head.as_bytes()).await.unwrap();
    let refused = loop {
        let answer = server.delete("pcon_abc123").await;
        if answer.status != 204 {
            break answer;
        }
    };
    assert_eq!(refused.error().code(), Some(ErrorCode::ServiceUnavailable));
    assert_eq!(refused.error().retry_after().map(|wait| wait.as_secs()), Some(1));
}

#[tokio::test]
async fn the_published_documents_are_served() {
    let server = Server::start(&[]).await;
    for (path, file) in [
        ("/openapi.json", include_str!("../../../openapi/freddy.json")),
        ("/openapi.yaml", include_str!("../../../openapi/freddy.yaml")),
    ] {
        let answer = server.call("GET", path, "").await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, file.as_bytes()));
    }
    assert_eq!(server.call("GET", "/docs/", "").await.status, 200);
    for path in ["/healthz", "/readyz"] {
        assert_eq!(server.call("GET", path, "").await.status, 204);
    }
}

#[tokio::test]
async fn a_stopping_server_answers_what_is_in_flight() {
    let server = Server::start(&[]).await;
    let address = server.address;
    let mut stream = TcpStream::connect(address).await.unwrap();
    let path = "/v1/personal-connectors/pcon_abc123";
    let head = format!("DELETE {path} HTTP/1.1\r\nHost: t\r\n{}Content-Length: 2\r\n\r\n0", server.key());
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server has the request once it answers the next one on another connection.
    assert_eq!(server.call("GET", "/healthz", "").await.status, 204);
    let stopping = tokio::spawn(server.stop());
    stream.write_all(b"1").await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 204 "), "{}", String::from_utf8_lossy(&answer));
    let store = stopping.await.unwrap();
    assert!(store.connectors().await.unwrap()[0].disconnected_at.is_some());
    assert!(TcpStream::connect(address).await.is_err());
}
