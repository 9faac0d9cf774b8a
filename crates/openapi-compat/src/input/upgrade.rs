//! Schemas of OpenAPI 3.0 as schemas of 3.1.
//!
//! `example` and `format` stay, which 3.1 allows too: `format: binary` says the same to those who generate code from either.

use serde_json::{Map, Value, json};

/// What describes a schema and does not decide which values it allows.
const ANNOTATIONS: [&str; 9] =
    ["title", "description", "default", "example", "deprecated", "readOnly", "writeOnly", "externalDocs", "xml"];

/// Rewrites one schema, and none of those in it.
pub(super) fn schema(schema: &mut Value) {
    let Value::Object(fields) = schema else { return };
    if fields.get("$ref").is_some_and(Value::is_string) {
        // In 3.0, what stands beside it is ignored.
        fields.retain(|name, _| name == "$ref");
        return;
    }
    limit(fields, "minimum", "exclusiveMinimum");
    limit(fields, "maximum", "exclusiveMaximum");
    if fields.get("nullable").is_some_and(Value::is_boolean)
        && fields.shift_remove("nullable") == Some(Value::Bool(true))
    {
        allow_null(fields);
    }
}

/// In 3.0, an exclusive limit is a flag on the inclusive one.
fn limit(fields: &mut Map<String, Value>, inclusive: &str, exclusive: &str) {
    let Some(Value::Bool(is_exclusive)) = fields.get(exclusive) else { return };
    match fields.get(inclusive).filter(|_| *is_exclusive).cloned() {
        Some(limit) => {
            fields.shift_remove(inclusive);
            fields.insert(exclusive.to_owned(), limit);
        }
        None => {
            fields.shift_remove(exclusive);
        }
    }
}

/// What those who write `nullable` mean: 3.0.3 ignores it where there is no `type`, and wants `null` among the values too.
fn allow_null(fields: &mut Map<String, Value>) {
    let has_type = match fields.get_mut("type") {
        Some(Value::Array(types)) => {
            if !types.contains(&json!("null")) {
                types.push(json!("null"));
            }
            true
        }
        Some(Value::String(name)) if name == "null" => true,
        Some(name) => {
            *name = json!([name.clone(), "null"]);
            true
        }
        None => false,
    };
    if let Some(Value::Array(values)) = fields.get_mut("enum")
        && !values.contains(&Value::Null)
    {
        values.push(Value::Null);
    }
    let combines = ["allOf", "anyOf", "oneOf", "not"].iter().any(|keyword| fields.contains_key(*keyword));
    if !combines && (has_type || fields.contains_key("enum")) {
        return;
    }
    if let (1, Some(Value::Array(variants))) =
        (fields.keys().filter(|name| !is_annotation(name)).count(), fields.get_mut("anyOf"))
    {
        variants.push(json!({ "type": "null" }));
        return;
    }
    let (outside, inside): (Map<_, _>, Map<_, _>) =
        std::mem::take(fields).into_iter().partition(|(name, _)| is_annotation(name));
    *fields = outside;
    // Without a rule beside it, null is allowed already.
    if !inside.is_empty() {
        fields.insert("anyOf".to_owned(), json!([inside, { "type": "null" }]));
    }
}

fn is_annotation(name: &str) -> bool {
    ANNOTATIONS.contains(&name) || name.starts_with("x-")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_schema_of_3_0_says_the_same_in_3_1() {
        let cases = [
            (json!({"type": "string", "nullable": true}), json!({"type": ["string", "null"]})),
            (json!({"type": "string", "nullable": false}), json!({"type": "string"})),
            (json!({"type": "string", "nullable": "?"}), json!({"type": "string", "nullable": "?"})),
            (
                json!({"type": "string", "enum": ["a"], "nullable": true}),
                json!({"type": ["string", "null"], "enum": ["a", null]}),
            ),
            (
                json!({"enum": ["a", null], "nullable": true, "description": "d"}),
                json!({"enum": ["a", null], "description": "d"}),
            ),
            (
                json!({"allOf": [{"$ref": "#/a"}], "nullable": true, "title": "t", "x-a": 1}),
                json!({"title": "t", "x-a": 1, "anyOf": [{"allOf": [{"$ref": "#/a"}]}, {"type": "null"}]}),
            ),
            (
                json!({"type": "object", "allOf": [{"$ref": "#/a"}], "nullable": true}),
                json!({"anyOf": [{"type": ["object", "null"], "allOf": [{"$ref": "#/a"}]}, {"type": "null"}]}),
            ),
            (
                json!({"anyOf": [{"$ref": "#/a"}], "nullable": true}),
                json!({"anyOf": [{"$ref": "#/a"}, {"type": "null"}]}),
            ),
            (json!({"nullable": true, "description": "d"}), json!({"description": "d"})),
            (
                json!({"minimum": 1, "exclusiveMinimum": true, "maximum": 2, "exclusiveMaximum": false}),
                json!({"exclusiveMinimum": 1, "maximum": 2}),
            ),
            (json!({"exclusiveMinimum": true}), json!({})),
            (json!({"$ref": "#/a", "nullable": true, "description": "d"}), json!({"$ref": "#/a"})),
            (
                json!({"example": {"nullable": true}, "format": "binary"}),
                json!({"example": {"nullable": true}, "format": "binary"}),
            ),
            (json!(true), json!(true)),
        ];
        for (mut schema, upgraded) in cases {
            super::schema(&mut schema);
            assert_eq!(schema, upgraded);
        }
    }
}
