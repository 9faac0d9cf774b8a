//! A server that is asked to stop answers what is in flight.

use std::time::Duration;

use freddy_server::key::NewKey;
use freddy_types::connector_id;
use tokio::net::TcpStream;

use crate::support::{CONNECTORS, Connection, Database, Process, Server, send};

#[tokio::test]
async fn a_stopping_server_answers_what_is_in_flight() {
    let server = Server::start(&[]).await;
    let address = server.address;
    let mut connection = Connection::open(address).await;
    connection.write(&server.delete_with_body(2, "0")).await;
    // The server has the request once it answers the next one on another connection.
    server.call("GET", "/healthz", "").await.assert_no_content();
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
        let head = format!(
            "DELETE {CONNECTORS}pcon_abc123 HTTP/1.1\r\nHost: t\r\nX-API-Key: {}\r\nContent-Length: 1\r\n\r\n",
            key.reveal()
        );
        let mut in_flight = Vec::new();
        for _ in 0..20 {
            let mut connection = Connection::open(process.address).await;
            connection.write(&head).await;
            in_flight.push(connection);
        }
        // An idle connection does not keep a server from stopping.
        let mut idle = Connection::open(process.address).await;
        let ready = "GET /readyz HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
        send(process.address, ready).await.assert_no_content();
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
