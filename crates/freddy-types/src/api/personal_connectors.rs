//! Personal connectors: `/v1/personal-connectors`.

use crate::endpoint;
use crate::endpoint::Tag;
use crate::endpoint::success::NoContent;
use crate::error::table::ErrorCode;
use crate::value::connector_id::ConnectorId;

/// The group of these endpoints.
pub const TAG: Tag =
    Tag { name: "Personal Connectors", description: "Connections of a user to services outside Freddy." };

endpoint! {
    /// Permanently disconnects a personal connector: `DELETE /v1/personal-connectors/{connector_id}`.
    ///
    /// The connector is marked as deleted and can never be used again (soft delete). The answer is
    /// [`NoContent`](crate::NoContent).
    ///
    /// The documentation leaves two answers open. A connector that does not exist and one that belongs to somebody else
    /// answer the same [`ErrorCode::Forbidden`](crate::ErrorCode::Forbidden), so that nobody can probe for IDs. A second
    /// call by the owner answers [`NoContent`](crate::NoContent) again, so that a call whose answer was lost can be
    /// repeated.
    #[derive(Eq, Hash)]
    pub struct DisconnectConnector {
        /// Connector ID (e.g., `pcon_abc123`).
        pub required path connector_id: ConnectorId,
    }
    method: Delete,
    path: "/v1/personal-connectors/{connector_id}",
    response: NoContent,
    operation_id: "disconnectConnector",
    tag: TAG,
    summary: "Disconnect Connector",
    description: "Permanently disconnect a personal connector (soft delete).\n\n\
        A connector that does not exist and one that belongs to somebody else answer the same `403`. \
        Disconnecting a connector again answers `204` again, so a call whose answer was lost can be repeated.",
    returns: "Returns `204 No Content` on successful deletion. No response body is returned.",
    success_message: "Connector disconnected successfully",
    errors: [
        ErrorCode::ValidationError,
        ErrorCode::Unauthorized,
        ErrorCode::Forbidden,
        ErrorCode::RateLimitExceeded,
        ErrorCode::InternalServerError,
    ],
}
