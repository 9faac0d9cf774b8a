//! What is pinned: small texts that a reviewer reads, each in a file of the package's `pinned/` under a name that says what
//! it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use freddy_types::shape::{FieldShape, Presence, Shape};
use freddy_types::{
    ApiError, Definitions, EncodedRequest, EncodedResponse, Endpoint, ErrorCode, ErrorEnvelope, Form, IncomingRequest,
    ParameterPlace, ParameterPresence, SuccessResponse,
};
use serde_json::Value;

/// The pins of a package, by name.
pub(crate) struct Pins {
    pinned: BTreeMap<String, String>,
}

impl Pins {
    pub(crate) fn new() -> Self {
        Self { pinned: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, name: impl Into<String>, text: String) {
        let name = name.into();
        assert!(self.pinned.insert(name.clone(), text).is_none(), "{name} is pinned twice");
    }

    /// What an endpoint is made of, and the objects in it.
    pub(crate) fn add_endpoint<E: Endpoint>(&mut self) {
        self.add(format!("endpoint-{}", E::OPERATION_ID), endpoint::<E>());
        let rows = E::parameters().into_iter().map(|row| row.shape());
        for shape in rows.chain(E::Response::body().map(|body| body.shape())) {
            self.add_shape(&shape);
        }
    }

    /// The example of a code, and its details.
    pub(crate) fn add_code(&mut self, code: ErrorCode) {
        self.add(format!("error-{}-{code}", code.status()), error(ApiError::example(code)));
        if let Some(details) = code.details_type() {
            self.add_shape(&details.shape());
        }
    }

    /// A shape, and those that it is made of, each once. One that has no name is seen where it stands.
    pub(crate) fn add_shape(&mut self, shape: &Shape) {
        let name = match shape {
            Shape::List(inner) | Shape::Map(inner) => return self.add_shape(inner),
            Shape::Object(object) => object.name.to_string(),
            Shape::Union(union) => union.name.to_owned(),
            Shape::Enum(names) => names.name.to_owned(),
            Shape::Text(text) if text.name.is_some() => text.name.unwrap_or_default().to_owned(),
            _ => return,
        };
        let outline = outline(shape);
        match self.pinned.insert(format!("type-{name}"), outline.clone()) {
            Some(known) => assert_eq!(known, outline, "two types have the name {name}"),
            None => inner(shape).iter().for_each(|shape| self.add_shape(shape)),
        }
    }

    /// Holds the pins against their files with `assert`, a line in the test, so that the files name the test.
    pub(crate) fn assert_as_recorded(&self, folder: &Path, assert: fn(&str, &str)) {
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        // All of them are held against their files before one that differs ends it, so that every difference is shown.
        let differs = |pin: &(&String, &String)| std::panic::catch_unwind(|| assert(pin.0, pin.1)).is_err();
        let differing: Vec<_> = settings.bind(|| self.pinned.iter().filter(differs).map(|(name, _)| name).collect());
        assert!(differing.is_empty(), "not as recorded: {differing:?}");
    }

    /// A file that nothing is pinned in is one too many.
    pub(crate) fn assert_no_other_file(&self, folder: &Path) {
        let files: BTreeSet<_> = std::fs::read_dir(folder)
            .unwrap()
            .filter_map(|file| file.unwrap().file_name().to_str()?.strip_suffix(".snap").map(str::to_owned))
            .collect();
        assert_eq!(files, self.pinned.keys().cloned().collect(), "the files in {}", folder.display());
    }

    /// Every operation of a document has its rows, a request and a success pinned.
    pub(crate) fn assert_every_operation_is_there(&self, document: &Value) {
        let items = document["paths"].as_object().unwrap().values();
        let ids: Vec<_> = items
            .flat_map(|item| item.as_object().unwrap().values())
            .filter_map(|operation| operation.get("operationId")?.as_str())
            .collect();
        assert!(!ids.is_empty());
        for (kind, id) in
            ["endpoint", "request", "success"].iter().flat_map(|kind| ids.iter().map(move |id| (kind, id)))
        {
            let name = format!("{kind}-{id}");
            let is_pinned = |pin: &String| *pin == name || pin.starts_with(&format!("{name}-"));
            assert!(self.pinned.keys().any(is_pinned), "there is no {name}");
        }
    }

    /// Every code that a document knows is pinned, but for those that are pinned elsewhere.
    pub(crate) fn assert_every_code_is_there(&self, document: &Value, elsewhere: &[ErrorCode]) {
        let codes = &document["components"]["schemas"]["ErrorObject"]["properties"]["code"]["x-extensible-enum"];
        for code in codes.as_array().unwrap().iter().map(|code| code.as_str().unwrap()) {
            let is_pinned = self.pinned.keys().any(|pin| pin.starts_with("error-") && pin[10..] == *code);
            assert!(is_pinned || elsewhere.iter().any(|other| other.as_str() == code), "there is no error-…-{code}");
        }
    }
}

/// An error as it is sent.
fn error(error: ApiError) -> String {
    let headers: Vec<_> = error.headers().map(|(name, value)| (name, value.into_owned())).collect();
    let status = error.status().to_string();
    message(status, &headers, &serde_json::to_vec(&ErrorEnvelope::from(error)).unwrap())
}

/// JSON, a line a field, in the order in which it came.
pub(crate) fn laid_out(json: impl AsRef<[u8]>) -> String {
    serde_json::to_string_pretty(&serde_json::from_slice::<Value>(json.as_ref()).unwrap()).unwrap()
}

/// A request as it is sent, after the server has read it back.
pub(crate) fn request<E: Endpoint>(request: &E) -> String {
    let encoded = request.encode();
    let EncodedRequest { path, query, headers, body, .. } = &encoded;
    let body = body.as_deref().unwrap_or_default();
    let incoming = IncomingRequest::new(path).query(query).headers(headers).body(body);
    assert_eq!(E::decode(&incoming).as_ref(), Ok(request));
    message(format!("{} {}", E::METHOD, encoded.target()), headers, body)
}

/// A success as it is sent, after the client has read it.
pub(crate) fn success<R: SuccessResponse>(response: &R) -> String {
    let EncodedResponse { status, headers, body, .. } = response.encode();
    R::decode(&headers, &body).unwrap();
    message(status.to_string(), &headers, &body)
}

/// A first line, headers and a body.
fn message(mut text: String, headers: &[(impl AsRef<str>, impl AsRef<str>)], body: &[u8]) -> String {
    for (name, value) in headers {
        write!(text, "\n{}: {}", name.as_ref(), value.as_ref()).unwrap();
    }
    if !body.is_empty() {
        write!(text, "\n\n{}", laid_out(body)).unwrap();
    }
    text
}

/// An endpoint, a line a row.
fn endpoint<E: Endpoint>() -> String {
    let mut lines = vec![format!("{} {}", E::METHOD, E::PATH)];
    for row in E::parameters() {
        let place = match row.place {
            ParameterPlace::Path => "path",
            ParameterPlace::Query => "query",
            ParameterPlace::Header => "header",
            ParameterPlace::Body => "body",
            other => panic!("{other:?} has no word"),
        };
        let (presence, default) = match &row.presence {
            ParameterPresence::Required => ("required", String::new()),
            ParameterPresence::Optional => ("optional", String::new()),
            ParameterPresence::Repeated => ("repeated", String::new()),
            ParameterPresence::Defaulted(default) => ("defaulted", format!(" = {default}")),
            other => panic!("{other:?} has no word"),
        };
        lines.push(format!("{presence} {place} {}: {}{default}", row.name, brief(&row.shape())));
    }
    let body = E::Response::body().map_or_else(|| "nothing".to_owned(), |body| brief(&body.shape()));
    let headers = E::Response::headers().iter().map(|header| format!(" and {}", header.name)).collect::<String>();
    lines.push(format!("returns {} {body}{headers}", E::Response::STATUS));
    lines.extend(E::ERRORS.iter().map(|code| format!("or {} {code}", code.status())));
    lines.push(format!("with {:?}", E::AUTH));
    lines.join("\n")
}

/// What a type is, a line a field, and what the two forms of its schema require.
fn outline(shape: &Shape) -> String {
    match shape {
        Shape::Object(object) => {
            let mut lines: Vec<_> = object.fields.iter().map(field).collect();
            for form in [Form::Open, Form::Strict] {
                let mut definitions = Definitions::new("");
                let _ = shape.reference(form, &mut definitions);
                let schemas = definitions.into_schemas().unwrap();
                let required: Vec<_> = schemas[&*object.name]["required"].as_array().into_iter().flatten().collect();
                let required: Vec<_> = required.iter().filter_map(|name| name.as_str()).collect();
                lines.push(format!(
                    "{form:?}: {} required",
                    if required.is_empty() { "none".into() } else { required.join(", ") }
                ));
            }
            lines.extend(object.rule.iter().map(|rule| format!("Strict: {rule}")));
            lines.join("\n")
        }
        Shape::Union(union) => {
            let variant = |variant: &freddy_types::shape::VariantShape| {
                format!("{} {:?}: {}", union.tag, variant.name, brief(&(variant.shape)()))
            };
            union.variants.iter().map(variant).collect::<Vec<_>>().join("\n")
        }
        Shape::Enum(names) => names.values.iter().map(|(name, _)| *name).collect::<Vec<_>>().join("\n"),
        other => text(other),
    }
}

fn field(field: &FieldShape) -> String {
    let presence = match field.presence {
        Presence::Required => "required",
        Presence::Optional => "optional",
        Presence::Nullable => "nullable",
        Presence::Patchable => "patchable",
        other => panic!("{other:?} has no word"),
    };
    format!("{presence} {}: {}", field.name, brief(&(field.shape)()))
}

/// A type in a few words: its name, where it has one.
fn brief(shape: &Shape) -> String {
    match shape {
        Shape::Boolean => "boolean".to_owned(),
        Shape::Integer { min, max } => format!("integer from {min} to {max}"),
        Shape::Text(text) if text.name.is_some() => text.name.unwrap_or_default().to_owned(),
        Shape::Text(_) => text(shape),
        Shape::Enum(names) => names.name.to_owned(),
        Shape::Object(object) => object.name.to_string(),
        Shape::Union(union) => union.name.to_owned(),
        Shape::List(item) => format!("list of {}", brief(item)),
        Shape::Map(value) => format!("map of {}", brief(value)),
        other => panic!("{other:?} has no words"),
    }
}

fn text(shape: &Shape) -> String {
    let Shape::Text(text) = shape else { panic!("{shape:?} has no words") };
    let mut words = "string".to_owned();
    if let Some(format) = text.format {
        write!(words, " {format}").unwrap();
    }
    match text.max_chars {
        Some(max) => write!(words, " of {} to {max} characters", text.min_chars).unwrap(),
        None => assert_eq!(text.min_chars, 0),
    }
    if let Some(pattern) = text.pattern {
        write!(words, " {pattern}{}", if text.is_open { " (where it is sent)" } else { "" }).unwrap();
    }
    words
}

/// The shapes that stand in the fields and variants of a shape.
fn inner(shape: &Shape) -> Vec<Shape> {
    match shape {
        Shape::Object(object) => object.fields.iter().map(|field| (field.shape)()).collect(),
        Shape::Union(union) => union.variants.iter().map(|variant| (variant.shape)()).collect(),
        _ => Vec::new(),
    }
}
