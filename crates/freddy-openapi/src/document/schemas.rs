//! The schemas of the types, as components of the document and as separate files.

use freddy_types::schema::{received_code, sent_with};
use freddy_types::shape::Shape;
use freddy_types::{
    ApiError, ConnectorId, Definitions, ErrorCode, ErrorEnvelope, Form, ReceivedError, ReceivedRateLimitDetails,
    TraceId,
};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::{names, readers};
use crate::spec::{Spec, SpecError};

/// Collects the schemas that a document refers to. Two types with the same name are an error: schemars would number
/// them, and utoipa would keep the last.
pub(crate) struct Components {
    generator: SchemaGenerator,
    shapes: Definitions,
}

impl Components {
    pub(crate) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self { generator: settings.into_generator(), shapes: Definitions::new("#/components/schemas/") }
    }

    /// A reference to the schema of a type.
    pub(crate) fn reference<T: JsonSchema>(&mut self) -> Schema {
        self.generator.subschema_for::<T>()
    }

    /// The schema of a shape where it is used: a string has no component of its own.
    pub(crate) fn inline(&mut self, shape: &Shape) -> Value {
        shape.schema(Form::Published, &mut self.shapes)
    }

    /// The schema of a shape, or a reference to it where it has a name.
    pub(crate) fn of_shape(&mut self, shape: &Shape) -> Value {
        shape.reference(Form::Published, &mut self.shapes)
    }

    /// References to the details of the codes of other crates, by code.
    pub(crate) fn details_of_other_crates(&mut self, spec: &Spec) -> Map<String, Value> {
        details_of_other_crates(spec, &mut self.shapes)
    }

    pub(crate) fn into_schemas(mut self) -> Result<Map<String, Value>, SpecError> {
        let schemas = self.generator.take_definitions(true);
        // schemars appends a number to the name of the second type.
        let numbered = schemas.keys().find_map(|name| {
            let first = name.trim_end_matches(|c: char| c.is_ascii_digit());
            (first != name && schemas.contains_key(first)).then(|| first.to_owned())
        });
        if let Some(name) = numbered {
            return Err(SpecError::DuplicateSchemaName(name));
        }
        let mut schemas = schemas;
        for (name, schema) in self.shapes.into_schemas().map_err(SpecError::DuplicateSchemaName)? {
            match schemas.get(&name) {
                Some(known) if *known != schema => return Err(SpecError::DuplicateSchemaName(name)),
                _ => schemas.insert(name, schema),
            };
        }
        names::check(&schemas)?;
        Ok(schemas)
    }
}

/// A schema for a separate file, in the dialect 2020-12.
pub(crate) fn standalone<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// The body of an error, as a client must be able to read it.
#[expect(clippy::expect_used, reason = "a schema that lost its definitions would refuse or accept the wrong bodies")]
pub(crate) fn received(spec: &Spec) -> Result<Value, SpecError> {
    let mut schema = standalone::<ErrorEnvelope>();
    let mut shapes = Definitions::new("#/$defs/");
    let details = details_of_other_crates(spec, &mut shapes);
    let definitions = schema.get_mut("$defs").expect("the envelope refers to its error");
    add_received_codes(spec, details, definitions);
    let shapes = shapes.into_schemas().map_err(SpecError::DuplicateSchemaName)?;
    definitions.as_object_mut().expect("definitions are an object").extend(shapes);
    Ok(schema)
}

#[expect(clippy::expect_used, reason = "details are an object, and the schema of an object has a name")]
fn details_of_other_crates(spec: &Spec, shapes: &mut Definitions) -> Map<String, Value> {
    let codes = spec.known_codes().into_iter().filter(|code| matches!(code, ErrorCode::Extension(_)));
    let with_details = codes.filter_map(|code| Some((code, code.details_type()?.shape())));
    let references = with_details.map(|(code, shape)| {
        let reference = shape.reference(Form::Open, shapes);
        (code.as_str().to_owned(), reference.get("$ref").expect("a reference").clone())
    });
    references.collect()
}

/// The body of an error, as a server may send it.
pub(crate) fn sent(spec: &Spec) -> Value {
    let mut schema = standalone::<ErrorEnvelope<ApiError>>();
    for code in spec.known_codes().iter().filter(|code| matches!(code, ErrorCode::Extension(_))) {
        push(&mut schema, &["$defs", &ErrorCode::schema_name(), "enum"], code.as_str().into());
        push(&mut schema, &["$defs", &ApiError::schema_name(), "allOf"], sent_with(*code));
    }
    schema
}

/// Adds the codes of other crates and their details to the codes of the table, which are in the schema already.
#[expect(clippy::expect_used, reason = "a document must not lose a code that an endpoint documents")]
pub(crate) fn add_received_codes(spec: &Spec, details: Map<String, Value>, definitions: &mut Value) {
    let error = definitions.get_mut(&*ReceivedError::schema_name()).expect("the envelope refers to its error");
    let code = error.pointer_mut("/properties/code").expect("an error has a code");
    *code = received_code(&spec.known_codes());
    let by_code = error.pointer_mut("/properties/details/x-details-by-code").and_then(Value::as_object_mut);
    by_code.expect("details are listed by code").extend(details);
}

#[expect(clippy::expect_used, reason = "a schema that lost a code would refuse the bodies that have it")]
fn push(schema: &mut Value, path: &[&str], value: Value) {
    let list = path.iter().try_fold(schema, |schema, name| schema.get_mut(name));
    list.and_then(Value::as_array_mut).expect("the schema has a list there").push(value);
}

/// The schema of a shape, with what it refers to.
#[expect(clippy::expect_used, reason = "the schema of a shape has keywords")]
pub(crate) fn of_shape(shape: &Shape, form: Form) -> Result<Value, SpecError> {
    let mut definitions = Definitions::new("#/$defs/");
    let mut schema = shape.schema(form, &mut definitions);
    let schemas = definitions.into_schemas().map_err(SpecError::DuplicateSchemaName)?;
    let keywords = schema.as_object_mut().expect("a schema of a shape is an object");
    keywords.insert("$schema".to_owned(), "https://json-schema.org/draft/2020-12/schema".into());
    if !schemas.is_empty() {
        keywords.insert("$defs".to_owned(), schemas.into());
    }
    Ok(schema)
}

/// The files in `schemas/`, by name.
pub(crate) fn files(spec: &Spec) -> Result<Vec<(&'static str, Value)>, SpecError> {
    let mut files = vec![
        ("connector-id.json", standalone::<ConnectorId>()),
        ("error-envelope.open.json", received(spec)?),
        ("error-envelope.strict.json", sent(spec)),
        ("rate-limit-details.open.json", standalone::<ReceivedRateLimitDetails>()),
        ("trace-id.strict.json", standalone::<TraceId>()),
    ];
    files.iter_mut().for_each(|(_, schema)| readers::for_validators(schema));
    Ok(files)
}
