//! A server that is asked to stop answers what is in flight.

use std::net::SocketAddr;
use std::time::Duration;

use freddy_server::key::NewKey;
use freddy_types::connector_id;
use tokio::net::TcpStream;

use crate::support::{Connection, Database, Process, Server, command, delete_of, ignoring, send};

#[tokio::test]
async fn a_stopping_server_answers_what_is_in_flight() {
    let server = Server::start(&[]).await;
    let address = server.address;
    let mut connection = Connection::in_flight(address, "pcon_abc123", &server.alice).await;
    let stopping = tokio::spawn(server.stop());
    connection.write("1").await;
    connection.answer().await.unwrap().assert_no_content();
    assert!(connection.is_closed().await);
    let database = stopping.await.unwrap();
    assert_eq!(database.disconnected().await.len(), 1);
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_terminated_process_answers_what_is_in_flight_and_succeeds() {
    for database in Database::each().await {
        let store = database.open().await;
        let key = NewKey::generate().unwrap();
        let key_id = store.add_key("alice", key.hash(), 0).await.unwrap();
        store.add_connector(&connector_id!("pcon_abc123"), "alice", 0).await.unwrap();
        let process = Process::serve(database.url(), &[]);
        let mut in_flight = Vec::new();
        for _ in 0..20 {
            in_flight.push(Connection::in_flight(process.address, "pcon_abc123", &key).await);
        }
        // An idle connection does not keep a server from stopping.
        let mut idle = Connection::open(process.address).await;
        let address = process.address;
        let stopped = tokio::task::spawn_blocking(move || process.terminate());
        refuses_connections(address).await;
        for mut connection in in_flight {
            connection.write("0").await;
            connection.answer().await.unwrap().assert_no_content();
        }
        assert!(idle.is_closed().await);
        stopped.await.unwrap();
        assert_eq!(database.audit().await, [format!("pcon_abc123 by {key_id}")]);
    }
}

#[tokio::test]
async fn a_draining_server_still_takes_requests_and_is_not_ready() {
    let database = Database::sqlite();
    let process = Process::serve(database.url(), &["--drain-ms", "600000"]);
    let get = |path: &str| format!("GET {path} HTTP/1.1\r\nHost: t\r\n\r\n");
    let mut kept = Connection::open(process.address).await;
    kept.call(&get("/readyz")).await.unwrap().assert_no_content();
    process.signal("TERM");
    let draining = async {
        loop {
            let answer = send(process.address, &get("/readyz")).await;
            if answer.status == 503 {
                break answer;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(60), draining).await.unwrap().assert_contract_error();
    // Both on a new connection and on one that was there, which the client is told to give up.
    send(process.address, &get("/healthz")).await.assert_no_content();
    let last = kept.call(&get("/healthz")).await.unwrap();
    assert_eq!((last.status, last.header("connection")), (204, Some("close")));
    assert!(kept.is_closed().await);
}

#[tokio::test]
async fn a_stop_does_not_wait_longer_than_its_timeout() {
    let database = Database::sqlite();
    let key = NewKey::generate().unwrap();
    database.open().await.add_key("alice", key.hash(), 0).await.unwrap();
    let process = Process::serve(database.url(), &["--stop-timeout-ms", "200"]);
    // Its body never arrives, and the server would wait for it much longer.
    let _never = Connection::in_flight(process.address, "pcon_abc123", &key).await;
    let log = tokio::task::spawn_blocking(move || process.terminate()).await.unwrap();
    assert!(log.contains("some connections were still open"), "{log}");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_database_that_hangs() {
    for database in Database::each().await {
        let store = database.open().await;
        let key = NewKey::generate().unwrap();
        store.add_key("alice", key.hash(), 0).await.unwrap();
        store.add_connector(&connector_id!("pcon_abc123"), "alice", 0).await.unwrap();
        store.close().await;
        let flags = ["--stop-timeout-ms", "200", "--answer-timeout-ms", "600000"];
        let flags = [&flags[..], &["--statement-timeout-ms", "600000", "--lock-timeout-ms", "600000"]].concat();
        let process = Process::serve(database.url(), &flags);
        let _lock = database.lock().await;
        let mut waiting = Connection::open(process.address).await;
        waiting.write(&delete_of("pcon_abc123", &key)).await;
        // Long enough for it to reach the database.
        assert!(tokio::time::timeout(Duration::from_millis(1500), waiting.answer()).await.is_err());
        let log = tokio::task::spawn_blocking(move || process.terminate()).await.unwrap();
        assert!(log.contains("the database could not be closed in time"), "{log}");
    }
}

#[tokio::test]
async fn a_second_signal_ends_a_process_at_once() {
    for (signal, status) in [("TERM", 143), ("INT", 130), ("QUIT", 131)] {
        let database = Database::sqlite();
        let key = NewKey::generate().unwrap();
        database.open().await.add_key("alice", key.hash(), 0).await.unwrap();
        let flags = ["--stop-timeout-ms", "600000", "--read-timeout-ms", "600000"];
        let mut process = Process::serve(database.url(), &flags);
        let mut never = Connection::in_flight(process.address, "pcon_abc123", &key).await;
        process.signal("TERM");
        refuses_connections(process.address).await;
        process.signal(signal);
        let ended = tokio::task::spawn_blocking(move || process.ended()).await.unwrap();
        assert_eq!(ended.code(), Some(status), "{ended}");
        assert!(never.answer().await.is_none());
    }
}

#[tokio::test]
async fn no_signal_that_asks_for_a_stop_kills_what_is_in_flight() {
    for signals in [&["HUP", "HUP", "HUP"][..], &["TERM", "HUP"], &["INT"], &["QUIT"]] {
        let server_database = Database::sqlite();
        let store = server_database.open().await;
        let key = NewKey::generate().unwrap();
        store.add_key("alice", key.hash(), 0).await.unwrap();
        store.add_connector(&connector_id!("pcon_abc123"), "alice", 0).await.unwrap();
        let process = Process::serve(server_database.url(), &[]);
        let mut connection = Connection::in_flight(process.address, "pcon_abc123", &key).await;
        for signal in signals {
            process.signal(signal);
            refuses_connections(process.address).await;
        }
        connection.write("0").await;
        connection.answer().await.expect("it is killed").assert_no_content();
        tokio::task::spawn_blocking(move || process.stopped()).await.unwrap();
    }
}

#[tokio::test]
async fn a_process_that_was_told_to_ignore_a_hangup_ignores_it() {
    let database = Database::sqlite();
    let serve = command(&["serve", "--database-url", database.url()]);
    let process = Process::spawn(&mut ignoring("HUP", &serve));
    process.signal("HUP");
    tokio::time::sleep(Duration::from_millis(200)).await;
    send(process.address, "GET /healthz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n").await.assert_no_content();
    process.terminate();
}

/// Waits until a server that stops accepts nothing more.
async fn refuses_connections(address: SocketAddr) {
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), refused).await.expect("it still accepts connections");
}
