//! The client.

use std::time::{Duration, Instant};

use freddy_types::Endpoint as _;
use freddy_types::personal_connectors::DisconnectConnector;
use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::report::percentile;
use crate::server::Server;

const ROUND: Duration = Duration::from_millis(250);
const LONE_REQUESTS: usize = 3;

/// What a round of load gave.
pub(crate) struct Load {
    pub(crate) answers_a_second: f64,
    /// Of the servers, for each answer, in seconds.
    pub(crate) processor_time: f64,
    /// From a request to its answer, in seconds.
    pub(crate) p99: f64,
}

/// Has every connection always wait for an answer. The connections are spread over the servers.
pub(crate) async fn load(servers: &[&Server], connections: usize, status: u16, request: impl Fn() -> String) -> Load {
    let mut open = Vec::new();
    for server in servers.iter().cycle().take(connections) {
        open.push(server.connect().await);
    }
    let processor_time = || servers.iter().map(|server| server.processor_time()).sum::<Duration>();
    let (before, start) = (processor_time(), Instant::now());
    let connection = async |mut connection: TcpStream| {
        let mut times = Vec::new();
        let mut now = start;
        while start.elapsed() < ROUND {
            assert_eq!(exchange(&mut connection, &request()).await, status);
            let answered = Instant::now();
            times.push((answered - now).as_secs_f64());
            now = answered;
        }
        // It stays open until the others are done.
        (connection, times)
    };
    let done = join_all(open.into_iter().map(connection)).await;
    let elapsed = start.elapsed();
    let spent = processor_time() - before;
    let times: Vec<f64> = done.into_iter().flat_map(|(_, times)| times).collect();
    // Either all of them have a log or none.
    servers[0].has_answered(times.len());
    let answers = times.len() as f64;
    Load {
        answers_a_second: answers / elapsed.as_secs_f64(),
        processor_time: spent.as_secs_f64() / answers,
        p99: percentile(times, 99),
    }
}

/// The shortest time of a few requests one after the other: the longer ones waited for other programs.
pub(crate) async fn latency(server: &Server, connection: &mut TcpStream, request: impl Fn() -> String) -> f64 {
    let mut shortest = f64::INFINITY;
    for _ in 0..LONE_REQUESTS {
        let request = request();
        let start = Instant::now();
        let status = exchange(connection, &request).await;
        shortest = shortest.min(start.elapsed().as_secs_f64());
        assert_eq!(status, 204);
    }
    server.has_answered(LONE_REQUESTS);
    shortest
}

/// Sends a request, reads its answer, and returns the status.
pub(crate) async fn exchange(connection: &mut TcpStream, request: &str) -> u16 {
    connection.write_all(request.as_bytes()).await.unwrap();
    let (mut answer, mut read) = ([0; 4096], 0);
    loop {
        let bytes = connection.read(&mut answer[read..]).await.unwrap();
        assert_ne!(bytes, 0, "the connection was closed");
        read += bytes;
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

pub(crate) fn path_of(id: &str) -> String {
    let template = DisconnectConnector::PATH.as_str();
    format!("{}{id}", &template[..template.find('{').unwrap()])
}

pub(crate) fn request(path: &str, header: &str) -> String {
    format!("{} {path} HTTP/1.1\r\nHost: benchmark\r\n{header}\r\n", DisconnectConnector::METHOD)
}
