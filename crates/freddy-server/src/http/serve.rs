//! Accepts connections, and stops without losing a request.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::metrics::Occupancy;
use crate::settings::Settings;

/// Serves the routes of an [`App`](crate::App) until `stop` is done, then answers the requests in flight and returns.
pub async fn serve(listener: TcpListener, router: Router, settings: &Settings, stop: impl Future<Output = ()>) {
    let connections = GracefulShutdown::new();
    let occupancy = Occupancy::connections();
    let mut tasks = JoinSet::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let connection = connection(stream, peer, router.clone(), settings.read_timeout);
                let connection = connections.watch(connection);
                // An error of a connection is the client's or the network's, and there is nobody left to tell.
                let occupied = occupancy.enter();
                tasks.spawn(async move {
                    drop(connection.await);
                    drop(occupied);
                });
                while tasks.try_join_next().is_some() {}
            }
            Err(error) => pause_after(&error).await,
        }
    }
    drop(listener);
    tracing::info!(in_flight = connections.count(), "stopping");
    if tokio::time::timeout(settings.stop_timeout, connections.shutdown()).await.is_err() {
        tracing::warn!("some connections were still open");
        tasks.shutdown().await;
    }
}

type Connection = http1::Connection<TokioIo<TcpStream>, TowerToHyperService<WithPeer>>;

fn connection(stream: TcpStream, peer: SocketAddr, router: Router, head_timeout: Duration) -> Connection {
    // A small answer must not wait for the acknowledgement of the one before it. If this fails, it is only slower.
    let _ = stream.set_nodelay(true);
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(WithPeer { router, peer }))
}

/// Tells the routes the address of the peer.
#[derive(Clone)]
struct WithPeer {
    router: Router,
    peer: SocketAddr,
}

impl tower_service::Service<hyper::Request<hyper::body::Incoming>> for WithPeer {
    type Response = axum::response::Response;
    type Error = std::convert::Infallible;
    type Future = axum::routing::future::RouteFuture<Self::Error>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Self::Error>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: hyper::Request<hyper::body::Incoming>) -> Self::Future {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(self.peer));
        tower_service::Service::call(&mut self.router, request)
    }
}

/// A pause, unless the error is about one connection only: with too many files open, the next try would fail at once.
async fn pause_after(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!(kind = ?error.kind(), "cannot accept connections");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
