//! The rate limit: a number of requests for each caller, in a window that starts with the first of them.

mod local;
mod quota;
mod shared;

pub(crate) use local::Local;
pub(crate) use quota::{Quota, Subject, Verdict};
pub(crate) use shared::Shared;

/// Counts requests, in this process or for several.
#[derive(Debug)]
pub(crate) enum Limiter {
    /// Counts in this process alone. With several processes, each lets the limit through.
    Local(Local),
    /// Counts in Redis, for every process that uses the same Redis.
    Shared(Shared),
}

impl Limiter {
    /// Counts a request.
    pub(crate) async fn check(&self, subject: Subject, now: jiff::Timestamp) -> Verdict {
        match self {
            Self::Local(local) => local.check(subject, now),
            Self::Shared(shared) => shared.check(subject, now).await,
        }
    }
}
