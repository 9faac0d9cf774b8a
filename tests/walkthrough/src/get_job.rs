//! Reads a job: `GET /v1/jobs/{job_id}`.

use freddy_types::{ErrorCode, Json, endpoint};

use crate::job::{Job, JobId, TAG};

endpoint! {
    /// Reads a job.
    pub struct GetJob {
        /// The job.
        pub required path job_id: JobId,
    }
    method: Get,
    path: "/v1/jobs/{job_id}",
    response: Json<Job>,
    operation_id: "getJob",
    tag: TAG,
    summary: "Get Job",
    description: "Read a job.",
    returns: "Returns the job.",
    success_message: "Job read",
    errors: [
        ErrorCode::ValidationError,
        ErrorCode::Unauthorized,
        ErrorCode::NotFound,
        ErrorCode::RateLimitExceeded,
        ErrorCode::InternalServerError,
    ],
}
