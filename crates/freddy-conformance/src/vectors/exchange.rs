//! Exchanges: a state, a request, and the answers that are allowed.

mod credentials;
mod http;
mod particular;
mod paths;

use freddy_types::{
    ApiError, AuthScheme, EncodedRequest, Endpoint, ErrorCode, IncomingRequest, InvalidRequest, Method, ParameterPlace,
    ParameterPresence, SuccessResponse, headers,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bytes::Bytes;
use super::{Case, Level, grouped};

/// Who may call, and what they have.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct State {
    /// The keys.
    pub keys: Vec<Key>,
    /// The connectors. There are no others.
    pub connectors: Vec<Connector>,
}

/// A key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Key {
    /// The key itself.
    pub key: String,
    /// Whose it is.
    pub owner: String,
    /// Whether it is valid. One that is not was revoked, or has expired.
    pub valid: bool,
}

/// A connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Connector {
    /// Its ID.
    pub id: String,
    /// Whose it is.
    pub owner: String,
    /// Whether it is disconnected already.
    pub disconnected: bool,
}

/// A request, and the answers that are allowed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Exchange {
    /// Its name, why it is so, and how much it matters.
    #[serde(flatten)]
    pub case: Case,
    /// What is sent.
    pub request: Request,
    /// What may be answered.
    pub answers: Vec<Answer>,
    /// Whether HTTP allows the request, and it is not too large. The first layers of a server answer others, without ID and
    /// envelope.
    #[serde(default = "yes", skip_serializing_if = "Clone::clone")]
    pub is_http: bool,
    /// Whether the server may close the connection and answer nothing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub may_close: bool,
    /// The connectors that are disconnected afterwards and were not before. Nothing else has changed.
    pub disconnects: Vec<String>,
    /// Where the reference says so.
    pub reference: String,
}

fn yes() -> bool {
    true
}

/// A request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Request {
    /// One as HTTP wants it. `Host` and the length of the body are not listed.
    Message {
        /// The method.
        method: String,
        /// Path and query.
        target: String,
        /// Names and values, in their order.
        headers: Vec<(String, String)>,
        /// The body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Bytes>,
    },
    /// The bytes.
    Bytes {
        /// From the first to the last.
        bytes: Bytes,
    },
}

/// An answer that is allowed. The laws of every answer go without saying.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The code of the error, where it has to be an error of the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Headers that it has to have, beside `X-Request-Id`. Of `Content-Type` the media type counts, and of
    /// `WWW-Authenticate` the schemes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<(String, String)>,
    /// The schema of its body in `openapi/`. Without one there is no body, or its form is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
}

pub(crate) const ENVELOPE: &str = "schemas/error-envelope.open.json";

impl Answer {
    /// The error with this code.
    fn error(code: ErrorCode) -> Self {
        // What differs from one error to the next is left out.
        let example = ApiError::example(code);
        let fixed = |name: &str| [headers::CONTENT_TYPE, headers::WWW_AUTHENTICATE].contains(&name);
        let headers = example.headers().filter(|(name, _)| fixed(name));
        let headers = headers.map(|(name, value)| (name.to_owned(), value.into_owned())).collect();
        let schema = Some(ENVELOPE.to_owned());
        Self { status: code.status(), code: Some(code.as_str().to_owned()), headers, schema }
    }

    /// An error with any code, for a status of HTTP that the contract has no code for.
    fn other_error(status: u16) -> Self {
        let headers = vec![(headers::CONTENT_TYPE.to_owned(), headers::JSON.to_owned())];
        Self { status, code: None, headers, schema: Some(ENVELOPE.to_owned()) }
    }

    /// One of which nothing but the status counts.
    fn status(status: u16) -> Self {
        Self { status, code: None, headers: Vec::new(), schema: None }
    }
}

/// What stands for a key or a connector of the state, and is replaced by those of a server under test.
pub(crate) mod names {
    /// The key of the caller.
    pub(crate) const KEY: &str = "sk_alice";
    /// The same without its last character.
    pub(crate) const CUT_KEY: &str = "sk_alic";
    /// The key of somebody else.
    pub(crate) const ELSES_KEY: &str = "sk_bob";
    /// A key of the caller that was revoked.
    pub(crate) const REVOKED_KEY: &str = "sk_revoked";
    /// A connector of the caller's.
    pub(crate) const OWN: &str = "pcon_own";
    /// One that is disconnected already.
    pub(crate) const DONE: &str = "pcon_done";
    /// One of somebody else's.
    pub(crate) const ELSES: &str = "pcon_bob";
    /// One of somebody else's that is disconnected already.
    pub(crate) const ELSES_DONE: &str = "pcon_gone";
    /// One that does not exist.
    pub(crate) const UNKNOWN: &str = "pcon_unknown";
    /// All of them, one that begins with another one before that.
    #[cfg(feature = "runner")]
    pub(crate) const ALL: [&str; 9] = [KEY, CUT_KEY, ELSES_KEY, REVOKED_KEY, OWN, DONE, ELSES, ELSES_DONE, UNKNOWN];
}

/// What each exchange begins with.
#[must_use]
pub fn state() -> State {
    let key = |key: &str, owner: &str, valid| Key { key: key.to_owned(), owner: owner.to_owned(), valid };
    let connector =
        |id: &str, owner: &str, disconnected| Connector { id: id.to_owned(), owner: owner.to_owned(), disconnected };
    State {
        keys: vec![
            key(names::KEY, "alice", true),
            key(names::ELSES_KEY, "bob", true),
            key(names::REVOKED_KEY, "alice", false),
        ],
        connectors: vec![
            connector(names::OWN, "alice", false),
            connector(names::DONE, "alice", true),
            connector(names::ELSES, "bob", false),
            connector(names::ELSES_DONE, "bob", true),
        ],
    }
}

/// Every exchange of the contract.
#[must_use]
pub fn cases() -> Vec<Exchange> {
    let target = particular::target();
    let particular = grouped([("ownership", particular::exchanges(&target))], |exchange| &mut exchange.case);
    [particular, target.exchanges()].concat().into_iter().map(aimed).collect()
}

/// Aims a refusal at a connector that is not disconnected yet: whether it does something after all shows at no other.
fn aimed(mut exchange: Exchange) -> Exchange {
    // What many servers take all the same would use up one connector after the other; a rare method they refuse.
    let is_often_taken = exchange.case.level == Level::May && exchange.case.group != "paths";
    if !is_often_taken && exchange.answers.iter().all(|answer| answer.status >= 400) {
        match &mut exchange.request {
            Request::Message { target, .. } => *target = target.replace(names::DONE, names::OWN),
            Request::Bytes { bytes } => bytes.replace(names::DONE, names::OWN),
        }
    }
    exchange
}

/// The endpoint of the contract.
#[cfg(feature = "runner")]
pub(crate) fn contract_target() -> Target {
    particular::target()
}

/// An endpoint, and a request to it that succeeds however often it is sent. From its declaration follow the exchanges that
/// every endpoint has.
#[derive(Clone, Debug)]
pub struct Target {
    operation_id: &'static str,
    pub(crate) method: Method,
    pub(crate) request: EncodedRequest,
    pub(crate) auth: &'static [AuthScheme],
    pub(crate) success: Answer,
    pub(crate) reference: String,
    template: &'static str,
    /// The methods and templates of the API's other endpoints.
    others: Vec<(Method, &'static str)>,
    malformed: Vec<Malformed>,
}

/// A request that is not one of the endpoint.
#[derive(Clone, Debug)]
struct Malformed {
    name: String,
    why: String,
    request: EncodedRequest,
    codes: Vec<ErrorCode>,
    /// A status of HTTP that says the same.
    or: Option<u16>,
}

impl Target {
    /// The endpoint of a request that succeeds however often it is sent.
    #[must_use]
    pub fn of<E: Endpoint>(request: &E) -> Self {
        let encoded = request.encode();
        let success = Answer::status(<E::Response as SuccessResponse>::STATUS);
        Self {
            operation_id: E::OPERATION_ID,
            method: E::METHOD,
            auth: E::AUTH,
            success,
            reference: anchor(E::SUMMARY),
            template: E::PATH.as_str(),
            others: Vec::new(),
            malformed: paths::malformed::<E>(&encoded).into_iter().chain(incomplete::<E>(&encoded)).collect(),
            request: encoded,
        }
    }

    /// The name of the operation.
    #[must_use]
    pub fn operation_id(&self) -> &'static str {
        self.operation_id
    }

    /// The endpoints of one API: what is a wrong method or an unknown path for one of them may be right for another.
    #[must_use]
    pub fn of_one_api(mut targets: Vec<Self>) -> Vec<Self> {
        let all: Vec<_> = targets.iter().map(|target| (target.method, target.template)).collect();
        for target in &mut targets {
            target.others.clone_from(&all);
        }
        targets
    }

    /// Whether a path is that of an endpoint of the API.
    fn is_known(&self, path: &str) -> bool {
        let templates = self.others.iter().map(|(_, template)| *template).chain([self.template]);
        templates.into_iter().any(|template| {
            let (path, template) = (path.split('/'), template.split('/'));
            path.clone().count() == template.clone().count()
                && path
                    .zip(template)
                    .all(|(text, segment)| text == segment || (segment.starts_with('{') && !text.is_empty()))
        })
    }

    /// Whether the path takes a method.
    fn takes(&self, method: &str) -> bool {
        let at_path = self.others.iter().filter(|(_, template)| *template == self.template);
        at_path.map(|(method, _)| *method).chain([self.method]).any(|taken| taken.as_str() == method)
    }

    /// The exchanges that follow from the declaration of the endpoint.
    #[must_use]
    pub fn exchanges(&self) -> Vec<Exchange> {
        let malformed = self.malformed.iter().map(|malformed| {
            let codes = malformed.codes.iter().copied().map(Answer::error);
            let answers = codes.chain(malformed.or.map(Answer::other_error)).collect();
            let case = Case::new(Level::Must, &malformed.name, &malformed.why);
            let reference = reference_of(ErrorCode::ValidationError);
            self.exchange(case, self.message(&malformed.request), answers).see(reference)
        });
        let groups = [
            ("credentials", credentials::exchanges(self)),
            ("values", malformed.collect()),
            ("paths", [paths::unknown(self), paths::methods(self)].concat()),
            ("http", http::exchanges(self)),
        ];
        grouped(groups, |exchange| &mut exchange.case)
    }

    fn exchange(&self, case: Case, request: Request, answers: Vec<Answer>) -> Exchange {
        let reference = self.reference.clone();
        Exchange { case, request, answers, is_http: true, may_close: false, disconnects: Vec::new(), reference }
    }

    /// A request with the caller's key.
    fn message(&self, request: &EncodedRequest) -> Request {
        self.message_with(self.method.as_str(), &request.target(), self.credential(), request)
    }

    /// The caller's key, in the preferred way.
    fn credential(&self) -> Option<(String, String)> {
        self.auth.first().map(|scheme| with_key(*scheme, names::KEY))
    }

    fn message_with(
        &self,
        method: &str,
        target: &str,
        credentials: impl IntoIterator<Item = (String, String)>,
        request: &EncodedRequest,
    ) -> Request {
        let own = request.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let body = request.body.as_ref().map(Bytes::new);
        let headers = credentials.into_iter().chain(own).collect();
        Request::Message { method: method.to_owned(), target: target.to_owned(), headers, body }
    }
}

impl Exchange {
    fn see(self, reference: String) -> Self {
        Self { reference, ..self }
    }

    /// Whether the request has a name of the state.
    #[cfg(feature = "runner")]
    pub(crate) fn names(&self, name: &str) -> bool {
        match &self.request {
            Request::Message { target, headers, .. } => {
                target.contains(name) || headers.iter().any(|(_, value)| value.contains(name))
            }
            Request::Bytes { bytes } => {
                bytes.to_vec().is_ok_and(|bytes| bytes.windows(name.len()).any(|text| text == name.as_bytes()))
            }
        }
    }

    fn or_closed(self) -> Self {
        Self { may_close: true, ..self }
    }
}

fn changed(request: &EncodedRequest, change: impl FnOnce(&mut EncodedRequest)) -> EncodedRequest {
    let mut request = request.clone();
    change(&mut request);
    request
}

fn with_key(scheme: AuthScheme, key: &str) -> (String, String) {
    (scheme.header().to_owned(), format!("{}{key}", scheme.prefix()))
}

/// The heading of the reference, as the part of a link after `#`.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

/// Where the reference has the response with a code.
pub(crate) fn reference_of(code: ErrorCode) -> String {
    if code.is_documented() { anchor(&format!("{} {}", code.status(), code.heading())) } else { anchor("Error codes") }
}

/// Whether a server has to refuse a request, and with which code.
fn refusal<E: Endpoint>(request: &EncodedRequest) -> Option<ErrorCode> {
    let incoming = IncomingRequest::new(&request.path).query(&request.query).headers(&request.headers);
    match E::decode(&incoming.body(request.body.as_deref().unwrap_or_default())) {
        Ok(_) => None,
        Err(InvalidRequest::NoMatch) => Some(ErrorCode::NotFound),
        Err(_) => Some(ErrorCode::ValidationError),
    }
}

/// The request without each of its parts that has to be there, and with a body that is none.
fn incomplete<E: Endpoint>(valid: &EncodedRequest) -> Vec<Malformed> {
    let mut requests = Vec::new();
    for parameter in E::parameters() {
        let name = parameter.name;
        let is_required = parameter.presence == ParameterPresence::Required;
        match parameter.place {
            ParameterPlace::Header if is_required => {
                let request = changed(valid, |request| request.headers.retain(|(header, _)| *header != name));
                requests.push((
                    format!("missing-header-{}", anchor(name)),
                    "A required header has to be there.",
                    request,
                ));
            }
            ParameterPlace::Query if is_required => {
                let kept = valid.query.split('&').filter(|pair| pair.split('=').next() != Some(name));
                let request = changed(valid, |request| request.query = kept.collect::<Vec<_>>().join("&"));
                requests.push((
                    format!("missing-query-{}", anchor(name)),
                    "A required parameter has to be there.",
                    request,
                ));
            }
            ParameterPlace::Body => {
                for (name, why, body) in [
                    ("body-not-json", "A body that is not JSON is refused, and not by the framework's own text.", "{"),
                    ("body-null", "A body that is null says nothing.", "null"),
                    ("body-list", "A list is no object.", "[]"),
                ] {
                    requests.push((name.to_owned(), why, changed(valid, |request| request.body = Some(body.into()))));
                }
            }
            _ => {}
        }
    }
    let refused = requests.into_iter().filter_map(|(name, why, request)| {
        let codes = vec![refusal::<E>(&request)?];
        Some(Malformed { name, why: why.to_owned(), request, codes, or: None })
    });
    refused.collect()
}
