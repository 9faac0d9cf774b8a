//! The server over real sockets and real databases.
//!
//! SQLite is always available. Tests that need PostgreSQL or Redis run if `FREDDY_TEST_POSTGRES_URL` or
//! `FREDDY_TEST_REDIS_URL` names one, and say that they are skipped if not. `.ci/services` starts both.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "all of it is tests"
)]

mod commands;
mod concurrency;
mod connections;
mod crash;
mod docs;
mod documented_answers;
mod full_disk;
mod heads;
mod locks;
mod log;
mod lost_connections;
mod metrics;
mod model;
mod overload;
mod panics;
mod pooler;
mod readiness;
mod redis;
mod schema;
mod secrets;
mod several_processes;
mod stopping;
mod support;
mod ways_to_fail;
