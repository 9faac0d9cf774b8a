//! Answers the Freddy API's personal-connector endpoint: the contract of [`freddy_types`] on axum, from SQLite or PostgreSQL.

mod app;
mod commit;
mod context;
pub mod demo;
mod docs;
mod edge;
mod gate;
pub mod key;
mod limit;
mod serve;
mod settings;
pub mod store;

pub use app::{App, Endpoints};
pub use context::Context;
pub use edge::log_panic;
pub use serve::serve;
pub use settings::Settings;
