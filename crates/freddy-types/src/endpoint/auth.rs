//! How a request says who is calling.

use crate::endpoint::headers::{self, HeaderLookup};

/// A way to authenticate. Each of them alone is enough, and the credential is an API key in both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuthScheme {
    /// `X-API-Key: <key>`.
    ApiKey,
    /// `Authorization: Bearer <key>`.
    Bearer,
}

impl AuthScheme {
    /// Every scheme, the preferred one first.
    pub const ALL: &'static [Self] = &[Self::ApiKey, Self::Bearer];

    /// The name under which an OpenAPI document has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ApiKey => "apiKeyAuth",
            Self::Bearer => "bearerAuth",
        }
    }

    /// The header that carries the credential.
    #[must_use]
    pub const fn header(self) -> &'static str {
        match self {
            Self::ApiKey => headers::X_API_KEY,
            Self::Bearer => headers::AUTHORIZATION,
        }
    }

    /// What stands before the credential in the header's value. Servers read it in any case.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::ApiKey => "",
            Self::Bearer => "Bearer ",
        }
    }

    /// What a 401 asks for, in its `WWW-Authenticate` (RFC 9110, section 11.6.1). A Bearer challenge needs a parameter (RFC
    /// 6750, section 3), and the realm is the whole API.
    #[must_use]
    pub const fn challenge(self) -> &'static str {
        match self {
            Self::ApiKey => "ApiKey realm=\"api\"",
            Self::Bearer => "Bearer realm=\"api\"",
        }
    }

    /// What to tell a reader of the documentation.
    #[must_use]
    pub const fn description(self) -> &'static str {
        match self {
            Self::ApiKey => "An API key, as it is.",
            Self::Bearer => "An API key, or another token, as a Bearer token.",
        }
    }

    /// The credential that a request's headers carry in this way, as it came.
    #[must_use]
    pub fn credential(self, headers: &(impl HeaderLookup + ?Sized)) -> Option<&[u8]> {
        self.credential_in(headers.value_of(self.header())?)
    }

    /// The credential that a value of [this scheme's header](Self::header) carries, as it came.
    #[must_use]
    pub fn credential_in(self, value: &[u8]) -> Option<&[u8]> {
        let (prefix, credential) = value.split_at_checked(self.prefix().len())?;
        prefix
            .eq_ignore_ascii_case(self.prefix().as_bytes())
            .then(|| credential.trim_ascii())
            .filter(|key| !key.is_empty())
    }
}
