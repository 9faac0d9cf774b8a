//! A server that plays a script, a clock under the control of the test, and a log to read.

mod log;
mod play;
mod stub;
mod watchdog;

use std::time::Duration;

use freddy_client::{Client, ClientBuilder, Error, RetryPolicy};
use freddy_types::{ApiError, ConnectorId, ErrorCode, ErrorEnvelope, connector_id};
#[cfg(feature = "rustls")]
use tokio_rustls::rustls::{ConfigBuilder, ServerConfig, WantsVerifier, crypto::aws_lc_rs};

pub(crate) use log::{Event, Log};
pub(crate) use play::{Played, StoppedClock, play};
pub(crate) use stub::{Connection, Received, Stub};
pub(crate) use watchdog::{Watchdog, within_reason};

/// The settings of a TLS server. Named, since a program whose crates bring two providers has no default one.
#[cfg(feature = "rustls")]
pub(crate) fn tls_server() -> ConfigBuilder<ServerConfig, WantsVerifier> {
    let provider = aws_lc_rs::default_provider();
    ServerConfig::builder_with_provider(provider.into()).with_safe_default_protocol_versions().unwrap()
}

pub(crate) const KEY: &str = "sk_planted_7f3a9c5e1d";
pub(crate) fn id() -> ConnectorId {
    connector_id!("pcon_abc123")
}

pub(crate) const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(15);
pub(crate) const DEADLINE: Duration = Duration::from_secs(60);

/// The documented answer to a request that succeeded.
pub(crate) const NO_CONTENT: &str = "HTTP/1.1 204 No Content\r\nX-Request-Id: req_done\r\nConnection: close\r\n\r\n";

/// A client of the stub with the default settings.
pub(crate) fn builder(stub: &Stub) -> ClientBuilder {
    Client::builder().base_url(stub.url()).api_key(KEY).attempt_timeout(ATTEMPT_TIMEOUT).deadline(DEADLINE)
}

/// Disconnects a connector at a server that plays the script, with the default settings.
pub(crate) async fn disconnect(script: Vec<Connection>) -> Played {
    play(script, |builder| builder).await
}

/// As [`disconnect`], without a second attempt.
pub(crate) async fn disconnect_once(connection: Connection) -> (Error, Played) {
    let mut played = play(vec![connection], |builder| builder.retry(RetryPolicy::never())).await;
    let result = std::mem::replace(&mut played.result, Ok(freddy_types::NoContent));
    (result.unwrap_err(), played)
}

/// A whole HTTP answer.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> String {
    let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {status} x\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
}

/// The body that the contract documents for a code.
pub(crate) fn documented(code: ErrorCode) -> String {
    serde_json::to_string(&ErrorEnvelope::from(ApiError::example(code))).unwrap()
}

/// The documented answer of a code, with its body and without further headers.
pub(crate) fn failure(code: ErrorCode) -> String {
    answer(code.status(), &[("Content-Type", "application/json")], &documented(code))
}

/// What an error and its sources say.
pub(crate) fn chain(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}
