//! A server that is killed has done all that it acknowledged, and nothing that nobody asked for.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use freddy_server::key::NewKey;

use crate::support::{Connection, Database, Process, delete_of};

const CRASHES: usize = 20;
const CLIENTS: usize = 16;
/// More than can be disconnected before a crash.
const CONNECTORS: usize = 4_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_after_a_crash_and_nothing_else_is() {
    let database = Database::sqlite();
    let key = Arc::new(NewKey::generate().unwrap());
    let key_id = database.open().await.add_key("alice", key.hash(), 0).await.unwrap();
    let add = "INSERT INTO connectors (id, owner, created_at) WITH RECURSIVE n (i) AS (
                   SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 79999
               ) SELECT printf('pcon_%02dx%04d', i / 4000, i % 4000), 'alice', 0 FROM n";
    database.execute(add, "").await;
    let mut killed_while_writing = 0;
    let mut before: BTreeSet<String> = BTreeSet::new();
    for crash in 0..CRASHES {
        let ids: Arc<Vec<String>> = Arc::new((0..CONNECTORS).map(|n| format!("pcon_{crash:02}x{n:04}")).collect());
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
                        asked.push(id.clone());
                        match connection.call(&delete_of(id, &key)).await {
                            Some(answer) => answer.assert_no_content(),
                            None => break,
                        }
                        acknowledged.push(id.clone());
                    }
                    (asked, acknowledged)
                })
            })
            .collect();
        tokio::time::sleep(Duration::from_millis(20 + 7 * crash as u64)).await;
        server.kill();

        let (mut asked, mut acknowledged) = (before.clone(), before.clone());
        for client in clients {
            let (its_asked, its_acknowledged) = client.await.unwrap();
            killed_while_writing += usize::from(its_asked.len() > its_acknowledged.len());
            asked.extend(its_asked);
            acknowledged.extend(its_acknowledged);
        }
        let row = |id: &String| format!("{id} by {key_id}");
        // Opening the database is what a restart does first.
        database.open().await.close().await;
        let disconnected = database.disconnected().await;
        assert_eq!(database.audit().await, disconnected, "after crash {crash}");
        let disconnected: BTreeSet<String> = disconnected.into_iter().collect();
        let lost: Vec<_> = acknowledged.iter().map(row).filter(|row| !disconnected.contains(row)).collect();
        assert!(lost.is_empty(), "after crash {crash}: {lost:?}");
        let asked: BTreeSet<String> = asked.iter().map(row).collect();
        let unasked: Vec<_> = disconnected.difference(&asked).collect();
        assert!(unasked.is_empty(), "after crash {crash}: {unasked:?}");
        before = disconnected.iter().map(|row| row.split(' ').next().unwrap().to_owned()).collect();
    }
    assert!(killed_while_writing > CRASHES, "the server was killed too late or too early: {killed_while_writing}");
    assert!(!before.is_empty());
}
