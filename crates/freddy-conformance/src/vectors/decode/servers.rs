//! Answers that are not the contract's: those of frameworks, gateways and proxies, and of other APIs.

use freddy_types::{ErrorCode, headers};
use serde_json::{Value, json};

use super::{Answer, DecodeCase, Told, case, forbidden, forbidden_with};
use crate::vectors::Level::{self, May, Must, Should};
use crate::vectors::bytes::Bytes;

pub(super) fn cases() -> Vec<DecodeCase> {
    [proxies(), frameworks(), wrapped()].concat()
}

/// What is no JSON. Only the status and the headers are left.
fn proxies() -> Vec<DecodeCase> {
    let nothing = |status| Told::failure(status).code(None).error_type(None).request_id(None);
    let of_type = |status, content_type, body: &str| {
        Answer::new(status, Bytes::new(body)).header(headers::CONTENT_TYPE, content_type)
    };
    let nginx = "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n";
    let opaque = "What a proxy answers is no envelope: its status is kept, and nothing is read into it.";
    let mut cases = vec![
        case(Must, "html-502", opaque, of_type(502, "text/html", nginx), nothing(502).message(None)),
        case(
            Must,
            "html-503-with-retry-after",
            "The hint of a proxy counts as the server's does.",
            of_type(503, "text/html", "<h1>Service Unavailable</h1>").header(headers::RETRY_AFTER, "7"),
            nothing(503).wait(Some(7)),
        ),
        case(
            Should,
            "html-502-with-retry-after-date",
            "The hint of a proxy counts as the server's does.",
            of_type(502, "text/html", nginx)
                .header(headers::RETRY_AFTER, "Thu, 13 Nov 2025 10:31:00 GMT")
                .header(headers::DATE, "Thu, 13 Nov 2025 10:30:00 GMT"),
            nothing(502).wait(Some(60)),
        ),
        case(Must, "html-404", opaque, of_type(404, "text/html", "<!doctype html><title>404</title>"), nothing(404)),
        case(
            Must,
            "html-as-json",
            "A content type that is wrong does not make HTML into JSON.",
            of_type(500, headers::JSON, "<html>oops</html>"),
            nothing(500).message(None),
        ),
        case(Must, "empty-401", opaque, of_type(401, headers::JSON, ""), nothing(401).message(None)),
        case(Must, "empty-503", opaque, Answer::new(503, Bytes::default()), nothing(503).message(None)),
        case(
            Must,
            "text-503",
            "A text is no envelope.",
            of_type(503, "text/plain", "upstream connect error or disconnect/reset before headers"),
            Told { message: None, ..nothing(503) },
        ),
    ];
    let line = "One line of text is what a user can be told, if there is nothing better.";
    let table = [
        ("upstream", "no healthy upstream\r\n", Some("no healthy upstream")),
        ("status", "403 Forbidden", Some("403 Forbidden")),
        ("in-brackets", "[2025-11-13] failed", Some("[2025-11-13] failed")),
        ("in-quotes", "\"a\" is not \"b\"", Some("\"a\" is not \"b\"")),
        ("with-umlaut", "gesperrt: Müller", Some("gesperrt: Müller")),
        ("with-null", "null and void", Some("null and void")),
        ("of-signs", "--- 502 ---", None),
        ("of-two-lines", "two\nlines", None),
        ("end-of-html", "oops</body>", None),
        ("like-json", "{error: oops}", None),
        ("with-control-character", "bell\u{7}", None),
    ];
    cases.extend(table.map(|(name, body, message)| {
        let answer = of_type(503, "text/plain", body);
        case(May, format!("text-line-{name}"), line, answer, nothing(503).message(message))
    }));
    cases
}

/// A row: name, body, code, type, message, request ID.
type Row<'a> = (&'a str, Value, Option<&'a str>, Option<&'a str>, Option<&'a str>, Option<&'a str>);

fn rows(level: Level, status: u16, why: &str, rows: Vec<Row<'_>>) -> Vec<DecodeCase> {
    let rows = rows.into_iter().map(|(name, body, code, error_type, message, request_id)| {
        let told = Told::failure(status).code(code).error_type(error_type).message(message).request_id(request_id);
        case(level, name, why, Answer::json(status, body.to_string()), told)
    });
    rows.collect()
}

/// JSON of other shapes.
fn frameworks() -> Vec<DecodeCase> {
    let fastapi = rows(
        Should,
        422,
        "FastAPI and Starlette answer so before the API's own code is reached.",
        vec![
            ("fastapi-detail", json!({"detail": "Not authenticated"}), None, None, Some("Not authenticated"), None),
            (
                "fastapi-validation",
                json!({"detail": [
                    {"loc": ["path", "connector_id"], "msg": "field required", "type": "value_error.missing"},
                    {"loc": ["header", "x-api-key"], "msg": "not shown", "type": "value_error.missing"},
                ]}),
                None,
                Some("value_error.missing"),
                Some("field required"),
                None,
            ),
            ("fastapi-detail-empty", json!({"detail": []}), None, None, None, None),
            ("fastapi-detail-null", json!({"detail": null}), None, None, None, None),
            ("fastapi-detail-texts", json!({"detail": ["one", "two"]}), None, None, Some("one"), None),
            (
                "fastapi-detail-object",
                json!({"detail": {"code": "FORBIDDEN", "message": "No", "type": "authorization_error", "trace_id": "t-1"}}),
                Some("FORBIDDEN"),
                Some("authorization_error"),
                Some("No"),
                Some("t-1"),
            ),
            ("fastapi-detail-twice", json!({"detail": {"detail": "twice"}}), None, None, Some("twice"), None),
        ],
    );
    let gateways = rows(
        Should,
        403,
        "Gateways answer with a message and little else.",
        vec![
            ("gateway-message", json!({"message": "Forbidden"}), None, None, Some("Forbidden"), None),
            (
                "gateway-message-and-request-id",
                json!({"message": "No", "request_id": "r-1"}),
                None,
                None,
                Some("No"),
                Some("r-1"),
            ),
            ("gateway-error", json!({"error": "Bad key"}), None, None, Some("Bad key"), None),
            ("gateway-status-and-message", json!({"status": "error", "message": "m"}), None, None, Some("m"), None),
            ("gateway-code-is-status", json!({"code": 403, "message": "m"}), None, None, Some("m"), None),
            (
                "gateway-google",
                json!({"error": {
                    "code": 403, "message": "m", "status": "PERMISSION_DENIED",
                    "details": [{"@type": "a/b", "reason": "R"}],
                }}),
                Some("PERMISSION_DENIED"),
                None,
                Some("m"),
                None,
            ),
        ],
    );
    let problems = rows(
        Should,
        403,
        "Problems (RFC 9457) are what many frameworks answer by default.",
        vec![
            (
                "problem-blank",
                json!({"type": "about:blank", "title": "Not by policy", "status": 403}),
                None,
                None,
                Some("Not by policy"),
                None,
            ),
            (
                "problem-with-type",
                json!({"type": "https://example.com/probs/credit", "title": "t", "detail": "d", "status": 403}),
                None,
                Some("https://example.com/probs/credit"),
                Some("d"),
                None,
            ),
        ],
    );
    let oauth = rows(
        May,
        401,
        "OAuth's errors (RFC 6749) have their code as text.",
        vec![
            (
                "oauth",
                json!({"error": "invalid_token", "error_description": "It has expired"}),
                Some("invalid_token"),
                None,
                Some("It has expired"),
                None,
            ),
            (
                "oauth-one-word",
                json!({"error": "denied", "error_description": "No"}),
                Some("denied"),
                None,
                Some("No"),
                None,
            ),
            (
                "oauth-code-alone",
                json!({"error": "invalid_token"}),
                Some("invalid_token"),
                None,
                Some("invalid_token"),
                None,
            ),
            (
                "oauth-code-of-contract",
                json!({"error": "FORBIDDEN", "message": "m"}),
                Some("FORBIDDEN"),
                None,
                Some("m"),
                None,
            ),
            ("oauth-phrase", json!({"error": "Unauthorized", "message": "m"}), None, None, Some("m"), None),
        ],
    );
    [fastapi, gateways, problems, oauth, older(), others()].concat()
}

fn older() -> Vec<DecodeCase> {
    rows(
        May,
        400,
        "Older servers of the API have other shapes, which say the same.",
        vec![
            (
                "older-error-with-type",
                json!({"error": {"message": "Bad key", "type": "authentication_error", "code": "UNAUTHORIZED"}}),
                Some("UNAUTHORIZED"),
                Some("authentication_error"),
                Some("Bad key"),
                None,
            ),
            (
                "older-error-with-number",
                json!({"error": {"message": "Bad key", "type": null, "code": 400}}),
                None,
                None,
                Some("Bad key"),
                None,
            ),
            (
                "older-flat",
                json!({"code": "RATE_LIMIT_EXCEEDED", "message": "Slow down", "trace_id": "t-2"}),
                Some("RATE_LIMIT_EXCEEDED"),
                None,
                Some("Slow down"),
                Some("t-2"),
            ),
            (
                "older-with-meta",
                json!({
                    "detail": "text", "status_code": 400, "error_type": "InputError", "meta": {"request_id": "req_9"},
                    "errors": [{"field": "email", "message": "part", "code": "INVALID_FORM"}],
                }),
                Some("INVALID_FORM"),
                Some("InputError"),
                Some("text"),
                Some("req_9"),
            ),
            (
                "older-error-in-detail",
                json!({"detail": {"error": {"code": "file_gone", "message": "No such file", "type": "missing"}}}),
                Some("file_gone"),
                Some("missing"),
                Some("No such file"),
                None,
            ),
            (
                "older-error-in-detail-twice",
                json!({"detail": {"detail": {"error": {"code": "A", "message": "m", "trace_id": "t"}}}}),
                Some("A"),
                None,
                Some("m"),
                Some("t"),
            ),
            (
                "older-error-in-error",
                json!({"error": {"error": {"code": "A", "message": "m"}}}),
                Some("A"),
                None,
                Some("m"),
                None,
            ),
            (
                "older-error-before-what-is-in-it",
                json!({"error": {"code": "A", "message": "m", "error": {"code": "B"}, "detail": {"message": "n"}}}),
                Some("A"),
                None,
                Some("m"),
                None,
            ),
            (
                "older-code-beside-detail",
                json!({"detail": {"msg": "short"}, "code": "A"}),
                Some("A"),
                None,
                Some("short"),
                None,
            ),
            (
                "older-request-id-before-meta",
                json!({"message": "m", "meta": {"trace_id": "t"}, "request_id": "r"}),
                None,
                None,
                Some("m"),
                Some("r"),
            ),
        ],
    )
}

fn others() -> Vec<DecodeCase> {
    rows(
        May,
        400,
        "What other APIs answer says something to a user all the same.",
        vec![
            (
                "errors-of-objects",
                json!({"errors": [{"code": "BAD_ID", "message": "no such form"}]}),
                Some("BAD_ID"),
                None,
                Some("no such form"),
                None,
            ),
            (
                "errors-with-type",
                json!({"errors": [{"msg": "m", "type": "missing"}]}),
                None,
                Some("missing"),
                Some("m"),
                None,
            ),
            (
                "errors-with-detail",
                json!({"errors": [{"title": "t", "detail": "d", "code": "A"}, {"code": "OTHER"}]}),
                Some("A"),
                None,
                Some("d"),
                None,
            ),
            ("errors-with-title", json!({"errors": [{"title": "t"}]}), None, None, Some("t"), None),
            ("errors-of-texts", json!({"errors": ["first", "second"]}), None, None, Some("first"), None),
            (
                "errors-mixed",
                json!({"errors": [null, "", {"code": "A"}, "fourth"]}),
                Some("A"),
                None,
                Some("fourth"),
                None,
            ),
            (
                "errors-by-field",
                json!({"message": null, "errors": {"email": ["is taken", "is long"], "name": []}}),
                None,
                None,
                Some("is taken"),
                None,
            ),
            ("errors-by-field-as-text", json!({"errors": {"email": "is taken"}}), None, None, Some("is taken"), None),
            (
                "errors-with-number",
                json!({"errors": [{"code": 88, "message": "Slow down"}]}),
                Some("88"),
                None,
                Some("Slow down"),
                None,
            ),
            ("errors-empty", json!({"errors": []}), None, None, None, None),
            (
                "errors-beside-message",
                json!({"message": "whole", "errors": {"email": ["part"]}}),
                None,
                None,
                Some("whole"),
                None,
            ),
            ("error-list", json!({"error": ["a", "b"]}), None, None, Some("a"), None),
            ("list-of-errors", json!([{"code": "A", "message": "m"}]), Some("A"), None, Some("m"), None),
            ("code-is-number", json!({"code": 4031, "message": "m"}), Some("4031"), None, Some("m"), None),
            (
                "message-list",
                json!({"statusCode": 400, "message": ["must be a string", "must be short"], "error": "Bad Request"}),
                None,
                None,
                Some("must be a string"),
                None,
            ),
            ("message-blank", json!({"message": "", "detail": "d"}), None, None, Some("d"), None),
            ("message-null-beside-title", json!({"message": null, "title": "t"}), None, None, Some("t"), None),
            (
                "message-list-empty",
                json!({"message": [], "error": "Bad Request"}),
                None,
                None,
                Some("Bad Request"),
                None,
            ),
            ("json-text", json!("The database is down"), None, None, Some("The database is down"), None),
            ("json-blank-text", json!(" "), None, None, None, None),
            ("json-number", json!(42), None, None, None, None),
            ("json-null", json!(null), None, None, None, None),
            ("json-empty-object", json!({}), None, None, None, None),
            ("json-empty-list", json!([]), None, None, None, None),
        ],
    )
}

/// Envelopes with something around them.
fn wrapped() -> Vec<DecodeCase> {
    let why = "Frameworks put what was raised into a `detail`, and the envelope is in it.";
    let once = format!("{{\"status_code\": 403, \"detail\": {}}}", forbidden());
    let twice = format!("{{\"detail\": {once}}}");
    let thrice = format!("{{\"detail\": {twice}}}");
    let null = format!("{{\"detail\": {}}}", forbidden_with("details", "null"));
    let told = Told::documented(ErrorCode::Forbidden);
    vec![
        case(Should, "envelope-in-detail", why, Answer::json(403, once), told.clone()),
        case(May, "envelope-in-detail-twice", why, Answer::json(403, twice), told.clone()),
        case(May, "envelope-in-detail-thrice", why, Answer::json(403, thrice), told.clone()),
        case(May, "envelope-in-detail-with-null", why, Answer::json(403, null), told),
    ]
}
