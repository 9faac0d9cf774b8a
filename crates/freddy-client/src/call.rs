//! One call with options of its own.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use freddy_types::{Endpoint, SuccessResponse};
use reqwest::header::{HeaderMap, HeaderValue};

use crate::client::Client;
use crate::error::Error;
use crate::header::{InvalidHeader, checked};
use crate::hooks::{RetryDecision, RetryHook};
use crate::metadata::Response;
use crate::retry::RetryPolicy;

/// A call with options of its own, which count instead of the client's. [`Client::call`](crate::Client::call) makes one,
/// and awaiting it sends the request.
///
/// ```no_run
/// use std::time::Duration;
/// use freddy_client::freddy_types::{connector_id, personal_connectors::DisconnectConnector};
/// use freddy_client::{Client, RetryPolicy};
///
/// # async fn example(client: Client) -> Result<(), freddy_client::Error> {
/// let request = DisconnectConnector { connector_id: connector_id!("pcon_abc123") };
/// client
///     .call(&request)
///     .deadline(Duration::from_secs(5))
///     .retry(RetryPolicy::never())
///     .header("X-Tenant", "blue")
///     .await?;
/// # Ok(())
/// # }
/// ```
#[must_use = "a call does nothing unless it is awaited or sent"]
pub struct Call<'a, E, C = Client> {
    pub(crate) client: &'a C,
    pub(crate) request: &'a E,
    pub(crate) options: CallOptions,
}

/// What a call has of its own.
#[derive(Clone, Default)]
pub(crate) struct CallOptions {
    pub(crate) deadline: Option<Duration>,
    pub(crate) attempt_timeout: Option<Duration>,
    pub(crate) retry: Option<RetryPolicy>,
    pub(crate) retry_if: Option<RetryHook>,
    pub(crate) headers: HeaderMap,
    pub(crate) idempotency_key: Option<HeaderValue>,
    /// The first thing that is wrong with the options.
    pub(crate) problem: Option<&'static str>,
}

impl<'a, E: Endpoint, C> Call<'a, E, C> {
    pub(crate) fn new(client: &'a C, request: &'a E) -> Self {
        Self { client, request, options: CallOptions::default() }
    }

    /// How long this call may take, with all its attempts and waits. Zero is an [`ErrorKind::Request`](crate::ErrorKind).
    pub fn deadline(mut self, timeout: Duration) -> Self {
        if timeout.is_zero() {
            self.options.refuse("the deadline of the call is zero");
        }
        self.options.deadline = Some(timeout);
        self
    }

    /// How long one attempt of this call may take. Zero is an [`ErrorKind::Request`](crate::ErrorKind).
    pub fn attempt_timeout(mut self, timeout: Duration) -> Self {
        if timeout.is_zero() {
            self.options.refuse("the attempt timeout of the call is zero");
        }
        self.options.attempt_timeout = Some(timeout);
        self
    }

    /// When to try this call again.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.options.retry = Some(policy);
        self
    }

    /// Which failures of this call are tried again, instead of what
    /// [`ClientBuilder::retry_if`](crate::ClientBuilder::retry_if) says.
    pub fn retry_if(mut self, predicate: impl Fn(&Error) -> RetryDecision + Send + Sync + 'static) -> Self {
        self.options.retry_if = Some(Arc::new(predicate));
        self
    }

    /// A header of this call. It replaces a [default header](crate::ClientBuilder::default_header) of the same name, and
    /// one that was given before.
    ///
    /// A name or value that is not one of HTTP, a header that the client sets itself, and one that is a parameter of the
    /// endpoint are an [`ErrorKind::Request`](crate::ErrorKind): nothing is sent.
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        match checked(name.as_ref(), value.as_ref()) {
            Ok((name, value)) => {
                self.options.headers.insert(name, value);
            }
            Err(problem) => self.options.refuse(problem.as_str()),
        }
        self
    }

    /// The `Idempotency-Key` of this call: unique to what it does, and the same whenever that is tried again. It lets the
    /// client try again whatever the method is, and counts instead of a key in the request.
    ///
    /// A key that is empty or has a character other than visible ASCII is an [`ErrorKind::Request`](crate::ErrorKind).
    pub fn idempotency_key(mut self, key: impl AsRef<str>) -> Self {
        let key = key.as_ref();
        let is_valid = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
        match HeaderValue::from_str(key) {
            Ok(value) if is_valid => self.options.idempotency_key = Some(value),
            _ => self.options.refuse("the idempotency key is empty or has a character other than visible ASCII"),
        }
        self
    }
}

impl CallOptions {
    fn refuse(&mut self, problem: &'static str) {
        self.problem.get_or_insert(problem);
    }

    /// The headers to send, of the client and of the call.
    pub(crate) fn headers_over(&self, defaults: &HeaderMap) -> HeaderMap {
        let mut headers = defaults.clone();
        for (name, value) in &self.headers {
            headers.insert(name.clone(), value.clone());
        }
        headers
    }

    /// Whether the call adds a header that the endpoint has a parameter for.
    pub(crate) fn check_against(&self, declared: &[(&'static str, String)]) -> Result<(), InvalidHeader> {
        let is_declared = declared.iter().any(|(name, _)| self.headers.contains_key(*name));
        if is_declared { Err(InvalidHeader::Repeated) } else { Ok(()) }
    }
}

impl<E: Endpoint> Call<'_, E> {
    /// Sends the request. Awaiting the call does the same.
    ///
    /// # Errors
    /// Those of [`Client::send`](crate::Client::send), and an option that cannot be used.
    pub fn send(
        self,
    ) -> impl Future<Output = Result<<E::Response as SuccessResponse>::Received, Error>> + Send + use<E> {
        let call = self.with_metadata();
        async move { Ok(call.await?.body) }
    }

    /// Sends the request, and returns what was said beside the success as well.
    ///
    /// # Errors
    /// Those of [`send`](Self::send). [`Error::metadata`] has what was said beside a failure.
    pub fn with_metadata(
        self,
    ) -> impl Future<Output = Result<Response<<E::Response as SuccessResponse>::Received>, Error>> + Send + use<E> {
        self.client.start(self.request, &self.options)
    }
}

impl<E: Endpoint> IntoFuture for Call<'_, E> {
    type Output = Result<<E::Response as SuccessResponse>::Received, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl<E: Endpoint, C> fmt::Debug for Call<'_, E, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("operation", &E::OPERATION_ID)
            .field("deadline", &self.options.deadline)
            .field("attempt_timeout", &self.options.attempt_timeout)
            .field("retry", &self.options.retry)
            .field("headers", &self.options.headers)
            .finish_non_exhaustive()
    }
}
