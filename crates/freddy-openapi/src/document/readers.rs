//! What each kind of reader cannot take of a schema: generators of clients, and validators.

use serde_json::{Map, Value};

/// Takes out of a document what generators trip over. Whoever checks bodies has it in the separate schemas.
pub(crate) fn for_generators(document: &mut Value) {
    each_schema_of_document(document, &mut |keywords| {
        // Some make an untyped field of it, or refuse the document.
        keywords.shift_remove("not");
        // The type that they make of a format takes no pattern.
        if keywords.contains_key("format") {
            keywords.shift_remove("pattern");
        }
    });
}

/// Takes out of a separate schema what is no keyword of JSON Schema, and names what it defines.
pub(crate) fn for_validators(schema: &mut Value) {
    // A validator that is strict compiles no schema with a keyword or a format that it does not know.
    each_schema(schema, &mut |keywords| {
        keywords.retain(|keyword, _| !keyword.starts_with("x-"));
        if keywords.get("type").is_some_and(|name| name == "integer") {
            keywords.shift_remove("format");
        }
    });
    // Without a title, a tool that makes types names them by the field that refers to them: `Error`.
    let definitions = schema.get_mut("$defs").and_then(Value::as_object_mut).into_iter().flatten();
    for (name, definition) in definitions {
        if let Some(keywords) = definition.as_object_mut() {
            keywords.shift_insert(0, "title".to_owned(), name.as_str().into());
        }
    }
}

/// The schema and all that stand in it.
fn each_schema(schema: &mut Value, edit: &mut impl FnMut(&mut Map<String, Value>)) {
    let Some(keywords) = schema.as_object_mut() else { return };
    edit(keywords);
    for (keyword, value) in keywords {
        match (keyword.as_str(), value) {
            ("properties" | "patternProperties" | "$defs", Value::Object(schemas)) => {
                schemas.values_mut().for_each(|schema| each_schema(schema, edit));
            }
            ("allOf" | "anyOf" | "oneOf", Value::Array(schemas)) => {
                schemas.iter_mut().for_each(|schema| each_schema(schema, edit));
            }
            ("items" | "additionalProperties" | "not" | "if" | "then" | "else", schema) => each_schema(schema, edit),
            _ => {}
        }
    }
}

fn each_schema_of_document(node: &mut Value, edit: &mut impl FnMut(&mut Map<String, Value>)) {
    match node {
        Value::Object(fields) => {
            for (name, value) in fields {
                match (name.as_str(), value) {
                    ("schema", schema) => each_schema(schema, edit),
                    ("schemas", Value::Object(schemas)) => {
                        schemas.values_mut().for_each(|schema| each_schema(schema, edit));
                    }
                    // An example is data, even where it looks like a schema.
                    ("example" | "examples", _) => {}
                    (_, value) => each_schema_of_document(value, edit),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_schema_of_document(item, edit)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn generators_get_no_not_and_no_pattern_beside_a_format_at_any_depth() {
        let time = json!({ "type": "string", "format": "date-time", "pattern": "^2", "not": { "pattern": "[^!-~]" } });
        let id = json!({ "type": "string", "pattern": "^p", "not": { "pattern": "[^!-~]" } });
        let object = json!({ "properties": { "not": time, "list": { "items": id } }, "examples": [{ "not": 1 }] });
        let example = json!({ "schema": { "not": 1 } });
        let mut document = json!({
            "paths": { "/": [{ "schema": id, "example": example }] },
            "components": { "schemas": { "A": object } },
        });
        for_generators(&mut document);
        let (time, id) =
            (json!({ "type": "string", "format": "date-time" }), json!({ "type": "string", "pattern": "^p" }));
        let object = json!({ "properties": { "not": time, "list": { "items": id } }, "examples": [{ "not": 1 }] });
        let expected = json!({
            "paths": { "/": [{ "schema": id, "example": example }] },
            "components": { "schemas": { "A": object } },
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn validators_get_keywords_of_json_schema_alone_and_titles() {
        let mut schema = json!({
            "title": "T",
            "properties": { "x-field": { "type": "integer", "format": "int32", "x-note": 1 } },
            "$defs": { "A": { "type": "string", "format": "date-time", "x-extensible-enum": ["a"] } },
        });
        for_validators(&mut schema);
        let expected = json!({
            "title": "T",
            "properties": { "x-field": { "type": "integer" } },
            "$defs": { "A": { "title": "A", "type": "string", "format": "date-time" } },
        });
        assert_eq!(schema, expected);
    }
}
