//! The API of this crate in the spec, on the server and in the client: a module for each subject.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "all of it is tests")]

mod answers;
mod both_sides;
mod conformance;
mod database;
mod documents;
mod laws;
#[expect(clippy::panic, reason = "all of it is tests")]
#[path = "../../../it/pinning.rs"]
mod pinning;
mod served;
mod server;
mod spec;
mod unknown_parts;
mod wire;
