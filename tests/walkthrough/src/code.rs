//! Codes that the contract's table does not have.

use freddy_types::{Details, Integer, WholeSecond, extension_code, object};

object! {
    /// How far a job is that cannot be interrupted.
    pub struct JobRunningDetails, received as ReceivedJobRunningDetails {
        /// When it began.
        pub required started_at: WholeSecond,
        /// How much of it is done, in percent.
        pub required progress: Integer<0, 100> = 40,
    }
}

impl Details for JobRunningDetails {}

extension_code! {
    /// The job is at work and cannot be interrupted.
    pub const JOB_RUNNING {
        code: "JOB_RUNNING",
        status: 409,
        error_type: Client,
        heading: "Conflict",
        message: "The job is at work. Please try again when it has ended.",
        system_message: "Job cannot be interrupted",
        example_trace_id: "req_efg456",
        retry_after: 5,
        details: JobRunningDetails,
    }
}
