//! `schemars::JsonSchema` for every wire type (feature `schemars`): the one source of schemas.
//!
//! There are two contracts. The schemas of what is received ([`ErrorEnvelope`], [`ReceivedError`], [`ReceivedRateLimitDetails`])
//! are open: they accept exactly what decodes. The schemas of what is sent (`ErrorEnvelope<ApiError>`, [`ApiError`]) are
//! strict: they accept exactly what a server can build, but for one rule that JSON Schema cannot state, that
//! `reset_at` is `timestamp` plus `retry_after`. Formats have to be asserted, not only noted.
//!
//! The open form is the one that generated clients in ten languages were found to work with: no closed enum, no union,
//! no `const` where a server may one day say more.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use crate::error::details::rate_limit::{RateLimitDetails, ReceivedRateLimitDetails};
use crate::error::envelope::ErrorEnvelope;
use crate::error::received::{MAX_STATUS, MIN_STATUS, ReceivedError};
use crate::error::sent::ApiError;
use crate::error::table::{ErrorCode, ErrorType};
use crate::value::connector_id::ConnectorId;
use crate::value::time::Timestamp;
use crate::value::trace_id::TraceId;
use crate::wire::field;
use crate::wire::open::StringEnum;
use crate::wire::read::Wire;
use crate::wire::schema::{Definitions, Form, open_names};
use crate::wire::shape::{ObjectShape, Shape};

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

fn names<T: StringEnum>(known: &[T]) -> Vec<&'static str> {
    known.iter().map(|known| known.as_str()).collect()
}

fn closed_names<T: StringEnum>(what: &str) -> Schema {
    json_schema!({ "type": "string", "description": what, "enum": names(T::ALL) })
}

/// The schema of a received `code` in a document that documents these: where there is an
/// [`ExtensionCode`](crate::ExtensionCode) among them, [`ReceivedError`]'s own does not know it.
#[must_use]
pub fn received_code(known: &[ErrorCode]) -> Value {
    open_names(text::CODE, ADVICE, &names(known))
}

/// How a client decides by a name that it does not know.
const ADVICE: &str = "More may be added: treat an unknown one by the HTTP status.";

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
        let details = details_by_code(ErrorCode::ALL, generator);
        json_schema!({
            "type": "object",
            "description": text::ERROR,
            "properties": {
                field::CODE: received_code(ErrorCode::ALL),
                field::MESSAGE: { "type": "string", "description": text::MESSAGE },
                field::SYSTEM_MESSAGE: { "type": "string", "description": text::SYSTEM_MESSAGE },
                field::TYPE: open_names(text::TYPE, ADVICE, &names(ErrorType::ALL)),
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
                    "x-details-by-code": details,
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
    let (details, required) = match code.details_type() {
        Some(details) => (sent_details(&details.shape()), vec![field::DETAILS]),
        None => (Value::Bool(false), vec![]),
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

/// The schema of the details that a server sends. All of it stands there, since a condition has no components.
fn sent_details(shape: &Shape) -> Value {
    let mut definitions = Definitions::new(DEFINITIONS);
    let mut schema = match shape {
        Shape::Object(object) => {
            // `details` has a description of its own.
            ObjectShape { description: "".into(), ..object.clone() }.schema(Form::Strict, &mut definitions)
        }
        other => other.schema(Form::Strict, &mut definitions),
    };
    if let Some(keywords) = schema.as_object_mut() {
        match definitions.into_schemas() {
            Ok(schemas) if !schemas.is_empty() => {
                keywords.insert("$defs".to_owned(), schemas.into());
            }
            _ => {}
        }
    }
    schema
}

/// The component of each code's details, by the code's name.
pub(crate) fn details_by_code(codes: &[ErrorCode], generator: &mut SchemaGenerator) -> Value {
    let with_details = codes.iter().filter_map(|code| Some((*code, code.details_type()?)));
    let references = with_details.map(|(code, details)| {
        let reference = subschema(&details.shape(), Form::Open, generator);
        (code.as_str().to_owned(), reference.get("$ref").cloned().unwrap_or_default())
    });
    Value::Object(references.collect())
}

/// Where schemars keeps what schemas refer to, unless it was told another place.
const DEFINITIONS: &str = "#/$defs/";

/// A shape's schema among those of schemars.
pub(crate) fn subschema(shape: &Shape, form: Form, generator: &mut SchemaGenerator) -> Value {
    // The places that this crate and its users know.
    let path = match &*generator.settings().definitions_path {
        "/components/schemas" => "#/components/schemas/",
        _ => DEFINITIONS,
    };
    let mut definitions = Definitions::new(path);
    let schema = shape.schema(form, &mut definitions);
    // A clash of names within one shape is found by the spec, which knows all of them.
    if let Ok(schemas) = definitions.into_schemas() {
        generator.definitions_mut().extend(schemas);
    }
    schema
}

/// `JsonSchema` for a wire type, made from its shape.
macro_rules! of_shape {
    ($($Type:ty: $Shape:ty, $form:ident, $name:literal;)+) => {$(
        impl JsonSchema for $Type {
            named!($name);

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                let schema = match <$Shape as Wire>::shape() {
                    Shape::Object(object) => {
                        let mut definitions = Definitions::new(DEFINITIONS);
                        let schema = object.schema(Form::$form, &mut definitions);
                        generator.definitions_mut().extend(definitions.into_schemas().unwrap_or_default());
                        schema
                    }
                    Shape::Text(text) => text.schema(&text.description, Form::$form),
                    shape => subschema(&shape, Form::$form, generator),
                };
                Schema::try_from(schema).unwrap_or_default()
            }
        }
    )+};
}

of_shape! {
    ReceivedRateLimitDetails: RateLimitDetails, Open, "RateLimitDetails";
    RateLimitDetails: RateLimitDetails, Strict, "SentRateLimitDetails";
    ConnectorId: ConnectorId, Open, "ConnectorId";
    TraceId: TraceId, Open, "TraceId";
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
