//! What an answer says beside its body.

use std::fmt;

use freddy_types::RateLimit;
use freddy_types::headers::{X_RATELIMIT_LIMIT, X_RATELIMIT_REMAINING, X_RATELIMIT_RESET, X_REQUEST_ID};
use reqwest::header::{HeaderMap, HeaderName};

/// A success, and what was said beside its body.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response<T> {
    /// What [`Client::send`](crate::Client::send) returns.
    pub body: T,
    /// What was said beside it.
    pub metadata: Metadata,
}

/// What an answer says beside its body, be it a success or a failure.
///
/// `Debug` shows the names of the headers without their values.
#[derive(Clone)]
pub struct Metadata {
    status: u16,
    headers: HeaderMap,
    attempts: u32,
}

impl Metadata {
    pub(crate) fn new(status: u16, headers: HeaderMap, attempts: u32) -> Self {
        Self { status, headers, attempts }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The identifier to give to support, where the answer has one in its header.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.text(X_REQUEST_ID)
    }

    /// The state of the rate limit after this request, where the answer has all three headers of it. Servers may send them
    /// with any status.
    #[must_use]
    pub fn rate_limit(&self) -> Option<RateLimit> {
        let second = self.text(X_RATELIMIT_RESET)?.parse().ok()?;
        Some(RateLimit {
            limit: self.text(X_RATELIMIT_LIMIT)?.parse().ok()?,
            remaining: self.text(X_RATELIMIT_REMAINING)?.parse().ok()?,
            reset_at: jiff::Timestamp::from_second(second).ok()?,
        })
    }

    /// All headers of the answer. The credential is redacted where the server echoes it.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// How many times the request was sent, this answer's included. It starts at 1.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

impl fmt::Debug for Metadata {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The values may be cookies.
        let names: Vec<_> = self.headers.keys().map(HeaderName::as_str).collect();
        f.debug_struct("Metadata")
            .field("status", &self.status)
            .field("attempts", &self.attempts)
            .field("headers", &names)
            .finish()
    }
}
