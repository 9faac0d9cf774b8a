//! A server inside the test.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use clap::Parser;
use freddy_server::key::NewKey;
use freddy_server::store::Store;
use freddy_server::{App, Settings, serve};
use freddy_types::{connector_id, headers};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use super::answer::{Answer, CONNECTORS, send};
use super::database::Database;

#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    settings: Settings,
}

/// The settings that these flags make.
pub(crate) fn settings(flags: &[&str]) -> Settings {
    Arguments::parse_from(["test"].iter().chain(flags)).settings
}

pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) database: Database,
    pub(crate) store: Store,
    pub(crate) alice: NewKey,
    pub(crate) alice_id: i64,
    pub(crate) bob: NewKey,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Server {
    /// A server on SQLite with a connector of alice's, `pcon_abc123`, and one of bob's, `pcon_bob1`.
    pub(crate) async fn start(flags: &[&str]) -> Self {
        Self::start_on(Database::sqlite(), flags).await
    }

    pub(crate) async fn start_on(database: Database, flags: &[&str]) -> Self {
        let settings = settings(flags);
        let store = Store::open_with(database.url(), &settings.database()).await.unwrap();
        let (alice, bob) = (NewKey::generate().unwrap(), NewKey::generate().unwrap());
        let alice_id = store.add_key("alice", alice.hash(), 0).await.unwrap();
        store.add_key("bob", bob.hash(), 0).await.unwrap();
        store.add_connector(&connector_id!("pcon_abc123"), "alice", 0).await.unwrap();
        store.add_connector(&connector_id!("pcon_bob1"), "bob", 0).await.unwrap();

        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (app, writer) = App::new(store.clone(), settings.clone()).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(async move {
            serve(listener, app.service(), &settings, async { stopped.await.unwrap_or(()) }).await;
            writer.await.unwrap();
        });
        Self { address, database, store, alice, alice_id, bob, stop, running }
    }

    /// Sends a request on a new connection.
    pub(crate) async fn call(&self, method: &str, path: &str, credential: &str) -> Answer {
        let head = format!("{method} {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{credential}\r\n");
        send(self.address, &head).await
    }

    /// Disconnects with alice's key.
    pub(crate) async fn delete(&self, id: &str) -> Answer {
        self.call("DELETE", &format!("{CONNECTORS}{id}"), &self.key()).await
    }

    /// Waits until a connector of alice's can be disconnected. Fails if that is never the case.
    pub(crate) async fn eventually_disconnects(&self, id: &str) {
        let started = Instant::now();
        loop {
            let answer = self.delete(id).await;
            if answer.status == 204 {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "{answer:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Waits until this many statements wait for a lock of PostgreSQL.
    pub(crate) async fn waits_for_a_lock(&self, statements: usize) {
        let waiting = "SELECT pid::text FROM pg_stat_activity \
                       WHERE datname = current_database() AND wait_event_type = 'Lock'";
        let started = Instant::now();
        while self.database.texts(waiting).await.len() != statements {
            assert!(started.elapsed() < Duration::from_secs(60), "there are never {statements} waiting");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Alice's key as a header line.
    pub(crate) fn key(&self) -> String {
        format!("{}: {}\r\n", headers::X_API_KEY, self.alice.reveal())
    }

    /// Alice's request for her connector, with the part of a body of `length` bytes that has arrived.
    pub(crate) fn delete_with_body(&self, length: usize, body: &str) -> String {
        let key = self.key();
        format!("DELETE {CONNECTORS}pcon_abc123 HTTP/1.1\r\nHost: t\r\n{key}Content-Length: {length}\r\n\r\n{body}")
    }

    /// Stops as a signal would, and returns when everything is answered and written.
    pub(crate) async fn stop(self) -> Database {
        self.stop.send(()).unwrap();
        self.running.await.unwrap();
        self.database
    }
}
