//! Changes a job: `PATCH /v1/jobs/{job_id}`.

use freddy_types::{ErrorCode, Json, endpoint};

use crate::job::{Job, JobId, JobPatch, TAG};

endpoint! {
    /// Changes some of a job, and leaves the rest as it is.
    pub struct UpdateJob {
        /// The job.
        pub required path job_id: JobId,
        /// What is to be changed.
        pub required body patch: JobPatch,
    }
    method: Patch,
    path: "/v1/jobs/{job_id}",
    response: Json<Job>,
    operation_id: "updateJob",
    tag: TAG,
    summary: "Update Job",
    description: "Change some of a job, and leave the rest as it is.",
    returns: "Returns the job as it is now.",
    success_message: "Job updated",
    errors: [
        ErrorCode::ValidationError,
        ErrorCode::Unauthorized,
        ErrorCode::NotFound,
        ErrorCode::RateLimitExceeded,
        ErrorCode::InternalServerError,
    ],
}
