//! The server over real sockets and real databases.
//!
//! SQLite is always there. What PostgreSQL and Redis are needed for runs where `FREDDY_TEST_POSTGRES_URL` and
//! `FREDDY_TEST_REDIS_URL` name one, and says that it was skipped where not; `.ci/services` starts both.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "all of it is tests")]

mod commands;
mod concurrency;
mod crash;
mod documented_answers;
mod model;
mod overload;
mod secrets;
mod several_processes;
mod stopping;
mod support;
mod ways_to_fail;
