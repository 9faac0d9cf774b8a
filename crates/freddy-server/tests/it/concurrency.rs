//! Many requests at once change each connector once, and never get past the limit.

use std::collections::BTreeMap;
use std::sync::Arc;

use freddy_types::{ConnectorId, headers};

use crate::support::{Connection, Database, Server, delete_of, redis_url};

const TASKS: usize = 64;

/// Sends the same number of requests from each task, on one connection each, and counts the statuses.
async fn calls(server: &Arc<Server>, each: usize, id: impl Fn(usize, usize) -> String) -> BTreeMap<u16, usize> {
    let mut tasks = Vec::new();
    for task in 0..TASKS {
        let requests: Vec<_> = (0..each).map(|call| delete_of(&id(task, call), &server.alice)).collect();
        let address = server.address;
        tasks.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await;
            let mut statuses = Vec::new();
            for request in requests {
                let answer = connection.call(&request).await.unwrap();
                if answer.status != 204 {
                    answer.assert_contract_error();
                }
                statuses.push(answer.status);
            }
            statuses
        }));
    }
    let mut counts = BTreeMap::new();
    for task in tasks {
        for status in task.await.unwrap() {
            *counts.entry(status).or_default() += 1;
        }
    }
    counts
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_connector_has_one_audit_row_however_many_disconnect_it() {
    for database in Database::each().await {
        let server = Arc::new(Server::start_on(database, &["--rate-limit", "1000000"]).await);
        let counts = calls(&server, 5, |_, _| "pcon_abc123".to_owned()).await;
        assert_eq!(counts, BTreeMap::from([(204, TASKS * 5)]));
        assert_eq!(server.database.audit().await, [format!("pcon_abc123 by {}", server.alice_id)]);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_of_many_connectors_has_its_audit_row() {
    for database in Database::each().await {
        let server = Arc::new(Server::start_on(database, &["--rate-limit", "1000000"]).await);
        let mut rows = Vec::new();
        for number in 0..50 {
            let id: ConnectorId = format!("pcon_{number:03}").parse().unwrap();
            server.store.add_connector(&id, "alice", 0).await.unwrap();
            rows.push(format!("{id} by {}", server.alice_id));
        }
        // Every connector is asked for by several tasks, in different orders.
        let counts = calls(&server, 50, |task, call| format!("pcon_{:03}", (task * 7 + call * 3) % 50)).await;
        assert_eq!(counts, BTreeMap::from([(204, TASKS * 50)]));
        assert_eq!(server.database.audit().await, rows);
        assert_eq!(server.database.disconnected().await, rows);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn never_more_than_the_limit_is_let_through() {
    let server = Arc::new(Server::start(&["--rate-limit", "100"]).await);
    let counts = calls(&server, 5, |_, _| "pcon_abc123".to_owned()).await;
    assert_eq!(counts, BTreeMap::from([(204, 100), (429, TASKS * 5 - 100)]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_window_that_is_over_lets_the_limit_through_again() {
    let server = Arc::new(Server::start(&["--rate-limit", "10", "--rate-window", "1"]).await);
    let mut through = Vec::new();
    let refused = loop {
        let answer = server.delete("pcon_abc123").await;
        if answer.status == 429 {
            break answer;
        }
        through.push(answer.header(headers::X_RATELIMIT_RESET).unwrap().to_owned());
    };
    // Several windows may have begun and ended, but none of them let more through.
    let mut windows: BTreeMap<&str, usize> = BTreeMap::new();
    for window in &through {
        *windows.entry(window).or_default() += 1;
    }
    assert!(windows.values().all(|count| *count <= 10), "{windows:?}");
    tokio::time::sleep(refused.assert_contract_error().retry_after().unwrap()).await;
    server.delete("pcon_abc123").await.assert_no_content();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_share_a_redis_share_the_limit() {
    let Some(redis) = redis_url() else { return };
    let flags = ["--rate-limit", "100", "--redis-url", &redis];
    // Each counts key number 1 of its own database, which to Redis is the same.
    let (one, other) = (Arc::new(Server::start(&flags).await), Arc::new(Server::start(&flags).await));
    let id = |_: usize, _: usize| "pcon_abc123".to_owned();
    let (one, other) = tokio::join!(calls(&one, 3, id), calls(&other, 3, id));
    assert_eq!(one[&204] + other[&204], 100, "{one:?} {other:?}");
    assert_eq!(one[&429] + other[&429], 2 * TASKS * 3 - 100);
}
