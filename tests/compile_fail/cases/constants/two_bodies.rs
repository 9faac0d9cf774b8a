//! A request has one body.

use freddy_types::{NoContent, Tag, endpoint};

endpoint! {
    /// Adds a label.
    pub struct AddLabel {
        /// What it says.
        pub required body text: String,
        /// What else it says.
        pub required body more: String,
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
