//! Writes in groups: one durable commit for all the requests that wait for it.

use std::time::{Duration, Instant};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::sleep;

use crate::metrics::{COMMIT_REQUESTS, COMMIT_SECONDS};
use crate::store::{Disconnect, DisconnectOutcome, Store};

/// The most requests of one transaction. It bounds how long one of them waits for the others.
const MAX_GROUP: usize = 256;

/// Before requests that found something locked are tried again. A transaction of another process takes about as long.
const RETRY_PAUSE: Duration = Duration::from_millis(5);

/// A handle to the one task that writes.
#[derive(Clone, Debug)]
pub(crate) struct BatchWriter {
    jobs: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    request: Disconnect,
    /// When it was first tried.
    tried_at: Option<Instant>,
    answer: oneshot::Sender<DisconnectOutcome>,
}

/// The commit failed, so it is not known whether the request took effect.
#[derive(Debug)]
pub(crate) struct OutcomeUnknown;

/// How long a writer waits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WriterTimeouts {
    /// For a group, so that the next one gets its chance.
    pub(crate) group: Duration,
    /// For what another transaction has locked.
    pub(crate) lock: Duration,
}

impl BatchWriter {
    /// Starts the task. When the last `BatchWriter` is dropped, it writes what it has accepted and ends.
    #[must_use]
    pub(crate) fn start(store: Store, timeouts: WriterTimeouts) -> (Self, JoinHandle<()>) {
        let (jobs, queue) = mpsc::channel(MAX_GROUP);
        (Self { jobs }, tokio::spawn(write(store, timeouts, queue)))
    }

    /// Disconnects a connector, and returns when that is durable.
    ///
    /// # Errors
    /// The commit failed.
    pub(crate) async fn disconnect(&self, request: Disconnect) -> Result<DisconnectOutcome, OutcomeUnknown> {
        let (answer, outcome) = oneshot::channel();
        self.jobs.send(Job { request, tried_at: None, answer }).await.map_err(|_| OutcomeUnknown)?;
        outcome.await.map_err(|_| OutcomeUnknown)
    }
}

async fn write(store: Store, timeouts: WriterTimeouts, mut queue: mpsc::Receiver<Job>) {
    let groups_at_once = store.groups_at_once();
    let mut groups = FuturesUnordered::new();
    let mut new = Vec::with_capacity(MAX_GROUP);
    let mut is_open = true;
    // Requests that found something locked. They go on their own, so that they hold nobody else up.
    let mut busy = Vec::new();
    while is_open || !groups.is_empty() || !busy.is_empty() {
        let has_room = groups.len() < groups_at_once;
        tokio::select! {
            Some(locked_out) = groups.next() => busy.extend(locked_out),
            // What arrives while a group is written waits, and is in the next one.
            count = queue.recv_many(&mut new, MAX_GROUP), if is_open && has_room => {
                is_open = count > 0;
                if is_open {
                    groups.push(write_group(&store, timeouts, std::mem::take(&mut new)));
                }
            }
            () = sleep(RETRY_PAUSE), if !busy.is_empty() && has_room => {
                let again = busy.drain(..busy.len().min(MAX_GROUP)).collect();
                groups.push(write_group(&store, timeouts, again));
            }
        }
    }
}

/// Writes a group and answers its requests, apart from those that it returns, which are to be tried again.
async fn write_group(store: &Store, timeouts: WriterTimeouts, mut jobs: Vec<Job>) -> Vec<Job> {
    let started = Instant::now();
    let requests: Vec<_> = jobs.iter().map(|job| job.request.clone()).collect();
    for job in &mut jobs {
        job.tried_at.get_or_insert(started);
    }
    let written = tokio::time::timeout(timeouts.group, store.disconnect(&requests)).await;
    metrics::histogram!(COMMIT_SECONDS).record(started.elapsed());
    #[expect(clippy::cast_precision_loss, reason = "a group is small")]
    metrics::histogram!(COMMIT_REQUESTS).record(requests.len() as f64);
    store.record_connections();
    let kind = match written {
        Ok(Ok(outcomes)) => return answer(jobs.into_iter().zip(outcomes), timeouts.lock),
        Ok(Err(error)) => error.kind(),
        Err(_) => "timed out",
    };
    tracing::error!(requests = requests.len(), kind, "the commit failed; its outcome is unknown");
    Vec::new()
}

/// Answers requests, and returns those that may wait longer for what is locked.
fn answer(outcomes: impl Iterator<Item = (Job, DisconnectOutcome)>, lock_timeout: Duration) -> Vec<Job> {
    let mut waiting = Vec::new();
    let mut given_up = 0;
    for (job, outcome) in outcomes {
        if outcome == DisconnectOutcome::Busy {
            if job.tried_at.is_some_and(|tried_at| tried_at.elapsed() < lock_timeout) {
                waiting.push(job);
                continue;
            }
            given_up += 1;
        }
        // It fails if the caller has gone away, who needs no answer.
        let _ = job.answer.send(outcome);
    }
    if given_up > 0 {
        tracing::warn!(requests = given_up, "what they need is locked in the database; nothing was done");
    }
    waiting
}
