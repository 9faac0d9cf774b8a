//! The contract as cases that any language can read, and what holds servers and clients to them.

#[cfg(feature = "runner")]
pub mod client;
#[cfg(feature = "runner")]
mod command;
#[cfg(feature = "runner")]
mod progress;
#[cfg(feature = "runner")]
mod report;
#[cfg(feature = "runner")]
pub mod server;
pub mod vectors;
