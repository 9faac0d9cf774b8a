//! The documented bodies, byte for byte, in both directions.

use freddy_types::{ApiError, ErrorEnvelope, TraceId};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;

use crate::support::{DOCUMENTED, Documented, NOW, decode, documented, documented_codes, for_all, json};

/// What a server of this contract answers in the documented case.
fn built(documented: &Documented) -> ErrorEnvelope<ApiError> {
    let trace_id: TraceId = documented.trace_id.parse().unwrap();
    ApiError::new(documented.failure.clone(), trace_id, NOW).into()
}

/// As the documentation lays out a body: indented by two, with a final newline.
fn laid_out(envelope: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(envelope).unwrap() + "\n"
}

#[test]
fn every_code_has_one_documented_body_and_no_other_file_is_there() {
    let codes: Vec<_> = DOCUMENTED.iter().map(|documented| documented.code).collect();
    assert_eq!(codes, documented_codes(), "one documented body for each code, in the order of the table");

    let mut files: Vec<_> = std::fs::read_dir("documented")
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".json"))
        .collect();
    files.sort();
    assert_eq!(files, DOCUMENTED.each_ref().map(|documented| documented.file));
}

#[test]
fn documented_bodies_decode_and_encode_to_the_same_bytes() {
    for code in &documented_codes() {
        let Documented { file, body, .. } = documented(*code);
        assert_eq!(laid_out(&decode(body)), *body, "{file}");
    }
}

#[test]
fn documented_bodies_say_what_their_code_says() {
    for code in &documented_codes() {
        let Documented { file, body, trace_id, .. } = documented(*code);
        let envelope = decode(body);
        let error = envelope.error();
        assert_eq!(error.code(), Some(*code), "{file}");
        assert_eq!(error.error_type(), Some(code.error_type()), "{file}");
        assert_eq!(error.status(), code.status(), "{file}");
        assert_eq!(error.message(), code.message(), "{file}");
        assert_eq!(error.system_message(), code.system_message(), "{file}");
        assert_eq!(error.trace_id(), *trace_id, "{file}");
        assert_eq!(error.timestamp().instant(), NOW, "{file}");
        assert!(file.starts_with(&format!("{}-", code.status())), "{file}");
    }
}

#[test]
fn a_server_builds_the_documented_bodies_byte_for_byte() {
    for code in &documented_codes() {
        let documented = documented(*code);
        assert_eq!(laid_out(&built(documented)), documented.body, "{}", documented.file);
    }
}

#[test]
fn the_example_of_a_code_is_its_documented_body() {
    for code in &documented_codes() {
        let example = ErrorEnvelope::from(ApiError::example(*code));
        assert_eq!(example, built(documented(*code)));
    }
}

#[test]
fn a_documented_body_passes_as_one_that_a_server_built() {
    for code in &documented_codes() {
        let documented = documented(*code);
        assert_eq!(ApiError::try_from(decode(documented.body)), Ok(built(documented).into_error()));
    }
}

#[test]
fn wire_form_of_every_code() {
    let codes = documented_codes();
    let lines = codes.iter().map(|code| serde_json::to_string(&built(documented(*code))).unwrap());
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    {"success":false,"error":{"code":"VALIDATION_ERROR","message":"Invalid request parameters","system_message":"Validation failed","type":"validation_error","status":400,"trace_id":"req_xyz789","timestamp":"2025-11-13T10:30:00Z"}}
    {"success":false,"error":{"code":"UNAUTHORIZED","message":"Authentication required. Please provide a valid API key.","system_message":"Missing or invalid authorization header","type":"authentication_error","status":401,"trace_id":"req_abc123","timestamp":"2025-11-13T10:30:00Z"}}
    {"success":false,"error":{"code":"FORBIDDEN","message":"You do not have permission to perform this action.","system_message":"Insufficient permissions","type":"authorization_error","status":403,"trace_id":"req_def456","timestamp":"2025-11-13T10:30:00Z"}}
    {"success":false,"error":{"code":"RATE_LIMIT_EXCEEDED","message":"Too many requests. Please try again later.","system_message":"Rate limit exceeded for endpoint","type":"rate_limit_error","status":429,"details":{"retry_after":60,"limit":100,"remaining":0,"reset_at":"2025-11-13T10:31:00Z"},"trace_id":"req_ghi789","timestamp":"2025-11-13T10:30:00Z"}}
    {"success":false,"error":{"code":"INTERNAL_SERVER_ERROR","message":"An unexpected error occurred. Please try again later.","system_message":"Database connection timeout","type":"server_error","status":500,"trace_id":"req_jkl012","timestamp":"2025-11-13T10:30:00Z"}}
    "#);
}

/// The text of a JSON value with the fields of every object in an order that `weights` decide.
fn in_other_order(value: &Value, weights: &[u8]) -> String {
    let Value::Object(fields) = value else { return value.to_string() };
    let mut fields: Vec<_> = fields.iter().zip(weights.iter().cycle()).collect();
    fields.sort_by_key(|(_, weight)| **weight);
    let fields = fields.iter().map(|((name, value), _)| format!("{name:?}:{}", in_other_order(value, weights)));
    format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
}

#[test]
fn any_order_of_the_fields_is_read() {
    let bodies = select(DOCUMENTED.each_ref().map(|documented| documented.body).to_vec());
    let weights = proptest::collection::vec(any::<u8>(), 8);
    for_all((bodies, weights), |(body, weights)| {
        let text = in_other_order(&json(body), &weights);
        prop_assert_eq!(json(&text), json(body), "the fields are the same");
        prop_assert_eq!(json(&serde_json::to_string(&decode(&text)).unwrap()), json(body), "{}", text);
        Ok(())
    });
}
