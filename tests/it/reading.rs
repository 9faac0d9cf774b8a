//! A failed response as other servers, frameworks and proxies write it: the shapes that are read, and the damage that is mended.

use allocation_counter::measure;
use freddy_types::{ErrorBody, ErrorCode, ErrorResponse, ErrorType, RateLimitDetails, Repair, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use crate::promises;
use crate::support::{DOCUMENTED, NOW, for_all, forbidden, forbidden_with, rate_limited, response, with_headers};

/// Everything that is read of a body but for where it was found.
#[derive(Clone, Debug, Default, PartialEq)]
struct Read {
    code: Option<String>,
    error_type: Option<String>,
    message: Option<String>,
    system_message: Option<String>,
    timestamp: Option<String>,
    request_id: Option<String>,
    details: Option<String>,
    retry_after: Option<u64>,
}

impl Read {
    fn of(response: &ErrorResponse) -> Self {
        promises::check(response, response.status()).unwrap();
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            code: owned(response.code_str()),
            error_type: owned(response.error_type_str()),
            message: owned(response.message()),
            system_message: owned(response.system_message()),
            timestamp: response.timestamp().map(ToString::to_string),
            request_id: owned(response.request_id()),
            details: owned(response.details_json()),
            retry_after: response.retry_after().map(|wait| wait.as_secs()),
        }
    }

    fn body(body: impl AsRef<[u8]>) -> Self {
        Self::of(&response(429, body))
    }
}

/// Code, type, message and request ID.
type Four<'a> = (Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn four(response: &ErrorResponse) -> Four<'_> {
    promises::check(response, response.status()).unwrap();
    (response.code_str(), response.error_type_str(), response.message(), response.request_id())
}

#[test]
fn an_envelope_with_a_fault_still_has_everything_else() {
    for (name, value) in [("status", "\"403\""), ("message", "null"), ("details", "[]"), ("status", "null")] {
        let body = forbidden_with(name, value);
        let response = response(403, &body);
        assert!(matches!(response.body(), ErrorBody::Json(_)), "{body}");
        assert_eq!(
            (response.code(), response.error_type()),
            (Some(ErrorCode::Forbidden), Some(ErrorType::Authorization))
        );
        assert_eq!(response.system_message(), Some("Insufficient permissions"));
        assert_eq!(response.timestamp().map(Timestamp::instant), Some(NOW));
        assert_eq!(response.request_id(), Some("req_def456"));
        let message = if name == "message" { "Insufficient permissions" } else { ErrorCode::Forbidden.message() };
        assert_eq!(response.message(), Some(message));
        assert_eq!(response.details_json(), (name == "details").then_some("[]"));
    }
    let blank = response(403, forbidden_with("message", "\" \""));
    assert!(blank.envelope().is_some());
    assert_eq!(blank.message(), Some("Insufficient permissions"), "the next best text");
}

#[test]
fn details_are_read_on_every_rung() {
    for body in [rate_limited().to_owned(), rate_limited().replacen("\"status\": 429", "\"status\": \"429\"", 1)] {
        let response = response(429, &body);
        let limits = response.details::<RateLimitDetails>().unwrap().unwrap();
        assert_eq!((limits.retry_after(), limits.limit()), (60, 100));
        assert!(response.details_json().unwrap().contains("\"limit\": 100"));
    }
    assert_eq!(response(403, forbidden()).details::<RateLimitDetails>().unwrap(), None);
    assert_eq!(response(403, "oops").details::<RateLimitDetails>().unwrap(), None);
    let other = r#"{"code": "RATE_LIMIT_EXCEEDED", "details": {"limit": "many"}}"#;
    assert!(response(429, other).details::<RateLimitDetails>().is_err());
    assert_eq!(response(429, other).details_json(), Some(r#"{"limit": "many"}"#));
    assert_eq!(response(429, other.replace("LIMIT_", "")).details::<RateLimitDetails>().unwrap(), None);
}

#[test]
fn details_of_null_are_absent() {
    let body = forbidden_with("details", "null");
    let received = response(403, &body);
    assert_eq!(received.repairs(), [Repair::NullDetails]);
    assert_eq!(Read::of(&received), Read::of(&response(403, forbidden())));
    assert_eq!(received.envelope().unwrap().error(), response(403, forbidden()).envelope().unwrap().error());
    assert!(
        serde_json::from_str::<freddy_types::ErrorEnvelope>(&body).is_err(),
        "the envelope's own decoder is strict"
    );
    // Unknown fields stay, and a name that stands twice is no less a fault than elsewhere.
    let more = body.replacen('{', r#"{"a\u0062": [1.50], "#, 1);
    let kept = response(403, &more);
    assert_eq!(kept.envelope().unwrap().unknown_fields().collect::<Vec<_>>(), [("ab", "[1.50]")]);
    for twice in ["\"details\":null,\"details\":null", "\"code\":\"A\",\"code\":\"FORBIDDEN\",\"details\":null"] {
        let response = response(403, body.replacen("\"details\":null", twice, 1));
        assert!(response.envelope().is_none(), "{twice}");
        assert_eq!(response.code(), Some(ErrorCode::Forbidden));
    }
}

#[test]
fn an_envelope_inside_detail_is_one() {
    let once = format!(r#"{{"status_code": 403, "detail": {}}}"#, forbidden());
    let twice = format!(r#"{{"detail": {once}}}"#);
    for body in [&once, &twice] {
        let received = response(403, body);
        assert_eq!(received.envelope(), response(403, forbidden()).envelope());
        assert_eq!(received.repairs(), [Repair::Wrapped]);
    }
    let thrice = response(403, format!(r#"{{"detail": {twice}}}"#));
    assert_eq!((thrice.envelope(), thrice.code()), (None, Some(ErrorCode::Forbidden)));
    let hint = response(429, once.replacen('{', r#"{"retry_after": 9, "#, 1));
    assert_eq!(hint.retry_after().map(|wait| wait.as_secs()), Some(9), "beside the envelope");
    let both = response(403, format!(r#"{{"detail": {}}}"#, forbidden_with("details", "null")));
    assert_eq!(both.repairs(), [Repair::NullDetails, Repair::Wrapped]);
}

#[test]
fn one_line_of_text_is_the_message_up_to_a_bound() {
    let long = "x".repeat(1024);
    for (body, message) in [(&*long, Some(&*long)), ("<html>oops</html>", None), ("[{\"code\":\"UNAU", None)] {
        let response = response(503, body);
        assert!(matches!(response.body(), ErrorBody::Opaque(_)), "{body}");
        assert_eq!(four(&response), (None, None, message, None), "{body}");
    }
    assert_eq!(response(503, "x".repeat(1025)).message(), None, "the end of it is not known");
    assert_eq!(response(503, b"caf\xE9 is closed").message(), Some("caf\u{fffd} is closed"));
    assert_eq!(response(503, b"P\xE9\xFF\x80\x90\xA0\xB0").message(), None, "bytes");
    assert_eq!(response(503, "no healthy upstream").to_string(), "HTTP 503: no healthy upstream");
    assert_eq!(with_headers(503, &[], "<html>").to_string(), "HTTP 503: 6 bytes that are not JSON");
}

#[test]
fn each_kind_of_damage_is_told() {
    let table: [(&str, &[Repair]); 15] = [
        ("byte-order-mark", &[Repair::ByteOrderMark]),
        ("guard-before-json", &[Repair::ByteOrderMark, Repair::Guard]),
        ("guard-without-comma", &[Repair::ByteOrderMark, Repair::Guard, Repair::TrailingBytes]),
        ("surrogate-in-a-name", &[Repair::LoneSurrogate]),
        ("surrogate-behind", &[Repair::LoneSurrogate]),
        ("lone-surrogate", &[Repair::LoneSurrogate]),
        ("comment-behind-json", &[Repair::TrailingBytes]),
        ("nul-behind-json", &[Repair::TrailingBytes]),
        ("two-documents", &[Repair::TrailingBytes]),
        ("line-feed-in-a-text", &[Repair::ControlCharacter]),
        ("backslashes-in-a-text", &[Repair::InvalidEscape]),
        ("value-of-nan", &[Repair::InvalidValue]),
        ("stray-comma", &[Repair::StrayBytes]),
        ("cut-in-a-text", &[Repair::Unterminated]),
        ("cut-in-a-list", &[Repair::Unterminated]),
    ];
    for (name, repairs) in table {
        let case = freddy_conformance::vectors::decode::cases().into_iter().find(|case| case.case.name == name);
        let answer = case.unwrap_or_else(|| panic!("there is no case {name}")).answer;
        let response = ErrorResponse::decode(
            answer.status,
            &answer.header_bytes().collect::<Vec<_>>(),
            &answer.body.to_vec().unwrap(),
        );
        assert_eq!(response.repairs(), repairs, "{name}");
        if let ErrorBody::Json(other) = response.body() {
            assert!(serde_json::from_str::<serde_json::Value>(other.json()).is_ok(), "{name}");
        }
    }
    let cut = response(403, forbidden_with("message", r#""Name \ud83d was cut""#));
    assert_eq!(cut.message(), Some("Name \u{fffd} was cut"));
    assert_eq!((cut.envelope().is_some(), cut.repairs()), (true, &[Repair::LoneSurrogate][..]));
    assert_eq!(response(403, forbidden()).repairs(), []);
}

#[test]
fn what_was_complete_before_a_bound_counts() {
    let long = forbidden_with("system_message", &format!("\"{}\"", "stack line ".repeat(1000)));
    let body = &long.as_bytes()[..8192];
    let response = response(403, body);
    assert_eq!(
        (response.code(), response.message()),
        (Some(ErrorCode::Forbidden), Some(ErrorCode::Forbidden.message()))
    );
    assert_eq!((response.system_message(), response.repairs()), (None, &[Repair::Unterminated][..]));
}

#[test]
fn texts_and_debug_are_bounded_on_every_rung() {
    let long = "é".repeat(100_000);
    let fields = json!({
        "code": long, "message": long, "system_message": long, "type": long, "status": 403, "trace_id": long,
        "timestamp": format!("2025-11-13T10:30:00.{}Z", "0".repeat(100_000)), "details": {"a": long}, "more": long,
    });
    for body in [json!({"success": false, "error": fields}), json!({"error": fields}), json!(long)] {
        let response = with_headers(429, &[("X-Request-Id", &long)], body.to_string());
        promises::check(&response, 429).unwrap();
        assert_eq!(response.request_id().map(str::len), Some(1024));
        assert!(response.message().is_some_and(|message| message.len() == 4096 && long.starts_with(message)));
    }
}

// Laws.

#[test]
fn wrapping_an_envelope_in_detail_changes_nothing() {
    for_all(any::<freddy_types::ErrorEnvelope>(), |envelope| {
        let body = serde_json::to_string(&envelope).unwrap();
        for wrapped in [format!(r#"{{"detail":{body}}}"#), format!(r#"{{"a":1,"detail":{{"detail":{body}}}}}"#)] {
            prop_assert_eq!(Read::body(&wrapped), Read::body(&body));
            let response = response(429, &wrapped);
            prop_assert_eq!(response.envelope(), Some(&envelope));
        }
        Ok(())
    });
}

#[test]
fn anything_behind_a_documented_body_changes_nothing() {
    let behind = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        select(DOCUMENTED.each_ref().map(|documented| documented.body).to_vec())
            .prop_map(|body| body.as_bytes().to_vec()),
    ];
    for_all((select((0..DOCUMENTED.len()).collect::<Vec<_>>()), behind), |(n, behind)| {
        let body = DOCUMENTED[n].body.as_bytes();
        let received = response(429, [body, &behind].concat());
        prop_assert_eq!(Read::of(&received), Read::body(body));
        let alone = response(429, body);
        prop_assert_eq!(received.envelope(), alone.envelope());
        Ok(())
    });
}

#[test]
fn a_bad_byte_changes_at_most_the_field_it_is_in() {
    for documented in &DOCUMENTED {
        let whole = documented.body.trim_end();
        let expected = Read::body(whole);
        // Bytes that have a meaning of their own where they stand end what is read, as the module `repair` says.
        let is_structure = |byte: u8| matches!(byte, b'"' | b'{' | b'}' | b'\\');
        for at in 0..=whole.len() {
            for bad in [&b"\xFF"[..], b"\xC3", b"\x00", b"\xF0\x9F"] {
                let put_in = [&whole.as_bytes()[..at], bad, &whole.as_bytes()[at..]].concat();
                let mut bodies = vec![put_in];
                if whole.as_bytes().get(at).is_some_and(|byte| !is_structure(*byte)) {
                    bodies.push([&whole.as_bytes()[..at], bad, &whole.as_bytes()[at + 1..]].concat());
                }
                for body in bodies {
                    let read = Read::body(&body);
                    let changed = changes(&read, &expected);
                    let field = field_at(whole, at);
                    // All other fields stand under this name.
                    let error = whole.find("error\"").unwrap();
                    if (error..=error + "error".len()).contains(&at) {
                        continue;
                    }
                    // The wait stands in the details.
                    let is_own = |name: &&str| *name == field || (field == "details" && *name == "retry_after");
                    let others: Vec<_> = changed.iter().filter(|name| !is_own(name)).collect();
                    assert!(others.is_empty(), "{others:?} changed, not {field}: {}", body.escape_ascii());
                }
            }
        }
    }
}

/// The fields that are another.
fn changes(read: &Read, expected: &Read) -> Vec<&'static str> {
    let pairs = [
        ("code", read.code == expected.code),
        ("type", read.error_type == expected.error_type),
        ("message", read.message == expected.message),
        ("system_message", read.system_message == expected.system_message),
        ("timestamp", read.timestamp == expected.timestamp),
        ("trace_id", read.request_id == expected.request_id),
        ("details", read.details.as_deref().map(squeezed) == expected.details.as_deref().map(squeezed)),
        ("retry_after", read.retry_after == expected.retry_after),
    ];
    pairs.into_iter().filter(|(_, same)| !same).map(|(name, _)| name).collect()
}

/// Without the space between values, which a mended text may have less of.
fn squeezed(json: &str) -> String {
    json.split_whitespace().collect()
}

/// The field of the error object in whose name or value a place is, in a body with a line for each field, as the page has.
fn field_at(body: &str, at: usize) -> &str {
    let line_start = body[..at].rfind('\n').map_or(0, |newline| newline + 1);
    let details = body.find("\"details\": {").map(|start| start..start + body[start..].find('}').unwrap());
    if details.is_some_and(|details| details.contains(&at)) {
        return "details";
    }
    body[line_start..].trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next()).unwrap_or("")
}

#[test]
fn noise_in_a_field_that_nobody_knows_changes_nothing() {
    // Anything but what would end the string.
    let noise = proptest::collection::vec(any::<u8>().prop_filter("ends", |byte| !matches!(byte, b'"' | b'\\')), 0..60);
    let escapes = select(vec!["", "\\ud800", "\\udfff\\ud83d", "\\u12", "\\x", "\\ud83d\\ude00"]);
    for_all(
        (select((0..DOCUMENTED.len()).collect::<Vec<_>>()), noise, escapes, any::<bool>()),
        |(n, noise, escape, first)| {
            let whole = DOCUMENTED[n].body.trim_end();
            let echo = [b"\"echo", escape.as_bytes(), b"\":\"", &noise, escape.as_bytes(), b"\""].concat();
            let body = if first {
                [b"{", &*echo, b",", &whole.as_bytes()[1..]].concat()
            } else {
                [&whole.as_bytes()[..whole.len() - 1], b",", &echo, b"}"].concat()
            };
            prop_assert_eq!(Read::body(&body), Read::body(whole));
            Ok(())
        },
    );
}

// What it costs.

/// Bodies that a careless reader takes quadratic time or unbounded memory for.
fn hard_bodies(len: usize) -> Vec<Vec<u8>> {
    let repeat = |text: &[u8]| text.repeat(len / text.len());
    let wrap = |start: &[u8], text: &[u8], end: &[u8]| [start, &*repeat(text), end].concat();
    vec![
        repeat(b"\xFF"),
        wrap(b"{\"a\":\"", b"\xFF", b"\"}"),
        wrap(b"{\"a\":\"", b"\\ud800", b"\"}"),
        wrap(b"{\"a\":\"", b"\\", b"\"}"),
        wrap(b"{\"a\":\"", b"\n", b"\"}"),
        wrap(b"{\"a\":1", b"\xFF", b"}"),
        wrap(b"{\"a\":1", b",", b"}"),
        wrap(b"[{}", b"[", b""),
        wrap(b"[{\"a\":1},", b"[", b""),
        wrap(b"{\"a\":1,\"b\":", b"{\"detail\":", b""),
        repeat(b"{\"detail\":"),
        repeat(b"{\"error\":"),
        wrap(b"", b"{\"error\":{\"detail\":", b"1"),
        wrap(b"{\"error\":{\"details\":null},", b"\"error\":{\"details\":null},", b"\"error\":{}}"),
        wrap(b"{", b"\"message\":null,", b"\"a\":1}"),
        wrap(b"{", b"\"\":1,", b"\"a\":1}"),
        wrap(b"{\"errors\":[", b"[],", b"1]}"),
        wrap(b"{\"errors\":", b"[", b""),
        wrap(b"{\"errors\":{", b"\"a\":[],", b"\"a\":1}}"),
        wrap(b"{\"message\":[", b"{},", b"1]}"),
        wrap(b"{\"detail\":[", b"{\"detail\":[", b""),
        repeat(b"{}"),
        repeat(b"\""),
        repeat(b"{\"a\""),
        repeat(b"1,"),
        wrap(b"[\"a\"", b" \"a\"", b"]"),
    ]
}

#[test]
fn the_memory_is_linear_in_the_length_of_the_body() {
    for (small, large) in hard_bodies(20_000).into_iter().zip(hard_bodies(80_000)) {
        let cost = |body: &[u8]| measure(|| drop(response(429, body))).bytes_total;
        let (of_small, of_large) = (cost(&small), cost(&large));
        let start = small[..20].escape_ascii();
        assert!(of_large <= 5 * of_small + 4096, "{of_small} bytes, then {of_large}: {start}");
        assert!(of_large <= 200 * 80_000, "{of_large} bytes: {start}");
    }
}

/// A reader that is not linear needs hours for one of these, so that there is no need for a clock.
#[test]
fn megabytes_are_read() {
    for body in hard_bodies(1 << 20) {
        promises::check(&response(429, &body), 429).unwrap();
    }
    let value = "60,soon,Thu, ".repeat(100_000);
    let response = with_headers(429, &[("Retry-After", &*value), ("X-RateLimit-Reset", &*value)], "");
    assert_eq!(response.retry_after().map(|wait| wait.as_secs()), Some(60));
}

#[test]
fn the_documented_bodies_cost_no_more_than_their_envelope() {
    for documented in &DOCUMENTED {
        let envelope = measure(|| drop(serde_json::from_str::<freddy_types::ErrorEnvelope>(documented.body)));
        let whole = measure(|| drop(response(403, documented.body)));
        assert_eq!(whole.count_total, envelope.count_total, "{}", documented.file);
    }
}
