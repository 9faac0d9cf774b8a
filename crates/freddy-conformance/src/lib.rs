//! The contract as cases that any language can read, and what holds servers and clients to them.

#[cfg(feature = "runner")]
pub mod client;
#[cfg(feature = "runner")]
pub mod server;
pub mod vectors;
#[cfg(feature = "runner")]
mod xml;
