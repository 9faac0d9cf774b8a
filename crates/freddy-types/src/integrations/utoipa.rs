//! The contract in the types of utoipa (feature `utoipa`): `ToSchema` for every wire type, made from its `JsonSchema`, and
//! conversions of methods, headers and ways to authenticate.

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use utoipa::openapi::header::{Header, HeaderBuilder};
use utoipa::openapi::schema::{Object, Schema, SchemaType};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{HttpMethod, Ref, RefOr};
use utoipa::{PartialSchema, ToSchema};

use crate::endpoint::headers::{HeaderValueKind, ResponseHeader};
use crate::wire::schema::{Definitions, Form};
use crate::wire::shape::Shape;
use crate::{
    ApiError, AuthScheme, ConnectorId, ErrorCode, ErrorEnvelope, ErrorType, Method, RateLimitDetails, ReceivedError,
    ReceivedRateLimitDetails, Timestamp, TraceId,
};

macro_rules! to_schema {
    ($($Type:ty),+ $(,)?) => {$(
        impl PartialSchema for $Type {
            fn schema() -> RefOr<Schema> {
                convert(<$Type>::json_schema(&mut generator()).to_value())
            }
        }

        impl ToSchema for $Type {
            fn name() -> Cow<'static, str> {
                <$Type as JsonSchema>::schema_name()
            }

            fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
                let mut generator = generator();
                <$Type>::json_schema(&mut generator);
                let definitions = generator.take_definitions(true);
                schemas.extend(definitions.into_iter().map(|(name, schema)| (name, convert(schema))));
            }
        }
    )+};
}

to_schema! {
    ApiError,
    ConnectorId,
    ErrorCode,
    ErrorEnvelope,
    ErrorEnvelope<ApiError>,
    ErrorType,
    RateLimitDetails,
    ReceivedError,
    ReceivedRateLimitDetails,
    Timestamp,
    TraceId,
}

fn generator() -> SchemaGenerator {
    SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator()
}

/// The same schema in utoipa's types. Keywords that they have no field for are kept beside the extensions, where utoipa
/// writes them as they are.
fn convert(schema: Value) -> RefOr<Schema> {
    let mut keywords = match schema {
        Value::Object(keywords) => keywords,
        Value::Bool(false) => Map::from_iter([("not".to_owned(), json!({}))]),
        _ => Map::new(),
    };
    if let Some(Value::String(location)) = keywords.get("$ref") {
        return RefOr::Ref(Ref::new(location));
    }

    let schema_type = keywords.remove("type").and_then(|name| serde_json::from_value(name).ok());
    let properties = keywords.remove("properties");
    // utoipa reads no object schema without a type.
    let typed = keywords
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()))
        .chain([("type".to_owned(), "object".into())]);
    let mut object: Object = serde_json::from_value(Value::Object(typed.collect())).unwrap_or_default();
    let understood = serde_json::to_value(&object).unwrap_or_default();
    object.schema_type = schema_type.unwrap_or(SchemaType::AnyValue);
    if let Some(Value::Object(properties)) = properties {
        object.properties = properties.into_iter().map(|(name, schema)| (name, convert(schema))).collect();
    }
    let rest: Vec<_> = keywords.into_iter().filter(|(name, _)| understood.get(name).is_none()).collect();
    if !rest.is_empty() {
        object.extensions.get_or_insert_default().extend(rest);
    }
    RefOr::T(Schema::Object(object))
}

impl From<Method> for HttpMethod {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::Get,
            Method::Post => Self::Post,
            Method::Put => Self::Put,
            Method::Patch => Self::Patch,
            Method::Delete => Self::Delete,
        }
    }
}

impl From<AuthScheme> for SecurityScheme {
    fn from(scheme: AuthScheme) -> Self {
        let description = scheme.description();
        match scheme {
            AuthScheme::ApiKey => {
                Self::ApiKey(ApiKey::Header(ApiKeyValue::with_description(scheme.header(), description)))
            }
            AuthScheme::Bearer => {
                Self::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build())
            }
        }
    }
}

impl From<&ResponseHeader> for Header {
    fn from(header: &ResponseHeader) -> Self {
        let (mut schema, example) = match header.kind {
            HeaderValueKind::Text => (json!({ "type": "string" }), header.example.into()),
            HeaderValueKind::Integer { min, max } => {
                let schema = Shape::Integer { min, max }.schema(Form::Published, &mut Definitions::new(""));
                (schema, header.example.parse::<i64>().map_or(Value::Null, Value::from))
            }
        };
        if let Some(keywords) = schema.as_object_mut() {
            keywords.insert("examples".to_owned(), json!([example]));
        }
        let schema = convert(schema);
        HeaderBuilder::new().schema(Some(schema)).description(Some(header.description)).build()
    }
}
