//! Makes a job: `POST /v1/jobs`.

use freddy_types::{Created, ErrorCode, endpoint, identifier};

use crate::job::{Job, JobCreate, TAG};

identifier! {
    /// What the caller names a request by, so that it is executed once however often it is sent.
    pub struct IdempotencyKey: "idempotency key" {
        prefix: "",
        characters: "0-9A-Za-z_-", "an ASCII letter, a digit, `_` or `-`",
        max: 64,
        example: "0b7c9e4e",
    }
}

endpoint! {
    /// Makes a job, once for each key.
    pub struct CreateJob {
        /// The name of this request. A second request with the same name answers the job that the first one made.
        pub required header idempotency_key: IdempotencyKey as "Idempotency-Key",
        /// The job.
        pub required body job: JobCreate,
    }
    method: Post,
    path: "/v1/jobs",
    response: Created<Job>,
    operation_id: "createJob",
    tag: TAG,
    summary: "Create Job",
    description: "Make a job. A request that is sent again with the same `Idempotency-Key` answers the same job.",
    returns: "Returns the job, and its address in the `Location` header.",
    success_message: "Job created",
    errors: [
        ErrorCode::ValidationError,
        ErrorCode::Unauthorized,
        ErrorCode::RateLimitExceeded,
        ErrorCode::InternalServerError,
    ],
}
