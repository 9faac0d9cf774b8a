//! What another program has locked holds up those who need it, for a bounded time, and nobody else.

use std::sync::Arc;
use std::time::{Duration, Instant};

use freddy_server::key::NewKey;
use freddy_types::{ErrorCode, connector_id};

use crate::support::{Connection, Database, Process, Server, delete_of};

/// Much more than the lock timeout of these tests, and what a hang would exceed.
const LONG: Duration = Duration::from_secs(60);

const FLAGS: &[&str] = &["--lock-timeout-ms", "300", "--rate-limit", "1000000"];

#[tokio::test]
async fn a_locked_row_is_unavailable_to_who_needs_it_and_holds_nobody_else_up() {
    let rows = [
        "SELECT 1 FROM connectors WHERE id = 'pcon_abc123' FOR UPDATE",
        "SELECT 1 FROM connectors WHERE id = 'pcon_abc123' FOR SHARE",
        "DELETE FROM connectors WHERE id = 'pcon_abc123'",
        "SELECT 1 FROM api_keys WHERE owner = 'alice' FOR UPDATE",
        "UPDATE api_keys SET revoked_at = 1 WHERE owner = 'alice'",
    ];
    for row in rows {
        let Some(database) = Database::postgres().await else { return };
        let server = Server::start_on(database, FLAGS).await;
        for number in 0..20 {
            server.store.add_connector(&format!("pcon_b{number}").parse().unwrap(), "bob", 0).await.unwrap();
        }
        let lock = server.database.lock_with(row).await;
        // Several at once, so that they would fill every group.
        let waiting: Vec<_> = (0..10)
            .map(|_| {
                let (address, request) = (server.address, delete_of("pcon_abc123", &server.alice));
                tokio::spawn(async move { Connection::open(address).await.call(&request).await.unwrap() })
            })
            .collect();
        let others = async {
            let mut bob = Connection::open(server.address).await;
            for number in 0..20 {
                bob.call(&delete_of(&format!("pcon_b{number}"), &server.bob)).await.unwrap().assert_no_content();
            }
        };
        tokio::time::timeout(LONG, others).await.expect(row);
        for answer in waiting {
            answer.await.unwrap().assert_error(ErrorCode::ServiceUnavailable);
        }
        assert_eq!(server.database.audit().await.len(), 20, "{row}");
        drop(lock);
        server.eventually_disconnects("pcon_abc123").await;
    }
}

#[tokio::test]
async fn a_row_that_is_locked_for_a_moment_is_waited_for() {
    let Some(database) = Database::postgres().await else { return };
    let server = Server::start_on(database, &["--lock-timeout-ms", "30000", "--statement-timeout-ms", "30000"]).await;
    let lock = server.database.lock_with("SELECT 1 FROM connectors FOR UPDATE").await;
    let mut waiting = Connection::open(server.address).await;
    waiting.write(&delete_of("pcon_abc123", &server.alice)).await;
    assert!(tokio::time::timeout(Duration::from_millis(200), waiting.answer()).await.is_err());
    drop(lock);
    waiting.answer().await.unwrap().assert_no_content();
}

#[tokio::test]
async fn a_row_that_needs_no_change_is_not_waited_for() {
    let Some(database) = Database::postgres().await else { return };
    let server = Server::start_on(database, &["--lock-timeout-ms", "60000", "--statement-timeout-ms", "60000"]).await;
    server.delete("pcon_abc123").await.assert_no_content();
    let _lock = server.database.lock_with("SELECT 1 FROM connectors FOR UPDATE").await;
    server.delete("pcon_abc123").await.assert_no_content();
    server.delete("pcon_bob1").await.assert_error(ErrorCode::Forbidden);
}

#[tokio::test]
async fn a_database_that_is_locked_as_a_whole_is_unavailable_and_nothing_was_done() {
    for database in Database::each().await {
        let server = Server::start_on(database, FLAGS).await;
        let lock = server.database.lock().await;
        let started = Instant::now();
        server.delete("pcon_abc123").await.assert_error(ErrorCode::ServiceUnavailable);
        assert!(started.elapsed() >= Duration::from_millis(300), "it may be free again in a moment");
        server.call("GET", "/readyz", "").await.assert_error(ErrorCode::ServiceUnavailable);
        drop(lock);
        server.eventually_disconnects("pcon_abc123").await;
        assert_eq!(server.database.audit().await.len(), 1);
    }
}

#[tokio::test]
async fn no_statement_is_left_of_a_request_that_was_given_up() {
    let Some(database) = Database::postgres().await else { return };
    let flags = ["--answer-timeout-ms", "300", "--read-timeout-ms", "60000"];
    let server = Server::start_on(database, &flags).await;
    let _lock = server.database.lock_with("LOCK TABLE api_keys").await;
    server.delete("pcon_abc123").await;
    server.waits_for_a_lock(0).await;
}

/// The update waits in the middle of the statement, when the key is locked already.
#[tokio::test]
async fn a_key_is_valid_until_what_it_disconnects_is_committed() {
    let Some(database) = Database::postgres().await else { return };
    let flags = ["--lock-timeout-ms", "60000", "--statement-timeout-ms", "60000", "--answer-timeout-ms", "60000"];
    let server = Server::start_on(database, &flags).await;
    let trigger = "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS \
                       'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END'; \
                   CREATE TRIGGER wait BEFORE UPDATE ON connectors FOR EACH ROW EXECUTE FUNCTION wait()";
    server.database.execute("", trigger).await;
    let lock = server.database.lock_with("SELECT pg_advisory_xact_lock(1)").await;
    let mut disconnecting = Connection::open(server.address).await;
    disconnecting.write(&delete_of("pcon_abc123", &server.alice)).await;
    server.waits_for_a_lock(1).await;
    let (store, alice) = (server.database.open().await, server.alice_id);
    let revoking = tokio::spawn(async move { store.revoke_key(alice, 1).await });
    server.waits_for_a_lock(2).await;
    drop(lock);
    disconnecting.answer().await.unwrap().assert_no_content();
    assert!(revoking.await.unwrap().unwrap());
    assert_eq!(server.database.audit().await, [format!("pcon_abc123 by {}", server.alice_id)]);
}

#[tokio::test]
async fn a_commit_that_fails_is_no_success() {
    let Some(database) = Database::postgres().await else { return };
    let server = Server::start_on(database, &[]).await;
    // It fails when everything is done, at the commit itself.
    let trigger = "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''no''; END'; \
                   CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON audit DEFERRABLE INITIALLY DEFERRED \
                   FOR EACH ROW EXECUTE FUNCTION fail()";
    server.database.execute("", trigger).await;
    server.delete("pcon_abc123").await.assert_error(ErrorCode::InternalServerError);
    assert!(server.database.disconnected().await.is_empty());
}

/// Two processes disconnect the same connectors with the same keys, while the keys are revoked.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_disconnected_with_a_key_after_it_was_revoked() {
    const KEYS: usize = 12;

    for database in Database::each().await {
        let store = database.open().await;
        let keys: Vec<_> = (0..KEYS).map(|_| Arc::new(NewKey::generate().unwrap())).collect();
        let mut ids = Vec::new();
        for key in &keys {
            ids.push(store.add_key("alice", key.hash(), 0).await.unwrap());
        }
        let add = (
            "INSERT INTO connectors (id, owner, created_at) WITH RECURSIVE n (i) AS (
                 SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19999
             ) SELECT 'pcon_' || i, 'alice', 0 FROM n",
            "INSERT INTO connectors (id, owner, created_at) SELECT 'pcon_' || i, 'alice', 0 FROM generate_series(0, 19999) i",
        );
        database.execute(add.0, add.1).await;
        let flags = ["--rate-limit", "1000000", "--lock-timeout-ms", "30000", "--statement-timeout-ms", "30000"];
        let servers = [Process::serve(database.url(), &flags), Process::serve(database.url(), &flags)];
        let mut clients = Vec::new();
        for (number, key) in keys.into_iter().enumerate() {
            for server in &servers {
                let (address, key) = (server.address, Arc::clone(&key));
                clients.push(tokio::spawn(async move {
                    let mut connection = Connection::open(address).await;
                    let mut next = number * 10;
                    loop {
                        let answer = connection.call(&delete_of(&format!("pcon_{next}"), &key)).await.unwrap();
                        match answer.status {
                            204 => next = (next + 1) % 20_000,
                            401 => return,
                            _ => panic!("{answer:?}"),
                        }
                    }
                }));
            }
        }
        let count = "SELECT CAST(key_id AS TEXT) FROM audit";
        let mut rows_at_revocation = Vec::new();
        for &id in &ids {
            tokio::time::sleep(Duration::from_millis(30)).await;
            assert!(store.revoke_key(id, 1).await.unwrap());
            let rows = database.texts(count).await;
            rows_at_revocation.push(rows.iter().filter(|row| **row == id.to_string()).count());
        }
        for client in clients {
            client.await.unwrap();
        }
        let rows = database.texts(count).await;
        let in_the_end: Vec<_> =
            ids.iter().map(|id| rows.iter().filter(|row| **row == id.to_string()).count()).collect();
        assert_eq!(rows_at_revocation, in_the_end);
        assert!(in_the_end.iter().sum::<usize>() > 0);
        assert_eq!(database.audit().await, database.disconnected().await);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_request_of_a_group_has_its_own_outcome() {
    use freddy_server::store::{Disconnect, DisconnectOutcome};

    for database in Database::each().await {
        let server = Server::start_on(database, &[]).await;
        let (alice, bob) = (server.alice_id, server.alice_id + 1);
        let revoked = server.store.add_key("alice", NewKey::generate().unwrap().hash(), 0).await.unwrap();
        server.store.revoke_key(revoked, 0).await.unwrap();
        server.store.add_connector(&connector_id!("pcon_new"), "alice", 0).await.unwrap();
        let (abc, other, new) = (connector_id!("pcon_abc123"), connector_id!("pcon_bob1"), connector_id!("pcon_new"));
        let nobody = connector_id!("pcon_nobody");
        let rows = [
            (revoked, &abc, DisconnectOutcome::KeyRevoked),
            (alice, &abc, DisconnectOutcome::Disconnected),
            (bob, &abc, DisconnectOutcome::NotYours),
            (alice, &abc, DisconnectOutcome::Disconnected),
            (alice, &other, DisconnectOutcome::NotYours),
            (bob, &other, DisconnectOutcome::Disconnected),
            (alice, &nobody, DisconnectOutcome::NotYours),
            (999, &new, DisconnectOutcome::KeyRevoked),
            (revoked, &new, DisconnectOutcome::KeyRevoked),
        ];
        let requests: Vec<_> = rows
            .iter()
            .enumerate()
            .map(|(place, &(key_id, connector_id, _))| Disconnect {
                key_id,
                connector_id: connector_id.clone(),
                trace_id: format!("{place}").parse().unwrap(),
                at: 7,
            })
            .collect();
        let outcomes = server.store.disconnect(&requests).await.unwrap();
        assert_eq!(outcomes, rows.map(|(.., outcome)| outcome));
        assert_eq!(server.store.disconnect(&requests).await.unwrap(), outcomes, "the same once more");
        assert_eq!(server.store.disconnect(&[]).await.unwrap(), []);
        let audit = "SELECT connector_id || ' ' || key_id || ' ' || trace_id || ' ' || at FROM audit ORDER BY 1";
        let expected = [format!("pcon_abc123 {alice} 1 7"), format!("pcon_bob1 {bob} 5 7")];
        assert_eq!(server.database.texts(audit).await, expected);
    }
}
