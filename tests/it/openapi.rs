//! The published documents.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use freddy_openapi::{Info, Spec, SpecError, contract};
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ApiError, Endpoint, ErrorEnvelope, headers};
use openapi_compat::{Document, Report};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::support::{documented, documented_codes, json, validator};

const OPERATION: &str = "/paths/~1v1~1personal-connectors~1{connector_id}/delete";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi")
}

fn committed(path: &str) -> String {
    fs::read_to_string(folder().join(path)).unwrap_or_else(|error| panic!("openapi/{path}: {error}"))
}

fn document() -> Value {
    contract().document().unwrap()
}

/// Every node of a JSON value, with its pointer.
fn nodes<'a>(value: &'a Value, pointer: &str, found: &mut Vec<(String, &'a Value)>) {
    found.push((pointer.to_owned(), value));
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                nodes(field, &format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                nodes(item, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn the_committed_folder_is_what_the_types_say() {
    let artifacts = contract().artifacts().unwrap();
    for artifact in &artifacts {
        assert!(
            committed(artifact.path()) == artifact.text(),
            "openapi/{} is stale; to write it: cargo run -p freddy-openapi",
            artifact.path()
        );
    }
    for generated in ["schemas", "conformance"] {
        let below = format!("{generated}/");
        let expected: BTreeSet<_> =
            artifacts.iter().filter_map(|artifact| artifact.path().strip_prefix(&below)).collect();
        let there: Vec<_> =
            fs::read_dir(folder().join(generated)).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(there.iter().map(|name| name.to_str().unwrap()).collect::<BTreeSet<_>>(), expected);
    }
}

#[test]
fn two_runs_are_equal_to_the_byte() {
    assert_eq!(contract().artifacts().unwrap(), contract().artifacts().unwrap());
}

#[test]
fn json_and_yaml_are_equal() {
    let json: Value = serde_json::from_str(&committed("freddy.json")).unwrap();
    let yaml: Value = serde_saphyr::from_str(&committed("freddy.yaml")).unwrap();
    assert_eq!(json, yaml);
}

#[test]
fn an_independent_reader_of_3_1_understands_both_files() {
    for spec in [oas3::from_json(committed("freddy.json")).unwrap(), oas3::from_yaml(committed("freddy.yaml")).unwrap()]
    {
        let (path, method, operation) = spec.operations().next().unwrap();
        assert_eq!((path.as_str(), method.as_str()), (DisconnectConnector::PATH.as_str(), "DELETE"));
        assert_eq!(operation.operation_id.as_deref(), Some("disconnectConnector"));
        let responses = operation.responses(&spec);
        let statuses: Vec<_> = responses.keys().map(String::as_str).collect();
        assert_eq!(statuses, ["204", "400", "401", "403", "429", "500", "default"]);
        assert_eq!(responses["429"].headers.len(), 5);
    }
}

#[test]
fn an_independent_reader_of_3_0_understands_the_twin() {
    let twin: openapiv3::OpenAPI = serde_json::from_str(&committed("freddy-3.0.json")).unwrap();
    let (path, method, operation) = twin.operations().next().unwrap();
    assert_eq!((path, method), (DisconnectConnector::PATH.as_str(), "delete"));
    let statuses: Vec<_> = operation.responses.responses.keys().map(ToString::to_string).collect();
    assert_eq!(statuses, ["204", "400", "401", "403", "429", "500", "4XX", "5XX"]);
    assert!(operation.responses.default.is_none());
}

#[test]
fn the_twin_has_the_same_schemas_but_for_examples_and_the_way_to_say_open() {
    let mut twin = contract().document_3_0().unwrap()["components"]["schemas"].take();
    let mut original = document()["components"]["schemas"].take();
    fn normalize(value: &mut Value, open: &Value) {
        if let Value::Object(fields) = value {
            fields.remove("example");
            fields.remove("examples");
            if let Some(additional) = fields.get_mut("additionalProperties") {
                assert_eq!(additional, open);
                *additional = true.into();
            }
            fields.values_mut().for_each(|field| normalize(field, open));
        }
    }
    // progenitor drops unknown fields for `true`.
    normalize(&mut twin, &json!({}));
    normalize(&mut original, &json!(true));
    assert_eq!(twin, original);
}

#[test]
fn the_operation_is_the_documented_one() {
    let document = document();
    assert_eq!(document["servers"], json!([{ "url": "https://api.aitronos.com" }]));
    let operation = document.pointer(OPERATION).unwrap();
    assert_eq!(operation["security"], json!([{ "apiKeyAuth": [] }, { "bearerAuth": [] }]));
    assert_eq!(
        operation["parameters"],
        json!([{
            "name": "connector_id",
            "in": "path",
            "description": "Connector ID (e.g., `pcon_abc123`).",
            "required": true,
            "schema": { "$ref": "#/components/schemas/ConnectorId" },
            "example": "pcon_abc123",
        }])
    );
    assert_eq!(operation["responses"]["204"].get("content"), None);
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(schemes["apiKeyAuth"]["in"], "header");
    assert_eq!(schemes["apiKeyAuth"]["name"], "X-API-Key");
    assert_eq!(schemes["bearerAuth"]["scheme"], "bearer");
}

#[test]
fn each_documented_status_has_its_documented_body_as_example() {
    let document = document();
    for code in DisconnectConnector::ERRORS {
        let reference = &document.pointer(OPERATION).unwrap()["responses"][code.status().to_string()]["$ref"];
        let response = document.pointer(reference.as_str().unwrap().strip_prefix('#').unwrap()).unwrap();
        let example = &response["content"][headers::JSON]["examples"][code.as_str()]["value"];
        assert_eq!(*example, json(documented(*code).body));
    }
}

#[test]
fn every_example_is_valid_open_and_strict() {
    let document = document();
    let open = validator(&serde_json::to_value(schemars::schema_for!(ErrorEnvelope)).unwrap());
    let strict = validator(&serde_json::to_value(schemars::schema_for!(ErrorEnvelope<ApiError>)).unwrap());
    let mut seen = 0;
    for (name, response) in document["components"]["responses"].as_object().unwrap() {
        for example in response["content"][headers::JSON]["examples"].as_object().unwrap().values() {
            assert!(open.is_valid(&example["value"]), "{name}");
            // The one for everything that the document does not list has to have a code that no server sends.
            assert_eq!(strict.is_valid(&example["value"]), name != "UnlistedError", "{name}");
            seen += 1;
        }
    }
    assert_eq!(seen, documented_codes().len() + 1);
}

#[test]
fn the_documents_own_schemas_accept_every_example_of_theirs() {
    let document = document();
    // A schema of the document, its references resolved within the document.
    let within = |schema: &Value| {
        let mut root = document.clone();
        root.as_object_mut().unwrap().insert("allOf".to_owned(), json!([schema]));
        validator(&root)
    };
    let envelope = within(&json!({ "$ref": "#/components/schemas/ErrorEnvelope" }));
    for code in &documented_codes() {
        assert!(envelope.is_valid(&json(documented(*code).body)), "{code}");
    }
    assert!(!envelope.is_valid(&json!({})));

    let mut seen = 0;
    let mut all = Vec::new();
    nodes(&document["components"], "", &mut all);
    for (pointer, node) in all {
        let Some(examples) = node.get("examples").and_then(Value::as_array) else { continue };
        let validator = within(node);
        for example in examples {
            assert!(validator.is_valid(example), "{pointer}: {example}");
            seen += 1;
        }
    }
    assert!(seen >= 10, "{seen}");
}

#[test]
fn every_reference_leads_somewhere() {
    for document in [document(), contract().document_3_0().unwrap()] {
        let mut all = Vec::new();
        nodes(&document, "", &mut all);
        let references: Vec<_> = all.iter().filter(|(pointer, _)| pointer.ends_with("/$ref")).collect();
        assert!(references.len() > 10);
        for (pointer, reference) in references {
            let target = reference.as_str().unwrap().strip_prefix('#').unwrap();
            assert!(document.pointer(target).is_some(), "{pointer}: {target}");
        }
        let details = document.pointer("/components/schemas/ErrorObject/properties/details/x-details-by-code").unwrap();
        let target = details["RATE_LIMIT_EXCEEDED"].as_str().unwrap();
        assert!(document.pointer(target.strip_prefix('#').unwrap()).is_some());
    }
}

/// Each of these forms was found to be the only one that no generated client fails on.
#[test]
fn the_open_parts_have_the_form_that_generated_clients_work_with() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    let schemas = &document["components"]["schemas"];
    let (envelope, error) = (&schemas["ErrorEnvelope"], &schemas["ErrorObject"]);
    for schema in [envelope, error] {
        assert_eq!(schema["additionalProperties"], true);
    }
    assert_eq!(envelope["properties"]["success"], json!({ "type": "boolean", "description": "Always `false`." }));
    for name in ["code", "type"] {
        let field = &error["properties"][name];
        assert_eq!(field["type"], "string");
        assert_eq!(field["examples"], field["x-extensible-enum"]);
        assert_eq!(field.get("enum"), None);
        for known in field["x-extensible-enum"].as_array().unwrap() {
            let known = known.as_str().unwrap();
            assert!(field["description"].as_str().unwrap().contains(&format!("`{known}`")), "{known}");
        }
    }
    let details = &error["properties"]["details"];
    assert_eq!((&details["type"], &details["additionalProperties"]), (&json!("object"), &json!(true)));
    assert_eq!(
        error["required"],
        json!(["code", "message", "system_message", "type", "status", "trace_id", "timestamp"])
    );
    assert_eq!(error["properties"]["status"]["format"], "int32");
    assert_eq!(document["components"]["headers"]["X-RateLimit-Reset"]["schema"]["format"], "int64");
    for response in document["components"]["responses"].as_object().unwrap().values() {
        assert_eq!(
            response["content"],
            json!({ headers::JSON: {
                "schema": { "$ref": "#/components/schemas/ErrorEnvelope" },
                "examples": response["content"][headers::JSON]["examples"],
            } })
        );
    }
    let mut all = Vec::new();
    nodes(&document["components"]["schemas"], "", &mut all);
    for (pointer, _) in all {
        let keyword = pointer.rsplit('/').next().unwrap();
        assert!(!["const", "anyOf", "oneOf", "allOf", "not", "if", "nullable"].contains(&keyword), "{pointer}");
    }
}

#[test]
fn the_samples_are_the_documented_ones() {
    let document = document();
    let samples = document.pointer(OPERATION).unwrap()["x-codeSamples"].as_array().unwrap().clone();
    let page = committed("reference.md");
    for (sample, file) in samples.iter().zip(["curl.sh", "disconnect.py", "disconnect.js"]) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("documented/samples").join(file);
        let documented = fs::read_to_string(path).unwrap();
        assert_eq!(sample["source"], documented.as_str(), "{file}");
        assert!(page.contains(&documented), "{file}");
    }
    assert_eq!(samples.len(), 3);
}

#[test]
fn the_reference_has_all_that_the_documented_page_has() {
    let page = committed("reference.md");
    for text in [
        "Disconnect Connector",
        "Permanently disconnect a personal connector (soft delete).",
        "`DELETE https://api.aitronos.com/v1/personal-connectors/{connector_id}`",
        "**`connector_id`** string [ConnectorId](#connectorid), required. Connector ID (e.g., `pcon_abc123`).",
        "Returns `204 No Content` on successful deletion. No response body is returned.",
        "204 No Content",
        "400 Bad Request",
        "401 Unauthorized",
        "403 Forbidden",
        "429 Rate Limit",
        "500 Server Error",
    ] {
        assert!(page.contains(text), "{text}");
    }
    for code in &documented_codes() {
        assert!(page.contains(documented(*code).body), "{code}");
    }
}

#[test]
fn endpoints_that_get_into_each_others_way_are_an_error() {
    let spec = Spec::new(Info {
        title: "t",
        version: "1",
        description: "d",
        license: "MIT",
        license_url: "https://opensource.org/license/mit",
        base_url: "https://api.example.com",
    });
    let twice = spec.endpoint::<DisconnectConnector>().endpoint::<DisconnectConnector>();
    assert_eq!(twice.document(), Err(SpecError::DuplicateOperationId("disconnectConnector")));
}

/// What was published, oldest first. A release adds a line; none is ever changed or taken away.
const PUBLISHED: &[&str] = &["1.0.0-746d8faf8685f325.json", "2.0.0-fc8be170660f5938.json"];

#[test]
fn what_was_published_is_all_there() {
    let there = fs::read_dir(folder().join("published")).unwrap().map(|entry| entry.unwrap().file_name());
    let there: BTreeSet<_> = there.map(|name| name.into_string().unwrap()).collect();
    assert_eq!(there, PUBLISHED.iter().map(|name| (*name).to_owned()).collect());
}

#[test]
fn what_was_published_is_untouched_and_is_not_broken_without_a_major_version() {
    let mut published = Vec::new();
    for entry in fs::read_dir(folder().join("published")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = fs::read(&path).unwrap();
        let hash: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let document: Value = serde_json::from_slice(&bytes).unwrap();
        let version = document["info"]["version"].as_str().unwrap().to_owned();
        assert_eq!(path.file_name().unwrap().to_str().unwrap(), format!("{version}-{}.json", &hash[..16]));
        let numbers: Vec<u32> = version.split('.').map(|number| number.parse().unwrap()).collect();
        published.push((numbers, document));
    }
    let (newest, document) = published.into_iter().max_by_key(|(version, _)| version.clone()).expect("a first version");
    let declared = self::document()["info"]["version"].as_str().unwrap().to_owned();
    let [old, new] = [document, self::document()].map(|document| Document::new(document).unwrap());
    let breaks = Report::new(&old, &new).breaking;
    assert!(!breaks || !declared.starts_with(&format!("{}.", newest[0])), "see `cargo openapi check`");
}
