//! What the README's guides lead to, in a crate of its own: the API of a company that runs jobs.

pub mod cancel_job;
pub mod code;
pub mod create_job;
pub mod get_job;
pub mod job;
pub mod list_jobs;
pub mod update_job;
