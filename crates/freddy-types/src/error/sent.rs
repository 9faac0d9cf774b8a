//! The error object as a server sends it.

use std::borrow::Cow;
use std::fmt;
use std::sync::LazyLock;

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::endpoint::auth::AuthScheme;
use crate::endpoint::headers;
use crate::error::details::rate_limit;
use crate::error::details::{DetailsFault, SentDetails};
use crate::error::envelope::ErrorEnvelope;
use crate::error::one_line::OneLine;
use crate::error::table::{ErrorCode, ErrorDetails, ErrorType, Failure};
use crate::value::time::Timestamp;
use crate::value::trace_id::TraceId;
use crate::wire::extra::Extra;
use crate::wire::fault::{At, Faults};
use crate::wire::field;
use crate::wire::invalid::InvalidId;

/// An error that a server answers with.
///
/// It is built from a [`Failure`], the request's [`TraceId`] and the time. Status and type follow from the code and
/// are not stored; text comes from the table unless it is replaced.
///
/// ```
/// use freddy_types::{ApiError, ErrorEnvelope, Failure, TraceId};
///
/// let now = "2025-11-13T10:30:00Z".parse::<jiff::Timestamp>()?;
/// let error = ApiError::new(Failure::Forbidden, TraceId::from_bits(7), now);
/// assert_eq!(error.status(), 403);
///
/// let body = serde_json::to_string(&ErrorEnvelope::from(error))?;
/// assert!(body.starts_with(r#"{"success":false,"error":{"code":"FORBIDDEN","#));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It serializes as the error object alone; the body of a response is an [`ErrorEnvelope`] of it, and
/// [`headers`](Self::headers) go with that. It cannot be deserialized: what another server sent is a
/// [`ReceivedError`](crate::ReceivedError), and `TryFrom<ErrorEnvelope>` tells whether it may be passed on as our own.
#[derive(Clone, Debug, PartialEq)]
pub struct ApiError {
    code: ErrorCode,
    message: Cow<'static, str>,
    system_message: Cow<'static, str>,
    details: Option<SentDetails>,
    trace_id: TraceId,
    /// In whole seconds: what a server sends is never [`Timestamp`] as parsed.
    timestamp: Timestamp,
}

impl ApiError {
    /// An error with the documented text.
    ///
    /// `now` is the time of the failure; the fraction of its second is dropped.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "what failed is used up")]
    pub fn new(failure: Failure, trace_id: TraceId, now: jiff::Timestamp) -> Self {
        let code = failure.code();
        let timestamp = Timestamp::from(now);
        Self {
            code,
            message: code.message().into(),
            system_message: code.system_message().into(),
            details: failure.details_at(&timestamp),
            trace_id,
            timestamp,
        }
    }

    /// The error with this code as the documentation shows it, down to the trace ID and the time.
    #[must_use]
    pub fn example(code: ErrorCode) -> Self {
        Self::new(Failure::example(code), TraceId::from_table(code.example_trace_id()), rate_limit::EXAMPLE_TIME)
    }

    /// Replaces the `message`: text for a user's eyes.
    #[must_use]
    pub fn with_message(self, message: impl Into<Cow<'static, str>>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// Replaces the `system_message`: text for developers, and still public.
    ///
    /// It takes only text that stands in the program, so that the `Display` of a database error cannot leak
    /// through it. Causes belong in the log, under the trace ID.
    #[must_use]
    pub fn with_system_message(self, system_message: &'static str) -> Self {
        Self { system_message: system_message.into(), ..self }
    }

    /// Adds to the `system_message` what is wrong with a request: `Validation failed: query.limit: is not …`.
    ///
    /// [`Faults`] are made of static texts, names and numbers, so no value that came in is told.
    #[must_use]
    pub fn with_faults(self, faults: &Faults) -> Self {
        let system_message = format!("{}: {faults}", self.system_message);
        Self { system_message: system_message.into(), ..self }
    }

    /// The code.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// The HTTP status of the response and of the body: that of the code.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.code.status()
    }

    /// The type: that of the code.
    #[must_use]
    pub fn error_type(&self) -> ErrorType {
        self.code.error_type()
    }

    /// What to tell a user.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to tell a developer.
    #[must_use]
    pub fn system_message(&self) -> &str {
        &self.system_message
    }

    /// The details of the code `D::CODE`, or `None` where the error has another code.
    #[must_use]
    pub fn details<D: ErrorDetails>(&self) -> Option<D> {
        let details = self.details.as_ref().filter(|_| self.code == D::CODE)?;
        // What was encoded as details of this code is read as such.
        D::read(&details.tree, &At::root(field::DETAILS), &mut Faults::default())
    }

    /// The details of whatever code, as the JSON text of an object.
    #[must_use]
    pub fn details_json(&self) -> Option<String> {
        self.details.as_ref().map(|details| details.tree.to_string())
    }

    /// The identifier of the request.
    #[must_use]
    pub fn trace_id(&self) -> &TraceId {
        &self.trace_id
    }

    /// The time of the failure, in whole seconds.
    #[must_use]
    pub fn timestamp(&self) -> &Timestamp {
        &self.timestamp
    }

    /// The headers that the contract gives a response with this error, as names and values, all of them visible ASCII.
    ///
    /// `Content-Type` and `X-Request-Id` on every one; with a rate limit also `Retry-After` in seconds, which is the
    /// body's `retry_after`, and the `X-RateLimit-*` headers, the reset as Unix seconds. Without one, `Retry-After` is
    /// the code's own [`retry_after`](ErrorCode::retry_after). A 401 has `WWW-Authenticate` with the challenge of each
    /// [`AuthScheme`].
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, Cow<'_, str>)> {
        let always =
            [(headers::CONTENT_TYPE, headers::JSON.into()), (headers::X_REQUEST_ID, self.trace_id.as_str().into())];
        let challenges =
            (self.status() == UNAUTHORIZED).then(|| (headers::WWW_AUTHENTICATE, CHALLENGES.as_str().into()));
        let wait = self.code.retry_after().map(|seconds| (headers::RETRY_AFTER, seconds.to_string()));
        let of_details = self.details.iter().flat_map(|details| &details.headers);
        let of_details = of_details.map(|(name, value)| (*name, Cow::from(value.as_str())));
        always.into_iter().chain(challenges).chain(wait.map(|(name, value)| (name, value.into()))).chain(of_details)
    }
}

/// The status whose responses challenge.
const UNAUTHORIZED: u16 = 401;

static CHALLENGES: LazyLock<String> =
    LazyLock::new(|| AuthScheme::ALL.iter().map(|scheme| scheme.challenge()).collect::<Vec<_>>().join(", "));

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status(), self.code, OneLine(&self.message))
    }
}

impl std::error::Error for ApiError {}

impl Serialize for ApiError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_struct("ApiError", 7 + usize::from(self.details.is_some()))?;
        object.serialize_field(field::CODE, &self.code)?;
        object.serialize_field(field::MESSAGE, &self.message)?;
        object.serialize_field(field::SYSTEM_MESSAGE, &self.system_message)?;
        object.serialize_field(field::TYPE, &self.error_type())?;
        object.serialize_field(field::STATUS, &self.status())?;
        match &self.details {
            Some(details) => object.serialize_field(field::DETAILS, &details.tree)?,
            None => object.skip_field(field::DETAILS)?,
        }
        object.serialize_field(field::TRACE_ID, &self.trace_id)?;
        object.serialize_field(field::TIMESTAMP, &self.timestamp)?;
        object.end()
    }
}

impl From<ApiError> for ErrorEnvelope<ApiError> {
    fn from(error: ApiError) -> Self {
        Self { error, unknown: Extra::default() }
    }
}

impl TryFrom<ErrorEnvelope> for ApiError {
    type Error = ContractViolation;

    /// What was received, if it is something that a server of this contract could have built.
    ///
    /// # Errors
    /// The first thing, in the order of the fields, that [`ApiError::new`] cannot produce.
    fn try_from(envelope: ErrorEnvelope) -> Result<Self, ContractViolation> {
        let violation = |pointer, rule| Err(ContractViolation { pointer, rule });
        if !envelope.unknown.is_empty() {
            return violation("", Rule::NoOtherField);
        }
        let error = envelope.error;
        if !error.unknown().is_empty() {
            return violation("/error", Rule::NoOtherField);
        }
        let Some(code) = error.code() else {
            return violation("/error/code", Rule::KnownCode);
        };
        if error.error_type() != Some(code.error_type()) {
            return violation("/error/type", Rule::TypeOf(code));
        }
        if error.status() != code.status() {
            return violation("/error/status", Rule::StatusOf(code));
        }
        let trace_id = TraceId::try_from(error.trace_id)
            .map_err(|invalid| ContractViolation { pointer: "/error/trace_id", rule: Rule::TraceId(invalid) })?;
        if !error.timestamp.is_sendable() {
            return violation("/error/timestamp", Rule::WholeSecond);
        }
        let details = match (code.details(), error.details) {
            (Some(row), Some(details)) => match (row.read)(&details.0, &error.timestamp) {
                Ok(details) => Some(details),
                Err(DetailsFault::Form) => return violation("/error/details", Rule::DetailsOf(code)),
                Err(DetailsFault::Rule { pointer, rule }) => return violation(pointer, Rule::BeyondSchema(rule)),
            },
            (Some(_), None) => return violation("/error", Rule::DetailsOf(code)),
            (None, Some(_)) => return violation("/error/details", Rule::NoDetailsOf(code)),
            (None, None) => None,
        };
        Ok(Self {
            code,
            message: error.message.into(),
            system_message: error.system_message.into(),
            details,
            trace_id,
            timestamp: error.timestamp,
        })
    }
}

/// A received envelope is not one that a server of this contract sends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContractViolation {
    pointer: &'static str,
    rule: Rule,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Rule {
    NoOtherField,
    KnownCode,
    TypeOf(ErrorCode),
    StatusOf(ErrorCode),
    TraceId(InvalidId),
    WholeSecond,
    DetailsOf(ErrorCode),
    NoDetailsOf(ErrorCode),
    BeyondSchema(&'static str),
}

impl ContractViolation {
    /// Where, as a JSON pointer into the body.
    #[must_use]
    pub fn pointer(&self) -> &str {
        self.pointer
    }

    /// Whether it is a rule of a code's details that no JSON Schema can state, such as that `reset_at` is `timestamp` plus
    /// `retry_after` seconds.
    #[must_use]
    pub fn is_beyond_schema(&self) -> bool {
        matches!(self.rule, Rule::BeyondSchema(_))
    }
}

impl fmt::Display for ContractViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.rule {
            Rule::NoOtherField => f.write_str("has a field outside the contract"),
            Rule::KnownCode => f.write_str("is not a code of the contract's table"),
            Rule::TypeOf(code) => write!(f, "is not `{}`, the type of {code}", code.error_type()),
            Rule::StatusOf(code) => write!(f, "is not {}, the status of {code}", code.status()),
            Rule::TraceId(invalid) => invalid.fmt(f),
            Rule::WholeSecond => f.write_str("is not in whole seconds of UTC, such as `2025-11-13T10:30:00Z`"),
            Rule::DetailsOf(code) => write!(f, "does not have exactly the details that {code} documents"),
            Rule::NoDetailsOf(code) => write!(f, "stands where {code} has no details"),
            Rule::BeyondSchema(rule) => f.write_str(rule),
        }
    }
}

impl std::error::Error for ContractViolation {}
