//! The client, and how a call is made of attempts.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use freddy_types::headers::IDEMPOTENCY_KEY;
use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ConnectorId, Endpoint, NoContent, Paged, ReceivedPage, SuccessResponse};
use futures_util::stream::{Stream, TryStreamExt as _, iter, try_unfold};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Body, Method, Request, Url};
use tokio::time::{Instant, sleep, timeout_at};
use tracing::{Instrument, debug, info_span, warn};

use crate::base_url::BaseUrl;
use crate::build_error::BuildError;
use crate::builder::{CallSettings, ClientBuilder, Settings};
use crate::call::{Call, CallOptions};
use crate::credential::{Credential, CredentialHeaders, CredentialSource, ProviderError};
use crate::error::{Cause, Error, ErrorKind};
use crate::exchange::{Limit, end_of, exchange};
use crate::header::InvalidHeader;
use crate::hooks::{Attempt, RetryDecision};
use crate::metadata::{Metadata, Response};
use crate::retry::fit;
use crate::span::AttemptSpan;
use crate::throttle::{KnownLimit, Throttle};
use crate::trace::{MAX_CHARS, Traced, bounded};
use crate::transport::Transport;

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
    transport: Transport,
    throttle: Throttle,
    credential: CredentialSource,
    base_url: BaseUrl,
    settings: Settings,
}

impl Client {
    /// A client with the API key from the environment variable `FREDDY_API_KEY`, the base URL from `FREDDY_BASE_URL` where
    /// that is set, and the defaults for everything else.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::build`]. What is wrong with a variable is a [`BuildError::InvalidVariable`].
    pub fn from_env() -> Result<Self, BuildError> {
        Self::builder().api_key_from_env().base_url_from_env().build()
    }

    /// Settings to build a client from.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::new()
    }

    pub(crate) fn new(
        transport: Transport,
        credential: CredentialSource,
        base_url: BaseUrl,
        settings: Settings,
    ) -> Self {
        Self { shared: Arc::new(Shared { transport, throttle: Throttle::new(), credential, base_url, settings }) }
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
        self.call(request).send()
    }

    /// As [`send`](Self::send), and returns what was said beside the success as well: headers, request ID, rate limit.
    ///
    /// # Errors
    /// Those of [`send`](Self::send). [`Error::metadata`] has what was said beside a failure.
    pub fn send_with_metadata<E: Endpoint>(
        &self,
        request: &E,
    ) -> impl Future<Output = Result<Response<ReceivedOf<E>>, Error>> + Send + use<E> {
        self.call(request).with_metadata()
    }

    /// A call that may have options of its own: a deadline, a retry policy, headers, an idempotency key.
    pub fn call<'a, E: Endpoint>(&'a self, request: &'a E) -> Call<'a, E> {
        Call::new(self, request)
    }

    pub(crate) fn start<E: Endpoint>(
        &self,
        request: &E,
        options: &CallOptions,
    ) -> impl Future<Output = Result<Response<ReceivedOf<E>>, Error>> + Send + use<E> {
        let span = info_span!(
            "freddy call",
            operation = E::OPERATION_ID,
            method = E::METHOD.as_str(),
            path = E::PATH.as_str()
        );
        let prepared = self.shared.prepare(request, options);
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
    settings: CallSettings,
}

impl Prepared {
    fn request<E: Endpoint>(&self) -> Request {
        let mut request = Request::new(Method::from(E::METHOD), self.url.clone());
        request.headers_mut().clone_from(&self.headers);
        *request.body_mut() = self.body.clone().map(Body::from);
        request
    }

    /// How long to wait before the next attempt, or `None` if this error ends the call.
    fn next_wait(&self, error: &Error, deadline: Instant) -> Option<Duration> {
        // What cannot be sent now cannot be sent later.
        if error.kind() == ErrorKind::Request {
            return None;
        }
        let decision = self.settings.hooks.retry.as_ref().map(|decide| decide(error)).unwrap_or_default();
        let may_retry = match decision {
            RetryDecision::AsUsual => error.is_retryable(),
            RetryDecision::Retry => true,
            RetryDecision::GiveUp => false,
        };
        if !may_retry {
            return None;
        }
        let asked = error.retry_after().filter(|asked| !asked.is_zero());
        let wait = self.settings.retry.next_wait(error.attempts(), asked, fastrand::u32(..))?;
        fit(wait, asked.unwrap_or(wait), deadline.duration_since(Instant::now()))
    }

    /// How long to wait for the end of a limit, or `None` if the call is not to wait for it.
    fn wait_for_limit(&self, known: &KnownLimit, deadline: Instant) -> Option<Duration> {
        let now = Instant::now();
        let left = known.left(now);
        let wait = self.settings.retry.wait_for_limit(left, fastrand::u32(..))?;
        fit(wait, left, deadline.duration_since(now))
    }
}

impl Shared {
    fn prepare<E: Endpoint>(&self, request: &E, options: &CallOptions) -> Result<Prepared, &'static str> {
        if let Some(problem) = options.problem {
            return Err(problem);
        }
        let encoded = request.encode();
        let mut url = self.base_url.join(&encoded.path).ok_or("a path parameter is `.`, `..` or empty")?;
        if !encoded.query.is_empty() {
            url.set_query(Some(&encoded.query));
        }
        options.check_against(&encoded.headers).map_err(InvalidHeader::as_str)?;
        let mut headers = options.headers_over(&self.settings.headers);
        if encoded.body.is_some() {
            headers.insert(CONTENT_TYPE, const { HeaderValue::from_static(freddy_types::headers::JSON) });
        }
        let mut of_endpoint = HeaderMap::new();
        for (name, value) in encoded.headers {
            let name = HeaderName::try_from(name).map_err(|_| "a header's name is not one of HTTP")?;
            let value =
                HeaderValue::try_from(value).map_err(|_| "a header's value has a character that HTTP forbids")?;
            of_endpoint.append(name, value);
        }
        if let Some(key) = &options.idempotency_key {
            of_endpoint.insert(IDEMPOTENCY_KEY, key.clone());
        }
        let may_be_repeated = E::METHOD.is_idempotent() || of_endpoint.contains_key(IDEMPOTENCY_KEY);
        // What the endpoint declares counts instead of a default header.
        headers.extend(of_endpoint);
        if let CredentialSource::Fixed(credential) = &self.credential {
            credential.check_for(E::AUTH)?;
        }
        let settings = self.settings.with(options);
        Ok(Prepared { url, headers, body: encoded.body.map(Bytes::from), may_be_repeated, settings })
    }

    async fn call<E: Endpoint>(&self, prepared: &Prepared) -> Result<Response<ReceivedOf<E>>, Error> {
        let settings = &prepared.settings;
        let deadline = end_of(Instant::now(), settings.deadline);
        self.throttle.call(settings.retry.retry_budget(), Instant::now());
        let failed = |attempts, cause| Error::new(E::OPERATION_ID, prepared.may_be_repeated, attempts, cause);
        let ask = async |refused| {
            let end = end_of(Instant::now(), settings.attempt_timeout).min(deadline);
            self.credential_for::<E>(refused, end).await
        };
        let mut attempts = 0;
        let mut may_have_happened = false;
        let mut last: Option<Error> = None;
        // A credential that replaces a refused one, which happens once in a call.
        let mut fresh = None;
        let mut was_refused = false;
        loop {
            if let Some(known) = self.limit(settings) {
                match prepared.wait_for_limit(&known, deadline) {
                    Some(wait) => {
                        trace_limit(attempts, wait);
                        sleep(wait).await;
                        continue;
                    }
                    None => {
                        let error = last.unwrap_or_else(|| refused::<E>(known, prepared.may_be_repeated));
                        return Err(trace_failure(error, "failed, since the key is limited"));
                    }
                }
            }
            let credential = match fresh.take() {
                Some(credential) => credential,
                None => match ask(None).await {
                    Ok(credential) => credential,
                    Err(cause) => return Err(trace_failure(failed(attempts, cause), "failed")),
                },
            };
            attempts += 1;
            let limit = Limit::of_attempt(settings.attempt_timeout, deadline, settings.deadline);
            let error = match self.attempt::<E>(prepared, &credential, attempts, limit).await {
                Ok(response) => return Ok(response),
                Err((cause, metadata)) => {
                    // What cannot be sent was not sent.
                    let sent = attempts - u32::from(matches!(cause, Cause::Request(_)));
                    failed(sent, cause).with_metadata(metadata).after(may_have_happened)
                }
            };
            may_have_happened = error.may_have_happened();
            self.throttle.note(&error, Instant::now());
            // A refused request did nothing, so it may be sent again whatever it is, and whatever the policy says.
            if error.status() == Some(401) && !was_refused && self.credential.is_asked() {
                was_refused = true;
                let refused = credential.credential();
                match ask(Some(refused.clone())).await {
                    Ok(other) if other.credential() == refused => {}
                    Ok(other) => {
                        trace_retry(&error, Duration::ZERO);
                        fresh = Some(other);
                        last = Some(error);
                        continue;
                    }
                    Err(cause) => return Err(trace_failure(failed(attempts, cause), "failed")),
                }
            }
            let Some(wait) = prepared.next_wait(&error, deadline) else {
                return Err(trace_failure(error, "failed"));
            };
            if !self.throttle.may_retry(settings.retry.retry_budget(), Instant::now()) {
                return Err(trace_failure(error, "failed, since the budget of retries is used up"));
            }
            trace_retry(&error, wait);
            last = Some(error);
            sleep(wait).await;
        }
    }

    /// The limit of the key that is to be heeded now.
    fn limit(&self, settings: &CallSettings) -> Option<KnownLimit> {
        if settings.retry.heeds_limits() { self.throttle.limit(Instant::now()) } else { None }
    }

    /// The credential for the next attempt, which can be sent to the endpoint.
    async fn credential_for<E: Endpoint>(
        &self,
        refused: Option<Credential>,
        end: Instant,
    ) -> Result<Arc<CredentialHeaders>, Cause> {
        if E::AUTH.is_empty() && self.credential.is_asked() {
            return Ok(Arc::new(CredentialHeaders::none()));
        }
        let late = || ProviderError::from("the provider of the credential took too long");
        let credential = timeout_at(end, self.credential.headers(refused)).await;
        let credential = credential.unwrap_or_else(|_| Err(late())).map_err(Cause::Credential)?;
        credential.check_for(E::AUTH).map_err(Cause::Request)?;
        Ok(credential)
    }

    async fn attempt<E: Endpoint>(
        &self,
        prepared: &Prepared,
        credential: &CredentialHeaders,
        attempt: u32,
        limit: Limit,
    ) -> Result<Response<ReceivedOf<E>>, (Cause, Option<Metadata>)> {
        let span = AttemptSpan::new::<E>(&self.base_url, attempt);
        let mut request = prepared.request::<E>();
        if let Some((name, value)) = credential.accepted_by(E::AUTH) {
            request.headers_mut().insert(name, value);
        }
        if let Some(hook) = &prepared.settings.hooks.attempt {
            let mut attempt = Attempt { operation: E::OPERATION_ID, number: attempt, headers: request.headers_mut() };
            if let Err(problem) = span.in_scope(|| hook(&mut attempt)) {
                return Err((Cause::Request(problem.as_str()), None));
            }
        }
        let expected = E::Response::STATUS;
        let max_error_body = prepared.settings.max_error_body;
        let redactor = credential.redactor();
        let answer = exchange(&self.transport, E::OPERATION_ID, request, redactor, expected, max_error_body, limit);
        let answer = match answer.instrument(span.span()).await {
            Ok(answer) => answer,
            Err(cause) => {
                span.record_failure(&cause);
                return Err((cause, None));
            }
        };
        span.record_status(answer.status());
        if answer.status() == expected {
            let request_id = answer.request_id().map(|id| bounded(id, MAX_CHARS));
            debug!(attempt, status = answer.status(), request_id = request_id.as_deref(), "answered");
        }
        match answer.judge::<E::Response>(attempt, redactor, max_error_body, limit) {
            (Ok(body), metadata) => Ok(Response { body, metadata }),
            (Err(cause), metadata) => {
                span.record_failure(&cause);
                Err((cause, Some(metadata)))
            }
        }
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
fn trace_failure(error: Error, what: &str) -> Error {
    let request_id = error.request_id().map(|id| bounded(id, MAX_CHARS));
    debug!(
        attempt = error.attempts(),
        status = error.status(),
        request_id = request_id.as_deref(),
        error = Traced::of(&error).as_error(),
        "{what}"
    );
    error
}

fn millis(wait: Duration) -> u64 {
    u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("credential", &self.shared.credential)
            .field("base_url", &self.shared.credential.redact_text(self.shared.base_url.as_str()))
            .field("settings", &self.shared.settings)
            .finish_non_exhaustive()
    }
}
