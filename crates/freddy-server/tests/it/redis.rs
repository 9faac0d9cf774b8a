//! A Redis that counts the rate limit and then does not, in each of the ways in which it can be away.

use std::io::Write as _;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use freddy_types::headers;
use redis::aio::MultiplexedConnection;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::support::{Answer, Connection, Database, Process, Server, command, delete_of, redis_url, send};

/// Much longer than anything takes.
const LONG: Duration = Duration::from_secs(60);

/// What the log says once when Redis is away, and once when it is back.
const AWAY: &str = "Redis cannot be used; the rate limit is counted in this process";
const BACK: &str = "the rate limit is counted in Redis again";

#[derive(Clone, Copy, Debug, PartialEq)]
enum Mode {
    Through,
    Slow,
    Hang,
}

/// What the server reaches Redis through.
struct Proxy {
    address: SocketAddr,
    target: String,
    mode: watch::Sender<Mode>,
    accepting: Option<JoinHandle<()>>,
}

impl Proxy {
    /// `None` if there is no Redis.
    async fn start() -> Option<Self> {
        let target = redis_url()?.trim_start_matches("redis://").to_owned();
        let address = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let mut proxy = Self { address, target, mode: watch::channel(Mode::Through).0, accepting: None };
        proxy.listen().await;
        Some(proxy)
    }

    /// A URL of a database of its own, since each test counts the same key.
    fn url(&self, database: u8) -> String {
        format!("redis://{}/{database}", self.address)
    }

    async fn listen(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        let (target, mode) = (self.target.clone(), self.mode.clone());
        self.accepting = Some(tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                let redis = TcpStream::connect(&target).await.unwrap();
                let ((from_client, to_client), (from_redis, to_redis)) = (client.into_split(), redis.into_split());
                connections.spawn(forward(from_client, to_redis, mode.subscribe()));
                connections.spawn(forward(from_redis, to_client, mode.subscribe()));
            }
        }));
    }

    /// Closes every connection and refuses new ones.
    async fn kill(&mut self) {
        let accepting = self.accepting.take().unwrap();
        accepting.abort();
        assert!(accepting.await.unwrap_err().is_cancelled());
    }
}

async fn forward(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mut mode: watch::Receiver<Mode>,
) {
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        if *mode.borrow() == Mode::Slow {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        mode.wait_for(|mode| *mode != Mode::Hang).await.unwrap();
        if to.write_all(&buffer[..length]).await.is_err() {
            break;
        }
    }
}

/// A Redis of the test's own, for what the others must not meet.
struct Redis {
    child: Child,
    port: u16,
    _folder: TempDir,
}

impl Redis {
    /// `None` if the program is not installed.
    async fn start(flags: &[&str]) -> Option<Self> {
        let Ok(version) = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status() else {
            // Straight to the stream, since the test harness hides what a passing test prints.
            std::io::stderr().write_all(b"skipped without the program redis-server\n").unwrap();
            return None;
        };
        assert!(version.success());
        let folder = tempfile::tempdir().unwrap();
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut command = Command::new("redis-server");
        command.args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", "", "--dir"]).arg(folder.path());
        let child = command.args(flags).stdout(Stdio::null()).spawn().unwrap();
        let redis = Self { child, port, _folder: folder };
        until(async || TcpStream::connect(("127.0.0.1", port)).await.is_ok()).await;
        Some(redis)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn connection(url: &str) -> MultiplexedConnection {
    redis::Client::open(url).unwrap().get_multiplexed_async_connection().await.unwrap()
}

async fn run(redis: &mut MultiplexedConnection, command: &str) {
    let mut words = command.split(' ');
    let mut command = redis::cmd(words.next().unwrap());
    words.for_each(|word| {
        command.arg(word);
    });
    command.exec_async(redis).await.unwrap();
}

async fn until(mut happened: impl AsyncFnMut() -> bool) {
    let started = Instant::now();
    while !happened().await {
        assert!(started.elapsed() < LONG, "it does not happen");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn remaining(answer: &Answer) -> u32 {
    answer.header(headers::X_RATELIMIT_REMAINING).unwrap().parse().unwrap()
}

/// Calls until the answer says how far Redis has counted, which is further than this process has.
async fn until_counted_in(redis: &mut MultiplexedConnection, call: impl AsyncFn() -> Answer) {
    run(redis, "SET freddy:rate-limit:key:1 500000 PX 60000").await;
    until(async || remaining(&call().await) < 500_000).await;
}

/// A database with one key and its connector.
struct Fixture {
    database: Database,
    delete: String,
}

impl Fixture {
    async fn new() -> Self {
        let database = Database::sqlite();
        let store = database.open().await;
        let key = freddy_server::key::NewKey::generate().unwrap();
        store.add_key("alice", key.hash(), 0).await.unwrap();
        store.add_connector(&freddy_types::connector_id!("pcon_abc123"), "alice", 0).await.unwrap();
        store.close().await;
        Self { database, delete: delete_of("pcon_abc123", &key) }
    }

    fn serve(&self, flags: &[&str]) -> Process {
        Process::serve(self.database.url(), &[&["--rate-limit", "1000000"], flags].concat())
    }

    async fn delete(&self, process: &Process) -> Answer {
        let answer = Connection::open(process.address).await.call(&self.delete).await.unwrap();
        assert!([204, 429].contains(&answer.status), "{answer:?}");
        answer
    }
}

/// How often the log has this message.
fn lines(log: &str, message: &str) -> usize {
    log.lines().filter(|line| line.contains(message)).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_goes_away_holds_up_no_request_and_counts_again_when_it_is_back() {
    for (database, mode) in [(1, Mode::Through), (2, Mode::Slow), (3, Mode::Hang)] {
        let Some(mut proxy) = Proxy::start().await else { return };
        let mut redis = connection(&format!("{}/{database}", redis_url().unwrap())).await;
        let fixture = Fixture::new().await;
        let process = fixture.serve(&["--redis-url", &proxy.url(database)]);
        until_counted_in(&mut redis, async || fixture.delete(&process).await).await;

        // Away in the way of this round.
        if mode == Mode::Through {
            proxy.kill().await;
        } else {
            proxy.mode.send_replace(mode);
        }
        until(async || remaining(&fixture.delete(&process).await) > 500_000).await;
        let started = Instant::now();
        for _ in 0..100 {
            fixture.delete(&process).await.assert_no_content();
        }
        // If each of them waited for Redis, it would be twice as long at least.
        assert!(started.elapsed() < Duration::from_secs(10), "{:?} while {mode:?}", started.elapsed());

        proxy.mode.send_replace(Mode::Through);
        if mode == Mode::Through {
            proxy.listen().await;
        }
        until_counted_in(&mut redis, async || fixture.delete(&process).await).await;
        let log = process.terminate();
        // More than once only on a machine that is very busy.
        assert!((1..=5).contains(&lines(&log, AWAY)) && lines(&log, BACK) == lines(&log, AWAY), "{log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_that_takes_no_writes_is_away() {
    let Some(own) = Redis::start(&[]).await else { return };
    let mut redis = connection(&own.url()).await;
    let fixture = Fixture::new().await;
    for (refuse, reason, allow) in [
        ("CONFIG SET maxmemory 1", "OOM", "CONFIG SET maxmemory 0"),
        ("REPLICAOF 127.0.0.1 1", "read only replica", "REPLICAOF NO ONE"),
        ("ACL SETUSER default -set -incr", "can't run this command", "ACL SETUSER default +@all"),
    ] {
        let process = fixture.serve(&["--redis-url", &own.url()]);
        until_counted_in(&mut redis, async || fixture.delete(&process).await).await;
        run(&mut redis, refuse).await;
        until(async || remaining(&fixture.delete(&process).await) > 500_000).await;
        run(&mut redis, allow).await;
        until_counted_in(&mut redis, async || fixture.delete(&process).await).await;
        let log = process.terminate();
        assert!(log.contains(reason), "{refuse}: {log}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_starts_without_redis_and_goes_over_to_it() {
    let Some(mut proxy) = Proxy::start().await else { return };
    let mut redis = connection(&format!("{}/4", redis_url().unwrap())).await;
    let fixture = Fixture::new().await;
    proxy.kill().await;
    let process = fixture.serve(&["--redis-url", &proxy.url(4)]);
    assert_eq!(remaining(&fixture.delete(&process).await), 999_999);
    proxy.listen().await;
    until_counted_in(&mut redis, async || fixture.delete(&process).await).await;
    let log = process.terminate();
    assert_eq!((lines(&log, AWAY), lines(&log, "Connection refused")), (1, 1), "{log}");
    let back = log.lines().find(|line| line.contains(BACK)).unwrap();
    assert!(back.contains(r#""counted_here":"#) && !back.contains(r#""counted_here":0"#), "{back}");
}

#[tokio::test]
async fn a_password_that_redis_refuses_is_in_no_log() {
    let Some(own) = Redis::start(&["--requirepass", "right"]).await else { return };
    // These do not know the commands that a password is sent with, and say what they were sent.
    let Some(unknown) = Redis::start(&["--rename-command", "AUTH", "", "--rename-command", "HELLO", ""]).await else {
        return;
    };
    for port in [own.port, unknown.port] {
        for protocol in ["resp2", "resp3"] {
            let fixture = Fixture::new().await;
            let process =
                fixture.serve(&["--redis-url", &format!("redis://:SECRET@127.0.0.1:{port}/?protocol={protocol}")]);
            fixture.delete(&process).await.assert_no_content();
            let log = process.terminate();
            assert!(lines(&log, AWAY) == 1 && !log.contains("SECRET"), "{log}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flushed_redis_starts_new_windows_and_nobody_who_is_over_gets_back_before_the_end_of_theirs() {
    let Some(own) = Redis::start(&[]).await else { return };
    let server = Server::start(&["--rate-limit", "2", "--redis-url", &own.url()]).await;
    let stranger = async || server.call("DELETE", "/v1/personal-connectors/pcon_abc123", "").await;
    for status in [204, 204, 429] {
        assert_eq!(server.delete("pcon_abc123").await.status, status);
    }
    assert_eq!(remaining(&stranger().await), 1);
    let mut redis = connection(&own.url()).await;
    run(&mut redis, "FLUSHALL").await;
    run(&mut redis, "SCRIPT FLUSH").await;
    assert_eq!(server.delete("pcon_abc123").await.status, 429);
    assert_eq!(remaining(&stranger().await), 1);
}

#[tokio::test]
async fn requests_counted_without_redis_and_refused_ones_are_in_the_metrics() {
    let fixture = Fixture::new().await;
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let serve = ["serve", "--database-url", fixture.database.url(), "--redis-url", "redis://127.0.0.1:1"];
    let mut serve = command(&[&serve[..], &["--rate-limit", "2"]].concat());
    let process = Process::spawn(serve.args(["--metrics-listen", &metrics.to_string()]));
    let stranger = fixture.delete.replace("frd_", "frd_x");
    for request in [&fixture.delete, &stranger] {
        for _ in 0..4 {
            Connection::open(process.address).await.call(request).await.unwrap();
        }
    }
    let answer = send(metrics, "GET /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await;
    let text = String::from_utf8(answer.body).unwrap();
    for line in [
        // Who is over the limit is not looked up in Redis.
        "freddy_redis_fallback_total 4",
        r#"freddy_rate_limited_total{subject="key"} 2"#,
        r#"freddy_rate_limited_total{subject="address"} 2"#,
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is missing: {text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redis_with_tls_is_used_if_its_ca_is_trusted() {
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str| files.path().join(name).to_str().unwrap().to_owned();
    let openssl = |arguments: &str| {
        let arguments = arguments.replace("FOLDER", files.path().to_str().unwrap());
        Command::new("openssl").args(arguments.split(' ')).stderr(Stdio::null()).status()
    };
    let ca = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=ca \
              -keyout FOLDER/ca.key -out FOLDER/ca.pem";
    if openssl(ca).is_err() {
        std::io::stderr().write_all(b"skipped without the program openssl\n").unwrap();
        return;
    }
    let leaf = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=redis \
                -CA FOLDER/ca.pem -CAkey FOLDER/ca.key -addext subjectAltName=IP:127.0.0.1 \
                -addext basicConstraints=critical,CA:FALSE -keyout FOLDER/key.pem -out FOLDER/cert.pem";
    assert!(openssl(leaf).unwrap().success());
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let (tls_port, key, cert, trusted) = (port.to_string(), file("key.pem"), file("cert.pem"), file("ca.pem"));
    let flags = ["--tls-port", &tls_port, "--tls-key-file", &key, "--tls-cert-file", &cert, "--tls-auth-clients", "no"];
    let Some(own) = Redis::start(&[&flags[..], &["--tls-ca-cert-file", &trusted]].concat()).await else { return };
    let mut redis = connection(&own.url()).await;

    let fixture = Fixture::new().await;
    let url = format!("rediss://127.0.0.1:{tls_port}");
    let serve = ["serve", "--database-url", fixture.database.url(), "--redis-url", &url, "--rate-limit", "1000000"];
    let process = Process::spawn(command(&serve).env("SSL_CERT_FILE", &trusted));
    until_counted_in(&mut redis, async || fixture.delete(&process).await).await;
    process.terminate();

    // Another key that calls itself the same, and the roots of this machine, are not trusted.
    assert!(openssl(ca).unwrap().success());
    for distrusting in [command(&serve).env("SSL_CERT_FILE", &trusted), &mut command(&serve)] {
        let process = Process::spawn(distrusting);
        fixture.delete(&process).await.assert_no_content();
        let log = process.terminate();
        assert!(lines(&log, AWAY) == 1 && log.contains("certificate"), "{log}");
    }
}
