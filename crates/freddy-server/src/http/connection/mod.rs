//! One connection: it is served, watched, and holds next to no memory while nothing happens on it.

mod registry;
mod stream;
mod watch;

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep_until};

pub(super) use registry::Connections;
pub(super) use watch::{Busy, Timeouts, Watch};

use super::service::Service;
use stream::Watched;
use watch::{Order, Rest};

/// The largest head of a request, in bytes.
const MAX_HEAD: usize = 32 << 10;

/// Serves a connection until one side closes it or it is given up.
pub(super) async fn serve(mut stream: TcpStream, peer: SocketAddr, service: Service, watch: Arc<Watch>) {
    // A small answer must not wait for the acknowledgement of the one before it. If this fails, it is only slower.
    let _ = stream.set_nodelay(true);
    let mut timer = pin!(sleep_until(Instant::now()));
    let mut unread = Bytes::new();
    // The HTTP library keeps two buffers of 8 KiB for as long as it has the connection, so it has it only while needed.
    while bytes_arrive(&stream, &watch, timer.as_mut()).await {
        // On the heap, or a connection on which nothing happens would keep the room for it.
        match Box::pin(exchange(stream, unread, peer, service.clone(), &watch, timer.as_mut())).await {
            Some(rested) => (stream, unread) = rested,
            None => return,
        }
    }
}

/// Waits for the next bytes of the client, and returns whether to read them.
async fn bytes_arrive(stream: &TcpStream, watch: &Watch, mut timer: Pin<&mut Sleep>) -> bool {
    poll_fn(|context| {
        watch.wake_with(context.waker());
        // A request that has arrived when the server stops is still answered.
        if watch.order() != Order::Close && stream.poll_read_ready(context).is_ready() {
            return Poll::Ready(true);
        }
        if watch.order() != Order::None {
            return Poll::Ready(false);
        }
        poll_rest(watch, true, timer.as_mut(), context).map(|rest| rest == Rest::Quiet)
    })
    .await
}

/// Answers requests until nothing has happened for a while. Then it returns the connection, and what has arrived of the next
/// request; `None` if the connection is over.
async fn exchange(
    stream: TcpStream,
    unread: Bytes,
    peer: SocketAddr,
    service: Service,
    watch: &Arc<Watch>,
    mut timer: Pin<&mut Sleep>,
) -> Option<(TcpStream, Bytes)> {
    let io = TokioIo::new(Watched::new(stream, unread, Arc::clone(watch)));
    let answer = service.for_connection(peer, Arc::clone(watch));
    // It was set for the wait before.
    timer.as_mut().reset(Instant::now());
    let mut connection = http1::Builder::new().max_buf_size(MAX_HEAD).serve_connection(io, answer);
    let rests = poll_fn(|context| {
        watch.wake_with(context.waker());
        if watch.order() == Order::Close && !watch.is_busy() {
            return Poll::Ready(false);
        }
        // An error of a connection is the client's or the network's, and there is nobody left to tell.
        if Pin::new(&mut connection).poll(context).is_ready() {
            return Poll::Ready(false);
        }
        // A connection that was chosen for being idle may have got a request meanwhile.
        if watch.order() != Order::None {
            // After what has arrived was read, so that it is still answered.
            Pin::new(&mut connection).graceful_shutdown();
            if Pin::new(&mut connection).poll(context).is_ready() {
                return Poll::Ready(false);
            }
        }
        poll_rest(watch, false, timer.as_mut(), context).map(|rest| rest == Rest::Quiet)
    });
    if !rests.await {
        return None;
    }
    let parts = connection.into_parts();
    let (stream, unread) = parts.io.into_inner().into_parts();
    Some((stream, if unread.is_empty() { parts.read_buf } else { [parts.read_buf, unread].concat().into() }))
}

/// Ready when there is something to do because nothing happens. A connection that is quiet can only become overdue.
fn poll_rest(watch: &Watch, is_quiet: bool, mut timer: Pin<&mut Sleep>, context: &mut Context<'_>) -> Poll<Rest> {
    loop {
        if timer.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        match watch.rest(is_quiet) {
            Rest::Until(instant) => timer.as_mut().reset(instant),
            rest @ (Rest::Quiet | Rest::Overdue) => return Poll::Ready(rest),
        }
    }
}
