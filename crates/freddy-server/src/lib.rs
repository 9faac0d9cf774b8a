//! The server of the Freddy API's personal-connector endpoint: it answers the contract of [`freddy_types`] over HTTP/1.1, from
//! SQLite or PostgreSQL.

mod api;
mod app;
mod batch_writer;
pub mod demo;
mod http;
pub mod key;
mod key_cache;
mod last_use;
mod limit;
pub mod metrics;
mod readiness;
mod settings;
pub mod store;

pub use app::App;
pub use http::context::Context;

pub use http::panic_hook::log_panic;
pub use http::routes::Endpoints;
pub use http::serve::serve;
pub use http::service::Service;
pub use settings::Settings;
