#![doc = include_str!("../README.md")]

mod artifacts;
pub mod compat;
mod document;
mod json_pointer;
#[cfg(feature = "laws")]
pub mod laws;
mod packages;
mod spec;
pub mod validate;

pub use artifacts::Artifact;
pub use spec::{Info, Spec, SpecError, contract};
