//! Why a call failed.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use freddy_types::{ErrorCode, ErrorDetails, ErrorResponse, UnexpectedBody, Wire};

use crate::metadata::Metadata;

use crate::redact::Redactor;
use crate::trace::{MAX_CHARS, bounded, bounded_chain};

/// A call that did not succeed, and everything that is known about the reason.
///
/// The methods work for every kind of error, so there is no need to match on the kind. It is one word in size and never
/// shows the credential. `Debug` is short, whatever the server sent; [`response`](Self::response) has everything.
///
/// ```
/// use freddy_client::{Error, freddy_types::ErrorCode};
///
/// fn advice(error: &Error) -> String {
///     match error.code() {
///         Some(ErrorCode::Unauthorized) => "check the API key".to_owned(),
///         Some(ErrorCode::Forbidden) => "not your connector".to_owned(),
///         _ if error.is_retryable() => format!("try again in {:?}", error.retry_after().unwrap_or_default()),
///         _ => format!("ask support about {}", error.request_id().unwrap_or("this call")),
///     }
/// }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    operation: &'static str,
    is_idempotent: bool,
    attempts: u32,
    /// Whether an attempt before the last one may have been carried out.
    may_have_happened_before: bool,
    cause: Cause,
    metadata: Option<Metadata>,
}

/// What kind of thing went wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server answered with a status other than 2xx, such as a redirect. [`Error::response`] has the answer.
    Response,
    /// The server answered with a success that is not the documented one: another 2xx, or a body that cannot be read.
    /// The request may well have done its work. [`Error::response`] has the answer.
    UnexpectedSuccess,
    /// There was no connection, or it broke before the answer arrived.
    Transport,
    /// A timeout of the client passed before the answer arrived.
    Timeout,
    /// The request could not be sent as it is. It never left this machine.
    Request,
    /// The [`CredentialProvider`](crate::CredentialProvider) had no credential for the next attempt.
    Credential,
}

/// What went wrong in one attempt.
#[derive(Debug)]
pub(crate) enum Cause {
    /// Not a 2xx. The status counts even if a fault cut the body short.
    Response { response: Box<ErrorResponse>, cut_by: Option<BodyFault> },
    /// Not the 2xx that the endpoint documents.
    UnexpectedStatus { response: Box<ErrorResponse>, expected: u16 },
    /// The documented status, with another body.
    UnexpectedBody { response: Box<ErrorResponse>, problem: UnexpectedBody },
    /// The documented status, with a body that did not arrive completely.
    BrokenBody { response: Box<ErrorResponse>, fault: BodyFault },
    /// No head of an answer.
    Transport(TransportFault),
    /// No head of an answer in time.
    Timeout(TimedOut),
    /// Not sent, since another call was told that the key is limited for so long from now.
    Limited { response: Box<ErrorResponse>, left: Duration },
    /// A page of a list that does not lead to the next one.
    BrokenList(&'static str),
    /// The request could not be made.
    Request(&'static str),
    /// The provider had no credential for the attempt.
    Credential(Box<dyn StdError + Send + Sync>),
}

/// Why a body ended early.
#[derive(Debug)]
pub(crate) enum BodyFault {
    Transport(TransportFault),
    Timeout(TimedOut),
    TooLong { limit: usize },
}

/// Which timeout has passed.
#[derive(Debug)]
pub(crate) enum TimedOut {
    Connect(TransportFault),
    Attempt(Duration),
    Deadline(Duration),
}

/// An error of the transport, which does not show the secret.
#[derive(Debug)]
pub(crate) struct TransportFault {
    is_connect: bool,
    /// What is wrong with the server, if no further attempt can succeed.
    lasting: Option<&'static str>,
    source: Box<dyn StdError + Send + Sync>,
}

impl TransportFault {
    pub(crate) fn new(error: reqwest::Error, redactor: &Redactor) -> Self {
        let is_connect = error.is_connect();
        #[cfg(feature = "rustls")]
        let lasting = is_connect.then(|| crate::tls::lasting_fault(&error)).flatten();
        #[cfg(not(feature = "rustls"))]
        let lasting = None;
        Self { is_connect, lasting, source: redactor.redact_error(error) }
    }

    pub(crate) fn is_connect(&self) -> bool {
        self.is_connect
    }

    fn as_source(&self) -> &(dyn StdError + 'static) {
        &*self.source
    }
}

impl Error {
    pub(crate) fn new(operation: &'static str, is_idempotent: bool, attempts: u32, cause: Cause) -> Self {
        let may_have_happened_before = false;
        Self(Box::new(Inner { operation, is_idempotent, attempts, may_have_happened_before, cause, metadata: None }))
    }

    /// Notes whether an attempt before the last one may have been carried out.
    pub(crate) fn after(mut self, may_have_happened: bool) -> Self {
        self.0.may_have_happened_before = may_have_happened;
        self
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.0.cause {
            Cause::Response { .. } | Cause::Limited { .. } => ErrorKind::Response,
            Cause::UnexpectedStatus { .. }
            | Cause::UnexpectedBody { .. }
            | Cause::BrokenList(_)
            | Cause::BrokenBody { fault: BodyFault::TooLong { .. }, .. } => ErrorKind::UnexpectedSuccess,
            Cause::Transport(_) | Cause::BrokenBody { fault: BodyFault::Transport(_), .. } => ErrorKind::Transport,
            Cause::Timeout(_) | Cause::BrokenBody { fault: BodyFault::Timeout(_), .. } => ErrorKind::Timeout,
            Cause::Request(_) => ErrorKind::Request,
            Cause::Credential(_) => ErrorKind::Credential,
        }
    }

    /// The answer of the last attempt, if there was one: for the kinds that say so, and for a success whose body did not
    /// arrive completely. If the call was not sent since the key is known to be limited, it is the answer that said so.
    #[must_use]
    pub fn response(&self) -> Option<&ErrorResponse> {
        match &self.0.cause {
            Cause::Response { response, .. }
            | Cause::UnexpectedStatus { response, .. }
            | Cause::UnexpectedBody { response, .. }
            | Cause::BrokenBody { response, .. }
            | Cause::Limited { response, .. } => Some(response),
            Cause::Transport(_)
            | Cause::Timeout(_)
            | Cause::BrokenList(_)
            | Cause::Request(_)
            | Cause::Credential(_) => None,
        }
    }

    /// The HTTP status of the answer, where there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.response().map(ErrorResponse::status)
    }

    /// The code of the answer, where it has one that is in the table.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        self.response()?.code()
    }

    /// What the answer tells a developer, where it does: for a refused request, every place that is wrong. Its wording may
    /// change: never compare it.
    #[must_use]
    pub fn system_message(&self) -> Option<&str> {
        self.response()?.system_message()
    }

    /// The identifier to give to support, where the answer has one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.response()?.request_id()
    }

    /// How long the server asks to wait, on a status that [`is_retryable`](ErrorResponse::is_retryable); at most a day.
    ///
    /// It is [`ErrorResponse::retry_after`]. If the server gave a date and no time to count it from, this machine's clock is
    /// used, so the result shrinks as time passes. If the call was not sent since the key is known to be limited, it is what
    /// was left of the wait then.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        if let Cause::Limited { left, .. } = self.0.cause {
            return Some(left);
        }
        let response = self.response()?;
        let by_our_clock = || {
            let date = SystemTime::try_from(response.retry_at()?).ok()?;
            // A date in the past asks for no wait. One that is far ahead is a mistake, of the server or of this clock.
            let wait = date.duration_since(SystemTime::now()).unwrap_or_default();
            (wait <= Duration::from_secs(24 * 60 * 60)).then_some(wait)
        };
        response.retry_after().or_else(by_our_clock)
    }

    /// Whether the same request may be sent again and may then succeed: it is idempotent, and it failed on a transport
    /// fault, a timeout, or a status of 408, 429 or 5xx other than 501, 505, 506, 508, 510
    /// and 511. The client has done so already, as far as its
    /// [`RetryPolicy`](crate::RetryPolicy) and deadline allow.
    ///
    /// A transport fault that does not mend by itself is not retryable: the certificate of the server is not accepted, the
    /// server does not speak TLS, or it refuses the client's TLS. That is recognized with the feature `rustls`.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.is_idempotent
            && match self.kind() {
                ErrorKind::Response => self.response().is_some_and(ErrorResponse::is_retryable),
                ErrorKind::Transport => self.0.cause.lasting_fault().is_none(),
                ErrorKind::Timeout => true,
                ErrorKind::UnexpectedSuccess | ErrorKind::Request | ErrorKind::Credential => false,
            }
    }

    /// Whether the server may have done what it was asked, though the call failed. So it is if any attempt, not only the
    /// last one,
    ///
    /// - got no answer though there may have been a connection: it broke, or a timeout other than that for connecting
    ///   passed, or
    /// - was answered with a 5xx, which does not say how far the server came, or
    /// - was answered with a 2xx that is not the documented success or did not arrive completely.
    ///
    /// It is `false` if every attempt was refused: no connection, or another status. A 403, 404, 409 or 410 is therefore
    /// final if this is `false`; if it is `true`, it may be what an earlier attempt left behind, for instance that a thing
    /// which was deleted no longer exists.
    #[must_use]
    pub fn may_have_happened(&self) -> bool {
        self.0.may_have_happened_before || self.0.cause.may_have_happened()
    }

    /// How many times the request was sent. The error is that of the last attempt. It is zero for a request that could not
    /// be sent, or was not since the key is known to be limited.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed", self.0.operation)?;
        if self.0.attempts > 1 {
            write!(f, " after {} attempts", self.0.attempts)?;
        }
        write!(f, ": {}", self.0.cause)?;
        if self.0.may_have_happened_before && matches!(self.status(), Some(403 | 404 | 409 | 410)) {
            f.write_str("; an earlier attempt may have been carried out")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    /// What is asked for most, and what the error and its sources say, each of a bounded length.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text| bounded(text, MAX_CHARS);
        f.debug_struct("Error")
            .field("operation", &self.0.operation)
            .field("kind", &self.kind())
            .field("attempts", &self.attempts())
            .field("is_retryable", &self.is_retryable())
            .field("may_have_happened", &self.may_have_happened())
            .field("status", &self.status())
            .field("code", &self.response().and_then(ErrorResponse::code_str).map(text))
            .field("request_id", &self.request_id().map(text))
            .field("retry_after", &self.retry_after())
            .field("texts", &bounded_chain(self, 4 * MAX_CHARS))
            .finish_non_exhaustive()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.cause {
            Cause::Response { cut_by, .. } => cut_by.as_ref().and_then(BodyFault::as_source),
            Cause::UnexpectedBody { problem, .. } => Some(problem),
            Cause::BrokenBody { fault, .. } => fault.as_source(),
            Cause::Transport(fault) | Cause::Timeout(TimedOut::Connect(fault)) => Some(fault.as_source()),
            Cause::Credential(error) => Some(&**error),
            Cause::UnexpectedStatus { .. }
            | Cause::Timeout(_)
            | Cause::Limited { .. }
            | Cause::BrokenList(_)
            | Cause::Request(_) => None,
        }
    }
}

impl Cause {
    fn lasting_fault(&self) -> Option<&'static str> {
        match self {
            Self::Transport(fault) => fault.lasting,
            _ => None,
        }
    }

    /// Whether the server may have carried out this attempt.
    fn may_have_happened(&self) -> bool {
        match self {
            Self::Response { response, .. } => matches!(response.status(), 500..=599),
            Self::UnexpectedStatus { .. }
            | Self::UnexpectedBody { .. }
            | Self::BrokenBody { .. }
            | Self::BrokenList(_)
            | Self::Timeout(TimedOut::Attempt(_) | TimedOut::Deadline(_)) => true,
            Self::Transport(fault) => !fault.is_connect,
            Self::Timeout(TimedOut::Connect(_)) | Self::Limited { .. } | Self::Request(_) | Self::Credential(_) => {
                false
            }
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response { response, .. } => f.write_str(response.to_string().trim_end_matches('.')),
            Self::UnexpectedStatus { response, expected } => {
                write!(f, "expected HTTP {expected}, got {}", response.to_string().trim_end_matches('.'))
            }
            Self::UnexpectedBody { response, .. } => write!(f, "HTTP {} with another body", response.status()),
            Self::BrokenBody { response, fault } => {
                write!(f, "HTTP {} with a body that ", response.status())?;
                match fault {
                    BodyFault::Transport(_) => f.write_str("broke off"),
                    BodyFault::Timeout(_) => f.write_str("did not end in time"),
                    BodyFault::TooLong { limit } => write!(f, "is longer than {limit} bytes"),
                }
            }
            Self::Transport(TransportFault { lasting: Some(fault), .. }) => {
                write!(f, "no secure connection: {fault}")
            }
            Self::Transport(fault) if fault.is_connect => f.write_str("no connection"),
            Self::Transport(_) => f.write_str("the connection broke before the answer"),
            Self::Timeout(timeout) => timeout.fmt(f),
            Self::Limited { response, left } => {
                let text = response.to_string();
                write!(f, "not sent, since the key is limited for {left:?}: {}", text.trim_end_matches('.'))
            }
            Self::Credential(_) => f.write_str("there is no credential to send"),
            Self::BrokenList(problem) | Self::Request(problem) => f.write_str(problem),
        }
    }
}

impl BodyFault {
    fn as_source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Transport(fault) => Some(fault.as_source()),
            Self::Timeout(timeout) => Some(timeout),
            Self::TooLong { .. } => None,
        }
    }
}

impl fmt::Display for TimedOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connect(_) => f.write_str("no connection in time"),
            Self::Attempt(timeout) => write!(f, "no whole answer within the attempt's {timeout:?}"),
            Self::Deadline(deadline) => write!(f, "no whole answer within the call's {deadline:?}"),
        }
    }
}

impl StdError for TimedOut {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Connect(fault) => Some(fault.as_source()),
            Self::Attempt(_) | Self::Deadline(_) => None,
        }
    }
}

impl Error {
    /// With what was said beside the answer of the last attempt.
    pub(crate) fn with_metadata(mut self, metadata: Option<Metadata>) -> Self {
        self.0.metadata = metadata;
        self
    }

    /// What was said beside the answer of the last attempt: its headers, its request ID and the rate limit. `None` where
    /// the last attempt had no answer.
    #[must_use]
    pub fn metadata(&self) -> Option<&Metadata> {
        self.0.metadata.as_ref()
    }

    /// Whether the answer has this code. For a code of another crate, which [`code`](Self::code) does not know.
    #[must_use]
    pub fn has_code(&self, code: ErrorCode) -> bool {
        self.response().is_some_and(|response| response.has_code(code))
    }

    /// The details of the code `D::CODE`. `None` where the answer has another code, no envelope, no details, or details
    /// that are not those of the code; [`ReceivedError::details_json`](freddy_types::ReceivedError::details_json) still
    /// has the last.
    ///
    /// ```
    /// use freddy_client::{Error, freddy_types::RateLimitDetails};
    ///
    /// fn requests_left(error: &Error) -> Option<u32> {
    ///     Some(error.details::<RateLimitDetails>()?.remaining())
    /// }
    /// ```
    #[must_use]
    pub fn details<D: ErrorDetails>(&self) -> Option<<D as Wire>::Received> {
        self.response()?.envelope()?.error().details::<D>().ok()?
    }
}
