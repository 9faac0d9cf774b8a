//! The client for programs without an async runtime (feature `blocking`).

use std::fmt;
use std::sync::Arc;

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ConnectorId, Endpoint, NoContent, SuccessResponse};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::build_error::BuildError;
use crate::error::{Cause, Error};

/// A [`crate::Client`] whose calls block until they are done. It has one thread of its own; cloning it is cheap.
///
/// ```no_run
/// use freddy_client::{blocking, freddy_types::connector_id};
///
/// let client = blocking::Client::from_env()?;
/// client.disconnect_connector(&connector_id!("pcon_abc123"))?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Client {
    client: crate::Client,
    runtime: Arc<Background>,
}

impl Client {
    /// A client with the API key from the environment variable `FREDDY_API_KEY`, and the defaults for everything else.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::build_blocking`](crate::ClientBuilder::build_blocking).
    pub fn from_env() -> Result<Self, BuildError> {
        crate::Client::builder().api_key_from_env().build_blocking()
    }

    /// Makes the calls of `client` blocking ones.
    ///
    /// # Errors
    /// There is no thread to be had.
    pub fn new(client: crate::Client) -> Result<Self, BuildError> {
        // A thread of its own, so that a connection that the server closes between two calls is noticed.
        let runtime = Builder::new_multi_thread().worker_threads(1).thread_name("freddy-client").enable_all().build();
        let runtime = runtime.map_err(|error| BuildError::Setup(error.into()))?;
        Ok(Self { client, runtime: Arc::new(Background(Some(runtime))) })
    }

    /// [`crate::Client::disconnect_connector`], blocking.
    ///
    /// # Errors
    /// Those of the async client. In an async context, which must not block, the request is not sent.
    pub fn disconnect_connector(&self, connector_id: &ConnectorId) -> Result<NoContent, Error> {
        self.send(&DisconnectConnector { connector_id: connector_id.clone() })
    }

    /// [`crate::Client::send`], blocking.
    ///
    /// # Errors
    /// Those of the async client. In an async context, which must not block, the request is not sent.
    pub fn send<E: Endpoint>(&self, request: &E) -> Result<<E::Response as SuccessResponse>::Received, Error> {
        let in_async_context = || {
            let cause = Cause::Request("a blocking call in an async context");
            Error::new(E::OPERATION_ID, E::METHOD.is_idempotent(), 0, cause)
        };
        match &self.runtime.0 {
            Some(runtime) if Handle::try_current().is_err() => runtime.block_on(self.client.send(request)),
            _ => Err(in_async_context()),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

/// A runtime that may be dropped anywhere: Tokio's own panics where it must not block. Only `drop` empties it.
struct Background(Option<Runtime>);

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
