#![doc = include_str!("../README.md")]

mod artifacts;
mod document;
#[cfg(feature = "laws")]
pub mod laws;
mod packages;
mod spec;
pub mod validate;

pub use artifacts::Artifact;
pub use spec::{Info, Spec, SpecError, contract};
