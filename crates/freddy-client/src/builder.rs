//! How a client is set up.

use std::env::{self, VarError};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use freddy_types::BASE_URL;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue, USER_AGENT};

use crate::base_url::BaseUrl;
use crate::build_error::{BuildError, InvalidBaseUrl};
use crate::call::CallOptions;
use crate::client::Client;
use crate::credential::{Credential, CredentialProvider, CredentialSource};
use crate::error::Error;
use crate::header::{InvalidHeader, checked};
use crate::hooks::{Attempt, Hooks, RetryDecision};
use crate::retry::RetryPolicy;
use crate::transport::TransportSettings;

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
    base_url: Result<Box<str>, InvalidBaseUrl>,
    base_url_is_from_env: bool,
    allow_insecure_http: bool,
    settings: Settings,
    transport: TransportSettings,
    /// The first header that cannot be sent.
    invalid_header: Option<(Box<str>, InvalidHeader)>,
}

#[derive(Clone)]
enum Given {
    Nothing,
    NoVariable,
    Variable(Credential),
    Credential(Credential),
    Provider(Arc<dyn CredentialProvider>),
}

/// The settings that a client needs for every call.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) connect_timeout: Duration,
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) max_error_body: usize,
    /// What every request has.
    pub(crate) headers: HeaderMap,
    pub(crate) hooks: Hooks,
}

impl Settings {
    /// The settings of a call that has these options.
    pub(crate) fn with(&self, options: &CallOptions) -> CallSettings {
        CallSettings {
            attempt_timeout: options.attempt_timeout.unwrap_or(self.attempt_timeout),
            deadline: options.deadline.unwrap_or(self.deadline),
            retry: options.retry.as_ref().unwrap_or(&self.retry).clone(),
            max_error_body: self.max_error_body,
            hooks: Hooks {
                retry: options.retry_if.as_ref().or(self.hooks.retry.as_ref()).cloned(),
                attempt: self.hooks.attempt.clone(),
            },
        }
    }
}

/// The settings of one call.
pub(crate) struct CallSettings {
    pub(crate) attempt_timeout: Duration,
    pub(crate) deadline: Duration,
    pub(crate) retry: RetryPolicy,
    pub(crate) max_error_body: usize,
    pub(crate) hooks: Hooks,
}

/// How the client names itself.
const PRODUCT: &str = concat!("freddy-client/", env!("CARGO_PKG_VERSION"));

fn basic_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(ACCEPT, const { HeaderValue::from_static(freddy_types::headers::JSON) });
    // Without it a server may choose any coding, and nothing here decodes one.
    headers.insert(ACCEPT_ENCODING, const { HeaderValue::from_static("identity") });
    headers.insert(USER_AGENT, const { HeaderValue::from_static(PRODUCT) });
    headers
}

impl ClientBuilder {
    pub(crate) fn new() -> Self {
        Self {
            credential: Given::Nothing,
            base_url: Ok(BASE_URL.into()),
            base_url_is_from_env: false,
            allow_insecure_http: false,
            settings: Settings {
                connect_timeout: Duration::from_secs(5),
                attempt_timeout: Duration::from_secs(15),
                deadline: Duration::from_secs(60),
                retry: RetryPolicy::new(),
                max_error_body: 64 << 10,
                headers: basic_headers(),
                hooks: Hooks::default(),
            },
            transport: TransportSettings::default(),
            invalid_header: None,
        }
    }

    /// The API key. Short for [`credential`](Self::credential) with [`Credential::api_key`].
    pub fn api_key(self, key: impl Into<String>) -> Self {
        self.credential(Credential::api_key(key))
    }

    /// The API key from the environment variable [`API_KEY_VARIABLE`](crate::API_KEY_VARIABLE), read now.
    pub fn api_key_from_env(mut self) -> Self {
        self.credential = match env::var(crate::API_KEY_VARIABLE) {
            Ok(key) => Given::Variable(Credential::api_key(key)),
            Err(VarError::NotPresent) => Given::NoVariable,
            // A key that is not Unicode is not ASCII either, and `build` reports where.
            Err(VarError::NotUnicode(key)) => Given::Variable(Credential::api_key(key.to_string_lossy())),
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

    /// Whom to ask for the credential before each attempt, for tokens that expire. If the server refuses one with a 401, the
    /// provider is asked once more in that call, and told so; the request is sent again if the answer is another one.
    ///
    /// It counts instead of any other credential, as the last one given does.
    pub fn credential_provider(mut self, provider: impl CredentialProvider) -> Self {
        self.credential = Given::Provider(Arc::new(provider));
        self
    }

    /// The URL of the API, by default [`BASE_URL`]: `https://` or `http://`, a host, optionally a port and a path that the
    /// paths of the endpoints are appended to, and nothing else.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Ok(url.into().into());
        self.base_url_is_from_env = false;
        self
    }

    /// The base URL from the environment variable [`BASE_URL_VARIABLE`](crate::BASE_URL_VARIABLE), read now. Where it is not
    /// set, the base URL stays as it is.
    pub fn base_url_from_env(mut self) -> Self {
        self.base_url = match env::var(crate::BASE_URL_VARIABLE) {
            Ok(url) => Ok(url.into()),
            Err(VarError::NotPresent) => return self,
            Err(VarError::NotUnicode(_)) => Err(InvalidBaseUrl::Syntax { reason: "it is not Unicode".into() }),
        };
        self.base_url_is_from_env = true;
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

    /// Which failures are tried again, beside what [`Error::is_retryable`] says. It is asked after each attempt that was sent
    /// and failed, and may forbid a retry, or allow one that the program knows to be safe. [`Error::attempts`] says which
    /// attempt it was.
    ///
    /// ```
    /// use freddy_client::{Client, RetryDecision};
    ///
    /// let client = Client::builder().api_key("sk_example").retry_if(|error| match error.status() {
    ///     Some(501) => RetryDecision::GiveUp,
    ///     _ => RetryDecision::AsUsual,
    /// });
    /// ```
    pub fn retry_if(mut self, predicate: impl Fn(&Error) -> RetryDecision + Send + Sync + 'static) -> Self {
        self.settings.hooks.retry = Some(Arc::new(predicate));
        self
    }

    /// What to do before each attempt, such as adding the `traceparent` of the current trace. It runs in the attempt's span
    /// and must not block. An error ends the call with an [`ErrorKind::Request`](crate::ErrorKind::Request).
    ///
    /// ```
    /// # fn traceparent() -> Option<String> { None }
    /// use freddy_client::Client;
    ///
    /// let client = Client::builder().api_key("sk_example").before_attempt(|attempt| match traceparent() {
    ///     Some(traceparent) => attempt.header("traceparent", traceparent),
    ///     None => Ok(()),
    /// });
    /// ```
    pub fn before_attempt(
        mut self,
        hook: impl Fn(&mut Attempt<'_>) -> Result<(), InvalidHeader> + Send + Sync + 'static,
    ) -> Self {
        self.settings.hooks.attempt = Some(Arc::new(hook));
        self
    }

    /// A header of every request, such as that of a gateway. What an endpoint or a call says under the same name counts
    /// instead. The value is shown nowhere, but unlike the credential it is not redacted where a server echoes it.
    ///
    /// A header that cannot be sent, or that the client sets itself, is a [`BuildError::InvalidHeader`].
    pub fn default_header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        match checked(name.as_ref(), value.as_ref()) {
            Ok((name, value)) => {
                self.settings.headers.insert(name, value);
            }
            Err(reason) => {
                // What is no name may be a value in the wrong place.
                let name = if reason == InvalidHeader::Name { "" } else { name.as_ref() };
                self.invalid_header.get_or_insert((name.into(), reason));
            }
        }
        self
    }

    /// What stands behind `freddy-client/…` in `User-Agent`, such as `my-program/1.2`. A character other than visible ASCII
    /// and blanks is a [`BuildError::InvalidHeader`].
    pub fn user_agent_suffix(mut self, suffix: impl AsRef<str>) -> Self {
        let suffix = suffix.as_ref().trim_matches(' ');
        let is_valid = !suffix.is_empty() && suffix.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic());
        match HeaderValue::try_from(format!("{PRODUCT} {suffix}")) {
            Ok(value) if is_valid => {
                self.settings.headers.insert(USER_AGENT, value);
            }
            _ => {
                self.invalid_header.get_or_insert((USER_AGENT.as_str().into(), InvalidHeader::Value));
            }
        }
        self
    }

    /// Any setting of reqwest's builder, for what has no method here.
    ///
    /// The client's own settings are made afterwards and win: it follows no redirects, lets only its [`RetryPolicy`] retry,
    /// insists on HTTPS where the base URL has it, and uses no proxy for plain HTTP to this machine.
    ///
    /// ```
    /// use freddy_client::Client;
    ///
    /// let client = Client::builder().api_key("sk_example").configure_http(|http| http.tcp_nodelay(false)).build()?;
    /// # Ok::<(), freddy_client::BuildError>(())
    /// ```
    pub fn configure_http(
        mut self,
        configure: impl Fn(reqwest::ClientBuilder) -> reqwest::ClientBuilder + Send + Sync + 'static,
    ) -> Self {
        self.transport.add("configure_http", configure);
        self
    }

    /// A client of reqwest to send everything with, such as one that the rest of the program uses as well.
    ///
    /// It has to follow no redirects (`redirect::Policy::none()`), or the credential may go where a redirect points, and
    /// must not retry by itself (`retry::never()`), or attempts are neither counted nor waited for. The client cannot check
    /// either. [`connect_timeout`](Self::connect_timeout) has no effect; all other settings of connections are a
    /// [`BuildError::TransportConflict`]. If you need single settings only, use [`configure_http`](Self::configure_http).
    pub fn http_client(mut self, http: reqwest::Client) -> Self {
        self.transport.give(http);
        self
    }

    /// A certificate authority to trust beside those of the system.
    #[cfg(feature = "rustls")]
    pub fn root_certificate(mut self, certificate: reqwest::Certificate) -> Self {
        self.transport.add("root_certificate", move |http| http.tls_certs_merge([certificate.clone()]));
        self
    }

    /// The certificate authorities to trust instead of those of the system.
    #[cfg(feature = "rustls")]
    pub fn only_root_certificates(mut self, certificates: impl IntoIterator<Item = reqwest::Certificate>) -> Self {
        let certificates: Vec<_> = certificates.into_iter().collect();
        self.transport.add("only_root_certificates", move |http| http.tls_certs_only(certificates.clone()));
        self
    }

    /// The certificate and private key by which the server knows this client (mutual TLS).
    #[cfg(feature = "rustls")]
    pub fn identity(mut self, identity: reqwest::Identity) -> Self {
        self.transport.add("identity", move |http| http.identity(identity.clone()));
        self
    }

    /// A proxy, instead of the one that the environment names. It is not used for plain HTTP to this machine. An HTTPS
    /// request is tunnelled, so the proxy sees only the host; plain HTTP shows it the credential.
    pub fn proxy(mut self, proxy: reqwest::Proxy) -> Self {
        self.transport.add("proxy", move |http| http.proxy(proxy.clone()));
        self
    }

    /// No proxy, whatever the environment says.
    pub fn no_proxy(mut self) -> Self {
        self.transport.add("no_proxy", reqwest::ClientBuilder::no_proxy);
        self
    }

    /// How long an unused connection is kept. 90 seconds by default; `None` keeps it until the server closes it.
    pub fn pool_idle_timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        let timeout = timeout.into();
        self.transport.add("pool_idle_timeout", move |http| http.pool_idle_timeout(timeout));
        self
    }

    /// How many unused connections are kept. Without a bound by default.
    pub fn pool_max_idle(mut self, connections: usize) -> Self {
        self.transport.add("pool_max_idle", move |http| http.pool_max_idle_per_host(connections));
        self
    }

    /// After how much silence TCP asks whether the other end is still there. 15 seconds by default; `None` never asks.
    pub fn tcp_keepalive(mut self, interval: impl Into<Option<Duration>>) -> Self {
        let interval = interval.into();
        self.transport.add("tcp_keepalive", move |http| http.tcp_keepalive(interval));
        self
    }

    /// How often an HTTP/2 connection is pinged, unused ones too, and how long an answer may take before the connection is
    /// given up. No pings by default.
    #[cfg(feature = "http2")]
    pub fn http2_keep_alive(mut self, interval: Duration, timeout: Duration) -> Self {
        self.transport.add("http2_keep_alive", move |http| {
            http.http2_keep_alive_interval(interval).http2_keep_alive_timeout(timeout).http2_keep_alive_while_idle(true)
        });
        self
    }

    /// The client.
    ///
    /// # Errors
    /// There is no credential, or it does not fit in a header; the base URL cannot be used, or would expose the
    /// credential; a default header cannot be sent; a timeout is zero; settings contradict each other; or TLS cannot be
    /// set up.
    pub fn build(self) -> Result<Client, BuildError> {
        let transport = self.transport.clone();
        let (credential, base_url, settings) = self.checked()?;
        let transport = transport.build(&settings, &base_url)?;
        Ok(Client::new(transport, credential, base_url, settings))
    }

    /// What all ways to build a client check.
    fn checked(self) -> Result<(CredentialSource, BaseUrl, Settings), BuildError> {
        let fixed = |credential: Credential| Ok(CredentialSource::Fixed(Arc::new(credential.into_headers()?)));
        let credential = match self.credential {
            Given::Nothing => return Err(BuildError::MissingCredential),
            Given::NoVariable => return Err(BuildError::MissingVariable),
            Given::Variable(credential) => {
                fixed(credential).map_err(|error| in_variable(crate::API_KEY_VARIABLE, error))?
            }
            Given::Credential(credential) => fixed(credential)?,
            Given::Provider(provider) => CredentialSource::Asked(provider),
        };
        let base_url = self.base_url.and_then(|url| BaseUrl::parse(&url)).map_err(BuildError::from);
        let base_url = base_url.and_then(|url| {
            if url.is_exposed() && !self.allow_insecure_http { Err(BuildError::InsecureHttp) } else { Ok(url) }
        });
        let base_url = base_url.map_err(|error| {
            if self.base_url_is_from_env { in_variable(crate::BASE_URL_VARIABLE, error) } else { error }
        })?;
        if let Some((name, reason)) = self.invalid_header {
            return Err(BuildError::InvalidHeader { name, reason });
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
        Ok((credential, base_url, settings))
    }

    /// A client without a server, and what it answers. Where no credential is given, it has one of its own. Settings of
    /// connections have no effect.
    ///
    /// # Errors
    /// Those of [`build`](Self::build), but for those of connections.
    #[cfg(feature = "mock")]
    pub fn build_mock(mut self) -> Result<(Client, crate::mock::Mock), BuildError> {
        if matches!(self.credential, Given::Nothing) {
            self.credential = Given::Credential(Credential::api_key("sk_mock"));
        }
        let (credential, base_url, settings) = self.checked()?;
        let mock = crate::mock::Mock::new(base_url.prefix());
        let client = Client::new(crate::transport::Transport::Mock(mock.plan()), credential, base_url, settings);
        Ok((client, mock))
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

fn in_variable(name: &'static str, error: BuildError) -> BuildError {
    BuildError::InvalidVariable { name, reason: Box::new(error) }
}

impl fmt::Debug for ClientBuilder {
    /// Without the base URL, which is not yet known to hold no password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let credential = match &self.credential {
            Given::Nothing | Given::NoVariable => None,
            Given::Variable(credential) | Given::Credential(credential) => Some(format!("{credential:?}")),
            Given::Provider(_) => Some("CredentialProvider".to_owned()),
        };
        f.debug_struct("ClientBuilder")
            .field("credential", &format_args!("{}", credential.as_deref().unwrap_or("None")))
            .field("allow_insecure_http", &self.allow_insecure_http)
            .field("settings", &self.settings)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
