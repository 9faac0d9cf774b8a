//! A server that plays a script, and writes down what it got.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{fmt, io};

use freddy_types::AuthScheme;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::vectors::bytes::latin1;
use crate::vectors::call::Step;
use crate::vectors::decode::Answer;

/// What stands for the other server in a header.
const ELSEWHERE: &str = "{elsewhere}";
/// The pause before each byte of a body that drips.
const DRIP: Duration = Duration::from_millis(500);
/// Where there are no sockets left, there are some again when others close.
const RETRY_PAUSE: Duration = Duration::from_millis(50);
/// No request of a case is nearly as long.
const MAX_REQUEST: u64 = 1 << 20;

/// A request as it stood on the wire.
#[derive(Clone, Debug)]
pub(super) struct Received {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) at: Instant,
    /// When the answer to it was written, if there was one.
    pub(super) answered: Option<Instant>,
}

impl Received {
    /// Whether it has a text in it anywhere.
    pub(super) fn contains(&self, text: &str) -> bool {
        let has = |part: &str| part.contains(text);
        has(&self.target)
            || self.headers.iter().any(|(_, value)| has(value))
            || has(&String::from_utf8_lossy(&self.body))
    }

    /// The values of a header.
    pub(super) fn values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.headers.iter().filter(move |(header, _)| header.eq_ignore_ascii_case(name));
        named.map(|(_, value)| value.as_str())
    }

    /// Reads one; none where the connection ends before it does.
    pub(super) async fn read(stream: &mut BufReader<TcpStream>) -> io::Result<Option<Self>> {
        let mut limited = stream.take(MAX_REQUEST);
        let mut line = Vec::new();
        if limited.read_until(b'\n', &mut line).await? == 0 {
            return Ok(None);
        }
        let at = Instant::now();
        let text = |line: &[u8]| String::from_utf8_lossy(line).trim_end().to_owned();
        let first = text(&line);
        let mut words = first.split(' ');
        let method = words.next().unwrap_or_default().to_owned();
        let target = words.next().unwrap_or_default().to_owned();
        let mut received = Self { method, target, headers: Vec::new(), body: Vec::new(), at, answered: None };
        loop {
            line.clear();
            limited.read_until(b'\n', &mut line).await?;
            let text = text(&line);
            let Some((name, value)) = text.split_once(':') else { break };
            received.headers.push((name.to_owned(), value.trim().to_owned()));
        }
        let length = received.values("Content-Length").next().and_then(|length| length.parse().ok()).unwrap_or(0_u64);
        let is_chunked = received.values("Transfer-Encoding").next().is_some();
        if is_chunked {
            received.body = read_chunks(&mut limited).await?;
        } else {
            limited.take(length).read_to_end(&mut received.body).await?;
        }
        Ok(Some(received))
    }
}

/// A line for the first of the head, one for each header, without the credential, and the body.
impl fmt::Display for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.target)?;
        for (name, value) in &self.headers {
            let is_secret = AuthScheme::ALL.iter().any(|scheme| scheme.header().eq_ignore_ascii_case(name));
            write!(f, "\n{name}: {}", if is_secret { "(a credential)" } else { value })?;
        }
        if self.body.is_empty() { Ok(()) } else { write!(f, "\n\n{}", String::from_utf8_lossy(&self.body)) }
    }
}

async fn read_chunks(stream: &mut (impl tokio::io::AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16).unwrap_or(0);
        (&mut *stream).take(size).read_to_end(&mut body).await?;
        line.clear();
        stream.read_line(&mut line).await?;
        if size == 0 {
            return Ok(body);
        }
    }
}

/// The server. It ends with the value.
pub(super) struct Stub {
    url: String,
    requests: Arc<Mutex<Vec<Received>>>,
    server: JoinHandle<()>,
}

impl Stub {
    pub(super) async fn start(script: Vec<Step>, elsewhere: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let requests = Arc::<Mutex<Vec<Received>>>::default();
        let server = tokio::spawn(serve(listener, script.into(), elsewhere.into(), Arc::clone(&requests)));
        Ok(Self { url, requests, server })
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The requests, in the order of arrival.
    pub(super) fn requests(&self) -> Vec<Received> {
        lock(&self.requests).clone()
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.server.abort();
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(listener: TcpListener, script: Arc<[Step]>, elsewhere: Arc<str>, requests: Arc<Mutex<Vec<Received>>>) {
    let mut connections = tokio::task::JoinSet::new();
    loop {
        let stream = accept(&listener).await;
        let (script, elsewhere, requests) = (Arc::clone(&script), Arc::clone(&elsewhere), Arc::clone(&requests));
        connections.spawn(async move {
            let mut stream = BufReader::new(stream);
            let Ok(Some(received)) = Received::read(&mut stream).await else { return };
            let number = {
                let mut requests = lock(&requests);
                requests.push(received);
                requests.len() - 1
            };
            let Some(step) = script.get(number).or(script.last()) else { return };
            play(step, &elsewhere, &mut stream).await;
            if let Some(received) = lock(&requests).get_mut(number) {
                received.answered = Some(Instant::now());
            }
            // A client that has not read it all would otherwise be told of a reset.
            let _ = stream.shutdown().await;
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// The next connection. What cannot be accepted now may be later.
pub(super) async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(_) => tokio::time::sleep(RETRY_PAUSE).await,
        }
    }
}

/// Does what the step says. What the client does not want to read it need not.
pub(super) async fn play(step: &Step, elsewhere: &str, stream: &mut BufReader<TcpStream>) {
    match step {
        Step::Answer(answer) => drop(stream.write_all(&bytes(answer, elsewhere, 0)).await),
        Step::Close => {}
        // Until the client leaves.
        Step::Stall => drop(tokio::io::copy(stream, &mut tokio::io::sink()).await),
        Step::StallInBody(answer) => {
            let _ = stream.write_all(&bytes(answer, elsewhere, 1)).await;
            let _ = tokio::io::copy(stream, &mut tokio::io::sink()).await;
        }
        Step::Drip(answer) => {
            let bytes = bytes(answer, elsewhere, 0);
            let head = bytes.windows(4).position(|four| four == b"\r\n\r\n").map_or(bytes.len(), |end| end + 4);
            let (head, body) = bytes.split_at(head);
            let _ = stream.write_all(head).await;
            for byte in body {
                tokio::time::sleep(DRIP).await;
                if stream.write_all(&[*byte]).await.is_err() {
                    break;
                }
            }
        }
    }
}

/// An answer as it stands on the wire, without the last bytes of its body.
fn bytes(answer: &Answer, elsewhere: &str, missing: usize) -> Vec<u8> {
    let body = answer.body.to_vec().unwrap_or_default();
    let reason = http::StatusCode::from_u16(answer.status).ok().and_then(|status| status.canonical_reason());
    let mut head = format!("HTTP/1.1 {} {}\r\n", answer.status, reason.unwrap_or("Status"));
    for (name, value) in &answer.headers {
        head += &format!("{name}: {}\r\n", value.replace(ELSEWHERE, elsewhere));
    }
    // An answer of this status has neither a body nor its length.
    if answer.status != http::StatusCode::NO_CONTENT.as_u16() {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    head += "Connection: close\r\n\r\n";
    let sent = body.len().saturating_sub(missing);
    [&*latin1(&head), body.get(..sent).unwrap_or_default()].concat()
}
