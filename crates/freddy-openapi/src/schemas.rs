//! The schemas of the types: as components of the document, and as files of their own.

use freddy_types::{ApiError, ConnectorId, ErrorEnvelope, RateLimitDetails, TraceId};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

use crate::error::SpecError;

/// Collects the schemas that a document refers to. Two types with one name are an error, where schemars would number
/// them and utoipa would keep the last.
pub(crate) struct Components {
    generator: SchemaGenerator,
}

impl Components {
    pub(crate) fn new() -> Self {
        let settings = SchemaSettings::draft2020_12().with(|settings| {
            settings.definitions_path = "/components/schemas".into();
            settings.meta_schema = None;
        });
        Self { generator: settings.into_generator() }
    }

    /// A reference to the schema of a type.
    pub(crate) fn reference<T: JsonSchema>(&mut self) -> Schema {
        self.reference_by(SchemaGenerator::subschema_for::<T>)
    }

    pub(crate) fn reference_by(&mut self, subschema: fn(&mut SchemaGenerator) -> Schema) -> Schema {
        subschema(&mut self.generator)
    }

    pub(crate) fn into_schemas(mut self) -> Result<Map<String, Value>, SpecError> {
        let schemas = self.generator.take_definitions(true);
        // schemars gives the second type of a name the name and a number.
        let numbered = schemas.keys().find_map(|name| {
            let first = name.trim_end_matches(|c: char| c.is_ascii_digit());
            (first != name && schemas.contains_key(first)).then(|| first.to_owned())
        });
        match numbered {
            Some(name) => Err(SpecError::DuplicateSchemaName(name)),
            None => Ok(schemas),
        }
    }
}

/// A schema as a file of its own, in the dialect 2020-12.
pub(crate) fn standalone<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<T>().to_value()
}

/// The files in `schemas/`, by name.
pub(crate) fn files() -> Vec<(&'static str, Value)> {
    vec![
        ("connector-id.json", standalone::<ConnectorId>()),
        ("error-envelope.open.json", standalone::<ErrorEnvelope>()),
        ("error-envelope.strict.json", standalone::<ErrorEnvelope<ApiError>>()),
        ("rate-limit-details.open.json", standalone::<RateLimitDetails>()),
        ("trace-id.strict.json", standalone::<TraceId>()),
    ]
}
