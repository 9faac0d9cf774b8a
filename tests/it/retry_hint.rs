//! When to try again: the `Retry-After` header in both its forms, the body's `retry_after`, and which of them counts.

use std::time::Duration;

use crate::support::{forbidden, forbidden_with, rate_limited, response, with_headers};

/// The documented 429 with another wait in its details.
fn rate_limited_with(retry_after: &str) -> String {
    rate_limited().replacen("\"retry_after\": 60", &format!("\"retry_after\": {retry_after}"), 1)
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
        (r#"[{"retry_after": 5}]"#, None),
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
fn an_absurd_wait_is_two_to_the_thirty_first_seconds() {
    const LONGEST: Option<u64> = Some(2_147_483_648);
    for text in ["2147483648", "2147483649", "99999999999999999999999999", "18446744073709551615.5"] {
        assert_eq!(wait(429, &[("Retry-After", text)], ""), LONGEST, "header {text}");
        assert_eq!(wait(429, &[], &rate_limited_with(text)), LONGEST, "body {text}");
    }
    for number in ["1e300", "1e999"] {
        assert_eq!(wait(429, &[], &rate_limited_with(number)), LONGEST, "body {number}");
    }
    // What servers write for "never".
    let (date, now) = ("Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 13 Nov 2025 10:30:00 GMT");
    assert_eq!(wait(429, &[("Retry-After", date), ("Date", now)], ""), LONGEST);
}

#[test]
fn what_is_no_wait_is_no_hint() {
    for text in ["", " ", "soon", "-1", "+5", "1e3", "0x10", "60s", "1.", ".5", "1,5", "60, 61"] {
        assert_eq!(wait(429, &[("Retry-After", text)], ""), None, "header {text:?}");
    }
    for text in ["-1", "-0.5", "null", "true", "[60]", "{}", "\"soon\"", "\"\"", "\"-1\""] {
        assert_eq!(wait(429, &[], &rate_limited_with(text)), None, "body {text}");
    }
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
fn a_hint_counts_on_429_and_503_only() {
    let headers = [("Retry-After", "Thu, 13 Nov 2025 10:31:01 GMT")];
    for status in [400, 401, 403, 404, 408, 409, 425, 500, 501, 502, 504, 599, 200, 301] {
        let response = with_headers(status, &headers, rate_limited());
        assert_eq!((response.retry_after(), response.retry_at()), (None, None), "{status}");
    }
    for status in [429, 503] {
        assert_eq!(wait(status, &headers, rate_limited()), Some(61), "{status}");
    }
}

#[test]
fn what_can_be_retried_is_decided_by_the_status_alone() {
    let table = [
        (408, true),
        (429, true),
        (500, true),
        (501, true),
        (502, true),
        (503, true),
        (504, true),
        (599, true),
        (400, false),
        (401, false),
        (403, false),
        (404, false),
        (409, false),
        (422, false),
        (499, false),
        (600, false),
        (200, false),
        (304, false),
    ];
    for (status, retryable) in table {
        for body in ["", "{}", forbidden(), rate_limited()] {
            assert_eq!(response(status, body).is_retryable(), retryable, "{status} {body}");
        }
    }
}
