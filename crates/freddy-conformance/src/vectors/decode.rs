//! Answers of servers, and what a client has to know of each.

mod additions;
mod damage;
mod documented;
mod hostile;
mod servers;
mod told;
mod waits;

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ApiError, Endpoint, ErrorCode, ErrorEnvelope, SuccessResponse, headers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
pub use told::{Difference, Outcome, Told};

use super::bytes::{Bytes, latin1};
use super::{Case, Level, grouped};

/// An answer, and what a client has to know of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DecodeCase {
    /// Its name, why, and how much it matters.
    #[serde(flatten)]
    pub case: Case,
    /// What the server answers.
    pub answer: Answer,
    /// What the client has to know. What is not in it is not judged.
    pub expected: Told,
}

/// An answer of a server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Names and values of the headers, in their order. A name may stand there more than once. Each character of a value is a
    /// byte of it, as ISO 8859-1 has them.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    pub(crate) fn new(status: u16, body: Bytes) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    pub(crate) fn json(status: u16, body: impl AsRef<[u8]>) -> Self {
        Self::new(status, Bytes::new(body)).header(headers::CONTENT_TYPE, headers::JSON)
    }

    /// The documented answer of a code, byte for byte.
    pub(crate) fn documented(code: ErrorCode) -> Self {
        let named = |(name, value): (&str, std::borrow::Cow<'_, str>)| (name.to_owned(), value.into_owned());
        let headers = ApiError::example(code).headers().map(named).collect();
        let answer = Self { status: code.status(), headers, body: Bytes::new(documented(code)) };
        if answer.headers.iter().any(|(name, _)| name == headers::CONTENT_TYPE) {
            answer
        } else {
            answer.header(headers::CONTENT_TYPE, headers::JSON)
        }
    }

    /// The documented success.
    pub(crate) fn success() -> Self {
        type Success = <DisconnectConnector as Endpoint>::Response;
        Self::new(Success::STATUS, Bytes::default()).header(headers::X_REQUEST_ID, Self::SUCCESS_ID)
    }

    /// The ID of the request in the documented success.
    pub(crate) const SUCCESS_ID: &str = "req_done";

    /// Names and values of the headers, as bytes.
    pub fn header_bytes(&self) -> impl Iterator<Item = (&str, Vec<u8>)> {
        self.headers.iter().map(|(name, value)| (&**name, latin1(value)))
    }

    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }
}

/// All of them.
#[must_use]
pub fn cases() -> Vec<DecodeCase> {
    let groups = [
        ("documented", documented::cases()),
        ("additions", additions::cases()),
        ("servers", servers::cases()),
        ("waits", waits::cases()),
        ("damage", damage::cases()),
        ("hostile", hostile::cases()),
    ];
    grouped(groups, |one| &mut one.case)
}

fn case(level: Level, name: impl Into<String>, why: &str, answer: Answer, expected: Told) -> DecodeCase {
    DecodeCase { case: Case::new(level, name, why), answer, expected }
}

/// The documented body of a code, as the page lays it out.
fn documented(code: ErrorCode) -> String {
    serde_json::to_string_pretty(&ErrorEnvelope::from(ApiError::example(code))).unwrap_or_default() + "\n"
}

/// The body of a code on one line, with one field of the error set to some text of JSON.
fn envelope_with(code: ErrorCode, name: &str, value: &str) -> String {
    const PLACE: &str = "the place of the value";
    let mut body = serde_json::to_value(ErrorEnvelope::from(ApiError::example(code))).unwrap_or_default();
    if let Some(error) = body.get_mut("error").and_then(Value::as_object_mut) {
        error.insert(name.to_owned(), PLACE.into());
    }
    body.to_string().replacen(&format!("\"{PLACE}\""), value, 1)
}

/// The documented 403 with one field of the error set.
fn forbidden_with(name: &str, value: &str) -> String {
    envelope_with(ErrorCode::Forbidden, name, value)
}

/// The documented 403 on one line.
fn forbidden() -> String {
    serde_json::to_string(&ErrorEnvelope::from(ApiError::example(ErrorCode::Forbidden))).unwrap_or_default()
}
