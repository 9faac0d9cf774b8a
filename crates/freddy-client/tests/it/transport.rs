//! How a program sets up the connections.

use std::time::Duration;

use freddy_client::reqwest::{self, Proxy, redirect, retry};
use freddy_client::{BuildError, Client, ClientBuilder, InvalidHeader, RetryPolicy};

use crate::support::{Connection, KEY, NO_CONTENT, Stub, answer, builder, chain, id, within_reason};

fn done() -> Connection {
    Connection::send(NO_CONTENT)
}

/// What a stub gets from a client that is set up like this.
async fn sent(set_up: impl FnOnce(ClientBuilder) -> ClientBuilder) -> crate::support::Received {
    let stub = Stub::start(vec![done()]).await;
    within_reason(set_up(builder(&stub)).build().unwrap().disconnect_connector(&id())).await.unwrap();
    stub.requests().remove(0)
}

#[tokio::test]
async fn every_request_has_the_default_headers() {
    let request = sent(|builder| builder.default_header("X-Tenant", "blue").default_header("x-tenant", "red")).await;
    assert_eq!(request.header("X-Tenant"), Some("red"));
    assert_eq!(request.head.matches("enant").count(), 1);
}

#[tokio::test]
async fn a_program_may_name_itself() {
    let request = sent(|builder| builder.user_agent_suffix(" my-program/1.2 (test)")).await;
    let expected = concat!("freddy-client/", env!("CARGO_PKG_VERSION"), " my-program/1.2 (test)");
    assert_eq!(request.header("User-Agent"), Some(expected));
}

#[test]
fn a_header_that_cannot_be_sent_is_an_error_of_the_builder() {
    let builder = || Client::builder().api_key("key");
    for (builder, expected, text) in [
        (builder().default_header("X Y", "planted"), InvalidHeader::Name, "a default header cannot be sent"),
        (builder().default_header("X-Y", "planted\n"), InvalidHeader::Value, "the header `X-Y` cannot be sent"),
        (builder().default_header("Host", "planted"), InvalidHeader::Reserved, "the header `Host` cannot be sent"),
        (builder().user_agent_suffix("planted\n"), InvalidHeader::Value, "the header `user-agent` cannot be sent"),
        (builder().user_agent_suffix(""), InvalidHeader::Value, "the header `user-agent` cannot be sent"),
        (builder().user_agent_suffix("é"), InvalidHeader::Value, "the header `user-agent` cannot be sent"),
    ] {
        let error = builder.default_header("X-Fine", "1").build().unwrap_err();
        assert!(matches!(&error, BuildError::InvalidHeader { reason, .. } if *reason == expected), "{error:?}");
        assert_eq!((error.to_string(), chain(&error).len()), (text.to_owned(), 2));
        assert!(!format!("{error:?}").contains("planted"));
    }
}

#[test]
fn a_builder_and_a_client_show_no_values_of_headers_and_no_password_of_a_proxy() {
    let builder = Client::builder()
        .api_key("key")
        .default_header("X-Secret", "planted")
        .proxy(Proxy::all("http://user:planted@proxy.example").unwrap());
    let shown = format!("{builder:?} {:?}", builder.clone().build().unwrap());
    assert!(shown.contains("x-secret") && shown.contains("\"proxy\"") && !shown.contains("planted"), "{shown}");
}

#[tokio::test]
async fn a_client_of_reqwest_may_be_given() {
    let own = || reqwest::Client::builder().no_proxy().redirect(redirect::Policy::none()).retry(retry::never());
    let http = own().default_headers([("x-own".parse().unwrap(), "1".parse().unwrap())].into_iter().collect());
    let http = http.user_agent("other").build().unwrap();
    let request = sent(|builder| builder.http_client(http).default_header("X-Tenant", "blue")).await;
    assert_eq!((request.header("X-Own"), request.header("X-Tenant")), (Some("1"), Some("blue")));
    assert_eq!(request.header("X-API-Key"), Some(KEY));
    assert_eq!(request.header("User-Agent"), Some(concat!("freddy-client/", env!("CARGO_PKG_VERSION"))));

    let http = own().build().unwrap();
    let error = Client::builder().api_key("key").http_client(http).tcp_keepalive(None).build().unwrap_err();
    assert!(matches!(error, BuildError::TransportConflict { setting: "tcp_keepalive" }), "{error:?}");
    assert_eq!(error.to_string(), "`tcp_keepalive` has no effect on the HTTP client that was given");
}

#[tokio::test]
async fn a_setting_of_reqwest_cannot_undo_what_the_client_relies_on() {
    let other = Stub::start(vec![done()]).await;
    let location = format!("{}/v1/personal-connectors/pcon_abc123", other.url());
    let stub = Stub::start(vec![Connection::send(answer(307, &[("Location", &location)], "")), done()]).await;
    let proxy = other.url();
    let configured = builder(&stub).retry(RetryPolicy::never()).configure_http(move |http| {
        let headers = [("x-configured".parse().unwrap(), "1".parse().unwrap())].into_iter().collect();
        let http = http.default_headers(headers).proxy(Proxy::all(&proxy).unwrap());
        http.redirect(redirect::Policy::limited(9))
    });
    let error = within_reason(configured.build().unwrap().disconnect_connector(&id())).await.unwrap_err();
    assert_eq!((error.status(), other.connections()), (Some(307), 0));
    assert_eq!(stub.requests()[0].header("X-Configured"), Some("1"));
}

#[tokio::test]
async fn a_proxy_is_used_but_not_for_plain_http_to_this_machine() {
    let proxy = Stub::start(vec![done()]).await;
    let through_proxy = |builder: ClientBuilder| builder.proxy(Proxy::all(proxy.url()).unwrap());
    let away = Client::builder().api_key(KEY).base_url("http://api.example").allow_insecure_http();
    within_reason(through_proxy(away).build().unwrap().disconnect_connector(&id())).await.unwrap();
    let [request] = &*proxy.requests() else { panic!() };
    assert_eq!(request.target(), "DELETE http://api.example/v1/personal-connectors/pcon_abc123");

    sent(through_proxy).await;
    assert_eq!(proxy.connections(), 1);
}

#[tokio::test]
async fn without_a_proxy_means_without_those_named_before() {
    let proxy = Stub::start(vec![done()]).await;
    let client = Client::builder().api_key(KEY).base_url("http://api.invalid").allow_insecure_http();
    let client = client.proxy(Proxy::all(proxy.url()).unwrap()).no_proxy().deadline(Duration::from_secs(2));
    within_reason(client.build().unwrap().disconnect_connector(&id())).await.unwrap_err();
    assert_eq!(proxy.connections(), 0);
}

#[tokio::test]
async fn unused_connections_are_kept_as_long_as_they_may_be() {
    type SetUp = fn(ClientBuilder) -> ClientBuilder;
    let kept = "HTTP/1.1 204 No Content\r\n\r\n";
    let cases: [(SetUp, usize); 4] = [
        (|builder| builder, 1),
        (|builder| builder.pool_idle_timeout(None).tcp_keepalive(Duration::from_secs(5)), 1),
        (|builder| builder.pool_max_idle(0), 2),
        (|builder| builder.pool_idle_timeout(Duration::from_millis(1)), 2),
    ];
    for (case, (set_up, connections)) in cases.into_iter().enumerate() {
        let both = Connection::send(kept).then_send(kept).then_stall();
        let stub = Stub::start(vec![both, Connection::send(kept).then_stall()]).await;
        let client = set_up(builder(&stub)).build().unwrap();
        within_reason(client.disconnect_connector(&id())).await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        within_reason(client.disconnect_connector(&id())).await.unwrap();
        assert_eq!(stub.connections(), connections, "case {case}");
    }
}

#[cfg(feature = "http2")]
#[test]
fn http2_may_be_kept_alive() {
    let builder = Client::builder().api_key("key").http2_keep_alive(Duration::from_secs(20), Duration::from_secs(5));
    builder.build().unwrap();
}
