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

/// What a client needs to know at every call.
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
            // What is not Unicode is not ASCII, and `build` says where.
            Err(VarError::NotUnicode(key)) => Given::Credential(Credential::api_key(key.to_string_lossy())),
        };
        self
    }

    /// A Bearer token. Short for [`credential`](Self::credential) with [`Credential::bearer_token`].
    pub fn bearer_token(self, token: impl Into<String>) -> Self {
        self.credential(Credential::bearer_token(token))
    }

    /// What proves who is calling. The last one given counts.
    pub fn credential(mut self, credential: Credential) -> Self {
        self.credential = Given::Credential(credential);
        self
    }

    /// Where the API is, if not at [`BASE_URL`]: `https://` or `http://`, a host, perhaps a port and a path that the paths
    /// of the endpoints are put after, and nothing else.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = url.into().into();
        self
    }

    /// Lets the base URL be plain HTTP to another machine. Anyone on the way can then read the key. To this machine
    /// (`localhost` and the loopback addresses) plain HTTP is always allowed, and never goes through a proxy.
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

    /// How long a call may take, with all its attempts and waits. 60 seconds by default. No wait is begun that
    /// would not end before it.
    pub fn deadline(mut self, timeout: Duration) -> Self {
        self.settings.deadline = timeout;
        self
    }

    /// When to try again. [`RetryPolicy::new`] by default.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.settings.retry = policy;
        self
    }

    /// How many bytes are read of the body of a failed response; the rest is dropped, and the connection with it.
    /// 65,536 by default.
    pub fn max_error_body(mut self, bytes: usize) -> Self {
        self.settings.max_error_body = bytes;
        self
    }

    /// The client.
    ///
    /// # Errors
    /// There is no credential, or one that cannot stand in a header; the base URL cannot be used, or would expose the
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
    /// Those of [`build`](Self::build), or there is no thread to be had.
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
