//! Two rows of one place have two names.

use freddy_types::{Integer, NoContent, Tag, endpoint};

endpoint! {
    /// Adds a label.
    pub struct AddLabel {
        /// How many.
        pub optional query limit: Integer<1, 9>,
        /// How many once more.
        pub optional query most: Integer<1, 9> as "limit",
    }
    method: Post,
    path: "/v1/labels",
    response: NoContent,
    operation_id: "addLabel",
    tag: Tag { name: "Labels", description: "" },
    summary: "",
    description: "",
    returns: "",
    success_message: "",
    errors: [],
}

fn main() {}
