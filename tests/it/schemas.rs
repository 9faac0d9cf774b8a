//! The published schemas: one source, in two forms.

use std::collections::BTreeSet;

use freddy_types::{
    ApiError, ConnectorId, ErrorCode, ErrorEnvelope, ErrorType, RateLimitDetails, ReceivedError,
    ReceivedRateLimitDetails, Timestamp, TraceId,
};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::support::validator;

/// A type's schema as schemars and as utoipa have it.
struct Published {
    name: String,
    schema: Value,
    /// The schemas that it refers to.
    definitions: Map<String, Value>,
    utoipa_name: String,
    utoipa_schema: Value,
    utoipa_definitions: Vec<(String, Value)>,
}

fn generator() -> SchemaGenerator {
    let settings =
        SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into());
    settings.into_generator()
}

fn published<T: JsonSchema + ToSchema>() -> Published {
    let mut generator = generator();
    let schema = T::json_schema(&mut generator).to_value();
    let mut definitions = Vec::new();
    T::schemas(&mut definitions);
    Published {
        name: <T as JsonSchema>::schema_name().into_owned(),
        schema,
        definitions: generator.take_definitions(true),
        utoipa_name: <T as ToSchema>::name().into_owned(),
        utoipa_schema: serde_json::to_value(T::schema()).unwrap(),
        utoipa_definitions: definitions
            .into_iter()
            .map(|(name, schema)| (name, serde_json::to_value(schema).unwrap()))
            .collect(),
    }
}

fn all() -> [Published; 11] {
    [
        published::<ApiError>(),
        published::<ConnectorId>(),
        published::<ErrorCode>(),
        published::<ErrorEnvelope>(),
        published::<ErrorEnvelope<ApiError>>(),
        published::<ErrorType>(),
        published::<RateLimitDetails>(),
        published::<ReceivedError>(),
        published::<ReceivedRateLimitDetails>(),
        published::<Timestamp>(),
        published::<TraceId>(),
    ]
}

impl Published {
    /// The schema with what it refers to, as a document of its own.
    fn document(&self) -> Value {
        let mut document = self.schema.clone();
        document["components"] = json!({ "schemas": self.definitions });
        document
    }
}

/// What the schemas of the contract's types say, a line each field, by the names of the schemas.
pub(crate) fn outlines() -> impl Iterator<Item = (String, String)> {
    all().into_iter().map(|published| (published.name, outline(&published.schema)))
}

fn outline(schema: &Value) -> String {
    let Some(properties) = schema["properties"].as_object() else { return brief(schema) };
    let required = schema["required"].as_array().unwrap();
    let line = |(name, property): (&String, &Value)| {
        let presence = if required.contains(&Value::from(name.as_str())) { "required" } else { "optional" };
        format!("{presence} {name}: {}", brief(property))
    };
    let lines: Vec<_> = properties.iter().map(line).collect();
    format!("{}\n{}", brief(schema), lines.join("\n"))
}

/// The keywords that say what a value is, without those that explain it.
fn brief(schema: &Value) -> String {
    let told = schema.as_object().unwrap().iter().filter(|(keyword, _)| {
        !matches!(keyword.as_str(), "title" | "description" | "examples" | "properties" | "required" | "allOf")
    });
    told.map(|(keyword, value)| format!("{keyword} {value}")).collect::<Vec<_>>().join(", ")
}

#[test]
fn utoipa_has_the_same_schemas() {
    for published in all() {
        assert_eq!(published.utoipa_name, published.name);
        assert_eq!(published.utoipa_schema, published.schema, "{}", published.name);
        let definitions: Map<_, _> = published.utoipa_definitions.iter().cloned().collect();
        assert_eq!(definitions, published.definitions, "what {} refers to", published.name);
        assert_eq!(definitions.len(), published.utoipa_definitions.len(), "each once");
    }
}

#[test]
fn names_of_schemas_are_distinct() {
    let names: BTreeSet<_> = all().into_iter().map(|published| published.name).collect();
    let expected = [
        "ConnectorId",
        "ErrorCode",
        "ErrorEnvelope",
        "ErrorObject",
        "ErrorType",
        "RateLimitDetails",
        "SentErrorEnvelope",
        "SentErrorObject",
        "SentRateLimitDetails",
        "Timestamp",
        "TraceId",
    ];
    assert_eq!(names.iter().collect::<Vec<_>>(), expected.iter().collect::<Vec<_>>());
}

#[test]
fn a_name_stands_for_one_schema_wherever_it_is_referred_to() {
    let all = all();
    let mut referred = BTreeSet::new();
    for (name, schema) in all.iter().flat_map(|published| &published.definitions) {
        let own = all.iter().find(|published| published.name == *name).map(|published| &published.schema);
        assert_eq!(own, Some(schema), "{name}");
        referred.insert(name.as_str());
    }
    let expected = ["ErrorCode", "ErrorObject", "ErrorType", "RateLimitDetails", "SentErrorObject", "TraceId"];
    assert_eq!(referred.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn every_schema_is_a_schema() {
    for published in all() {
        let document = published.document();
        if let Err(error) = jsonschema::draft202012::meta::validate(&document) {
            panic!("{}: {error}", published.name);
        }
        // And every reference leads somewhere.
        drop(validator(&document));
    }
}

/// Every schema inside a schema, and itself, that has `examples`.
fn with_examples<'a>(schema: &'a Value, found: &mut Vec<&'a Map<String, Value>>) {
    match schema {
        Value::Object(keywords) => {
            if keywords.get("examples").is_some_and(Value::is_array) {
                found.push(keywords);
            }
            keywords.values().for_each(|value| with_examples(value, found));
        }
        Value::Array(values) => values.iter().for_each(|value| with_examples(value, found)),
        _ => {}
    }
}

#[test]
fn every_example_is_valid() {
    let mut examples = 0;
    for published in all() {
        let document = published.document();
        let mut found = Vec::new();
        with_examples(&document, &mut found);
        for keywords in found {
            let mut schema = keywords.clone();
            schema.insert("components".to_owned(), document["components"].clone());
            let validator = validator(&Value::Object(schema));
            for example in keywords["examples"].as_array().unwrap() {
                examples += 1;
                assert!(validator.is_valid(example), "{}: {example} in {keywords:?}", published.name);
            }
        }
    }
    assert!(examples >= 20, "{examples} examples");
}

#[test]
fn the_open_schema_lists_what_is_known_and_closes_nothing() {
    let schema = published::<ReceivedError>().schema;
    assert_eq!(
        schema.pointer("/properties/code/x-extensible-enum"),
        Some(&json!([
            "VALIDATION_ERROR",
            "UNAUTHORIZED",
            "FORBIDDEN",
            "NOT_FOUND",
            "METHOD_NOT_ALLOWED",
            "REQUEST_TIMEOUT",
            "PAYLOAD_TOO_LARGE",
            "RATE_LIMIT_EXCEEDED",
            "INTERNAL_SERVER_ERROR",
            "SERVICE_UNAVAILABLE"
        ]))
    );
    assert_eq!(
        schema.pointer("/properties/type/x-extensible-enum"),
        Some(&json!([
            "validation_error",
            "authentication_error",
            "authorization_error",
            "not_found_error",
            "client_error",
            "rate_limit_error",
            "server_error"
        ]))
    );
    let text = published::<ErrorEnvelope>().document().to_string();
    for closed in [r#""const""#, r#""additionalProperties":false"#, r#""oneOf""#, r#""anyOf""#] {
        assert!(!text.contains(closed), "{closed} breaks clients when a server says more");
    }
}
