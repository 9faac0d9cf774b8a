//! When to try again: the headers and fields that say so, in all their forms, and which of them counts.

use std::time::Duration;

use crate::support::{forbidden, forbidden_with, rate_limited, response, with_headers};

/// The documented 429 with another wait in its details, and no reset that says the same.
fn rate_limited_with(retry_after: &str) -> String {
    let wait = format!("\"retry_after\": {retry_after}");
    rate_limited().replacen("\"retry_after\": 60", &wait, 1).replacen("reset_at", "ends_at", 1)
}

#[track_caller]
fn wait(status: u16, headers: &[(&str, &str)], body: &str) -> Option<u64> {
    let wait = with_headers(status, headers, body).retry_after()?;
    assert_eq!(wait.subsec_nanos(), 0, "whole seconds");
    Some(wait.as_secs())
}

#[test]
fn retry_after_is_read_from_the_header() {
    assert_eq!(wait(429, &[("Retry-After", "7")], ""), Some(7));
    assert_eq!(wait(503, &[("retry-after", " 7 ")], "<html>"), Some(7));
    assert_eq!(wait(429, &[("RETRY-AFTER", "0")], "{}"), Some(0));
}

#[test]
fn retry_after_is_read_from_the_body() {
    assert_eq!(wait(429, &[], rate_limited()), Some(60));
    assert_eq!(wait(503, &[], rate_limited()), Some(60));
    let beside = forbidden_with("retry_after", "61");
    assert_eq!(wait(429, &[], &beside), Some(61), "beside the code");
    assert_eq!(wait(429, &[], &beside.replacen('{', r#"{"retry_after": 62, "#, 1)), Some(62), "beside the error");
}

#[test]
fn retry_after_is_read_from_a_body_of_another_shape() {
    let table = [
        (r#"{"retry_after": 5}"#, Some(5)),
        (r#"{"error": {"message": "m", "retry_after": 6}}"#, Some(6)),
        (r#"{"error": {"message": "m", "details": {"retry_after": 7}}}"#, Some(7)),
        (r#"{"detail": {"retry_after": 8}, "status_code": 429}"#, Some(8)),
        (r#"{"details": {"retry_after": 9}}"#, Some(9)),
        (r#"{"retry_after": 5, "error": {"retry_after": 6, "details": {"retry_after": 4}}}"#, Some(6)),
        (r#"{"detail": "Slow down", "status_code": 429}"#, None),
        (r#"[{"retry_after": 5}]"#, Some(5)),
        (r#"{"errors": [{"code": "THROTTLED", "retry_after": "5"}]}"#, Some(5)),
        (r#"{"detail": {"error": {"details": {"retry_after": 9}}}, "retry_after": 3}"#, Some(9)),
    ];
    for (body, expected) in table {
        assert_eq!(wait(429, &[], body), expected, "{body}");
    }
}

#[test]
fn retry_after_in_details_outlives_a_fault_beside_it() {
    let body = rate_limited().replacen("\"limit\": 100", "\"limit\": \"many\"", 1);
    let response = response(429, body);
    assert_eq!(response.retry_after(), Some(Duration::from_secs(60)));
    let error = response.envelope().unwrap().error();
    assert!(error.details::<freddy_types::RateLimitDetails>().is_err());
}

#[test]
fn retry_after_header_wins_when_longer() {
    assert_eq!(wait(429, &[("Retry-After", "61")], rate_limited()), Some(61));
}

#[test]
fn retry_after_in_the_body_wins_when_longer() {
    assert_eq!(wait(429, &[("Retry-After", "59")], rate_limited()), Some(60));
    assert_eq!(wait(429, &[("Retry-After", "soon")], rate_limited()), Some(60));
}

#[test]
fn fractions_of_a_second_round_up() {
    for (text, seconds) in [("0.5", 1), ("0.001", 1), ("59.9", 60), ("60.0", 60), ("0.0", 0)] {
        assert_eq!(wait(429, &[("Retry-After", text)], ""), Some(seconds), "header {text}");
        assert_eq!(wait(429, &[], &rate_limited_with(text)), Some(seconds), "body {text}");
        assert_eq!(wait(429, &[], &rate_limited_with(&format!("\"{text}\""))), Some(seconds), "body \"{text}\"");
    }
}

#[test]
fn a_wait_of_more_than_a_day_is_no_hint() {
    assert_eq!(wait(429, &[("Retry-After", "86400")], ""), Some(86_400));
    assert_eq!(wait(429, &[], &rate_limited_with("86400")), Some(86_400));
    for text in ["86401", "86400.5", "2147483648", "1763029860", "99999999999999999999999999", "18446744073709551615.5"]
    {
        assert_eq!(wait(429, &[("Retry-After", text)], ""), None, "header {text}");
        let body = rate_limited_with(text);
        assert_eq!(wait(429, &[], &body), None, "body {text}");
        assert_eq!(wait(429, &[("Retry-After", "7")], &body), Some(7), "the plausible one counts: {text}");
    }
    for number in ["1e300", "1e999", "-1", "-1e999"] {
        assert_eq!(wait(429, &[], &rate_limited_with(number)), None, "body {number}");
    }
    // What servers write for "never".
    let (date, now) = ("Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 13 Nov 2025 10:30:00 GMT");
    let response = with_headers(429, &[("Retry-After", date), ("Date", now)], "");
    assert_eq!((response.retry_after(), response.retry_at()), (None, None));
}

#[test]
fn what_is_no_wait_is_no_hint() {
    for text in ["", " ", "soon", "-1", "+5", "1e3", "0x10", "60s", "1.", ".5", "\"", ",", "Thu", "Thu, "] {
        assert_eq!(wait(429, &[("Retry-After", text)], ""), None, "header {text:?}");
    }
    for text in ["-1", "-0.5", "null", "true", "[60]", "{}", "\"soon\"", "\"\"", "\"-1\""] {
        assert_eq!(wait(429, &[], &rate_limited_with(text)), None, "body {text}");
    }
}

const DATE: (&str, &str) = ("Date", "Thu, 13 Nov 2025 10:30:00 GMT");

#[test]
fn every_line_and_every_item_of_a_list_counts_and_the_longest_wins() {
    for (lines, seconds) in [
        (&["soon", "60"][..], Some(60)),
        (&["60", "soon"], Some(60)),
        (&["5", "60", "7"], Some(60)),
        (&["60, 120"], Some(120)),
        (&["60,60"], Some(60)),
        (&["1,5"], Some(5)),
        (&["\"60\""], Some(60)),
        (&["1763029860, 9"], Some(9)),
        (&["-1, 9"], Some(9)),
        (&["7, Thu, 13 Nov 2025 10:31:00 GMT"], Some(60)),
        (&["Thu, 13 Nov 2025 10:31:00 GMT, 120"], Some(120)),
        (&["Thu, 13 Nov 2025 10:31:00 GMT, Thursday, 13-Nov-25 10:32:00 GMT"], Some(120)),
        (&["Thu Nov 13 10:31:00 2025", "2"], Some(60)),
    ] {
        let mut headers: Vec<_> = lines.iter().map(|line| ("Retry-After", *line)).collect();
        headers.push(DATE);
        assert_eq!(wait(429, &headers, ""), seconds, "{lines:?}");
    }
    let http = http::Response::builder().status(429).header("Retry-After", "soon").header("Retry-After", "60");
    assert_eq!(
        freddy_types::ErrorResponse::from(&http.body("").unwrap()).retry_after(),
        Some(Duration::from_secs(60)),
        "every line of an `http::HeaderMap`"
    );
}

#[test]
fn dates_are_read_as_servers_write_them() {
    for date in [
        "Thu, 13 Nov 2025 10:31:00 GMT",
        "Thursday, 13-Nov-25 10:31:00 GMT",
        "Thu Nov 13 10:31:00 2025",
        "thu, 13 nov 2025 10:31:00 gmt",
        "Thu, 13 Nov 2025 10:31:00 UTC",
        "Thu, 13 Nov 2025 10:31:00 +0000",
        "Thu, 13 Nov 2025 12:31:00 +0200",
        "13 Nov 2025 10:31:00 GMT",
        "2025-11-13T10:31:00Z",
    ] {
        assert_eq!(wait(503, &[("Retry-After", date), DATE], ""), Some(60), "{date}");
        assert_eq!(
            wait(503, &[("Retry-After", "Thu, 13 Nov 2025 10:32:00 GMT"), ("Date", date)], ""),
            Some(60),
            "{date}"
        );
    }
    for date in ["Thu, 13 Nov 2025 10:31:00 EST", "Thu, 32 Nov 2025 10:31:00 GMT", "Fri, 14 Nov 2025 10:30:01 GMT"] {
        assert_eq!(wait(503, &[("Retry-After", date), DATE], ""), None, "{date}");
    }
}

#[test]
fn the_headers_of_a_rate_limit_are_hints() {
    /// A status, headers, and the wait in seconds.
    type Case<'a> = (u16, &'a [(&'a str, &'a str)], Option<u64>);

    let table: [Case<'_>; 16] = [
        (429, &[("X-RateLimit-Retry-After", "12")], Some(12)),
        (503, &[("x-ratelimit-retry-after", "12"), ("Retry-After", "5")], Some(12)),
        (429, &[("X-RateLimit-Reset", "1763029860"), DATE], Some(60)),
        (429, &[("X-RateLimit-Reset", "1763029860000"), DATE], Some(60)),
        (429, &[("X-RateLimit-Reset", "60")], Some(60)),
        (429, &[("X-RateLimit-Reset", "60, 1763029920"), DATE], Some(120)),
        (429, &[("X-RateLimit-Reset", "1763029860"), ("X-RateLimit-Remaining", "0"), DATE], Some(60)),
        (503, &[("X-RateLimit-Reset", "1763029860"), ("X-RateLimit-Remaining", "0"), DATE], Some(60)),
        // Not the window is what is used up.
        (429, &[("X-RateLimit-Reset", "1763029860"), ("X-RateLimit-Remaining", "57"), DATE], None),
        (502, &[("X-RateLimit-Reset", "1763029860"), ("X-RateLimit-Remaining", "57"), DATE], None),
        (502, &[("X-RateLimit-Reset", "1763029860"), DATE], None),
        (429, &[("X-RateLimit-Reset", "1763029860")], None),
        (429, &[("X-RateLimit-Reset", "86401"), DATE], None),
        (429, &[("X-RateLimit-Reset", "-60"), DATE], None),
        (429, &[("X-RateLimit-Reset", "1763116201"), DATE], None),
        (429, &[("X-RateLimit-Reset", "1763029860"), ("Retry-After", "61"), DATE], Some(61)),
    ];
    for (status, headers, seconds) in table {
        assert_eq!(wait(status, headers, ""), seconds, "{status} {headers:?}");
    }
    let no_clock = with_headers(429, &[("X-RateLimit-Reset", "1763029860")], "");
    assert_eq!(no_clock.retry_at(), Some("2025-11-13T10:31:00Z".parse().unwrap()));
}

#[test]
fn the_reset_in_the_body_is_counted_from_the_bodys_timestamp() {
    let body = |retry_after: &str, reset_at: &str| {
        rate_limited().replacen("\"retry_after\": 60", &format!("\"retry_after\": {retry_after}"), 1).replacen(
            "\"2025-11-13T10:31:00Z\"",
            reset_at,
            1,
        )
    };
    // An hour off: it is not the clock that the body has.
    let date = ("Date", "Thu, 13 Nov 2025 11:30:00 GMT");
    for (retry_after, reset_at, seconds) in [
        ("null", "\"2025-11-13T10:31:00Z\"", Some(60)),
        ("null", "1763029860", Some(60)),
        ("null", "\"1763029860\"", Some(60)),
        ("null", "\"Thu, 13 Nov 2025 10:31:00 GMT\"", Some(60)),
        ("60", "\"2025-11-13T10:32:00Z\"", Some(120)),
        ("60", "\"2025-11-13T10:30:30Z\"", Some(60)),
        ("60", "\"2026-11-13T10:30:30Z\"", Some(60)),
        ("null", "\"2026-11-13T10:30:30Z\"", None),
        ("null", "null", None),
    ] {
        assert_eq!(wait(429, &[date], &body(retry_after, reset_at)), seconds, "{retry_after} {reset_at}");
    }
    let no_timestamp = r#"{"details": {"reset_at": "2025-11-13T10:31:00Z"}}"#;
    assert_eq!(wait(429, &[DATE], no_timestamp), Some(60));
    let no_clock = response(429, no_timestamp);
    assert_eq!((no_clock.retry_after(), no_clock.retry_at()), (None, Some("2025-11-13T10:31:00Z".parse().unwrap())));
}

#[test]
fn a_retry_after_date_is_counted_from_the_date_header() {
    let table = [
        ("Thu, 13 Nov 2025 10:31:00 GMT", "Thu, 13 Nov 2025 10:30:53 GMT", 7),
        ("Thursday, 13-Nov-25 10:31:00 GMT", "Thu Nov 13 10:30:53 2025", 7),
        // Already over.
        ("Thu, 13 Nov 2025 10:31:00 GMT", "Thu, 13 Nov 2025 10:31:01 GMT", 0),
    ];
    for (date, now, seconds) in table {
        let response = with_headers(503, &[("Retry-After", date), ("Date", now)], "");
        assert_eq!(response.retry_after(), Some(Duration::from_secs(seconds)), "{date} after {now}");
        assert_eq!(response.retry_at(), Some("2025-11-13T10:31:00Z".parse().unwrap()));
    }
}

#[test]
fn a_retry_after_date_is_counted_from_the_bodys_timestamp_where_there_is_no_date() {
    let in_61_seconds = ("Retry-After", "Thu, 13 Nov 2025 10:31:01 GMT");
    let in_59_seconds = ("Retry-After", "Thu, 13 Nov 2025 10:30:59 GMT");
    assert_eq!(wait(429, &[in_61_seconds], rate_limited()), Some(61));
    assert_eq!(wait(429, &[in_59_seconds], rate_limited()), Some(60), "the body's own wait is longer");
    assert_eq!(wait(429, &[in_59_seconds], forbidden()), Some(59), "the body has no wait");
    assert_eq!(wait(429, &[in_59_seconds, ("Date", "yesterday")], forbidden()), Some(59), "no date");
}

#[test]
fn a_date_without_a_clock_is_left_to_the_caller() {
    let response = with_headers(429, &[("Retry-After", "Thu, 13 Nov 2025 10:31:00 GMT")], "<html>");
    assert_eq!(response.retry_after(), None);
    assert_eq!(response.retry_at(), Some("2025-11-13T10:31:00Z".parse().unwrap()));
    let in_seconds = with_headers(429, &[("Retry-After", "60")], "");
    assert_eq!(in_seconds.retry_at(), None);
}

#[test]
fn a_hint_counts_wherever_a_client_tries_again() {
    let headers = [("Retry-After", "Thu, 13 Nov 2025 10:31:01 GMT")];
    for status in [400, 401, 403, 404, 409, 425, 501, 505, 506, 508, 510, 511, 200, 301, 600] {
        let response = with_headers(status, &headers, rate_limited());
        assert_eq!((response.retry_after(), response.retry_at()), (None, None), "{status}");
    }
    for status in [408, 429, 500, 502, 503, 504, 507, 509, 520, 522, 529, 530, 599] {
        assert_eq!(wait(status, &headers, rate_limited()), Some(61), "{status}");
    }
}

#[test]
fn what_can_be_retried_is_decided_by_the_status_alone() {
    let retryable = [408, 429, 500, 502, 503, 504, 507, 509];
    for status in 0..=999 {
        let expected = retryable.contains(&status) || (512..=599).contains(&status);
        for body in ["", "{}", forbidden(), rate_limited()] {
            assert_eq!(response(status, body).is_retryable(), expected, "{status} {body}");
        }
    }
}
