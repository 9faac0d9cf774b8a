// A name in braces in the path has to have a row, or nothing would fill it.
use freddy_types::{Endpoint, NoContent, Tag, endpoint};

endpoint! {
    /// Reads a label.
    pub struct ReadLabel {
        /// How many.
        pub required query label: String,
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
