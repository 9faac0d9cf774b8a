//! What the calls of one client know of each other.

use std::time::Duration;

use freddy_client::{Client, ClientBuilder, Error, ErrorKind, RetryPolicy};
use freddy_types::{ErrorCode, NoContent};
use tokio::time::{Instant, advance};

use crate::support::{Connection, NO_CONTENT, StoppedClock, Stub, answer, builder, failure, id, within_reason};

const SECOND: Duration = Duration::from_secs(1);
const MILLISECOND: Duration = Duration::from_millis(1);

fn limited(seconds: u32) -> Connection {
    let headers = [("Retry-After", &*seconds.to_string()), ("X-Request-Id", "req_limit")];
    Connection::send(answer(429, &headers, "{\"error\":{\"code\":\"RATE_LIMIT_EXCEEDED\",\"message\":\"Slow down.\"}}"))
}

/// A client of a server with this script, on a stopped clock.
async fn client(
    script: Vec<Connection>,
    set_up: impl FnOnce(ClientBuilder) -> ClientBuilder,
) -> (Client, Stub, StoppedClock) {
    let stub = Stub::start(script).await;
    let client = set_up(builder(&stub)).build().unwrap();
    (client, stub, StoppedClock::new())
}

async fn call(client: &Client) -> Result<NoContent, Error> {
    within_reason(client.disconnect_connector(&id())).await
}

/// A call that waits, on a clock that is moved on in small steps, and how long it took.
async fn call_and_wait(client: &Client, step: Duration) -> (Result<NoContent, Error>, Duration) {
    let start = Instant::now();
    let id = id();
    let result = within_reason(async {
        let mut call = std::pin::pin!(client.disconnect_connector(&id));
        loop {
            tokio::select! {
                biased;
                result = &mut call => break result,
                // In real time, for what is under way in the kernel.
                () = breathe() => advance(step).await,
            }
        }
    })
    .await;
    (result, start.elapsed())
}

async fn breathe() {
    tokio::task::spawn_blocking(|| std::thread::sleep(Duration::from_millis(1))).await.unwrap();
}

#[tokio::test]
async fn while_the_key_is_limited_a_call_that_may_not_wait_fails_with_the_known_answer() {
    let impatient = RetryPolicy::new().max_wait(Duration::ZERO);
    let script = vec![limited(42), Connection::send(NO_CONTENT)];
    let (client, stub, _clock) = client(script, |builder| builder.retry(impatient)).await;
    let first = call(&client).await.unwrap_err();
    assert_eq!((first.attempts(), first.retry_after()), (1, Some(42 * SECOND)));
    advance(Duration::from_millis(1500)).await;

    let error = call(&client.clone()).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), error.attempts()), (ErrorKind::Response, Some(429), 0));
    assert_eq!((error.code(), error.request_id()), (Some(ErrorCode::RateLimitExceeded), Some("req_limit")));
    assert_eq!(error.retry_after(), Some(41 * SECOND), "the rest of the wait, rounded up");
    assert!(error.is_retryable() && !error.may_have_happened());
    assert_eq!(
        error.to_string(),
        "disconnectConnector failed: not sent, since the key is limited for 41s: \
         HTTP 429 RATE_LIMIT_EXCEEDED: Slow down. (request req_limit)"
    );
    assert_eq!(stub.requests().len(), 1);

    advance(Duration::from_millis(40_499)).await;
    assert_eq!(call(&client).await.unwrap_err().attempts(), 0);
    advance(Duration::from_millis(1)).await;
    call(&client).await.unwrap();
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn while_the_key_is_limited_a_call_that_may_wait_waits() {
    let script = vec![limited(42), Connection::send(NO_CONTENT), Connection::send(NO_CONTENT)];
    let (client, stub, _clock) = client(script, |builder| builder).await;
    call(&client).await.unwrap_err();
    advance(40 * SECOND).await;
    let (result, waited) = call_and_wait(&client, Duration::from_millis(10)).await;
    result.unwrap();
    assert!((2 * SECOND..=Duration::from_millis(2120)).contains(&waited), "{waited:?}");
    assert_eq!(stub.requests().len(), 2);
}

#[tokio::test]
async fn a_call_does_not_wait_for_a_limit_that_outlasts_its_deadline() {
    for (deadline, requests) in [(2 * SECOND, 1), (Duration::from_millis(2500), 2)] {
        let script = vec![limited(2), Connection::send(NO_CONTENT)];
        let (client, stub, _clock) =
            client(script, |builder| builder.deadline(deadline).retry(RetryPolicy::new().max_attempts(2))).await;
        // Nobody waits after the first answer, if not for the deadline.
        let (result, _) = call_and_wait(&client, Duration::from_millis(10)).await;
        assert_eq!((result.is_ok(), stub.requests().len()), (requests == 2, requests));
        if let Err(first) = result {
            assert_eq!(first.attempts(), 1);
            assert_eq!(call(&client).await.unwrap_err().attempts(), 0);
        }
    }
}

#[tokio::test]
async fn a_policy_without_retries_does_not_wait_for_a_limit() {
    let (client, stub, _clock) = client(vec![limited(1)], |builder| builder.retry(RetryPolicy::never())).await;
    assert_eq!(call(&client).await.unwrap_err().attempts(), 1);
    assert_eq!(call(&client).await.unwrap_err().attempts(), 0);
    assert_eq!(stub.requests().len(), 1);
}

#[tokio::test]
async fn a_policy_that_heeds_no_limits_sends_every_call() {
    let free = RetryPolicy::never().heed_known_limits(false);
    let (client, stub, _clock) = client(vec![limited(42); 3], |builder| builder.retry(free)).await;
    for _ in 0..3 {
        assert_eq!(call(&client).await.unwrap_err().attempts(), 1);
    }
    assert_eq!(stub.requests().len(), 3);
}

#[tokio::test]
async fn a_limit_of_a_day_is_looked_at_again_after_a_minute() {
    let script = vec![limited(24 * 60 * 60), Connection::send(NO_CONTENT)];
    let (client, _stub, _clock) = client(script, |builder| builder).await;
    call(&client).await.unwrap_err();
    advance(59 * SECOND).await;
    let error = call(&client).await.unwrap_err();
    assert_eq!(error.attempts(), 0);
    assert!(error.retry_after() > Some(23 * 60 * 60 * SECOND));
    advance(SECOND).await;
    call(&client).await.unwrap();
}

#[tokio::test]
async fn only_a_429_with_a_wait_limits_the_key() {
    for answer in [
        answer(503, &[("Retry-After", "42")], ""),
        answer(429, &[], ""),
        answer(429, &[("Retry-After", "0")], ""),
        answer(403, &[("Retry-After", "42")], ""),
    ] {
        let (client, _stub, _clock) = client(vec![Connection::send(answer), Connection::send(NO_CONTENT)], |builder| {
            builder.retry(RetryPolicy::never())
        })
        .await;
        call(&client).await.unwrap_err();
        call(&client).await.unwrap();
    }
}

/// How many requests the calls sent to a server that is down.
async fn requests_in_an_outage(policy: RetryPolicy, calls: usize) -> (usize, Vec<u32>) {
    let script = vec![Connection::send(failure(ErrorCode::InternalServerError)); 1000];
    let (client, stub, _clock) = client(script, |builder| builder.retry(policy)).await;
    let mut attempts = Vec::new();
    for _ in 0..calls {
        let (result, _) = call_and_wait(&client, MILLISECOND).await;
        attempts.push(result.unwrap_err().attempts());
    }
    (stub.requests().len(), attempts)
}

#[tokio::test]
async fn an_outage_is_not_multiplied() {
    let eager = RetryPolicy::new().initial_backoff(Duration::ZERO);
    let (requests, attempts) = requests_in_an_outage(eager.clone(), 100).await;
    // What a new client has, a tenth of the calls, and what a second brings, of which about a third passes.
    assert!((138..=142).contains(&requests), "{requests}");
    assert_eq!(attempts[..10], [4; 10]);

    let (requests, attempts) = requests_in_an_outage(eager.clone().budget(50, 0), 100).await;
    // What the first call earned had no room.
    assert_eq!(requests, 100 + 10 + 49);
    assert_eq!((&attempts[..3], attempts[98] + attempts[99]), (&[4, 4, 4][..], 3));
    let (requests, _) = requests_in_an_outage(eager.clone().budget(0, 0), 20).await;
    assert_eq!(requests, 20 + 10);
    let (requests, _) = requests_in_an_outage(eager.unlimited_budget(), 20).await;
    assert_eq!(requests, 20 * 4);
}

#[tokio::test]
async fn retries_come_back_with_time() {
    let script = vec![Connection::send(failure(ErrorCode::InternalServerError)); 100];
    let policy = RetryPolicy::new().initial_backoff(Duration::ZERO).budget(0, 1);
    let (client, stub, _clock) = client(script, |builder| builder.retry(policy)).await;
    for _ in 0..4 {
        call_and_wait(&client, MILLISECOND).await.0.unwrap_err();
    }
    assert_eq!(stub.requests().len(), 4 + 10);
    advance(2 * SECOND).await;
    let error = call_and_wait(&client, MILLISECOND).await.0.unwrap_err();
    assert_eq!((error.attempts(), error.is_retryable()), (3, true));
}
