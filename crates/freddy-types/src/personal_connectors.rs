//! Personal connectors: `/v1/personal-connectors`.

use crate::code::ErrorCode;
use crate::connector_id::ConnectorId;
use crate::endpoint::{Endpoint, Method, NoContent, PathTemplate, Tag};

/// The group of these endpoints.
pub const TAG: Tag =
    Tag { name: "Personal Connectors", description: "Connections of a user to services outside Freddy." };

/// Permanently disconnects a personal connector: `DELETE /v1/personal-connectors/{connector_id}`.
///
/// The connector is marked as deleted and can never be used again (soft delete). The answer is [`NoContent`].
///
/// The documentation leaves two answers open. A connector that does not exist and one that belongs to somebody else
/// answer the same [`ErrorCode::Forbidden`], so that nobody can probe for IDs. A second call by the owner answers
/// [`NoContent`] again, so that a call whose answer was lost can be repeated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DisconnectConnector {
    /// The connector to disconnect.
    pub connector_id: ConnectorId,
}

impl Endpoint for DisconnectConnector {
    const METHOD: Method = Method::Delete;
    const PATH: PathTemplate = PathTemplate::new("/v1/personal-connectors/{connector_id}");
    const OPERATION_ID: &'static str = "disconnectConnector";
    const TAG: Tag = TAG;
    const SUMMARY: &'static str = "Disconnect Connector";
    const DESCRIPTION: &'static str = "Permanently disconnect a personal connector (soft delete).\n\n\
        A connector that does not exist and one that belongs to somebody else answer the same `403`. \
        Disconnecting a connector again answers `204` again, so a call whose answer was lost can be repeated.";
    const RETURNS: &'static str = "Returns `204 No Content` on successful deletion. No response body is returned.";
    const SUCCESS_MESSAGE: &'static str = "Connector disconnected successfully";
    const ERRORS: &'static [ErrorCode] = &[
        ErrorCode::ValidationError,
        ErrorCode::Unauthorized,
        ErrorCode::Forbidden,
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
