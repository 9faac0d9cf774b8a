//! Answers without a server.

use std::time::Duration;

use freddy_client::mock::{Fault, RawAnswer};
use freddy_client::{Client, ErrorKind, RetryPolicy};
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ErrorCode, Failure, Json, NoContent, RateLimit, RateLimitDetails};

use crate::options::{NOTE, Note};
use crate::support::{chain, id, within_reason};

fn request() -> DisconnectConnector {
    DisconnectConnector { connector_id: id() }
}

#[tokio::test]
async fn answers_come_in_their_order_by_endpoint() {
    let (client, mock) = Client::mock();
    mock.on::<Note>().answer(Json("first".to_owned())).answer(Json("second".to_owned()));
    mock.on::<DisconnectConnector>().fail(Failure::Forbidden).answer(NoContent);
    mock.on::<Note>().fail(Failure::Unauthorized);
    assert_eq!(within_reason(client.send(&NOTE)).await.unwrap(), "first");
    let error = within_reason(client.send(&request())).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Response, Some(ErrorCode::Forbidden)));
    assert_eq!(error.request_id(), Some(error.response().unwrap().envelope().unwrap().error().trace_id()));
    assert_eq!(error.metadata().unwrap().headers().get_all("X-Request-Id").iter().count(), 1);
    assert_eq!(within_reason(client.send(&NOTE)).await.unwrap(), "second");
    assert_eq!(mock.unused(), [("disconnectConnector", 1), ("note", 1)]);
    within_reason(client.send(&NOTE)).await.unwrap_err();
    within_reason(client.send(&request())).await.unwrap();
    mock.assert_all_used();
    assert_eq!(mock.requests::<DisconnectConnector>(), [request(), request()]);
    assert_eq!(mock.requests::<Note>(), [NOTE, NOTE, NOTE]);
}

#[tokio::test]
async fn requests_are_read_as_a_server_reads_them() {
    let (client, mock) = Client::builder().base_url("https://gateway.example/freddy/").build_mock().unwrap();
    mock.on::<Note>().answer(Json("text".to_owned()));
    let note = Note { note: Some("N".parse().unwrap()), ..NOTE };
    let response = within_reason(client.call(&note).idempotency_key("once").with_metadata()).await.unwrap();
    assert!(response.metadata.request_id().is_some());
    let sent = mock.requests::<Note>().remove(0);
    assert_eq!(sent, Note { idempotency_key: Some("once".parse().unwrap()), ..note });
    let sent = mock.sent().remove(0);
    assert_eq!((sent.operation(), sent.method(), sent.path(), sent.query()), ("note", "POST", "/v2/notes", ""));
    assert_eq!((sent.header("X-Note"), sent.header("X-API-Key")), (Some("N"), Some("sk_mock")));
    assert!(sent.body().is_empty());
    assert!(!format!("{mock:?} {sent:?}").contains("sk_mock"));
}

#[tokio::test]
async fn what_no_server_could_read_is_an_error() {
    let (client, mock) = Client::mock();
    mock.on::<Note>().answer(Json("text".to_owned()));
    let error =
        within_reason(client.call(&NOTE).idempotency_key("longer than nine".replace(' ', "_"))).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0));
    assert_eq!(error.to_string(), "note failed: no server could read the request");
    assert_eq!((mock.unused().len(), mock.sent().len()), (1, 0));
}

#[tokio::test]
async fn an_unexpected_call_names_its_operation_and_is_not_tried_again() {
    let (client, mock) = Client::mock();
    for _ in 0..2 {
        let error = within_reason(client.send(&request())).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0));
        assert_eq!(error.to_string(), "disconnectConnector failed: the mock has no answer for this call");
        mock.on::<Note>().answer(Json("text".to_owned()));
    }
    mock.on::<DisconnectConnector>().answer(NoContent);
    within_reason(client.send(&request())).await.unwrap();
    within_reason(client.send(&request())).await.unwrap_err();
}

#[tokio::test]
async fn faults_are_those_of_a_connection() {
    for (fault, kind, text) in [
        (Fault::Connect, ErrorKind::Transport, "no connection"),
        (Fault::Reset, ErrorKind::Transport, "the connection broke before the answer"),
        (Fault::Timeout, ErrorKind::Timeout, "no whole answer within the attempt's 15s"),
    ] {
        let (client, mock) = Client::mock();
        mock.on::<DisconnectConnector>().fault(fault).answer(NoContent);
        let response = within_reason(client.send_with_metadata(&request())).await.unwrap();
        assert_eq!((response.metadata.attempts(), mock.sent().len()), (2, 2));

        mock.on::<DisconnectConnector>().fault(fault).repeat();
        let error = within_reason(client.send(&request())).await.unwrap_err();
        assert_eq!((error.kind(), error.attempts()), (kind, 4));
        assert_eq!(error.to_string(), format!("disconnectConnector failed after 4 attempts: {text}"));
        assert!(!chain(&error).concat().contains("invalid"), "{:?}", chain(&error));
        mock.assert_all_used();
    }
}

#[tokio::test]
async fn a_rate_limit_has_its_details_and_its_headers() {
    let (client, mock) = Client::mock();
    let minute = jiff::Timestamp::now() + Duration::from_secs(60);
    let limit = RateLimit { limit: 100, remaining: 0, reset_at: minute };
    mock.on::<DisconnectConnector>().fail(Failure::RateLimitExceeded(limit));
    let error = within_reason(client.send(&request())).await.unwrap_err();
    assert_eq!((error.attempts(), error.details::<RateLimitDetails>().unwrap().limit()), (1, 100));
    assert!(error.retry_after().unwrap() > Duration::from_secs(50));
    assert_eq!(error.metadata().unwrap().rate_limit().unwrap().limit, 100);
}

#[tokio::test]
async fn raw_answers_are_given_as_they_are() {
    let (client, mock) = Client::mock();
    let html = RawAnswer::new(502).header("Content-Type", "text/html").body("<html>");
    mock.on::<DisconnectConnector>().raw(html).answer(NoContent);
    within_reason(client.send(&request())).await.unwrap();

    let client_once = |retry| client.call(&NOTE).retry(retry).with_metadata();
    mock.on::<Note>().raw(RawAnswer::new(200).header("X-Own", "1").body("{}")).raw(RawAnswer::new(299));
    let error = within_reason(client_once(RetryPolicy::never())).await.unwrap_err();
    assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedSuccess, Some(200)));
    assert_eq!(error.metadata().unwrap().headers()["x-own"], "1");
    assert_eq!(error.metadata().unwrap().request_id(), None);
    assert_eq!(within_reason(client_once(RetryPolicy::never())).await.unwrap_err().status(), Some(299));

    mock.on::<Note>().raw(RawAnswer::new(200).body("\"te").then_break_off()).raw(RawAnswer::new(403).then_break_off());
    assert_eq!(within_reason(client.send(&NOTE)).await.unwrap_err().kind(), ErrorKind::Transport);
    let error = within_reason(client.send(&NOTE)).await.unwrap_err();
    assert_eq!((error.kind(), error.status(), chain(&error).len() > 1), (ErrorKind::Response, Some(403), true));
}

#[tokio::test]
async fn the_last_answer_may_be_repeated() {
    let (client, mock) = Client::mock();
    mock.on::<Note>().answer(Json("once".to_owned())).answer(Json("always".to_owned())).repeat();
    let mut answers = Vec::new();
    for _ in 0..4 {
        answers.push(within_reason(client.send(&NOTE)).await.unwrap());
    }
    assert_eq!(answers, ["once", "always", "always", "always"]);
    mock.assert_all_used();
}

#[tokio::test]
#[should_panic(expected = "answers that no call got: [(\"disconnectConnector\", 1)]")]
async fn an_answer_that_no_call_got_can_fail_a_test() {
    let (_client, mock) = Client::mock();
    mock.on::<DisconnectConnector>().answer(NoContent);
    mock.assert_all_used();
}

#[cfg(feature = "blocking")]
#[test]
fn a_blocking_client_can_be_made_of_a_mock() {
    let (client, mock) = Client::mock();
    mock.on::<DisconnectConnector>().answer(NoContent);
    freddy_client::blocking::Client::new(client).unwrap().send(&request()).unwrap();
    mock.assert_all_used();
}
