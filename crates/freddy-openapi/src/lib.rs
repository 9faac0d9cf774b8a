//! The OpenAPI documents of the Freddy API's personal-connector endpoint, made from the types in [`freddy_types`].
//!
//! [`contract`] lists what is published. [`Spec`] makes the documents of any set of endpoints, so that another crate can
//! publish its own. [`validate`] checks a body against the contract, and [`compat`] finds which clients and servers a change breaks.
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
mod json_pointer;
#[cfg(feature = "laws")]
pub mod laws;
mod spec;
pub mod validate;

pub use artifacts::Artifact;
pub use spec::{Info, Spec, SpecError, contract};
