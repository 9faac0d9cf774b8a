//! Why a client could not be built.

use std::error::Error as StdError;
use std::fmt;

use crate::header::InvalidHeader;

/// The reason that a client could not be built. It never shows the credential or the base URL.
#[derive(Debug)]
#[non_exhaustive]
pub enum BuildError {
    /// There is neither an API key nor a token.
    MissingCredential,
    /// The environment has no variable [`API_KEY_VARIABLE`](crate::API_KEY_VARIABLE).
    MissingVariable,
    /// The API key or token is the empty string.
    EmptyCredential,
    /// The API key or token has a character that is not visible ASCII, such as the newline at the end of a file.
    InvalidCredential {
        /// The number of bytes before the character.
        position: usize,
    },
    /// The base URL is not one that a path can be appended to.
    InvalidBaseUrl(InvalidBaseUrl),
    /// The base URL is plain HTTP to another machine, and
    /// [`allow_insecure_http`](crate::ClientBuilder::allow_insecure_http) was not called.
    InsecureHttp,
    /// An environment variable has a value that cannot be used.
    InvalidVariable {
        /// The name of the variable.
        name: &'static str,
        /// What is wrong with its value.
        reason: Box<BuildError>,
    },
    /// A default header cannot be sent.
    InvalidHeader {
        /// The name of the header, empty where that is what is wrong.
        name: Box<str>,
        /// What is wrong with it.
        reason: InvalidHeader,
    },
    /// [`http_client`](crate::ClientBuilder::http_client) was called, and a setting that it would ignore.
    TransportConflict {
        /// The name of the builder's method.
        setting: &'static str,
    },
    /// A timeout is zero, so that no call could succeed.
    ZeroTimeout {
        /// The name of the builder's method.
        setting: &'static str,
    },
    /// The system did not provide what the client needs, such as TLS or the thread of the blocking client.
    Setup(Box<dyn StdError + Send + Sync>),
}

/// What is wrong with a base URL.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidBaseUrl {
    /// It is not a URL.
    Syntax {
        /// Why.
        reason: Box<str>,
    },
    /// It does not start with `https://` or `http://`.
    Scheme,
    /// It has a user name or password.
    Userinfo,
    /// It has a query.
    Query,
    /// It has a fragment.
    Fragment,
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingCredential => f.write_str("no API key and no token given"),
            Self::MissingVariable => write!(f, "environment variable {} is not set", crate::API_KEY_VARIABLE),
            Self::EmptyCredential => f.write_str("the API key or token is empty"),
            Self::InvalidCredential { position } => {
                write!(f, "the API key or token has a character that is not visible ASCII, after {position} bytes")
            }
            Self::InvalidBaseUrl(_) => f.write_str("the base URL cannot be used"),
            Self::InsecureHttp => {
                f.write_str("the base URL is plain HTTP to another machine, where anyone on the way could read the key")
            }
            Self::InvalidVariable { name, .. } => write!(f, "environment variable {name} cannot be used"),
            Self::InvalidHeader { name, .. } if name.is_empty() => f.write_str("a default header cannot be sent"),
            Self::InvalidHeader { name, .. } => write!(f, "the header `{name}` cannot be sent"),
            Self::TransportConflict { setting } => {
                write!(f, "`{setting}` has no effect on the HTTP client that was given")
            }
            Self::ZeroTimeout { setting } => write!(f, "`{setting}` is zero"),
            Self::Setup(_) => f.write_str("the HTTP client could not be set up"),
        }
    }
}

impl StdError for BuildError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::InvalidBaseUrl(reason) => Some(reason),
            Self::InvalidVariable { reason, .. } => Some(reason),
            Self::InvalidHeader { reason, .. } => Some(reason),
            Self::Setup(error) => Some(&**error),
            _ => None,
        }
    }
}

impl fmt::Display for InvalidBaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Syntax { reason } => f.write_str(reason),
            Self::Scheme => f.write_str("it does not start with `https://` or `http://`"),
            Self::Userinfo => f.write_str("it has a user name or password"),
            Self::Query => f.write_str("it has a query"),
            Self::Fragment => f.write_str("it has a fragment"),
        }
    }
}

impl StdError for InvalidBaseUrl {}

impl From<InvalidBaseUrl> for BuildError {
    fn from(reason: InvalidBaseUrl) -> Self {
        Self::InvalidBaseUrl(reason)
    }
}
