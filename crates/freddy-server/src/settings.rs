//! The settings of a server.

use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;

use clap::{ArgAction, Args, Command, FromArgMatches as _};

use crate::limit::Quota;
use crate::store::DatabaseSettings;

/// The settings of a server. Each is a flag and an environment variable.
#[derive(Args, Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The address to listen on
    #[arg(long, env = "FREDDY_LISTEN", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub listen: SocketAddr,
    /// Requests that each key may make in a window, and each address without a valid key
    #[arg(long, env = "FREDDY_RATE_LIMIT", default_value = "100", value_name = "REQUESTS")]
    pub rate_limit: NonZeroU32,
    /// The length of a window, in seconds
    #[arg(long, env = "FREDDY_RATE_WINDOW", default_value = "60", value_name = "SECONDS")]
    pub rate_window: NonZeroU32,
    /// A Redis that counts the rate limit for all server processes; without it, each process counts for itself
    #[arg(long, env = "FREDDY_REDIS_URL", hide_env_values = true, value_name = "URL")]
    pub redis_url: Option<String>,
    /// Take the address of a caller from `X-Forwarded-For`, as the outermost of this many proxies saw it. `true` is one
    #[arg(
        long = "trust-forwarded-for",
        env = "FREDDY_TRUST_FORWARDED_FOR",
        default_value = "0",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        value_name = "PROXIES",
        value_parser = hops
    )]
    pub trusted_hops: usize,
    /// Take the identifier of a request from `X-Request-Id`. Only behind a proxy that writes it
    #[arg(long, env = "FREDDY_TRUST_REQUEST_ID")]
    pub trust_request_id: bool,
    /// Connections that may be open. Idle ones are given up for new ones
    #[arg(long, env = "FREDDY_MAX_CONNECTIONS", default_value = "10000", value_name = "CONNECTIONS")]
    pub max_connections: NonZeroUsize,
    /// Requests that are answered at the same time
    #[arg(long, env = "FREDDY_MAX_CONCURRENCY", default_value = "512", value_name = "REQUESTS")]
    pub max_concurrency: NonZeroUsize,
    /// Requests that may queue; any more are answered with 503
    #[arg(long, env = "FREDDY_MAX_QUEUE", default_value = "1024", value_name = "REQUESTS")]
    pub max_queue: usize,
    /// The largest request body that is read, in bytes
    #[arg(long, env = "FREDDY_MAX_BODY", default_value = "16384", value_name = "BYTES")]
    pub max_body: usize,
    /// How long a client may take to send the head of a request, and then its body
    #[arg(long = "read-timeout-ms", env = "FREDDY_READ_TIMEOUT_MS", default_value = "10000", value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub read_timeout: Duration,
    /// How long the server may take to answer a request, not counting `--read-timeout-ms` for its body
    #[arg(long = "answer-timeout-ms", env = "FREDDY_ANSWER_TIMEOUT_MS", default_value = "10000", value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub answer_timeout: Duration,
    /// How long a client may take to read an answer, and on top of it a second for each 4 KiB
    #[arg(long = "write-timeout-ms", env = "FREDDY_WRITE_TIMEOUT_MS", default_value = "10000", value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub write_timeout: Duration,
    /// How long a server that was told to stop still takes requests, while `/readyz` answers 503
    #[arg(long = "drain-ms", env = "FREDDY_DRAIN_MS", default_value = "0", value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub drain: Duration,
    /// How long a stopping server waits for requests in flight
    #[arg(long = "stop-timeout-ms", env = "FREDDY_STOP_TIMEOUT_MS", default_value = "30000", value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub stop_timeout: Duration,
    /// How long the lookup of a key is cached. A revoked key disconnects nothing, cached or not
    #[arg(long = "key-cache-ms", env = "FREDDY_KEY_CACHE_MS", default_value = "1000", value_name = "MILLISECONDS", value_parser = milliseconds)]
    pub key_cache: Duration,
    /// Serve the page at `/docs`, `/openapi.json` and `/openapi.yaml`
    #[arg(long, env = "FREDDY_DOCS", default_value = "true", action = ArgAction::Set, value_name = "BOOLEAN")]
    pub docs: bool,
    /// The address to serve Prometheus metrics on, at `/metrics`; without it there are none
    #[arg(long, env = "FREDDY_METRICS_LISTEN", value_name = "ADDRESS")]
    pub metrics_listen: Option<SocketAddr>,
    /// How the database is used
    #[command(flatten)]
    pub database: DatabaseSettings,
}

impl Default for Settings {
    /// The default of each setting, whatever the environment says.
    #[expect(clippy::expect_used, reason = "every setting has a default that it takes")]
    fn default() -> Self {
        let command = Self::augment_args(Command::new("settings")).mut_args(|arg| arg.env(None));
        let matches = command.no_binary_name(true).try_get_matches_from([""; 0]).expect("no setting is required");
        Self::from_arg_matches(&matches).expect("the defaults are values of the settings")
    }
}

impl Settings {
    pub(crate) fn quota(&self) -> Quota {
        Quota { requests: self.rate_limit.get(), window_seconds: self.rate_window.get() }
    }

    /// How the database is used for requests: nothing goes on there for one that was given up.
    #[must_use]
    pub fn database(&self) -> DatabaseSettings {
        let mut settings = self.database.clone();
        settings.statement_timeout = settings.statement_timeout.min(self.answer_timeout);
        settings.lock_timeout = settings.lock_timeout.min(settings.statement_timeout);
        settings
    }

    /// From the head of a request to its answer. The client's time for sending the body comes on top of the server's own.
    pub(crate) fn answer_within(&self) -> Duration {
        self.answer_timeout.saturating_add(self.read_timeout)
    }
}

/// At most a day: no setting needs more, and adding a much longer time to a clock would overflow.
pub(crate) fn milliseconds(text: &str) -> Result<Duration, String> {
    const DAY: u64 = 24 * 60 * 60 * 1000;
    let milliseconds: u64 = text.parse().map_err(|error: std::num::ParseIntError| error.to_string())?;
    if milliseconds > DAY {
        return Err(format!("more than {DAY}, which is a day"));
    }
    Ok(Duration::from_millis(milliseconds))
}

/// A number of proxies, or a switch.
fn hops(text: &str) -> Result<usize, String> {
    match text {
        "true" | "yes" | "on" => Ok(1),
        "false" | "no" | "off" | "" => Ok(0),
        number => number.parse().map_err(|_| "neither true, nor false, nor a number of proxies".to_owned()),
    }
}
