//! A call to a scripted server, on a clock that only moves for the waits that the client announces.

use std::future::ready;
use std::sync::mpsc;
use std::time::Duration;

use freddy_client::{Client, ClientBuilder, Error};
use freddy_types::{NoContent, personal_connectors::DisconnectConnector};
use tokio::task::{spawn_blocking, yield_now};
use tokio::time::{Instant, advance, pause, resume};

use super::{ATTEMPT_TIMEOUT, Connection, Event, Log, Received, Stub, builder, id, within_reason};

/// A call that is over.
#[derive(Debug)]
pub(crate) struct Played {
    pub(crate) result: Result<NoContent, Error>,
    /// The requests that the server got.
    pub(crate) requests: Vec<Received>,
    pub(crate) connections: usize,
    /// The waits between attempts, as announced, in milliseconds.
    pub(crate) waits: Vec<u64>,
    /// What the call took by its own clock.
    pub(crate) elapsed: Duration,
    pub(crate) events: Vec<Event>,
    /// Everything that was traced.
    pub(crate) log: String,
    /// The client, as `Debug` shows it.
    pub(crate) client: String,
}

/// Disconnects a connector at a server that plays the script.
///
/// Time passes only where this function lets it: by a wait when the client announces one, and by the attempt's timeout
/// when the server has stalled. So the waits are exact and take no time, though the sockets are real.
pub(crate) async fn play(script: Vec<Connection>, set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> Played {
    let stub = Stub::start(script).await;
    let client = set_up(builder(&stub)).build().unwrap();
    let (log, mut waits, _guard) = Log::start();
    let _clock = StoppedClock::new();
    let start = Instant::now();
    let result = within_reason(async {
        let mut call = std::pin::pin!(send(&client));
        let mut stalled = false;
        loop {
            tokio::select! {
                biased;
                result = &mut call => break result,
                Some(wait) = waits.recv() => pass(Duration::from_millis(wait)).await,
                // Only now, when what was sent has been read and the call is still not over.
                () = ready(()), if stalled => {
                    stalled = false;
                    pass(ATTEMPT_TIMEOUT).await;
                }
                () = stub.stalled() => {
                    settle().await;
                    stalled = true;
                }
            }
        }
    })
    .await;
    Played {
        result,
        requests: stub.requests(),
        connections: stub.connections(),
        waits: log.events().iter().filter_map(|event| event.wait_ms).collect(),
        elapsed: start.elapsed(),
        events: log.events(),
        log: log.text(),
        client: format!("{client:?}"),
    }
}

fn send(client: &Client) -> impl Future<Output = Result<NoContent, Error>> + Send + 'static {
    client.send(&DisconnectConnector { connector_id: id() })
}

/// Lets time pass. Timers end on whole milliseconds, so one more is needed to reach the end of them.
async fn pass(time: Duration) {
    advance(time + Duration::from_millis(1)).await;
}

/// Lets the client read what the server has sent. Both run in this thread, and each yield has the runtime ask the kernel
/// for what has arrived; the milliseconds, of a real clock, are for the kernel to hand it over.
async fn settle() {
    for _ in 0..4 {
        spawn_blocking(|| std::thread::sleep(Duration::from_millis(5))).await.unwrap();
        for _ in 0..16 {
            yield_now().await;
        }
    }
}

/// Stops Tokio's clock, and keeps the runtime from moving it on while a socket is waited for: it does so when nothing
/// but a timer is left to happen, but it does not know of what is under way in the kernel. A blocking task holds it.
pub(crate) struct StoppedClock(#[expect(dead_code, reason = "dropping it ends the task")] mpsc::Sender<()>);

impl StoppedClock {
    pub(crate) fn new() -> Self {
        pause();
        let (sender, receiver) = mpsc::channel::<()>();
        spawn_blocking(move || receiver.recv());
        Self(sender)
    }
}

impl Drop for StoppedClock {
    fn drop(&mut self) {
        resume();
    }
}

#[tokio::test]
async fn a_stopped_clock_stands_still_while_a_socket_is_waited_for() {
    let _clock = StoppedClock::new();
    let stub = Stub::start(vec![Connection::send("").then_stall()]).await;
    let start = Instant::now();
    let client = builder(&stub).build().unwrap();
    tokio::spawn(send(&client));
    stub.stalled().await;
    settle().await;
    assert_eq!(start.elapsed(), Duration::ZERO);
}
