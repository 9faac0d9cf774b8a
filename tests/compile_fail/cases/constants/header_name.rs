//! The name of a header is a token of HTTP.

use freddy_types::{Integer, response_headers};

response_headers! {
    /// What is said beside a job.
    pub struct Named {
        /// A space ends a name.
        pub required count: Integer<0, 9> as "X Count",
    }
}

fn main() {}
