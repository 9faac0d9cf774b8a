//! A header is visible ASCII, which not every string is, and stands once.

use freddy_types::{Integer, Text, response_headers};

response_headers! {
    /// What is said beside a job.
    pub struct AnyText {
        /// A line break would end the header.
        pub required title: Text<1, 80> as "X-Title",
    }
}

response_headers! {
    /// What is said beside a job.
    pub struct Repeated {
        /// A response header stands once.
        pub repeated count: Integer<0, 9> as "X-Count",
    }
}

fn main() {}
