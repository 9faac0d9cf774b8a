//! The contract, tested from outside the crates that state it: a module for each subject.
//!
//! What is expected stands here a second time on purpose, taken from the documentation, so that a change of the
//! contract shows in both places. `README.md` says how to run more cases and how to renew what is recorded.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "all of it is tests: a helper fails its test by panicking"
)]

mod agreement;
mod allocations;
mod api_error;
mod conformance;
mod containers;
mod details;
mod documented;
mod endpoint;
mod http_conversions;
mod identifiers;
mod laws;
mod mutants;
mod objects;
mod openapi;
mod pinned;
mod pinning;
mod promises;
mod reading;
mod requests;
mod response;
mod retry_hint;
mod schemas;
mod support;
mod values;
