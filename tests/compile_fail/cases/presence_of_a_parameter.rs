// A presence that there is not is told at its row.
use freddy_types::{Endpoint, NoContent, Tag, endpoint};

endpoint! {
    /// Reads a label.
    pub struct ReadLabel {
        /// The label.
        pub required path label: String,
        /// How many.
        pub perhaps query count: String,
    }
    method: Get,
    path: "/v1/labels/{label}",
    response: NoContent,
    operation_id: "readLabel",
    tag: Tag { name: "Labels", description: "" },
    summary: "",
    description: "",
    returns: "",
    success_message: "",
    errors: [],
}

fn main() {
    let _ = ReadLabel::from_path("/v1/labels/a");
}
