//! Accepts connections, and stops without losing a request.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::connection::{self, Connections, Timeouts};
use super::service::Service;
use crate::metrics::{CONNECTIONS_REFUSED, Occupancy};
use crate::settings::Settings;

/// How long to wait before connections are accepted again after an error that is not about one connection only.
const PAUSE: Duration = Duration::from_millis(100);

/// The same if connections were given up, which end in the meantime.
const PAUSE_FOR_CLOSING: Duration = Duration::from_millis(5);

/// How many idle connections are given up when there are no files for new ones, which may be many.
const GIVEN_UP_FOR_FILES: usize = 8;

/// The same trouble is logged once in this time.
const LOG_EVERY: Duration = Duration::from_secs(10);

/// Serves an [`App`](crate::App) until `stop` is done. Then it still takes requests for
/// [`Settings::drain`](crate::Settings::drain), while `/readyz` answers 503, answers those in flight and returns.
pub async fn serve(listener: TcpListener, service: Service, settings: &Settings, stop: impl Future<Output = ()>) {
    let connections = Connections::new(settings.max_connections.get());
    let timeouts = Timeouts { head: settings.read_timeout, write: settings.write_timeout };
    let occupancy = Occupancy::connections();
    let mut tasks = JoinSet::new();
    let mut trouble = Trouble::default();
    let stop = async {
        stop.await;
        service.begin_draining();
        tracing::info!(milliseconds = settings.drain.as_millis(), "draining");
        sleep(settings.drain).await;
    };
    let mut stop = std::pin::pin!(stop);
    let mut is_stopping = false;
    loop {
        let accepted = if is_stopping {
            // Whoever has connected by now may have sent a request.
            let Some(accepted) = listener.accept().now_or_never() else { break };
            accepted
        } else {
            tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut stop => {
                    is_stopping = true;
                    continue;
                }
            }
        };
        while tasks.try_join_next().is_some() {}
        match accepted {
            Ok((stream, peer)) => match connections.add(timeouts) {
                Some(place) => {
                    let (service, occupied) = (service.clone(), occupancy.enter());
                    tasks.spawn(async move {
                        connection::serve(stream, peer, service, Arc::clone(&place.watch)).await;
                        drop((place, occupied));
                    });
                }
                None => {
                    metrics::counter!(CONNECTIONS_REFUSED).increment(1);
                    trouble.log("too many connections, and none is idle: a new one is closed (--max-connections)");
                }
            },
            Err(error) if is_about_one_connection(&error) => {}
            Err(_) if is_stopping => break,
            Err(error) => {
                trouble.log(reason(&error));
                let given_up = connections.give_up_idle(GIVEN_UP_FOR_FILES);
                sleep(if given_up > 0 { PAUSE_FOR_CLOSING } else { PAUSE }).await;
            }
        }
    }
    drop(listener);
    tracing::info!(connections = connections.finish(), "stopping");
    let ended = async { while tasks.join_next().await.is_some() {} };
    if tokio::time::timeout(settings.stop_timeout, ended).await.is_err() {
        tracing::warn!("some connections were still open");
        tasks.shutdown().await;
    }
}

/// What keeps connections from being accepted. Whoever causes it must not fill the log.
#[derive(Default)]
struct Trouble {
    logged: Option<Instant>,
}

impl Trouble {
    fn log(&mut self, reason: &str) {
        if self.logged.is_none_or(|logged| logged.elapsed() >= LOG_EVERY) {
            self.logged = Some(Instant::now());
            tracing::error!(reason, "cannot accept connections");
        }
    }
}

fn is_about_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, NetworkUnreachable};
    matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset | HostUnreachable | NetworkUnreachable
    )
}

fn reason(error: &io::Error) -> &'static str {
    match error.raw_os_error().map(rustix::io::Errno::from_raw_os_error) {
        Some(rustix::io::Errno::MFILE) => "too many open files: raise the limit of the process (ulimit -n)",
        Some(rustix::io::Errno::NFILE) => "too many open files on this machine",
        Some(rustix::io::Errno::NOBUFS | rustix::io::Errno::NOMEM) => "no memory for a connection",
        _ => "the listening socket failed",
    }
}
