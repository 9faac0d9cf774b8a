//! The credential. It is sent in one header and shown nowhere.

use std::fmt;

use freddy_types::AuthScheme;
use reqwest::header::{HeaderName, HeaderValue};

use crate::build_error::BuildError;
use crate::redact::{REDACTED, Redactor};

/// An API key or a Bearer token. `Debug` and `Display` never show it.
///
/// ```
/// use freddy_client::Credential;
///
/// let key = Credential::api_key("sk_example");
/// assert_eq!(key.to_string(), "[redacted]");
/// assert_eq!(format!("{key:?}"), "Credential(ApiKey, [redacted])");
/// ```
#[derive(Clone)]
pub struct Credential {
    scheme: AuthScheme,
    secret: Box<str>,
}

impl Credential {
    /// An API key. It is sent as `X-API-Key`, or as a Bearer token to an endpoint that accepts only that.
    ///
    /// [`ClientBuilder::build`](crate::ClientBuilder::build) checks that it fits in a header, but not its format.
    #[must_use]
    pub fn api_key(key: impl Into<String>) -> Self {
        Self { scheme: AuthScheme::ApiKey, secret: key.into().into() }
    }

    /// A token, which may be an API key. It is only ever sent as `Authorization: Bearer`.
    ///
    /// [`ClientBuilder::build`](crate::ClientBuilder::build) checks that it fits in a header, but not its format.
    #[must_use]
    pub fn bearer_token(token: impl Into<String>) -> Self {
        Self { scheme: AuthScheme::Bearer, secret: token.into().into() }
    }

    /// The ways to send it, the preferred one first.
    fn schemes(&self) -> &'static [AuthScheme] {
        match self.scheme {
            AuthScheme::ApiKey => &[AuthScheme::ApiKey, AuthScheme::Bearer],
            _ => &[AuthScheme::Bearer],
        }
    }

    /// Makes the headers once, so that no call can fail because of them.
    #[expect(clippy::expect_used, reason = "a call without its header would be sent without the credential")]
    pub(crate) fn into_headers(self) -> Result<CredentialHeaders, BuildError> {
        if self.secret.is_empty() {
            return Err(BuildError::EmptyCredential);
        }
        // A header may contain blanks, but a server would trim or split there. Most often it is the newline of a file.
        if let Some(position) = self.secret.bytes().position(|byte| !byte.is_ascii_graphic()) {
            return Err(BuildError::InvalidCredential { position });
        }
        let headers = self.schemes().iter().map(|&scheme| {
            let value = HeaderValue::try_from(format!("{}{}", scheme.prefix(), self.secret));
            let mut value = value.expect("visible ASCII is a header value");
            value.set_sensitive(true);
            (scheme, HeaderName::try_from(scheme.header()).expect("a scheme names a header"), value)
        });
        let redactor = Redactor::new(&self.secret);
        Ok(CredentialHeaders { headers: headers.collect(), redactor, credential: self })
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({:?}, {REDACTED})", self.scheme)
    }
}

impl fmt::Display for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(REDACTED)
    }
}

/// A credential as it is sent.
pub(crate) struct CredentialHeaders {
    headers: Vec<(AuthScheme, HeaderName, HeaderValue)>,
    redactor: Redactor,
    credential: Credential,
}

impl CredentialHeaders {
    pub(crate) fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The header for an endpoint that accepts these schemes, if the credential can be sent in one of them.
    pub(crate) fn accepted_by(&self, schemes: &[AuthScheme]) -> Option<(HeaderName, HeaderValue)> {
        let (_, name, value) = self.headers.iter().find(|(scheme, _, _)| schemes.contains(scheme))?;
        Some((name.clone(), value.clone()))
    }

    /// Removes the secret from answers. Some proxies and debug pages echo what they received.
    pub(crate) fn redactor(&self) -> &Redactor {
        &self.redactor
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(secret: &str) -> CredentialHeaders {
        Credential::api_key(secret).into_headers().unwrap()
    }

    #[test]
    fn an_api_key_can_be_sent_as_bearer_and_a_token_never_as_an_api_key() {
        let key = headers("sk_12345678");
        let (name, value) = key.accepted_by(AuthScheme::ALL).unwrap();
        assert_eq!((name.as_str(), value.as_bytes()), ("x-api-key", &b"sk_12345678"[..]));
        let (name, value) = key.accepted_by(&[AuthScheme::Bearer]).unwrap();
        assert_eq!((name.as_str(), value.as_bytes()), ("authorization", &b"Bearer sk_12345678"[..]));
        assert!(value.is_sensitive());

        let token = Credential::bearer_token("sk_12345678").into_headers().unwrap();
        assert_eq!(token.accepted_by(AuthScheme::ALL).unwrap().0.as_str(), "authorization");
        assert!(token.accepted_by(&[AuthScheme::ApiKey]).is_none());
    }
}
