//! Answers the endpoint of personal connectors.

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ApiError, Failure, NoContent};

use crate::batch_writer::BatchWriter;
use crate::http::context::Context;
use crate::store::{Caller, Disconnect, DisconnectOutcome};

pub(crate) async fn disconnect_connector(
    writer: &BatchWriter,
    context: Context,
    caller: Caller,
    request: DisconnectConnector,
) -> Result<NoContent, ApiError> {
    let disconnect = Disconnect {
        key_id: caller.key_id,
        connector_id: request.connector_id,
        trace_id: context.trace_id.clone(),
        at: context.now_millisecond(),
    };
    match writer.disconnect(disconnect).await {
        Ok(DisconnectOutcome::Disconnected) => Ok(NoContent),
        Ok(DisconnectOutcome::NotYours) => Err(context.error(Failure::Forbidden)),
        Ok(DisconnectOutcome::KeyRevoked) => Err(context.error(Failure::Unauthorized)),
        Ok(DisconnectOutcome::Busy) => Err(context.error(Failure::ServiceUnavailable)),
        Err(_) => Err(context.error(Failure::InternalServerError)),
    }
}
