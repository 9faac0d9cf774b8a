// The path and its parameters have to go together, or a client would send a path with a hole in it.
use freddy_types::{ConnectorId, Endpoint, ErrorCode, Method, NoContent, PathTemplate, Tag, connector_id};

struct ListConnectors {
    connector_id: ConnectorId,
}

impl Endpoint for ListConnectors {
    const METHOD: Method = Method::Get;
    const PATH: PathTemplate = PathTemplate::new("/v1/personal-connectors");
    const OPERATION_ID: &'static str = "listConnectors";
    const TAG: Tag = Tag { name: "Personal Connectors", description: "" };
    const SUMMARY: &'static str = "";
    const DESCRIPTION: &'static str = "";
    const RETURNS: &'static str = "";
    const SUCCESS_MESSAGE: &'static str = "";
    const ERRORS: &'static [ErrorCode] = &[];

    type PathParameters = (ConnectorId,);
    type Response = NoContent;

    fn path_parameters(&self) -> (&ConnectorId,) {
        (&self.connector_id,)
    }

    fn from_path_parameters((connector_id,): (ConnectorId,)) -> Self {
        Self { connector_id }
    }
}

fn main() {
    let _ = ListConnectors { connector_id: connector_id!("pcon_abc123") }.path();
}
