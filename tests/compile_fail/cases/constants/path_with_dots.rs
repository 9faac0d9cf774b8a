// URL parsers take `..` away together with the segment in front of it, so the request would go elsewhere.
use freddy_types::{Endpoint, NoContent, Tag, endpoint};

endpoint! {
    /// Reads a label.
    pub struct ReadLabel {
        /// The label.
        pub required path label: String,
    }
    method: Get,
    path: "/v1/labels/../{label}",
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
