//! The log: what it says, and what happens to the server when it cannot be written.

use std::fs::File;
use std::io::{BufRead as _, BufReader, pipe};
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use freddy_server::key::NewKey;
use freddy_types::ErrorCode;
use serde_json::Value;

use crate::support::{CONNECTORS, Connection, Database, Process, command, send};

/// Much longer than anything takes.
const LONG: Duration = Duration::from_secs(60);

/// The longest text that a request may bring into the log.
const MAX_FIELD: usize = 256;

/// A server whose log, at this level, goes where the test says; and the address of its metrics.
fn serve(database: &Database, level: &str, log: Stdio) -> (Process, SocketAddr) {
    let metrics = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut command = serve_command(database);
    command.args(["--metrics-listen", &metrics.to_string()]).env("RUST_LOG", level);
    (Process::spawn_with_stderr(&mut command, log), metrics)
}

fn serve_command(database: &Database) -> Command {
    command(&["serve", "--database-url", database.url(), "--rate-limit", "1000000"])
}

/// Asks for something that does not exist, which is answered and logged.
async fn call(connection: &mut Connection) {
    let answer = connection.call("GET /nothing HTTP/1.1\r\nHost: t\r\n\r\n").await;
    answer.expect("it is gone").assert_error(ErrorCode::NotFound);
}

async fn assert_healthy(address: SocketAddr) {
    send(address, "GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await.assert_no_content();
}

/// How many lines were dropped, according to the metrics.
async fn dropped(metrics: SocketAddr) -> u64 {
    let answer = send(metrics, "GET /metrics HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await;
    let text = String::from_utf8(answer.body).unwrap();
    let value = text.lines().find_map(|line| line.strip_prefix("freddy_log_lines_dropped_total "));
    value.unwrap_or_else(|| panic!("{text}")).parse().unwrap()
}

fn full() -> Stdio {
    File::options().write(true).open("/dev/full").unwrap().into()
}

/// A pipe whose reader is gone.
fn closed() -> Stdio {
    let (_, writer) = pipe().unwrap();
    writer.into()
}

#[tokio::test]
async fn a_log_that_cannot_be_written_holds_nothing_up_and_is_counted() {
    for log in [closed(), full()] {
        let database = Database::sqlite();
        let (process, metrics) = serve(&database, "info", log);
        let mut connection = Connection::open(process.address).await;
        for _ in 0..50 {
            call(&mut connection).await;
        }
        assert_healthy(process.address).await;
        let started = Instant::now();
        while dropped(metrics).await < 50 {
            assert!(started.elapsed() < LONG, "{} of 50 are counted", dropped(metrics).await);
        }
        process.terminate();
    }
}

/// Calls until lines are dropped. At the most detailed level it takes fewer calls.
async fn fill(process: &Process, metrics: SocketAddr) {
    let mut connection = Connection::open(process.address).await;
    let started = Instant::now();
    while dropped(metrics).await == 0 {
        for _ in 0..100 {
            call(&mut connection).await;
        }
        assert!(started.elapsed() < LONG, "nothing is dropped");
    }
}

#[tokio::test]
async fn a_log_that_nobody_reads_holds_up_neither_requests_nor_a_stop() {
    let database = Database::sqlite();
    let (_unread, log) = pipe().unwrap();
    let (process, metrics) = serve(&database, "trace", log.into());
    fill(&process, metrics).await;
    assert_healthy(process.address).await;
    process.terminate();
}

#[tokio::test]
async fn a_log_that_is_read_again_says_how_many_lines_it_lost() {
    let database = Database::sqlite();
    let (reader, log) = pipe().unwrap();
    let (process, metrics) = serve(&database, "trace", log.into());
    fill(&process, metrics).await;
    let at_least = dropped(metrics).await;
    let (read, lines) = channel();
    std::thread::spawn(move || {
        // Whole lines: an object each.
        let lines = BufReader::new(reader).lines().map(|line| serde_json::from_str::<Value>(&line.unwrap()).unwrap());
        lines.map(|line| read.send(line)).all(|sent| sent.is_ok())
    });
    loop {
        let line = lines.recv_timeout(LONG).expect("nothing is said of it");
        if line["fields"]["message"] == "log lines were dropped" && line["fields"]["dropped"].as_u64() >= Some(at_least)
        {
            break;
        }
    }
    process.terminate();
    let is_told = lines.into_iter().any(|line| line["fields"]["message"] == "stopping");
    assert!(is_told, "what is queued at the end is lost");
}

#[tokio::test]
async fn what_waits_to_be_written_is_written_at_the_stop() {
    let database = Database::sqlite();
    let (reader, log) = pipe().unwrap();
    let (process, metrics) = serve(&database, "trace", log.into());
    let mut connection = Connection::open(process.address).await;
    // More than a pipe holds, and less than is dropped.
    for _ in 0..500 {
        call(&mut connection).await;
    }
    assert_eq!(dropped(metrics).await, 0);
    process.signal("TERM");
    assert_eq!(connection.answer().await.map(|answer| answer.status), None);
    // Long enough for a process that does not wait for its reader to be gone.
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut lines = BufReader::new(reader).lines().map(Result::unwrap);
    assert!(lines.any(|line| line.contains(r#""message":"stopping""#)));
    lines.for_each(drop);
    process.stopped();
}

#[tokio::test]
async fn a_greeting_that_cannot_be_printed_does_not_keep_a_server_from_starting() {
    for stdout in [closed(), full()] {
        let database = Database::sqlite();
        let process = Process::spawn_with_stdout(&mut serve_command(&database), stdout);
        assert_healthy(process.address).await;
        process.terminate();
    }
}

#[tokio::test]
async fn the_log_names_the_route_and_a_valid_id_and_nothing_else_that_a_stranger_sends() {
    let database = Database::sqlite();
    let process = Process::serve_with_log(database.url(), "trace");
    let key = NewKey::generate().unwrap();
    let long = "a".repeat(30_000);
    for (method, path) in [
        ("DELETE", format!("{CONNECTORS}pcon_abc123")),
        ("DELETE", format!("{CONNECTORS}{}", key.reveal())),
        ("DELETE", format!("{CONNECTORS}{long}")),
        ("DELETE", format!("/{long}")),
        ("DELETE", format!("/{}", key.reveal())),
        ("DELETE", format!("{CONNECTORS}pcon_abc123/{}?{0}", key.reveal())),
        (&long, format!("{CONNECTORS}pcon_abc123")),
        ("GET", "/healthz".to_owned()),
    ] {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n");
        send(process.address, &head).await;
    }
    let log = process.terminate();
    assert!(!log.contains(key.reveal()));
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let answered: Vec<_> = lines.iter().filter(|line| line["fields"]["message"] == "answered").collect();
    let told = answered.iter().map(|line| {
        let text = |name: &str| line["fields"][name].as_str();
        (text("method").unwrap(), text("route"), text("connector_id"))
    });
    const ROUTE: Option<&str> = Some("/v1/personal-connectors/{connector_id}");
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("DELETE", ROUTE, Some("pcon_abc123")),
            ("DELETE", ROUTE, None),
            ("DELETE", ROUTE, None),
            ("DELETE", None, None),
            ("DELETE", None, None),
            ("DELETE", None, None),
            ("other", ROUTE, Some("pcon_abc123")),
            ("GET", Some("/healthz"), None),
        ]
    );
    for line in &lines {
        assert_bounded(line);
    }
}

#[track_caller]
fn assert_bounded(value: &Value) {
    match value {
        Value::String(text) => assert!(text.len() <= MAX_FIELD, "{text}"),
        Value::Object(fields) => fields.values().for_each(assert_bounded),
        Value::Array(items) => items.iter().for_each(assert_bounded),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// What the log says of the answer to a request.
async fn line_of(flags: &[&str], key: &NewKey, database: &Database, head: &str) -> (Value, Option<String>) {
    let process = Process::serve(database.url(), flags);
    let request = format!("{head}X-API-Key: {}\r\nConnection: close\r\n\r\n", key.reveal());
    let answer = send(process.address, &request).await;
    let log = process.terminate();
    let lines = log.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let line = lines.map(|mut line| line["fields"].take()).find(|fields| fields["message"] == "answered");
    (line.unwrap(), answer.header("x-request-id").map(str::to_owned))
}

#[tokio::test]
async fn a_line_says_who_called_what_from_where_and_what_came_of_it() {
    const TRACE: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let database = Database::sqlite();
    let key = NewKey::generate().unwrap();
    let number = database.open().await.add_key("alice", key.hash(), 0).await.unwrap();
    let head = format!(
        "DELETE {CONNECTORS}pcon_abc123 HTTP/1.1\r\nHost: t\r\ntraceparent: {TRACE}\r\n\
         X-Forwarded-For: 203.0.113.9:1234, 192.0.2.1\r\nX-Request-Id: from-the-proxy\r\n"
    );
    let (mut line, id) = line_of(&["--trust-forwarded-for=2", "--trust-request-id"], &key, &database, &head).await;
    assert!(line["milliseconds"].take().as_f64().unwrap() > 0.0);
    assert!(line["bytes"].take().as_u64().unwrap() > 100);
    assert_eq!(
        line,
        serde_json::json!({
            "message": "answered",
            "trace_id": "from-the-proxy",
            "traceparent": TRACE,
            "address": "203.0.113.9",
            "key": number,
            "method": "DELETE",
            "route": "/v1/personal-connectors/{connector_id}",
            "connector_id": "pcon_abc123",
            "status": 403,
            "milliseconds": null,
            "bytes": null,
        })
    );
    assert_eq!(id.as_deref(), Some("from-the-proxy"));

    // Without these settings, the identifier and the address are the server's own.
    let (line, id) = line_of(&[], &key, &database, &head).await;
    assert_eq!(line["address"], "127.0.0.1");
    assert_eq!(line["trace_id"].as_str(), id.as_deref());
    assert!(id.unwrap().starts_with("req_"));
}
