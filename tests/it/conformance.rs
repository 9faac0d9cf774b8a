//! The published cases: these crates keep all of them.

use std::collections::BTreeSet;
use std::fs;

use freddy_conformance::vectors::call::CallCase;
use freddy_conformance::vectors::decode::{DecodeCase, Outcome, Told};
use freddy_conformance::vectors::request::{Expected, RequestCase};
use freddy_conformance::vectors::{Case, ExchangeFile, File};
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ConnectorId, Endpoint, ErrorCode, ErrorResponse, SuccessResponse};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::promises;
use crate::support::{documented, documented_codes, validator};

fn text(name: &str) -> String {
    let path = format!("{}/../openapi/conformance/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn published<C: DeserializeOwned>(name: &str) -> Vec<C> {
    serde_json::from_str::<File<C>>(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}")).cases
}

const FILES: [&str; 4] = ["decode.json", "request.json", "call.json", "exchange.json"];

/// What these crates know of an answer to a disconnect.
fn told(status: u16, headers: &[(&str, Vec<u8>)], body: &[u8]) -> Told {
    type Success = <DisconnectConnector as Endpoint>::Response;
    let is_success = status == Success::STATUS && Success::decode(&headers.to_vec(), body).is_ok();
    let response = ErrorResponse::decode(status, headers, body);
    promises::check(&response, status).unwrap();
    let owned = |text: Option<&str>| Some(text.map(str::to_owned));
    let details = response.details_json().and_then(|details| serde_json::from_str(details).ok());
    Told {
        outcome: if is_success { Outcome::Success } else { Outcome::Failure },
        status: Some(response.status()),
        code: owned(response.code_str()),
        error_type: owned(response.error_type_str()),
        message: owned(response.message()),
        details: Some(details.unwrap_or_default()),
        timestamp: Some(response.timestamp().map(ToString::to_string)),
        request_id: owned(response.request_id()),
        retryable: Some(response.is_retryable()),
        wait: Some(response.retry_after().map(|wait| wait.as_secs())),
    }
}

#[test]
fn every_answer_is_read_as_published() {
    let mut wrong = Vec::new();
    for DecodeCase { case, answer, expected } in published("decode.json") {
        let headers: Vec<_> = answer.header_bytes().collect();
        let told = told(answer.status, &headers, &answer.body.to_vec().unwrap());
        assert_eq!(expected.untold(&told), [""; 0], "{}", case.name);
        wrong.extend(expected.differences(&told).iter().map(|difference| format!("{}: {difference:?}", case.name)));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn an_answer_inside_detail_is_read_the_same() {
    for DecodeCase { case, answer, .. } in published("decode.json") {
        let body = answer.body.to_vec().unwrap();
        // The ladder has as many rungs, and what is long or damaged says nothing of them.
        if case.name.ends_with("-thrice") || body.len() > 1 << 16 || serde_json::from_slice::<Value>(&body).is_err() {
            continue;
        }
        let wrapped = [b"{\"detail\":", &*body, b"}"].concat();
        let (inner, outer) = (told(answer.status, &[], &body), told(answer.status, &[], &wrapped));
        assert_eq!((inner.code, inner.error_type), (outer.code, outer.error_type), "{}", case.name);
    }
}

#[test]
fn every_request_is_made_or_refused_as_published() {
    let cases: Vec<RequestCase> = published("request.json");
    let mut paths = BTreeSet::new();
    for RequestCase { case, operation, values, expected, .. } in &cases {
        assert_eq!(operation, DisconnectConnector::OPERATION_ID);
        let connector_id = values["connector_id"].as_str().unwrap().parse::<ConnectorId>();
        match (connector_id, expected) {
            (Ok(connector_id), Expected::Sent(sent)) => {
                let request = DisconnectConnector { connector_id }.encode();
                assert_eq!(
                    (&sent.path, &sent.query, &sent.body),
                    (&request.path, &request.query, &None),
                    "{}",
                    case.name
                );
                assert_eq!((&*sent.method, request.body), (DisconnectConnector::METHOD.as_str(), None));
                paths.insert(&sent.path);
            }
            (Err(_), Expected::Refused(refused)) => {
                if let Some(path) = &refused.if_sent {
                    let read = DisconnectConnector::from_path(path).unwrap_err();
                    assert_eq!(read.to_string(), refused.reason, "{}: a server refuses {path}", case.name);
                }
            }
            (read, expected) => panic!("{}: {read:?}, expected {expected:?}", case.name),
        }
    }
    assert_eq!(paths.len(), 2, "the example and the longest ID: {paths:?}");
}

#[test]
fn the_documented_answers_are_the_documented_bodies() {
    let cases: Vec<DecodeCase> = published("decode.json");
    for code in documented_codes() {
        let prefix = format!("documented-{}-", code.status());
        let case = cases.iter().find(|case| case.case.name.starts_with(&prefix)).unwrap();
        assert_eq!(case.answer.body.to_vec().unwrap(), documented(code).body.as_bytes());
    }
    for code in ErrorCode::ALL {
        let told = Some(Some(code.as_str().to_owned()));
        assert!(cases.iter().any(|case| case.expected.code == told), "{code}");
    }
}

#[test]
fn names_are_given_once_and_stand_for_connectors() {
    let mut names = BTreeSet::new();
    let mut connectors = BTreeSet::new();
    for file in FILES {
        for case in published::<Case>(file) {
            let is_kebab = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '-';
            assert!(case.name.chars().all(is_kebab) && !case.name.contains("--"), "{}", case.name);
            assert!(case.why.ends_with('.') && !case.group.is_empty(), "{case:?}");
            assert!(names.insert(case.name.clone()), "{} is given twice", case.name);
            if file != "request.json" {
                let connector: ConnectorId = case.connector_id().parse().unwrap();
                assert!(connectors.insert(connector), "{} is given twice", case.connector_id());
            }
        }
    }
}

#[test]
fn the_schema_describes_the_files_and_nothing_else() {
    let schema = validator(&serde_json::from_str(&text("schema.json")).unwrap());
    for file in FILES {
        let whole: Value = serde_json::from_str(&text(file)).unwrap();
        assert!(schema.is_valid(&whole), "{file}: {:?}", schema.iter_errors(&whole).next());
        for field in ["name", "group", "why", "level"] {
            let mut less = whole.clone();
            less["cases"][0].as_object_mut().unwrap().remove(field).unwrap();
            assert!(!schema.is_valid(&less), "{file} without a {field}");
        }
        let mut other = whole.clone();
        other["cases"][0]["level"] = "never".into();
        assert!(!schema.is_valid(&other), "{file}");
    }
}

#[test]
fn what_is_read_is_written_the_same() {
    fn again<F: Serialize + DeserializeOwned>(name: &str) {
        let whole: Value = serde_json::from_str(&text(name)).unwrap();
        let file: F = serde_json::from_value(whole.clone()).unwrap();
        assert_eq!(serde_json::to_value(&file).unwrap(), whole, "{name}");
    }
    again::<File<DecodeCase>>("decode.json");
    again::<File<RequestCase>>("request.json");
    again::<File<CallCase>>("call.json");
    again::<ExchangeFile>("exchange.json");
}

#[test]
fn what_differs_in_one_field_is_told_by_its_name() {
    let cases: Vec<DecodeCase> = published("decode.json");
    let case = cases.iter().find(|case| case.case.name == "documented-429-rate-limit-exceeded").unwrap();
    let whole = serde_json::to_value(&case.expected).unwrap();
    for (field, value) in whole.as_object().unwrap() {
        let mut other = whole.clone();
        other[field] = match value {
            Value::String(_) if field == "outcome" => "success".into(),
            Value::String(text) => format!("{text}x").into(),
            Value::Number(number) => (number.as_u64().unwrap() + 1).into(),
            Value::Bool(value) => (!value).into(),
            _ => serde_json::json!({ "retry_after": 61 }),
        };
        let told: Told = serde_json::from_value(other).unwrap();
        let differences = case.expected.differences(&told);
        assert_eq!(differences.iter().map(|difference| &difference.field).collect::<Vec<_>>(), [field]);
    }
    assert!(case.expected.differences(&case.expected).is_empty());
}
