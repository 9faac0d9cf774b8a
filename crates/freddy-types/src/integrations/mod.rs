//! What the features add: one file for each.

#[cfg(feature = "http")]
mod http;
#[cfg(feature = "schemars")]
pub mod schema;
#[cfg(feature = "proptest")]
pub mod strategies;
#[cfg(feature = "utoipa")]
mod utoipa;
