//! The cases of these endpoints, which follow from their declarations.

use std::fmt::Write as _;

use serde_json::Value;

use crate::spec::spec;

#[test]
fn requests_are_made_or_refused_as_the_declarations_say() {
    let artifacts = spec().artifacts().unwrap();
    let file = artifacts.iter().find(|file| file.path() == "conformance/request.json").unwrap();
    let file: Value = serde_json::from_str(file.text()).unwrap();
    let mut lines = String::new();
    let cases = file["cases"].as_array().unwrap().iter().filter(|case| case["operation"] != "disconnectConnector");
    for case in cases {
        let name = case["name"].as_str().unwrap();
        let _ = match case.pointer("/expected/sent") {
            Some(sent) => {
                let word = |field: &str| sent[field].as_str().unwrap();
                let body = sent.pointer("/body/0/text").and_then(Value::as_str).unwrap_or_default();
                let own = sent["headers"].as_array().unwrap().iter().filter(|header| header[0] == "Idempotency-Key");
                let own: Vec<_> = own.map(ToString::to_string).collect();
                writeln!(
                    lines,
                    "{name}: {} {}?{} {} {body}",
                    word("method"),
                    word("path"),
                    word("query"),
                    own.join(" ")
                )
            }
            // What is nothing but a wrong value is the same everywhere.
            None if case["level"] == "should" => continue,
            None => {
                let refused = &case["expected"]["refused"];
                writeln!(lines, "{name}: {} refused, {}, else {}", case["level"], refused["reason"], refused["if_sent"])
            }
        };
    }
    insta::assert_snapshot!("requests", lines);
}
