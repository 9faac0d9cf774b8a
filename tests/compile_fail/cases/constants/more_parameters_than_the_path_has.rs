// The path and its parameters have to go together, or a client would send a path with a hole in it: a row without a name.
use freddy_types::{ConnectorId, Endpoint, NoContent, Tag, connector_id, endpoint};

endpoint! {
    /// Lists connectors.
    pub struct ListConnectors {
        /// The connector.
        pub required path connector_id: ConnectorId,
    }
    method: Get,
    path: "/v1/personal-connectors",
    response: NoContent,
    operation_id: "listConnectors",
    tag: Tag { name: "Personal Connectors", description: "" },
    summary: "",
    description: "",
    returns: "",
    success_message: "",
    errors: [],
}

fn main() {
    let _ = ListConnectors { connector_id: connector_id!("pcon_abc123") }.path();
}
