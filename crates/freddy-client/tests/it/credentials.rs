//! A credential that is asked for.

use std::future::pending;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use freddy_client::{ClientBuilder, Credential, CredentialRequest, Error, ErrorKind, RetryPolicy};
use freddy_types::{AuthScheme, ErrorCode, NoContent, Tag, endpoint};

use crate::options::NOTE;
use crate::support::{Connection, KEY, NO_CONTENT, Stub, answer, builder, chain, failure, id, within_reason};

/// Gives `token_1`, `token_2` and so on, and notes whether the one before was refused.
#[derive(Clone, Default)]
struct Tokens {
    refusals: Arc<Mutex<Vec<bool>>>,
}

impl Tokens {
    fn provide(&self, builder: ClientBuilder) -> ClientBuilder {
        let refusals = Arc::clone(&self.refusals);
        builder.credential_provider(move |request: CredentialRequest| {
            let mut refusals = refusals.lock().unwrap();
            refusals.push(request.refused().is_some());
            let token = Credential::bearer_token(format!("token_planted_{}", refusals.len()));
            async move { Ok::<_, io::Error>(token) }
        })
    }

    fn refusals(&self) -> Vec<bool> {
        self.refusals.lock().unwrap().clone()
    }
}

fn unauthorized() -> Connection {
    Connection::send(failure(ErrorCode::Unauthorized))
}

fn done() -> Connection {
    Connection::send(NO_CONTENT)
}

/// Disconnects a connector with tokens, and returns those that were sent.
async fn with_tokens(script: Vec<Connection>, retry: RetryPolicy) -> (Result<NoContent, Error>, Vec<String>, Tokens) {
    let stub = Stub::start(script).await;
    let tokens = Tokens::default();
    let client = tokens.provide(builder(&stub).retry(retry)).build().unwrap();
    let result = within_reason(client.disconnect_connector(&id())).await;
    let sent = stub.requests().iter().map(|request| request.header("Authorization").unwrap().to_owned()).collect();
    (result, sent, tokens)
}

fn quick() -> RetryPolicy {
    RetryPolicy::new().initial_backoff(Duration::from_millis(1))
}

#[tokio::test]
async fn it_is_asked_for_before_each_attempt() {
    let (result, sent, tokens) =
        with_tokens(vec![Connection::send(failure(ErrorCode::InternalServerError)), done()], quick()).await;
    result.unwrap();
    assert_eq!(sent, ["Bearer token_planted_1", "Bearer token_planted_2"]);
    assert_eq!(tokens.refusals(), [false, false]);
}

#[tokio::test]
async fn after_a_401_a_fresh_one_is_asked_for_whatever_the_policy_says() {
    let (result, sent, tokens) = with_tokens(vec![unauthorized(), done()], RetryPolicy::never()).await;
    result.unwrap();
    assert_eq!(sent, ["Bearer token_planted_1", "Bearer token_planted_2"]);
    assert_eq!(tokens.refusals(), [false, true]);
}

#[tokio::test]
async fn a_second_401_is_final() {
    let failed = Connection::send(failure(ErrorCode::InternalServerError));
    for (script, refusals) in [
        (vec![unauthorized(), unauthorized(), done()], vec![false, true]),
        (vec![unauthorized(), failed, unauthorized(), done()], vec![false, true, false]),
    ] {
        let (result, sent, tokens) = with_tokens(script, quick()).await;
        let error = result.unwrap_err();
        assert_eq!((error.code(), error.attempts() as usize), (Some(ErrorCode::Unauthorized), refusals.len()));
        assert_eq!((sent.len(), tokens.refusals()), (refusals.len(), refusals));
    }
}

#[tokio::test]
async fn a_refused_request_is_sent_again_even_if_it_is_not_idempotent() {
    let stub = Stub::start(vec![unauthorized(), Connection::send(answer(200, &[], r#""text""#))]).await;
    let client = Tokens::default().provide(builder(&stub)).build().unwrap();
    assert_eq!(within_reason(client.send(&NOTE)).await.unwrap(), "text");
}

#[tokio::test]
async fn the_same_one_again_is_not_sent_again() {
    let stub = Stub::start(vec![unauthorized(), done()]).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let provider = {
        let asked = Arc::clone(&asked);
        move |_: CredentialRequest| {
            asked.fetch_add(1, Ordering::SeqCst);
            async { Ok::<_, io::Error>(Credential::bearer_token(KEY)) }
        }
    };
    let client = builder(&stub).credential_provider(provider).build().unwrap();
    let error = within_reason(client.disconnect_connector(&id())).await.unwrap_err();
    assert_eq!((error.code(), error.attempts()), (Some(ErrorCode::Unauthorized), 1));
    assert_eq!((stub.requests().len(), asked.load(Ordering::SeqCst)), (1, 2));
}

#[tokio::test]
async fn what_was_refused_can_be_compared_with_what_is_held() {
    let old = Credential::bearer_token("token_planted_1");
    assert_eq!(old, Credential::bearer_token("token_planted_1"));
    assert_ne!(old, Credential::bearer_token("token_planted_2"));
    assert_ne!(old, Credential::api_key("token_planted_1"));

    let stub = Stub::start(vec![unauthorized(), done()]).await;
    let provider = move |request: CredentialRequest| {
        let refused = request.refused() == Some(&old);
        let credential = if refused { Credential::api_key(KEY) } else { old.clone() };
        async move { Ok::<_, io::Error>(credential) }
    };
    within_reason(builder(&stub).credential_provider(provider).build().unwrap().disconnect_connector(&id()))
        .await
        .unwrap();
    let [first, second] = &*stub.requests() else { panic!() };
    assert_eq!(first.header("Authorization"), Some("Bearer token_planted_1"));
    assert_eq!((second.header("Authorization"), second.header("X-API-Key")), (None, Some(KEY)));
}

async fn fails<F>(script: Vec<Connection>, provider: impl Fn(CredentialRequest) -> F + Send + Sync + 'static) -> Error
where
    F: Future<Output = io::Result<Credential>> + Send + 'static,
{
    let stub = Stub::start(script).await;
    let builder = builder(&stub).credential_provider(provider).attempt_timeout(Duration::from_millis(500));
    let error = within_reason(builder.build().unwrap().disconnect_connector(&id())).await.unwrap_err();
    assert_eq!((error.kind(), error.is_retryable(), error.status()), (ErrorKind::Credential, false, None));
    assert_eq!(error.attempts() as usize, stub.requests().len());
    error
}

#[tokio::test]
async fn without_one_nothing_is_sent() {
    let error = fails(vec![], |_| async { Err(io::Error::other("the vault is closed")) }).await;
    assert_eq!(chain(&error), ["disconnectConnector failed: there is no credential to send", "the vault is closed"]);
    let error = fails(vec![], |_| pending()).await;
    assert_eq!(chain(&error)[1], "the provider of the credential took too long");
    let error = fails(vec![], |_| async { Ok(Credential::bearer_token("planted\n")) }).await;
    assert_eq!(chain(&error)[1], "the API key or token has a character that is not visible ASCII, after 7 bytes");
    assert!(!format!("{error:?}").contains("planted"));
}

#[tokio::test]
async fn a_provider_has_no_longer_than_the_call() {
    let stub = Stub::start(vec![]).await;
    let builder = builder(&stub).credential_provider(|_| pending::<io::Result<Credential>>());
    let client = builder.attempt_timeout(Duration::MAX).deadline(Duration::from_millis(50)).build().unwrap();
    assert_eq!(within_reason(client.disconnect_connector(&id())).await.unwrap_err().kind(), ErrorKind::Credential);
}

#[tokio::test]
async fn a_provider_that_fails_after_a_401_ends_the_call() {
    let error = fails(vec![unauthorized(), done()], |request| async move {
        match request.refused() {
            None => Ok(Credential::bearer_token("token_planted_1")),
            Some(_) => Err(io::Error::other("the vault is closed")),
        }
    })
    .await;
    assert_eq!((error.attempts(), &*chain(&error)[1]), (1, "the vault is closed"));
}

#[tokio::test]
async fn the_credential_of_the_attempt_is_redacted_and_none_is_shown() {
    let echo = Connection::send(answer(403, &[("X-Request-Id", "token_planted_2")], "\"token_planted_2\""));
    let (result, _, tokens) = with_tokens(vec![unauthorized(), echo], quick()).await;
    let error = result.unwrap_err();
    assert_eq!(error.request_id(), Some("[redacted]"));
    let builder = tokens.provide(freddy_client::Client::builder());
    let shown = format!("{error:?} {builder:?} {:?}", builder.clone().build().unwrap());
    assert!(shown.contains("CredentialProvider") && !shown.contains("planted"), "{shown}");

    let (sender, receiver) = std::sync::mpsc::channel();
    let provider = move |request: CredentialRequest| {
        sender.send(format!("{request:?}")).unwrap();
        async { Ok::<_, io::Error>(Credential::bearer_token("token_planted_1")) }
    };
    let stub = Stub::start(vec![unauthorized()]).await;
    let client = crate::support::builder(&stub).credential_provider(provider).build().unwrap();
    within_reason(client.disconnect_connector(&id())).await.unwrap_err();
    let shown: Vec<_> = receiver.try_iter().collect();
    assert!(shown[1].contains("[redacted]") && !shown.concat().contains("planted"), "{shown:?}");
}

macro_rules! endpoint_that_takes {
    ($Name:ident: $($scheme:expr)?) => {
        endpoint! {
            /// Takes only some credentials.
            struct $Name {}
            method: Get,
            path: "/v2/some",
            response: NoContent,
            operation_id: "some",
            tag: Tag { name: "", description: "" },
            summary: "",
            description: "",
            returns: "",
            success_message: "",
            errors: [],
            auth: [$($scheme)?],
        }
    };
}

endpoint_that_takes!(KeysOnly: AuthScheme::ApiKey);
endpoint_that_takes!(Open:);

#[tokio::test]
async fn where_none_is_taken_none_is_asked_for_or_sent() {
    let stub = Stub::start(vec![done(), done()]).await;
    let tokens = Tokens::default();
    within_reason(tokens.provide(builder(&stub)).build().unwrap().send(&Open {})).await.unwrap();
    within_reason(builder(&stub).build().unwrap().send(&Open {})).await.unwrap();
    assert!(tokens.refusals().is_empty());
    for request in stub.requests() {
        assert_eq!((request.header("Authorization"), request.header("X-API-Key")), (None, None));
    }
}

#[tokio::test]
async fn one_that_the_endpoint_does_not_take_is_not_sent() {
    let stub = Stub::start(vec![]).await;
    let client = Tokens::default().provide(builder(&stub)).build().unwrap();
    let error = within_reason(client.send(&KeysOnly {})).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts(), stub.connections()), (ErrorKind::Request, 0, 0));
    assert_eq!(error.to_string(), "some failed: the endpoint takes no credential of this kind");
}

#[tokio::test]
async fn a_fixed_credential_is_not_sent_again_after_a_401() {
    let stub = Stub::start(vec![unauthorized(), done()]).await;
    let error = within_reason(builder(&stub).build().unwrap().disconnect_connector(&id())).await.unwrap_err();
    assert_eq!((error.attempts(), stub.requests().len()), (1, 1));
}
