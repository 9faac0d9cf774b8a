//! What the reference says, as data: [`markdown`] and [`html`] write it.
//!
//! It is read from the document, so that a page shows what every other reader of the document gets. All texts are Markdown.

mod field;
mod highlight;
pub(crate) mod html;
pub(crate) mod markdown;

use freddy_types::{AuthScheme, ErrorCode, headers};
use serde_json::Value;

use super::samples::{self, Sample};
use crate::spec::{Info, Operation, Spec};
use field::{Field, Kind};

pub(crate) struct Reference<'a> {
    info: Info,
    license: &'a str,
    license_url: Option<&'a str>,
    document: &'a Value,
    auth: Vec<Auth<'a>>,
    tags: Vec<Tag<'a>>,
    codes: Vec<Code>,
    models: Vec<Model<'a>>,
}

struct Auth<'a> {
    scheme: AuthScheme,
    description: &'a str,
}

struct Tag<'a> {
    name: &'static str,
    description: &'static str,
    operations: Vec<Described<'a>>,
}

/// An operation as the document describes it.
struct Described<'a> {
    operation: &'a Operation,
    /// The headings of its parameters, and the parameters.
    parameters: Vec<(&'static str, Vec<Parameter<'a>>)>,
    body: Option<Body<'a>>,
    samples: Vec<Sample>,
    responses: Vec<Response<'a>>,
}

struct Parameter<'a> {
    place: &'static str,
    field: Field<'a>,
    example: Option<&'a Value>,
    is_repeated: bool,
}

struct Body<'a> {
    description: &'a str,
    kind: Kind,
    /// The names of the examples, empty where there is but one, and the examples.
    examples: Vec<(&'a str, &'a Value)>,
}

struct Response<'a> {
    /// Of three digits, or `default`.
    status: &'a str,
    heading: String,
    description: &'a str,
    headers: Vec<Field<'a>>,
    body: Option<Body<'a>>,
}

struct Code {
    code: ErrorCode,
    details: Option<Kind>,
}

struct Model<'a> {
    name: &'a str,
    description: &'a str,
    kind: Kind,
    fields: Vec<Field<'a>>,
    notes: Vec<String>,
}

impl<'a> Reference<'a> {
    /// The document is that of the spec.
    pub(crate) fn new(spec: &'a Spec, document: &'a Value) -> Self {
        let auth = AuthScheme::ALL.iter().map(|scheme| Auth {
            scheme: *scheme,
            description: text(at(document, &["components", "securitySchemes", scheme.name(), "description"])),
        });
        let tags = spec.tags().into_iter().map(|tag| Tag {
            name: tag.name,
            description: tag.description,
            operations: spec
                .operations
                .iter()
                .filter(|operation| operation.tag == tag)
                .map(|operation| Described::new(operation, document))
                .collect(),
        });
        let models = entries(at(document, &["components", "schemas"]));
        Self {
            info: spec.info,
            license: text(at(document, &["info", "license", "name"])),
            license_url: at(document, &["info", "license", "url"]).as_str(),
            document,
            auth: auth.collect(),
            tags: tags.collect(),
            codes: spec.known_codes().into_iter().map(|code| Code { code, details: details(code, document) }).collect(),
            models: models
                .map(|(name, schema)| Model {
                    name,
                    description: text(&schema["description"]),
                    kind: Kind::new(schema, document),
                    fields: field::fields(schema, document),
                    notes: field::notes(schema, document),
                })
                .collect(),
        }
    }
}

impl<'a> Described<'a> {
    fn new(operation: &'a Operation, document: &'a Value) -> Self {
        let method = operation.method.as_str().to_ascii_lowercase();
        let described = at(document, &["paths", operation.path.as_str(), &method]);
        let rows = || described["parameters"].as_array().into_iter().flatten();
        let parameters = [("path", "Path parameters"), ("query", "Query parameters"), ("header", "Header parameters")];
        let parameters = parameters.map(|(place, heading)| {
            let rows = rows().filter(|row| row["in"] == place);
            (heading, rows.map(|row| Parameter::new(place, row, document)).collect::<Vec<_>>())
        });
        Self {
            operation,
            parameters: parameters.into_iter().filter(|(_, rows)| !rows.is_empty()).collect(),
            body: Body::new(&described["requestBody"], document),
            samples: samples::all(operation),
            responses: entries(&described["responses"])
                .map(|(status, response)| Response::new(operation, status, resolve(response, document), document))
                .collect(),
        }
    }
}

impl<'a> Parameter<'a> {
    fn new(place: &'static str, row: &'a Value, document: &'a Value) -> Self {
        let schema = &row["schema"];
        Self {
            place,
            field: Field::new(text(&row["name"]), &row["description"], schema, row["required"] == true, document),
            example: row.get("example"),
            is_repeated: schema["type"] == "array",
        }
    }
}

impl<'a> Body<'a> {
    fn new(described: &'a Value, document: &'a Value) -> Option<Self> {
        let content = described.get("content")?.get(headers::JSON)?;
        let named = entries(&content["examples"]).map(|(name, example)| (name, &example["value"]));
        Some(Self {
            description: text(&described["description"]),
            kind: Kind::new(&content["schema"], document),
            examples: content.get("example").map(|example| ("", example)).into_iter().chain(named).collect(),
        })
    }
}

impl<'a> Response<'a> {
    fn new(operation: &Operation, status: &'a str, response: &'a Value, document: &'a Value) -> Self {
        let codes = operation.errors_by_status();
        let code = codes.iter().find(|(of_code, _)| of_code.to_string() == status).and_then(|(_, codes)| codes.first());
        let heading = match code {
            _ if operation.success_status.to_string() == status => format!("{status} {}", operation.success_heading),
            Some(code) => format!("{status} {}", code.heading()),
            None if status == "default" => "Any other status".to_owned(),
            None => status.to_owned(),
        };
        let headers = entries(&response["headers"]).map(|(name, header)| {
            let header = resolve(header, document);
            Field::header(name, header, document)
        });
        Self {
            status,
            heading,
            description: text(&response["description"]),
            headers: headers.collect(),
            body: Body::new(response, document),
        }
    }
}

/// The type of a code's details, by whichever schema says under a keyword of its own which model a code has.
fn details(code: ErrorCode, document: &Value) -> Option<Kind> {
    let schemas = entries(at(document, &["components", "schemas"]));
    let properties = schemas.flat_map(|(_, schema)| entries(&schema["properties"]));
    let keywords =
        properties.flat_map(|(_, property)| entries(property).filter(|(keyword, _)| keyword.starts_with("x-")));
    keywords.filter_map(|(_, models)| models.get(code.as_str())?.as_str()).next().map(Kind::named)
}

/// What is under these names in a value, or null.
fn at<'a>(value: &'a Value, names: &[&str]) -> &'a Value {
    names.iter().try_fold(value, |value, name| value.get(name)).unwrap_or(&Value::Null)
}

/// What a reference points at, or the value itself.
fn resolve<'a>(value: &'a Value, document: &'a Value) -> &'a Value {
    let target = value["$ref"].as_str().and_then(|pointer| document.pointer(pointer.strip_prefix('#')?));
    target.unwrap_or(value)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn entries(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}
