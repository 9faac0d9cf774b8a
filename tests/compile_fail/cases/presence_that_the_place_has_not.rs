// A path has all of its parameters, a header stands once, and a body is there.
use freddy_types::{Endpoint, NoContent, Tag, endpoint, TraceId};

endpoint! {
    /// Reads a label.
    pub struct ReadLabel {
        /// The label.
        pub optional path label: String,
        /// A key.
        pub repeated header key: TraceId as "X-Key",
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
