//! The speed of the server as ratios, each with a bar: `cargo bench -p freddy-server` fails if a bar is missed.
//!
//! The server is the program itself, in a separate process and with its log on. The baseline is in another process: a bare
//! axum route, and a route with a transaction for each request. Both take turns in rounds, so that whatever slows the
//! machine slows both. A ratio is the median of the ratios of the rounds.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a benchmark that cannot run has nothing to say")]

use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::routing::delete;
use freddy_server::key::NewKey;
use freddy_server::store::{Disconnect, Store};
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ConnectorId, Endpoint as _, TraceId, headers};
use futures_util::future::join_all;
use sqlx::{AssertSqlSafe, Connection as _, SqliteConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

const CONNECTIONS: usize = 64;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_millis(1_500);
const LONE_REQUESTS: usize = 150;
const LARGE: usize = 1_000_000;
const SMALL: usize = 1_000;
const IDLE_CONNECTIONS: usize = 10_000;
const NO_LIMIT: [&str; 2] = ["--rate-limit", "1000000000"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().collect();
    if let [_, flag, url] = arguments.as_slice()
        && flag == "--baseline"
    {
        baseline(url);
        return ExitCode::SUCCESS;
    }
    let mut report = Report { missed: false };
    println!("{:<66}{:>8}{:>10}", "", "ratio", "bar");
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
        answers_without_the_database(&mut report).await;
        disconnects(&mut report).await;
        size_of_the_database(&mut report).await;
        idle_connections().await;
    });
    ExitCode::from(u8::from(report.missed))
}

struct Report {
    missed: bool,
}

impl Report {
    fn at_least(&mut self, what: &str, ratio: f64, bar: f64) {
        self.line(what, ratio, &format!("≥ {bar}"), ratio >= bar);
    }

    fn at_most(&mut self, what: &str, ratio: f64, bar: f64) {
        self.line(what, ratio, &format!("≤ {bar}"), ratio <= bar);
    }

    fn line(&mut self, what: &str, ratio: f64, bar: &str, met: bool) {
        println!("{what:<66}{ratio:>8.2}{bar:>10}{}", if met { "" } else { "  missed" });
        self.missed |= !met;
    }
}

/// 400, 401 and 429, compared with a route that answers 204 and does nothing.
async fn answers_without_the_database(report: &mut Report) {
    let data = Data::new(0).await;
    let server = Server::start(&data, &NO_LIMIT);
    let strict = Server::start(&data, &["--rate-limit", "1"]);
    let bare = Server::baseline(&data);
    let malformed = data.request("malformed");
    let anonymous = request(&path_of("pcon_0"), "");
    assert_eq!(exchange(&mut strict.connect().await, &malformed).await, 400);
    for (server, status, request) in
        [(&server, 400, &malformed), (&server, 401, &anonymous), (&strict, 429, &malformed)]
    {
        let ratio = rounds(async || {
            let answers = load(server.address, status, || request.clone()).await;
            answers / load(bare.address, 204, || self::request("/bare", "")).await
        });
        report.at_least(&format!("answers of {status} a second, beside a bare axum route"), ratio.await, 0.5);
    }
}

/// Durable disconnects, compared with a transaction for each.
async fn disconnects(report: &mut Report) {
    let (data, alone) = (Data::new(800_000).await, Data::new(100_000).await);
    let (server, baseline) = (Server::start(&data, &NO_LIMIT), Server::baseline(&alone));
    let (next, next_alone) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let grouped = || data.request(&id_of(next.fetch_add(1, Ordering::Relaxed)));
    let each = || request(&format!("/each/{}", id_of(next_alone.fetch_add(1, Ordering::Relaxed))), "");
    let ratio = rounds(async || {
        let grouped = load(server.address, 204, grouped).await;
        grouped / load(baseline.address, 204, each).await
    });
    report.at_least("disconnects a second, beside a transaction for each", ratio.await, 8.0);
    let ratio = rounds(async || {
        let grouped = median_latency(server.address, grouped).await;
        grouped / median_latency(baseline.address, each).await
    });
    report.at_most("latency of a lone disconnect, beside a transaction for each", ratio.await, 1.2);
}

/// The same with a thousand times as many connectors.
async fn size_of_the_database(report: &mut Report) {
    let (large, small) = (Data::new(LARGE).await, Data::new(SMALL).await);
    let (of_large, of_small) = (Server::start(&large, &NO_LIMIT), Server::start(&small, &NO_LIMIT));
    let (next_large, next_small) = (AtomicUsize::new(0), AtomicUsize::new(0));
    // Spread over the whole of each database, and each connector once.
    let spread = |next: &AtomicUsize, count: usize| id_of(next.fetch_add(1, Ordering::Relaxed) * 7_919 % count);
    let ratio = rounds(async || {
        let p50 = median_latency(of_large.address, || large.request(&spread(&next_large, LARGE))).await;
        p50 / median_latency(of_small.address, || small.request(&spread(&next_small, SMALL))).await
    });
    report.at_most("p50 of a disconnect with 1,000,000 connectors, beside 1,000", ratio.await, 1.3);
}

async fn idle_connections() {
    let data = Data::new(1).await;
    let server = Server::start(&data, &[&NO_LIMIT[..], &["--read-timeout-ms", "600000"]].concat());
    assert_eq!(exchange(&mut server.connect().await, &data.request(&id_of(0))).await, 204);
    let before = server.memory();
    let mut connections = Vec::new();
    for _ in 0..IDLE_CONNECTIONS {
        let mut connection = server.connect().await;
        assert_eq!(exchange(&mut connection, &data.request("malformed")).await, 400);
        connections.push(connection);
    }
    let after = server.memory();
    println!(
        "{IDLE_CONNECTIONS} idle connections: {} MiB, without them {} MiB; {:.1} KiB each",
        after >> 20,
        before >> 20,
        (after - before) as f64 / 1024.0 / IDLE_CONNECTIONS as f64
    );
}

/// The median of the rounds, after one more round to warm up.
async fn rounds(mut round: impl AsyncFnMut() -> f64) -> f64 {
    round().await;
    let mut values = Vec::new();
    for _ in 0..ROUNDS {
        values.push(round().await);
    }
    median(values)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Answers a second, with every connection always waiting for one.
async fn load(address: SocketAddr, status: u16, request: impl Fn() -> String) -> f64 {
    let start = Instant::now();
    let connection = async || {
        let mut connection = TcpStream::connect(address).await.unwrap();
        let mut answered = 0_u32;
        while start.elapsed() < ROUND {
            assert_eq!(exchange(&mut connection, &request()).await, status);
            answered += 1;
        }
        answered
    };
    let answered: u32 = join_all((0..CONNECTIONS).map(|_| connection())).await.into_iter().sum();
    f64::from(answered) / start.elapsed().as_secs_f64()
}

async fn median_latency(address: SocketAddr, request: impl Fn() -> String) -> f64 {
    let mut connection = TcpStream::connect(address).await.unwrap();
    let mut times = Vec::new();
    for _ in 0..LONE_REQUESTS {
        let request = request();
        let start = Instant::now();
        let status = exchange(&mut connection, &request).await;
        times.push(start.elapsed().as_secs_f64());
        assert_eq!(status, 204);
    }
    median(times)
}

/// Sends a request, reads its answer, and returns the status.
async fn exchange(connection: &mut TcpStream, request: &str) -> u16 {
    connection.write_all(request.as_bytes()).await.unwrap();
    let (mut answer, mut read) = ([0; 4096], 0);
    loop {
        read += connection.read(&mut answer[read..]).await.unwrap();
        let answer = &answer[..read];
        let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let length = b"content-length: ";
        let length = answer[..end].windows(length.len()).position(|window| window == length).map_or(0, |at| {
            let digits = answer[at + length.len()..].iter().take_while(|byte| byte.is_ascii_digit());
            digits.fold(0, |length, digit| 10 * length + usize::from(digit - b'0'))
        });
        if read == end + 4 + length {
            return str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
        }
    }
}

fn path_of(id: &str) -> String {
    let template = DisconnectConnector::PATH.as_str();
    format!("{}{id}", &template[..template.find('{').unwrap()])
}

fn request(path: &str, header: &str) -> String {
    format!("{} {path} HTTP/1.1\r\nHost: benchmark\r\n{header}\r\n", DisconnectConnector::METHOD)
}

fn id_of(number: usize) -> String {
    format!("pcon_{number}")
}

/// A database with one key and its connectors.
struct Data {
    url: String,
    key: NewKey,
    _folder: tempfile::TempDir,
}

impl Data {
    async fn new(connectors: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("benchmark.db").display());
        let store = Store::open(&url).await.unwrap();
        let key = NewKey::generate().unwrap();
        store.add_key("alice", key.hash(), 0).await.unwrap();
        let mut connection = SqliteConnection::connect(&url).await.unwrap();
        let fill = format!(
            "INSERT INTO connectors (id, owner, created_at) WITH RECURSIVE n (i) AS ( \
                 SELECT 0 WHERE {connectors} > 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {connectors} \
             ) SELECT 'pcon_' || i, 'alice', 0 FROM n"
        );
        sqlx::raw_sql(AssertSqlSafe(fill)).execute(&mut connection).await.unwrap();
        Self { url, key, _folder: folder }
    }

    fn request(&self, id: &str) -> String {
        request(&path_of(id), &format!("{}: {}\r\n", headers::X_API_KEY, self.key.reveal()))
    }
}

struct Server {
    child: Child,
    address: SocketAddr,
}

impl Server {
    fn start(data: &Data, flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freddy-server"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &data.url]).args(flags);
        Self::spawn(command)
    }

    fn baseline(data: &Data) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--baseline", &data.url]);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().rsplit('/').next().unwrap().parse().unwrap();
        Self { child, address }
    }

    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// The memory that it uses, in bytes.
    fn memory(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the server is compared with.
fn baseline(url: &str) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let store = Store::open(url).await.unwrap();
        let each = async |State(store): State<Store>, Path(connector_id): Path<ConnectorId>| {
            let request = Disconnect { key_id: 1, connector_id, trace_id: TraceId::from_bits(0), at: 0 };
            store.disconnect(&[request]).await.unwrap();
            StatusCode::NO_CONTENT
        };
        let router = Router::new()
            .route("/bare", delete(async || StatusCode::NO_CONTENT))
            .route("/each/{id}", delete(each))
            .with_state(store);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        axum::serve(listener, router).await.unwrap();
    });
}
