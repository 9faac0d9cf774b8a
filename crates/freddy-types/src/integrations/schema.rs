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
use crate::error::received::ReceivedError;
use crate::error::sent::ApiError;
use crate::error::table::{ErrorCode, ErrorType};
use crate::value::connector_id::ConnectorId;
use crate::value::time::{Timestamp, WholeSecond};
use crate::value::trace_id::TraceId;
use crate::wire::field;
use crate::wire::read::Wire;
use crate::wire::schema::{Definitions, Form};
use crate::wire::shape::{EnumShape, ObjectShape, Shape};

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

/// The schema of a received `code` in a document that documents these: where there is an
/// [`ExtensionCode`](crate::ExtensionCode) among them, [`ReceivedError`]'s own does not know it.
#[must_use]
pub fn received_code(known: &[ErrorCode]) -> Value {
    let values = known.iter().map(|code| (code.as_str(), "".into())).collect();
    EnumShape { values, ..ErrorCode::names() }.schema("", Form::Open)
}

impl JsonSchema for ErrorEnvelope {
    named!("ErrorEnvelope");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        // `const: false` and `enum: [false]` break generated clients; this says the same.
        let success = json!({ "type": "boolean", "description": SUCCESS, "not": { "enum": [true] } });
        envelope(&success, &generator.subschema_for::<ReceivedError>(), Form::Open)
    }
}

impl JsonSchema for ErrorEnvelope<ApiError> {
    named!("SentErrorEnvelope");

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let success = json!({ "const": false, "description": SUCCESS });
        envelope(&success, &generator.subschema_for::<ApiError>(), Form::Strict)
    }
}

const SUCCESS: &str = "Always `false`.";

fn envelope(success: &Value, error: &Schema, form: Form) -> Schema {
    json_schema!({
        "type": "object",
        "description": "The body of every error response.",
        "properties": { field::SUCCESS: success, field::ERROR: error },
        "required": [field::SUCCESS, field::ERROR],
        "additionalProperties": form == Form::Open,
    })
}

impl JsonSchema for ReceivedError {
    named!("ErrorObject");

    #[expect(clippy::indexing_slicing, reason = "the schema of an object has properties")]
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Self::shape().schema(Form::Open, &mut Definitions::new(DEFINITIONS));
        schema["properties"][field::DETAILS]["x-details-by-code"] = details_by_code(ErrorCode::ALL, generator);
        schema_of(schema)
    }
}

impl JsonSchema for ApiError {
    named!("SentErrorObject");

    /// The rows of [`ReceivedError`], each with the schema of what a server sends there.
    #[expect(clippy::indexing_slicing, reason = "the schema of an object has properties")]
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let trace_id = generator.subschema_for::<TraceId>().to_value();
        let code = generator.subschema_for::<ErrorCode>().to_value();
        let error_type = generator.subschema_for::<ErrorType>().to_value();
        let shape = ReceivedError::shape();
        let mut definitions = Definitions::new(DEFINITIONS);
        let mut schema = shape.schema(Form::Strict, &mut definitions);
        for row in &shape.fields {
            let sent = match row.name {
                field::CODE => code.clone(),
                field::TYPE => error_type.clone(),
                field::TRACE_ID => trace_id.clone(),
                field::TIMESTAMP => WholeSecond::shape().described(&row.description, Form::Strict, &mut definitions),
                // What they may be stands with each code.
                field::STATUS => json!({ "type": "integer", "description": row.description }),
                field::DETAILS => json!({ "type": "object", "description": row.description }),
                _ => continue,
            };
            schema["properties"][row.name] = sent;
        }
        schema["allOf"] = ErrorCode::ALL.iter().map(|code| sent_with(*code)).collect();
        schema_of(schema)
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

#[expect(clippy::expect_used, reason = "a shape's schema is an object")]
fn schema_of(schema: Value) -> Schema {
    Schema::try_from(schema).expect("a schema is an object or a boolean")
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
                schema_of(schema)
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

/// `JsonSchema` for a type whose description is none of its shape's.
macro_rules! described {
    ($($Type:ty: $form:ident, $name:literal, $description:literal;)+) => {$(
        impl JsonSchema for $Type {
            named!($name);

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                let mut definitions = Definitions::new(DEFINITIONS);
                schema_of(<$Type as Wire>::shape().described($description, Form::$form, &mut definitions))
            }
        }
    )+};
}

described! {
    ErrorCode: Strict, "ErrorCode", "";
    ErrorType: Strict, "ErrorType", "";
    Timestamp: Open, "Timestamp", "An instant.";
}
