//! `schemars::JsonSchema` for every wire type (feature `schemars`): the one source of schemas.
//!
//! There are two contracts. The schemas of what is received ([`ErrorEnvelope`], [`ReceivedError`], [`RateLimitDetails`])
//! are open: they accept exactly what decodes. The schemas of what is sent (`ErrorEnvelope<ApiError>`, [`ApiError`]) are
//! strict: they accept exactly what a server can build, but for one rule that JSON Schema cannot state, that
//! `reset_at` is `timestamp` plus `retry_after`. Formats have to be asserted, not only noted.
//!
//! The open form is the one that generated clients in ten languages were found to work with: no closed enum, no union,
//! no `const` where a server may one day say more.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::api_error::ApiError;
use crate::code::{ErrorCode, ErrorType};
use crate::connector_id::ConnectorId;
use crate::endpoint::PathParameter;
use crate::envelope::ErrorEnvelope;
use crate::rate_limit::{self, MAX_COUNT, RateLimitDetails};
use crate::received::{ErrorDetails, MAX_STATUS, MIN_STATUS, ReceivedError};
use crate::time::Timestamp;
use crate::trace_id::TraceId;
use crate::wire::{Vocabulary, field};

const TRACE_ID: &str = "The identifier of the request in the server's log. Opaque.";

macro_rules! named {
    ($name:literal) => {
        fn schema_name() -> Cow<'static, str> {
            $name.into()
        }

        fn schema_id() -> Cow<'static, str> {
            concat!("freddy_types::", $name).into()
        }
    };
}

fn names<T: Vocabulary>(known: &[T]) -> Vec<&'static str> {
    known.iter().map(|known| known.as_str()).collect()
}

/// A string from an open set. `x-extensible-enum` is how tools are told of one; the description tells people.
fn open_names<T: Vocabulary>(what: &str, known: &[T]) -> Value {
    let names = names(known);
    let list = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    json!({
        "type": "string",
        "description": format!("{what} Known values: {list}. More may be added: treat an unknown one by the HTTP status."),
        "examples": names,
        "x-extensible-enum": names,
    })
}

fn closed_names<T: Vocabulary>(what: &str) -> Schema {
    json_schema!({ "type": "string", "description": what, "enum": names(T::ALL) })
}

/// The schema of a received `code` in a document that documents these: where there is an
/// [`ExtensionCode`](crate::ExtensionCode) among them, [`ReceivedError`]'s own does not know it.
#[must_use]
pub fn received_code(known: &[ErrorCode]) -> Value {
    open_names(text::CODE, known)
}

const TIMESTAMP_EXAMPLE: &str = "2025-11-13T10:30:00Z";

fn date_time(what: &str) -> Value {
    json!({ "type": "string", "format": "date-time", "description": what, "examples": [TIMESTAMP_EXAMPLE] })
}

fn sent_date_time(what: &str) -> Value {
    json!({
        "type": "string",
        "format": "date-time",
        "pattern": Timestamp::SENT_PATTERN,
        "description": what,
        "examples": [TIMESTAMP_EXAMPLE],
    })
}

/// The required fields of the error object: the same for ever.
const ERROR_FIELDS: [&str; 7] =
    [field::CODE, field::MESSAGE, field::SYSTEM_MESSAGE, field::TYPE, field::STATUS, field::TRACE_ID, field::TIMESTAMP];

mod text {
    pub(super) const ENVELOPE: &str = "The body of every error response.";
    pub(super) const SUCCESS: &str = "Always `false`.";
    pub(super) const ERROR: &str = "What went wrong.";
    pub(super) const CODE: &str = "What went wrong, for a program to decide by.";
    pub(super) const MESSAGE: &str = "What to tell a user. The wording may change: never compare it.";
    pub(super) const SYSTEM_MESSAGE: &str = "What to tell a developer. The wording may change: never compare it.";
    pub(super) const TYPE: &str = "The family that the code belongs to.";
    pub(super) const STATUS: &str = "The HTTP status of the response.";
    pub(super) const DETAILS: &str =
        "What else there is to say. Its fields depend on `code`; left out where there is nothing.";
    pub(super) const TIMESTAMP: &str = "When the error happened, by the server's clock.";
    pub(super) const RESET_AT: &str = "When the window ends.";
}

impl JsonSchema for ErrorEnvelope {
    named!("ErrorEnvelope");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let error = generator.subschema_for::<ReceivedError>();
        json_schema!({
            "type": "object",
            "description": text::ENVELOPE,
            "properties": {
                // `const: false` and `enum: [false]` break generated clients; this says the same.
                field::SUCCESS: { "type": "boolean", "description": text::SUCCESS, "not": { "enum": [true] } },
                field::ERROR: error,
            },
            "required": [field::SUCCESS, field::ERROR],
            "additionalProperties": true,
        })
    }
}

impl JsonSchema for ReceivedError {
    named!("ApiError");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let rate_limit = generator.subschema_for::<RateLimitDetails>();
        let rate_limit = rate_limit.get("$ref").cloned();
        json_schema!({
            "type": "object",
            "description": text::ERROR,
            "properties": {
                field::CODE: received_code(ErrorCode::ALL),
                field::MESSAGE: { "type": "string", "description": text::MESSAGE },
                field::SYSTEM_MESSAGE: { "type": "string", "description": text::SYSTEM_MESSAGE },
                field::TYPE: open_names(text::TYPE, ErrorType::ALL),
                field::STATUS: {
                    "type": "integer",
                    "format": "int32",
                    "minimum": MIN_STATUS,
                    "maximum": MAX_STATUS,
                    "description": text::STATUS,
                },
                field::DETAILS: {
                    "type": "object",
                    "description": text::DETAILS,
                    "additionalProperties": true,
                    "x-details-by-code": { RateLimitDetails::CODE.as_str(): rate_limit },
                },
                field::TRACE_ID: { "type": "string", "description": TRACE_ID },
                field::TIMESTAMP: date_time(text::TIMESTAMP),
            },
            "required": ERROR_FIELDS,
            "additionalProperties": true,
        })
    }
}

impl JsonSchema for ErrorEnvelope<ApiError> {
    named!("SentErrorEnvelope");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let error = generator.subschema_for::<ApiError>();
        json_schema!({
            "type": "object",
            "description": text::ENVELOPE,
            "properties": {
                field::SUCCESS: { "const": false, "description": text::SUCCESS },
                field::ERROR: error,
            },
            "required": [field::SUCCESS, field::ERROR],
            "additionalProperties": false,
        })
    }
}

impl JsonSchema for ApiError {
    named!("SentApiError");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let trace_id = generator.subschema_for::<TraceId>();
        let code = generator.subschema_for::<ErrorCode>();
        let error_type = generator.subschema_for::<ErrorType>();
        let by_code: Vec<Value> = ErrorCode::ALL.iter().map(|code| sent_with(*code)).collect();
        json_schema!({
            "type": "object",
            "description": text::ERROR,
            "properties": {
                field::CODE: code,
                field::MESSAGE: { "type": "string", "description": text::MESSAGE },
                field::SYSTEM_MESSAGE: { "type": "string", "description": text::SYSTEM_MESSAGE },
                field::TYPE: error_type,
                field::STATUS: { "type": "integer", "description": text::STATUS },
                field::DETAILS: { "type": "object", "description": text::DETAILS },
                field::TRACE_ID: trace_id,
                field::TIMESTAMP: sent_date_time(text::TIMESTAMP),
            },
            "required": ERROR_FIELDS,
            "additionalProperties": false,
            "allOf": by_code,
        })
    }
}

/// What a code fixes of an error that is sent: status, type, and the details that it must or must not have. One of the
/// schemas in the `allOf` of [`ApiError`].
#[must_use]
pub fn sent_with(code: ErrorCode) -> Value {
    let (details, required) = if code == RateLimitDetails::CODE {
        (sent_rate_limit_details(), vec![field::DETAILS])
    } else {
        (Value::Bool(false), vec![])
    };
    json!({
        "if": { "properties": { field::CODE: { "const": code.as_str() } }, "required": [field::CODE] },
        "then": {
            "properties": {
                field::TYPE: { "const": code.error_type().as_str() },
                field::STATUS: { "const": code.status() },
                field::DETAILS: details,
            },
            "required": required,
        },
    })
}

fn count(what: &str) -> Value {
    json!({ "type": "integer", "format": "int32", "minimum": 0, "maximum": MAX_COUNT, "description": what })
}

fn rate_limit_properties(reset_at: &Value) -> Value {
    json!({
        field::RETRY_AFTER: count("Seconds to wait before the next request."),
        field::LIMIT: count("Requests allowed in a window."),
        field::REMAINING: count("Requests left in this window."),
        field::RESET_AT: reset_at,
    })
}

fn sent_rate_limit_details() -> Value {
    json!({
        "type": "object",
        "properties": rate_limit_properties(&sent_date_time(text::RESET_AT)),
        "required": rate_limit::FIELDS,
        "additionalProperties": false,
    })
}

impl JsonSchema for RateLimitDetails {
    named!("RateLimitDetails");

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "description": format!("The `details` of `{}`.", Self::CODE),
            "properties": rate_limit_properties(&date_time(text::RESET_AT)),
            "required": rate_limit::FIELDS,
            "additionalProperties": true,
        })
    }
}

impl JsonSchema for ErrorCode {
    named!("ErrorCode");

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        closed_names::<Self>(text::CODE)
    }
}

impl JsonSchema for ErrorType {
    named!("ErrorType");

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        closed_names::<Self>(text::TYPE)
    }
}

impl JsonSchema for ConnectorId {
    named!("ConnectorId");

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "The identifier of a personal connector.",
            "pattern": Self::PATTERN,
            "examples": [<Self as PathParameter>::EXAMPLE],
        })
    }
}

impl JsonSchema for TraceId {
    named!("TraceId");

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": TRACE_ID, "pattern": Self::PATTERN, "examples": ["req_abc123"] })
    }
}

impl JsonSchema for Timestamp {
    named!("Timestamp");

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "date-time",
            "description": "An instant.",
            "examples": [TIMESTAMP_EXAMPLE],
        })
    }
}
