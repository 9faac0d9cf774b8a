//! Answers that a careless reader fails on: too long, too deep, not what they say they are.

use freddy_types::{ErrorCode, headers};

use super::{Answer, DecodeCase, Told, case, forbidden, forbidden_with};
use crate::vectors::Level::{May, Must, Should};
use crate::vectors::bytes::Bytes;

const MIB: usize = 1 << 20;
const DEPTH: usize = 10_000;
/// What stands for a hole in a text, into which bytes are put.
const HOLE: &str = "THE HOLE";

pub(super) fn cases() -> Vec<DecodeCase> {
    let kept = "However long a body is, the status is known, and reading it ends.";
    let deep = "However deep a body is, the status is known, and nothing overflows.";
    let json = |status, body| Answer { body, ..Answer::json(status, "") };
    let huge_text = Bytes::default().and_repeated("x", 10 * MIB);
    let nested = |open: &str, close: &str| Bytes::default().and_repeated(open, DEPTH).and_repeated(close, DEPTH);
    let with_hole = |name: &str, open: &str, core: &str, close: &str| {
        let body = forbidden_with(name, HOLE);
        let (before, after) = body.split_once(HOLE).unwrap_or_default();
        Bytes::new(before).and_repeated(open, DEPTH).and(core).and_repeated(close, DEPTH).and(after)
    };
    let deep_details = with_hole("details", "{\"a\":", "1", "}");
    let read = Told { details: None, ..Told::documented(ErrorCode::Forbidden) };
    let long_message = {
        let body = forbidden_with("message", &format!("\"{HOLE}\""));
        let (before, after) = body.split_once(HOLE).unwrap_or_default();
        Bytes::new(before).and_repeated("é", MIB).and(after)
    };
    vec![
        case(Must, "huge-text", kept, Answer::new(500, huge_text), Told::failure(500).code(None)),
        case(
            Must,
            "huge-json",
            kept,
            json(500, Bytes::new("[").and_repeated("{\"a\":1},", MIB).and("{}]")),
            Told::failure(500),
        ),
        case(Must, "huge-message", kept, json(403, long_message), Told::failure(403)),
        case(
            Must,
            "huge-space",
            kept,
            json(403, Bytes::default().and_repeated(" ", MIB).and(forbidden())),
            Told::failure(403),
        ),
        case(Must, "deep-lists", deep, json(500, nested("[", "]")), Told::failure(500).code(None)),
        case(
            Must,
            "deep-lists-never-closed",
            deep,
            json(500, Bytes::default().and_repeated("[", DEPTH)),
            Told::failure(500).code(None),
        ),
        case(
            Must,
            "deep-objects",
            deep,
            json(500, Bytes::default().and_repeated("{\"detail\":", DEPTH).and("1").and_repeated("}", DEPTH)),
            Told::failure(500),
        ),
        case(
            Should,
            "deep-details",
            "Details of any depth do not hide the code.",
            json(403, deep_details),
            read.clone(),
        ),
        case(
            Should,
            "deep-unknown-field",
            "An unknown field of any depth does not hide the code.",
            json(403, with_hole("trail", "[", "", "]")),
            read.clone().details(serde_json::Value::Null),
        ),
        case(
            Should,
            "number-too-big",
            "A number that no type can hold does not hide the code.",
            Answer::json(403, forbidden_with("cost", "1e999")),
            read.clone().details(serde_json::Value::Null),
        ),
        case(
            Should,
            "number-too-big-in-details",
            "A number that no type can hold does not hide the code.",
            Answer::json(403, forbidden_with("details", "{\"n\": -1e999}")),
            read,
        ),
        case(
            Must,
            "bytes",
            "What is no text is no envelope.",
            Answer::new(403, Bytes::new(b"\x1f\x8b{ caf\xE9\0\xFF")),
            Told::failure(403).code(None),
        ),
        case(
            Must,
            "gzip-that-is-none",
            "A body that cannot be unpacked leaves the status.",
            Answer::new(403, Bytes::new(b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xFF\xFF")).header("Content-Encoding", "gzip"),
            Told::failure(403),
        ),
        case(
            May,
            "gzip-that-is-json",
            "A proxy that unpacked a body and left the header did no harm to the body.",
            Answer::json(403, forbidden()).header("Content-Encoding", "gzip"),
            Told::documented(ErrorCode::Forbidden),
        ),
        case(
            Must,
            "many-headers",
            "A proxy may add any headers.",
            (0..64)
                .fold(Answer::json(403, forbidden()), |answer, number| answer.header(&format!("X-Hop-{number}"), "x")),
            Told::documented(ErrorCode::Forbidden),
        ),
        case(
            Must,
            "long-header",
            "A header may be long.",
            Answer::json(403, forbidden()).header("X-Trail", &"x".repeat(4000)),
            Told::documented(ErrorCode::Forbidden),
        ),
        case(
            Should,
            "keys-of-prototypes",
            "Names that mean something to a language are names of fields.",
            Answer::json(
                403,
                forbidden_with("__proto__", "{\"code\":\"OTHER\"}").replacen(
                    "{\"success\"",
                    "{\"constructor\":1,\"toString\":null,\"success\"",
                    1,
                ),
            ),
            Told::documented(ErrorCode::Forbidden),
        ),
        case(
            Should,
            "control-characters",
            "A text may have any character, and is shown to nobody as it came.",
            Answer::json(403, forbidden_with("message", "\"one\\ntwo\\u001b[31m\\u0000\"")),
            Told::documented(ErrorCode::Forbidden).message(Some("one\ntwo\u{1b}[31m\u{0}")),
        ),
        case(
            Must,
            "html-that-quotes-an-envelope",
            "An envelope that a page quotes is not the answer.",
            Answer::new(502, Bytes::new(format!("<html><pre>{}</pre></html>", forbidden())))
                .header(headers::CONTENT_TYPE, "text/html"),
            Told::failure(502).code(None),
        ),
    ]
}
