#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod base_url;
#[cfg(feature = "blocking")]
pub mod blocking;
mod build_error;
mod builder;
mod call;
mod client;
mod credential;
mod error;
mod exchange;
mod header;
mod hooks;
mod metadata;
#[cfg(feature = "mock")]
pub mod mock;
mod pool;
mod redact;
mod retry;
mod span;
mod throttle;
#[cfg(feature = "rustls")]
mod tls;
mod trace;
mod transport;

pub use build_error::{BuildError, InvalidBaseUrl};
pub use builder::ClientBuilder;
pub use call::Call;
pub use client::Client;
pub use credential::{Credential, CredentialProvider, CredentialRequest, ProvidedCredential, ProviderError};
pub use error::{Error, ErrorKind};
pub use freddy_types;
pub use header::InvalidHeader;
pub use hooks::{Attempt, RetryDecision};
pub use metadata::{Metadata, Response};
/// The HTTP client whose types some settings take.
pub use reqwest;
pub use retry::RetryPolicy;

// The only place with the names of environment variables.

/// The environment variable that holds the API key: `FREDDY_API_KEY`.
pub const API_KEY_VARIABLE: &str = "FREDDY_API_KEY";

/// The environment variable that holds the base URL, where it is not the default: `FREDDY_BASE_URL`.
pub const BASE_URL_VARIABLE: &str = "FREDDY_BASE_URL";
