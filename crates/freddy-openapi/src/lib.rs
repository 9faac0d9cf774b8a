//! The OpenAPI documents of the Freddy API's personal-connector endpoint, made from the types in [`freddy_types`].
//!
//! [`contract`] is the registry of what is published. [`Spec`] makes the documents of any set of endpoints, so that
//! another crate can publish its own; [`validate`] holds a body to the contract; [`compat`] says whom a change breaks.
//!
//! ```
//! let document = freddy_openapi::contract().document()?;
//! assert_eq!(document["openapi"], "3.1.0");
//! assert!(document.pointer("/paths/~1v1~1personal-connectors~1{connector_id}/delete").is_some());
//! # Ok::<(), freddy_openapi::SpecError>(())
//! ```

mod artifacts;
pub mod compat;
mod document;
mod error;
mod example;
mod json;
#[cfg(feature = "laws")]
pub mod laws;
mod openapi_3_0;
mod operation;
mod reference;
mod samples;
mod schemas;
mod spec;
pub mod validate;

pub use artifacts::Artifact;
pub use error::SpecError;
pub use spec::{Info, Spec, contract};
