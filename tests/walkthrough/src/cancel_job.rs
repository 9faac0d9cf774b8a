//! Cancels a job: `POST /v1/jobs/{job_id}/cancel`.

use freddy_types::{ErrorCode, NoContent, endpoint};

use crate::code::JOB_RUNNING;
use crate::job::{JobId, TAG};

endpoint! {
    /// Ends a job that has not begun. One that has ended stays as it is.
    pub struct CancelJob {
        /// The job.
        pub required path job_id: JobId,
    }
    method: Post,
    path: "/v1/jobs/{job_id}/cancel",
    response: NoContent,
    operation_id: "cancelJob",
    tag: TAG,
    summary: "Cancel Job",
    description: "End a job that has not begun. A job that is at work cannot be cancelled.",
    returns: "Returns `204 No Content` when the job is not going to run. No response body is returned.",
    success_message: "Job cancelled",
    errors: [
        ErrorCode::ValidationError,
        ErrorCode::Unauthorized,
        ErrorCode::NotFound,
        JOB_RUNNING.code(),
        ErrorCode::RateLimitExceeded,
        ErrorCode::InternalServerError,
    ],
}
