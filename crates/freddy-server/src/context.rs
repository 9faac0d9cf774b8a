//! What is known of a request before anything is known of its caller.

use std::net::IpAddr;

use axum::body::Body;
use axum::response::Response;
use freddy_types::{ApiError, Failure, Faults, TraceId};

/// The identity of a request.
#[derive(Clone, Debug)]
pub struct Context {
    /// Its identifier, in the answer and in the log.
    pub(crate) trace_id: TraceId,
    /// When it came.
    pub(crate) now: jiff::Timestamp,
    /// Where it came from.
    pub(crate) address: IpAddr,
}

impl Context {
    /// An error of this request: with its identifier and its time.
    #[must_use]
    pub fn error(&self, failure: Failure) -> ApiError {
        ApiError::new(failure, self.trace_id.clone(), self.now)
    }

    /// The error that tells what is wrong with this request: a `VALIDATION_ERROR` whose `system_message` names the faults.
    #[must_use]
    pub fn invalid(&self, faults: &Faults) -> ApiError {
        self.error(Failure::ValidationError).with_faults(faults)
    }

    /// When the request came: the time of what it changes, and of its errors.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.now
    }

    /// The response of an error of this request.
    pub(crate) fn refuse(&self, failure: Failure) -> Response {
        respond(self.error(failure))
    }

    /// When it came, in Unix milliseconds.
    #[must_use]
    pub(crate) fn now_millisecond(&self) -> i64 {
        self.now.as_millisecond()
    }
}

/// The response of what the contract has a response for.
pub(crate) fn respond(answer: impl Into<axum::http::Response<Vec<u8>>>) -> Response {
    answer.into().map(Body::from)
}
