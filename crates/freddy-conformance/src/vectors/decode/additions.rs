//! What a later server may send and an earlier client has to read, and envelopes that are nearly right.

use freddy_types::{ErrorCode, headers};
use serde_json::json;

use super::{Answer, DecodeCase, Told, case, documented, envelope_with, forbidden, forbidden_with};
use crate::vectors::Level::{May, Must, Should};

const CODE: ErrorCode = ErrorCode::Forbidden;
const LIMIT: ErrorCode = ErrorCode::RateLimitExceeded;

pub(super) fn cases() -> Vec<DecodeCase> {
    [added(), statuses(), equal(), timestamps(), faults(), request_ids()].concat()
}

fn read() -> Told {
    Told::documented(CODE)
}

/// Codes, types, fields and details are added over time.
fn added() -> Vec<DecodeCase> {
    let limited = documented(LIMIT);
    let more_details = limited.replacen("\"limit\"", "\"bucket\": \"burst\",\n      \"limit\"", 1);
    let of_limit = Told::documented(LIMIT);
    let mut details = of_limit.details.clone().unwrap_or_default();
    if let Some(details) = details.as_object_mut() {
        details.insert("bucket".to_owned(), "burst".into());
    }
    let reasons = json!({"reasons": [{"field": "id", "weight": 1.5}], "owner": {"team": {"id": 7}}, "until": null});
    let unknown_details = forbidden_with("details", &reasons.to_string());
    vec![
        case(
            Must,
            "unknown-code",
            "Codes are added over time: one that nobody knows is kept as text, and all else is read.",
            Answer::json(403, forbidden_with("code", "\"CONNECTOR_LOCKED\"")),
            read().code(Some("CONNECTOR_LOCKED")),
        ),
        case(
            Must,
            "unknown-type",
            "Types are added over time: one that nobody knows is kept as text, and all else is read.",
            Answer::json(403, forbidden_with("type", "\"lock_error\"")),
            read().error_type(Some("lock_error")),
        ),
        case(
            Must,
            "unknown-field-in-error",
            "Fields are added over time, and one in the error spoils nothing.",
            Answer::json(403, forbidden_with("region", "[\"eu\", 1.50, null, {\"a\": {}}]")),
            read(),
        ),
        case(
            Must,
            "unknown-field-beside-error",
            "Fields are added over time, and one beside the error spoils nothing.",
            Answer::json(403, forbidden().replacen('{', "{\"meta\":{\"region\":\"eu\",\"hops\":[1,2]},", 1)),
            read(),
        ),
        case(
            Must,
            "unknown-field-in-details",
            "Fields are added to details over time, and those that were there are read.",
            Answer::json(429, more_details),
            of_limit.clone().details(details).wait(Some(60)),
        ),
        case(
            Must,
            "unknown-details",
            "Codes get details over time, which are kept as they came.",
            Answer::json(403, unknown_details),
            read().details(reasons),
        ),
        case(
            May,
            "details-empty",
            "Details without a field are details all the same, though nothing is lost with them.",
            Answer::json(403, forbidden_with("details", "{}")),
            read().details(json!({})),
        ),
        case(
            Should,
            "details-null",
            "Servers write null where they have no details; the envelope is read as one without them.",
            Answer::json(403, forbidden_with("details", "null")),
            read(),
        ),
        case(
            Should,
            "details-of-other-shape",
            "Details without the documented shape do not hide the code.",
            Answer::json(429, limited.replacen("\"limit\": 100", "\"limit\": \"many\"", 1)),
            Told { details: None, ..of_limit.wait(Some(60)) },
        ),
    ]
}

/// What the status says, whatever the body says.
fn statuses() -> Vec<DecodeCase> {
    let mut cases = vec![case(
        Must,
        "status-of-response-counts",
        "The status line counts and not the status in the body, which a proxy may have changed or not.",
        Answer::json(502, forbidden()),
        Told { status: Some(502), retryable: Told::failure(502).retryable, ..read() },
    )];
    for status in [404, 409, 418, 422, 423, 429, 451, 500, 503, 529, 599] {
        let body = forbidden_with("status", &status.to_string());
        let body = body.replacen(CODE.as_str(), "SOMETHING_NEW", 1);
        let expected = Told { status: Some(status), retryable: Told::failure(status).retryable, ..read() };
        cases.push(case(
            Must,
            format!("status-{status}-with-unknown-code"),
            "An answer of any status with an unknown code is read, and decided by its status.",
            Answer::json(status, body),
            expected.code(Some("SOMETHING_NEW")),
        ));
    }
    for status in [400, 401, 408, 425, 501, 502, 504, 505, 507, 508, 510, 511, 520] {
        cases.push(case(
            Must,
            format!("status-{status}-alone"),
            "Whether it is of use to try again follows from the status, where there is nothing else.",
            Answer::new(status, super::Bytes::default()),
            Told::failure(status).code(None).error_type(None).request_id(None),
        ));
    }
    cases.push(case(
        Should,
        "unexpected-200",
        "A status that is not the documented success is none, though the request may have worked.",
        Answer::json(200, "{\"ok\":true}"),
        Told { retryable: None, ..Told::failure(200) },
    ));
    cases.push(case(
        Should,
        "error-under-200",
        "An error under a successful status is an error, as gateways send it.",
        Answer::json(200, forbidden()),
        Told { retryable: None, details: None, ..Told { status: Some(200), ..read() } },
    ));
    cases
}

/// The same in other words.
fn equal() -> Vec<DecodeCase> {
    let reversed = {
        let mut body: serde_json::Value = serde_json::from_str(&documented(LIMIT)).unwrap_or_default();
        reverse(&mut body);
        body.to_string()
    };
    let escaped = forbidden_with("code", "\"\\u0046ORBIDDEN\"").replacen("\"message\"", "\"m\\u0065ssage\"", 1);
    vec![
        case(
            Must,
            "on-one-line",
            "Whitespace between the tokens of JSON means nothing.",
            Answer::json(403, forbidden()),
            read(),
        ),
        case(
            Must,
            "whitespace-around",
            "Whitespace around the document means nothing.",
            Answer::json(403, format!("\r\n\t {}\r\n\n", forbidden())),
            read(),
        ),
        case(
            Must,
            "fields-in-other-order",
            "The fields of an object have no order.",
            Answer::json(429, reversed),
            Told::documented(LIMIT).wait(Some(60)),
        ),
        case(
            Must,
            "escaped-letters",
            "An escaped letter in a name or a text is that letter.",
            Answer::json(403, escaped),
            read(),
        ),
        case(
            Must,
            "message-in-unicode",
            "A text may have any character, as it is or as a pair of escapes.",
            Answer::json(403, forbidden_with("message", "\"Zugriff verweigert – 禁止 \\ud83d\\udeab 🚫\"")),
            read().message(Some("Zugriff verweigert – 禁止 🚫 🚫")),
        ),
        case(
            Must,
            "content-type-with-charset",
            "A content type may have parameters.",
            Answer { headers: vec![], ..Answer::json(403, forbidden()) }
                .header(headers::CONTENT_TYPE, "Application/JSON; charset=UTF-8"),
            read(),
        ),
        case(
            Should,
            "content-type-missing",
            "An envelope is one whatever its content type says.",
            Answer { headers: vec![], ..Answer::json(403, forbidden()) },
            read(),
        ),
        case(
            Should,
            "content-type-text",
            "An envelope is one whatever its content type says.",
            Answer { headers: vec![], ..Answer::json(403, forbidden()) }.header(headers::CONTENT_TYPE, "text/plain"),
            read(),
        ),
        case(
            Must,
            "number-with-a-fraction-of-zero",
            "`429.0` is the number 429, which some servers write so.",
            Answer::json(429, documented(LIMIT).replacen("\"status\": 429", "\"status\": 429.0", 1)),
            Told::documented(LIMIT).wait(Some(60)),
        ),
        case(
            Must,
            "details-with-a-fraction-of-zero",
            "`60.0` is the number 60, which some servers write so.",
            Answer::json(429, documented(LIMIT).replacen("\"retry_after\": 60", "\"retry_after\": 60.0", 1)),
            Told::documented(LIMIT).wait(Some(60)),
        ),
    ]
}

fn reverse(value: &mut serde_json::Value) {
    if let serde_json::Value::Object(fields) = value {
        let mut reversed: Vec<_> = std::mem::take(fields).into_iter().rev().collect();
        reversed.iter_mut().for_each(|(_, value)| reverse(value));
        fields.extend(reversed);
    }
}

/// Times as RFC 3339 lets servers write them.
fn timestamps() -> Vec<DecodeCase> {
    let table = [
        (Must, "offset", "2025-11-13T12:30:00+02:00", "2025-11-13T10:30:00Z"),
        (Must, "fraction", "2025-11-13T10:30:00.250Z", "2025-11-13T10:30:00.250Z"),
        (Must, "offset-and-fraction", "2025-11-13T12:30:00.250+02:00", "2025-11-13T10:30:00.25Z"),
        (Must, "microseconds", "2025-11-13T10:30:00.123456+00:00", "2025-11-13T10:30:00.123456Z"),
        (Should, "nanoseconds", "2025-11-13T10:30:00.123456789Z", "2025-11-13T10:30:00.123456789Z"),
        (Should, "half-hour-offset", "2025-11-13T05:00:00-05:30", "2025-11-13T10:30:00Z"),
        (Should, "lower-case", "2025-11-13t10:30:00z", "2025-11-13T10:30:00Z"),
        (May, "leap-second", "2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
    ];
    let mut cases: Vec<_> = table
        .map(|(level, name, text, instant)| {
            case(
                level,
                format!("timestamp-with-{name}").replace("with-lower-case", "in-lower-case"),
                "A time is an instant, however RFC 3339 writes it.",
                Answer::json(403, forbidden_with("timestamp", &format!("\"{text}\""))),
                read().timestamp(instant),
            )
        })
        .into();
    cases.extend([("without-offset", "\"2025-11-13T10:30:00\""), ("number", "1763029800"), ("blank", "\"\"")].map(
        |(name, value)| {
            case(
                Should,
                format!("timestamp-{name}"),
                "An invalid timestamp does not hide the rest.",
                Answer::json(403, forbidden_with("timestamp", value)),
                read(),
            )
        },
    ));
    cases
}

/// An envelope with a fault has everything else.
fn faults() -> Vec<DecodeCase> {
    let system_message = CODE.system_message();
    let without = |name: &str| {
        let mut body: serde_json::Value = serde_json::from_str(&forbidden()).unwrap_or_default();
        if let Some(error) = body.get_mut("error").and_then(serde_json::Value::as_object_mut) {
            error.shift_remove(name);
        }
        body.to_string()
    };
    let kept = "A fault in one field does not hide the others.";
    let table = [
        ("status-is-text", forbidden_with("status", "\"403\""), read()),
        ("status-is-null", forbidden_with("status", "null"), read()),
        ("status-out-of-range", forbidden_with("status", "99"), read()),
        ("status-with-fraction", forbidden_with("status", "403.5"), read()),
        ("status-too-big", forbidden_with("status", "1e999"), read()),
        ("message-is-null", forbidden_with("message", "null"), read().message(Some(system_message))),
        ("message-is-blank", forbidden_with("message", "\" \""), read().message(Some(system_message))),
        ("system-message-is-null", forbidden_with("system_message", "null"), read()),
        ("type-is-null", forbidden_with("type", "null"), read().error_type(None)),
        ("code-is-null", forbidden_with("code", "null"), read().code(None)),
        ("trace-id-is-null", forbidden_with("trace_id", "null"), read().request_id(None)),
        ("trace-id-is-blank", forbidden_with("trace_id", "\" \""), read().request_id(None)),
        ("details-are-a-text", forbidden_with("details", "\"{}\""), Told { details: None, ..read() }),
        ("details-are-a-number", forbidden_with("details", "7"), Told { details: None, ..read() }),
        ("details-are-a-list", forbidden_with("details", "[]"), Told { details: None, ..read() }),
        ("success-is-true", forbidden().replacen("false", "true", 1), read()),
        ("success-is-missing", forbidden().replacen("\"success\":false,", "", 1), read()),
        ("message-is-missing", without("message"), read().message(Some(system_message))),
        ("system-message-is-missing", without("system_message"), read()),
        ("type-is-missing", without("type"), read().error_type(None)),
        ("status-is-missing", without("status"), read()),
        ("trace-id-is-missing", without("trace_id"), read().request_id(None)),
        ("timestamp-is-missing", without("timestamp"), read()),
    ];
    let mut cases: Vec<_> =
        table.map(|(name, body, told)| case(Should, name, kept, Answer::json(403, body), told)).into();
    let twice = "A duplicate name is a fault, and the last of its values counts, as in most readers of JSON.";
    cases.extend([
        case(
            May,
            "code-twice",
            twice,
            Answer::json(403, forbidden().replacen("\"code\"", "\"code\":\"OTHER\",\"code\"", 1)),
            read(),
        ),
        case(
            May,
            "message-twice",
            twice,
            Answer::json(403, forbidden().replacen("\"message\"", "\"message\":\"other\",\"message\"", 1)),
            read(),
        ),
        case(
            May,
            "unknown-field-twice",
            "A duplicate name spoils nothing where nobody knows it.",
            Answer::json(403, forbidden_with("region", "\"eu\",\"region\":\"us\"")),
            read(),
        ),
        case(
            May,
            "details-of-another-code",
            "Details are read by the code that they come with.",
            Answer::json(403, envelope_with(LIMIT, "code", "\"RATE_LIMITED\"")),
            Told { status: Some(403), retryable: Some(false), ..Told::documented(LIMIT) }.code(Some("RATE_LIMITED")),
        ),
    ]);
    cases
}

/// Which ID a request has.
fn request_ids() -> Vec<DecodeCase> {
    vec![
        case(
            Must,
            "request-id-in-header-and-body",
            "The header names the request before the body does: it is the server's or the gateway's that answered last.",
            Answer::json(403, forbidden()).header(headers::X_REQUEST_ID, "edge-1"),
            read().request_id(Some("edge-1")),
        ),
        case(
            Must,
            "request-id-header-in-lower-case",
            "The names of headers are case-insensitive.",
            Answer::json(403, forbidden()).header("x-request-id", "edge-1"),
            read().request_id(Some("edge-1")),
        ),
        case(
            Should,
            "request-id-header-blank",
            "A header without a value names nothing, and the body does.",
            Answer::json(403, forbidden()).header(headers::X_REQUEST_ID, ""),
            read(),
        ),
        case(
            Must,
            "header-beyond-ascii",
            "A header in another charset than ASCII, which a proxy may add, spoils nothing.",
            Answer::json(403, forbidden()).header("X-Served-By", "caf\u{e9}"),
            read(),
        ),
        case(
            Should,
            "request-id-header-beyond-ascii",
            "A header that is not text names nothing, and the body does.",
            Answer::json(403, forbidden()).header(headers::X_REQUEST_ID, "req_\u{e9}\u{ff}"),
            read(),
        ),
        case(
            Must,
            "request-id-of-html",
            "What a proxy answers has the ID in the header alone.",
            Answer::new(502, super::Bytes::new("<html></html>"))
                .header(headers::CONTENT_TYPE, "text/html")
                .header(headers::X_REQUEST_ID, "edge-2"),
            Told::failure(502).code(None).request_id(Some("edge-2")),
        ),
    ]
}
