//! When to try again: what holds for every status, and what the published cases leave out, since it takes a clock of the
//! caller.

use std::time::Duration;

use crate::support::{forbidden, rate_limited, response, with_headers};

#[track_caller]
fn wait(status: u16, headers: &[(&str, &str)], body: &str) -> Option<u64> {
    let wait = with_headers(status, headers, body).retry_after()?;
    assert_eq!(wait.subsec_nanos(), 0, "whole seconds");
    Some(wait.as_secs())
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
fn every_line_of_a_header_map_counts() {
    let http = http::Response::builder().status(429).header("Retry-After", "soon").header("Retry-After", "60");
    let response = freddy_types::ErrorResponse::from(&http.body("").unwrap());
    assert_eq!(response.retry_after(), Some(Duration::from_secs(60)));
}

#[test]
fn what_servers_write_for_never_is_no_hint() {
    let (date, now) = ("Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 13 Nov 2025 10:30:00 GMT");
    let response = with_headers(429, &[("Retry-After", date), ("Date", now)], "");
    assert_eq!((response.retry_after(), response.retry_at()), (None, None));
}

#[test]
fn a_reset_without_a_clock_is_left_to_the_caller() {
    let no_clock = with_headers(429, &[("X-RateLimit-Reset", "1763029860")], "");
    assert_eq!((no_clock.retry_after(), no_clock.retry_at()), (None, Some("2025-11-13T10:31:00Z".parse().unwrap())));
    let in_the_body = response(429, r#"{"details": {"reset_at": "2025-11-13T10:31:00Z"}}"#);
    assert_eq!((in_the_body.retry_after(), in_the_body.retry_at()), (None, no_clock.retry_at()));
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
