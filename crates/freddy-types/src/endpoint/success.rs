//! The answers to requests that succeeded.

use std::fmt;

use serde::Serialize;

use crate::endpoint::Endpoint;
use crate::endpoint::headers::{self, HeaderLookup};
use crate::endpoint::request::{Parameter, ParameterPresence, header_reader};
use crate::endpoint::rows::parameter;
use crate::identifier;
use crate::wire::read::{Wire, WireType};
use crate::wire::tree::to_json;

/// The answer to a request that succeeded: what a server sends, and what a client reads of it.
pub trait SuccessResponse: Sized + Send + 'static {
    /// What a client reads.
    type Received: Clone + fmt::Debug + PartialEq + Send + 'static;

    /// The HTTP status, the only one that is a success.
    const STATUS: u16;
    /// The heading under which the documentation lists the response.
    const HEADING: &'static str;

    /// The headers that it has beside those of every response, a row each.
    #[must_use]
    fn headers() -> Vec<Parameter> {
        Vec::new()
    }
    /// What the body is, `None` where there is none.
    fn body() -> Option<WireType>;

    /// The response to send.
    fn encode(&self) -> EncodedResponse;

    /// Reads a response with [`STATUS`](Self::STATUS).
    ///
    /// # Errors
    /// It is not the documented one.
    fn decode(headers: &dyn HeaderLookup, body: &[u8]) -> Result<Self::Received, UnexpectedBody>;
}

/// A success as a server sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct EncodedResponse {
    /// The HTTP status.
    pub status: u16,
    /// Names and values of the headers.
    pub headers: Vec<(&'static str, String)>,
    /// The body, empty where there is none.
    pub body: Vec<u8>,
}

impl EncodedResponse {
    pub(crate) fn json(status: u16, body: &impl Serialize) -> Self {
        let body = to_json(body);
        Self { status, headers: vec![(headers::CONTENT_TYPE, headers::JSON.to_owned())], body }
    }
}

/// A success came that is not the documented one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnexpectedBody {
    problem: Box<str>,
}

impl UnexpectedBody {
    /// One with this problem, of which at most 256 bytes are kept.
    #[must_use]
    pub fn new(problem: impl fmt::Display) -> Self {
        let mut problem = problem.to_string();
        crate::error::one_line::bound_problem(&mut problem);
        Self { problem: problem.into() }
    }
}

impl fmt::Display for UnexpectedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for UnexpectedBody {}

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(body: &[u8]) -> Result<T, UnexpectedBody> {
    serde_json::from_slice(body).map_err(UnexpectedBody::new)
}

/// `204 No Content`: done, and there is nothing to say. The body is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NoContent;

impl SuccessResponse for NoContent {
    type Received = Self;

    const STATUS: u16 = 204;
    const HEADING: &'static str = "No Content";

    fn body() -> Option<WireType> {
        None
    }

    fn encode(&self) -> EncodedResponse {
        EncodedResponse { status: Self::STATUS, headers: Vec::new(), body: Vec::new() }
    }

    fn decode(_: &dyn HeaderLookup, body: &[u8]) -> Result<Self, UnexpectedBody> {
        if body.is_empty() {
            Ok(Self)
        } else {
            Err(UnexpectedBody::new(format_args!("expected no body, got {} bytes", body.len())))
        }
    }
}

/// `200 OK` with an object as the body. A client reads the object.
#[derive(Clone, Debug, PartialEq)]
pub struct Json<T>(pub T);

impl<T: Wire> SuccessResponse for Json<T> {
    type Received = T::Received;

    const STATUS: u16 = 200;
    const HEADING: &'static str = "OK";

    fn body() -> Option<WireType> {
        Some(WireType::of::<T>())
    }

    fn encode(&self) -> EncodedResponse {
        EncodedResponse::json(Self::STATUS, &self.0)
    }

    fn decode(_: &dyn HeaderLookup, body: &[u8]) -> Result<T::Received, UnexpectedBody> {
        read_json(body)
    }
}

/// `202 Accepted` with an object as the body: the work is not done yet. A client reads the object.
#[derive(Clone, Debug, PartialEq)]
pub struct Accepted<T>(pub T);

impl<T: Wire> SuccessResponse for Accepted<T> {
    type Received = T::Received;

    const STATUS: u16 = 202;
    const HEADING: &'static str = "Accepted";

    fn body() -> Option<WireType> {
        Some(WireType::of::<T>())
    }

    fn encode(&self) -> EncodedResponse {
        EncodedResponse::json(Self::STATUS, &self.0)
    }

    fn decode(_: &dyn HeaderLookup, body: &[u8]) -> Result<T::Received, UnexpectedBody> {
        read_json(body)
    }
}

/// `201 Created` with what was made as the body, and its address in the `Location` header.
#[derive(Clone, Debug, PartialEq)]
pub struct Created<T> {
    /// Where it can be read.
    pub location: Location,
    /// What was made.
    pub body: T,
}

impl<T: Wire> SuccessResponse for Created<T> {
    type Received = Created<T::Received>;

    const STATUS: u16 = 201;
    const HEADING: &'static str = "Created";

    fn headers() -> Vec<Parameter> {
        vec![parameter::header(
            headers::LOCATION,
            &["Where what was made can be read."],
            ParameterPresence::Required,
            WireType::of::<Location>(),
        )]
    }

    fn body() -> Option<WireType> {
        Some(WireType::of::<T>())
    }

    fn encode(&self) -> EncodedResponse {
        let mut response = EncodedResponse::json(Self::STATUS, &self.body);
        response.headers.push((headers::LOCATION, self.location.as_str().to_owned()));
        response
    }

    fn decode(headers: &dyn HeaderLookup, body: &[u8]) -> Result<Self::Received, UnexpectedBody> {
        let mut reader = header_reader(headers);
        let location = reader.header::<Location>(headers::LOCATION).required();
        let location = reader.into_result(location).map_err(UnexpectedBody::new)?;
        Ok(Created { location, body: read_json(body)? })
    }
}

identifier! {
    /// The value of a `Location` header: a URL or a path, 1 to 2048 visible ASCII characters.
    pub struct Location: "location" {
        prefix: "",
        characters: "!-~", "a visible ASCII character",
        max: 2048,
        example: "/v1/jobs/job_1",
    }
}

impl Location {
    /// The address of what an endpoint reads: the path and query of that request.
    #[must_use]
    pub fn of<E: Endpoint>(request: &E) -> Self {
        Self(request.encode().target().into())
    }
}
