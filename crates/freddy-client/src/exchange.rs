//! One request and its answer: how much of it is read, for how long, and what it means.

use std::time::Duration;

use freddy_types::{ErrorResponse, SuccessResponse};
use reqwest::header::HeaderMap;
use reqwest::{Request, Response};
use tokio::time::{Instant, timeout_at};

use crate::credential::CredentialHeaders;
use crate::error::{BodyFault, Cause, TimedOut};
use crate::metadata::Metadata;
use crate::transport::{SendFault, Transport};

/// How much of the body of a success is read. Nothing that the API documents comes close to it.
const MAX_SUCCESS_BODY: usize = 16 << 20;

/// When an attempt has to end.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit {
    at: Instant,
    /// The timeout that ends at `at`.
    timeout: Duration,
    is_deadline: bool,
}

impl Limit {
    /// The earlier of the end of an attempt that starts now and the end of the whole call.
    pub(crate) fn of_attempt(timeout: Duration, deadline: Instant, deadline_timeout: Duration) -> Self {
        let at = end_of(Instant::now(), timeout);
        if at < deadline {
            Self { at, timeout, is_deadline: false }
        } else {
            Self { at: deadline, timeout: deadline_timeout, is_deadline: true }
        }
    }

    fn passed(&self) -> TimedOut {
        if self.is_deadline { TimedOut::Deadline(self.timeout) } else { TimedOut::Attempt(self.timeout) }
    }
}

/// The end of a timeout. One that is too long for a clock, such as [`Duration::MAX`], ends in a century.
pub(crate) fn end_of(start: Instant, timeout: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    start + timeout.min(CENTURY)
}

/// An answer whose head has arrived, and as much of its body as could be read.
pub(crate) struct Answer {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    /// Why the body ended early, if it did.
    fault: Option<BodyFault>,
}

/// Sends a request and reads the answer. Once the head has arrived, this succeeds with whatever could be read.
pub(crate) async fn exchange(
    transport: &Transport,
    operation: &'static str,
    request: Request,
    credential: &CredentialHeaders,
    expected: u16,
    max_error_body: usize,
    limit: Limit,
) -> Result<Answer, Cause> {
    let mut response = match timeout_at(limit.at, transport.execute(operation, request)).await {
        Ok(Ok(response)) => response,
        // The connect timeout is the only one that reqwest is given.
        Ok(Err(SendFault::Http(error))) if error.is_connect() && error.is_timeout() => {
            return Err(Cause::Timeout(TimedOut::Connect(error)));
        }
        Ok(Err(SendFault::Http(error))) => return Err(Cause::Transport(error)),
        #[cfg(feature = "mock")]
        Ok(Err(SendFault::Unplanned(problem))) => return Err(Cause::Request(problem)),
        #[cfg(feature = "mock")]
        Ok(Err(SendFault::Timeout)) => return Err(Cause::Timeout(limit.passed())),
        Err(_) => return Err(Cause::Timeout(limit.passed())),
    };
    let status = response.status().as_u16();
    let max_body = if status == expected { MAX_SUCCESS_BODY } else { max_error_body };
    let (body, fault) = read_body(&mut response, max_body, limit).await;
    let mut headers = std::mem::take(response.headers_mut());
    credential.redact_headers(&mut headers);
    Ok(Answer { status, headers, body, fault })
}

async fn read_body(response: &mut Response, max: usize, limit: Limit) -> (Vec<u8>, Option<BodyFault>) {
    let mut body = Vec::new();
    loop {
        let chunk = match timeout_at(limit.at, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return (body, None),
            Ok(Err(error)) => return (body, Some(BodyFault::Transport(error))),
            Err(_) => return (body, Some(BodyFault::Timeout(limit.passed()))),
        };
        let room = max - body.len();
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return (body, Some(BodyFault::TooLong { limit: max }));
        }
    }
}

impl Answer {
    pub(crate) fn status(&self) -> u16 {
        self.status
    }

    /// The identifier in the answer's header.
    pub(crate) fn request_id(&self) -> Option<&str> {
        self.headers.get(freddy_types::headers::X_REQUEST_ID)?.to_str().ok()
    }

    /// What it says beside its body.
    pub(crate) fn metadata(&self, attempts: u32) -> Metadata {
        Metadata::new(self.status, self.headers.clone(), attempts)
    }

    /// The success in the answer, or why it is not one.
    pub(crate) fn judge<R: SuccessResponse>(self, credential: &CredentialHeaders) -> Result<R::Received, Cause> {
        let Self { status, headers, mut body, fault } = self;
        let success = (status == R::STATUS).then(|| R::decode(&headers, &body));
        let is_empty = body.is_empty();
        let mut response = || {
            credential.redact_body(&mut body);
            Box::new(ErrorResponse::decode(status, &headers, &body))
        };
        match (success, fault) {
            (Some(Ok(success)), None) => Ok(success),
            // A success without a body is complete as it is. A body that broke off may have been a different one.
            (Some(Ok(success)), Some(BodyFault::Transport(_) | BodyFault::Timeout(_))) if is_empty => Ok(success),
            (Some(_), Some(fault)) => Err(Cause::BrokenBody { response: response(), fault }),
            (Some(Err(problem)), None) => Err(Cause::UnexpectedBody { response: response(), problem }),
            (None, _) if matches!(status, 200..=299) => {
                Err(Cause::UnexpectedStatus { response: response(), expected: R::STATUS })
            }
            (None, cut_by) => Err(Cause::Response { response: response(), cut_by }),
        }
    }
}
