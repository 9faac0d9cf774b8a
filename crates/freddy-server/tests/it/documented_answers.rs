//! The documented answers, and the documents themselves.

use freddy_server::key::NewKey;
use freddy_types::{ErrorCode, headers};

use crate::support::{Answer, CONNECTORS, Database, Server};

#[tokio::test]
async fn an_owner_disconnects_a_connector_and_may_repeat_it() {
    for database in Database::each().await {
        let server = Server::start_on(database, &[]).await;
        let row = format!("pcon_abc123 by {}", server.alice_id);
        for _ in 0..2 {
            server.delete("pcon_abc123").await.assert_no_content();
            assert_eq!(server.database.disconnected().await, [&*row]);
            assert_eq!(server.database.audit().await, [&*row]);
        }
    }
}

#[tokio::test]
async fn a_key_is_also_accepted_as_a_bearer_token() {
    let server = Server::start(&[]).await;
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let credential = format!("Authorization: {scheme} {}\r\n", server.alice.reveal());
        server.call("DELETE", &format!("{CONNECTORS}pcon_abc123"), &credential).await.assert_no_content();
    }
}

/// An answer without what differs from request to request.
fn without_identity(answer: &Answer) -> (u16, Vec<(String, String)>, serde_json::Value) {
    let headers = answer.headers.iter().filter(|(name, _)| {
        let own = [headers::X_REQUEST_ID, headers::DATE, headers::X_RATELIMIT_REMAINING];
        !own.iter().any(|own| own.eq_ignore_ascii_case(name))
    });
    let mut body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    let error = body["error"].as_object_mut().unwrap();
    for field in ["trace_id", "timestamp"] {
        assert!(error.insert(field.to_owned(), "…".into()).is_some());
    }
    (answer.status, headers.cloned().collect(), body)
}

#[tokio::test]
async fn an_unknown_connector_and_somebody_elses_are_the_same_403() {
    for database in Database::each().await {
        let server = Server::start_on(database, &[]).await;
        let (unknown, others) = (server.delete("pcon_nobody").await, server.delete("pcon_bob1").await);
        unknown.assert_error(ErrorCode::Forbidden);
        others.assert_error(ErrorCode::Forbidden);
        assert_eq!(without_identity(&unknown), without_identity(&others));
        assert!(server.database.disconnected().await.is_empty());
    }
}

#[tokio::test]
async fn whoever_has_no_valid_key_gets_the_same_401_and_changes_nothing() {
    for database in Database::each().await {
        let server = Server::start_on(database, &["--key-cache-ms", "0"]).await;
        server.store.revoke_key(server.alice_id, 1).await.unwrap();
        let unknown = format!("X-API-Key: {}\r\n", NewKey::generate().unwrap().reveal());
        let mut answers = Vec::new();
        for credential in
            ["", "X-API-Key: \r\n", "X-API-Key: wrong\r\n", "Authorization: Basic YTpi\r\n", &unknown, &server.key()]
        {
            let answer = server.call("DELETE", &format!("{CONNECTORS}pcon_abc123"), credential).await;
            assert_eq!(answer.assert_contract_error().code(), Some(ErrorCode::Unauthorized), "{credential}");
            answers.push(without_identity(&answer));
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:#?}");
        assert!(server.database.disconnected().await.is_empty());
    }
}

#[tokio::test]
async fn a_revoked_key_that_is_still_cached_changes_nothing() {
    for database in Database::each().await {
        let server = Server::start_on(database, &["--key-cache-ms", "600000"]).await;
        server.delete("pcon_nobody").await.assert_error(ErrorCode::Forbidden);
        server.store.revoke_key(server.alice_id, 1).await.unwrap();
        for id in ["pcon_abc123", "pcon_bob1", "pcon_nobody"] {
            server.delete(id).await.assert_error(ErrorCode::Unauthorized);
        }
        assert!(server.database.disconnected().await.is_empty());
    }
}

#[tokio::test]
async fn a_malformed_id_is_a_400() {
    let server = Server::start(&[]).await;
    for id in ["abc123", "pcon_", "pcon_a-b", "pcon_%2e", "pcon_%zz", "pcon_%ff", "pcon_%C3%A9"] {
        let answer = server.delete(id).await;
        assert_eq!(answer.assert_contract_error().code(), Some(ErrorCode::ValidationError), "{id}");
    }
    let longest = "a".repeat(64);
    server.delete(&format!("pcon_{longest}")).await.assert_error(ErrorCode::Forbidden);
    server.delete(&format!("pcon_{longest}a")).await.assert_error(ErrorCode::ValidationError);
    assert!(server.database.disconnected().await.is_empty());
    server.delete("%70con%5Fabc123").await.assert_no_content();
}

#[tokio::test]
async fn every_answer_of_the_api_says_where_the_rate_limit_stands() {
    let server = Server::start(&["--rate-limit", "3"]).await;
    let path = format!("{CONNECTORS}pcon_abc123");
    for (status, remaining) in [(204, "2"), (403, "1"), (400, "0"), (429, "0")] {
        let id = match status {
            403 => "pcon_bob1",
            400 => "wrong",
            _ => "pcon_abc123",
        };
        let answer = server.delete(id).await;
        let stands =
            (answer.status, answer.header(headers::X_RATELIMIT_LIMIT), answer.header(headers::X_RATELIMIT_REMAINING));
        assert_eq!(stands, (status, Some("3"), Some(remaining)));
        assert!(answer.header(headers::X_RATELIMIT_RESET).unwrap().parse::<u64>().is_ok());
    }
    // Callers without a valid key are counted by address, separately from keys.
    let unauthenticated = server.call("DELETE", &path, "").await;
    unauthenticated.assert_error(ErrorCode::Unauthorized);
    assert_eq!(unauthenticated.header(headers::X_RATELIMIT_REMAINING), Some("2"));
}

#[tokio::test]
async fn the_published_documents_are_served() {
    let server = Server::start(&[]).await;
    for (path, file) in [
        ("/openapi.json", include_str!("../../../../openapi/freddy.json")),
        ("/openapi.yaml", include_str!("../../../../openapi/freddy.yaml")),
    ] {
        let answer = server.call("GET", path, "").await;
        assert_eq!((answer.status, answer.body.as_slice()), (200, file.as_bytes()));
    }
    assert_eq!(server.call("GET", "/docs/", "").await.status, 200);
    for path in ["/healthz", "/readyz"] {
        server.call("GET", path, "").await.assert_no_content();
    }
}

#[tokio::test]
async fn the_page_is_the_published_one_with_this_server() {
    let server = Server::start(&[]).await;
    let shown = server.call("GET", "/docs/", "").await;
    let published = include_str!("../../../../openapi/index.html");
    let [theirs, ours] = ["https://api.aitronos.com", "/"].map(|url| format!(" data-server=\"{url}\""));
    assert_eq!(published.matches(&theirs).count(), 1);
    assert_eq!(str::from_utf8(&shown.body).unwrap(), published.replace(&theirs, &ours));
}
