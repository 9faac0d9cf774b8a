//! When a call is retried, and after what wait.

use std::time::Duration;

use freddy_client::{ErrorKind, RetryPolicy};
use freddy_types::ErrorCode;
use proptest::prelude::*;

use crate::support::{Connection, NO_CONTENT, answer, disconnect, documented, failure, play};

fn rate_limited(header: &str, body: u32) -> Connection {
    let details = format!("{{\"error\":{{\"code\":\"RATE_LIMIT_EXCEEDED\",\"details\":{{\"retry_after\":{body}}}}}}}");
    Connection::send(answer(429, &[("Retry-After", header)], &details))
}

#[tokio::test]
async fn a_500_is_retried_after_a_backoff() {
    let played =
        disconnect(vec![Connection::send(failure(ErrorCode::InternalServerError)), Connection::send(NO_CONTENT)]).await;
    played.result.unwrap();
    assert_eq!((played.requests.len(), played.waits.len()), (2, 1));
    assert!((125..=250).contains(&played.waits[0]), "{:?}", played.waits);
    let [retry, done] = &*played.events else { panic!("{:?}", played.events) };
    assert_eq!((&*retry.level, &*retry.message, retry.status), ("WARN", "trying again", Some(500)));
    assert_eq!(retry.request_id.as_deref(), Some("req_jkl012"));
    assert_eq!((&*done.message, done.attempt, done.status), ("answered", 2, Some(204)));
}

#[tokio::test]
async fn a_wait_that_the_server_asks_for_is_kept_to_the_second() {
    let played = disconnect(vec![rate_limited("5", 5), Connection::send(NO_CONTENT)]).await;
    played.result.unwrap();
    assert!((5000..=5250).contains(&played.waits[0]), "{:?}", played.waits);
    assert_eq!((played.waits.len(), played.elapsed.as_secs()), (1, 5));
}

#[tokio::test]
async fn a_wait_above_the_maximum_is_left_to_the_caller() {
    let played = disconnect(vec![rate_limited("31", 0), Connection::send(NO_CONTENT)]).await;
    let error = played.result.unwrap_err();
    assert_eq!((error.retry_after(), error.attempts()), (Some(Duration::from_secs(31)), 1));
    assert!(error.is_retryable());
    assert_eq!((played.waits.len(), played.elapsed), (0, Duration::ZERO));
}

#[tokio::test]
async fn a_policy_with_enough_patience_waits_for_the_documented_minute() {
    let script = vec![Connection::send(failure(ErrorCode::RateLimitExceeded)), Connection::send(NO_CONTENT)];
    let minute = RetryPolicy::new().max_wait(Duration::from_secs(60));
    let played = play(script, |builder| builder.retry(minute).deadline(Duration::from_secs(61))).await;
    played.result.unwrap();
    // What is added to it leaves half of the last second for the attempt.
    assert!((60_000..=60_500).contains(&played.waits[0]), "{:?}", played.waits);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_started() {
    let script = vec![rate_limited("4", 0), rate_limited("6", 0), Connection::send(NO_CONTENT)];
    let played = play(script, |builder| builder.deadline(Duration::from_secs(10))).await;
    let error = played.result.unwrap_err();
    assert_eq!((error.kind(), error.retry_after()), (ErrorKind::Response, Some(Duration::from_secs(6))));
    assert!((4000..=4200).contains(&played.waits[0]), "{:?}", played.waits);
    assert_eq!((played.waits.len(), played.elapsed.as_secs(), error.attempts()), (1, 4, 2));
}

#[tokio::test]
async fn a_wait_that_meets_the_deadline_exactly_is_not_started() {
    for (deadline, attempts) in [(9_999, 1), (10_000, 1), (10_001, 2)] {
        let script = vec![rate_limited("10", 0), Connection::send(NO_CONTENT)];
        let played = play(script, |builder| builder.deadline(Duration::from_millis(deadline))).await;
        assert_eq!((played.requests.len(), played.waits.len()), (attempts, attempts - 1), "{deadline}");
        assert_eq!(played.result.is_ok(), attempts == 2);
    }
    // The same for a backoff, which is one millisecond here.
    let exact = RetryPolicy::new().max_wait(Duration::from_millis(2));
    for (deadline, attempts) in [(1, 1), (2, 2)] {
        let script = vec![Connection::send(failure(ErrorCode::InternalServerError)), Connection::send(NO_CONTENT)];
        let played =
            play(script, |builder| builder.deadline(Duration::from_millis(deadline)).retry(exact.clone())).await;
        assert_eq!(played.requests.len(), attempts, "{deadline}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_no_wait_gets_a_backoff() {
    let played = disconnect(vec![rate_limited("0", 0), Connection::send(NO_CONTENT)]).await;
    played.result.unwrap();
    assert!((125..=250).contains(&played.waits[0]), "{:?}", played.waits);
}

#[tokio::test]
async fn a_date_without_the_servers_clock_is_counted_from_ours() {
    // Long ago by our clock: no wait, so a backoff.
    let past = answer(503, &[("Retry-After", "Thu, 13 Nov 2025 10:30:09 GMT")], "");
    // Centuries ahead: a mistake, so a backoff too.
    let absurd = answer(503, &[("Retry-After", "Thu, 31 Dec 9998 23:59:59 GMT")], "");
    let in_an_hour = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let in_an_hour = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&in_an_hour).unwrap();
    let future = answer(503, &[("Retry-After", &in_an_hour)], "");
    let played = disconnect([past, absurd, future].map(Connection::send).to_vec()).await;
    let error = played.result.unwrap_err();
    assert_eq!(error.attempts(), 3);
    assert!((125..=250).contains(&played.waits[0]) && (250..=500).contains(&played.waits[1]), "{:?}", played.waits);
    let wait = error.retry_after().unwrap();
    assert!(wait <= Duration::from_secs(3600) && wait > Duration::from_secs(3600 - 60), "{wait:?}");
}

#[tokio::test]
async fn the_last_attempt_ends_the_call() {
    let played = disconnect(vec![Connection::send(failure(ErrorCode::InternalServerError)); 9]).await;
    let error = played.result.unwrap_err();
    assert_eq!((error.attempts(), played.requests.len(), played.connections), (4, 4, 4));
    let [first, second, third] = *played.waits else { panic!("{:?}", played.waits) };
    assert!((125..=250).contains(&first) && (250..=500).contains(&second) && (500..=1000).contains(&third));
    assert_eq!(
        error.to_string(),
        "disconnectConnector failed after 4 attempts: HTTP 500 INTERNAL_SERVER_ERROR: \
         An unexpected error occurred. Please try again later. (request req_jkl012)"
    );
    let ends: Vec<_> = played.events.iter().map(|event| (event.attempt, &*event.message)).collect();
    assert_eq!(ends, [(1, "trying again"), (2, "trying again"), (3, "trying again"), (4, "failed")]);
}

#[tokio::test]
async fn the_attempts_of_one_call_may_fail_in_different_ways() {
    let played = disconnect(vec![
        Connection::refuse(),
        Connection::send(documented(ErrorCode::Forbidden)),
        Connection::send(answer(502, &[], "<html>")),
        Connection::send(NO_CONTENT),
    ])
    .await;
    played.result.unwrap();
    assert_eq!((played.connections, played.requests.len()), (4, 3));
}

#[test]
fn what_is_added_to_a_wait_that_the_server_asks_for_is_random() {
    let minute = Some(Duration::from_secs(60));
    let patient = RetryPolicy::new().max_wait(Duration::from_secs(60));
    let waits = [0, 1 << 31, u32::MAX].map(|random| patient.next_wait(1, minute, random));
    assert_eq!(waits, [60_000, 61_500, 62_999].map(|wait| Some(Duration::from_millis(wait))));
}

#[test]
fn half_of_a_backoff_is_random() {
    let waits = [0, 1 << 31, u32::MAX].map(|random| RetryPolicy::new().next_wait(2, None, random));
    assert_eq!(waits, [250, 375, 499].map(|wait| Some(Duration::from_millis(wait))));
}

proptest! {
    #[test]
    fn a_wait_is_within_its_bounds(
        attempts in 0_u32..200,
        max_attempts in 0_u32..200,
        initial_ms in 0_u64..100_000,
        max_wait_ms in 0_u64..1_000_000,
        asked in proptest::option::of(0_u64..2_000),
        random: u32,
    ) {
        let (initial, max_wait) = (Duration::from_millis(initial_ms), Duration::from_millis(max_wait_ms));
        let asked = asked.map(Duration::from_secs);
        let policy = RetryPolicy::new().max_attempts(max_attempts).initial_backoff(initial).max_wait(max_wait);
        match (policy.next_wait(attempts, asked, random), asked.filter(|wait| !wait.is_zero())) {
            (None, asked) => prop_assert!(attempts >= max_attempts || asked > Some(max_wait)),
            (Some(wait), Some(asked)) => {
                prop_assert!(asked <= max_wait && attempts < max_attempts);
                prop_assert!(wait >= asked && wait - asked <= asked / 20);
            }
            (Some(wait), None) => {
                prop_assert!(attempts < max_attempts);
                let doubled = (1..attempts).fold(initial, |wait, _| wait.saturating_mul(2)).min(max_wait);
                prop_assert!(wait <= doubled);
                prop_assert!(wait + Duration::from_millis(1) > doubled / 2);
            }
        }
    }

    #[test]
    fn no_policy_overflows(attempts: u32, initial: Duration, max_wait: Duration, random: u32) {
        let policy = RetryPolicy::new().max_attempts(u32::MAX).initial_backoff(initial).max_wait(max_wait);
        if let Some(wait) = policy.next_wait(attempts, None, random) {
            prop_assert!(wait <= max_wait);
        }
    }
}
