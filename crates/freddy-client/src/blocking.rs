//! The client for programs without an async runtime (feature `blocking`).

use std::fmt;
use std::sync::Arc;

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ConnectorId, Endpoint, NoContent, SuccessResponse};
use tokio::runtime::{Builder, Handle, Runtime};

use crate::build_error::BuildError;
use crate::error::{Cause, Error};

/// A [`crate::Client`] whose calls block until they are done. It runs one thread, and cloning it is cheap.
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

    /// Makes a blocking client of `client`.
    ///
    /// # Errors
    /// No thread could be started.
    pub fn new(client: crate::Client) -> Result<Self, BuildError> {
        // With a separate thread, it is noticed if the server closes a connection between two calls.
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
        if Handle::try_current().is_ok() {
            let cause = Cause::Request("a blocking call in an async context");
            return Err(Error::new(E::OPERATION_ID, E::METHOD.is_idempotent(), 0, cause));
        }
        self.runtime.get().block_on(self.client.send(request))
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

/// A runtime that may be dropped anywhere: dropping Tokio's own panics in an async context. Only `drop` empties it.
struct Background(Option<Runtime>);

impl Background {
    #[expect(clippy::expect_used, reason = "only `drop` empties it")]
    fn get(&self) -> &Runtime {
        self.0.as_ref().expect("it is not dropped yet")
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
