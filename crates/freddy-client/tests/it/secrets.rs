//! The key is sent in one header and appears nowhere else.

use freddy_client::{Client, Credential, RetryPolicy};
use freddy_types::ErrorCode;

use crate::support::{Connection, KEY, NO_CONTENT, Played, answer, chain, documented, failure, play};

fn assert_hidden(played: &Played) {
    let shown = match &played.result {
        Ok(_) => String::new(),
        Err(error) => format!("{error} {error:?} {error:#?} {:?} {:?}", chain(error), error.response()),
    };
    assert!(played.requests.iter().all(|request| request.head.contains(KEY)), "the key was sent");
    assert!(!played.log.is_empty());
    for text in [&shown, &played.log, &played.client, &format!("{:?}", played.events)] {
        assert!(!text.contains(KEY), "{text}");
    }
}

#[tokio::test]
async fn the_key_is_not_traced_and_not_in_any_error() {
    for script in [
        vec![Connection::send(NO_CONTENT)],
        vec![Connection::send(failure(ErrorCode::Unauthorized))],
        vec![Connection::send(failure(ErrorCode::InternalServerError)), Connection::send(NO_CONTENT)],
        vec![Connection::send("").then_reset(); 4],
        vec![Connection::send("").then_stall(); 4],
        vec![Connection::send(answer(307, &[("Location", "https://elsewhere.example/")], ""))],
    ] {
        assert_hidden(&play(script.clone(), |builder| builder).await);
        assert_hidden(&play(script, |builder| builder.bearer_token(KEY)).await);
    }
}

#[tokio::test]
async fn a_key_that_the_server_echoes_is_redacted() {
    let echoing_page = format!("<html>X-API-Key: {KEY}<br>Authorization: Bearer {KEY}</html>");
    let echoing_envelope = documented(ErrorCode::Unauthorized).replace("req_xyz789", KEY);
    let echoing_message = format!("{{\"detail\": \"no such key: {KEY}\"}}");
    for body in [&echoing_page, &echoing_envelope, &echoing_message] {
        for status in [200, 401, 500] {
            let echo = Connection::send(answer(status, &[("X-Request-Id", KEY), ("X-Echo", KEY)], body));
            let played =
                play(vec![echo.clone(), echo], |builder| builder.retry(RetryPolicy::new().max_attempts(2))).await;
            assert_hidden(&played);
            assert_eq!(played.result.unwrap_err().request_id(), Some("[redacted]"));
        }
    }
}

#[test]
fn what_holds_the_key_does_not_show_it() {
    for credential in [Credential::api_key(KEY), Credential::bearer_token(KEY)] {
        let builder = Client::builder().credential(credential.clone());
        let client = builder.clone().build().unwrap();
        for text in
            [format!("{credential} {credential:?} {credential:#?}"), format!("{builder:#?}"), format!("{client:#?}")]
        {
            assert!(text.contains("[redacted]") && !text.contains(KEY), "{text}");
        }
    }
}
