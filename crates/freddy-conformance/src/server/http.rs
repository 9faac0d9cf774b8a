//! HTTP/1.1 as bytes, so that a request may be wrong, and everything of an answer is bounded and seen.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use freddy_types::{ErrorCode, HeaderLookup, headers};
use rustls_platform_verifier::BuilderVerifierExt as _;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadHalf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::ClientConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::ServerName;

const MAX_HEAD: usize = 64 << 10;
const MAX_HEADERS: usize = 256;
const MAX_BODY: usize = 256 << 10;
/// Answers with a status of 1xx before the one that counts.
const MAX_INTERIM: usize = 8;
/// How long bytes that must not be there may take to arrive.
const SURPLUS: Duration = Duration::from_millis(5);
const SILENCE: Duration = Duration::from_millis(50);

/// Where a server is.
#[derive(Clone)]
pub(super) struct Base {
    tls: Option<TlsConnector>,
    /// As in a `Host` header.
    pub(super) authority: String,
    pub(super) address: (String, u16),
    /// What stands before every path.
    pub(super) prefix: String,
}

impl Base {
    /// # Errors
    /// Why the URL is none that can be called.
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let has_more = url.contains(['?', '#']);
        let url: http::Uri = url.parse().map_err(|error| format!("--base-url: {error}"))?;
        if has_more {
            return Err("--base-url: has a query or a fragment, which no request would have".to_owned());
        }
        let (tls, port) = match url.scheme_str() {
            Some("http") => (None, 80),
            Some("https") => (Some(connector().map_err(|error| format!("TLS: {error}"))?), 443),
            _ => return Err("--base-url: is not a URL that begins with `http://` or `https://`".to_owned()),
        };
        let authority = url.authority().ok_or("--base-url: names no host")?;
        if authority.as_str().contains('@') {
            return Err("--base-url: names a user, which would be sent and shown in the `Host`".to_owned());
        }
        let has_port = authority.as_str().rsplit(']').next().is_some_and(|behind| behind.contains(':'));
        if has_port && authority.port_u16().is_none() {
            return Err("--base-url: has a port that is none: it is a number up to 65535".to_owned());
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
        let address = (host, authority.port_u16().unwrap_or(port));
        let prefix = url.path().trim_end_matches('/').to_owned();
        Ok(Self { tls, authority: authority.to_string(), address, prefix })
    }

    /// The URL of the root.
    pub(super) fn root(&self) -> String {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.authority)
    }
}

/// Trusts what the system trusts.
fn connector() -> Result<TlsConnector, tokio_rustls::rustls::Error> {
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions()?.with_platform_verifier()?;
    Ok(TlsConnector::from(Arc::new(config.with_no_client_auth())))
}

/// An answer.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    /// Whether bytes came where no body may be.
    pub(super) has_surplus: bool,
    /// Whether the connection can be used again.
    pub(super) keeps_alive: bool,
    pub(super) took: Duration,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.value_of(name).and_then(|value| str::from_utf8(value).ok()).map(str::trim)
    }

    /// Whether the rate limit refuses.
    pub(super) fn is_limited(&self) -> bool {
        self.status == ErrorCode::RateLimitExceeded.status()
    }

    /// The number that a header is.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.parse().ok()
    }
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    Unreachable(String),
    Closed,
    Late(Duration),
    TooLarge(&'static str),
    NotHttp(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreachable(why) => write!(f, "no connection: {why}"),
            Self::Closed => f.write_str("the connection was closed before an answer was whole"),
            Self::Late(timeout) => write!(f, "no whole answer in {timeout:?}"),
            Self::TooLarge(part) => write!(f, "{part} larger than a client reads"),
            Self::NotHttp(why) => write!(f, "not HTTP: {why}"),
        }
    }
}

/// A connection with or without TLS.
trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A connection to the server.
pub(super) struct Connection {
    stream: Box<dyn Stream>,
    /// What was read and not used yet.
    buffer: Vec<u8>,
    timeout: Duration,
}

impl Connection {
    pub(super) async fn open(base: &Base, timeout: Duration) -> Result<Self, Trouble> {
        let connected = tokio::time::timeout(timeout, connect(base)).await.map_err(|_| Trouble::Late(timeout))?;
        let stream = connected.map_err(|error| Trouble::Unreachable(error.to_string()))?;
        Ok(Self { stream, buffer: Vec::new(), timeout })
    }

    /// Sends a request, and reads the answer while it is being sent: a server may answer before it has read all.
    pub(super) async fn call(&mut self, request: &[u8]) -> Result<Answer, Trouble> {
        self.held(request, None).await
    }

    /// The same with a byte again and again behind it.
    pub(super) async fn held(&mut self, request: &[u8], drip: Option<(u8, Duration)>) -> Result<Answer, Trouble> {
        let started = Instant::now();
        let is_head = request.starts_with(b"HEAD ");
        let Self { stream, buffer, timeout } = self;
        let (mut reader, mut writer) = tokio::io::split(stream);
        let exchange = async {
            let sending = async {
                // If the server does not want all of it, what it answers says why.
                let _ = writer.write_all(request).await;
                let _ = writer.flush().await;
                let Some((byte, pause)) = drip else { return std::future::pending::<()>().await };
                loop {
                    tokio::time::sleep(pause).await;
                    let _ = writer.write_all(&[byte]).await;
                    let _ = writer.flush().await;
                }
            };
            tokio::select! {
                answer = read(&mut reader, buffer, is_head) => answer,
                () = sending => Err(Trouble::Closed),
            }
        };
        let answer = tokio::time::timeout(*timeout, exchange).await.map_err(|_| Trouble::Late(*timeout))?;
        answer.map(|answer| Answer { took: started.elapsed(), ..answer })
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        self.stream.write_all(bytes).await.map_err(|_| Trouble::Closed)?;
        self.stream.flush().await.map_err(|_| Trouble::Closed)
    }

    /// Reads the next answer.
    pub(super) async fn answer(&mut self) -> Result<Answer, Trouble> {
        self.call(b"").await
    }

    /// Reads an answer behind which another one may stand already.
    pub(super) async fn pipelined_answer(&mut self) -> Result<Answer, Trouble> {
        let started = Instant::now();
        let Self { stream, buffer, timeout } = self;
        let (mut reader, _) = tokio::io::split(stream);
        let reading = async {
            let (status, headers, keeps_alive) = head(&mut reader, buffer).await?;
            let mut answer =
                Answer { status, headers, body: Vec::new(), has_surplus: false, keeps_alive, took: started.elapsed() };
            if ![204, 304].contains(&status) {
                body(&mut reader, buffer, &mut answer).await?;
            }
            Ok(answer)
        };
        tokio::time::timeout(*timeout, reading).await.map_err(|_| Trouble::Late(*timeout))?
    }

    /// Waits until the server has sent something.
    pub(super) async fn wait(&mut self) -> Result<(), Trouble> {
        let Self { stream, buffer, timeout } = self;
        let (mut reader, _) = tokio::io::split(stream);
        let some = tokio::time::timeout(*timeout, some_more(&mut reader, buffer)).await;
        some.map_err(|_| Trouble::Late(*timeout))?
    }

    /// What has arrived and was not read as an answer.
    pub(super) fn unread(&self) -> &[u8] {
        &self.buffer
    }

    /// Whether the server sends nothing more for a moment.
    pub(super) async fn is_silent(&mut self) -> bool {
        let more = tokio::time::timeout(SILENCE, self.stream.read(&mut [0])).await;
        self.buffer.is_empty() && !matches!(more, Ok(Ok(1)))
    }

    /// Whether the server closes the connection, without another byte.
    pub(super) async fn is_closed_within(&mut self, time: Duration) -> bool {
        let end = tokio::time::timeout(time, self.stream.read(&mut [0])).await;
        self.buffer.is_empty() && matches!(end, Ok(Ok(0) | Err(_)))
    }
}

async fn connect(base: &Base) -> std::io::Result<Box<dyn Stream>> {
    let (host, port) = &base.address;
    let stream = TcpStream::connect((host.as_str(), *port)).await?;
    // Otherwise a request in two pieces waits for the acknowledgement of the first.
    stream.set_nodelay(true)?;
    let Some(tls) = &base.tls else { return Ok(Box::new(stream)) };
    let name = ServerName::try_from(host.clone()).map_err(std::io::Error::other)?;
    Ok(Box::new(tls.connect(name, stream).await?))
}

type Reader<'s> = ReadHalf<&'s mut Box<dyn Stream>>;

async fn more(reader: &mut Reader<'_>, buffer: &mut Vec<u8>) -> Result<usize, Trouble> {
    reader.read_buf(buffer).await.map_err(|_| Trouble::Closed)
}

async fn some_more(reader: &mut Reader<'_>, buffer: &mut Vec<u8>) -> Result<(), Trouble> {
    if more(reader, buffer).await? == 0 { Err(Trouble::Closed) } else { Ok(()) }
}

async fn read(reader: &mut Reader<'_>, buffer: &mut Vec<u8>, is_head: bool) -> Result<Answer, Trouble> {
    for _ in 0..=MAX_INTERIM {
        let (status, headers, keeps_alive) = head(reader, buffer).await?;
        let mut answer =
            Answer { status, headers, body: Vec::new(), has_surplus: false, keeps_alive, took: Duration::ZERO };
        match status {
            101 => return Err(Trouble::NotHttp("101 to a request that asked for no other protocol".to_owned())),
            100..200 => {}
            204 | 304 => {
                let _ = tokio::time::timeout(SURPLUS, more(reader, buffer)).await;
                answer.has_surplus = !buffer.is_empty();
                return Ok(answer);
            }
            _ if is_head => return Ok(answer),
            _ => {
                answer.keeps_alive &= body(reader, buffer, &mut answer).await?;
                return Ok(answer);
            }
        }
    }
    Err(Trouble::NotHttp("1xx without an end".to_owned()))
}

type Head = (u16, Vec<(String, Vec<u8>)>, bool);

async fn head(reader: &mut Reader<'_>, buffer: &mut Vec<u8>) -> Result<Head, Trouble> {
    loop {
        if let Some((head, length)) = parse(buffer)? {
            if length > MAX_HEAD {
                return Err(Trouble::TooLarge("a head"));
            }
            buffer.drain(..length);
            return Ok(head);
        }
        if buffer.len() > MAX_HEAD {
            return Err(Trouble::TooLarge("a head"));
        }
        some_more(reader, buffer).await?;
    }
}

fn parse(buffer: &[u8]) -> Result<Option<(Head, usize)>, Trouble> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut headers);
    let length = match response.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Trouble::TooLarge("a head")),
        Err(error) => return Err(Trouble::NotHttp(error.to_string())),
    };
    let status = response.code.unwrap_or_default();
    let is_new = response.version == Some(1);
    let headers: Vec<_> =
        response.headers.iter().map(|header| (header.name.to_owned(), header.value.to_vec())).collect();
    let says = |word: &str| {
        let lines = headers.values_of("Connection").into_iter();
        lines
            .flat_map(|line| line.split(|byte| *byte == b','))
            .any(|one| one.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    };
    let keeps_alive = !says("close") && (is_new || says("keep-alive"));
    Ok(Some(((status, headers, keeps_alive), length)))
}

/// Reads a body, and says whether the connection goes on after it.
async fn body(reader: &mut Reader<'_>, buffer: &mut Vec<u8>, answer: &mut Answer) -> Result<bool, Trouble> {
    if answer.headers.value_of("Transfer-Encoding").is_some() {
        chunks(reader, buffer, &mut answer.body).await?;
        return Ok(true);
    }
    let lengths = answer.headers.values_of("Content-Length");
    let Some(length) = lengths.first() else {
        while more(reader, buffer).await? > 0 {
            if buffer.len() > MAX_BODY {
                return Err(Trouble::TooLarge("a body"));
            }
        }
        answer.body = std::mem::take(buffer);
        return Ok(false);
    };
    if lengths.iter().any(|other| other != length) {
        return Err(Trouble::NotHttp("lengths that differ".to_owned()));
    }
    let length = str::from_utf8(length).ok().and_then(|length| length.trim().parse::<usize>().ok());
    let length = length.ok_or_else(|| Trouble::NotHttp("a length that is no number".to_owned()))?;
    if length > MAX_BODY {
        return Err(Trouble::TooLarge("a body"));
    }
    while buffer.len() < length {
        some_more(reader, buffer).await?;
    }
    answer.body = buffer.drain(..length).collect();
    Ok(true)
}

async fn chunks(reader: &mut Reader<'_>, buffer: &mut Vec<u8>, body: &mut Vec<u8>) -> Result<(), Trouble> {
    loop {
        let not_http = |_| Trouble::NotHttp("a broken chunk".to_owned());
        let (start, length) = loop {
            match httparse::parse_chunk_size(buffer).map_err(not_http)? {
                httparse::Status::Complete((start, length)) => {
                    break (start, usize::try_from(length).unwrap_or(usize::MAX));
                }
                httparse::Status::Partial if buffer.len() > MAX_HEAD => {
                    return Err(Trouble::TooLarge("a chunk's head"));
                }
                httparse::Status::Partial => some_more(reader, buffer).await?,
            }
        };
        buffer.drain(..start);
        if length.saturating_add(body.len()) > MAX_BODY {
            return Err(Trouble::TooLarge("a body"));
        }
        if length == 0 {
            return trailers(reader, buffer).await;
        }
        while buffer.len() < length + 2 {
            some_more(reader, buffer).await?;
        }
        body.extend(buffer.drain(..length));
        if buffer.drain(..2).ne(*b"\r\n") {
            return Err(Trouble::NotHttp("a chunk that is longer than its length".to_owned()));
        }
    }
}

/// Reads to the empty line that ends a body in chunks.
async fn trailers(reader: &mut Reader<'_>, buffer: &mut Vec<u8>) -> Result<(), Trouble> {
    let mut length = 0;
    loop {
        if let Some(end) = buffer.windows(2).position(|two| two == b"\r\n") {
            buffer.drain(..end + 2);
            if end == 0 {
                return Ok(());
            }
            length += end + 2;
            if length > MAX_HEAD {
                return Err(Trouble::TooLarge("trailers"));
            }
        } else if length + buffer.len() > MAX_HEAD {
            return Err(Trouble::TooLarge("trailers"));
        } else {
            some_more(reader, buffer).await?;
        }
    }
}

/// The bytes of a request.
pub(super) fn message(
    base: &Base,
    method: &str,
    target: &str,
    lines: &[(String, String)],
    body: Option<&[u8]>,
) -> Vec<u8> {
    // `*` is the whole server, which has no path.
    let prefix = if target == "*" { "" } else { &base.prefix };
    let mut head = format!("{method} {prefix}{target} HTTP/1.1\r\nHost: {}\r\n", base.authority);
    for (name, value) in lines {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        head.push_str(&format!("Content-Length: {}\r\n", body.len()));
    }
    head.push_str("\r\n");
    [head.as_bytes(), body.unwrap_or_default()].concat()
}

/// Whether an answer is JSON.
pub(super) fn is_json(answer: &Answer) -> bool {
    let essence = answer.header(headers::CONTENT_TYPE).and_then(|value| value.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case(headers::JSON))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_is_a_host_and_a_path_and_nothing_else() {
        let base = Base::parse("http://[::1]:8080/api/").ok().unwrap();
        assert_eq!((&*base.authority, &*base.prefix), ("[::1]:8080", "/api"));
        for url in [
            "http://user:secret@host",
            "http://user@host/api",
            "http://host?secret",
            "http://host/api#secret",
            "http://host#secret",
            "http://host:99999",
            "http://[::1]:",
            "ftp://host",
            "host",
            "/api",
        ] {
            let problem = Base::parse(url).err().unwrap();
            assert!(problem.starts_with("--base-url: ") && !problem.contains("secret"), "{url}: {problem}");
        }
    }

    /// What is read of these bytes, after which the server closes the connection.
    async fn read_of(bytes: Vec<u8>) -> Result<Answer, Trouble> {
        let (mut server, client) = tokio::io::duplex(1 << 10);
        let mut connection =
            Connection { stream: Box::new(client), buffer: Vec::new(), timeout: Duration::from_secs(5) };
        let (answer, ()) = tokio::join!(
            async {
                let answer = connection.answer().await;
                // Who sends without end is not waited for.
                drop(connection);
                answer
            },
            async {
                let _ = server.write_all(&bytes).await;
                drop(server);
            }
        );
        answer
    }

    fn with_head(lines: &str, body: &str) -> Vec<u8> {
        format!("HTTP/1.1 200 OK\r\n{lines}\r\n{body}").into_bytes()
    }

    fn chunked(body: &str) -> Vec<u8> {
        with_head("Transfer-Encoding: chunked\r\n", body)
    }

    #[tokio::test]
    async fn an_answer_is_read_up_to_its_bounds_and_no_further() {
        // What stands beside the value of the one header.
        const HEAD: usize = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX: \r\n\r\n".len();
        let head = |length: usize| with_head(&format!("Content-Length: 0\r\nX: {}\r\n", "x".repeat(length - HEAD)), "");
        let headers = |count: usize| with_head(&format!("Content-Length: 0\r\n{}", "X: x\r\n".repeat(count - 1)), "");
        let body = |length: usize| with_head(&format!("Content-Length: {length}\r\n"), &"x".repeat(length));
        let to_the_end = |length: usize| with_head("", &"x".repeat(length));
        let chunks = |length: usize| {
            let half = length / 2;
            let chunk = |length: usize| format!("{length:x}\r\n{}\r\n", "x".repeat(length));
            chunked(&format!("{}{}0\r\n\r\n", chunk(half), chunk(length - half)))
        };
        let extension = |length: usize| chunked(&format!("0;{}\r\n\r\n", "x".repeat(length)));
        let trailer = |length: usize| chunked(&format!("0\r\nX: {}\r\n\r\n", "x".repeat(length - 5)));
        let trailers = |length: usize| chunked(&format!("0\r\n{}\r\n", "X: x\r\n".repeat(length / 6)));
        let interim = |count: usize| {
            [b"HTTP/1.1 103 Early\r\nX: x\r\n\r\n".repeat(count), with_head("Content-Length: 0\r\n", "")].concat()
        };
        let too_large = |part| Trouble::TooLarge(part);
        for (name, within, beyond, trouble) in [
            ("head", head(MAX_HEAD), head(MAX_HEAD + 1), too_large("a head")),
            ("head without end", head(MAX_HEAD), head(MAX_HEAD << 4), too_large("a head")),
            ("headers", headers(MAX_HEADERS), headers(MAX_HEADERS + 1), too_large("a head")),
            ("body", body(MAX_BODY), body(MAX_BODY + 1), too_large("a body")),
            ("body to the end", to_the_end(MAX_BODY), to_the_end(MAX_BODY + 1), too_large("a body")),
            ("chunks", chunks(MAX_BODY), chunks(MAX_BODY + 1), too_large("a body")),
            ("extension", extension(MAX_HEAD - 8), extension(MAX_HEAD << 2), too_large("a chunk's head")),
            ("trailer", trailer(MAX_HEAD), trailer(MAX_HEAD << 1), too_large("trailers")),
            ("trailers", trailers(MAX_HEAD), trailers(MAX_HEAD << 1), too_large("trailers")),
            ("1xx", interim(MAX_INTERIM), interim(MAX_INTERIM + 1), Trouble::NotHttp("1xx without an end".to_owned())),
        ] {
            let answer = read_of(within).await;
            assert_eq!(answer.as_ref().map(|answer| answer.status), Ok(200), "{name}: {:?}", answer.as_ref().err());
            assert_eq!(read_of(beyond).await.map(|answer| answer.status), Err(trouble), "{name}");
        }
    }

    #[tokio::test]
    async fn a_body_is_what_its_framing_says() {
        for (bytes, body, keeps_alive) in [
            (with_head("Content-Length: 2\r\n", "ab"), "ab", true),
            (with_head("Content-Length: 2\r\nContent-Length: 2\r\n", "ab"), "ab", true),
            (with_head("", "ab"), "ab", false),
            (chunked("1\r\na\r\n1;x=y\r\nb\r\n0\r\n\r\n"), "ab", true),
            (chunked("2\r\n\r\n\r\n0\r\nX-Trailer: x\r\nX-Other: y\r\n\r\n"), "\r\n", true),
        ] {
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            let answer = read_of(bytes).await.unwrap();
            assert_eq!((&*answer.body, answer.keeps_alive), (body.as_bytes(), keeps_alive), "{shown}");
        }
    }

    #[tokio::test]
    async fn what_is_not_http_is_not_taken_for_an_answer() {
        for bytes in [
            b"HTTP/1.1 abc\r\n\r\n".to_vec(),
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n".to_vec(),
            with_head("Content-Length: 2\r\nContent-Length: 3\r\n", "abc"),
            with_head("Content-Length: two\r\n", "ab"),
            with_head("Content-Length: -2\r\n", "ab"),
            chunked("x\r\n"),
            chunked("1\r\nab\r\n0\r\n\r\n"),
            chunked("2\r\na\r\n0\r\n\r\n"),
        ] {
            let shown = String::from_utf8_lossy(&bytes).into_owned();
            let answer = read_of(bytes).await;
            assert!(matches!(answer, Err(Trouble::NotHttp(_))), "{shown}: {answer:?}");
        }
        for cut in [
            b"HTTP/1.1 200 OK\r\n".to_vec(),
            with_head("Content-Length: 3\r\n", "ab"),
            chunked("2\r\nab"),
            chunked("2\r\nab\r\n"),
            chunked("0\r\nX: x\r\n"),
            b"HTTP/1.1 100 Continue\r\n\r\n".to_vec(),
        ] {
            let shown = String::from_utf8_lossy(&cut).into_owned();
            assert_eq!(read_of(cut).await.map(|answer| answer.status), Err(Trouble::Closed), "{shown}");
        }
    }
}
