//! What is known about a request before its caller is known.

use std::net::IpAddr;

use bytes::Bytes;
use freddy_types::{ApiError, Failure, Faults, TraceId};
use http_body_util::Full;
use hyper::StatusCode;

/// An answer, of which everything is there.
pub(crate) type Response = hyper::Response<Full<Bytes>>;

/// The identity of a request.
#[derive(Clone, Debug)]
pub struct Context {
    /// Its identifier, in the answer and in the log.
    pub(crate) trace_id: TraceId,
    /// When it arrived.
    pub(crate) now: jiff::Timestamp,
    /// Where it came from.
    pub(crate) address: IpAddr,
}

impl Context {
    /// An error with the identifier and the time of this request.
    #[must_use]
    pub fn error(&self, failure: impl Into<Failure>) -> ApiError {
        ApiError::new(failure.into(), self.trace_id.clone(), self.now)
    }

    /// The error for an invalid request: a `VALIDATION_ERROR` whose `system_message` names the faults.
    #[must_use]
    pub fn invalid(&self, faults: &Faults) -> ApiError {
        self.error(Failure::ValidationError).with_faults(faults)
    }

    /// When the request arrived: the timestamp of what it changes, and of its errors.
    #[must_use]
    pub fn now(&self) -> jiff::Timestamp {
        self.now
    }

    /// The response of an error of this request.
    pub(crate) fn refuse(&self, failure: Failure) -> Response {
        respond(self.error(failure))
    }

    /// When it arrived, in Unix milliseconds.
    #[must_use]
    pub(crate) fn now_millisecond(&self) -> i64 {
        self.now.as_millisecond()
    }
}

/// The response to send for an answer of the contract.
pub(crate) fn respond(answer: impl Into<hyper::Response<Vec<u8>>>) -> Response {
    answer.into().map(|body| Full::new(body.into()))
}

/// A response without a body.
pub(super) fn empty(status: StatusCode) -> Response {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
