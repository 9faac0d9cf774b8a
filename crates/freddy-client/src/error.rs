//! Why a call failed.

use std::error::Error as StdError;
use std::fmt;
use std::time::{Duration, SystemTime};

use freddy_types::{ErrorCode, ErrorDetails, ErrorResponse, UnexpectedBody, Wire};

use crate::metadata::Metadata;

/// A call that did not succeed, and everything that is known about the reason.
///
/// The methods work for every kind of error, so there is no need to match on the kind. It is one word in size and never
/// shows the credential.
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
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    operation: &'static str,
    is_idempotent: bool,
    attempts: u32,
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
    Transport(reqwest::Error),
    /// No head of an answer in time.
    Timeout(TimedOut),
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
    Transport(reqwest::Error),
    Timeout(TimedOut),
    TooLong { limit: usize },
}

/// Which timeout has passed.
#[derive(Debug)]
pub(crate) enum TimedOut {
    Connect(reqwest::Error),
    Attempt(Duration),
    Deadline(Duration),
}

impl Error {
    pub(crate) fn new(operation: &'static str, is_idempotent: bool, attempts: u32, cause: Cause) -> Self {
        Self(Box::new(Inner { operation, is_idempotent, attempts, cause, metadata: None }))
    }

    /// What kind of thing went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        match &self.0.cause {
            Cause::Response { .. } => ErrorKind::Response,
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
    /// arrive completely.
    #[must_use]
    pub fn response(&self) -> Option<&ErrorResponse> {
        match &self.0.cause {
            Cause::Response { response, .. }
            | Cause::UnexpectedStatus { response, .. }
            | Cause::UnexpectedBody { response, .. }
            | Cause::BrokenBody { response, .. } => Some(response),
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

    /// The identifier to give to support, where the answer has one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.response()?.request_id()
    }

    /// How long the server asks to wait, on a 429 or 503.
    ///
    /// It is [`ErrorResponse::retry_after`]. If the server gave a date and no time to count it from, this machine's clock is
    /// used, so the result shrinks as time passes.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        let response = self.response()?;
        let by_our_clock = || {
            let date = SystemTime::try_from(response.retry_at()?).ok()?;
            // A date in the past asks for no wait.
            Some(date.duration_since(SystemTime::now()).unwrap_or_default())
        };
        response.retry_after().or_else(by_our_clock)
    }

    /// Whether the same request may be sent again and may then succeed: it is idempotent, and it failed on a transport
    /// fault, a timeout, or a status of 408, 429 or 5xx. The client has done so already, as far as its
    /// [`RetryPolicy`](crate::RetryPolicy) and deadline allow.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.is_idempotent
            && match self.kind() {
                ErrorKind::Response => self.response().is_some_and(ErrorResponse::is_retryable),
                ErrorKind::Transport | ErrorKind::Timeout => true,
                ErrorKind::UnexpectedSuccess | ErrorKind::Request | ErrorKind::Credential => false,
            }
    }

    /// How many times the request was sent. The error is that of the last attempt.
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
        write!(f, ": {}", self.0.cause)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match &self.0.cause {
            Cause::Response { cut_by, .. } => cut_by.as_ref().and_then(BodyFault::as_source),
            Cause::UnexpectedBody { problem, .. } => Some(problem),
            Cause::BrokenBody { fault, .. } => fault.as_source(),
            Cause::Transport(error) | Cause::Timeout(TimedOut::Connect(error)) => Some(error),
            Cause::Credential(error) => Some(&**error),
            Cause::UnexpectedStatus { .. } | Cause::Timeout(_) | Cause::BrokenList(_) | Cause::Request(_) => None,
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
            Self::Transport(error) if error.is_connect() => f.write_str("no connection"),
            Self::Transport(_) => f.write_str("the connection broke before the answer"),
            Self::Timeout(timeout) => timeout.fmt(f),
            Self::Credential(_) => f.write_str("there is no credential to send"),
            Self::BrokenList(problem) | Self::Request(problem) => f.write_str(problem),
        }
    }
}

impl BodyFault {
    fn as_source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Transport(error) => Some(error),
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
            Self::Connect(error) => Some(error),
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
