//! The server of the Freddy API's personal-connector endpoint: it answers the contract of [`freddy_types`] with axum, from
//! SQLite or PostgreSQL.

mod api;
mod app;
mod batch_writer;
pub mod demo;
mod http;
pub mod key;
mod key_cache;
mod limit;
mod readiness;
mod settings;
pub mod store;

pub use app::App;
pub use http::context::Context;
pub use http::endpoints::Endpoints;
pub use http::panic_hook::log_panic;
pub use http::serve::serve;
pub use settings::Settings;
