//! What a client knows of a call that is over: what a case expects, and what a client tells.

use freddy_types::{ApiError, ErrorCode, ErrorResponse, Timestamp};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The answer was the documented success.
    Success,
    /// There was an answer, and it was not the documented success.
    Failure,
    /// There was no answer, or none in time.
    NoAnswer,
    /// The client did not send the request, because a value in it cannot be right.
    Refused,
}

/// What is known of a call. A field that is `null` says that there is none; one that is missing says nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Told {
    /// How the call ended.
    pub outcome: Outcome,
    /// The HTTP status, as the status line has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The code, as it came.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub code: Option<Option<String>>,
    /// The type, as it came.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub error_type: Option<Option<String>>,
    /// What to tell a user.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub message: Option<Option<String>>,
    /// The details, as JSON.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub details: Option<Value>,
    /// When it happened. Any text for the same instant will do.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub timestamp: Option<Option<String>>,
    /// The identifier to give to support: the header's, else the body's.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub request_id: Option<Option<String>>,
    /// Whether the same request may succeed later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retryable: Option<bool>,
    /// The seconds that the server asks to wait, rounded up.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "given")]
    pub wait: Option<Option<u64>>,
}

/// A field that is there, whatever its value.
fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// A field in which a client told something else than what a case expects.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The name of the field.
    pub field: String,
    /// What the case expects, as JSON.
    pub expected: Value,
    /// What the client told, `null` where it told nothing.
    pub told: Value,
}

impl Told {
    pub(crate) fn new(outcome: Outcome) -> Self {
        Self {
            outcome,
            status: None,
            code: None,
            error_type: None,
            message: None,
            details: None,
            timestamp: None,
            request_id: None,
            retryable: None,
            wait: None,
        }
    }

    pub(crate) fn success(status: u16) -> Self {
        Self { status: Some(status), ..Self::new(Outcome::Success) }
    }

    /// A failure of which nothing but the status is known, and what follows from it.
    pub(crate) fn failure(status: u16) -> Self {
        let retryable = ErrorResponse::decode(status, &(), b"").is_retryable();
        Self { status: Some(status), retryable: Some(retryable), ..Self::new(Outcome::Failure) }
    }

    /// All of the documented answer of a code.
    pub(crate) fn documented(code: ErrorCode) -> Self {
        let error = ApiError::example(code);
        let details = error.details_json().and_then(|details| serde_json::from_str(&details).ok());
        Self::failure(code.status())
            .code(Some(code.as_str()))
            .error_type(Some(code.error_type().as_str()))
            .message(Some(error.message()))
            .details(details.unwrap_or_default())
            .request_id(Some(error.trace_id().as_str()))
    }

    pub(crate) fn code(self, code: Option<&str>) -> Self {
        Self { code: Some(code.map(str::to_owned)), ..self }
    }

    pub(crate) fn error_type(self, error_type: Option<&str>) -> Self {
        Self { error_type: Some(error_type.map(str::to_owned)), ..self }
    }

    pub(crate) fn message(self, message: Option<&str>) -> Self {
        Self { message: Some(message.map(str::to_owned)), ..self }
    }

    pub(crate) fn details(self, details: Value) -> Self {
        Self { details: Some(details), ..self }
    }

    pub(crate) fn timestamp(self, timestamp: &str) -> Self {
        Self { timestamp: Some(Some(timestamp.to_owned())), ..self }
    }

    pub(crate) fn request_id(self, id: Option<&str>) -> Self {
        Self { request_id: Some(id.map(str::to_owned)), ..self }
    }

    pub(crate) fn wait(self, seconds: Option<u64>) -> Self {
        Self { wait: Some(seconds), ..self }
    }

    /// Where what a client told is not what is expected here.
    #[must_use]
    pub fn differences(&self, told: &Self) -> Vec<Difference> {
        let (expected, told) = (self.fields(), told.fields());
        let none = Value::Null;
        let mut differences = Vec::new();
        for (field, expected) in expected {
            let told = told.get(&field);
            if told.is_none() && is_left_to_the_client(&field) {
                continue;
            }
            let told = told.unwrap_or(&none);
            let same = match (&*field, &expected, told) {
                ("timestamp", Value::String(expected), Value::String(told)) => is_same_instant(expected, told),
                _ => is_same(&expected, told),
            };
            if !same {
                differences.push(Difference { field, expected, told: told.clone() });
            }
        }
        differences
    }

    /// The fields of the case that the client does not offer, and which it need not.
    #[must_use]
    pub fn untold(&self, told: &Self) -> Vec<String> {
        let told = told.fields();
        let fields = self.fields().into_iter().map(|(field, _)| field);
        fields.filter(|field| is_left_to_the_client(field) && !told.contains_key(field)).collect()
    }

    fn fields(&self) -> serde_json::Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => fields,
            _ => serde_json::Map::new(),
        }
    }
}

/// What follows from the rest, so that a client that does not say it has lost nothing.
fn is_left_to_the_client(field: &str) -> bool {
    matches!(field, "retryable" | "wait" | "timestamp")
}

fn is_same_instant(one: &str, other: &str) -> bool {
    match (one.parse::<Timestamp>(), other.parse::<Timestamp>()) {
        (Ok(one), Ok(other)) => one.instant() == other.instant(),
        _ => one == other,
    }
}

/// Whether two values are the same JSON: `60` and `60.0` are, and so are fields in another order.
fn is_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one == other || one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| is_same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| is_same(value, other)))
        }
        _ => one == other,
    }
}
