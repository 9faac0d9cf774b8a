//! The client against a server that plays raw bytes.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails the test")]

mod answers;
#[cfg(feature = "blocking")]
mod blocking;
mod build;
#[cfg(feature = "rustls")]
mod certificates;
mod credentials;
mod faults;
mod hooks;
mod metadata;
#[cfg(feature = "mock")]
mod mock;
mod options;
mod requests;
mod retries;
mod secrets;
mod sharing;
mod support;
#[cfg(feature = "rustls")]
mod tls;
mod transport;
