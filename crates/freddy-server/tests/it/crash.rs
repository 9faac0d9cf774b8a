//! A server that is killed has done all that it acknowledged, and nothing that nobody asked for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use freddy_server::key::NewKey;

use crate::support::{Connection, Database, Process, delete_of};

const CLIENTS: usize = 16;
/// More than can be disconnected before a crash.
const CONNECTORS: usize = 4_000;

/// How often the server is killed, if the environment does not say otherwise.
fn crashes(default: usize) -> usize {
    std::env::var("FREDDY_TEST_CRASHES").map_or(default, |crashes| crashes.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_crash_and_nothing_else_is_on_sqlite() {
    crash(Database::sqlite(), crashes(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_crash_and_nothing_else_is_on_postgres() {
    let Some(database) = Database::postgres().await else { return };
    crash(database, crashes(10)).await;
}

async fn crash(database: Database, crashes: usize) {
    let key = Arc::new(NewKey::generate().unwrap());
    let key_id = database.open().await.add_key("alice", key.hash(), 0).await.unwrap();
    let (mut asked, mut acknowledged) = (BTreeSet::new(), BTreeSet::new());
    for crash in 0..crashes {
        let ids: Arc<Vec<String>> = Arc::new((0..CONNECTORS).map(|n| format!("pcon_{crash}x{n}")).collect());
        database.add_connectors(&ids).await;
        let server = Process::serve(database.url(), &["--rate-limit", "1000000"]);
        let next = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| {
                let (address, ids, key, next) = (server.address, Arc::clone(&ids), Arc::clone(&key), Arc::clone(&next));
                tokio::spawn(async move {
                    let (mut asked, mut acknowledged) = (Vec::new(), Vec::new());
                    let Some(mut connection) = Connection::try_open(address).await else {
                        return (asked, acknowledged);
                    };
                    while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let row = format!("{id} by {key_id}");
                        asked.push(row.clone());
                        match connection.call(&delete_of(id, &key)).await {
                            Some(answer) => answer.assert_no_content(),
                            None => break,
                        }
                        acknowledged.push(row);
                    }
                    (asked, acknowledged)
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20 + 7 * (crash as u64 % 20))).await;
        server.kill();

        for client in clients {
            let (its_asked, its_acknowledged) = client.await.unwrap();
            asked.extend(its_asked);
            acknowledged.extend(its_acknowledged);
        }
        // The database may still be at work for a client that is gone.
        database.clients_are_gone().await;
        // Opening the database is what a restart does first.
        database.open().await.close().await;
    }
    let unanswered = asked.len() - acknowledged.len();
    assert!(unanswered > crashes, "the server was killed too late or too early: {unanswered}");
    let disconnected = database.disconnected().await;
    assert_eq!(database.audit().await, disconnected);
    let disconnected: BTreeSet<String> = disconnected.into_iter().collect();
    let lost: Vec<_> = acknowledged.difference(&disconnected).collect();
    assert!(lost.is_empty(), "{lost:?}");
    let unasked: Vec<_> = disconnected.difference(&asked).collect();
    assert!(unasked.is_empty(), "{unasked:?}");
    assert!(!acknowledged.is_empty());
}
