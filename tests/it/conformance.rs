//! The published cases: these crates keep all of them.

use std::collections::BTreeSet;
use std::fs;

use freddy_conformance::vectors::Case;
use freddy_conformance::vectors::call::CallCase;
use freddy_conformance::vectors::decode::{self, DecodeCase, Outcome, Told};
use freddy_conformance::vectors::request::{Expected, RequestCase};
use freddy_conformance::vectors::{Level, File};
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ConnectorId, Endpoint, ErrorBody, ErrorResponse, SuccessResponse, headers};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{promises, support};

fn text(name: &str) -> String {
    let path = format!("{}/../openapi/conformance/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn published<C: DeserializeOwned>(name: &str) -> Vec<C> {
    serde_json::from_str::<File<C>>(&text(name)).unwrap_or_else(|error| panic!("{name}: {error}")).cases
}

/// What these crates know of an answer to a disconnect.
fn told(status: u16, headers: &[(String, String)], body: &[u8]) -> Told {
    type Success = <DisconnectConnector as Endpoint>::Response;
    let is_success = status == Success::STATUS && Success::decode(&headers.to_vec(), body).is_ok();
    let response = ErrorResponse::decode(status, headers, body);
    promises::check(&response, status).unwrap();
    let owned = |text: Option<&str>| Some(text.map(str::to_owned));
    Told {
        outcome: if is_success { Outcome::Success } else { Outcome::Failure },
        status: Some(response.status()),
        code: owned(response.code_str()),
        error_type: owned(response.error_type_str()),
        message: owned(response.message()),
        details: Some(response.details_json().map_or(Value::Null, |details| serde_json::from_str(details).unwrap_or_default())),
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
        let told = told(answer.status, &answer.headers, &answer.body.to_vec().unwrap());
        let differences = expected.differences(&told);
        for difference in differences {
            wrong.push(format!("{}: {difference:?}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
