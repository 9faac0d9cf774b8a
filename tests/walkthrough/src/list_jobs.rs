//! Lists jobs: `GET /v1/jobs`.

use freddy_types::{Cursor, ErrorCode, Integer, Page, Timestamp, endpoint};

use crate::job::{Job, JobState, TAG};

endpoint! {
    /// Lists the caller's jobs, the oldest first.
    pub struct ListJobs {
        /// Only jobs in one of these states.
        pub repeated query state: JobState,
        /// Only jobs that were made later.
        pub optional query created_after: Timestamp,
        /// The most jobs on a page.
        pub defaulted query limit: Integer<1, 100> = Integer::literal::<20>(),
        /// Where the page begins: the `next_cursor` of the page before it.
        pub optional query cursor: Cursor,
    }
    method: Get,
    path: "/v1/jobs",
    response: Page<Job>,
    operation_id: "listJobs",
    tag: TAG,
    summary: "List Jobs",
    description: "List the jobs of the caller, the oldest first.",
    returns: "Returns a page of jobs.",
    success_message: "Jobs listed",
    errors: [
        ErrorCode::ValidationError,
        ErrorCode::Unauthorized,
        ErrorCode::RateLimitExceeded,
        ErrorCode::InternalServerError,
    ],
    cursor: cursor of Job,
}
