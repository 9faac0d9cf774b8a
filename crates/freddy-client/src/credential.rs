//! The credential. It is sent in one header and shown nowhere.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

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
#[derive(Clone, PartialEq, Eq)]
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

/// What a provider of credentials is asked. See [`CredentialProvider`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CredentialRequest {
    refused: Option<Credential>,
}

impl CredentialRequest {
    pub(crate) fn new(refused: Option<Credential>) -> Self {
        Self { refused }
    }

    /// The credential that the server has just refused with a 401, if that is why another one is asked for.
    ///
    /// Several calls may be refused at once. To fetch one new token for all of them, fetch only if what you hold is equal
    /// to this, and return what you hold otherwise.
    #[must_use]
    pub fn refused(&self) -> Option<&Credential> {
        self.refused.as_ref()
    }
}

/// Any error of a [`CredentialProvider`]. It becomes the source of the call's error, so it must not show a secret.
pub type ProviderError = Box<dyn StdError + Send + Sync>;

/// What a [`CredentialProvider`] returns.
pub type ProvidedCredential<'a> = Pin<Box<dyn Future<Output = Result<Credential, ProviderError>> + Send + 'a>>;

/// Knows the credential of the moment, such as a token that expires. It is asked before each attempt, so it should keep
/// what it has fetched.
///
/// Functions and closures that take a [`CredentialRequest`] and return a future of a [`Credential`] are providers:
///
/// ```
/// use freddy_client::{Client, Credential, CredentialRequest};
///
/// # async fn fetch_token(_renew: bool) -> std::io::Result<String> { Ok(String::new()) }
/// let client = Client::builder()
///     .credential_provider(|request: CredentialRequest| async move {
///         let token = fetch_token(request.refused().is_some()).await?;
///         Ok::<_, std::io::Error>(Credential::bearer_token(token))
///     })
///     .build()?;
/// # Ok::<(), freddy_client::BuildError>(())
/// ```
pub trait CredentialProvider: Send + Sync + 'static {
    /// The credential for the next attempt. It has as long as an attempt has.
    ///
    /// # Errors
    /// There is none. The call ends with an [`ErrorKind::Credential`](crate::ErrorKind::Credential); if it is worth trying
    /// again, the provider does so itself.
    fn credential(&self, request: CredentialRequest) -> ProvidedCredential<'_>;
}

impl<F, Answer, E> CredentialProvider for F
where
    F: Fn(CredentialRequest) -> Answer + Send + Sync + 'static,
    Answer: Future<Output = Result<Credential, E>> + Send + 'static,
    E: Into<ProviderError>,
{
    fn credential(&self, request: CredentialRequest) -> ProvidedCredential<'_> {
        let answer = self(request);
        Box::pin(async move { answer.await.map_err(Into::into) })
    }
}

/// Where the credential of an attempt comes from.
#[derive(Clone)]
pub(crate) enum CredentialSource {
    Fixed(Arc<CredentialHeaders>),
    Asked(Arc<dyn CredentialProvider>),
}

impl CredentialSource {
    /// Whether there may be another one after this one was refused.
    pub(crate) fn is_asked(&self) -> bool {
        matches!(self, Self::Asked(_))
    }

    /// A text of the program without the credential, as far as it is known.
    pub(crate) fn redact_text<'a>(&self, text: &'a str) -> Cow<'a, str> {
        match self {
            Self::Fixed(headers) => headers.redactor().redact_text(text),
            Self::Asked(_) => text.into(),
        }
    }

    /// The credential of the next attempt.
    pub(crate) async fn headers(&self, refused: Option<Credential>) -> Result<Arc<CredentialHeaders>, ProviderError> {
        match self {
            Self::Fixed(headers) => Ok(Arc::clone(headers)),
            Self::Asked(provider) => {
                let credential = provider.credential(CredentialRequest::new(refused)).await?;
                Ok(Arc::new(credential.into_headers()?))
            }
        }
    }
}

impl fmt::Debug for CredentialSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(headers) => headers.credential().fmt(f),
            Self::Asked(_) => f.write_str("CredentialProvider"),
        }
    }
}

/// A credential as it is sent.
pub(crate) struct CredentialHeaders {
    headers: Vec<(AuthScheme, HeaderName, HeaderValue)>,
    redactor: Redactor,
    credential: Credential,
}

impl CredentialHeaders {
    /// Nothing to send, for an endpoint that takes no credential.
    pub(crate) fn none() -> Self {
        Self { headers: Vec::new(), redactor: Redactor::new(""), credential: Credential::bearer_token("") }
    }

    pub(crate) fn credential(&self) -> &Credential {
        &self.credential
    }

    /// Whether it can be sent to an endpoint that accepts these schemes.
    pub(crate) fn check_for(&self, schemes: &[AuthScheme]) -> Result<(), &'static str> {
        if schemes.is_empty() || self.accepted_by(schemes).is_some() {
            Ok(())
        } else {
            Err("the endpoint takes no credential of this kind")
        }
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
