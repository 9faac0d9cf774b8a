//! The client, and how a call is made of attempts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ConnectorId, Endpoint, NoContent, Paged, ReceivedPage, SuccessResponse};
use futures_util::stream::{Stream, TryStreamExt as _, iter, try_unfold};
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method, Request, Url, redirect};
use tokio::time::{Instant, sleep};
use tracing::{Instrument, debug, info_span, warn};

use crate::base_url::BaseUrl;
use crate::build_error::BuildError;
use crate::builder::{ClientBuilder, Settings};
use crate::credential::CredentialHeaders;
use crate::error::{Cause, Error};
use crate::exchange::{Limit, end_of, exchange};
use crate::pool::Pool;
use crate::retry::fit;
use crate::throttle::{KnownLimit, Throttle};
use crate::trace::{MAX_CHARS, Traced, bounded};

/// A client of the Freddy API. It holds a pool of connections, so make one and clone it, which is cheap.
///
/// ```no_run
/// use freddy_client::{Client, freddy_types::connector_id};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = Client::from_env()?;
/// client.disconnect_connector(&connector_id!("pcon_abc123")).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    pool: Pool,
    throttle: Throttle,
    credential: CredentialHeaders,
    base_url: BaseUrl,
    settings: Settings,
}

impl Client {
    /// A client with the API key from the environment variable `FREDDY_API_KEY`, and the defaults for everything else.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::build`].
    pub fn from_env() -> Result<Self, BuildError> {
        Self::builder().api_key_from_env().build()
    }

    /// Settings to build a client from.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    pub(crate) fn new(
        credential: CredentialHeaders,
        base_url: BaseUrl,
        settings: Settings,
    ) -> Result<Self, BuildError> {
        let (connect_timeout, is_plain) = (settings.connect_timeout, base_url.is_plain());
        let is_plain_loopback = base_url.is_plain_loopback();
        let pool = Pool::new(!is_plain, move || {
            let mut http = reqwest::Client::builder()
                .user_agent(concat!("freddy-client/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(connect_timeout)
                .https_only(!is_plain)
                // A redirect must not send the credential elsewhere. No endpoint documents one, so it is a failed response.
                .redirect(redirect::Policy::none())
                // Only the policy retries, so that every attempt is counted, waited for and traced.
                .retry(reqwest::retry::never());
            if is_plain_loopback {
                // A proxy from the environment would carry the credential to another machine, in the clear.
                http = http.no_proxy();
            }
            http.build()
        });
        let pool = pool.map_err(|error| BuildError::Setup(error.into()))?;
        Ok(Self { shared: Arc::new(Shared { pool, throttle: Throttle::new(), credential, base_url, settings }) })
    }

    /// Permanently disconnects a personal connector. Doing so again succeeds again.
    ///
    /// # Errors
    /// Those of [`send`](Self::send). [`Error::code`] is, among others, `Unauthorized` for a wrong key, and `Forbidden`
    /// for a connector that does not exist or belongs to somebody else.
    pub async fn disconnect_connector(&self, connector_id: &ConnectorId) -> Result<NoContent, Error> {
        self.send(&DisconnectConnector { connector_id: connector_id.clone() }).await
    }

    /// Sends a request and reads the answer, with as many attempts as the [`RetryPolicy`](crate::RetryPolicy) and the
    /// deadline allow.
    ///
    /// The future needs a Tokio runtime with I/O and time. Dropping it ends the call; the request may have been sent.
    ///
    /// # Errors
    /// The server did not answer with the documented success. Once the head of an answer has arrived, its status counts,
    /// however little of the body arrives: a failed response is [`ErrorKind::Response`](crate::ErrorKind::Response)
    /// with what could be read, and a `204` is a success.
    pub fn send<E: Endpoint>(&self, request: &E) -> impl Future<Output = Result<ReceivedOf<E>, Error>> + Send + use<E> {
        let span = info_span!(
            "freddy call",
            operation = E::OPERATION_ID,
            method = E::METHOD.as_str(),
            path = E::PATH.as_str()
        );
        let prepared = self.shared.prepare(request);
        let shared = Arc::clone(&self.shared);
        async move {
            match prepared {
                Ok(prepared) => shared.call::<E>(&prepared).await,
                Err(problem) => Err(Error::new(E::OPERATION_ID, false, 0, Cause::Request(problem))),
            }
        }
        .instrument(span)
    }
}

impl Client {
    /// The pages of a list, with a call for each page as it is polled for. The stream ends with the last page or the first
    /// error.
    ///
    /// If the server repeats a cursor, or announces a further page without a cursor, the stream ends with an
    /// [`ErrorKind::UnexpectedSuccess`](crate::ErrorKind::UnexpectedSuccess), so that it cannot go on forever.
    pub fn pages<E: Paged>(
        &self,
        request: E,
    ) -> impl Stream<Item = Result<ReceivedPage<E::Item>, Error>> + Send + use<E> {
        let client = self.clone();
        try_unfold(Some(request), move |request| {
            let client = client.clone();
            async move {
                let Some(request) = request else { return Ok(None) };
                let page = client.send(&request).await?;
                let next = match &page.next_cursor {
                    None if page.has_more => {
                        return Err(broken_list::<E>("there is more, but no cursor that leads there"));
                    }
                    Some(cursor) if page.has_more => {
                        let next = request.clone().with_cursor(cursor.clone());
                        if next == request {
                            return Err(broken_list::<E>("the cursor of a page leads to the same page"));
                        }
                        Some(next)
                    }
                    _ => None,
                };
                Ok(Some((page, next)))
            }
        })
    }

    /// The items of a list, whose pages are read as they are needed. See [`pages`](Self::pages).
    pub fn items<E: Paged>(&self, request: E) -> impl Stream<Item = Result<E::Item, Error>> + Send + use<E> {
        self.pages(request).map_ok(|page| iter(page.items.into_iter().map(Ok))).try_flatten()
    }
}

fn broken_list<E: Endpoint>(problem: &'static str) -> Error {
    Error::new(E::OPERATION_ID, false, 1, Cause::BrokenList(problem))
}

/// What a client reads of the success of an endpoint.
type ReceivedOf<E> = <<E as Endpoint>::Response as SuccessResponse>::Received;

/// What all attempts of a call have in common.
struct Prepared {
    url: Url,
    headers: HeaderMap,
    body: Option<Bytes>,
    /// Whether the request may be sent again when its answer was lost.
    may_be_repeated: bool,
}

impl Prepared {
    fn request<E: Endpoint>(&self) -> Request {
        let mut request = Request::new(Method::from(E::METHOD), self.url.clone());
        request.headers_mut().clone_from(&self.headers);
        *request.body_mut() = self.body.clone().map(Body::from);
        request
    }
}

impl Shared {
    fn prepare<E: Endpoint>(&self, request: &E) -> Result<Prepared, &'static str> {
        let encoded = request.encode();
        let mut url = self.base_url.join(&encoded.path).ok_or("a path parameter is `.`, `..` or empty")?;
        if !encoded.query.is_empty() {
            url.set_query(Some(&encoded.query));
        }
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, const { HeaderValue::from_static(freddy_types::headers::JSON) });
        if encoded.body.is_some() {
            headers.insert(CONTENT_TYPE, const { HeaderValue::from_static(freddy_types::headers::JSON) });
        }
        let may_be_repeated =
            E::METHOD.is_idempotent() || encoded.header(freddy_types::headers::IDEMPOTENCY_KEY).is_some();
        for (name, value) in encoded.headers {
            let name = HeaderName::try_from(name).map_err(|_| "a header's name is not one of HTTP")?;
            let value =
                HeaderValue::try_from(value).map_err(|_| "a header's value has a character that HTTP forbids")?;
            headers.append(name, value);
        }
        match self.credential.accepted_by(E::AUTH) {
            Some((name, value)) => {
                headers.insert(name, value);
            }
            None if E::AUTH.is_empty() => {}
            None => return Err("the endpoint takes no credential of this kind"),
        }
        Ok(Prepared { url, headers, body: encoded.body.map(Bytes::from), may_be_repeated })
    }

    async fn call<E: Endpoint>(&self, prepared: &Prepared) -> Result<ReceivedOf<E>, Error> {
        let settings = &self.settings;
        let deadline = end_of(Instant::now(), settings.deadline);
        self.throttle.call(settings.retry.retry_budget(), Instant::now());
        let mut attempts = 0;
        let mut may_have_happened = false;
        let mut last: Option<Error> = None;
        loop {
            if let Some(known) = self.limit() {
                match self.wait_for_limit(&known, deadline) {
                    Some(wait) => {
                        trace_limit(attempts, wait);
                        sleep(wait).await;
                        continue;
                    }
                    None => {
                        let error = last.unwrap_or_else(|| refused::<E>(known, prepared.may_be_repeated));
                        trace_failure(&error, "failed, since the key is limited");
                        return Err(error);
                    }
                }
            }
            attempts += 1;
            let limit = Limit::of_attempt(settings.attempt_timeout, deadline, settings.deadline);
            let cause = match self.attempt::<E>(prepared, attempts, limit).await {
                Ok(success) => return Ok(success),
                Err(cause) => cause,
            };
            let error = Error::new(E::OPERATION_ID, prepared.may_be_repeated, attempts, cause).after(may_have_happened);
            may_have_happened = error.may_have_happened();
            self.throttle.note(&error, Instant::now());
            let Some(wait) = self.wait_after(&error, deadline) else {
                trace_failure(&error, "failed");
                return Err(error);
            };
            if !self.throttle.may_retry(settings.retry.retry_budget(), Instant::now()) {
                trace_failure(&error, "failed, since the budget of retries is used up");
                return Err(error);
            }
            trace_retry(&error, wait);
            last = Some(error);
            sleep(wait).await;
        }
    }

    /// How long to wait before the next attempt, or `None` if there is to be none.
    fn wait_after(&self, error: &Error, deadline: Instant) -> Option<Duration> {
        if !error.is_retryable() {
            return None;
        }
        let asked = error.retry_after().filter(|asked| !asked.is_zero());
        let wait = self.settings.retry.next_wait(error.attempts(), asked, fastrand::u32(..))?;
        fit(wait, asked.unwrap_or(wait), deadline.duration_since(Instant::now()))
    }

    /// The limit of the key that is to be heeded now.
    fn limit(&self) -> Option<KnownLimit> {
        if self.settings.retry.heeds_limits() { self.throttle.limit(Instant::now()) } else { None }
    }

    /// How long to wait for the end of a limit, or `None` if the call is not to wait for it.
    fn wait_for_limit(&self, known: &KnownLimit, deadline: Instant) -> Option<Duration> {
        let now = Instant::now();
        let left = known.left(now);
        let wait = self.settings.retry.wait_for_limit(left, fastrand::u32(..))?;
        fit(wait, left, deadline.duration_since(now))
    }

    async fn attempt<E: Endpoint>(
        &self,
        prepared: &Prepared,
        attempt: u32,
        limit: Limit,
    ) -> Result<ReceivedOf<E>, Cause> {
        let expected = E::Response::STATUS;
        let max_error_body = self.settings.max_error_body;
        let redactor = self.credential.redactor();
        let request = prepared.request::<E>();
        let answer = exchange(&self.pool, request, redactor, expected, max_error_body, limit).await?;
        if answer.status() == expected {
            let request_id = answer.request_id().map(|id| bounded(id, MAX_CHARS));
            debug!(attempt, status = answer.status(), request_id = request_id.as_deref(), "answered");
        }
        answer.judge::<E::Response>(redactor, max_error_body, limit)
    }
}

/// The error of a call that was not sent.
fn refused<E: Endpoint>(known: KnownLimit, may_be_repeated: bool) -> Error {
    // In whole seconds, as a server would say it.
    let left =
        Duration::from_secs(known.left(Instant::now()).as_millis().div_ceil(1000).try_into().unwrap_or(u64::MAX));
    Error::new(E::OPERATION_ID, may_be_repeated, 0, Cause::Limited { response: known.into_response(), left })
}

/// A warning, since an error that is followed by a success is reported nowhere else.
fn trace_retry(error: &Error, wait: Duration) {
    let request_id = error.request_id().map(|id| bounded(id, MAX_CHARS));
    warn!(
        attempt = error.attempts(),
        status = error.status(),
        request_id = request_id.as_deref(),
        wait_ms = millis(wait),
        error = Traced::of(error).as_error(),
        "trying again"
    );
}

/// Not a warning, since the call that met the limit has warned of it.
fn trace_limit(attempts: u32, wait: Duration) {
    debug!(attempt = attempts, wait_ms = millis(wait), "waiting, since the key is limited");
}

/// Not a warning, since the caller gets the error.
fn trace_failure(error: &Error, what: &str) {
    let request_id = error.request_id().map(|id| bounded(id, MAX_CHARS));
    debug!(
        attempt = error.attempts(),
        status = error.status(),
        request_id = request_id.as_deref(),
        error = Traced::of(error).as_error(),
        "{what}"
    );
}

fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("credential", self.shared.credential.credential())
            .field("base_url", &self.shared.credential.redactor().redact_text(self.shared.base_url.as_str()))
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}
