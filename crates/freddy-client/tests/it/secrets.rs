//! The key is sent in one header and appears nowhere else.

use std::time::{Duration, Instant};

use freddy_client::{Client, Credential, Error, RetryPolicy};
use freddy_types::{ErrorBody, ErrorCode, ErrorResponse};
use proptest::prelude::*;

use crate::support::{Connection, KEY, NO_CONTENT, Played, answer, chain, documented, failure, play, within_reason};

fn assert_hidden(played: &Played) {
    assert!(played.requests.iter().all(|request| request.head.contains(KEY)), "the key was sent");
    assert_hides(played, KEY);
}

fn assert_hides(played: &Played, key: &str) {
    assert!(!played.log.is_empty());
    let mut texts = vec![played.log.clone(), played.client.clone(), format!("{:?}", played.events)];
    if let Err(error) = &played.result {
        texts.extend(texts_of(error));
    }
    for text in texts {
        assert!(!text.contains(key), "{key} in {text}");
    }
}

/// All that anyone can read of an error.
fn texts_of(error: &Error) -> Vec<String> {
    let mut texts = chain(error);
    texts.extend([format!("{error:?}"), format!("{error:#?}")]);
    texts.extend(
        std::iter::successors(std::error::Error::source(error), |error| error.source()).map(|e| format!("{e:?}")),
    );
    let Some(response) = error.response() else { return texts };
    let asked = [response.message(), response.code_str(), response.request_id()];
    texts.extend(asked.into_iter().flatten().map(str::to_owned));
    texts.extend([response.to_string(), format!("{response:?}")]);
    match response.body() {
        ErrorBody::Envelope(envelope) => {
            let error = envelope.error();
            texts.extend([error.system_message(), error.trace_id(), error.error_type_str()].map(str::to_owned));
            texts.extend(error.details_json().map(str::to_owned));
        }
        ErrorBody::Json(other) => {
            texts.extend([other.json(), other.problem()].map(str::to_owned));
            // What a reader of the kept JSON would decode.
            let mut values = vec![serde_json::from_str::<serde_json::Value>(other.json()).unwrap_or_default()];
            while let Some(value) = values.pop() {
                match value {
                    serde_json::Value::String(text) => texts.push(text),
                    serde_json::Value::Array(items) => values.extend(items),
                    serde_json::Value::Object(object) => {
                        for (name, value) in object {
                            texts.push(name);
                            values.push(value);
                        }
                    }
                    _ => {}
                }
            }
        }
        ErrorBody::Opaque(preview) => texts.push(preview.text().to_owned()),
        _ => {}
    }
    texts
}

/// How a server may write a character in a JSON string.
fn in_json(key: &str, ways: &[u8]) -> String {
    let way = |(c, way): (char, &u8)| match (way % 4, c) {
        (0, _) => format!("\\u{:04x}", u32::from(c)),
        (1, _) => format!("\\u{:04X}", u32::from(c)),
        (_, '"' | '\\') | (2, '/') => format!("\\{c}"),
        _ => c.to_string(),
    };
    key.chars().zip(ways.iter().cycle()).map(way).collect()
}

/// How a server may write a character in a URL.
fn in_url(key: &str, ways: &[u8]) -> String {
    let way = |(c, way): (char, &u8)| match (way % 3, c) {
        (2, c) if c.is_ascii_alphanumeric() || "-._~".contains(c) => c.to_string(),
        (0, c) => format!("%{:02x}", u32::from(c)),
        (_, c) => format!("%{:02X}", u32::from(c)),
    };
    key.chars().zip(ways.iter().cycle()).map(way).collect()
}

/// How a server may write a character in HTML.
fn in_html(key: &str, ways: &[u8]) -> String {
    let way = |(c, way): (char, &u8)| match (way % 4, c) {
        (0, c) => format!("&#{};", u32::from(c)),
        (1, c) => format!("&#x{:X};", u32::from(c)),
        (_, '&') => "&amp;".to_owned(),
        (_, '<') => "&lt;".to_owned(),
        (_, '>') => "&gt;".to_owned(),
        (_, '"') => "&quot;".to_owned(),
        (2, '\'') => "&apos;".to_owned(),
        _ => c.to_string(),
    };
    key.chars().zip(ways.iter().cycle()).map(way).collect()
}

/// A body that holds the key somewhere, and the headers.
fn echo(key: &str, ways: &[u8], place: u8) -> (String, Vec<(&'static str, String)>) {
    let json = in_json(key, ways);
    let in_envelope = |example: &str| documented(ErrorCode::Unauthorized).replace(example, &json);
    let body = match place % 12 {
        0 => in_envelope("req_xyz789"),
        1 => in_envelope("UNAUTHORIZED"),
        2 => in_envelope("authentication_error"),
        3 => format!("{{\"detail\":\"no such key: {json}\"}}"),
        4 => format!("{{\"{json}\":1,\"error\":{{\"message\":\"m\",\"{json}\":[\"{json}\",{{\"x\":\"{json}\"}}]}}}}"),
        5 => documented(ErrorCode::RateLimitExceeded).replacen("{", &format!("{{\"extra\":\"<{json}>\","), 2),
        6 => format!("{{\"message\":\"GET /?key={}&x=1\"}}", in_url(key, ways)),
        7 => format!("<p>Your key {} is wrong</p>", in_html(key, ways)),
        8 => format!("{{\"message\":\"upstream: {}\"}}", in_json(&format!("{{\"key\":\"{json}\"}}"), ways)),
        9 => format!("{{\"html\":\"{}\"}}", in_json(&in_html(key, ways), ways)),
        10 => format!("X-API-Key: {key} Authorization: Bearer {key}\n"),
        _ => format!("\"{json}\""),
    };
    let headers = vec![
        ("X-Request-Id", format!("<{key}>")),
        ("X-Echo", in_url(key, ways)),
        ("Location", format!("/?key={}", in_url(key, ways))),
    ];
    (body, headers)
}

proptest! {
    // Each case is a call over a socket, and one that hangs takes seconds.
    #![proptest_config(ProptestConfig {
        cases: ProptestConfig::default().cases / 4,
        max_shrink_time: 20_000,
        ..ProptestConfig::default()
    })]

    /// For every key, and every way to write it in JSON, a URL, HTML or a header.
    #[test]
    fn no_text_holds_the_key(
        key in "[!-~]{8}[!-~]{0,40}",
        ways in proptest::collection::vec(any::<u8>(), 1..9),
        place: u8,
        status in prop::sample::select(vec![200_u16, 204, 400, 401, 404, 500, 503]),
    ) {
        // What stands in the answer or in the code without any echo tells nothing.
        let innocent = format!("{}{}", documented(ErrorCode::Unauthorized), documented(ErrorCode::RateLimitExceeded));
        prop_assume!(!innocent.contains(&key));
        let (body, headers) = echo(&key, &ways, place);
        let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, &**value)).collect();
        let echo = Connection::send(answer(status, &headers, &body));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let played = runtime.block_on(play(vec![echo.clone(), echo], |builder| {
            builder.api_key(key.clone()).retry(RetryPolicy::new().max_attempts(2))
        }));
        assert_hides(&played, &key);
    }
}

#[tokio::test]
async fn a_message_with_an_escaped_key_keeps_the_rest() {
    let body = "{\"error\":{\"code\":\"UNAUTHORIZED\",\"message\":\"Invalid key sk_live_AB\\/12\\u002b34== given\"}}";
    let played =
        play(vec![Connection::send(answer(401, &[], body))], |builder| builder.api_key("sk_live_AB/12+34==")).await;
    let error = played.result.unwrap_err();
    assert_eq!(error.response().and_then(ErrorResponse::message), Some("Invalid key [redacted] given"));
    assert_eq!(error.code(), Some(ErrorCode::Unauthorized));
}

#[tokio::test]
async fn the_beginning_of_a_key_at_the_bound_of_the_body_goes() {
    for (kept, whole) in [(8, 16), (15, 16), (15, 4096)] {
        let body = format!("{}{KEY}{}", "x".repeat(200), "y".repeat(whole));
        let played =
            play(vec![Connection::send(answer(401, &[], &body))], |builder| builder.max_error_body(200 + kept)).await;
        assert_hidden(&played);
        let error = played.result.unwrap_err();
        let Some(ErrorBody::Opaque(preview)) = error.response().map(ErrorResponse::body) else { panic!("{error:?}") };
        assert_eq!(preview.text(), "x".repeat(200) + "[redacted]");
    }
}

#[tokio::test]
async fn the_bound_of_a_preview_leaves_no_beginning_of_a_key() {
    for padding in 1000..1025 {
        let body = format!("{}{KEY}", "x".repeat(padding));
        let played = play(vec![Connection::send(answer(401, &[], &body))], |builder| builder).await;
        assert!(!format!("{:?}", played.result.unwrap_err().response()).contains(&KEY[..8]));
    }
}

#[tokio::test]
async fn a_url_with_the_key_is_not_shown_by_the_source_of_an_error() {
    let unused = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let path = KEY.replace('_', "%5f");
    for path in [KEY, &path] {
        let base_url = format!("http://{unused}/{path}");
        let played = play(vec![], |builder| builder.base_url(base_url).retry(RetryPolicy::never())).await;
        assert!(!played.client.contains(KEY), "{}", played.client);
        let error = played.result.unwrap_err();
        assert!(texts_of(&error).iter().all(|text| !text.contains(path)), "{error:#?}");
        let chain = chain(&error);
        assert!(chain[1].contains("/[redacted]/v1/") && chain.last().unwrap().contains("refused"), "{chain:?}");
    }
}

#[tokio::test]
async fn a_long_body_is_searched_in_linear_time() {
    let body = "12345678".repeat(1 << 18);
    let played = within_reason(async {
        let start = Instant::now();
        let played = play(vec![Connection::send(answer(401, &[], &body))], |builder| {
            builder.api_key("12345678").max_error_body(8 << 20)
        })
        .await;
        // Quadratic, it was many times as much, even optimized.
        assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
        played
    })
    .await;
    assert_hides(&played, "12345678");
    assert_eq!(played.result.unwrap_err().status(), Some(401));
}

#[tokio::test]
async fn what_a_server_sends_makes_neither_debug_nor_an_event_long() {
    let long = "é".repeat(10_000);
    let id = "i".repeat(60_000);
    for body in [
        format!("{{\"message\":\"{long}\",\"code\":\"{long}\",\"extra\":\"{long}\"}}"),
        documented(ErrorCode::InternalServerError).replace("req_jkl012", &long).replace("internal", &long),
        long.clone(),
    ] {
        let echo = Connection::send(answer(500, &[("X-Request-Id", &id)], &body));
        let played = play(vec![echo.clone(), echo], |builder| builder.retry(RetryPolicy::new().max_attempts(2))).await;
        let error = played.result.unwrap_err();
        assert!(format!("{error:?}").chars().count() < 4096, "{error:?}");
        assert!(format!("{error:#?}").chars().count() < 4096, "{error:#?}");
        assert_eq!(played.events.len(), 2);
        for event in played.events {
            let fields = [event.request_id, event.error, Some(event.message)];
            assert!(fields.iter().flatten().all(|field| field.chars().count() <= 256), "{fields:?}");
        }
    }
    let done = format!("HTTP/1.1 204 x\r\nX-Request-Id: {id}\r\nConnection: close\r\n\r\n");
    let played = play(vec![Connection::send(done)], |builder| builder).await;
    assert_eq!(played.events[0].request_id.as_ref().unwrap().chars().count(), 256);
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
