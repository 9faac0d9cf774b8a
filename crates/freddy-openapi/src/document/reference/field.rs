//! Schemas in words.

use serde_json::Value;

use super::{entries, resolve, text};

/// What kind of value something is, in a word or two, with a link to each model that it names.
pub(super) struct Kind(String);

impl Kind {
    /// The type that a reference names.
    pub(super) fn named(pointer: &str) -> Self {
        Self(link(pointer))
    }

    pub(super) fn new(schema: &Value, document: &Value) -> Self {
        Self(words(schema, document))
    }

    /// In Markdown.
    pub(super) fn words(&self) -> &str {
        &self.0
    }
}

fn words(schema: &Value, document: &Value) -> String {
    if let Some(pointer) = schema["$ref"].as_str() {
        let target = resolve(schema, document);
        let kind = if is_scalar(target) { words(target, document) + " " } else { String::new() };
        return kind + &link(pointer);
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(schemas) = schema[choice].as_array() {
            let kinds = schemas.iter().filter(|schema| schema["type"] != "null").map(|schema| words(schema, document));
            return kinds.collect::<Vec<_>>().join(" or ");
        }
    }
    if let Some([schema]) = schema["allOf"].as_array().map(Vec::as_slice) {
        return words(schema, document);
    }
    match (kind_name(schema), schema["format"].as_str()) {
        ("array", _) => format!("list of {}", words(&schema["items"], document)),
        ("object", _) if schema["additionalProperties"].is_object() => {
            format!("map of {}", words(&schema["additionalProperties"], document))
        }
        ("string", Some("date-time")) => "time (RFC 3339)".to_owned(),
        ("integer", Some("int64")) => "64-bit integer".to_owned(),
        (kind, _) => kind.to_owned(),
    }
}

/// The type that is not null.
fn kind_name(schema: &Value) -> &str {
    let kinds = schema["type"].as_array().map_or(std::slice::from_ref(&schema["type"]), Vec::as_slice);
    kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null").unwrap_or("any value")
}

fn is_scalar(schema: &Value) -> bool {
    ["string", "integer", "number", "boolean"].contains(&kind_name(schema))
}

fn is_nullable(schema: &Value) -> bool {
    let lists = ["type", "oneOf", "anyOf"].into_iter().filter_map(|keyword| schema[keyword].as_array());
    lists.flatten().any(|member| member == "null" || member["type"] == "null")
}

/// The anchor of a model is the one that forges give to its heading.
fn link(pointer: &str) -> String {
    let name = pointer.rsplit('/').next().unwrap_or(pointer);
    format!("[{name}](#{})", anchor(name))
}

pub(super) fn anchor(name: &str) -> String {
    name.to_lowercase()
}

/// A parameter, a header, or a field of an object.
pub(super) struct Field<'a> {
    pub(super) name: &'a str,
    pub(super) kind: Kind,
    pub(super) presence: &'static str,
    pub(super) description: &'a str,
    /// What the schema says beyond the kind, each a sentence in Markdown.
    pub(super) notes: Vec<String>,
}

impl<'a> Field<'a> {
    pub(super) fn new(
        name: &'a str,
        description: &'a Value,
        schema: &'a Value,
        is_required: bool,
        document: &'a Value,
    ) -> Self {
        let presence = match (is_required, is_nullable(schema)) {
            (true, false) => "required",
            (false, false) => "optional",
            (true, true) => "required, may be `null`",
            (false, true) => "optional, may be `null`",
        };
        // A field whose type is a model has the words of the model, if it has none of its own.
        let description = [description, &schema["description"], &resolve(schema, document)["description"]];
        let description = description.into_iter().find_map(Value::as_str).unwrap_or_default();
        Self { name, kind: Kind::new(schema, document), presence, description, notes: notes(schema, document) }
    }

    /// A header is sent where there is something to say, unless it is required.
    pub(super) fn header(name: &'a str, header: &'a Value, document: &'a Value) -> Self {
        let is_required = header["required"] == true;
        let mut field = Self::new(name, &header["description"], &header["schema"], is_required, document);
        if !is_required {
            field.presence = "";
        }
        field
    }
}

pub(super) fn fields<'a>(schema: &'a Value, document: &'a Value) -> Vec<Field<'a>> {
    let required = |name: &str| schema["required"].as_array().is_some_and(|names| names.iter().any(|it| it == name));
    let field =
        |(name, field): (&'a str, &'a Value)| Field::new(name, &field["description"], field, required(name), document);
    entries(&schema["properties"]).map(field).collect()
}

/// What a schema says beyond the kind and the description.
pub(super) fn notes(schema: &Value, document: &Value) -> Vec<String> {
    let schema = match kind_name(schema) {
        "array" => resolve(&schema["items"], document),
        _ => resolve(schema, document),
    };
    let mut notes = Vec::new();
    let mut bounds = |min: &str, max: &str, unit: &str| {
        // The largest number of a format is no bound to tell a reader.
        let max = schema[max].as_u64().filter(|max| ![i32::MAX as u64, i64::MAX as u64].contains(max));
        notes.extend(match (schema[min].as_i64(), max) {
            (Some(min), Some(max)) => Some(format!("From {min} to {max}{unit}.")),
            (Some(min), None) => Some(format!("At least {min}{unit}.")),
            (None, Some(max)) => Some(format!("At most {max}{unit}.")),
            (None, None) => None,
        });
    };
    bounds("minimum", "maximum", "");
    bounds("minLength", "maxLength", " characters");
    if let Some(values) = schema["enum"].as_array() {
        let values = values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
        notes.push(format!("One of {values}."));
    }
    // That of a time repeats the format.
    if let Some(pattern) = schema["pattern"].as_str().filter(|_| schema["format"] != "date-time") {
        notes.push(format!("Pattern: `{pattern}`."));
    }
    if let Some(example) =
        schema["examples"].get(0).and_then(Value::as_str).filter(|_| schema.get("x-extensible-enum").is_none())
    {
        notes.push(format!("Example: `{example}`."));
    }
    // Which model holds in which case, such as `x-details-by-code`.
    for (keyword, models) in entries(schema) {
        let models = keyword.starts_with("x-").then(|| entries(models)).into_iter().flatten();
        let models = models.filter(|(_, model)| text(model).starts_with("#/"));
        let models = models.map(|(case, model)| format!("`{case}`: {}", link(text(model)))).collect::<Vec<_>>();
        if !models.is_empty() {
            notes.push(format!("{}: {}.", heading(keyword), models.join(", ")));
        }
    }
    notes
}

/// The words of a keyword: `x-details-by-code` is `Details by code`.
fn heading(keyword: &str) -> String {
    let words = keyword.trim_start_matches("x-").replace('-', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The kind, the presence and the notes of each field, as the pages say them.
    fn said(properties: &Value, required: &[&str]) -> Vec<String> {
        let document = json!({ "components": { "schemas": {
            "Job": { "type": "object" },
            "JobId": { "type": "string", "pattern": "^job_.$", "examples": ["job_1"] },
        } } });
        let schema = json!({ "properties": properties, "required": required });
        let said = |field: Field<'_>| {
            let facts = [field.kind.words(), field.presence].map(str::to_owned).into_iter();
            facts.chain(field.notes).collect::<Vec<_>>().join("; ")
        };
        fields(&schema, &document).into_iter().map(said).collect()
    }

    #[test]
    fn each_schema_has_its_words() {
        let job = json!({ "$ref": "#/components/schemas/Job" });
        let id = json!({ "$ref": "#/components/schemas/JobId" });
        let nothing = json!({ "type": "null" });
        for (schema, words) in [
            (json!({ "type": "string" }), "string"),
            (json!({ "type": "boolean" }), "boolean"),
            (json!({ "type": "string", "format": "date-time", "pattern": "T" }), "time (RFC 3339)"),
            (json!({ "type": "integer", "format": "int32" }), "integer"),
            (json!({ "type": "integer", "format": "int64" }), "64-bit integer"),
            (json!({ "type": ["string", "null"] }), "string, may be null"),
            (json!({ "type": ["null", "string"] }), "string, may be null"),
            (job.clone(), "[Job](#job)"),
            (id.clone(), "string [JobId](#jobid); Pattern: `^job_.$`.; Example: `job_1`."),
            (json!({ "anyOf": [job, nothing] }), "[Job](#job), may be null"),
            (json!({ "oneOf": [job, { "type": "string" }] }), "[Job](#job) or string"),
            (json!({ "allOf": [job] }), "[Job](#job)"),
            (json!({ "type": "array", "items": job }), "list of [Job](#job)"),
            (json!({ "type": "object", "additionalProperties": { "type": "string" } }), "map of string"),
            (json!({ "type": "object", "additionalProperties": true }), "object"),
            (json!({}), "any value"),
            (json!({ "type": "integer", "minimum": 0, "maximum": 9 }), "integer; From 0 to 9."),
            (json!({ "type": "integer", "minimum": -1 }), "integer; At least -1."),
            (json!({ "type": "integer", "maximum": 9 }), "integer; At most 9."),
            (json!({ "type": "integer", "minimum": 0, "maximum": i32::MAX }), "integer; At least 0."),
            (json!({ "type": "string", "minLength": 1, "maxLength": 9 }), "string; From 1 to 9 characters."),
            (json!({ "type": "string", "enum": ["a", "b"] }), "string; One of `\"a\"`, `\"b\"`."),
            (json!({ "type": "string", "x-extensible-enum": ["a"], "examples": ["a"] }), "string"),
            (
                json!({ "type": "array", "items": { "type": "string", "pattern": "a" } }),
                "list of string; Pattern: `a`.",
            ),
            (
                json!({ "type": "object", "x-details-by-code": { "A": "#/components/schemas/Job" } }),
                "object; Details by code: `A`: [Job](#job).",
            ),
        ] {
            let (kind, notes) =
                words.split_once("; ").map_or((words, String::new()), |(kind, notes)| (kind, format!("; {notes}")));
            let (kind, null) = kind.split_once(", ").map_or((kind, ""), |(kind, _)| (kind, ", may be `null`"));
            let properties = json!({ "field": schema });
            assert_eq!(said(&properties, &["field"]), [format!("{kind}; required{null}{notes}")], "{schema}");
            assert_eq!(said(&properties, &[]), [format!("{kind}; optional{null}{notes}")], "{schema}");
        }
    }
}
