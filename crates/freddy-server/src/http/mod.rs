//! From a socket to an endpoint and back.

pub(crate) mod authenticate;
mod body;
mod caller_address;
pub(crate) mod concurrency_limit;
pub(crate) mod context;
pub(crate) mod docs;
pub(crate) mod endpoints;
mod error_envelope;
mod host;
mod metrics;
pub(crate) mod panic_hook;
pub(crate) mod request_context;
pub(crate) mod serve;
mod static_file;
