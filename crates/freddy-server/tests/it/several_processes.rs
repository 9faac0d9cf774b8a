//! Several server processes on one PostgreSQL are one server.

use std::sync::Arc;

use freddy_server::key::NewKey;
use freddy_types::ConnectorId;

use crate::support::{Connection, Database, Process, delete_of};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_processes_disconnect_each_connector_once() {
    let Some(database) = Database::postgres().await else { return };
    // They meet an empty database at the same time, and one of them makes its schema.
    let url = database.url().to_owned();
    let starting: Vec<_> = (0..3)
        .map(|_| {
            let url = url.clone();
            std::thread::spawn(move || Process::serve(&url, &["--rate-limit", "1000000"]))
        })
        .collect();
    let servers: Vec<_> = starting.into_iter().map(|server| server.join().unwrap()).collect();

    let store = database.open().await;
    let key = Arc::new(NewKey::generate().unwrap());
    let key_id = store.add_key("alice", key.hash(), 0).await.unwrap();
    let ids: Vec<String> = (0..100).map(|number| format!("pcon_{number:03}")).collect();
    for id in &ids {
        let id: ConnectorId = id.parse().unwrap();
        store.add_connector(&id, "alice", 0).await.unwrap();
    }
    let mut clients = Vec::new();
    for client in 0..48 {
        let (address, key, mut ids) = (servers[client % servers.len()].address, Arc::clone(&key), ids.clone());
        // In different orders, so that transactions that lock in the order of arrival would wait for each other.
        ids.rotate_left(client * 2);
        if client % 2 == 0 {
            ids.reverse();
        }
        clients.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await;
            for id in ids {
                connection.call(&delete_of(&id, &key)).await.unwrap().assert_no_content();
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
    let rows: Vec<_> = ids.iter().map(|id| format!("{id} by {key_id}")).collect();
    assert_eq!(database.audit().await, rows);
    assert_eq!(database.disconnected().await, rows);
    for server in servers {
        server.terminate();
    }
}
