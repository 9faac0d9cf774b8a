//! How a client is set up.

use std::env::{self, VarError};
use std::fmt;
use std::time::Duration;

use freddy_types::BASE_URL;

use crate::base_url::BaseUrl;
use crate::build_error::BuildError;
use crate::client::Client;
use crate::credential::Credential;
use crate::retry::RetryPolicy;

/// Settings of a [`Client`]. Everything but the credential has a default, and everything is checked by [`build`](Self::build).
///
/// ```
/// use std::time::Duration;
/// use freddy_client::{Client, RetryPolicy};
///
/// let client = Client::builder()
///     .api_key("sk_example")
///     .base_url("https://gateway.example/freddy")
///     .deadline(Duration::from_secs(10))
///     .retry(RetryPolicy::new().max_attempts(2))
///     .build()?;
/// # Ok::<(), freddy_client::BuildError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct ClientBuilder {
    credential: Given,
    base_url: Box<str>,
    allow_insecure_http: bool,
    pub(crate) settings: Settings,
}

#[derive(Clone)]
enum Given {
    Nothing,
    NoVariable,
    Credential(Credential),
}

/// The settings that a client needs for every call.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) max_error_body: usize,
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            credential: Given::Nothing,
            base_url: BASE_URL.into(),
            allow_insecure_http: false,
            settings: Settings {
                connect_timeout: Duration::from_secs(5),
                attempt_timeout: Duration::from_secs(15),
                deadline: Duration::from_secs(60),
                retry: RetryPolicy::new(),
                max_error_body: 64 << 10,
            },
        }
    }

    /// The API key. Short for [`credential`](Self::credential) with [`Credential::api_key`].
    pub fn api_key(self, key: impl Into<String>) -> Self {
        self.credential(Credential::api_key(key))
    }

    /// The API key from the environment variable [`API_KEY_VARIABLE`](crate::API_KEY_VARIABLE), read now.
    pub fn api_key_from_env(mut self) -> Self {
        self.credential = match env::var(crate::API_KEY_VARIABLE) {
            Ok(key) => Given::Credential(Credential::api_key(key)),
            Err(VarError::NotPresent) => Given::NoVariable,
            // A key that is not Unicode is not ASCII either, and `build` reports where.
            Err(VarError::NotUnicode(key)) => Given::Credential(Credential::api_key(key.to_string_lossy())),
        };
        self
    }

    /// A Bearer token. Short for [`credential`](Self::credential) with [`Credential::bearer_token`].
    pub fn bearer_token(self, token: impl Into<String>) -> Self {
        self.credential(Credential::bearer_token(token))
    }

    /// The credential. If it is given more than once, the last one counts.
    pub fn credential(mut self, credential: Credential) -> Self {
        self.credential = Given::Credential(credential);
        self
    }

    /// The URL of the API, by default [`BASE_URL`]: `https://` or `http://`, a host, optionally a port and a path that the
    /// paths of the endpoints are appended to, and nothing else.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into().into();
        self
    }

    /// Allows a base URL with plain HTTP to another machine. Anyone on the network can then read the key. Plain HTTP to
    /// this machine (`localhost` and the loopback addresses) is always allowed and never goes through a proxy.
    pub fn allow_insecure_http(mut self) -> Self {
        self.allow_insecure_http = true;
        self
    }

    /// How long making a connection may take, TLS included. 5 seconds by default.
    pub fn connect_timeout(mut self, timeout: Duration) -> Self {
        self.settings.connect_timeout = timeout;
        self
    }

    /// How long one attempt may take, from connecting to the end of the body. 15 seconds by default.
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        self.settings.attempt_timeout = timeout;
        self
    }

    /// How long a call may take, with all its attempts and waits. 60 seconds by default. No wait is
    /// started that would outlast it.
    pub fn deadline(mut self, timeout: Duration) -> Self {
        self.settings.deadline = timeout;
        self
    }

    /// When to try again. [`RetryPolicy::new`] by default.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// How much of the body of a failed response is read, in bytes. The rest is dropped, and the connection with it.
    /// 65,536 by default.
    pub fn max_error_body(mut self, bytes: usize) -> Self {
        self.settings.max_error_body = bytes;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// There is no credential, or it does not fit in a header; the base URL cannot be used, or would expose the
    /// credential; a timeout is zero; or TLS cannot be set up.
    pub fn build(self) -> Result<Client, BuildError> {
        let credential = match self.credential {
            Given::Nothing => return Err(BuildError::MissingCredential),
            Given::NoVariable => return Err(BuildError::MissingVariable),
            Given::Credential(credential) => credential.into_headers()?,
        };
        let base_url = BaseUrl::parse(&self.base_url)?;
        if base_url.is_exposed() && !self.allow_insecure_http {
            return Err(BuildError::InsecureHttp);
        }
        let settings = self.settings;
        for (setting, timeout) in [
            ("connect_timeout", settings.connect_timeout),
            ("attempt_timeout", settings.attempt_timeout),
            ("deadline", settings.deadline),
        ] {
            if timeout.is_zero() {
                return Err(BuildError::ZeroTimeout { setting });
            }
        }
        Client::new(credential, base_url, settings)
    }

    /// The client for programs without an async runtime.
    ///
    /// # Errors
    /// Those of [`build`](Self::build), or no thread could be started.
    #[cfg(feature = "blocking")]
    pub fn build_blocking(self) -> Result<crate::blocking::Client, BuildError> {
        crate::blocking::Client::new(self.build()?)
    }
}

impl fmt::Debug for ClientBuilder {
    /// Without the base URL, which is not yet known to hold no password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credential = match &self.credential {
            Given::Nothing | Given::NoVariable => None,
            Given::Credential(credential) => Some(credential),
        };
        f.debug_struct("ClientBuilder")
            .field("credential", &credential)
            .field("allow_insecure_http", &self.allow_insecure_http)
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}
