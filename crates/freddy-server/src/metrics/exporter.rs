//! Serves the metrics, on a thread of its own: they are read while the server is busy, and whoever reads them slowly holds
//! nothing up.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::io;
use std::net::TcpListener as StdTcpListener;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

/// How often what was recorded is put into the buckets. Until then it takes 16 bytes a value.
const UPKEEP_INTERVAL: Duration = Duration::from_secs(1);

/// How long a connection may last. It is for one answer.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// How many connections there may be. One more takes the place of the oldest, which has had the most time.
const MAX_CONNECTIONS: usize = 32;

/// The largest head of a request.
const MAX_HEAD: usize = 16 * 1024;

/// How long to wait after a connection could not be accepted.
const PAUSE: Duration = Duration::from_millis(500);

/// Serves the metrics for as long as the process lives.
pub(super) fn start(listener: StdTcpListener, metrics: PrometheusHandle) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let (started, result) = mpsc::channel();
    let serve = move || {
        let prepare = || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            let listener = runtime.block_on(async { TcpListener::from_std(listener) })?;
            Ok((runtime, listener))
        };
        match prepare() {
            Ok((runtime, listener)) => {
                let _ = started.send(Ok(()));
                runtime.block_on(serve(listener, metrics, CONNECTION_TIMEOUT));
            }
            Err(error) => drop(started.send(Err(error))),
        }
    };
    thread::Builder::new().name("metrics".to_owned()).spawn(serve)?;
    result.recv().unwrap_or_else(|error| Err(io::Error::other(error)))
}

async fn serve(listener: TcpListener, metrics: PrometheusHandle, connection_timeout: Duration) {
    let mut upkeep = interval(UPKEEP_INTERVAL);
    upkeep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut connections = VecDeque::new();
    loop {
        let accepted = tokio::select! {
            _ = upkeep.tick() => {
                metrics.run_upkeep();
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        let stream = match accepted {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::error!(kind = ?error.kind(), "cannot accept connections for metrics");
                sleep(PAUSE).await;
                continue;
            }
        };
        connections.retain(|connection: &tokio::task::AbortHandle| !connection.is_finished());
        if connections.len() >= MAX_CONNECTIONS
            && let Some(oldest) = connections.pop_front()
        {
            oldest.abort();
        }
        let connection = timeout(connection_timeout, answer_one(stream, metrics.clone()));
        // Whatever goes wrong, Prometheus notices, and tries again.
        connections.push_back(tokio::spawn(async { drop(connection.await) }).abort_handle());
    }
}

async fn answer_one(stream: TcpStream, metrics: PrometheusHandle) -> hyper::Result<()> {
    let service = service_fn(move |request| {
        let response = answer(&request, &metrics);
        async { Ok::<_, Infallible>(response) }
    });
    http1::Builder::new().keep_alive(false).max_buf_size(MAX_HEAD).serve_connection(TokioIo::new(stream), service).await
}

fn answer<B>(request: &Request<B>, metrics: &PrometheusHandle) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    if request.uri().path() != "/metrics" {
        *response.status_mut() = StatusCode::NOT_FOUND;
    } else if [Method::GET, Method::HEAD].contains(request.method()) {
        let text = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
        response.headers_mut().insert(CONTENT_TYPE, text);
        *response.body_mut() = metrics.render().into();
    } else {
        *response.status_mut() = StatusCode::METHOD_NOT_ALLOWED;
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
    }
    response
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use metrics::Recorder as _;
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    async fn started(connection_timeout: Duration) -> SocketAddr {
        let recorder = PrometheusBuilder::new().build_recorder();
        let metadata = metrics::Metadata::new("test", metrics::Level::INFO, None);
        recorder.register_counter(&metrics::Key::from_name("seen"), &metadata).increment(7);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(serve(listener, recorder.handle(), connection_timeout));
        address
    }

    /// What is read until the connection is closed.
    async fn read(stream: &mut TcpStream) -> String {
        let mut text = String::new();
        // A connection that is given up may be reset.
        let _ = timeout(LONG, stream.read_to_string(&mut text)).await.expect("the connection is not closed");
        text
    }

    async fn call(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        read(&mut stream).await
    }

    #[tokio::test]
    async fn metrics_are_at_one_path_and_are_only_read() {
        let address = started(LONG).await;
        for (request, status, has_metrics) in [
            ("GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n", "200", true),
            ("GET /metrics?x HTTP/1.0\r\n\r\n", "200", true),
            ("HEAD /metrics HTTP/1.1\r\nHost: t\r\n\r\n", "200", false),
            ("POST /metrics HTTP/1.1\r\nHost: t\r\nContent-Length: 0\r\n\r\n", "405", false),
            ("GET / HTTP/1.1\r\nHost: t\r\n\r\n", "404", false),
        ] {
            let answer = call(address, request).await;
            assert_eq!(answer.split(' ').nth(1), Some(status), "{request}: {answer}");
            assert_eq!(answer.contains("seen 7"), has_metrics, "{request}: {answer}");
        }
    }

    #[tokio::test]
    async fn connections_that_never_send_are_given_up_for_those_that_do() {
        let address = started(LONG * 10).await;
        let mut silent = Vec::new();
        for _ in 0..3 * MAX_CONNECTIONS {
            silent.push(TcpStream::connect(address).await.unwrap());
        }
        assert!(call(address, "GET /metrics HTTP/1.1\r\nHost: t\r\n\r\n").await.contains("seen 7"));
        for stream in &mut silent[..=2 * MAX_CONNECTIONS] {
            assert_eq!(read(stream).await, "");
        }
    }

    #[tokio::test]
    async fn a_connection_that_never_sends_is_closed_in_time() {
        let address = started(Duration::from_millis(50)).await;
        let mut silent = TcpStream::connect(address).await.unwrap();
        silent.write_all(b"GET /metrics HTTP/1.1\r\n").await.unwrap();
        assert_eq!(read(&mut silent).await, "");
    }
}
