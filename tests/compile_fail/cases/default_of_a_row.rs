//! A defaulted row has a default, and no other row has one.

use freddy_types::{Integer, NoContent, Tag, endpoint};

endpoint! {
    /// Reads labels.
    pub struct ReadLabels {
        /// How many.
        pub defaulted query limit: Integer<1, 9>,
        /// How many to pass over.
        pub optional query skip: Integer<1, 9> = Integer::literal::<1>(),
    }
    method: Get,
    path: "/v1/labels",
    response: NoContent,
    operation_id: "readLabels",
    tag: Tag { name: "Labels", description: "" },
    summary: "",
    description: "",
    returns: "",
    success_message: "",
    errors: [],
}

fn main() {}
