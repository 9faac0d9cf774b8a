//! The client for programs without an async runtime (feature `blocking`).

use std::fmt;
use std::panic::resume_unwind;
use std::sync::{Arc, mpsc};
use std::task::{Context, Poll, Waker};

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{ConnectorId, Endpoint, NoContent, SuccessResponse};
use tokio::runtime::{Builder, Runtime};
use tokio::task::coop::poll_proceed;
use tracing::instrument::WithSubscriber as _;

use crate::build_error::BuildError;
use crate::call::Call;
use crate::error::{Cause, Error};
use crate::metadata::Response;

/// A [`crate::Client`] whose calls block until they are done. It runs one thread, and cloning it is cheap.
///
/// Calls may come from any thread that may block: also from within `spawn_blocking` and `block_in_place`, and from a thread
/// that has entered a runtime's handle.
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
    /// A client with the API key from the environment variable `FREDDY_API_KEY`, the base URL from `FREDDY_BASE_URL` where
    /// that is set, and the defaults for everything else.
    ///
    /// # Errors
    /// Those of [`ClientBuilder::build_blocking`](crate::ClientBuilder::build_blocking).
    pub fn from_env() -> Result<Self, BuildError> {
        crate::Client::builder().api_key_from_env().base_url_from_env().build_blocking()
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
    /// Those of [`send`](Self::send).
    pub fn disconnect_connector(&self, connector_id: &ConnectorId) -> Result<NoContent, Error> {
        self.send(&DisconnectConnector { connector_id: connector_id.clone() })
    }

    /// [`crate::Client::send`], blocking.
    ///
    /// # Errors
    /// Those of the async client. In async code, where a blocking call would keep a runtime from its other work, it is an
    /// [`ErrorKind::Request`](crate::ErrorKind::Request), and the request is not sent.
    ///
    /// # Panics
    /// If a hook or a credential provider panics.
    pub fn send<E: Endpoint>(&self, request: &E) -> Result<<E::Response as SuccessResponse>::Received, Error> {
        self.call(request).send()
    }

    /// [`crate::Client::send_with_metadata`], blocking.
    ///
    /// # Errors
    /// Those of [`send`](Self::send).
    ///
    /// # Panics
    /// If a hook or a credential provider panics.
    pub fn send_with_metadata<E: Endpoint>(
        &self,
        request: &E,
    ) -> Result<Response<<E::Response as SuccessResponse>::Received>, Error> {
        self.call(request).with_metadata()
    }

    /// A call that may have options of its own: a deadline, a retry policy, headers, an idempotency key. [`Call::send`]
    /// sends it.
    pub fn call<'a, E: Endpoint>(&'a self, request: &'a E) -> Call<'a, E, Self> {
        Call::new(self, request)
    }
}

impl<E: Endpoint> Call<'_, E, Client> {
    /// Sends the request and blocks until the call is done.
    ///
    /// # Errors
    /// Those of [`Client::send`], and an option that cannot be used.
    ///
    /// # Panics
    /// If a hook or a credential provider panics.
    pub fn send(self) -> Result<<E::Response as SuccessResponse>::Received, Error> {
        Ok(self.with_metadata()?.body)
    }

    /// As [`send`](Self::send), and returns what was said beside the success as well.
    ///
    /// # Errors
    /// Those of [`send`](Self::send).
    ///
    /// # Panics
    /// If a hook or a credential provider panics.
    pub fn with_metadata(self) -> Result<Response<<E::Response as SuccessResponse>::Received>, Error> {
        if runs_async_code() {
            let cause = Cause::Request("a blocking call in an async context");
            return Err(Error::new(E::OPERATION_ID, E::METHOD.is_idempotent(), 0, cause));
        }
        let call = self.client.client.start(self.request, &self.options);
        self.client.runtime.wait_for(call.with_current_subscriber())
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.client.fmt(f)
    }
}

/// Whether this thread is polling a future of Tokio, which has other work to do for the runtime meanwhile.
///
/// Tokio does not tell that, but it gives a budget of steps to what it polls, and none to blocking code: neither in
/// `spawn_blocking` and `block_in_place` nor in a thread of the program. So only in async code the steps come to an end.
/// The future then yields at its next step, as it would after any other long work. Within `tokio::task::unconstrained`, async
/// code looks like blocking code; a call then blocks, but does no other harm.
fn runs_async_code() -> bool {
    /// Many times what Tokio gives, which is 128.
    const STEPS: u32 = 2048;
    let mut context = Context::from_waker(Waker::noop());
    (0..STEPS).any(|_| match poll_proceed(&mut context) {
        Poll::Ready(step) => {
            step.made_progress();
            false
        }
        Poll::Pending => true,
    })
}

/// A runtime that may be used and dropped anywhere: Tokio's own panics in async code. Only `drop` empties it.
struct Background(Option<Runtime>);

impl Background {
    /// Runs a future in the runtime's thread. Unlike `block_on`, this cannot panic because of where it is called.
    #[expect(clippy::expect_used, reason = "only `drop` empties it, and it runs what it was given")]
    fn wait_for<T: Send + 'static>(&self, future: impl Future<Output = T> + Send + 'static) -> T {
        let (sender, receiver) = mpsc::sync_channel(1);
        let runtime = self.0.as_ref().expect("it is not dropped yet");
        let task = runtime.spawn(future);
        runtime.spawn(async move { sender.send(task.await) });
        match receiver.recv().expect("the runtime outlives the call") {
            Ok(result) => result,
            Err(ended) => resume_unwind(ended.into_panic()),
        }
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}
