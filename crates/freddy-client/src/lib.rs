#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod base_url;
#[cfg(feature = "blocking")]
pub mod blocking;
mod build_error;
mod builder;
mod client;
mod credential;
mod error;
mod exchange;
mod pool;
mod redact;
mod retry;
mod throttle;
#[cfg(feature = "rustls")]
mod tls;
mod trace;

pub use build_error::{BuildError, InvalidBaseUrl};
pub use builder::ClientBuilder;
pub use client::Client;
pub use credential::Credential;
pub use error::{Error, ErrorKind};
pub use freddy_types;
pub use retry::RetryPolicy;

/// The environment variable that holds the API key: `FREDDY_API_KEY`.
pub const API_KEY_VARIABLE: &str = "FREDDY_API_KEY";
