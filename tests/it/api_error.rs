//! What a server builds: its text, and what keeps a received envelope from passing as one of its own.

use std::time::Duration;

use freddy_types::{ApiError, ErrorCode, ErrorEnvelope, Failure, RateLimit, RateLimitDetails, TraceId};
use serde_json::{Value, json};

use crate::support::{self, NOW, documented, documented_codes};

#[test]
fn an_error_prints_status_code_and_message() {
    let error = ApiError::new(Failure::Forbidden, TraceId::from_bits(7), NOW);
    assert_eq!(error.to_string(), "403 FORBIDDEN: You do not have permission to perform this action.");
}

#[test]
fn texts_can_be_replaced_and_nothing_else_changes() {
    let documented = ApiError::example(ErrorCode::ValidationError);
    let connector = 7;
    let error = documented
        .clone()
        .with_message(format!("No connector number {connector}"))
        .with_system_message("connector ID is empty");
    let mut expected = serde_json::to_value(&documented).unwrap();
    expected["message"] = "No connector number 7".into();
    expected["system_message"] = "connector ID is empty".into();
    assert_eq!(serde_json::to_value(&error).unwrap(), expected);
    assert_eq!((error.message(), error.system_message()), ("No connector number 7", "connector ID is empty"));
}

#[test]
fn a_failure_tells_its_code() {
    for code in &documented_codes() {
        assert_eq!(documented(*code).failure.code(), *code);
    }
}

#[test]
fn a_window_that_has_ended_is_no_wait() {
    let limit = RateLimit { limit: 100, remaining: 0, reset_at: NOW - Duration::from_secs(5) };
    let error = ApiError::new(Failure::RateLimitExceeded(limit), TraceId::from_bits(7), NOW);
    let details = error.details::<RateLimitDetails>().unwrap();
    assert_eq!((details.retry_after(), details.reset_at().to_string()), (0, "2025-11-13T10:30:00Z".to_owned()));
}

#[test]
fn an_envelope_that_no_server_sends_is_told_where_and_why() {
    const TYPE: &str = "is not `rate_limit_error`, the type of RATE_LIMIT_EXCEEDED";
    const SECOND: &str = "is not in whole seconds of UTC, such as `2025-11-13T10:30:00Z`";
    const DETAILS: &str = "does not have exactly the details that RATE_LIMIT_EXCEEDED documents";
    const SUM: &str = "is not `timestamp` plus `retry_after` seconds";
    let table = [
        // What is set where, or removed; where the fault is found, and what it is.
        ("/region", Some(json!("eu")), "", "has a field outside the contract"),
        ("/error/region", Some(json!("eu")), "/error", "has a field outside the contract"),
        ("/error/code", Some(json!("TEAPOT")), "/error/code", "is not a code of the contract's table"),
        ("/error/type", Some(json!("server_error")), "/error/type", TYPE),
        ("/error/type", Some(json!("client_error")), "/error/type", TYPE),
        ("/error/status", Some(json!(430)), "/error/status", "is not 429, the status of RATE_LIMIT_EXCEEDED"),
        ("/error/trace_id", Some(json!("")), "/error/trace_id", "trace ID is empty"),
        ("/error/timestamp", Some(json!("2025-11-13T10:30:00.0Z")), "/error/timestamp", SECOND),
        ("/error/timestamp", Some(json!("2025-11-13T10:30:00+00:00")), "/error/timestamp", SECOND),
        ("/error/timestamp", Some(json!("9999-01-01T00:00:00Z")), "/error/timestamp", SECOND),
        ("/error/details", None, "/error", DETAILS),
        ("/error/details/limit", None, "/error/details", DETAILS),
        ("/error/details/limit", Some(json!(-1)), "/error/details", DETAILS),
        ("/error/details/window", Some(json!(60)), "/error/details", DETAILS),
        ("/error/details/reset_at", Some(json!("2025-11-13t10:31:00Z")), "/error/details/reset_at", SECOND),
        ("/error/details/retry_after", Some(json!(61)), "/error/details/reset_at", SUM),
        ("/error/details/retry_after", Some(json!(59)), "/error/details/reset_at", SUM),
    ];
    for (place, value, pointer, message) in table {
        let mut body = support::json(support::rate_limited());
        let (object, name) = place.rsplit_once('/').unwrap();
        let object = body.pointer_mut(object).and_then(Value::as_object_mut).unwrap();
        match value {
            Some(value) => drop(object.insert(name.to_owned(), value)),
            None => drop(object.remove(name).unwrap()),
        }
        let violation = ApiError::try_from(support::decode(&body.to_string())).unwrap_err();
        assert_eq!((violation.pointer(), violation.to_string().as_str()), (pointer, message), "{body}");
        assert_eq!(violation.is_beyond_schema(), message == SUM);
    }
}

#[test]
fn details_where_a_code_has_none_are_a_violation() {
    let envelope = support::decode(&support::forbidden_with("details", "{}"));
    let violation = ApiError::try_from(envelope).unwrap_err();
    assert_eq!(violation.pointer(), "/error/details");
    assert_eq!(violation.to_string(), "stands where FORBIDDEN has no details");
}

#[test]
fn an_envelope_gives_its_error_back() {
    let error = ApiError::example(ErrorCode::Forbidden);
    let envelope = ErrorEnvelope::from(error.clone());
    assert_eq!(envelope.error(), &error);
    assert_eq!(envelope.into_error(), error);
}
