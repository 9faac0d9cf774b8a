//! A failed response, whatever it is.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use serde_json::value::RawValue;

use crate::endpoint::headers::{self, HeaderLookup};
use crate::error::envelope::ErrorEnvelope;
use crate::error::one_line::OneLine;
use crate::error::retry::{self, RetryAfter};
use crate::error::table::{ErrorCode, ErrorType};
use crate::wire::extra::Extra;
use crate::wire::field;
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
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorResponse {
    status: u16,
    request_id: Option<Box<str>>,
    retry_after: Option<Duration>,
    retry_at: Option<jiff::Timestamp>,
    body: ErrorBody,
}

/// How much of the body of a failed response could be read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ErrorBody {
    /// The contract's envelope.
    Envelope(ErrorEnvelope),
    /// JSON that is not the contract's envelope.
    Json(OtherJson),
    /// Not JSON.
    Opaque(BodyPreview),
}

/// A JSON body that is not the contract's envelope, and what could be read from it.
///
/// The places looked at are those of the envelope, of the two older shapes `{"error": {…}}` and `{"detail": …}`, and
/// the top level.
#[derive(Clone, Debug, PartialEq)]
pub struct OtherJson {
    code: Option<Open<ErrorCode>>,
    error_type: Option<Open<ErrorType>>,
    message: Option<Box<str>>,
    trace_id: Option<Box<str>>,
    retry_after: Option<Duration>,
    problem: Box<str>,
    json: Box<str>,
}

impl OtherJson {
    /// Why it is not the contract's envelope, such as ``missing field `system_message` at line 1 column 180``.
    /// At most 256 bytes.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The whole body.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

/// The beginning of a body that is not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BodyPreview {
    text: Box<str>,
    total_len: usize,
}

impl BodyPreview {
    /// The most bytes of a body that are kept.
    pub const MAX_LEN: usize = 1024;

    fn of(body: &[u8]) -> Self {
        let kept = body.get(..Self::MAX_LEN).unwrap_or(body);
        let cut = kept.len() < body.len();
        let mut text = String::with_capacity(kept.len());
        let mut chunks = kept.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            // A character that the cut went through is no fault of the body.
            let halved = cut && chunks.peek().is_none();
            if !chunk.invalid().is_empty() && !halved {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Self { text: text.into(), total_len: body.len() }
    }

    /// The first [`MAX_LEN`](Self::MAX_LEN) bytes; what is not UTF-8 there is U+FFFD.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The length of the whole body, in bytes.
    #[must_use]
    pub fn total_len(&self) -> usize {
        self.total_len
    }
}

impl ErrorResponse {
    /// Reads a failed response: total, without I/O and without a clock.
    ///
    /// `status` is a `u16` or an `http::StatusCode`; `body` is what was read of the body, which the caller bounds.
    #[must_use]
    pub fn decode(status: impl Into<u16>, headers: &(impl HeaderLookup + ?Sized), body: &[u8]) -> Self {
        let status = status.into();
        let body = ErrorBody::decode(body);
        let request_id = headers
            .value_of(headers::X_REQUEST_ID)
            .and_then(|value| str::from_utf8(value).ok())
            .map(str::trim)
            .filter(|id| !id.is_empty())
            .map(Box::from);
        let mut response = Self { status, request_id, retry_after: None, retry_at: None, body };
        if retry::status_has_hint(status) {
            response.read_retry_hint(headers);
        }
        response
    }

    fn read_retry_hint(&mut self, headers: &(impl HeaderLookup + ?Sized)) {
        let from_header = match headers.value_of(headers::RETRY_AFTER).and_then(RetryAfter::parse) {
            Some(RetryAfter::Delay(delay)) => Some(delay),
            Some(RetryAfter::Date(date)) => {
                self.retry_at = Some(date);
                let now = headers.value_of(headers::DATE).and_then(retry::parse_http_date);
                let now = now.or_else(|| self.envelope().map(|envelope| envelope.error().timestamp().instant()));
                now.map(|now| retry::until(now, date))
            }
            None => None,
        };
        self.retry_after = from_header.max(self.body.retry_after());
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
            ErrorBody::Json(other) => other.code.as_ref().and_then(Open::known),
            ErrorBody::Opaque(_) => None,
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
            ErrorBody::Envelope(envelope) => Some(envelope.error.code_str()),
            ErrorBody::Json(other) => other.code.as_ref().map(Open::as_str),
            ErrorBody::Opaque(_) => None,
        }
    }

    /// The type, where there is one and it is one of the table.
    #[must_use]
    pub fn error_type(&self) -> Option<ErrorType> {
        match &self.body {
            ErrorBody::Envelope(envelope) => envelope.error.error_type(),
            ErrorBody::Json(other) => other.error_type.as_ref().and_then(Open::known),
            ErrorBody::Opaque(_) => None,
        }
    }

    /// What to tell a user, where the body says something.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        match &self.body {
            ErrorBody::Envelope(envelope) => Some(envelope.error.message()),
            ErrorBody::Json(other) => other.message.as_deref(),
            ErrorBody::Opaque(_) => None,
        }
    }

    /// The identifier to give to support: the `X-Request-Id` header, else the body's `trace_id`.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        let of_body = match &self.body {
            ErrorBody::Envelope(envelope) => Some(envelope.error.trace_id()),
            ErrorBody::Json(other) => other.trace_id.as_deref(),
            ErrorBody::Opaque(_) => None,
        };
        self.request_id.as_deref().or(of_body.filter(|id| !id.trim().is_empty()))
    }

    /// Whether the same request may succeed later: 408, 429 and 5xx.
    ///
    /// This says nothing of whether sending it twice is safe; [`Method::is_idempotent`](crate::Method::is_idempotent) does.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        retry::status_is_retryable(self.status)
    }

    /// How long the server asks to wait, on a 429 or 503.
    ///
    /// From the `Retry-After` header, in seconds or as a date, and the body's `retry_after`: the longer of them, in whole
    /// seconds rounded up, at most 2<sup>31</sup>. A date is counted from the response's `Date` header, else from the
    /// body's `timestamp`; without either only [`retry_at`](Self::retry_at) has it.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    /// The date in the `Retry-After` header of a 429 or 503, where it was a date. For callers with a clock.
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
            (ErrorBody::Opaque(preview), None) if preview.total_len == 0 => f.write_str(": empty body")?,
            (ErrorBody::Opaque(preview), None) => write!(f, ": {} bytes that are not JSON", preview.total_len)?,
            (_, None) => f.write_str(": JSON without a message")?,
        }
        if let Some(id) = self.request_id() {
            write!(f, " (request {})", OneLine(id))?;
        }
        Ok(())
    }
}

impl std::error::Error for ErrorResponse {}

impl ErrorBody {
    fn decode(body: &[u8]) -> Self {
        let json = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
        let error = match serde_json::from_slice::<ErrorEnvelope>(json) {
            Ok(envelope) => return Self::Envelope(envelope),
            Err(error) => error,
        };
        match serde_json::from_slice::<&RawValue>(json) {
            Ok(json) => Self::Json(OtherJson::read(json, &error)),
            Err(_) => Self::Opaque(BodyPreview::of(body)),
        }
    }

    fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Envelope(envelope) => {
                let error = envelope.error();
                let in_details = error.details_json().and_then(Object::parse).and_then(|details| details.retry_after());
                let beside = |unknown: &Extra| unknown.get(field::RETRY_AFTER).and_then(retry::seconds_of_json);
                in_details.max(beside(error.unknown())).max(beside(&envelope.unknown))
            }
            Self::Json(other) => other.retry_after,
            Self::Opaque(_) => None,
        }
    }
}

/// A JSON object whose values are not parsed before they are needed, so that none of them can spoil the others.
struct Object<'a>(BTreeMap<String, &'a RawValue>);

impl<'a> Object<'a> {
    fn parse(json: &'a str) -> Option<Self> {
        serde_json::from_str(json).ok().map(Self)
    }

    fn object(&self, name: &str) -> Option<Self> {
        self.0.get(name).and_then(|value| Self::parse(value.get()))
    }

    fn string(&self, name: &str) -> Option<Box<str>> {
        self.0.get(name).and_then(|value| serde_json::from_str(value.get()).ok())
    }

    fn array(&self, name: &str) -> Option<Vec<&'a RawValue>> {
        self.0.get(name).and_then(|value| serde_json::from_str(value.get()).ok())
    }

    fn retry_after(&self) -> Option<Duration> {
        self.0.get(field::RETRY_AFTER).copied().and_then(retry::seconds_of_json)
    }
}

impl OtherJson {
    fn read(json: &RawValue, error: &serde_json::Error) -> Self {
        /// The key of an older shape: a text, an object like `error`, or a list of objects with a `msg`.
        const DETAIL: &str = "detail";

        let top = Object::parse(json.get());
        let nested = |name| top.as_ref().and_then(|top: &Object<'_>| top.object(name));
        let (error_object, detail_object) = (nested(field::ERROR), nested(DETAIL));
        let objects = || [&error_object, &detail_object, &top].into_iter().flatten();
        let first = |name| objects().find_map(|object: &Object<'_>| object.string(name));
        let first_of_list = || {
            let list = top.as_ref()?.array(DETAIL)?;
            Object::parse(list.first()?.get())?.string("msg")
        };

        Self {
            code: first(field::CODE).map(|code| Open::from(&*code)),
            error_type: first(field::TYPE).map(|error_type| Open::from(&*error_type)),
            message: first(field::MESSAGE)
                .or_else(|| top.as_ref()?.string(DETAIL))
                .or_else(|| top.as_ref()?.string(field::ERROR))
                .or_else(first_of_list),
            trace_id: first(field::TRACE_ID),
            retry_after: objects()
                .flat_map(|object| {
                    [object.retry_after(), object.object(field::DETAILS).and_then(|details| details.retry_after())]
                })
                .max()
                .flatten(),
            problem: bounded(error.to_string()),
            json: json.get().into(),
        }
    }
}

fn bounded(mut text: String) -> Box<str> {
    bound(&mut text);
    text.into()
}

/// Cuts a text that may quote what came in.
pub(crate) fn bound(text: &mut String) {
    const MAX_LEN: usize = 256;
    let mut len = text.len().min(MAX_LEN);
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    text.truncate(len);
}
