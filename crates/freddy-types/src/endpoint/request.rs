//! A request on its way: written by the client, read by the server, described for the documentation.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::endpoint::headers::{self, HeaderLookup};
use crate::endpoint::path::{PathTemplate, Segment, percent_decode, percent_encode};
use crate::wire::fault::{At, Faults, Reason};
use crate::wire::read::{Wire, WireType, read_body};
use crate::wire::scalar::{HeaderScalar, Scalar};
use crate::wire::shape::Shape;
use crate::wire::tree::to_json;

/// A row of an endpoint's request, for the documentation.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Parameter {
    /// The name on the wire.
    pub name: &'static str,
    /// Where it stands.
    pub place: ParameterPlace,
    /// What it says, in Markdown.
    pub description: Cow<'static, str>,
    /// Whether it has to be given.
    pub presence: ParameterPresence,
    /// What it is.
    pub wire: WireType,
}

impl Parameter {
    /// What it is, as data.
    #[must_use]
    pub fn shape(&self) -> Shape {
        self.wire.shape()
    }
}

/// Where a parameter stands in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParameterPlace {
    /// A segment of the path.
    Path,
    /// The query.
    Query,
    /// A header.
    Header,
    /// The whole body, as JSON.
    Body,
}

/// Whether a parameter has to be given.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ParameterPresence {
    /// Once.
    Required,
    /// At most once.
    Optional,
    /// At most once; where it is not given, this is taken.
    Defaulted(Value),
    /// Any number of times.
    Repeated,
}

/// A request as a client sends it, but for the server and the credential.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodedRequest {
    /// The path, percent-encoded.
    pub path: String,
    /// The query, percent-encoded and without its `?`; empty where there is none.
    pub query: String,
    /// Names and values of the headers that the endpoint declares.
    pub headers: Vec<(&'static str, String)>,
    /// The body, as JSON.
    pub body: Option<Vec<u8>>,
}

impl EncodedRequest {
    /// Path and query, as they stand in a request line.
    #[must_use]
    pub fn target(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }

    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// A request as a server received it.
#[derive(Clone, Copy)]
pub struct IncomingRequest<'a> {
    path: &'a str,
    query: &'a str,
    headers: &'a dyn HeaderLookup,
    body: &'a [u8],
}

impl<'a> IncomingRequest<'a> {
    /// A request with this path, percent-encoded as it came and without a query.
    #[must_use]
    pub fn new(path: &'a str) -> Self {
        Self { path, query: "", headers: &(), body: b"" }
    }

    /// With this query, percent-encoded as it came and without its `?`.
    #[must_use]
    pub fn query(self, query: &'a str) -> Self {
        Self { query, ..self }
    }

    /// With these headers.
    #[must_use]
    pub fn headers(self, headers: &'a dyn HeaderLookup) -> Self {
        Self { headers, ..self }
    }

    /// With this body, whose size the caller has bounded.
    #[must_use]
    pub fn body(self, body: &'a [u8]) -> Self {
        Self { body, ..self }
    }
}

impl fmt::Debug for IncomingRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Headers hold credentials, and a body may hold anything.
        f.debug_struct("IncomingRequest").field("body_len", &self.body.len()).finish_non_exhaustive()
    }
}

/// A request is not one of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidRequest {
    /// The path is not the endpoint's.
    NoMatch,
    /// Something in it is not what it should be.
    Faults(Faults),
}

impl InvalidRequest {
    /// What is wrong with it, where the path is the endpoint's.
    #[must_use]
    pub fn faults(&self) -> Option<&Faults> {
        match self {
            Self::NoMatch => None,
            Self::Faults(faults) => Some(faults),
        }
    }
}

impl fmt::Display for InvalidRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMatch => f.write_str("the path is not the endpoint's"),
            Self::Faults(faults) => faults.fmt(f),
        }
    }
}

impl std::error::Error for InvalidRequest {}

/// Puts a request together.
#[doc(hidden)]
pub struct RequestWriter {
    template: PathTemplate,
    path: Vec<(&'static str, String)>,
    request: EncodedRequest,
}

impl RequestWriter {
    #[must_use]
    pub fn new(template: PathTemplate) -> Self {
        let request = EncodedRequest { path: String::new(), query: String::new(), headers: Vec::new(), body: None };
        Self { template, path: Vec::new(), request }
    }

    pub fn path<'t>(&mut self, name: &'static str, texts: impl Iterator<Item = Cow<'t, str>>) {
        self.path.extend(texts.map(|text| (name, text.into_owned())));
    }

    pub fn query<'t>(&mut self, name: &'static str, texts: impl Iterator<Item = Cow<'t, str>>) {
        for text in texts {
            if !self.request.query.is_empty() {
                self.request.query.push('&');
            }
            percent_encode(name, &mut self.request.query);
            self.request.query.push('=');
            percent_encode(&text, &mut self.request.query);
        }
    }

    pub fn header<'t>(&mut self, name: &'static str, texts: impl Iterator<Item = Cow<'t, str>>) {
        self.request.headers.extend(texts.map(|text| (name, text.into_owned())));
    }

    pub fn body<T: Wire>(&mut self, body: &T) {
        self.request.body = Some(to_json(body));
    }

    #[must_use]
    pub fn finish(mut self) -> EncodedRequest {
        let path = &mut self.request.path;
        path.reserve(self.template.as_str().len() + 32);
        for segment in self.template.segments() {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                Segment::Parameter(name) => {
                    // `PathTemplate::with_rows` found a row for every name.
                    let text = self.path.iter().find(|(row, _)| *row == name).map_or("", |(_, text)| text);
                    percent_encode(text, path);
                }
            }
        }
        self.request
    }
}

/// Takes a request apart, and notes what is wrong with it.
#[doc(hidden)]
pub struct RequestReader<'r> {
    request: IncomingRequest<'r>,
    path: Vec<(&'static str, &'r str)>,
    faults: Faults,
}

impl<'r> RequestReader<'r> {
    /// The reader of a request, if its path is one of the template.
    #[must_use]
    pub fn new(template: PathTemplate, request: &IncomingRequest<'r>) -> Option<Self> {
        let mut given = request.path.strip_prefix('/')?.split('/');
        let mut path = Vec::new();
        for segment in template.segments() {
            match (segment, given.next()?) {
                (Segment::Literal(literal), text) if literal == text => {}
                (Segment::Parameter(name), text) => path.push((name, text)),
                _ => return None,
            }
        }
        given.next().is_none().then(|| Self { request: *request, path, faults: Faults::default() })
    }

    pub fn path(&mut self, name: &'static str) -> Texts<'_> {
        let at = At::named("path.", name);
        let texts = self.path.iter().filter(|(row, _)| *row == name).map(|(_, text)| percent_decode(text)).collect();
        Texts { at, texts, faults: &mut self.faults }
    }

    pub fn query(&mut self, name: &'static str) -> Texts<'_> {
        let pairs = self.request.query.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let texts = pairs
            .filter(|(key, _)| form_decode(key).is_some_and(|key| key == name))
            .map(|(_, value)| form_decode(value))
            .collect();
        Texts { at: At::named("query.", name), texts, faults: &mut self.faults }
    }

    pub fn header<T: HeaderScalar>(&mut self, name: &'static str) -> Texts<'_> {
        let value = self.request.headers.value_of(name);
        let texts = value.map(|value| str::from_utf8(value).ok().map(|text| text.trim().into())).into_iter().collect();
        Texts { at: At::named("header ", name), texts, faults: &mut self.faults }
    }

    pub fn body<T: Wire>(&mut self) -> Option<T> {
        let content_type = self.request.headers.value_of(headers::CONTENT_TYPE);
        if content_type.is_some_and(|value| !is_json(value)) {
            let at = At::named("header ", headers::CONTENT_TYPE);
            self.faults.add(&at, Reason::not_a("`application/json`"));
            return None;
        }
        read_body(self.request.body, &mut self.faults)
    }

    /// The request, if nothing is wrong with it.
    ///
    /// # Errors
    /// What is.
    pub fn finish<E>(self, request: Option<E>) -> Result<E, InvalidRequest> {
        self.into_result(request).map_err(InvalidRequest::Faults)
    }

    /// What was read, if nothing is wrong with it.
    ///
    /// # Errors
    /// What is.
    pub fn into_result<T>(self, read: Option<T>) -> Result<T, Faults> {
        read.filter(|_| self.faults.is_empty()).ok_or(self.faults)
    }
}

/// A reader of headers alone.
#[doc(hidden)]
#[must_use]
pub fn header_reader<'r>(headers: &'r dyn HeaderLookup) -> RequestReader<'r> {
    let request = IncomingRequest::new("").headers(headers);
    RequestReader { request, path: Vec::new(), faults: Faults::default() }
}

fn is_json(content_type: &[u8]) -> bool {
    let essence = content_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    essence.eq_ignore_ascii_case(headers::JSON.as_bytes())
}

/// A name or a value of a query, in which `+` is a space, as forms write it.
fn form_decode(text: &str) -> Option<Cow<'_, str>> {
    if text.contains('+') {
        let spaced = text.replace('+', " ");
        percent_decode(&spaced).map(|text| Cow::Owned(text.into_owned()))
    } else {
        percent_decode(text)
    }
}

/// The texts that a parameter was given, `None` for one that is no text.
#[doc(hidden)]
pub struct Texts<'r> {
    at: At<'static>,
    texts: Vec<Option<Cow<'r, str>>>,
    faults: &'r mut Faults,
}

impl Texts<'_> {
    fn read<T: Scalar>(text: Option<Cow<'_, str>>, at: &At<'_>, faults: &mut Faults) -> Option<T> {
        let read = match text {
            Some(text) => T::from_text(&text),
            None => Err(Reason::not_a("percent-encoded UTF-8")),
        };
        read.map_err(|reason| faults.add(at, reason)).ok()
    }

    pub fn optional<T: Scalar>(self) -> Option<Option<T>> {
        let Self { at, texts, faults } = self;
        let mut texts = texts.into_iter();
        let first = texts.next();
        if texts.next().is_some() {
            faults.add(&at, Reason::twice());
            return None;
        }
        match first {
            Some(text) => Self::read(text, &at, faults).map(Some),
            None => Some(None),
        }
    }

    pub fn required<T: Scalar>(self) -> Option<T> {
        if self.texts.is_empty() {
            self.faults.add(&self.at, Reason::missing());
            return None;
        }
        self.optional().flatten()
    }

    pub fn defaulted<T: Scalar>(self, default: T) -> Option<T> {
        self.optional().map(|given| given.unwrap_or(default))
    }

    pub fn repeated<T: Scalar>(self) -> Option<Vec<T>> {
        let Self { at, texts, faults } = self;
        // All of them are read, so that every fault is found.
        let read: Vec<_> = texts.into_iter().map(|text| Self::read(text, &at, faults)).collect();
        read.into_iter().collect()
    }
}

/// What stands in the query of a default, as JSON.
#[doc(hidden)]
#[must_use]
#[expect(clippy::expect_used, reason = "wire types are strings, numbers, lists and maps with string keys")]
pub(crate) fn default_value<T: Wire>(value: &T) -> Value {
    serde_json::to_value(value).expect("a wire type is JSON")
}
