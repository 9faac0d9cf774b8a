//! One request and its answer: how much of it is read, for how long, and what it means.

use std::time::Duration;

use freddy_types::{ErrorResponse, SuccessResponse, UnexpectedBody};
use reqwest::header::HeaderMap;
use reqwest::{Request, Response};
use tokio::time::{Instant, timeout_at};

use crate::error::{BodyFault, Cause, TimedOut, TransportFault};
use crate::metadata::Metadata;
use crate::redact::Redactor;
use crate::transport::{SendFault, Transport};

/// How much of the body of a success is read. Nothing that the API documents comes close to it.
const MAX_SUCCESS_BODY: usize = 16 << 20;

/// How much of a body is searched for the secret even if time is up, which takes a few milliseconds.
const PROMPT: usize = 64 << 10;

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
    redactor: &Redactor,
    expected: u16,
    max_error_body: usize,
    limit: Limit,
) -> Result<Answer, Cause> {
    let line = transport.line();
    let mut response = match timeout_at(limit.at, line.execute(operation, request)).await {
        Ok(Ok(response)) => response,
        Ok(Err(SendFault::Http(error))) => {
            // The connect timeout is the only one that reqwest is given.
            let is_timeout = error.is_connect() && error.is_timeout();
            let fault = TransportFault::new(error, redactor);
            return Err(if is_timeout { Cause::Timeout(TimedOut::Connect(fault)) } else { Cause::Transport(fault) });
        }
        #[cfg(feature = "mock")]
        Ok(Err(SendFault::Unplanned(problem))) => return Err(Cause::Request(problem)),
        #[cfg(feature = "mock")]
        Ok(Err(SendFault::Timeout)) => return Err(Cause::Timeout(limit.passed())),
        Err(_) => {
            line.fell_silent();
            return Err(Cause::Timeout(limit.passed()));
        }
    };
    line.answered(response.version());
    let status = response.status().as_u16();
    let max_body = if status == expected { MAX_SUCCESS_BODY } else { max_error_body };
    let (body, fault) = read_body(&mut response, max_body, limit, redactor).await;
    if matches!(fault, Some(BodyFault::Timeout(_))) {
        line.fell_silent();
    }
    let mut headers = std::mem::take(response.headers_mut());
    redactor.redact_headers(&mut headers);
    Ok(Answer { status, headers, body, fault })
}

async fn read_body(
    response: &mut Response,
    max: usize,
    limit: Limit,
    redactor: &Redactor,
) -> (Vec<u8>, Option<BodyFault>) {
    let mut body = Vec::new();
    loop {
        let chunk = match timeout_at(limit.at, response.chunk()).await {
            Ok(Ok(Some(chunk))) => chunk,
            Ok(Ok(None)) => return (body, None),
            Ok(Err(error)) => return (body, Some(BodyFault::Transport(TransportFault::new(error, redactor)))),
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

    /// The success in the answer, or why it is not one, and what was said beside it. Nothing that is kept of a failure shows
    /// the secret.
    pub(crate) fn judge<R: SuccessResponse>(
        self,
        attempts: u32,
        redactor: &Redactor,
        max_error_body: usize,
        limit: Limit,
    ) -> (Result<R::Received, Cause>, Metadata) {
        let Self { status, headers, body, fault } = self;
        let judged = judge_body::<R>(status, &headers, body, fault, redactor, max_error_body, limit);
        (judged, Metadata::new(status, headers, attempts))
    }
}

fn judge_body<R: SuccessResponse>(
    status: u16,
    headers: &HeaderMap,
    body: Vec<u8>,
    fault: Option<BodyFault>,
    redactor: &Redactor,
    max_error_body: usize,
    limit: Limit,
) -> Result<R::Received, Cause> {
    let success = (status == R::STATUS).then(|| R::decode(headers, &body));
    let is_empty = body.is_empty();
    match (success, fault) {
        (Some(Ok(success)), None) => Ok(success),
        // A success without a body is complete as it is. A body that broke off may have been a different one.
        (Some(Ok(success)), Some(BodyFault::Transport(_) | BodyFault::Timeout(_))) if is_empty => Ok(success),
        (success, fault) => {
            let kept = Kept::of(body, fault.is_some(), redactor, max_error_body, limit);
            let response = Box::new(ErrorResponse::decode(status, headers, &kept.body));
            Err(match (success, fault) {
                (Some(Err(problem)), None) => {
                    let problem = kept.problem::<R>(headers, &problem, redactor);
                    Cause::UnexpectedBody { response, problem }
                }
                (Some(_), Some(fault)) => Cause::BrokenBody { response, fault },
                (..) if matches!(status, 200..=299) => Cause::UnexpectedStatus { response, expected: R::STATUS },
                (_, cut_by) => {
                    let out_of_time = || kept.is_late.then(|| BodyFault::Timeout(limit.passed()));
                    Cause::Response { response, cut_by: cut_by.or_else(out_of_time) }
                }
            })
        }
    }
}

/// What is kept of the body of an answer that is not a success.
struct Kept {
    body: Vec<u8>,
    is_whole: bool,
    /// Whether there was no time to look for the secret in all of it.
    is_late: bool,
}

impl Kept {
    fn of(mut body: Vec<u8>, is_cut: bool, redactor: &Redactor, max: usize, limit: Limit) -> Self {
        // What was read as a success may be long.
        let is_whole = body.len() <= max;
        body.truncate(max);
        let body_is_long = body.len() > PROMPT;
        let is_late = || body_is_long && limit.at <= Instant::now();
        let is_late = redactor.redact_body(&mut body, is_cut || !is_whole, is_late).is_err();
        if is_late {
            body.truncate(PROMPT);
            // Never late.
            let _ = redactor.redact_body(&mut body, true, || false);
        }
        Self { body, is_whole: is_whole && !is_late, is_late }
    }

    /// What is wrong with the body, said of what is kept, since it may quote from it.
    fn problem<R: SuccessResponse>(
        &self,
        headers: &HeaderMap,
        problem: &UnexpectedBody,
        redactor: &Redactor,
    ) -> UnexpectedBody {
        let of_kept = self.is_whole.then(|| R::decode(headers, &self.body).err()).flatten();
        of_kept.unwrap_or_else(|| UnexpectedBody::new(redactor.redact_text(&problem.to_string())))
    }
}
