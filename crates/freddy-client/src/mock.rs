//! Answers without a server (feature `mock`), for the tests of programs that use the client.
//!
//! ```
//! use freddy_client::Client;
//! use freddy_client::freddy_types::personal_connectors::DisconnectConnector;
//! use freddy_client::freddy_types::{ErrorCode, Failure, NoContent, connector_id};
//! use freddy_client::mock::Fault;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), freddy_client::Error> {
//! let (client, mock) = Client::mock();
//! // The first attempt finds no connection, and is tried again.
//! mock.on::<DisconnectConnector>().fault(Fault::Connect).answer(NoContent).fail(Failure::Forbidden);
//!
//! client.disconnect_connector(&connector_id!("pcon_1")).await?;
//! let error = client.disconnect_connector(&connector_id!("pcon_2")).await.unwrap_err();
//! assert_eq!(error.code(), Some(ErrorCode::Forbidden));
//!
//! let ids: Vec<_> = mock.requests::<DisconnectConnector>().into_iter().map(|request| request.connector_id).collect();
//! assert_eq!(ids, ["pcon_1", "pcon_1", "pcon_2"]);
//! mock.assert_all_used();
//! # Ok(())
//! # }
//! ```
//!
//! Only the connection is replaced. Requests are encoded, and read as a server reads them; answers are made of the
//! contract's own values, encoded as a server does, and decoded; retries, hooks and deadlines are those of the client. So what
//! no server could answer cannot be mocked by accident, but only with a [`RawAnswer`].

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::fmt;
use std::future::ready;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use freddy_types::headers::X_REQUEST_ID;
use freddy_types::{ApiError, Endpoint, Failure, IncomingRequest, SuccessResponse, TraceId};
use http_body_util::{BodyExt as _, Full};
use reqwest::dns::{Name, Resolve, Resolving};
use reqwest::header::HeaderMap;
use reqwest::{Body, Request};

use crate::client::Client;
use crate::retry::RetryPolicy;
use crate::transport::SendFault;

/// What a client without a server answers, and what it was asked. Clones are the same mock.
#[derive(Clone)]
pub struct Mock {
    plan: Arc<Plan>,
}

/// The answers to the calls of an endpoint. Each is given once, in the order of planning.
pub struct On<'m, E> {
    mock: &'m Mock,
    endpoint: PhantomData<fn() -> E>,
}

/// What happens instead of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// There is no connection. The call sees an [`ErrorKind::Transport`](crate::ErrorKind::Transport).
    Connect,
    /// The connection breaks before the answer. The call sees an [`ErrorKind::Transport`](crate::ErrorKind::Transport).
    Reset,
    /// The timeout of the attempt has passed. The call sees an [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) at once:
    /// no time passes.
    Timeout,
}

/// An answer of a server that does not keep to the contract, or of something in between.
#[derive(Clone, Debug)]
pub struct RawAnswer {
    response: http::Response<Bytes>,
    breaks_off: bool,
}

impl RawAnswer {
    /// An answer with this status, without headers and with an empty body.
    ///
    /// # Panics
    /// If the status is not from 100 to 999.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot be meant fails")]
    pub fn new(status: u16) -> Self {
        let mut response = http::Response::new(Bytes::new());
        *response.status_mut() = http::StatusCode::from_u16(status).expect("a status is from 100 to 999");
        Self { response, breaks_off: false }
    }

    /// With this header, beside others of the same name.
    ///
    /// # Panics
    /// If the name or the value is not one of HTTP.
    #[must_use]
    #[expect(clippy::expect_used, reason = "a test that cannot be meant fails")]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let name = http::HeaderName::try_from(name).expect("a header has a name of HTTP");
        let value = http::HeaderValue::try_from(value).expect("a header has a value of HTTP");
        self.response.headers_mut().append(name, value);
        self
    }

    /// With this body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        *self.response.body_mut() = body.into().into();
        self
    }

    /// The connection breaks after the body, before the answer is complete.
    #[must_use]
    pub fn then_break_off(mut self) -> Self {
        self.breaks_off = true;
        self
    }

    fn of(response: http::Response<Vec<u8>>) -> Self {
        Self { response: response.map(Bytes::from), breaks_off: false }
    }
}

/// A request as it was sent.
#[derive(Clone)]
pub struct SentRequest {
    operation: &'static str,
    method: http::Method,
    path: Box<str>,
    query: Box<str>,
    headers: HeaderMap,
    body: Bytes,
}

impl SentRequest {
    /// The name of the operation.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.operation
    }

    /// The method, such as `DELETE`.
    #[must_use]
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The path, percent-encoded and without that of the base URL.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The query, percent-encoded and without its `?`; empty where there is none.
    #[must_use]
    pub fn query(&self) -> &str {
        &self.query
    }

    /// The headers, with the credential.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The value of a header, where it has it and it is text.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body, empty where there is none.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    fn incoming(&self) -> IncomingRequest<'_> {
        IncomingRequest::new(&self.path).query(&self.query).headers(&self.headers).body(&self.body)
    }
}

impl fmt::Debug for SentRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Without the query and the body, which may hold anything. The credential is marked as sensitive.
        f.debug_struct("SentRequest")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .field("path", &self.path)
            .field("headers", &self.headers)
            .finish_non_exhaustive()
    }
}

impl Client {
    /// A client without a server, and what it answers. It has a key, the default settings, and no waits between attempts.
    /// [`ClientBuilder::build_mock`](crate::ClientBuilder::build_mock) makes one with other settings.
    ///
    /// # Panics
    /// Never: the default settings can be used.
    #[must_use]
    #[expect(clippy::expect_used, reason = "the default settings can be used")]
    pub fn mock() -> (Self, Mock) {
        let retry = RetryPolicy::new().initial_backoff(std::time::Duration::ZERO);
        Self::builder().retry(retry).build_mock().expect("the default settings can be used")
    }
}

impl Mock {
    pub(crate) fn new(prefix: &str) -> Self {
        Self { plan: Arc::new(Plan { prefix: prefix.into(), state: Mutex::default() }) }
    }

    pub(crate) fn plan(&self) -> Arc<Plan> {
        Arc::clone(&self.plan)
    }

    /// Plans what the calls of an endpoint are answered. A call without an answer left is an
    /// [`ErrorKind::Request`](crate::ErrorKind::Request) that names the operation, and is not tried again.
    #[must_use]
    pub fn on<E: Endpoint>(&self) -> On<'_, E> {
        On { mock: self, endpoint: PhantomData }
    }

    /// The requests of an endpoint, as a server reads them, one for each attempt, in the order in which they were sent.
    #[must_use]
    pub fn requests<E: Endpoint>(&self) -> Vec<E> {
        let state = self.plan.lock();
        let sent = state.sent.iter().filter(|request| request.operation == E::OPERATION_ID);
        sent.filter_map(|request| E::decode(&request.incoming()).ok()).collect()
    }

    /// The requests of all endpoints, one for each attempt, in the order in which they were sent.
    #[must_use]
    pub fn sent(&self) -> Vec<SentRequest> {
        self.plan.lock().sent.clone()
    }

    /// The operations that have answers left, with the number of them, sorted by name. Repeated answers do not count.
    #[must_use]
    pub fn unused(&self) -> Vec<(&'static str, usize)> {
        let state = self.plan.lock();
        let counts = state.operations.iter().map(|(name, operation)| (*name, operation.next.len()));
        let mut unused: Vec<_> = counts.filter(|(_, count)| *count > 0).collect();
        unused.sort_unstable();
        unused
    }

    /// Checks that every answer was given.
    ///
    /// # Panics
    /// If there are [`unused`](Self::unused) ones.
    pub fn assert_all_used(&self) {
        let unused = self.unused();
        assert!(unused.is_empty(), "answers that no call got: {unused:?}");
    }
}

impl fmt::Debug for Mock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mock").field("unused", &self.unused()).field("sent", &self.plan.lock().sent).finish()
    }
}

#[expect(clippy::must_use_candidate, reason = "what is planned is planned")]
impl<E: Endpoint> On<'_, E> {
    /// A success, as a server sends it, with an `X-Request-Id`.
    #[expect(clippy::needless_pass_by_value, reason = "an answer is given once")]
    pub fn answer(self, success: E::Response) -> Self {
        let answer = RawAnswer::of(success.encode().into()).header(X_REQUEST_ID, self.next_id().as_str());
        self.raw(answer)
    }

    /// A failure with its documented body and headers, at the time of planning.
    pub fn fail(self, failure: impl Into<Failure>) -> Self {
        let error = ApiError::new(failure.into(), self.next_id(), jiff::Timestamp::now());
        self.raw(RawAnswer::of(error.into()))
    }

    /// An answer outside the contract, exactly as it is.
    pub fn raw(self, answer: RawAnswer) -> Self {
        self.plan(Planned::Answer(answer))
    }

    /// No answer.
    pub fn fault(self, fault: Fault) -> Self {
        self.plan(Planned::Fault(fault))
    }

    /// The last one is given again and again, once the others are used.
    ///
    /// # Panics
    /// If nothing is planned that it could repeat.
    #[expect(clippy::expect_used, reason = "a test that cannot be meant fails")]
    pub fn repeat(self) -> Self {
        {
            let mut state = self.mock.plan.lock();
            let operation = state.operations.get_mut(E::OPERATION_ID);
            let operation = operation.expect("something is planned that is repeated");
            operation.repeated = Some(operation.next.pop_back().expect("something is planned that is repeated"));
        }
        self
    }

    fn next_id(&self) -> TraceId {
        let mut state = self.mock.plan.lock();
        state.ids += 1;
        TraceId::from_bits(state.ids.into())
    }

    fn plan(self, planned: Planned) -> Self {
        let mut state = self.mock.plan.lock();
        let operation = state.operations.entry(E::OPERATION_ID).or_insert_with(|| Operation {
            is_readable: |request| E::decode(&request.incoming()).is_ok(),
            next: VecDeque::new(),
            repeated: None,
        });
        operation.next.push_back(planned);
        drop(state);
        self
    }
}

impl<E> fmt::Debug for On<'_, E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("On").field(self.mock).finish()
    }
}

/// What is planned for all calls, and what they were.
pub(crate) struct Plan {
    /// The path of the base URL.
    prefix: Box<str>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    operations: HashMap<&'static str, Operation>,
    sent: Vec<SentRequest>,
    ids: u64,
}

struct Operation {
    is_readable: fn(&SentRequest) -> bool,
    next: VecDeque<Planned>,
    repeated: Option<Planned>,
}

#[derive(Clone)]
pub(crate) enum Planned {
    Answer(RawAnswer),
    Fault(Fault),
}

impl Plan {
    fn lock(&self) -> MutexGuard<'_, State> {
        // A test that failed meanwhile leaves nothing half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happens to this request.
    pub(crate) fn take(&self, operation: &'static str, request: &Request) -> Result<Planned, SendFault> {
        let unplanned = Err(SendFault::Unplanned("the mock has no answer for this call"));
        let path = request.url().path();
        let sent = SentRequest {
            operation,
            method: request.method().clone(),
            path: path.strip_prefix(&*self.prefix).unwrap_or(path).into(),
            query: request.url().query().unwrap_or_default().into(),
            headers: request.headers().clone(),
            body: Bytes::copy_from_slice(request.body().and_then(Body::as_bytes).unwrap_or_default()),
        };
        let mut state = self.lock();
        let Some(planned) = state.operations.get_mut(operation) else { return unplanned };
        if !(planned.is_readable)(&sent) {
            return Err(SendFault::Unplanned("no server could read the request"));
        }
        let Some(answer) = planned.next.pop_front().or_else(|| planned.repeated.clone()) else { return unplanned };
        state.sent.push(sent);
        Ok(answer)
    }
}

impl Planned {
    pub(crate) async fn happen(self) -> Result<reqwest::Response, SendFault> {
        match self {
            Self::Answer(RawAnswer { response, breaks_off: false }) => Ok(response.map(Body::from).into()),
            Self::Answer(RawAnswer { response, breaks_off: true }) => Ok(response.map(broken_body).into()),
            Self::Fault(Fault::Connect) => Err(SendFault::Http(no_connection().await)),
            Self::Fault(Fault::Reset) => Err(SendFault::Http(broken_connection().await)),
            Self::Fault(Fault::Timeout) => Err(SendFault::Timeout),
        }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

fn broken_body(body: Bytes) -> Body {
    let whole = Full::new(body).map_err(|never: Infallible| -> BoxError { match never {} });
    Body::wrap(whole.with_trailers(ready(Some(Err("the mock broke the connection".into())))))
}

/// Resolves no name, so that nothing leaves the process.
struct NoHost;

impl Resolve for NoHost {
    fn resolve(&self, _: Name) -> Resolving {
        Box::pin(ready(Err("the mock has no connection".into())))
    }
}

/// An error as reqwest makes it, since it cannot be made otherwise.
async fn no_connection() -> reqwest::Error {
    let http = reqwest::Client::builder().no_proxy().dns_resolver(NoHost);
    // Without reading those of the system, which this has no use for.
    #[cfg(feature = "rustls")]
    let http = http.tls_certs_only([]);
    let http = match http.build() {
        Ok(http) => http,
        Err(error) => return error,
    };
    match http.get("http://mock.invalid/").send().await {
        Err(error) => error.without_url(),
        Ok(_) => broken_connection().await,
    }
}

#[expect(clippy::expect_used, reason = "the body is made to fail")]
async fn broken_connection() -> reqwest::Error {
    let response = reqwest::Response::from(http::Response::new(broken_body(Bytes::new())));
    response.bytes().await.expect_err("the body breaks off")
}
