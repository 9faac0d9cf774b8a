//! Bodies that are nearly JSON: what is beside the damage is read.

use freddy_types::ErrorCode;

use super::{Answer, DecodeCase, Told, case, documented, forbidden, forbidden_with};
use crate::vectors::Level::{May, Should};
use crate::vectors::bytes::Bytes;

const ERROR: &str = r#""error":{"code":"FORBIDDEN","message":"m","retry_after":9}"#;

pub(super) fn cases() -> Vec<DecodeCase> {
    let read = Told::documented(ErrorCode::Forbidden);
    let mut cases = vec![
        case(
            Should,
            "byte-order-mark",
            "Some servers write a byte order mark before the document.",
            Answer::json(403, format!("\u{feff}{}", forbidden())),
            read.clone(),
        ),
        case(
            May,
            "guard-before-json",
            "Some gateways put a guard against scripts before the document.",
            Answer::json(403, format!("\u{feff})]}}',\n{}", forbidden())),
            read.clone(),
        ),
        case(
            May,
            "comment-behind-json",
            "Some proxies append a comment to whatever they pass on.",
            Answer::json(403, format!("{}\n<!-- node 7 -->", forbidden())),
            read.clone(),
        ),
        case(
            May,
            "nul-behind-json",
            "What stands behind the document is not a part of it.",
            Answer::json(403, format!("{}\0", forbidden())),
            read.clone(),
        ),
        case(
            May,
            "two-documents",
            "The first of two documents is the answer.",
            Answer::json(403, forbidden() + &forbidden_with("code", "\"OTHER\"")),
            read.clone(),
        ),
        case(
            May,
            "lone-surrogate",
            "A text that was cut between two surrogates is readable up to there.",
            Answer::json(403, forbidden_with("message", r#""Name \ud83d was cut""#)),
            read.clone().message(Some("Name \u{fffd} was cut")),
        ),
        case(
            May,
            "latin-1",
            "A byte that is not UTF-8 spoils nothing but the text that it is in.",
            Answer {
                body: Bytes::new(b"{\"error\":{\"code\":\"FORBIDDEN\",\"message\":\"m\"},\"echo\":\"caf\xE9\"}"),
                ..Answer::json(403, "")
            },
            Told::failure(403).code(Some("FORBIDDEN")).message(Some("m")),
        ),
    ];
    let beside = "Damage spoils nothing beside itself.";
    let table = [
        ("surrogate-in-a-name", format!(r#"{{"\ud800":1,{ERROR}}}"#)),
        ("line-feed-in-a-text", format!("{{{ERROR},\"log\":\"one\ntwo\"}}")),
        ("backslashes-in-a-text", format!(r#"{{"path":"C:\dir",{ERROR}}}"#)),
        ("value-of-nan", format!("{{\"took\":NaN,{ERROR}}}")),
        ("value-of-python", format!("{{\"ok\":False,\"of\":None,{ERROR}}}")),
        ("stray-comma", format!("{{{ERROR},}}")),
        ("guard-without-comma", format!("\u{feff})]}}'\n{{{ERROR}}}\n\0")),
        ("surrogate-behind", format!(r#"{{{ERROR},"x":["\udc00"]}}"#)),
        ("cut-in-a-text", format!("{{{ERROR},\"trace\":\"never end")),
        ("cut-in-a-list", format!("{{{ERROR},\"trace\":[1,{{\"a\":")),
    ];
    cases.extend(table.map(|(name, body)| {
        let told = Told::failure(429).code(Some("FORBIDDEN")).message(Some("m")).wait(Some(9));
        case(May, name, beside, Answer::json(429, body), told)
    }));
    cases.push(case(
        May,
        "nearly-json",
        beside,
        Answer::json(
            500,
            "{\"took\":NaN,\"ok\":False,\"path\":\"C:\\dir\",\"error\":{\"code\":\"A\",\"message\":\"one\ntwo\",},}\n",
        ),
        Told::failure(500).code(Some("A")).message(Some("one\ntwo")),
    ));
    let limited = documented(ErrorCode::RateLimitExceeded);
    let cut = limited.find("\"reset_").map_or("", |at| &limited[..at + 7]);
    cases.push(case(
        May,
        "cut-documented-429",
        "Of an answer that was cut, what was complete counts.",
        Answer::json(429, cut),
        Told { details: None, request_id: None, ..Told::documented(ErrorCode::RateLimitExceeded) }.wait(Some(60)),
    ));
    cases
}
