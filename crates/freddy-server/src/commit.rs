//! Commits concurrent requests together: one durable write for all that wait for it.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;

use crate::store::{Disconnect, Outcome, Store};

/// The most requests of one transaction. It bounds how long one of them waits for the others.
const MAX_GROUP: usize = 256;

/// The way to the one task that writes.
#[derive(Clone, Debug)]
pub(crate) struct Committer {
    jobs: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    request: Disconnect,
    answer: oneshot::Sender<Outcome>,
}

/// The database could not say what became of a request.
#[derive(Debug)]
pub(crate) struct NotCommitted;

impl Committer {
    /// Starts the task. It ends, with everything written that was accepted, when the last `Committer` is dropped. A
    /// group that takes longer than `patience` is given up, so that the next one has its chance.
    #[must_use]
    pub(crate) fn start(store: Store, patience: Duration) -> (Self, JoinHandle<()>) {
        let (jobs, queue) = mpsc::channel(MAX_GROUP);
        (Self { jobs }, tokio::spawn(write(store, patience, queue)))
    }

    /// Disconnects a connector, and returns when that is durable.
    ///
    /// # Errors
    /// The database failed.
    pub(crate) async fn disconnect(&self, request: Disconnect) -> Result<Outcome, NotCommitted> {
        let (answer, outcome) = oneshot::channel();
        self.jobs.send(Job { request, answer }).await.map_err(|_| NotCommitted)?;
        outcome.await.map_err(|_| NotCommitted)
    }
}

async fn write(store: Store, patience: Duration, mut queue: mpsc::Receiver<Job>) {
    let mut group = Vec::with_capacity(MAX_GROUP);
    // What comes while a group is written waits, and is the next group.
    while queue.recv_many(&mut group, MAX_GROUP).await > 0 {
        let (requests, answers): (Vec<_>, Vec<_>) = group.drain(..).map(|job| (job.request, job.answer)).unzip();
        match tokio::time::timeout(patience, store.disconnect(&requests)).await {
            Ok(Ok(outcomes)) => {
                for (answer, outcome) in answers.into_iter().zip(outcomes) {
                    // A caller who has gone away does not need to know.
                    let _ = answer.send(outcome);
                }
            }
            Ok(Err(error)) => {
                tracing::error!(requests = requests.len(), kind = error.kind(), "a group may not be written");
            }
            Err(_) => tracing::error!(requests = requests.len(), "a group was not written in time"),
        }
    }
}
