// A code that documents details cannot be sent without them, in another crate neither.
use freddy_types::{Details, Failure, Integer, extension_code, object};

object! {
    /// How many jobs there are.
    pub struct BusyDetails, received as ReceivedBusyDetails {
        /// Jobs that are waiting.
        pub required waiting: Integer<0, 1000>,
    }
}

impl Details for BusyDetails {}

extension_code! {
    /// The connector has too many jobs.
    pub const TOO_MANY_JOBS {
        code: "TOO_MANY_JOBS",
        status: 409,
        error_type: Client,
        heading: "Conflict",
        message: "The connector has too many jobs.",
        system_message: "Queue is full",
        example_trace_id: "req_efg456",
        details: BusyDetails,
    }
}

fn main() {
    let _ = Failure::from(TOO_MANY_JOBS);
}
