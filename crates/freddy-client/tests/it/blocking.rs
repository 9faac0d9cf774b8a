//! The client for programs without an async runtime.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use freddy_client::{BuildError, Client, ClientBuilder, ErrorKind, RetryPolicy, blocking};
use freddy_types::{ErrorCode, personal_connectors::DisconnectConnector};
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, block_in_place, spawn_blocking, unconstrained};

use crate::support::{Connection, KEY, NO_CONTENT, Received, Stub, Watchdog, failure, id, within_reason};

/// A stub in another thread, since a blocking call would keep it from serving. It sends what it has got so far when asked.
struct Server {
    url: String,
    ask: tokio::sync::mpsc::UnboundedSender<mpsc::Sender<Vec<Received>>>,
}

impl Server {
    fn start(script: Vec<Connection>) -> Self {
        let (sender, receiver) = mpsc::channel();
        let (ask, mut asked) = tokio::sync::mpsc::unbounded_channel::<mpsc::Sender<Vec<Received>>>();
        thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let stub = Stub::start(script).await;
                sender.send(stub.url()).unwrap();
                while let Some(reply) = asked.recv().await {
                    reply.send(stub.requests()).unwrap();
                }
            });
        });
        Self { url: receiver.recv_timeout(LONG).unwrap(), ask }
    }

    fn builder(&self) -> ClientBuilder {
        Client::builder().base_url(&self.url).api_key(KEY).retry(RetryPolicy::never()).deadline(LONG / 2)
    }

    fn requests(&self) -> Vec<Received> {
        let (sender, receiver) = mpsc::channel();
        self.ask.send(sender).unwrap();
        receiver.recv_timeout(LONG).unwrap()
    }
}

const LONG: Duration = Duration::from_secs(30);

fn done() -> Connection {
    Connection::send(NO_CONTENT)
}

fn request() -> DisconnectConnector {
    DisconnectConnector { connector_id: id() }
}

fn client(script: Vec<Connection>) -> (blocking::Client, Server) {
    let server = Server::start(script);
    (server.builder().build_blocking().unwrap(), server)
}

#[test]
fn a_call_blocks_until_it_is_done() {
    let _watchdog = Watchdog::last_resort();
    let (client, server) = client(vec![done(), Connection::send(failure(ErrorCode::Forbidden))]);
    client.disconnect_connector(&id()).unwrap();
    assert_eq!(client.clone().disconnect_connector(&id()).unwrap_err().code(), Some(ErrorCode::Forbidden));
    assert!(format!("{client:?}").contains("[redacted]"));
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn what_the_builder_says_holds_for_blocking_calls() {
    let failed = Connection::send(failure(ErrorCode::InternalServerError));
    let server = Server::start(vec![failed.clone(), failed.clone(), failed]);
    let retry = RetryPolicy::new().max_attempts(2).initial_backoff(Duration::from_millis(1));
    let client = server.builder().retry(retry).default_header("X-Tenant", "blue").build_blocking().unwrap();
    let error = client.send(&request()).unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(500), 2));
    let requests = server.requests();
    assert_eq!(requests.len(), 2);
    assert_eq!((requests[0].header("X-API-Key"), requests[0].header("X-Tenant")), (Some(KEY), Some("blue")));
}

#[test]
fn what_cannot_be_built_cannot_be_built_blocking() {
    assert!(matches!(Client::builder().build_blocking(), Err(BuildError::MissingCredential)));
    let zero = Client::builder().api_key("key").deadline(Duration::ZERO).build_blocking();
    assert!(matches!(zero, Err(BuildError::ZeroTimeout { setting: "deadline" })));
}

#[test]
fn a_call_may_have_options_and_metadata() {
    let (client, server) = client(vec![done(), done(), Connection::send("").then_stall()]);
    let response = client.call(&request()).header("X-Own", "1").with_metadata().unwrap();
    assert_eq!(response.metadata.request_id(), Some("req_done"));
    assert_eq!(server.requests()[0].header("X-Own"), Some("1"));
    assert_eq!(client.send_with_metadata(&request()).unwrap().metadata.status(), 204);
    let error = client.call(&request()).deadline(Duration::from_millis(50)).send().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
}

fn multi_thread() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[tokio::test]
async fn it_works_in_spawn_blocking() {
    let (client, _server) = client(vec![done()]);
    within_reason(spawn_blocking(move || client.disconnect_connector(&id()))).await.unwrap().unwrap();
}

#[test]
fn it_works_in_block_in_place() {
    let (client, _server) = client(vec![done(), done()]);
    let runtime = multi_thread();
    runtime.block_on(async { block_in_place(|| client.disconnect_connector(&id())) }).unwrap();
    let task = runtime.spawn(async move { block_in_place(|| client.disconnect_connector(&id())) });
    runtime.block_on(within_reason(task)).unwrap().unwrap();
}

#[test]
fn it_works_in_a_thread_that_has_entered_a_handle() {
    let (client, _server) = client(vec![done(), done()]);
    for runtime in [multi_thread(), Builder::new_current_thread().build().unwrap()] {
        let _entered = runtime.enter();
        client.disconnect_connector(&id()).unwrap();
    }
}

fn assert_refused(client: &blocking::Client) {
    let error = client.disconnect_connector(&id()).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0));
    assert_eq!(error.to_string(), "disconnectConnector failed: a blocking call in an async context");
}

#[tokio::test]
async fn in_an_async_context_a_call_fails_and_nothing_panics() {
    let _watchdog = Watchdog::last_resort();
    let (client, server) = client(vec![]);
    assert_refused(&client);
    // What the refusal used up comes back.
    tokio::time::sleep(Duration::from_millis(1)).await;
    assert_refused(&client);
    let (of_task, of_worker) = (client.clone(), client.clone());
    within_reason(tokio::spawn(async move { assert_refused(&of_task) })).await.unwrap();
    within_reason(LocalSet::new().run_until(async { assert_refused(&client) })).await;
    spawn_blocking(|| {
        let runtime = multi_thread();
        runtime.block_on(within_reason(runtime.spawn(async move { assert_refused(&of_worker) }))).unwrap();
    })
    .await
    .unwrap();
    assert_eq!(server.requests().len(), 0);
    drop(client);
}

#[tokio::test]
async fn where_tokio_does_not_tell_a_call_blocks_and_nothing_panics() {
    let (client, _server) = client(vec![done()]);
    within_reason(unconstrained(async { client.disconnect_connector(&id()) })).await.unwrap();
}

#[test]
fn a_hook_that_panics_panics_in_the_caller_and_the_client_goes_on() {
    let server = Server::start(vec![done()]);
    let first = AtomicBool::new(true);
    let builder = server.builder().before_attempt(move |_| {
        assert!(!first.swap(false, Ordering::SeqCst), "planned");
        Ok(())
    });
    let client = builder.build_blocking().unwrap();
    let panic = catch_unwind(AssertUnwindSafe(|| client.disconnect_connector(&id()))).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"planned"));
    client.disconnect_connector(&id()).unwrap();
}

#[test]
fn the_subscriber_of_the_calling_thread_sees_the_call() {
    let (client, _server) = client(vec![done()]);
    let (log, _waits, _guard) = crate::support::Log::start();
    client.disconnect_connector(&id()).unwrap();
    let events = log.events();
    assert_eq!((events.len(), &*events[0].message, events[0].status), (1, "answered", Some(204)));
}
