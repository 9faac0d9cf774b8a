//! Connections to PostgreSQL that are lost: with a word, without one, or for a while.

use std::time::{Duration, Instant};

use freddy_server::key::NewKey;
use freddy_types::ErrorCode;

use crate::support::{Connection, Database, Process, Proxy, delete_of};

/// A server behind a network, with a client.
struct Setup {
    database: Database,
    proxy: Proxy,
    process: Process,
    key: NewKey,
    next: usize,
}

impl Setup {
    async fn start(flags: &[&str]) -> Option<Self> {
        let database = Database::postgres().await?;
        let key = NewKey::generate().unwrap();
        database.open().await.add_key("alice", key.hash(), 0).await.unwrap();
        let add = "INSERT INTO connectors (id, owner, created_at) SELECT 'pcon_' || n, 'alice', 0 FROM generate_series(0, 9999) n";
        database.execute("", add).await;
        let proxy = Proxy::before(database.url()).await;
        let flags = [&["--rate-limit", "1000000", "--key-cache-ms", "0"], flags].concat();
        let process = Process::serve(proxy.url(), &flags);
        let setup = Self { database, proxy, process, key, next: 0 };
        setup.fill_pool().await;
        Some(setup)
    }

    /// Looks up many keys at once, each on a connection of its own.
    async fn fill_pool(&self) {
        let requests = (0..64).map(|_| delete_of("pcon_0", &NewKey::generate().unwrap()));
        assert_eq!(self.calls(requests).await, [401; 64]);
    }

    /// Disconnects many connectors at once.
    async fn disconnect_many(&mut self) -> Vec<u16> {
        let numbers = self.next..self.next + 64;
        self.next = numbers.end;
        self.calls(numbers.map(|number| delete_of(&format!("pcon_{number}"), &self.key))).await
    }

    async fn calls(&self, requests: impl Iterator<Item = String>) -> Vec<u16> {
        let address = self.process.address;
        let mut calls = Vec::new();
        for request in requests {
            calls.push(tokio::spawn(
                async move { Connection::open(address).await.call(&request).await.unwrap().status },
            ));
        }
        let mut statuses = Vec::new();
        for call in calls {
            statuses.push(call.await.unwrap());
        }
        statuses
    }

    async fn recovers(&mut self) {
        let started = Instant::now();
        while self.disconnect_many().await != [204; 64] {
            assert!(started.elapsed() < Duration::from_secs(60), "it does not recover");
        }
        assert_eq!(self.database.audit().await, self.database.disconnected().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_are_closed_cost_no_caller_anything() {
    let Some(mut setup) = Setup::start(&[]).await else { return };
    for _ in 0..3 {
        setup.proxy.close_open_connections();
        assert_eq!(setup.disconnect_many().await, [204; 64]);
    }
}

/// As after a failover: new connections work, and the old ones say nothing any more.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn silent_connections_are_given_up_together() {
    let Some(mut setup) = Setup::start(&["--statement-timeout-ms", "500"]).await else { return };
    assert!(setup.proxy.opened() > 10, "{}", setup.proxy.opened());
    setup.proxy.silence_open_connections();
    let started = Instant::now();
    setup.recovers().await;
    // One after the other, they would take a second and a half each.
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_hangs_is_answered_for_in_time_and_used_again() {
    let flags = ["--statement-timeout-ms", "500", "--connect-timeout-ms", "500"];
    let Some(mut setup) = Setup::start(&flags).await else { return };
    setup.proxy.silence();
    let started = Instant::now();
    let mut connection = Connection::open(setup.process.address).await;
    let answer = connection.call(&delete_of("pcon_9999", &setup.key)).await.unwrap();
    answer.assert_error(ErrorCode::InternalServerError);
    let ready = "GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n";
    connection.call(ready).await.unwrap().assert_error(ErrorCode::ServiceUnavailable);
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    setup.proxy.resume();
    setup.recovers().await;
    connection.becomes_ready().await;
}

/// An old primary after a failover: it takes no writes, and a new connection finds the new one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connections_that_have_become_read_only_are_given_up() {
    let Some(mut setup) = Setup::start(&[]).await else { return };
    let read_only = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$";
    setup.database.execute("", read_only).await;
    setup.proxy.close_open_connections();
    let ready = "GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n";
    let mut connection = Connection::open(setup.process.address).await;
    tokio::time::sleep(Duration::from_millis(600)).await;
    connection.call(ready).await.unwrap().assert_error(ErrorCode::ServiceUnavailable);
    let answer = connection.call(&delete_of("pcon_9999", &setup.key)).await.unwrap();
    answer.assert_error(ErrorCode::InternalServerError);
    // The connections that the server has now stay read-only for as long as they live.
    let writable = "BEGIN READ WRITE; \
        DO $$ BEGIN EXECUTE format('ALTER DATABASE %I RESET default_transaction_read_only', current_database()); END $$; COMMIT";
    setup.database.execute("", writable).await;
    assert_eq!(setup.disconnect_many().await, [204; 64]);
    connection.becomes_ready().await;
}
