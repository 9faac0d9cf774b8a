//! Writes in batches: one durable commit for all the requests that wait for it.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::store::{Disconnect, DisconnectOutcome, Store};

/// The most requests of one transaction. It bounds how long one of them waits for the others.
const MAX_BATCH: usize = 256;

/// A handle to the one task that writes.
#[derive(Clone, Debug)]
pub(crate) struct BatchWriter {
    jobs: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    request: Disconnect,
    answer: oneshot::Sender<DisconnectOutcome>,
}

/// The commit failed, so it is not known whether the request took effect.
#[derive(Debug)]
pub(crate) struct OutcomeUnknown;

impl BatchWriter {
    /// Starts the task. When the last `BatchWriter` is dropped, it writes what it has accepted and ends. It gives up a
    /// batch that takes longer than `timeout`, so that the next one gets its chance.
    #[must_use]
    pub(crate) fn start(store: Store, timeout: Duration) -> (Self, JoinHandle<()>) {
        let (jobs, queue) = mpsc::channel(MAX_BATCH);
        (Self { jobs }, tokio::spawn(write(store, timeout, queue)))
    }

    /// Disconnects a connector, and returns when that is durable.
    ///
    /// # Errors
    /// The commit failed.
    pub(crate) async fn disconnect(&self, request: Disconnect) -> Result<DisconnectOutcome, OutcomeUnknown> {
        let (answer, outcome) = oneshot::channel();
        self.jobs.send(Job { request, answer }).await.map_err(|_| OutcomeUnknown)?;
        outcome.await.map_err(|_| OutcomeUnknown)
    }
}

async fn write(store: Store, timeout: Duration, mut queue: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(MAX_BATCH);
    // What arrives while a batch is written waits, and is the next batch.
    while queue.recv_many(&mut batch, MAX_BATCH).await > 0 {
        let (requests, answers): (Vec<_>, Vec<_>) = batch.drain(..).map(|job| (job.request, job.answer)).unzip();
        match tokio::time::timeout(timeout, store.disconnect(&requests)).await {
            Ok(Ok(outcomes)) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // It fails if the caller has gone away, who needs no answer.
                    let _ = answer.send(outcome);
                }
            }
            Ok(Err(error)) => {
                let kind = error.kind();
                tracing::error!(requests = requests.len(), kind, "the commit failed; its outcome is unknown");
            }
            Err(_) => {
                tracing::error!(requests = requests.len(), "the commit took too long; its outcome is unknown");
            }
        }
    }
}
