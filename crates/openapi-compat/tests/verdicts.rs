//! What each edit of everything but schemas is to whom: by case, and by law.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic in its helpers, too"
)]

#[path = "verdicts/cases.rs"]
mod cases;

use std::collections::BTreeSet;

use cases::cases;
use json_patch::Patch;
use openapi_compat::{Class, Document, Finding, diff};
use serde_json::{Map, Value, json};

fn base() -> Value {
    serde_saphyr::from_str(include_str!("verdicts/api-base.yaml")).unwrap()
}

fn findings(old: &Value, new: &Value) -> Vec<Finding> {
    diff(&Document::new(old.clone()).unwrap(), &Document::new(new.clone()).unwrap())
}

fn in_short(finding: &Finding) -> String {
    let direction = serde_json::to_value(finding.direction).unwrap();
    format!("{} {} {} {}", finding.class, direction.as_str().unwrap(), finding.rule.id, finding.pointer)
}

#[test]
fn every_edit_has_the_verdict_that_its_case_says() {
    let cases = cases();
    assert!(cases.len() >= 330, "{} cases", cases.len());
    let names: BTreeSet<_> = cases.iter().map(|case| (case.base.to_string(), &case.name)).collect();
    assert_eq!(names.len(), cases.len(), "two cases have the same name");
    let mut failed = String::new();
    for case in cases {
        let found: BTreeSet<_> = case.found().iter().map(in_short).collect();
        if found != case.expected() {
            failed += &format!("{}\n  expected {:#?}\n  found {found:#?}\n", case.name, case.expected());
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn every_message_is_a_sentence_that_says_whom_it_breaks() {
    for case in cases() {
        for finding in findings(&case.before(), &case.after()) {
            let message = &finding.message;
            assert!(message.ends_with('.') && !message.contains('\n'), "{}: {message}", case.name);
            let says_whom = ["clients", "anybody", "whoever"].iter().any(|whom| message.contains(whom));
            assert!(says_whom || finding.class != Class::Breaking, "{message}");
        }
    }
}

#[test]
fn a_document_has_no_changes_from_itself_and_every_edit_is_found() {
    for case in cases() {
        let (old, new) = (case.before(), case.after());
        assert_eq!(findings(&new, &new), [], "{}", case.name);
        assert_ne!(findings(&new, &old), [], "{}", case.name);
    }
}

/// The same with the names of all objects in the order of a hash.
fn shuffled(value: &Value, seed: u64) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| shuffled(item, seed)).collect(),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            let rank = |name: &str| {
                name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
            };
            fields.sort_by_key(|(name, _)| rank(name));
            fields.into_iter().map(|(name, value)| (name.clone(), shuffled(value, seed))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

#[test]
fn the_order_of_names_never_matters() {
    for (seed, case) in (1..).zip(cases()) {
        let (old, new) = (case.before(), case.after());
        let found = findings(&shuffled(&old, seed), &shuffled(&new, seed + 1000));
        assert_eq!(found, findings(&old, &new), "{}", case.name);
    }
}

/// Every value of a document, by pointer.
fn pointers(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut unread = vec![(String::new(), value)];
    while let Some((pointer, value)) = unread.pop() {
        let below = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match value {
            Value::Object(fields) => unread.extend(fields.iter().map(|(name, value)| (below(name), value))),
            Value::Array(items) => {
                unread.extend(items.iter().enumerate().map(|(index, item)| (below(&index.to_string()), item)));
            }
            _ => {}
        }
        found.push(pointer);
    }
    found
}

#[test]
fn whatever_is_removed_or_replaced_is_found() {
    for pointer in pointers(&base()) {
        for value in [None, Some(json!(null)), Some(json!({})), Some(json!("x"))] {
            let mut new = base();
            let patch = match &value {
                None => json!([{ "op": "remove", "path": pointer }]),
                Some(value) => json!([{ "op": "replace", "path": pointer, "value": value }]),
            };
            let patch: Patch = serde_json::from_value(patch).unwrap();
            if json_patch::patch(&mut new, &patch).is_ok() && new != base() {
                // What is no document any more is refused.
                if Document::new(new.clone()).is_ok() {
                    assert_ne!(findings(&base(), &new), [], "{pointer} {value:?}");
                    assert_ne!(findings(&new, &base()), [], "{pointer} {value:?}");
                }
            }
        }
    }
}

fn reached(case: &str) -> Vec<(String, Vec<String>)> {
    let case = cases().into_iter().find(|it| it.name == case).unwrap();
    let short = |it: Finding| (it.rule.id.to_owned(), it.operations.iter().map(ToString::to_string).collect());
    findings(&case.before(), &case.after()).into_iter().map(short).collect()
}

#[test]
fn a_finding_names_the_operations_that_it_reaches() {
    let thing = "/things/{thing_id}";
    let cases = [
        ("an operation ID becomes another", vec!["POST /search".to_owned()]),
        ("a path is described in other words", vec!["POST /search".to_owned()]),
        ("an operation behind a reference is described in other words", vec!["GET /shared".to_owned()]),
        ("a response is described in other words", vec![format!("GET {thing}"), format!("PUT {thing}")]),
        ("a header of a response is always there", vec![format!("GET {thing}")]),
        ("a callback no longer sends a parameter", vec!["POST /search".to_owned()]),
        ("a webhook takes another answer", vec!["POST sold".to_owned()]),
        ("a path is gone", vec!["POST /search".to_owned()]),
        ("tokens come from elsewhere", vec![format!("PUT {thing}")]),
        ("a component that nothing reaches changes", vec![]),
        ("a server is gone", vec![]),
        ("a tag is described in other words", vec![]),
        (
            "a parameter of the path does not say that it is required",
            vec![format!("DELETE {thing}"), format!("GET {thing}"), format!("PUT {thing}")],
        ),
        (
            "a key is sent in another header",
            vec![
                format!("DELETE {thing}"),
                "GET /shared".to_owned(),
                format!("GET {thing}"),
                "GET /untagged".to_owned(),
                "HEAD /untagged".to_owned(),
                "OPTIONS /untagged".to_owned(),
                format!("PUT {thing}"),
            ],
        ),
    ];
    for (case, mut expected) in cases {
        expected.sort_by_key(|it| it.split_once(' ').map(|(method, path)| (path.to_owned(), method.to_owned())));
        let reached = reached(case);
        assert_eq!(reached.len(), 1, "{case}");
        assert_eq!(reached[0].1, expected, "{case}");
    }
}

/// A document whose references are a chain.
fn chain(kind: &str, length: usize, item: impl Fn(usize) -> Value) -> Value {
    let items: Map<_, _> = (0..length).map(|index| (format!("C{index}"), item(index))).collect();
    json!({ "openapi": "3.1.0", "info": { "title": "Chain", "version": "1.0.0" }, "paths": {}, "components": { kind: items } })
}

#[test]
fn no_chain_or_circle_of_references_is_too_long() {
    const LENGTH: usize = 20_000;
    let next = |kind: &str, index: usize| json!({ "$ref": format!("#/components/{kind}/C{}", (index + 1) % LENGTH) });
    let documents = [
        chain("responses", LENGTH, |index| next("responses", index)),
        chain("pathItems", LENGTH, |index| next("pathItems", index)),
        chain(
            "headers",
            LENGTH,
            |index| json!({ "content": { "a/b": { "encoding": { "p": { "headers": { "H": next("headers", index) } } } } } }),
        ),
        chain(
            "callbacks",
            LENGTH,
            |index| json!({ "u": { "post": { "callbacks": { "c": next("callbacks", index) }, "responses": {} } } }),
        ),
        chain("schemas", LENGTH, |index| json!({ "properties": { "a": next("schemas", index) } })),
    ];
    for mut old in documents {
        old["paths"]["/a"] = json!({ "post": {
            "requestBody": { "content": { "a/b": {
                "schema": { "$ref": "#/components/schemas/C0" },
                "encoding": { "p": { "headers": { "H": { "$ref": "#/components/headers/C0" } } } },
            } } },
            "callbacks": { "c": { "$ref": "#/components/callbacks/C0" } },
            "responses": { "200": { "$ref": "#/components/responses/C0" } },
        } });
        old["paths"]["/b"] = json!({ "$ref": "#/components/pathItems/C0" });
        let mut new = old.clone();
        new["info"]["title"] = json!("Changed");
        assert!(findings(&old, &new).iter().any(|finding| finding.pointer == "/info/title"));
    }
}
