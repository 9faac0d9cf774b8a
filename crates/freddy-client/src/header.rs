//! Headers that the program adds to a request.

use std::error::Error as StdError;
use std::fmt;

use freddy_types::headers;
use reqwest::header::{HeaderName, HeaderValue};

/// Headers that only the client sets: the credential, what the contract says of a request, and what frames it.
const RESERVED: &[&str] = &[
    headers::AUTHORIZATION,
    headers::X_API_KEY,
    headers::IDEMPOTENCY_KEY,
    headers::CONTENT_TYPE,
    "Accept",
    "Accept-Encoding",
    "Connection",
    "Content-Encoding",
    "Content-Length",
    "Expect",
    "Host",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
    "User-Agent",
];

/// Why a header cannot be added to a request. It never shows the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidHeader {
    /// The name is not one of HTTP.
    Name,
    /// The value has a character that HTTP forbids, such as a line break.
    Value,
    /// The client sets this header itself, such as that of the credential.
    Reserved,
    /// The request already has this header.
    Repeated,
}

impl InvalidHeader {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Name => "a header's name is not one of HTTP",
            Self::Value => "a header's value has a character that HTTP forbids",
            Self::Reserved => "a header is one that only the client sets",
            Self::Repeated => "a header is one that the request already has",
        }
    }
}

impl fmt::Display for InvalidHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl StdError for InvalidHeader {}

/// A header of the program. Its value is shown nowhere, since it may be a secret of a gateway.
pub(crate) fn checked(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), InvalidHeader> {
    let name = HeaderName::try_from(name).map_err(|_| InvalidHeader::Name)?;
    if RESERVED.iter().any(|reserved| name.as_str().eq_ignore_ascii_case(reserved)) {
        return Err(InvalidHeader::Reserved);
    }
    let mut value = HeaderValue::try_from(value).map_err(|_| InvalidHeader::Value)?;
    value.set_sensitive(true);
    Ok((name, value))
}
