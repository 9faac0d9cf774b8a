//! The contract in the types of the `http` crate, from a server's error to a client's reading of it.

use std::time::Duration;

use freddy_types::{
    ApiError, ErrorCode, ErrorEnvelope, ErrorResponse, HeaderLookup, Method, NoContent, RateLimitDetails, headers,
    strategies,
};
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use proptest::prelude::*;

use crate::support::{documented, documented_codes, for_all, json, validator_of};

#[test]
fn a_code_has_its_status() {
    let codes = documented_codes();
    let statuses = codes.iter().map(|code| StatusCode::from(*code));
    let documented = [
        StatusCode::BAD_REQUEST,
        StatusCode::UNAUTHORIZED,
        StatusCode::FORBIDDEN,
        StatusCode::TOO_MANY_REQUESTS,
        StatusCode::INTERNAL_SERVER_ERROR,
    ];
    assert_eq!(statuses.collect::<Vec<_>>(), documented);
}

#[test]
fn a_method_is_the_same_in_http() {
    for method in [Method::Get, Method::Post, Method::Put, Method::Patch, Method::Delete] {
        assert_eq!(http::Method::from(method).as_str(), method.as_str());
        assert_eq!(http::Method::from(method).is_idempotent(), method.is_idempotent());
    }
}

/// The names and values of a header map, in the order of their names.
fn listed(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let mut listed: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap())).collect();
    listed.sort_unstable();
    listed
}

#[test]
fn a_rate_limited_response_has_every_header() {
    let response = Response::<Vec<u8>>::from(ApiError::example(ErrorCode::RateLimitExceeded));
    assert_eq!(
        listed(response.headers()),
        [
            ("content-type", "application/json"),
            ("retry-after", "60"),
            ("x-ratelimit-limit", "100"),
            ("x-ratelimit-remaining", "0"),
            // 2025-11-13T10:31:00Z
            ("x-ratelimit-reset", "1763029860"),
            ("x-request-id", "req_ghi789"),
        ]
    );
}

#[test]
fn another_response_has_type_and_request_id() {
    for code in documented_codes().iter().filter(|code| **code != ErrorCode::RateLimitExceeded) {
        let response = Response::<Vec<u8>>::from(ApiError::example(*code));
        let challenges = ("www-authenticate", r#"ApiKey realm="api", Bearer realm="api""#);
        let mut expected = vec![("content-type", "application/json"), ("x-request-id", documented(*code).trace_id)];
        if code.status() == 401 {
            expected.insert(1, challenges);
        }
        assert_eq!(listed(response.headers()), expected);
    }
}

#[test]
fn an_unavailable_service_asks_for_a_second() {
    let response = Response::<Vec<u8>>::from(ApiError::example(ErrorCode::ServiceUnavailable));
    assert_eq!(response.headers().value_of(headers::RETRY_AFTER), Some(&b"1"[..]));
    assert!(ErrorCode::ALL.iter().all(|code| code.retry_after().is_none() || *code == ErrorCode::ServiceUnavailable));
}

#[test]
fn the_body_is_the_documented_one() {
    for code in &documented_codes() {
        let response = Response::<Vec<u8>>::from(ApiError::example(*code));
        let body = String::from_utf8(response.into_body()).unwrap();
        assert_eq!(json(&body), json(documented(*code).body));
        assert!(!body.contains('\n'), "compact");
    }
}

#[test]
fn a_client_reads_what_a_server_answered() {
    let strict = validator_of::<ErrorEnvelope<ApiError>>();
    for_all(strategies::api_error(), |error| {
        let sent = Response::<Vec<u8>>::from(error.clone());
        prop_assert_eq!(sent.status().as_u16(), error.status());
        prop_assert_eq!(sent.headers(), &HeaderMap::from(&error));
        let body = json(std::str::from_utf8(sent.body()).unwrap());
        prop_assert!(strict.is_valid(&body), "{}", body);

        let header = |name: &str| sent.headers().get(name).map(|value| value.to_str().unwrap());
        let details = error.details::<RateLimitDetails>();
        prop_assert_eq!(header(headers::CONTENT_TYPE), Some(headers::JSON));
        prop_assert_eq!(header(headers::X_REQUEST_ID), Some(error.trace_id().as_str()));
        let number = |name: &str| header(name).map(|value| value.parse::<i64>().unwrap());
        let details = details.as_ref();
        let wait = details.map(RateLimitDetails::retry_after).or(error.code().retry_after());
        prop_assert_eq!(number(headers::RETRY_AFTER), wait.map(i64::from));
        prop_assert_eq!(number(headers::X_RATELIMIT_LIMIT), details.map(|details| details.limit().into()));
        prop_assert_eq!(number(headers::X_RATELIMIT_REMAINING), details.map(|details| details.remaining().into()));
        let reset = details.map(|details| details.reset_at().instant().as_second());
        prop_assert_eq!(number(headers::X_RATELIMIT_RESET), reset);

        let received = ErrorResponse::from(&sent);
        prop_assert_eq!(received.status(), error.status());
        prop_assert_eq!(received.code(), Some(error.code()));
        // The next best text takes the place of a blank one.
        let is_told = |text: &&str| !text.trim().is_empty();
        let message = Some(error.message()).filter(is_told).or(Some(error.system_message()).filter(is_told));
        prop_assert_eq!(received.message(), message);
        prop_assert_eq!(received.request_id(), Some(error.trace_id().as_str()));
        // A client does not believe in more than a day.
        let wait = wait.filter(|seconds| *seconds <= 86_400);
        prop_assert_eq!(received.retry_after(), wait.map(|seconds| Duration::from_secs(seconds.into())));
        prop_assert_eq!(received.envelope().cloned().map(ApiError::try_from), Some(Ok(error)));
        Ok(())
    });
}

#[test]
fn a_success_has_status_204_and_neither_headers_nor_body() {
    let response = Response::<Vec<u8>>::from(NoContent);
    assert_eq!(response.status(), StatusCode::NO_CONTENT);
    assert!(response.headers().is_empty() && response.body().is_empty());
}

#[test]
fn a_header_map_is_searched_in_any_case_and_for_any_bytes() {
    let mut map = HeaderMap::new();
    map.append("retry-after", HeaderValue::from_static("7"));
    map.append("retry-after", HeaderValue::from_static("8"));
    map.insert("x-request-id", HeaderValue::from_bytes(b"\xFF").unwrap());
    assert_eq!(map.value_of(headers::RETRY_AFTER), Some(&b"7"[..]), "the first of two");
    assert_eq!(map.value_of("RETRY-AFTER"), Some(&b"7"[..]));
    assert_eq!(map.value_of(headers::X_REQUEST_ID), Some(&b"\xFF"[..]));
    assert_eq!(map.value_of(headers::DATE), None);
    // No header can have such a name, so none is found.
    assert_eq!(map.value_of("no name"), None);
}

#[test]
fn a_response_with_a_borrowed_body_is_read() {
    let response = Response::builder().status(503).header("Retry-After", "7").body("<html>").unwrap();
    let received = ErrorResponse::from(&response);
    assert_eq!((received.status(), received.retry_after()), (503, Some(Duration::from_secs(7))));
}
