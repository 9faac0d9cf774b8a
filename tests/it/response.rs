//! A failed response, read whatever it is: examples of every kind of body, of the request's identifier, of what is printed.

use std::time::Duration;

use freddy_types::{
    BodyPreview, ErrorBody, ErrorCode, ErrorResponse, ErrorType, HeaderLookup, OtherJson, RateLimitDetails,
};
use serde_json::{Value, json};

use crate::support::{self, DOCUMENTED, NOW, forbidden, forbidden_with, rate_limited, response, with_headers};

#[track_caller]
fn other_json(response: &ErrorResponse) -> &OtherJson {
    match response.body() {
        ErrorBody::Json(other) => other,
        body => panic!("not JSON of another shape: {body:?}"),
    }
}

#[track_caller]
fn preview(response: &ErrorResponse) -> &BodyPreview {
    match response.body() {
        ErrorBody::Opaque(preview) => preview,
        body => panic!("not opaque: {body:?}"),
    }
}

// Bodies that are the contract's envelope.

#[test]
fn a_documented_body_is_an_envelope() {
    for documented in &DOCUMENTED {
        let code = documented.code;
        let response = response(code.status(), documented.body);
        assert_eq!(response.envelope(), Some(&support::decode(documented.body)));
        assert!(matches!(response.body(), ErrorBody::Envelope(_)));
        assert_eq!(response.status(), code.status());
        assert_eq!((response.code(), response.code_str()), (Some(code), Some(code.as_str())));
        assert_eq!(response.error_type(), Some(code.error_type()));
        assert_eq!(response.message(), Some(code.message()));
        assert_eq!(response.request_id(), Some(documented.trace_id));
    }
}

#[test]
fn an_unknown_code_is_kept_as_text() {
    let response = response(404, forbidden_with("code", r#""RESOURCE_NOT_FOUND""#));
    assert!(response.envelope().is_some());
    assert_eq!((response.code(), response.code_str()), (None, Some("RESOURCE_NOT_FOUND")));
}

#[test]
fn an_unknown_type_is_kept_as_text() {
    let response = response(403, forbidden_with("type", r#""conflict_error""#));
    assert_eq!((response.code(), response.error_type()), (Some(ErrorCode::Forbidden), None));
    assert_eq!(response.envelope().unwrap().error().error_type_str(), "conflict_error");
}

#[test]
fn the_status_of_the_response_counts_not_that_of_the_body() {
    let response = response(502, forbidden());
    assert_eq!(response.status(), 502);
    assert!(response.is_retryable());
    assert_eq!(response.envelope().unwrap().error().status(), 403);
    assert_eq!(response.code(), Some(ErrorCode::Forbidden));
}

#[test]
fn an_unknown_field_does_not_sink_the_envelope() {
    let body = forbidden_with("region", r#"["eu", 1.50]"#).replacen('{', r#"{"request": null, "#, 1);
    let response = response(403, body);
    let envelope = response.envelope().unwrap();
    assert_eq!(envelope.error().unknown_fields().collect::<Vec<_>>(), [("region", r#"["eu", 1.50]"#)]);
    assert_eq!(envelope.unknown_fields().collect::<Vec<_>>(), [("request", "null")]);
}

#[test]
fn details_are_read_for_their_own_code_only() {
    let details = |body: &str| support::decode(body).error().details::<RateLimitDetails>();
    let limits = details(rate_limited()).unwrap().unwrap();
    assert_eq!((limits.retry_after(), limits.limit(), limits.remaining()), (60, 100, 0));
    assert_eq!(limits.reset_at().to_string(), "2025-11-13T10:31:00Z");

    let of_another_code = rate_limited().replacen("RATE_LIMIT_EXCEEDED", "RATE_LIMITED", 1);
    assert_eq!(details(&of_another_code).unwrap(), None);
    assert_eq!(details(forbidden()).unwrap(), None, "no details");
    let error = details(&rate_limited().replacen("\"limit\"", "\"max\"", 1)).unwrap_err().to_string();
    assert_eq!(error, "missing field `limit` at line 6 column 5");
}

#[test]
fn details_of_any_depth_keep_the_envelope() {
    const DEPTH: usize = 10_000;
    let objects = r#"{"a":"#.repeat(DEPTH) + "1" + &"}".repeat(DEPTH);
    let arrays = format!(r#"{{"a":{}{}}}"#, "[".repeat(DEPTH), "]".repeat(DEPTH));
    for details in [objects, arrays] {
        let response = response(403, forbidden_with("details", &details));
        assert_eq!(response.code(), Some(ErrorCode::Forbidden));
        assert_eq!(response.envelope().unwrap().error().details_json(), Some(&*details));
    }
}

#[test]
fn an_unknown_field_of_any_depth_keeps_the_envelope() {
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    let response = response(403, forbidden_with("trail", &deep));
    assert_eq!(response.envelope().unwrap().error().unknown_fields().collect::<Vec<_>>(), [("trail", &*deep)]);
}

#[test]
fn a_number_too_big_for_any_type_keeps_the_envelope() {
    for (name, value) in [("cost", "1e999"), ("details", r#"{"n": -1e999}"#)] {
        let response = response(403, forbidden_with(name, value));
        assert!(response.envelope().is_some(), "{name}");
        assert_eq!(response.code(), Some(ErrorCode::Forbidden));
    }
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let response = response(403, format!("\u{feff}{}", forbidden()));
    assert_eq!(response.envelope(), Some(&support::decode(forbidden())));
}

#[test]
fn space_around_the_body_is_passed_over() {
    assert!(response(403, format!("\r\n\t {}\r\n\n", forbidden())).envelope().is_some());
}

// JSON of other shapes.

#[test]
fn a_fault_in_one_field_keeps_the_rest_and_is_named() {
    let table = [
        ("details", "[]", "invalid type: a value that is not an object, expected an object at line 1 column "),
        ("details", "\"{}\"", "invalid type: a value that is not an object, expected an object at line 1 column "),
        ("details", "7", "invalid type: a value that is not an object, expected an object at line 1 column "),
        ("status", "\"403\"", "invalid type: string \"403\", expected an integer from 100 to 999 at line 1 column "),
        ("status", "99", "invalid value: integer `99`, expected an integer from 100 to 999 at line 1 column "),
        ("status", "403.5", "invalid value: floating point `403.5`, expected an integer from 100 to 999 at line 1 co"),
        ("status", "1e999", "number out of range at line 1 column "),
        ("system_message", "null", "invalid type: null, expected a string at line 1 column "),
        (
            "timestamp",
            "\"2025-11-13T10:30:00\"",
            "invalid RFC 3339 date-time: expected an offset, `Z` or one such as `+02:00`, at byte 19 at line 1 column ",
        ),
        ("timestamp", "1763029800", "invalid type: integer `1763029800`, expected an RFC 3339 date-time at line 1 col"),
    ];
    for (field, value, problem) in table {
        let body = forbidden_with(field, value);
        let response = response(403, &body);
        let other = other_json(&response);
        assert!(other.problem().starts_with(problem), "{field} {value}: {}", other.problem());
        assert_eq!(response.code(), Some(ErrorCode::Forbidden), "{field} {value}");
        assert_eq!(response.error_type(), Some(ErrorType::Authorization), "{field} {value}");
        assert_eq!(response.message(), Some(ErrorCode::Forbidden.message()), "{field} {value}");
        assert_eq!(response.request_id(), Some("req_def456"), "{field} {value}");
        assert_eq!(other.json(), body);
    }
}

#[test]
fn a_missing_field_keeps_the_rest_and_is_named() {
    for field in ["message", "system_message", "type", "status", "trace_id", "timestamp"] {
        let mut body = support::json(forbidden());
        body["error"].as_object_mut().unwrap().remove(field).unwrap();
        let response = response(403, body.to_string());
        let problem = other_json(&response).problem();
        assert!(problem.starts_with(&format!("missing field `{field}` at line 1 column ")), "{problem}");
        assert_eq!(response.code(), Some(ErrorCode::Forbidden));
    }
}

#[test]
fn an_envelope_that_claims_success_is_none() {
    let body = forbidden().replacen("false", "true", 1);
    let response = response(403, body);
    assert_eq!(other_json(&response).problem(), "invalid value: boolean `true`, expected `false` at line 2 column 17");
    assert_eq!(response.code(), Some(ErrorCode::Forbidden));
}

#[test]
fn json_of_any_depth_is_read() {
    const DEPTH: usize = 10_000;
    let deep = "[".repeat(DEPTH) + &"]".repeat(DEPTH);
    assert_eq!(other_json(&response(500, &deep)).json(), deep);
    let body = format!(r#"{{"error": {{"code": "UNAUTHORIZED", "trail": {deep}}}, "details": {deep}}}"#);
    assert_eq!(response(401, body).code(), Some(ErrorCode::Unauthorized));
    let never_closed = "[".repeat(DEPTH);
    assert_eq!(preview(&response(500, &never_closed)).total_len(), DEPTH);
}

#[test]
fn a_problem_is_bounded_and_ends_with_a_whole_character() {
    let body = json!({ "success": "é".repeat(1000) }).to_string();
    let response = response(500, body);
    let problem = other_json(&response).problem();
    // 22 bytes, then characters of two bytes each.
    assert_eq!(problem, format!("invalid type: string \"{}", "é".repeat(117)));
    assert_eq!(problem.len(), 256);
}

// Bodies that are not JSON.

#[test]
fn a_page_of_a_proxy_is_opaque() {
    let page = "<html>Service Unavailable</html>";
    let response = with_headers(503, &[("Retry-After", "7"), ("X-Request-Id", "edge-1")], page);
    assert_eq!((preview(&response).text(), preview(&response).total_len()), (page, 32));
    assert_eq!((response.code(), response.code_str(), response.error_type()), (None, None, None));
    assert_eq!(response.message(), None);
    assert!(response.is_retryable());
    assert_eq!(response.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(response.request_id(), Some("edge-1"));
}

#[test]
fn an_empty_body_is_opaque() {
    let response = response(502, "");
    assert_eq!((preview(&response).text(), preview(&response).total_len()), ("", 0));
}

#[test]
fn what_is_not_utf_8_is_shown_as_far_as_it_is() {
    let response = response(403, b"\x1f\x8b{ caf\xE9");
    assert_eq!(preview(&response).text(), "\u{1f}\u{fffd}{ caf\u{fffd}");
    assert_eq!(preview(&response).total_len(), 8);
}

#[test]
fn a_huge_body_leaves_a_bounded_preview() {
    let response = response(500, "x".repeat(1_000_000));
    assert_eq!(preview(&response).text(), "x".repeat(1024));
    assert_eq!(preview(&response).total_len(), 1_000_000);
    assert_eq!(BodyPreview::MAX_LEN, 1024);
}

#[test]
fn a_preview_ends_with_a_whole_character() {
    let whole = "x".repeat(1023);
    assert_eq!(preview(&response(500, format!("{whole}é and more"))).text(), whole);
    // One that the body itself breaks off is shown as broken.
    assert_eq!(preview(&response(500, b"caf\xC3")).text(), "caf\u{fffd}");
    assert_eq!(preview(&response(500, [whole.as_bytes(), b"\xFF"].concat())).text(), format!("{whole}\u{fffd}"));
}

// The identifier of the request.

#[test]
fn the_header_names_the_request_before_the_body() {
    assert_eq!(with_headers(403, &[("x-request-id", " edge-1 ")], forbidden()).request_id(), Some("edge-1"));
    assert_eq!(response(403, forbidden()).request_id(), Some("req_def456"));
    assert_eq!(response(403, "{}").request_id(), None);
    assert_eq!(response(403, "").request_id(), None);
}

#[test]
fn a_blank_request_id_is_none() {
    for blank in ["", " ", "\t"] {
        assert_eq!(with_headers(403, &[("X-Request-Id", blank)], forbidden()).request_id(), Some("req_def456"));
        assert_eq!(with_headers(403, &[("X-Request-Id", blank)], "").request_id(), None);
        let quoted = Value::from(blank).to_string();
        assert_eq!(response(403, forbidden_with("trace_id", &quoted)).request_id(), None, "in an envelope: {quoted}");
        let other = format!(r#"{{"error": {{"trace_id": {quoted}}}}}"#);
        assert_eq!(response(403, other).request_id(), None, "in other JSON: {quoted}");
    }
}

#[test]
fn a_request_id_that_is_not_utf_8_is_passed_over() {
    let response = ErrorResponse::decode(403_u16, &[("X-Request-Id", b"\xFF")], forbidden().as_bytes());
    assert_eq!(response.request_id(), Some("req_def456"));
}

#[test]
fn headers_are_found_in_whatever_holds_them() {
    let array = [("Retry-After", "7"), ("retry-after", "8")];
    let slice: &[(&str, &str)] = &array;
    let owned: Vec<(String, Vec<u8>)> = vec![("RETRY-AFTER".to_owned(), b"7".to_vec())];
    assert_eq!(array.value_of("retry-AFTER"), Some(&b"7"[..]), "the first of two");
    assert_eq!(slice.value_of("Retry-After"), Some(&b"7"[..]));
    assert_eq!((&&owned).value_of("Retry-After"), Some(&b"7"[..]));
    assert_eq!(array.value_of("Retry"), None);
    assert_eq!(().value_of("Retry-After"), None);
    let both = [&b"7"[..], &b"8"[..]];
    assert_eq!((array.values_of("retry-AFTER"), slice.values_of("Retry-After")), (both.to_vec(), both.to_vec()));
    assert_eq!(array.to_vec().values_of("Retry-After"), both);
    assert_eq!((&&owned).values_of("Retry-After"), [b"7"]);
    assert_eq!(().values_of("Retry-After"), [&b""[..]; 0]);

    struct First;
    impl HeaderLookup for First {
        fn value_of(&self, name: &str) -> Option<&[u8]> {
            (name == "Retry-After").then_some(b"7")
        }
    }
    assert_eq!((First.values_of("Retry-After"), First.values_of("Date").len()), (vec![&b"7"[..]], 0));
}

// What is printed.

#[test]
fn a_response_prints_as_one_line() {
    let table: [(ErrorResponse, &str); 8] = [
        (
            response(429, rate_limited()),
            "HTTP 429 RATE_LIMIT_EXCEEDED: Too many requests. Please try again later. (request req_ghi789)",
        ),
        (
            with_headers(403, &[("X-Request-Id", "edge-1")], forbidden_with("code", "\"TEAPOT\"")),
            "HTTP 403 TEAPOT: You do not have permission to perform this action. (request edge-1)",
        ),
        (response(401, r#"{"detail": "Not authenticated"}"#), "HTTP 401: Not authenticated"),
        (response(500, r#"{"code": "OOPS"}"#), "HTTP 500 OOPS: JSON without a message"),
        (response(500, "[]"), "HTTP 500: JSON without a message"),
        (response(503, "<html></html>"), "HTTP 503: 13 bytes that are not JSON"),
        (response(502, ""), "HTTP 502: empty body"),
        (with_headers(502, &[("X-Request-Id", "edge-1")], "oops"), "HTTP 502: oops (request edge-1)"),
    ];
    for (response, line) in table {
        assert_eq!(response.to_string(), line);
    }
}

#[test]
fn control_characters_are_printed_escaped() {
    let body = json!({
        "code": "A\r\nB",
        "message": "one\ntwo\u{1b}[31m\u{7f}\u{85}\0",
        "trace_id": "t\t1",
    });
    assert_eq!(
        response(500, body.to_string()).to_string(),
        r"HTTP 500 A\r\nB: one\ntwo\u{1b}[31m\u{7f}\u{85}\u{0} (request t\t1)"
    );
}

#[test]
fn long_texts_are_printed_cut_short() {
    let body = json!({ "code": "C".repeat(256), "message": "é".repeat(257), "trace_id": "t".repeat(1000) });
    let (code, message, trace_id) = ("C".repeat(256), "é".repeat(256), "t".repeat(256));
    let expected = format!("HTTP 500 {code}: {message}… (request {trace_id}…)");
    assert_eq!(response(500, body.to_string()).to_string(), expected);
}

#[test]
fn the_time_of_an_envelope_is_an_instant() {
    let body = forbidden_with("timestamp", "\"2025-11-13T12:30:00+02:00\"");
    assert_eq!(response(403, body).envelope().unwrap().error().timestamp().instant(), NOW);
}
