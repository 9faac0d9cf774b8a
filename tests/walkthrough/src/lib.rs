//! What the README's guides lead to, in a crate of its own: an endpoint, and a code that the table does not have.

use freddy_types::personal_connectors::TAG;
use freddy_types::{
    ConnectorId, Endpoint, ErrorCode, ExtensionCode, Method, NoContent, PathTemplate, Tag, extension_code,
};

/// The connector has a job that cannot be interrupted.
pub const CONNECTOR_BUSY: ExtensionCode = extension_code! {
    code: "CONNECTOR_BUSY",
    status: 409,
    error_type: Client,
    heading: "Conflict",
    message: "The connector is in use. Please try again later.",
    system_message: "Connector has a running job",
    example_trace_id: "req_efg456",
    retry_after: 5,
};

/// Pauses a personal connector: `POST /v1/personal-connectors/{connector_id}/pause`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PauseConnector {
    /// The connector to pause.
    pub connector_id: ConnectorId,
}

impl Endpoint for PauseConnector {
    const METHOD: Method = Method::Post;
    const PATH: PathTemplate = PathTemplate::new("/v1/personal-connectors/{connector_id}/pause");
    const OPERATION_ID: &'static str = "pauseConnector";
    const TAG: Tag = TAG;
    const SUMMARY: &'static str = "Pause Connector";
    const DESCRIPTION: &'static str = "Pause a personal connector until it is used again.";
    const RETURNS: &'static str =
        "Returns `204 No Content` when the connector is paused. No response body is returned.";
    const SUCCESS_MESSAGE: &'static str = "Connector paused successfully";
    const ERRORS: &'static [ErrorCode] = &[
        ErrorCode::ValidationError,
        ErrorCode::Unauthorized,
        ErrorCode::Forbidden,
        ErrorCode::Extension(CONNECTOR_BUSY),
        ErrorCode::RateLimitExceeded,
        ErrorCode::InternalServerError,
    ];

    type PathParameters = (ConnectorId,);
    type Response = NoContent;

    fn path_parameters(&self) -> (&ConnectorId,) {
        (&self.connector_id,)
    }

    fn from_path_parameters((connector_id,): (ConnectorId,)) -> Self {
        Self { connector_id }
    }
}
