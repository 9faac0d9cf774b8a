//! A server that plays one script per connection and writes down what it got.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::Watchdog;

/// What the server does on one connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection {
    answers: Vec<Vec<u8>>,
    end: End,
}

#[derive(Clone, Copy, Debug, Default)]
enum End {
    #[default]
    Close,
    Reset,
    Stall,
}

impl Connection {
    /// Reads a request, then sends these bytes and closes the connection.
    pub(crate) fn send(bytes: impl Into<Vec<u8>>) -> Self {
        Self::default().then_send(bytes)
    }

    /// Resets the connection as soon as it is accepted.
    pub(crate) fn refuse() -> Self {
        Self::default().then_reset()
    }

    /// Reads another request, then sends these bytes.
    pub(crate) fn then_send(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.answers.push(bytes.into());
        self
    }

    /// Resets the connection at the end, rather than closing it.
    pub(crate) fn then_reset(mut self) -> Self {
        self.end = End::Reset;
        self
    }

    /// Sends nothing more and leaves the connection open.
    pub(crate) fn then_stall(mut self) -> Self {
        self.end = End::Stall;
        self
    }

    async fn play(self, mut stream: TcpStream, shared: &Shared) {
        for answer in self.answers {
            let Some(request) = read_request(&mut stream).await else { return };
            shared.requests.lock().unwrap().push(request);
            // The client may hang up before it has read everything.
            let _ = stream.write_all(&answer).await;
        }
        match self.end {
            End::Close => {}
            End::Reset => stream.set_zero_linger().unwrap(),
            End::Stall => {
                shared.stalled.notify_one();
                std::future::pending::<()>().await;
            }
        }
    }
}

/// A request as it stood on the wire.
#[derive(Clone, Debug)]
pub(crate) struct Received {
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Received {
    /// The method and the path.
    pub(crate) fn target(&self) -> &str {
        self.head.lines().next().unwrap().strip_suffix(" HTTP/1.1").unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Received> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await.ok()?);
    }
    let mut request = Received { head: String::from_utf8(head).unwrap(), body: String::new() };
    let length = request.header("Content-Length").map_or(0, |length| length.parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    request.body = String::from_utf8(body).unwrap();
    Some(request)
}

#[derive(Default)]
struct Shared {
    requests: Mutex<Vec<Received>>,
    connections: Mutex<usize>,
    stalled: Notify,
}

/// The server. It serves in the runtime of the test, and ends with it.
pub(crate) struct Stub {
    address: SocketAddr,
    shared: Arc<Shared>,
    server: JoinHandle<()>,
    _watchdog: Option<Watchdog>,
}

impl Stub {
    /// A server that plays these scripts, one per connection, and closes every further connection.
    pub(crate) async fn start(script: Vec<Connection>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::<Shared>::default();
        let server = tokio::spawn({
            let shared = Arc::clone(&shared);
            async move {
                let mut script = script.into_iter();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    *shared.connections.lock().unwrap() += 1;
                    if let Some(connection) = script.next() {
                        let shared = Arc::clone(&shared);
                        tokio::spawn(async move { connection.play(stream, &shared).await });
                    }
                }
            }
        });
        // A thread without a name is not that of a test, and the server may outlive the test.
        let watchdog = std::thread::current().name().map(|_| Watchdog::last_resort());
        Self { address, shared, server, _watchdog: watchdog }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests, in the order of arrival.
    pub(crate) fn requests(&self) -> Vec<Received> {
        self.shared.requests.lock().unwrap().clone()
    }

    /// How many connections were made, with or without a request.
    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().unwrap()
    }

    /// Waits until a connection stalls as its script says.
    pub(crate) async fn stalled(&self) {
        self.shared.stalled.notified().await;
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}
