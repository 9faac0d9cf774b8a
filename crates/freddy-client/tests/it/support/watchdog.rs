//! Bounds in real time, so that a test fails and never hangs, whatever Tokio's clock says.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use tokio::sync::oneshot;

/// Nothing that a test waits for takes a hundredth of it.
const REASON: Duration = Duration::from_secs(10);

/// Fails the test if the future takes long. It has to yield now and then.
pub(crate) async fn within_reason<T>(future: impl IntoFuture<Output = T>) -> T {
    within(REASON, future.into_future()).await
}

async fn within<T>(time: Duration, future: impl Future<Output = T>) -> T {
    let (sender, over) = oneshot::channel();
    let _watchdog = Watchdog::start(time, move || {
        let _ = sender.send(());
    });
    let result = tokio::select! {
        biased;
        result = future => Some(result),
        _ = over => None,
    };
    result.expect("what the test waits for should come")
}

/// Acts if it is still alive after some time.
#[derive(Debug)]
pub(crate) struct Watchdog(#[expect(dead_code, reason = "dropping it ends the thread")] Sender<()>);

impl Watchdog {
    fn start(time: Duration, act: impl FnOnce() + Send + 'static) -> Self {
        let (sender, receiver) = channel();
        thread::spawn(move || {
            if receiver.recv_timeout(time) == Err(RecvTimeoutError::Timeout) {
                act();
            }
        });
        Self(sender)
    }

    /// Ends the whole run, which is the last resort against a test that blocks its thread.
    pub(crate) fn last_resort() -> Self {
        let test = thread::current().name().unwrap_or("a test").to_owned();
        Self::start(REASON * 6, move || {
            eprintln!("{test} hangs");
            std::process::exit(101);
        })
    }
}

#[tokio::test]
#[should_panic(expected = "what the test waits for should come")]
async fn a_test_that_waits_for_nothing_fails() {
    tokio::time::pause();
    within(Duration::from_millis(10), std::future::pending::<()>()).await;
}
