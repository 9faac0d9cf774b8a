//! What proves who is calling. It travels in one header and shows nowhere else.

use std::fmt;

use freddy_types::AuthScheme;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::build_error::BuildError;

/// What stands where the secret would have shown.
const REDACTED: &str = "[redacted]";
/// A shorter secret is not looked for in answers: what is found could be anything.
const MIN_SOUGHT_LEN: usize = 8;

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
    /// An API key. It is sent as `X-API-Key`, or as a Bearer token to an endpoint that takes nothing else.
    ///
    /// That it can stand in a header is checked by [`ClientBuilder::build`](crate::ClientBuilder::build); its shape is not.
    #[must_use]
    pub fn api_key(key: impl Into<String>) -> Self {
        Self { scheme: AuthScheme::ApiKey, secret: key.into().into() }
    }

    /// A token, which may be an API key. It is sent as `Authorization: Bearer` and in no other way.
    ///
    /// That it can stand in a header is checked by [`ClientBuilder::build`](crate::ClientBuilder::build); its shape is not.
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

    /// Makes the headers once, so that no call can fail on them.
    pub(crate) fn into_headers(self) -> Result<CredentialHeaders, BuildError> {
        if self.secret.is_empty() {
            return Err(BuildError::EmptyCredential);
        }
        // Blanks could stand in a header, but a server would trim or split there: a newline from a file, mostly.
        if let Some(position) = self.secret.bytes().position(|byte| !byte.is_ascii_graphic()) {
            return Err(BuildError::InvalidCredential { position });
        }
        let headers = self.schemes().iter().filter_map(|&scheme| {
            let mut value = HeaderValue::try_from(format!("{}{}", scheme.prefix(), self.secret)).ok()?;
            value.set_sensitive(true);
            Some((scheme, HeaderName::try_from(scheme.header()).ok()?, value))
        });
        Ok(CredentialHeaders { headers: headers.collect(), credential: self })
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

/// A credential as it travels.
pub(crate) struct CredentialHeaders {
    headers: Vec<(AuthScheme, HeaderName, HeaderValue)>,
    credential: Credential,
}

impl CredentialHeaders {
    pub(crate) fn credential(&self) -> &Credential {
        &self.credential
    }

    /// The header for an endpoint that accepts these schemes, if it accepts one that the credential can be sent by.
    pub(crate) fn accepted_by(&self, schemes: &[AuthScheme]) -> Option<(HeaderName, HeaderValue)> {
        let (_, name, value) = self.headers.iter().find(|(scheme, _, _)| schemes.contains(scheme))?;
        Some((name.clone(), value.clone()))
    }

    /// Removes the secret from the headers of an answer. Some proxies and debug pages send back what they got.
    pub(crate) fn redact_headers(&self, headers: &mut HeaderMap) {
        for value in headers.values_mut() {
            if self.find_in(value.as_bytes()).is_some() {
                *value = HeaderValue::from_static(REDACTED);
            }
        }
    }

    /// Removes the secret from the body of an answer.
    pub(crate) fn redact_body(&self, body: &mut Vec<u8>) {
        let mut from = 0;
        while let Some(found) = body.get(from..).and_then(|unread| self.find_in(unread)) {
            let start = from + found;
            body.splice(start..start + self.credential.secret.len(), REDACTED.bytes());
            from = start + REDACTED.len();
        }
    }

    fn find_in(&self, text: &[u8]) -> Option<usize> {
        let secret = self.credential.secret.as_bytes();
        if secret.len() < MIN_SOUGHT_LEN {
            return None;
        }
        text.windows(secret.len()).position(|window| window == secret)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(secret: &str) -> CredentialHeaders {
        Credential::api_key(secret).into_headers().unwrap()
    }

    #[test]
    fn an_api_key_goes_as_bearer_where_nothing_else_is_taken_and_a_token_never_as_a_key() {
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

    #[test]
    fn every_occurrence_in_a_body_is_removed() {
        let mut body = b"{\"sk_12345678\": \"sk_12345678sk_12345678\"}".to_vec();
        headers("sk_12345678").redact_body(&mut body);
        assert_eq!(body, b"{\"[redacted]\": \"[redacted][redacted]\"}");
    }

    #[test]
    fn what_is_too_short_to_be_told_apart_is_left() {
        let mut body = b"{\"error\": true}".to_vec();
        headers("error").redact_body(&mut body);
        assert_eq!(body, b"{\"error\": true}");
        let mut body = b"redacted".to_vec();
        headers("redacted").redact_body(&mut body);
        assert_eq!(body, b"[redacted]");
    }
}
