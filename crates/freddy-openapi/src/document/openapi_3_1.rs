//! The OpenAPI 3.1 document.
//!
//! Paths, parameters, responses, headers and security are built with utoipa's types. The schemas come from schemars and
//! are added as JSON at the end, since utoipa's schema types do not hold every keyword.

use freddy_types::headers::{self, RESPONSE_HEADERS};
use freddy_types::{ApiError, AuthScheme, ErrorCode, ErrorEnvelope, Parameter, ParameterPlace, ParameterPresence};
use openapi_compat::json_pointer;
use serde_json::{Map, Value, json};
use utoipa::openapi::content::Content;
use utoipa::openapi::example::ExampleBuilder;
use utoipa::openapi::header::Header;
use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder};
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::schema::Components;
use utoipa::openapi::security::SecurityScheme;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, Contact, InfoBuilder, License, OpenApiBuilder, Paths, Ref, RefOr, Required, SecurityRequirement,
    Server,
};

use super::{example, readers, samples, schemas};
use crate::spec::{Operation, Spec, SpecError};

/// The component for every status without a response of its own.
const UNLISTED: &str = "UnlistedError";

impl Spec {
    /// The document as OpenAPI 3.1.
    ///
    /// # Errors
    /// Two endpoints, two codes or two types would share a name that has to be unique.
    pub fn document(&self) -> Result<Value, SpecError> {
        check_unique(self)?;
        build(self)
    }
}

fn check_unique(spec: &Spec) -> Result<(), SpecError> {
    let codes = spec.known_codes();
    let (listed, _) = spec.listed_and_unlisted_codes();
    for (index, code) in listed.iter().enumerate() {
        let name = response_name(*code);
        let clash = |other: &&ErrorCode| **other != *code && response_name(**other) == name;
        if let Some(other) = listed.iter().skip(index + 1).find(clash).filter(|other| other.as_str() != code.as_str()) {
            return Err(SpecError::DuplicateResponseName { codes: [code.as_str(), other.as_str()], name });
        }
    }
    for (index, code) in codes.iter().enumerate() {
        if codes.iter().skip(index + 1).any(|other| other.as_str() == code.as_str()) {
            return Err(SpecError::DuplicateCode(code.as_str()));
        }
    }
    for (index, one) in spec.operations.iter().enumerate() {
        for other in spec.operations.iter().skip(index + 1) {
            if one.operation_id == other.operation_id {
                return Err(SpecError::DuplicateOperationId(one.operation_id));
            }
            if one.method == other.method && one.path == other.path {
                return Err(SpecError::DuplicateRoute { method: one.method.as_str(), path: one.path.as_str() });
            }
        }
    }
    Ok(())
}

fn build(spec: &Spec) -> Result<Value, SpecError> {
    let mut schemas = schemas::Components::new();
    let mut components = ComponentsBuilder::new();
    for header in RESPONSE_HEADERS {
        components = components.header(header.name, Header::from(header));
    }
    for scheme in AuthScheme::ALL {
        components = components.security_scheme(scheme.name(), SecurityScheme::from(*scheme));
    }
    let envelope = reference(&schemas.reference::<ErrorEnvelope>());
    let (listed, unlisted) = spec.listed_and_unlisted_codes();
    for code in &listed {
        components = components.response(response_name(*code), error_response(&[*code], &envelope));
    }
    components = components.response(UNLISTED, unlisted_response(&unlisted, &envelope));

    let mut paths = PathsBuilder::new();
    for operation in &spec.operations {
        let item = PathItem::new(operation.method.into(), path_operation(operation, &envelope));
        // Endpoints with the same path are merged into one item.
        paths = paths.path(operation.path.as_str(), item);
    }
    assemble(spec, paths.build(), components.build(), schemas)
}

#[expect(clippy::expect_used, reason = "without what is expected, the document would lose what it is to hold")]
fn assemble(
    spec: &Spec,
    paths: Paths,
    components: Components,
    mut schemas: schemas::Components,
) -> Result<Value, SpecError> {
    let license = License::builder().name(spec.info.license).url(Some(spec.info.license_url)).build();
    let info = InfoBuilder::new()
        .title(spec.info.title)
        .version(spec.info.version)
        .description(Some(spec.info.description))
        .contact(Some(Contact::builder().name(Some(spec.info.title)).url(Some(spec.info.base_url)).build()))
        .license(Some(license))
        .build();
    let tags =
        spec.tags().into_iter().map(|tag| TagBuilder::new().name(tag.name).description(Some(tag.description)).build());
    let typed = OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new(spec.info.base_url)]))
        .tags(Some(tags))
        .paths(paths)
        .components(Some(components))
        .build();

    let mut document = serde_json::to_value(typed).expect("structs and maps with string keys encode");
    for operation in &spec.operations {
        let method = operation.method.as_str().to_ascii_lowercase();
        let pointer = json_pointer::child(&json_pointer::child("/paths", operation.path), method);
        let target = document.pointer_mut(&pointer).and_then(Value::as_object_mut).expect("every operation is in it");
        add_schemas(target, operation, &mut schemas);
        let samples = samples::all(operation)
            .into_iter()
            .map(|sample| json!({ "lang": sample.highlighting, "label": sample.name, "source": sample.source }))
            .collect();
        target.insert("x-codeSamples".to_owned(), samples);
    }
    let components = document.get_mut("components").and_then(Value::as_object_mut).expect("it has components");
    let details = schemas.details_of_other_crates(spec);
    let mut schemas = Value::from(schemas.into_schemas()?);
    schemas::add_received_codes(spec, details, &mut schemas);
    components.insert("schemas".to_owned(), schemas);
    readers::for_generators(&mut document);
    Ok(document)
}

fn path_operation(operation: &Operation, envelope: &Ref) -> OperationBuilder {
    let success = ResponseBuilder::new()
        .description(operation.returns)
        .header_ref(headers::X_REQUEST_ID, header_ref(headers::X_REQUEST_ID));
    let mut builder = OperationBuilder::new()
        .tag(operation.tag.name)
        .operation_id(Some(operation.operation_id))
        .summary(Some(operation.summary))
        .description(Some(operation.description))
        .securities(Some(operation.auth.iter().map(|scheme| SecurityRequirement::new(scheme.name(), [""; 0]))))
        .parameters(Some(operation.parameters.iter().map(parameter)))
        .response(operation.success_status.to_string(), success);
    for (status, codes) in operation.errors_by_status() {
        let response: RefOr<Response> = match codes.as_slice() {
            [code] => RefOr::Ref(Ref::from_response_name(response_name(*code))),
            codes => RefOr::T(error_response(codes, envelope)),
        };
        builder = builder.response(status.to_string(), response);
    }
    builder.response("default", RefOr::<Response>::Ref(Ref::from_response_name(UNLISTED)))
}

/// Adds the schemas of an operation as JSON, since utoipa's schema types do not hold every keyword.
#[expect(clippy::expect_used, reason = "without what is expected, the document would lose a schema")]
fn add_schemas(target: &mut Map<String, Value>, operation: &Operation, schemas: &mut schemas::Components) {
    let parameters = target.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
    for (parameter, row) in parameters.zip(&operation.parameters) {
        let parameter = parameter.as_object_mut().expect("a parameter is an object");
        // The schema goes before the example, which illustrates it.
        let example = parameter.shift_remove("example");
        parameter.insert("schema".to_owned(), parameter_schema(row, schemas));
        parameter.extend(example.map(|example| ("example".to_owned(), example)));
    }
    if let Some(row) = &operation.body {
        let shape = row.shape();
        let content = json_content(&schemas.of_shape(&shape), &shape.example());
        let body = json!({ "description": row.description, "content": content, "required": true });
        // By convention it comes after the parameters.
        let position = target.keys().position(|key| key == "responses").expect("an operation has responses");
        target.shift_insert(position, "requestBody".to_owned(), body);
    }
    let status = operation.success_status.to_string();
    let response = target.get_mut("responses").and_then(|responses| responses.get_mut(&status)?.as_object_mut());
    let response = response.expect("the success is among the responses");
    let headers = response.get_mut("headers").and_then(Value::as_object_mut).expect("every response has an identifier");
    for row in &operation.success_headers {
        let (is_required, schema) = (row.presence == ParameterPresence::Required, schemas.inline(&row.shape()));
        let header = json!({ "description": row.description, "required": is_required, "schema": schema });
        headers.insert(row.name.to_owned(), header);
    }
    if let Some(shape) = &operation.success_body {
        response.insert("content".to_owned(), json_content(&schemas.of_shape(shape), &shape.example()));
    }
}

fn json_content(schema: &Value, example: &Value) -> Value {
    json!({ headers::JSON: { "schema": schema, "example": example } })
}

fn parameter(row: &Parameter) -> ParameterBuilder {
    let place = match row.place {
        ParameterPlace::Query => ParameterIn::Query,
        ParameterPlace::Header => ParameterIn::Header,
        _ => ParameterIn::Path,
    };
    let is_required = row.presence == ParameterPresence::Required;
    let example = row.shape().example();
    let example = if row.presence == ParameterPresence::Repeated { vec![example].into() } else { example };
    ParameterBuilder::new()
        .name(row.name)
        .parameter_in(place)
        .required(if is_required { Required::True } else { Required::False })
        .description(Some(row_description(row)))
        .example(Some(example))
}

/// The schema of a row, an array if it may be repeated.
fn parameter_schema(row: &Parameter, schemas: &mut schemas::Components) -> Value {
    let schema = schemas.of_shape(&row.shape());
    match row.presence {
        ParameterPresence::Repeated => json!({ "type": "array", "items": schema }),
        _ => schema,
    }
}

/// The description of a row, with its default in words. Clients generated from the keyword `default` would send it
/// explicitly, so that a server could never change it.
fn row_description(row: &Parameter) -> String {
    match &row.presence {
        ParameterPresence::Defaulted(default) => format!("{} By default `{default}`.", row.description),
        _ => row.description.clone().into_owned(),
    }
}

/// The response of one or more codes with the same status.
#[expect(clippy::expect_used, reason = "a response is made for a code")]
fn error_response(codes: &[ErrorCode], envelope: &Ref) -> Response {
    let list = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
    let heading = codes.first().expect("a response has a code").heading();
    let examples = codes.iter().map(|code| (code.to_string(), example::body(*code)));
    let mut response = ResponseBuilder::new()
        .description(format!("{heading}: {list}."))
        .content(headers::JSON, error_content(envelope, examples));
    for name in header_names(codes) {
        response = response.header_ref(name, header_ref(name));
    }
    response.build()
}

/// The response of these codes, and of codes that a later version adds.
fn unlisted_response(codes: &[ErrorCode], envelope: &Ref) -> Response {
    let example = error_content(envelope, [("UNLISTED".to_owned(), example::unlisted_body())]);
    let mut response = ResponseBuilder::new()
        .description("Any other error. Its `code` may be one that this document does not list.")
        .header_ref(headers::X_REQUEST_ID, header_ref(headers::X_REQUEST_ID))
        .content(headers::JSON, example);
    for name in header_names(codes) {
        response = response.header_ref(name, header_ref(name));
    }
    response.build()
}

/// The headers of a response with one of these codes: those that a server derives from the error, except the content
/// type, which OpenAPI states elsewhere.
fn header_names(codes: &[ErrorCode]) -> Vec<&'static str> {
    let mut names = Vec::new();
    for code in codes {
        for (name, _) in ApiError::example(*code).headers() {
            if name != headers::CONTENT_TYPE && !names.contains(&name) {
                names.push(name);
            }
        }
    }
    names
}

fn error_content(envelope: &Ref, examples: impl IntoIterator<Item = (String, Value)>) -> Content {
    let examples = examples.into_iter().map(|(name, body)| (name, ExampleBuilder::new().value(Some(body)).build()));
    Content::builder().schema(Some(envelope.clone())).examples_from_iter(examples).build()
}

fn header_ref(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

/// The name of the component for a code's response: `NOT_FOUND` is `NotFound`.
fn response_name(code: ErrorCode) -> String {
    code.as_str().split('_').flat_map(|word| word.chars().take(1).chain(lower_tail(word))).collect()
}

fn lower_tail(word: &str) -> impl Iterator<Item = char> {
    word.chars().skip(1).map(|letter| letter.to_ascii_lowercase())
}

#[expect(clippy::expect_used, reason = "the schema of a named type is a reference")]
fn reference(schema: &schemars::Schema) -> Ref {
    Ref::new(schema.get("$ref").and_then(Value::as_str).expect("a reference"))
}
