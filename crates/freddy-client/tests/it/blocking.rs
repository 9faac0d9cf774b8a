//! The client for programs without an async runtime.

use std::sync::mpsc;

use freddy_client::{BuildError, Client, ErrorKind, RetryPolicy, blocking};
use freddy_types::ErrorCode;

use crate::support::{Connection, KEY, NO_CONTENT, Stub, Watchdog, failure, id};

/// A stub in another thread, since a blocking call would keep it from serving.
fn serve(script: Vec<Connection>) -> String {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let stub = Stub::start(script).await;
            sender.send(stub.url()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().unwrap()
}

fn client(script: Vec<Connection>) -> blocking::Client {
    let builder = Client::builder().base_url(serve(script)).api_key(KEY).retry(RetryPolicy::never());
    builder.build_blocking().unwrap()
}

#[test]
fn a_call_blocks_until_it_is_done() {
    let _watchdog = Watchdog::last_resort();
    let client = client(vec![Connection::send(NO_CONTENT), Connection::send(failure(ErrorCode::Forbidden))]);
    client.disconnect_connector(&id()).unwrap();
    assert_eq!(client.clone().disconnect_connector(&id()).unwrap_err().code(), Some(ErrorCode::Forbidden));
    assert!(format!("{client:?}").contains("[redacted]"));
}

#[tokio::test]
async fn in_an_async_context_a_call_fails_and_nothing_panics() {
    let _watchdog = Watchdog::last_resort();
    let client = client(vec![]);
    let error = client.disconnect_connector(&id()).unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Request, 0));
    assert_eq!(error.to_string(), "disconnectConnector failed: a blocking call in an async context");
    drop(client);
}

#[test]
fn it_is_built_from_the_same_settings_with_the_same_checks() {
    let unset = Client::builder().build_blocking().unwrap_err();
    assert!(matches!(unset, BuildError::MissingCredential), "{unset:?}");
    let builder = Client::builder().api_key(KEY).max_error_body(77).retry(RetryPolicy::never());
    let blocking = builder.clone().build_blocking().unwrap();
    assert_eq!(format!("{blocking:?}"), format!("{:?}", builder.build().unwrap()));
}
