//! Reads a job: `GET /v1/jobs/{job_id}`.

use freddy_types::{ErrorCode, Integer, Json, WithHeaders, endpoint, response_headers};

use crate::job::{Job, JobId, TAG};

response_headers! {
    /// What is said beside a job.
    pub struct JobHeaders {
        /// Seconds after which it is worth asking again, for a job that has not ended.
        pub optional ask_again_after: Integer<1, 3600> as "X-Ask-Again-After",
    }
}

endpoint! {
    /// Reads a job.
    pub struct GetJob {
        /// The job.
        pub required path job_id: JobId,
    }
    method: Get,
    path: "/v1/jobs/{job_id}",
    response: WithHeaders<Json<Job>, JobHeaders>,
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
