//! A failed response, whatever it is.

pub(crate) mod body;
mod hints;
pub(crate) mod repair;
mod shapes;

use std::fmt;
use std::time::Duration;

use crate::endpoint::headers::{self, HeaderLookup};
use crate::error::envelope::ErrorEnvelope;
use crate::error::one_line::{OneLine, beginning};
use crate::error::response::body::{Decoded, ErrorBody, hints_of_envelope};
use crate::error::response::repair::Repair;
use crate::error::response::shapes::{MAX_MESSAGE, MAX_NAME, Reading};
use crate::error::retry;
use crate::error::table::{ErrorCode, ErrorDetails, ErrorType};
use crate::value::time::Timestamp;
use crate::wire::open::Open;

/// A response that is not a success, as much of it as could be read.
///
/// [`decode`](Self::decode) cannot fail and never loses the status. The questions that a client has are answered by
/// methods that work whatever the body was; [`body`](Self::body) says how much of it could be read.
///
/// ```
/// use std::time::Duration;
/// use freddy_types::{ApiError, ErrorBody, ErrorCode, ErrorEnvelope, ErrorResponse};
///
/// // The documented answer.
/// let body = serde_json::to_vec(&ErrorEnvelope::from(ApiError::example(ErrorCode::RateLimitExceeded)))?;
/// let response = ErrorResponse::decode(429u16, &(), &body);
/// assert_eq!(response.code(), Some(ErrorCode::RateLimitExceeded));
/// assert_eq!(response.retry_after(), Some(Duration::from_secs(60)));
///
/// // The answer of a proxy that knows nothing of the contract.
/// let response = ErrorResponse::decode(503u16, &[("Retry-After", "7")], b"<html>Service Unavailable</html>");
/// assert!(response.is_retryable());
/// assert_eq!(response.retry_after(), Some(Duration::from_secs(7)));
/// assert!(matches!(response.body(), ErrorBody::Opaque(_)));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// # The ladder
///
/// The first of these that the body is, it is read as:
///
/// 1. [`ErrorBody::Envelope`]: the contract's envelope. Where it does not decode at once, also with the [`Repair`]s that it
///    needs, with `details` of `null`, or inside one or two `detail`, which some frameworks put around it. Never if its end is missing.
/// 2. [`ErrorBody::Json`]: an envelope with a fault in a field, one that was cut short, or JSON of another shape.
/// 3. [`ErrorBody::Opaque`]: anything else, of which the beginning is kept.
///
/// On the second rung the fields are looked for in `error`, `detail` and the top level, and in what these have under the
/// same two names. An `error` comes before what is in it, and everything else after. Last comes the first object in
/// `errors`, or in a `detail`, `error` or body that is a list.
///
/// | What | The first of these that is there and not blank |
/// |---|---|
/// | [code](Self::code_str) | `code` or `error_code`; a word in `status` beside a number in `code`; the `error` of OAuth, which is one word beside an `error_description`, or has an underscore, or is a code of the table; a number in `code` that is no HTTP status |
/// | [type](Self::error_type_str) | `type` that is no URI, or `error_type`; a URI in `type` other than `about:blank` |
/// | [message](Self::message) | `message`, `error_description`, `detail`, `msg`, `error_message`, `system_message`, `title`, `errors`, `error`; the body itself where it is a list, a JSON string or one line of text |
/// | [request ID](Self::request_id) | the `X-Request-Id` header; `trace_id`, `request_id`, `requestId`; the same in `meta` |
///
/// Where a list stands in the place of a text, its first text counts; in a map from field names to texts, the first of them.
///
/// # Bounds
///
/// The work and the memory are linear in the length of the body, which the caller bounds. A message has at most 4096 bytes,
/// and a code, type or request ID 1024, on every rung; only [`envelope`](Self::envelope), [`details_json`](Self::details_json)
/// and [`OtherJson::json`](crate::OtherJson::json) have the whole. `Display` and `Debug` print a few hundred characters of each.
///
/// # When to try again
///
/// Hints are read on the statuses for which [`is_retryable`](Self::is_retryable) is true. Of several, the longest counts, so that
/// a client never comes back before the time that any of them names.
///
/// | Source | Read as |
/// |---|---|
/// | `Retry-After`, `X-RateLimit-Retry-After`: every line, and lists joined by commas | seconds, or a date against `Date`, else against the body's `timestamp` |
/// | `X-RateLimit-Reset`, if `X-RateLimit-Remaining` is 0, or is missing on a 429 | up to 86,400, seconds; else Unix seconds or milliseconds, or a date, against the same |
/// | `retry_after` in the body, beside the code or in `details` | like `Retry-After` |
/// | `details.reset_at` | a date or Unix time against the body's `timestamp`, else against `Date` |
///
/// A wait is rounded up to a whole second. One of more than a day is a mistake of the server, such as a Unix time in the place of
/// seconds, and is no hint; neither is a negative one, nor a date more than a day away in either direction. Any other date that
/// has passed asks for no wait.
#[derive(Clone, PartialEq)]
pub struct ErrorResponse {
    status: u16,
    request_id: Option<Box<str>>,
    retry_after: Option<Duration>,
    retry_at: Option<jiff::Timestamp>,
    repairs: Box<[Repair]>,
    body: ErrorBody,
}

/// A text that says something, and its beginning.
fn told(text: &str, max_len: usize) -> Option<&str> {
    Some(beginning(text, max_len)).filter(|text| !text.trim().is_empty())
}

impl ErrorResponse {
    /// Reads a failed response: total, without I/O and without a clock.
    ///
    /// `status` is a `u16` or an `http::StatusCode`; `body` is what was read of the body, which the caller bounds.
    #[must_use]
    pub fn decode(status: impl Into<u16>, headers: &(impl HeaderLookup + ?Sized), body: &[u8]) -> Self {
        let status = status.into();
        let Decoded { body, repairs, hints: mut body_hints } = ErrorBody::decode(body);
        let request_id = headers
            .values_of(headers::X_REQUEST_ID)
            .into_iter()
            .find_map(|value| told(str::from_utf8(value).ok()?.trim(), MAX_NAME))
            .map(Box::from);
        let repairs = repairs.into();
        let mut response = Self { status, request_id, retry_after: None, retry_at: None, repairs, body };
        if response.is_retryable() {
            if let ErrorBody::Envelope(envelope) = &response.body {
                hints_of_envelope(envelope, &mut body_hints);
            }
            let now = response.timestamp().map(Timestamp::instant);
            let hints = hints::read(status, headers, &body_hints, now);
            (response.retry_after, response.retry_at) = (hints.wait, hints.date);
        }
        response
    }

    fn read(&self) -> Option<&Reading> {
        match &self.body {
            ErrorBody::Json(other) => Some(&other.read),
            ErrorBody::Envelope(_) | ErrorBody::Opaque(_) => None,
        }
    }

    /// The HTTP status, as the response had it.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The code, where there is one and it is one of the table.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match &self.body {
            ErrorBody::Envelope(envelope) => envelope.error.code(),
            _ => self.read()?.code.as_ref()?.known(),
        }
    }

    /// Whether it has this code. For a code of another crate, which [`code`](Self::code) does not know.
    #[must_use]
    pub fn has_code(&self, code: ErrorCode) -> bool {
        self.code_str() == Some(code.as_str())
    }

    /// The code as it came, where there is one.
    #[must_use]
    pub fn code_str(&self) -> Option<&str> {
        match &self.body {
            ErrorBody::Envelope(envelope) => Some(beginning(envelope.error.code_str(), MAX_NAME)),
            _ => self.read()?.code.as_ref().map(Open::as_str),
        }
    }

    /// The type, where there is one and it is one of the table.
    #[must_use]
    pub fn error_type(&self) -> Option<ErrorType> {
        match &self.body {
            ErrorBody::Envelope(envelope) => envelope.error.error_type(),
            _ => self.read()?.error_type.as_ref()?.known(),
        }
    }

    /// The type as it came, where there is one.
    #[must_use]
    pub fn error_type_str(&self) -> Option<&str> {
        match &self.body {
            ErrorBody::Envelope(envelope) => Some(beginning(envelope.error.error_type_str(), MAX_NAME)),
            _ => self.read()?.error_type.as_ref().map(Open::as_str),
        }
    }

    /// What to tell a user, where the body says something. [The best text](Self#the-ladder) that there is: for an envelope
    /// with a blank message its `system_message`.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match &self.body {
            ErrorBody::Envelope(envelope) => {
                told(envelope.error.message(), MAX_MESSAGE).or_else(|| self.system_message())
            }
            ErrorBody::Json(other) => other.read.message.as_deref(),
            ErrorBody::Opaque(preview) => preview.line(),
        }
    }

    /// What to tell a developer, where the body says something.
    #[must_use]
    pub fn system_message(&self) -> Option<&str> {
        match &self.body {
            ErrorBody::Envelope(envelope) => told(envelope.error.system_message(), MAX_MESSAGE),
            _ => self.read()?.system_message.as_deref(),
        }
    }

    /// When the error happened, by the server's clock, where the body says so.
    #[must_use]
    pub fn timestamp(&self) -> Option<&Timestamp> {
        match &self.body {
            ErrorBody::Envelope(envelope) => Some(envelope.error.timestamp()),
            _ => self.read()?.timestamp.as_ref(),
        }
    }

    /// The identifier to give to support: the `X-Request-Id` header, else what the body has.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        let of_body = match &self.body {
            ErrorBody::Envelope(envelope) => told(envelope.error.trace_id(), MAX_NAME),
            _ => self.read().and_then(|read| read.request_id.as_deref()),
        };
        self.request_id.as_deref().or(of_body)
    }

    /// The details of the code `D::CODE`, or `None` where the response has another code or no details.
    ///
    /// # Errors
    /// The details do not have the shape that the code documents. [`details_json`](Self::details_json) still has them.
    pub fn details<D: ErrorDetails>(&self) -> serde_json::Result<Option<D::Received>> {
        match self.details_json() {
            Some(details) if self.has_code(D::CODE) => serde_json::from_str(details).map(Some),
            _ => Ok(None),
        }
    }

    /// The details of whatever code, as the JSON text of an object; outside of an envelope also of a list.
    #[must_use]
    pub fn details_json(&self) -> Option<&str> {
        match &self.body {
            ErrorBody::Envelope(envelope) => envelope.error.details_json(),
            _ => self.read()?.details.as_deref(),
        }
    }

    /// What was not as it should be in a body that was read all the same, each kind once.
    #[must_use]
    pub fn repairs(&self) -> &[Repair] {
        &self.repairs
    }

    /// Whether the same request may succeed later: 408, 429 and 5xx, but for 501, 505, 506, 508, 510 and 511, which are
    /// final.
    ///
    /// This says nothing of whether sending it twice is safe; [`Method::is_idempotent`](crate::Method::is_idempotent) does.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        retry::status_is_retryable(self.status)
    }

    /// How long the server asks to wait, on a status that [is retryable](Self::is_retryable): the longest plausible wait of
    /// [all that it says](Self#when-to-try-again), in whole seconds, at most a day.
    ///
    /// A date that there is no clock of the server for is not in it; [`retry_at`](Self::retry_at) has it.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The latest date that the server names for trying again, on a status that [is retryable](Self::is_retryable). For
    /// callers with a clock: one that there was no clock of the server for may be any date.
    #[must_use]
    pub fn retry_at(&self) -> Option<jiff::Timestamp> {
        self.retry_at
    }

    /// The body.
    #[must_use]
    pub fn body(&self) -> &ErrorBody {
        &self.body
    }

    /// The contract's envelope, if that is what the body was.
    #[must_use]
    pub fn envelope(&self) -> Option<&ErrorEnvelope> {
        match &self.body {
            ErrorBody::Envelope(envelope) => Some(envelope),
            ErrorBody::Json(_) | ErrorBody::Opaque(_) => None,
        }
    }
}

impl fmt::Display for ErrorResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HTTP {}", self.status)?;
        if let Some(code) = self.code_str() {
            write!(f, " {}", OneLine(code))?;
        }
        match (&self.body, self.message()) {
            (_, Some(message)) => write!(f, ": {}", OneLine(message))?,
            (ErrorBody::Opaque(preview), None) if preview.total_len() == 0 => f.write_str(": empty body")?,
            (ErrorBody::Opaque(preview), None) => write!(f, ": {} bytes that are not JSON", preview.total_len())?,
            (_, None) => f.write_str(": JSON without a message")?,
        }
        if let Some(id) = self.request_id() {
            write!(f, " (request {})", OneLine(id))?;
        }
        Ok(())
    }
}

impl fmt::Debug for ErrorResponse {
    /// Bounded: of each text the beginning, and not the whole body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ErrorResponse")
            .field("status", &self.status)
            .field("code", &self.code_str().map(OneLine))
            .field("error_type", &self.error_type_str().map(OneLine))
            .field("message", &self.message().map(OneLine))
            .field("system_message", &self.system_message().map(OneLine))
            .field("timestamp", &self.timestamp().map(|timestamp| OneLine(timestamp.as_str())))
            .field("request_id", &self.request_id().map(OneLine))
            .field("details", &self.details_json().map(OneLine))
            .field("retry_after", &self.retry_after)
            .field("retry_at", &self.retry_at)
            .field("repairs", &self.repairs)
            .field("body", &self.body)
            .finish()
    }
}

impl std::error::Error for ErrorResponse {}
