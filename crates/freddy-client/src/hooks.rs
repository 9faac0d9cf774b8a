//! Where the program takes part in a call.

use std::fmt;
use std::sync::Arc;

use reqwest::header::HeaderMap;

use crate::error::Error;
use crate::header::{InvalidHeader, checked};

/// What a predicate says of an attempt that failed. See [`ClientBuilder::retry_if`](crate::ClientBuilder::retry_if).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum RetryDecision {
    /// What [`Error::is_retryable`](crate::Error::is_retryable) says.
    #[default]
    AsUsual,
    /// Try again, though the client does not know that it is safe. The number of attempts, the waits and the deadline
    /// still hold.
    Retry,
    /// End the call with this error.
    GiveUp,
}

pub(crate) type RetryHook = Arc<dyn Fn(&Error) -> RetryDecision + Send + Sync>;
pub(crate) type AttemptHook = Arc<dyn Fn(&mut Attempt<'_>) -> Result<(), InvalidHeader> + Send + Sync>;

/// What the program has hooked into all calls.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub(crate) retry: Option<RetryHook>,
    pub(crate) attempt: Option<AttemptHook>,
}

impl fmt::Debug for Hooks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hooks").field("retry", &self.retry.is_some()).field("attempt", &self.attempt.is_some()).finish()
    }
}

/// An attempt that is about to be sent. See [`ClientBuilder::before_attempt`](crate::ClientBuilder::before_attempt).
#[derive(Debug)]
pub struct Attempt<'a> {
    pub(crate) operation: &'static str,
    pub(crate) number: u32,
    pub(crate) headers: &'a mut HeaderMap,
}

impl Attempt<'_> {
    /// The name of the operation, such as `disconnectConnector`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The number of the attempt within its call. It starts at 1.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.number
    }

    /// Adds a header to this attempt, such as `traceparent`.
    ///
    /// # Errors
    /// The name or the value is not one of HTTP, the client sets this header itself, or the request already has it.
    pub fn header(&mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Result<(), InvalidHeader> {
        let (name, value) = checked(name.as_ref(), value.as_ref())?;
        if self.headers.contains_key(&name) {
            return Err(InvalidHeader::Repeated);
        }
        self.headers.insert(name, value);
        Ok(())
    }
}
