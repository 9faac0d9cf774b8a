//! Pairs of schemas, each with the directions in which the change from one to the other breaks somebody.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic in its helpers, too"
)]

use std::collections::BTreeSet;

use openapi_compat::{Class, Direction, Document, Finding, diff};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    old: Value,
    new: Value,
    breaks: BTreeSet<String>,
    #[serde(default)]
    alarms: BTreeSet<String>,
}

fn document(schemas: &Value) -> Document {
    let schemas = if schemas.get("S").is_some() { schemas.clone() } else { json!({ "S": schemas }) };
    let content = json!({ "application/json": { "schema": { "$ref": "#/components/schemas/S" } } });
    let value = json!({
        "openapi": "3.1.0", "info": { "title": "t", "version": "1.0.0" },
        "paths": { "/s": { "post": {
            "operationId": "s",
            "requestBody": { "required": true, "content": content },
            "responses": { "200": { "description": "ok", "content": content } },
        } } },
        "components": { "schemas": schemas },
    });
    Document::new(value).expect("a document")
}

fn findings(old: &Value, new: &Value) -> Vec<Finding> {
    diff(&document(old), &document(new))
}

#[test]
fn a_change_breaks_in_the_directions_that_its_case_says() {
    let cases: Vec<Case> = serde_saphyr::from_str(include_str!("verdicts/pairs.yaml")).unwrap();
    let mut failed = String::new();
    for Case { name, old, new, breaks, alarms } in &cases {
        let said: BTreeSet<_> = breaks.union(alarms).cloned().collect();
        let found = findings(old, new);
        let is_breaking = |it: &&Finding| it.class == Class::Breaking && it.direction != Direction::Code;
        let directions: BTreeSet<_> = found.iter().filter(is_breaking).map(|it| it.direction.to_string()).collect();
        if directions != said {
            failed += &format!("{name}: {directions:?} and not {said:?}\n");
            found.iter().for_each(|it| failed += &format!("    {it}\n"));
        }
        assert_eq!(findings(new, new), [], "{name}");
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn a_long_list_of_values_is_compared_in_one_pass() {
    let list = |from: usize| json!({ "enum": (from..from + 20_000).map(|it| format!("v{it}")).collect::<Vec<_>>() });
    let found = findings(&list(0), &list(1));
    assert_eq!(found.iter().filter(|it| it.class == Class::Breaking).count(), 2);
}
