//! The law that the 3.0 document says the same as the 3.1 document.

use serde_json::{Map, Value, json};

use crate::spec::Spec;

#[track_caller]
#[expect(clippy::panic, reason = "a law that does not hold fails the test that holds to it")]
pub(super) fn hold(spec: &Spec) {
    let document = spec.document().unwrap_or_else(|error| panic!("no document: {error}"));
    let twin = spec.document_3_0().unwrap_or_else(|error| panic!("no 3.0 document: {error}"));
    for place in ["/components/schemas", "/paths"] {
        let of =
            |document: &Value| normalized(document.pointer(place).unwrap_or_else(|| panic!("no {place}")), document);
        let (one, other) = (of(&document), of(&twin));
        assert_eq!(one, other, "{place} of the 3.1 and of the 3.0 document");
    }
}

/// The notation of 3.0 rewritten as that of 3.1, without examples.
fn normalized(value: &Value, document: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| normalized(item, document)).collect(),
        Value::Object(fields) => {
            let text = text_that_is_referred_to(fields, document);
            let mut fields: Map<_, _> = text
                .as_ref()
                .unwrap_or(fields)
                .iter()
                .filter(|(name, _)| !matches!(name.as_str(), "example" | "examples" | "x-codeSamples"))
                .map(|(name, value)| (name.clone(), normalized(value, document)))
                .collect();
            // An empty list of them says nothing, and 3.0 does not take it.
            if fields.get("required") == Some(&json!([])) {
                fields.remove("required");
            }
            if fields.get("additionalProperties") == Some(&json!({})) {
                fields.insert("additionalProperties".to_owned(), true.into());
            }
            if fields.remove("nullable").is_some() {
                if let Some(name) = fields.get_mut("type") {
                    *name = json!([name, "null"]);
                }
                if let Some(Value::Array(mut branches)) = fields.remove("allOf") {
                    branches.push(json!({ "type": "null" }));
                    fields.insert("anyOf".to_owned(), branches.into());
                }
            }
            // The twin has ranges in the place of a default.
            if let Some(default) = fields.remove("default") {
                fields.insert("4XX".to_owned(), default.clone());
                fields.insert("5XX".to_owned(), default);
            }
            Value::Object(fields)
        }
        other => other.clone(),
    }
}

/// The fields of a text where the twin refers to the component of its name: those of the component and of the reference.
fn text_that_is_referred_to(fields: &Map<String, Value>, document: &Value) -> Option<Map<String, Value>> {
    let [reference] = fields.get("allOf")?.as_array()?.as_slice() else { return None };
    let pointer = reference.get("$ref")?.as_str()?.strip_prefix('#')?;
    let mut text =
        document.pointer(pointer)?.as_object().filter(|text| text.get("type") == Some(&"string".into()))?.clone();
    text.extend(fields.iter().filter(|(name, _)| *name != "allOf").map(|(name, value)| (name.clone(), value.clone())));
    Some(text)
}
