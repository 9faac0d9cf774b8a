//! Requests as bytes, and the answers to them.

use std::net::SocketAddr;
use std::sync::LazyLock;
use std::time::Duration;

use freddy_server::key::NewKey;
use freddy_types::{ApiError, ErrorCode, ErrorEnvelope, ErrorResponse, headers};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// Much longer than any answer takes.
const LONG: Duration = Duration::from_secs(60);

/// Where the connectors are.
pub(crate) const CONNECTORS: &str = "/v1/personal-connectors/";

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

/// What our server may send.
static STRICT: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = include_str!("../../../../../openapi/schemas/error-envelope.strict.json");
    let schema = serde_json::from_str(schema).unwrap();
    jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
});

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The error that this answer is. Fails unless status, headers and body are what the strict contract says, and agree.
    #[track_caller]
    pub(crate) fn assert_contract_error(&self) -> ErrorResponse {
        let json = serde_json::from_slice(&self.body).unwrap();
        if let Err(error) = STRICT.validate(&json) {
            panic!("not in the strict contract: {error}: {json}");
        }
        let envelope: ErrorEnvelope = serde_json::from_slice(&self.body).unwrap();
        let error = ApiError::try_from(envelope).unwrap();
        assert_eq!(error.status(), self.status);
        assert_eq!(error.message(), error.code().message());
        for (name, value) in error.headers() {
            assert_eq!(self.header(name), Some(&*value), "{name} of {self:?}");
        }
        ErrorResponse::decode(self.status, self.headers.as_slice(), &self.body)
    }

    /// Fails unless the answer is [an error of the contract](Self::assert_contract_error) with this code.
    #[track_caller]
    pub(crate) fn assert_error(&self, code: ErrorCode) {
        assert_eq!(self.assert_contract_error().code(), Some(code));
    }

    /// Fails unless the answer is a 204 without a body, and without headers about one.
    #[track_caller]
    pub(crate) fn assert_no_content(&self) {
        assert_eq!((self.status, self.body.as_slice()), (204, &b""[..]), "{}", String::from_utf8_lossy(&self.body));
        assert_eq!(self.header(headers::CONTENT_TYPE), None);
        assert!(self.header(headers::X_REQUEST_ID).is_some());
    }
}

/// Sends bytes on a new connection, and reads the answer.
pub(crate) async fn send(address: SocketAddr, request: &str) -> Answer {
    let mut connection = Connection::open(address).await;
    connection.write(request).await;
    connection.answer().await.unwrap()
}

/// The request that disconnects a connector. The connection stays open for the next one.
pub(crate) fn delete_of(id: &str, key: &NewKey) -> String {
    format!("DELETE {CONNECTORS}{id} HTTP/1.1\r\nHost: test\r\n{}: {}\r\n\r\n", headers::X_API_KEY, key.reveal())
}

pub(crate) struct Connection(BufReader<TcpStream>);

impl Connection {
    /// A request that stays in flight until the one byte of its body is sent.
    pub(crate) async fn in_flight(address: SocketAddr, id: &str, key: &NewKey) -> Self {
        let mut connection = Self::open(address).await;
        let more = "Content-Length: 1\r\nExpect: 100-continue\r\n\r\n";
        connection.write(&delete_of(id, key).replacen("\r\n\r\n", &format!("\r\n{more}"), 1)).await;
        // The server asks for the body when it reads it.
        assert_eq!(connection.answer().await.unwrap().status, 100);
        connection
    }

    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self(BufReader::new(TcpStream::connect(address).await.unwrap()))
    }

    /// `None` if the server is gone.
    pub(crate) async fn try_open(address: SocketAddr) -> Option<Self> {
        TcpStream::connect(address).await.ok().map(|stream| Self(BufReader::new(stream)))
    }

    pub(crate) async fn write(&mut self, bytes: &str) {
        self.0.write_all(bytes.as_bytes()).await.unwrap();
    }

    /// `None` if the server is gone.
    pub(crate) async fn try_write(&mut self, bytes: &str) -> Option<()> {
        self.0.write_all(bytes.as_bytes()).await.ok()
    }

    /// Reads one answer; `None` if the server is gone. Fails if it hangs.
    pub(crate) async fn answer(&mut self) -> Option<Answer> {
        tokio::time::timeout(LONG, self.read()).await.expect("the server does not answer")
    }

    async fn read(&mut self) -> Option<Answer> {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).await.ok()? == 0 {
                return None;
            }
            let Some(line) = line.strip_suffix("\r\n").filter(|line| !line.is_empty()) else { break };
            lines.push(line.to_owned());
        }
        let status = lines.remove(0).split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines.iter().map(|line| line.split_once(": ").unwrap());
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let mut answer = Answer { status, headers, body: Vec::new() };
        let length = answer.header("content-length").map_or(0, |length| length.parse().unwrap());
        answer.body.resize(length, 0);
        self.0.read_exact(&mut answer.body).await.ok()?;
        Some(answer)
    }

    /// Sends a request and reads its answer; `None` if the server is gone.
    pub(crate) async fn call(&mut self, request: &str) -> Option<Answer> {
        self.0.write_all(request.as_bytes()).await.ok()?;
        self.answer().await
    }

    /// Waits until the server says that it is ready. What it found before counts for a moment.
    pub(crate) async fn becomes_ready(&mut self) {
        let started = std::time::Instant::now();
        while self.call("GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n").await.unwrap().status != 204 {
            assert!(started.elapsed() < LONG, "it is never ready");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Whether the server has closed the connection, without another byte.
    pub(crate) async fn is_closed(&mut self) -> bool {
        self.0.read(&mut [0]).await.is_ok_and(|length| length == 0)
    }
}
