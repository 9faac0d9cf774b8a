//! The same document as OpenAPI 3.0.3, for tools that read nothing newer.

use std::collections::BTreeMap;

use openapi_compat::json_pointer;
use serde_json::{Map, Value, json};

use crate::document::names;
use crate::spec::{Spec, SpecError};

/// The keywords of a schema that mean the same in 3.0, apart from those that are rewritten.
const SAME: [&str; 17] = [
    "format",
    "description",
    "title",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "not",
    "pattern",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "default",
];

impl Spec {
    /// The same contract as OpenAPI 3.0.3.
    ///
    /// # Errors
    /// As [`document`](Self::document), or a schema has a keyword that 3.0 has no equivalent of.
    pub fn document_3_0(&self) -> Result<Value, SpecError> {
        downgrade(self.document()?)
    }
}

/// Rewrites the 3.1 document.
#[expect(clippy::expect_used, reason = "a document that kept it would say 3.1 and be 3.0")]
fn downgrade(mut document: Value) -> Result<Value, SpecError> {
    let fields = document.as_object_mut().expect("a document is an object");
    fields.insert("openapi".to_owned(), "3.0.3".into());
    for operation in operations(&mut document) {
        split_default(operation);
    }
    schemas_within(&mut document, "")?;
    if let Some(schemas) = document.pointer_mut("/components/schemas").and_then(Value::as_object_mut) {
        refer_to_namesakes(schemas)?;
    }
    Ok(document)
}

/// progenitor names the type of a text with rules of its own by the object and the field: `id` of `Job` is `JobId`. Where
/// that is the name of a component, the field has to refer to it, so that there are not two types of one name.
fn refer_to_namesakes(schemas: &mut Map<String, Value>) -> Result<(), SpecError> {
    let known = schemas.clone();
    for (object, schema) in schemas {
        let properties = schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten();
        for (field, property) in properties {
            let name = names::of_field(object, field);
            let Some(component) = known.get(&name).filter(|_| is_type_of_its_own(property)) else { continue };
            if rules(component) != rules(property) {
                return Err(SpecError::NameOfField { component: name, object: object.clone(), field: field.clone() });
            }
            let mut reference = Map::new();
            // Beside a `$ref` 3.0 reads nothing.
            reference.insert("allOf".to_owned(), json!([{ "$ref": format!("#/components/schemas/{name}") }]));
            let beside = ["nullable", "description"].map(|keyword| (keyword, property.get(keyword).cloned()));
            reference.extend(beside.into_iter().filter_map(|(keyword, value)| Some((keyword.to_owned(), value?))));
            *property = reference.into();
        }
    }
    Ok(())
}

/// Whether progenitor makes a type of it, and not a plain `String`.
fn is_type_of_its_own(property: &Value) -> bool {
    property["type"] == "string"
        && ["pattern", "minLength", "maxLength", "enum"].iter().any(|rule| property.get(rule).is_some())
}

/// The keywords that are not words for people.
fn rules(schema: &Value) -> BTreeMap<&str, &Value> {
    let keywords = schema.as_object().into_iter().flatten();
    let keywords = keywords.filter(|(keyword, _)| !["description", "example", "nullable"].contains(&keyword.as_str()));
    keywords.map(|(keyword, value)| (keyword.as_str(), value)).collect()
}

fn operations(document: &mut Value) -> impl Iterator<Item = &mut Map<String, Value>> {
    let paths = document.get_mut("paths").and_then(Value::as_object_mut).into_iter();
    paths
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
        .flat_map(Map::values_mut)
        .filter_map(Value::as_object_mut)
}

/// Some generators, such as progenitor, do not accept `default` beside a success without a body.
fn split_default(operation: &mut Map<String, Value>) {
    let Some(responses) = operation.get_mut("responses").and_then(Value::as_object_mut) else { return };
    if let Some(default) = responses.remove("default") {
        for range in ["4XX", "5XX"] {
            responses.insert(range.to_owned(), default.clone());
        }
    }
}

/// Rewrites every schema below a node that is not itself one.
fn schemas_within(node: &mut Value, pointer: &str) -> Result<(), SpecError> {
    match node {
        Value::Object(fields) => fields.iter_mut().try_for_each(|(name, value)| {
            let pointer = json_pointer::child(pointer, name);
            match (name.as_str(), value) {
                ("schema", schema) => rewrite(schema, &pointer),
                ("schemas", Value::Object(schemas)) => schemas
                    .iter_mut()
                    .try_for_each(|(name, schema)| rewrite(schema, &json_pointer::child(&pointer, name))),
                // An example is data, even where it looks like a schema.
                ("example" | "examples", _) => Ok(()),
                (_, value) => schemas_within(value, &pointer),
            }
        }),
        Value::Array(items) => items
            .iter_mut()
            .enumerate()
            .try_for_each(|(index, item)| schemas_within(item, &json_pointer::child(pointer, index))),
        _ => Ok(()),
    }
}

fn rewrite(schema: &mut Value, pointer: &str) -> Result<(), SpecError> {
    let Value::Object(keywords) = schema else { return Ok(()) };
    if keywords.contains_key("$ref") {
        return Ok(());
    }
    let mut rewritten = Map::new();
    for (keyword, mut value) in std::mem::take(keywords) {
        let pointer = json_pointer::child(pointer, &keyword);
        match keyword.as_str() {
            "examples" => {
                let example = value
                    .as_array_mut()
                    .filter(|examples| !examples.is_empty())
                    .map(|examples| examples.swap_remove(0));
                rewritten.extend(example.map(|example| ("example".to_owned(), example)));
                continue;
            }
            // 3.0 takes no empty list of them.
            "required" if value == json!([]) => continue,
            "const" => {
                rewritten.insert("enum".to_owned(), vec![value].into());
                continue;
            }
            "type" => {
                if let Value::Array(types) = value {
                    let (nulls, rest): (Vec<_>, Vec<_>) = types.into_iter().partition(|name| name == "null");
                    let [only] = rest.as_slice() else {
                        return Err(SpecError::NotInOpenApi30 { pointer, keyword });
                    };
                    rewritten.insert(keyword, only.clone());
                    if !nulls.is_empty() {
                        rewritten.insert("nullable".to_owned(), true.into());
                    }
                    continue;
                }
            }
            "anyOf" => {
                let Value::Array(branches) = value else {
                    return Err(SpecError::NotInOpenApi30 { pointer, keyword });
                };
                let (nulls, mut rest): (Vec<_>, Vec<_>) =
                    branches.into_iter().partition(|branch| *branch == json!({ "type": "null" }));
                if nulls.is_empty() || rest.len() != 1 {
                    return Err(SpecError::NotInOpenApi30 { pointer, keyword });
                }
                rest.iter_mut().try_for_each(|branch| rewrite(branch, &pointer))?;
                // 3.0 ignores whatever stands beside a `$ref`, so `nullable` needs an `allOf`.
                rewritten.insert("allOf".to_owned(), rest.into());
                rewritten.insert("nullable".to_owned(), true.into());
                continue;
            }
            "properties" => {
                for (name, property) in value.as_object_mut().into_iter().flatten() {
                    rewrite(property, &json_pointer::child(&pointer, name))?;
                }
            }
            // `{}` means the same as `true`, but progenitor keeps unknown fields only if it is written so.
            "additionalProperties" if value == true => value = Value::Object(Map::new()),
            "items" | "not" | "additionalProperties" => rewrite(&mut value, &pointer)?,
            keyword if SAME.contains(&keyword) || keyword.starts_with("x-") => {}
            _ => return Err(SpecError::NotInOpenApi30 { pointer, keyword }),
        }
        rewritten.insert(keyword, value);
    }
    *keywords = rewritten;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(mut schema: Value) -> Result<Value, SpecError> {
        rewrite(&mut schema, "/s").map(|()| schema)
    }

    #[test]
    fn what_3_0_writes_in_another_way_is_rewritten_at_every_depth() {
        let schema = json!({
            "type": "object",
            "properties": {
                "const": { "const": 1, "examples": [1, 2] },
                "nullable": { "type": ["string", "null"] },
                "list": { "type": "array", "items": { "const": "a" } },
                "open": { "type": "object", "additionalProperties": true },
                "closed": { "type": "object", "additionalProperties": false },
            },
            "required": [],
            "additionalProperties": { "not": { "const": true } },
            "examples": [],
        });
        let expected = json!({
            "type": "object",
            "properties": {
                "const": { "enum": [1], "example": 1 },
                "nullable": { "type": "string", "nullable": true },
                "list": { "type": "array", "items": { "enum": ["a"] } },
                "open": { "type": "object", "additionalProperties": {} },
                "closed": { "type": "object", "additionalProperties": false },
            },
            "additionalProperties": { "not": { "enum": [true] } },
        });
        assert_eq!(rewritten(schema), Ok(expected));
    }

    #[test]
    fn what_3_0_cannot_say_is_an_error_that_names_the_place() {
        for (schema, pointer, keyword) in [
            (json!({ "properties": { "a/b": { "if": true } } }), "/s/properties/a~1b/if", "if"),
            (json!({ "type": ["string", "integer"] }), "/s/type", "type"),
            (json!({ "items": { "prefixItems": [] } }), "/s/items/prefixItems", "prefixItems"),
        ] {
            let error = SpecError::NotInOpenApi30 { pointer: pointer.to_owned(), keyword: keyword.to_owned() };
            assert_eq!(rewritten(schema), Err(error));
        }
    }

    #[test]
    fn a_field_refers_to_the_component_whose_name_its_type_would_have() {
        let id = json!({ "type": "string", "pattern": "^job_", "description": "The job.", "example": "job_1" });
        let mut of_parent = id.clone();
        of_parent["nullable"] = true.into();
        let jobs = |properties: Value| {
            let job = json!({ "type": "object", "properties": properties });
            Map::from_iter([("JobId".to_owned(), id.clone()), ("Job".to_owned(), job)])
        };

        let mut schemas = jobs(json!({ "id": id, "parent_id": of_parent, "note": { "type": "string" } }));
        refer_to_namesakes(&mut schemas).unwrap();
        let reference = json!([{ "$ref": "#/components/schemas/JobId" }]);
        let expected = json!({
            "id": { "allOf": reference, "description": "The job." },
            "parent_id": of_parent,
            "note": { "type": "string" },
        });
        assert_eq!(schemas["Job"]["properties"], expected);

        let mut schemas = jobs(json!({ "id": of_parent }));
        refer_to_namesakes(&mut schemas).unwrap();
        let expected = json!({ "allOf": reference, "nullable": true, "description": "The job." });
        assert_eq!(schemas["Job"]["properties"]["id"], expected);

        let mut schemas = jobs(json!({ "id": { "type": "string", "pattern": "^j" } }));
        let (component, object, field) = ("JobId".to_owned(), "Job".to_owned(), "id".to_owned());
        assert_eq!(refer_to_namesakes(&mut schemas), Err(SpecError::NameOfField { component, object, field }));

        // A plain text has no type of its own.
        let mut schemas = jobs(json!({ "id": { "type": "string" } }));
        assert_eq!(refer_to_namesakes(&mut schemas), Ok(()));
        assert_eq!(schemas["Job"]["properties"]["id"], json!({ "type": "string" }));
    }

    #[test]
    fn what_an_example_holds_is_left_alone() {
        let body = json!({ "schema": { "const": 1 }, "examples": [1] });
        let mut document = json!({ "content": { "examples": { "A": { "value": body } }, "schema": { "const": 1 } } });
        schemas_within(&mut document, "").unwrap();
        assert_eq!(document["content"]["examples"]["A"]["value"], body);
        assert_eq!(document["content"]["schema"], json!({ "enum": [1] }));
    }
}
