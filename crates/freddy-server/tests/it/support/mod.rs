//! What the tests are written with.

mod answer;
mod database;
mod process;
mod proxy;
mod server;

pub(crate) use answer::{Answer, CONNECTORS, Connection, delete_of, send};
pub(crate) use database::{Database, redis_url};
pub(crate) use process::{Process, command, ignoring};
pub(crate) use proxy::Proxy;
pub(crate) use server::{Server, settings};
