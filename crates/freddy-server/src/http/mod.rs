//! From a socket to an endpoint and back.

pub(crate) mod api;
mod body;
mod caller_address;
mod connection;
pub(crate) mod context;
mod credential;
pub(crate) mod docs;
pub(crate) mod health;
mod host;
mod metrics;
pub(crate) mod panic_hook;
mod read_only;
pub(crate) mod routes;
pub(crate) mod serve;
pub(crate) mod service;
mod static_file;
mod trace_context;
pub(crate) mod turns;
