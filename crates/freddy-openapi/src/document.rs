//! The OpenAPI 3.1 document.
//!
//! utoipa's types carry paths, parameters, responses, headers and security. The schemas come from schemars and join them
//! as JSON at the end, since utoipa's schema types do not hold every keyword.

use freddy_types::headers::{self, RESPONSE_HEADERS};
use freddy_types::{ApiError, AuthScheme, ErrorCode, ErrorEnvelope, Parameter, ParameterPlace, ParameterPresence};
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

use crate::error::SpecError;
use crate::operation::Operation;
use crate::{Spec, example, samples, schemas};

/// The component that answers every status without a response of its own.
const UNLISTED: &str = "UnlistedError";

pub(crate) fn build(spec: &Spec) -> Result<Value, SpecError> {
    let mut schemas = schemas::Components::new();
    let mut components = ComponentsBuilder::new();
    for header in RESPONSE_HEADERS {
        components = components.header(header.name, Header::from(header));
    }
    let mut of_successes: Vec<_> = spec.operations.iter().flat_map(|operation| operation.success_headers).collect();
    of_successes.dedup();
    for header in of_successes {
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
        // Endpoints of one path come together in one item.
        paths = paths.path(operation.path.as_str(), item);
    }
    assemble(spec, paths.build(), components.build(), schemas)
}

fn assemble(
    spec: &Spec,
    paths: Paths,
    components: Components,
    mut schemas: schemas::Components,
) -> Result<Value, SpecError> {
    let license = License::builder().name(spec.info.license).identifier(Some(spec.info.license)).build();
    let info = InfoBuilder::new()
        .title(spec.info.title)
        .version(spec.info.version)
        .description(Some(spec.info.description))
        .contact(Some(Contact::builder().name(Some(spec.info.title)).url(Some(freddy_types::BASE_URL)).build()))
        .license(Some(license))
        .build();
    let tags =
        spec.tags().into_iter().map(|tag| TagBuilder::new().name(tag.name).description(Some(tag.description)).build());
    let typed = OpenApiBuilder::new()
        .info(info)
        .servers(Some([Server::new(freddy_types::BASE_URL)]))
        .tags(Some(tags))
        .paths(paths)
        .components(Some(components))
        .build();

    // utoipa's types are structs and maps with string keys, which always encode.
    let mut document = serde_json::to_value(typed).unwrap_or_default();
    for operation in &spec.operations {
        let method = operation.method.as_str().to_ascii_lowercase();
        let pointer = format!("/paths/{}/{method}", escape(operation.path.as_str()));
        if let Some(target) = document.pointer_mut(&pointer).and_then(Value::as_object_mut) {
            add_schemas(target, operation, &mut schemas);
            let samples = samples::all(operation)
                .into_iter()
                .map(|sample| json!({ "lang": sample.highlighting, "label": sample.name, "source": sample.source }))
                .collect();
            target.insert("x-codeSamples".to_owned(), samples);
        }
    }
    if let Some(components) = document.get_mut("components").and_then(Value::as_object_mut) {
        let details = schemas.details_of_other_crates(spec);
        let mut schemas = Value::from(schemas.into_schemas()?);
        schemas::add_received_codes(spec, details, &mut schemas);
        components.insert("schemas".to_owned(), schemas);
    }
    Ok(document)
}

/// A text as one token of a JSON pointer.
pub(crate) fn escape(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

fn path_operation(operation: &Operation, envelope: &Ref) -> OperationBuilder {
    let mut success = ResponseBuilder::new()
        .description(operation.returns)
        .header_ref(headers::X_REQUEST_ID, header_ref(headers::X_REQUEST_ID));
    for header in operation.success_headers {
        success = success.header_ref(header.name, header_ref(header.name));
    }
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

/// Puts the schemas of an operation where they stand. As JSON, since utoipa's schema types do not hold every keyword.
fn add_schemas(target: &mut Map<String, Value>, operation: &Operation, schemas: &mut schemas::Components) {
    let parameters = target.get_mut("parameters").and_then(Value::as_array_mut).into_iter().flatten();
    for (parameter, row) in parameters.zip(&operation.parameters) {
        if let Some(parameter) = parameter.as_object_mut() {
            // Before the example, which reads as one of the schema's.
            let example = parameter.shift_remove("example");
            parameter.insert("schema".to_owned(), parameter_schema(row, schemas));
            parameter.extend(example.map(|example| ("example".to_owned(), example)));
        }
    }
    if let Some(row) = &operation.body {
        let shape = row.shape();
        let content = json_content(schemas.of_shape(&shape), &shape.example());
        let body = json!({ "description": row.description, "content": content, "required": true });
        // Where OpenAPI documents have it: behind the parameters.
        let position = target.keys().position(|key| key == "responses").unwrap_or(target.len());
        target.shift_insert(position, "requestBody".to_owned(), body);
    }
    if let Some(shape) = &operation.success_body {
        let content = json_content(schemas.of_shape(shape), &shape.example());
        let status = operation.success_status.to_string();
        let response = target.get_mut("responses").and_then(|responses| responses.get_mut(&status));
        if let Some(response) = response.and_then(Value::as_object_mut) {
            response.insert("content".to_owned(), content);
        }
    }
}

fn json_content(schema: Value, example: &Value) -> Value {
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

/// The schema of a row: an array where it may be given several times.
fn parameter_schema(row: &Parameter, schemas: &mut schemas::Components) -> Value {
    let schema = schemas.of_shape(&row.shape());
    match row.presence {
        ParameterPresence::Repeated => json!({ "type": "array", "items": schema }),
        _ => schema,
    }
}

/// What a row says, with its default in words: clients generated from the keyword `default` send it, so that a server
/// could never take another one.
fn row_description(row: &Parameter) -> String {
    match &row.presence {
        ParameterPresence::Defaulted(default) => format!("{} By default `{default}`.", row.description),
        _ => row.description.clone().into_owned(),
    }
}

/// The response of one or more codes with the same status.
fn error_response(codes: &[ErrorCode], envelope: &Ref) -> Response {
    let list = codes.iter().map(|code| format!("`{code}`")).collect::<Vec<_>>().join(", ");
    let heading = codes.first().map_or("", |code| code.heading());
    let examples = codes.iter().map(|code| (code.to_string(), example::body(*code)));
    let mut response = ResponseBuilder::new()
        .description(format!("{heading}: {list}."))
        .content(headers::JSON, error_content(envelope, examples));
    for name in header_names(codes) {
        response = response.header_ref(name, header_ref(name));
    }
    response.build()
}

/// The response of these codes, and of those of a later version.
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

/// The headers of the response with one of these codes: those that a server derives from the error, but for the
/// content type, which OpenAPI says in its own way.
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

/// The name of a code's response component: the code in the notation of component names.
pub(crate) fn response_name(code: ErrorCode) -> String {
    code.as_str().split('_').flat_map(|word| word.chars().take(1).chain(lower_tail(word))).collect()
}

fn lower_tail(word: &str) -> impl Iterator<Item = char> {
    word.chars().skip(1).map(|letter| letter.to_ascii_lowercase())
}

fn reference(schema: &schemars::Schema) -> Ref {
    Ref::new(schema.get("$ref").and_then(Value::as_str).unwrap_or_default())
}
