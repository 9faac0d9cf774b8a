//! When to try again: the headers and fields that say so, in all their forms, and which of them counts.

use freddy_types::{ErrorCode, headers};
use serde_json::json;

use super::{Answer, DecodeCase, Told, case, documented};
use crate::vectors::Level::{self, May, Must, Should};
use crate::vectors::bytes::Bytes;

const RETRY_AFTER: &str = headers::RETRY_AFTER;
const DATE: (&str, &str) = (headers::DATE, "Thu, 13 Nov 2025 10:30:00 GMT");
const IN_A_MINUTE: &str = "Thu, 13 Nov 2025 10:31:00 GMT";
/// Sent by servers that are not of this contract.
const X_RATELIMIT_RETRY_AFTER: &str = "X-RateLimit-Retry-After";

pub(super) fn cases() -> Vec<DecodeCase> {
    [header(), dates(), rate_limit_headers(), bodies(), disagreeing(), absurd()].concat()
}

fn told(status: u16, seconds: Option<u64>) -> Told {
    Told::failure(status).wait(seconds)
}

fn with_headers(status: u16, headers: &[(&str, &str)], body: &str) -> Answer {
    headers.iter().fold(Answer::new(status, Bytes::new(body)), |answer, (name, value)| answer.header(name, value))
}

/// The documented 429 with another wait in its details, and no reset that says the same.
fn limited_with(wait: &str) -> String {
    let body = documented(ErrorCode::RateLimitExceeded);
    body.replacen("\"retry_after\": 60", &format!("\"retry_after\": {wait}"), 1).replacen("reset_at", "ends_at", 1)
}

/// A row: level, name, lines of `Retry-After`, seconds.
type Row<'a> = (Level, &'a str, &'a [&'a str], Option<u64>);

fn header() -> Vec<DecodeCase> {
    let table: &[Row<'_>] = &[
        (Must, "seconds", &["7"], Some(7)),
        (Must, "zero", &["0"], Some(0)),
        (Must, "a-day", &["86400"], Some(86_400)),
        (Should, "fraction", &["0.5"], Some(1)),
        (Should, "fraction-above", &["59.9"], Some(60)),
        (Should, "fraction-of-zero", &["60.0"], Some(60)),
        (Must, "words", &["soon"], None),
        (Must, "blank", &[""], None),
        (Must, "negative", &["-1"], None),
        (May, "plus", &["+5"], None),
        (May, "exponent", &["1e3"], None),
        (May, "hexadecimal", &["0x10"], None),
        (May, "unit", &["60s"], None),
        (May, "broken-date", &["Thu, "], None),
        (May, "dot-in-front", &[".5"], None),
        (May, "dot-at-the-end", &["1."], None),
        (May, "quote", &["\""], None),
        (May, "comma", &[","], None),
        (May, "seconds-then-words", &["60", "soon"], Some(60)),
        (May, "list-with-negative", &["-1, 9"], Some(9)),
        (May, "date-then-seconds", &["Thu, 13 Nov 2025 10:31:00 GMT, 120"], Some(120)),
        (May, "date-without-comma", &["Thu Nov 13 10:31:00 2025", "2"], Some(60)),
        (May, "two-lines", &["5", "60", "7"], Some(60)),
        (May, "words-then-seconds", &["soon", "60"], Some(60)),
        (May, "list", &["60, 120"], Some(120)),
        (May, "list-without-space", &["1,5"], Some(5)),
        (May, "quoted", &["\"60\""], Some(60)),
        (May, "list-with-unix-time", &["1763029860, 9"], Some(9)),
        (May, "list-with-date", &["7, Thu, 13 Nov 2025 10:31:00 GMT"], Some(60)),
        (May, "list-of-dates", &["Thu, 13 Nov 2025 10:31:00 GMT, Thursday, 13-Nov-25 10:32:00 GMT"], Some(120)),
    ];
    let why = "`Retry-After` says how long to wait, and what is no wait is no hint.";
    let rows = table.iter().map(|(level, name, lines, seconds)| {
        let mut headers: Vec<_> = lines.iter().map(|line| (RETRY_AFTER, *line)).collect();
        headers.push(DATE);
        case(*level, format!("retry-after-{name}"), why, with_headers(429, &headers, ""), told(429, *seconds))
    });
    let mut cases: Vec<_> = rows.collect();
    cases.push(case(
        Must,
        "retry-after-in-lower-case",
        "The names of headers have no case.",
        with_headers(503, &[("retry-after", "7")], "<html>"),
        told(503, Some(7)),
    ));
    let final_status = "A hint counts where the same request may succeed later, and nowhere else.";
    cases.extend([400, 403, 404, 409, 501, 511].map(|status| {
        let answer = with_headers(status, &[(RETRY_AFTER, "60")], &documented(ErrorCode::RateLimitExceeded));
        case(May, format!("retry-after-on-{status}"), final_status, answer, told(status, None))
    }));
    let retryable = "A hint counts on every status that a client may try again.";
    cases.extend([408, 500, 502, 504, 507, 520, 529].map(|status| {
        let answer = with_headers(status, &[(RETRY_AFTER, "61")], "");
        case(Should, format!("retry-after-on-{status}"), retryable, answer, told(status, Some(61)))
    }));
    cases
}

fn dates() -> Vec<DecodeCase> {
    let table: &[(Level, &str, &str, Option<u64>)] = &[
        (Should, "imf", IN_A_MINUTE, Some(60)),
        (May, "rfc-850", "Thursday, 13-Nov-25 10:31:00 GMT", Some(60)),
        (May, "asctime", "Thu Nov 13 10:31:00 2025", Some(60)),
        (May, "lower-case", "thu, 13 nov 2025 10:31:00 gmt", Some(60)),
        (May, "utc", "Thu, 13 Nov 2025 10:31:00 UTC", Some(60)),
        (May, "offset", "Thu, 13 Nov 2025 12:31:00 +0200", Some(60)),
        (May, "without-day", "13 Nov 2025 10:31:00 GMT", Some(60)),
        (May, "rfc-3339", "2025-11-13T10:31:00Z", Some(60)),
        (Should, "in-the-past", "Thu, 13 Nov 2025 10:29:00 GMT", Some(0)),
        (May, "in-another-zone", "Thu, 13 Nov 2025 10:31:00 EST", None),
        (May, "of-no-day", "Thu, 32 Nov 2025 10:31:00 GMT", None),
        (May, "more-than-a-day-away", "Fri, 14 Nov 2025 10:30:01 GMT", None),
        (May, "for-never", "Fri, 31 Dec 9999 23:59:59 GMT", None),
    ];
    let why = "A date in `Retry-After` is counted from the server's own `Date`, not from the client's clock.";
    let rows = table.iter().map(|(level, name, date, seconds)| {
        let answer = with_headers(503, &[(RETRY_AFTER, date), DATE], "");
        case(*level, format!("retry-after-date-{name}"), why, answer, told(503, *seconds))
    });
    let mut cases: Vec<_> = rows.collect();
    let clocks = table.iter().filter(|(.., seconds)| *seconds == Some(60)).map(|(_, name, date, _)| {
        let headers = [(RETRY_AFTER, "Thu, 13 Nov 2025 10:32:00 GMT"), (headers::DATE, *date)];
        let why = "A `Date` counts in each form in which servers write it.";
        case(May, format!("server-date-{name}"), why, with_headers(503, &headers, ""), told(503, Some(60)))
    });
    cases.extend(clocks);
    let body = documented(ErrorCode::Forbidden);
    cases.push(case(
        May,
        "retry-after-date-from-timestamp",
        "Without a `Date`, the body's timestamp is the server's clock.",
        with_headers(429, &[(RETRY_AFTER, "Thu, 13 Nov 2025 10:30:59 GMT")], &body),
        told(429, Some(59)),
    ));
    cases.push(case(
        May,
        "retry-after-date-with-bad-date",
        "A `Date` that is none is no clock, and the body's timestamp is.",
        with_headers(429, &[(RETRY_AFTER, "Thu, 13 Nov 2025 10:30:59 GMT"), (headers::DATE, "yesterday")], &body),
        told(429, Some(59)),
    ));
    cases
}

fn rate_limit_headers() -> Vec<DecodeCase> {
    const RESET: &str = headers::X_RATELIMIT_RESET;
    const REMAINING: &str = headers::X_RATELIMIT_REMAINING;
    /// A name, a status, headers, and the wait in seconds.
    type Row<'a> = (&'a str, u16, &'a [(&'a str, &'a str)], Option<u64>);
    let table: &[Row<'_>] = &[
        ("wait-of-its-own", 429, &[(X_RATELIMIT_RETRY_AFTER, "12")], Some(12)),
        ("wait-of-its-own-longer", 503, &[(X_RATELIMIT_RETRY_AFTER, "12"), (RETRY_AFTER, "5")], Some(12)),
        ("reset", 429, &[(RESET, "1763029860"), DATE], Some(60)),
        ("reset-in-milliseconds", 429, &[(RESET, "1763029860000"), DATE], Some(60)),
        ("reset-in-seconds-from-now", 429, &[(RESET, "60")], Some(60)),
        ("reset-list", 429, &[(RESET, "60, 1763029920"), DATE], Some(120)),
        ("reset-and-none-left", 503, &[(RESET, "1763029860"), (REMAINING, "0"), DATE], Some(60)),
        ("reset-and-some-left", 429, &[(RESET, "1763029860"), (REMAINING, "57"), DATE], None),
        ("reset-and-none-left-of-429", 429, &[(RESET, "1763029860"), (REMAINING, "0"), DATE], Some(60)),
        ("reset-and-some-left-of-502", 502, &[(RESET, "1763029860"), (REMAINING, "57"), DATE], None),
        ("reset-in-seconds-more-than-a-day", 429, &[(RESET, "86401"), DATE], None),
        ("reset-of-502", 502, &[(RESET, "1763029860"), DATE], None),
        ("reset-more-than-a-day-away", 429, &[(RESET, "1763116201"), DATE], None),
        ("reset-negative", 429, &[(RESET, "-60"), DATE], None),
        ("reset-shorter-than-retry-after", 429, &[(RESET, "1763029860"), (RETRY_AFTER, "61"), DATE], Some(61)),
    ];
    let why = "The end of a window is a hint where the window is what is used up.";
    let rows = table.iter().map(|(name, status, headers, seconds)| {
        case(May, format!("ratelimit-{name}"), why, with_headers(*status, headers, ""), told(*status, *seconds))
    });
    rows.collect()
}

fn bodies() -> Vec<DecodeCase> {
    let mut cases = vec![case(
        Must,
        "wait-in-details-alone",
        "The details say what the headers say, and headers get lost on the way.",
        Answer::json(429, documented(ErrorCode::RateLimitExceeded)),
        Told::documented(ErrorCode::RateLimitExceeded).wait(Some(60)),
    )];
    cases.push(case(
        May,
        "wait-beside-half-a-pair",
        "A name that is no text, since it has half of a surrogate pair, does not hide what stands beside it.",
        Answer::json(429, limited_with("60, \"\\udc00\": 1")),
        told(429, Some(60)),
    ));
    let why = "A wait in a body of another shape is a hint too.";
    let shapes = [
        ("beside-code", json!({"error": {"message": "m", "retry_after": 6}}), Some(6)),
        ("on-top", json!({"retry_after": 5}), Some(5)),
        ("in-details", json!({"error": {"message": "m", "details": {"retry_after": 7}}}), Some(7)),
        ("in-detail", json!({"detail": {"retry_after": 8}}), Some(8)),
        ("in-details-on-top", json!({"details": {"retry_after": 9}}), Some(9)),
        (
            "in-many-places",
            json!({"retry_after": 5, "error": {"retry_after": 6, "details": {"retry_after": 4}}}),
            Some(6),
        ),
        ("in-errors", json!({"errors": [{"code": "THROTTLED", "retry_after": "5"}]}), Some(5)),
        ("in-list", json!([{"retry_after": 5}]), Some(5)),
        (
            "in-detail-and-on-top",
            json!({"detail": {"error": {"details": {"retry_after": 9}}}, "retry_after": 3}),
            Some(9),
        ),
        ("nowhere", json!({"detail": "Slow down", "status_code": 429}), None),
    ];
    cases.extend(shapes.map(|(name, body, seconds)| {
        case(May, format!("wait-{name}"), why, Answer::json(429, body.to_string()), told(429, seconds))
    }));
    let forms = [
        ("fraction", "0.5", Some(1)),
        ("fraction-of-zero", "0.0", Some(0)),
        ("text", "\"60\"", Some(60)),
        ("blank-text", "\"\"", None),
        ("negative-text", "\"-1\"", None),
        ("negative-fraction", "-0.5", None),
        ("object", "{}", None),
        ("a-day", "86400", Some(86_400)),
        ("more-than-a-day", "86401", None),
        ("text-with-fraction", "\"59.9\"", Some(60)),
        ("negative", "-1", None),
        ("null", "null", None),
        ("true", "true", None),
        ("list", "[60]", None),
        ("words", "\"soon\"", None),
        ("huge", "1e300", None),
        ("infinite", "1e999", None),
        ("unix-time", "1763029860", None),
    ];
    let why = "A wait in details counts in any form that is one.";
    cases.extend(forms.map(|(name, value, seconds)| {
        case(May, format!("wait-in-details-{name}"), why, Answer::json(429, limited_with(value)), told(429, seconds))
    }));
    let reset = |wait: &str, reset_at: &str| {
        let body = documented(ErrorCode::RateLimitExceeded);
        let body = body.replacen("\"retry_after\": 60", &format!("\"retry_after\": {wait}"), 1);
        body.replacen("\"2025-11-13T10:31:00Z\"", reset_at, 1)
    };
    let why = "The end of the window in the details is counted from the body's own timestamp.";
    let resets = [
        ("alone", "null", "\"2025-11-13T10:31:00Z\"", Some(60)),
        ("in-unix-seconds", "null", "1763029860", Some(60)),
        ("in-unix-seconds-as-text", "null", "\"1763029860\"", Some(60)),
        ("a-year-away-alone", "null", "\"2026-11-13T10:30:30Z\"", None),
        ("as-http-date", "null", "\"Thu, 13 Nov 2025 10:31:00 GMT\"", Some(60)),
        ("longer", "60", "\"2025-11-13T10:32:00Z\"", Some(120)),
        ("shorter", "60", "\"2025-11-13T10:30:30Z\"", Some(60)),
        ("a-year-away", "60", "\"2026-11-13T10:30:30Z\"", Some(60)),
        ("null", "null", "null", None),
    ];
    cases.push(case(
        May,
        "reset-in-details-without-timestamp",
        "Without a timestamp in the body, the `Date` of the answer is the server's clock.",
        Answer::json(429, "{\"details\": {\"reset_at\": \"2025-11-13T10:31:00Z\"}}").header(DATE.0, DATE.1),
        told(429, Some(60)),
    ));
    cases.extend(resets.map(|(name, wait, reset_at, seconds)| {
        // An hour off: it is not the clock that the body has.
        let answer = Answer::json(429, reset(wait, reset_at)).header(headers::DATE, "Thu, 13 Nov 2025 11:30:00 GMT");
        case(May, format!("reset-in-details-{name}"), why, answer, told(429, seconds))
    }));
    cases
}

fn disagreeing() -> Vec<DecodeCase> {
    let why = "Of waits that disagree the longest counts, so that no client comes back too early.";
    let body = documented(ErrorCode::RateLimitExceeded);
    let table = [("header-longer", "61", 61), ("body-longer", "59", 60), ("header-is-no-wait", "soon", 60)];
    let rows = table.map(|(name, header, seconds)| {
        let answer = Answer::json(429, &body).header(RETRY_AFTER, header);
        case(Should, format!("waits-disagree-{name}"), why, answer, told(429, Some(seconds)))
    });
    rows.into()
}

fn absurd() -> Vec<DecodeCase> {
    // The reference has no longest wait.
    let why = "A wait of more than a day is a mistake, such as a Unix time in the place of seconds, and is no hint.";
    let texts = ["86401", "2147483648", "1763029860", "99999999999999999999999999", "18446744073709551615.5"];
    let alone = texts.map(|text| {
        let name = format!("retry-after-absurd-{}", text.replace('.', "-"));
        case(May, name, why, with_headers(429, &[(RETRY_AFTER, text)], ""), told(429, None))
    });
    let mut cases = Vec::from(alone);
    cases.push(case(
        May,
        "retry-after-beside-absurd-wait",
        "A plausible wait counts beside one that is a mistake.",
        Answer::json(429, limited_with("1763029860")).header(RETRY_AFTER, "7"),
        told(429, Some(7)),
    ));
    cases
}
