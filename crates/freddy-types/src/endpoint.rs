//! An endpoint as data: everything that a server, a client and the spec need to know of it.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::str::FromStr;

use crate::auth::AuthScheme;
use crate::code::ErrorCode;

/// One operation of the API. The implementing type is its request.
///
/// A server mounts [`METHOD`](Self::METHOD) and [`PATH`](Self::PATH) and reads a request with [`from_path`](Self::from_path);
/// a client sends what [`path`](Self::path) gives; the spec lists the rest. None of them writes a path or a status again.
///
/// ```
/// use freddy_types::{Endpoint, connector_id, personal_connectors::DisconnectConnector};
///
/// let request = DisconnectConnector { connector_id: connector_id!("pcon_abc123") };
/// assert_eq!(DisconnectConnector::METHOD.as_str(), "DELETE");
/// assert_eq!(request.path(), "/v1/personal-connectors/pcon_abc123");
/// assert_eq!(DisconnectConnector::from_path("/v1/personal-connectors/pcon_abc123"), Ok(request));
/// ```
pub trait Endpoint: Sized + 'static {
    /// The HTTP method.
    const METHOD: Method;
    /// The path, with a name in braces where a parameter stands.
    const PATH: PathTemplate;
    /// The name of the operation, unique in the API, from which generated clients make a function name.
    const OPERATION_ID: &'static str;
    /// The group that the documentation lists it in.
    const TAG: Tag;
    /// What it does, in a few words.
    const SUMMARY: &'static str;
    /// What it does, in Markdown.
    const DESCRIPTION: &'static str;
    /// What a success returns, in Markdown.
    const RETURNS: &'static str;
    /// What has happened when it succeeded. Code samples print it.
    const SUCCESS_MESSAGE: &'static str;
    /// The codes that the documentation lists, in the order of their statuses. A client can receive others.
    const ERRORS: &'static [ErrorCode];
    /// The ways to authenticate, each of them enough.
    const AUTH: &'static [AuthScheme] = AuthScheme::ALL;

    /// The types of the path's parameters, in their order: a tuple, of one element where there is one.
    type PathParameters: PathParameters;
    /// The answer to a request that succeeded.
    type Response: SuccessResponse;

    /// The values for the path's parameters, in their order.
    fn path_parameters(&self) -> <Self::PathParameters as PathParameters>::Refs<'_>;

    /// The request with these path parameters.
    fn from_path_parameters(parameters: Self::PathParameters) -> Self;

    /// The path to send, each parameter percent-encoded.
    #[must_use]
    fn path(&self) -> String {
        let () = Checked::<Self>::ARITY;
        let mut values = Self::PathParameters::values(self.path_parameters()).into_iter();
        let mut path = String::with_capacity(Self::PATH.0.len() + 32);
        for segment in Self::PATH.segments() {
            path.push('/');
            match segment {
                Segment::Literal(literal) => path.push_str(literal),
                // There are as many values as parameters: ARITY.
                Segment::Parameter(_) => percent_encode(values.next().unwrap_or_default(), &mut path),
            }
        }
        path
    }

    /// Reads the path of a request, percent-encoded as it came and without a query.
    ///
    /// # Errors
    /// The path is not this endpoint's, or a parameter is not what it should be; then the error names it and says why.
    fn from_path(path: &str) -> Result<Self, PathError> {
        let () = Checked::<Self>::ARITY;
        let mut given = path.strip_prefix('/').ok_or(PathError::NoMatch)?.split('/');
        let mut values = Vec::new();
        for segment in Self::PATH.segments() {
            match (segment, given.next()) {
                (Segment::Literal(literal), Some(text)) if literal == text => {}
                (Segment::Parameter(name), Some(text)) => {
                    values.push((name, percent_decode(text).ok_or(PathError::Encoding { parameter: name })?));
                }
                _ => return Err(PathError::NoMatch),
            }
        }
        if given.next().is_some() {
            return Err(PathError::NoMatch);
        }
        Self::PathParameters::parse(&values).map(Self::from_path_parameters)
    }
}

struct Checked<E>(PhantomData<E>);

impl<E: Endpoint> Checked<E> {
    const ARITY: () = assert!(
        E::PATH.parameter_count() == <E::PathParameters as PathParameters>::DOCS.len(),
        "the path and `PathParameters` have different numbers of parameters"
    );
}

/// A group of endpoints in the documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    /// The heading of the group.
    pub name: &'static str,
    /// What its endpoints are about, in Markdown.
    pub description: &'static str,
}

/// An HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// Reads.
    Get,
    /// Acts, or makes something with a name of the server's choice.
    Post,
    /// Replaces.
    Put,
    /// Changes a part.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// The name as it stands in a request, such as `DELETE`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether a request may be sent again when its answer was lost (RFC 9110, section 9.2.2).
    #[must_use]
    pub const fn is_idempotent(self) -> bool {
        match self {
            Self::Get | Self::Put | Self::Delete => true,
            Self::Post | Self::Patch => false,
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A path with parameters, such as `/v1/personal-connectors/{connector_id}`: a parameter fills a segment.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PathTemplate(&'static str);

enum Segment {
    Literal(&'static str),
    Parameter(&'static str),
}

impl PathTemplate {
    /// Checks a template. In a constant, as an [`Endpoint`] has it, a fault is a compile error.
    ///
    /// # Panics
    /// If the template does not start with `/`, has an empty segment, a brace that is not the first or last
    /// character of its segment, or any other character than ASCII letters, digits, `-`, `_`, `.` and `~`.
    #[must_use]
    pub const fn new(template: &'static str) -> Self {
        let mut unread = template.as_bytes();
        assert!(matches!(unread, [b'/', ..]), "a path template starts with `/`");
        let mut in_parameter = false;
        let mut previous = 0;
        while let [byte, tail @ ..] = unread {
            match *byte {
                b'/' => assert!(!in_parameter && previous != b'/', "a segment is empty or a brace is not closed"),
                b'{' => {
                    assert!(previous == b'/', "a parameter starts a segment");
                    in_parameter = true;
                }
                b'}' => {
                    assert!(in_parameter && previous != b'{', "a parameter has a name between two braces");
                    assert!(matches!(tail, [] | [b'/', ..]), "a parameter fills its segment");
                    in_parameter = false;
                }
                byte => assert!(is_unreserved(byte), "a character needs percent-encoding"),
            }
            previous = *byte;
            unread = tail;
        }
        assert!(!in_parameter && previous != b'/', "a path template ends with a whole segment");
        Self(template)
    }

    /// The template as it was written, which is also how axum and OpenAPI write one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The names of the parameters, in their order.
    pub fn parameter_names(self) -> impl Iterator<Item = &'static str> {
        self.segments().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(name),
            Segment::Literal(_) => None,
        })
    }

    const fn parameter_count(self) -> usize {
        let mut unread = self.0.as_bytes();
        let mut count = 0;
        while let [byte, tail @ ..] = unread {
            if *byte == b'{' {
                count += 1;
            }
            unread = tail;
        }
        count
    }

    fn segments(self) -> impl Iterator<Item = Segment> {
        self.0.split('/').skip(1).map(|text| match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => Segment::Parameter(name),
            None => Segment::Literal(text),
        })
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PathTemplate({})", self.0)
    }
}

/// A value that stands in a path.
///
/// No value may be `.` or `..`: a URL parser takes such a segment away, percent-encoded or not.
pub trait PathParameter: FromStr<Err: fmt::Display> + AsRef<str> + 'static {
    /// What it is, in Markdown.
    const DESCRIPTION: &'static str;
    /// A value.
    const EXAMPLE: &'static str;
}

/// What the documentation says of a path parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PathParameterDocs {
    /// What it is, in Markdown.
    pub description: &'static str,
    /// A value.
    pub example: &'static str,
}

/// The parameters of a path: a tuple of up to three [`PathParameter`]s.
pub trait PathParameters: Sized + 'static + sealed::Sealed {
    /// A tuple of references to the parameters.
    type Refs<'a>;
    /// What the documentation says of each, in their order.
    const DOCS: &'static [PathParameterDocs];

    /// The texts of the parameters, not yet percent-encoded.
    fn values(parameters: Self::Refs<'_>) -> Vec<&str>;

    /// Parses the parameters from their names and texts, already percent-decoded.
    ///
    /// # Errors
    /// Names the first parameter whose text is not a value of its type.
    fn parse(values: &[(&'static str, Cow<'_, str>)]) -> Result<Self, PathError>;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! path_parameters {
    ($( ($($P:ident $p:ident)*) )+) => {$(
        impl<$($P: PathParameter),*> sealed::Sealed for ($($P,)*) {}

        impl<$($P: PathParameter),*> PathParameters for ($($P,)*) {
            type Refs<'a> = ($(&'a $P,)*);
            const DOCS: &'static [PathParameterDocs] =
                &[$(PathParameterDocs { description: $P::DESCRIPTION, example: $P::EXAMPLE }),*];

            fn values(($($p,)*): Self::Refs<'_>) -> Vec<&str> {
                vec![$($p.as_ref()),*]
            }

            fn parse(values: &[(&'static str, Cow<'_, str>)]) -> Result<Self, PathError> {
                let [$($p),*] = values else { return Err(PathError::NoMatch) };
                Ok(($(parse_parameter::<$P>($p)?,)*))
            }
        }
    )+};
}

path_parameters! {
    ()
    (A a)
    (A a B b)
    (A a B b C c)
}

fn parse_parameter<P: PathParameter>((parameter, text): &(&'static str, Cow<'_, str>)) -> Result<P, PathError> {
    text.parse().map_err(|error: P::Err| PathError::Value { parameter, reason: error.to_string().into() })
}

/// A path is not a request of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// The path is not the endpoint's.
    NoMatch,
    /// A parameter has a `%` without two hex digits, or is not UTF-8 when decoded.
    Encoding {
        /// The name of the parameter.
        parameter: &'static str,
    },
    /// A parameter is not a value of its type.
    Value {
        /// The name of the parameter.
        parameter: &'static str,
        /// Why, in the words of the parameter's type.
        reason: Box<str>,
    },
}

impl fmt::Display for PathError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMatch => f.write_str("the path is not the endpoint's"),
            Self::Encoding { parameter } => write!(f, "path parameter `{parameter}` is not percent-encoded UTF-8"),
            Self::Value { parameter, reason } => write!(f, "path parameter `{parameter}`: {reason}"),
        }
    }
}

impl std::error::Error for PathError {}

/// The answer to a request that succeeded.
pub trait SuccessResponse: Sized {
    /// The HTTP status, the only one that is a success.
    const STATUS: u16;
    /// The heading under which the documentation lists the response.
    const HEADING: &'static str;

    /// Reads the body of a response with [`STATUS`](Self::STATUS).
    ///
    /// # Errors
    /// The body is not the documented one.
    fn from_body(body: &[u8]) -> Result<Self, UnexpectedBody>;

    /// The body to send.
    fn into_body(self) -> Vec<u8>;
}

/// `204 No Content`: done, and there is nothing to say. The body is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NoContent;

impl SuccessResponse for NoContent {
    const STATUS: u16 = 204;
    const HEADING: &'static str = "No Content";

    fn from_body(body: &[u8]) -> Result<Self, UnexpectedBody> {
        if body.is_empty() { Ok(Self) } else { Err(UnexpectedBody { len: body.len() }) }
    }

    fn into_body(self) -> Vec<u8> {
        Vec::new()
    }
}

/// A success came with a body that is not the documented one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnexpectedBody {
    len: usize,
}

impl fmt::Display for UnexpectedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected no body, got {} bytes", self.len)
    }
}

impl std::error::Error for UnexpectedBody {}

/// The characters that mean the same encoded or not (RFC 3986, section 2.3).
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

fn percent_encode(text: &str, path: &mut String) {
    for byte in text.bytes() {
        if is_unreserved(byte) {
            path.push(byte.into());
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(text.into());
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut unread = text.as_bytes();
    while let [byte, tail @ ..] = unread {
        (unread, _) = match (byte, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                (tail, decoded.push(digit(*high)? << 4 | digit(*low)?))
            }
            (b'%', _) => return None,
            (byte, tail) => (tail, decoded.push(*byte)),
        };
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}
