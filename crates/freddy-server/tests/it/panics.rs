//! A function that panics while it answers a request.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use freddy_server::key::NewKey;
use freddy_server::{App, Endpoints, log_panic, serve};
use freddy_types::{ErrorCode, NoContent, Tag, endpoint};
use tokio::net::TcpListener;

use crate::support::{Database, send, settings};

endpoint! {
    /// Panics.
    pub(crate) struct Panic {}
    method: Get,
    path: "/v1/panic",
    response: NoContent,
    operation_id: "panic",
    tag: Tag { name: "Panics", description: "What panics." },
    summary: "Panic",
    description: "Panic.",
    returns: "Returns nothing.",
    success_message: "Nothing",
    errors: [ErrorCode::InternalServerError],
}

fn mount(endpoints: Endpoints) -> Endpoints {
    endpoints.mount(|_context, _caller, _request: Panic| async {
        if true {
            panic!("PLANTED-a7f3");
        }
        Ok(NoContent)
    })
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_panic_is_a_500_and_its_message_is_in_no_answer_and_no_log() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
    let _logging = tracing::subscriber::set_default(subscriber);

    let database = Database::sqlite();
    let store = database.open().await;
    let key = NewKey::generate().unwrap();
    store.add_key("alice", key.hash(), 0).await.unwrap();
    let settings = settings(&[]);
    let (app, _writer) = App::new(store, settings.clone()).await.unwrap();
    let service = app.service_with(mount);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { serve(listener, service, &settings, std::future::pending()).await });

    let default_hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(log_panic));
    let request = format!("GET /v1/panic HTTP/1.1\r\nHost: t\r\nX-API-Key: {}\r\n\r\n", key.reveal());
    let answer = send(address, &request).await;
    std::panic::set_hook(default_hook);

    answer.assert_error(ErrorCode::InternalServerError);
    let error = answer.assert_contract_error();
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let panicked = log.lines().find(|line| line.contains("\"panicked\"")).unwrap();
    assert!(panicked.contains(file!()) && panicked.contains(error.request_id().unwrap()), "{log}");
    assert!(!format!("{log} {answer:?}").contains("PLANTED"), "{log}");
}
