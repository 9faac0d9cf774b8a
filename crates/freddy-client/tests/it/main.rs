//! The client against a server that plays raw bytes.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a helper of a test fails the test")]

mod answers;
#[cfg(feature = "blocking")]
mod blocking;
mod build;
mod faults;
mod requests;
mod retries;
mod secrets;
mod sharing;
mod support;
#[cfg(feature = "rustls")]
mod tls;
