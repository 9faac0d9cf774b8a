//! A server that is asked to stop answers what is in flight.

use std::time::Duration;

use freddy_server::key::NewKey;
use freddy_types::connector_id;
use tokio::net::TcpStream;

use crate::support::{Connection, Database, Process, Server};

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
        while TcpStream::connect(address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
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
async fn a_stop_does_not_wait_longer_than_its_timeout() {
    let database = Database::sqlite();
    let process = Process::serve(database.url(), &["--stop-timeout-ms", "200"]);
    let key = NewKey::generate().unwrap();
    // Its body never arrives, and the server would wait for it much longer.
    let _never = Connection::in_flight(process.address, "pcon_abc123", &key).await;
    let log = tokio::task::spawn_blocking(move || process.terminate()).await.unwrap();
    assert!(log.contains("some connections were still open"), "{log}");
}
