//! A server is ready if a disconnect would succeed.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use freddy_types::{ErrorCode, connector_id};

use crate::support::{Connection, Database, Server};

/// The path with something after it.
fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut path = OsString::from(path);
    path.push(suffix);
    path.into()
}

#[tokio::test]
async fn a_file_that_is_gone_or_another_one_takes_no_writes() {
    for (suffixes, is_replaced) in
        [(&["", "-wal", "-shm"][..], false), (&[""], false), (&[""], true), (&["-wal"], false), (&["-wal"], true)]
    {
        let server = Server::start(&[]).await;
        server.delete("pcon_abc123").await.assert_no_content();
        server.store.add_connector(&connector_id!("pcon_after"), "alice", 0).await.unwrap();
        let files: Vec<_> = suffixes.iter().map(|suffix| with(server.database.file(), suffix)).collect();
        for file in &files {
            fs::rename(file, with(file, "-aside")).unwrap();
            if is_replaced {
                fs::copy(with(file, "-aside"), file).unwrap();
            }
        }
        server.delete("pcon_after").await.assert_error(ErrorCode::InternalServerError);
        server.call("GET", "/readyz", "").await.assert_error(ErrorCode::ServiceUnavailable);
        // What is put back is what is open.
        for file in &files {
            fs::rename(with(file, "-aside"), file).unwrap();
        }
        Connection::open(server.address).await.becomes_ready().await;
        server.delete("pcon_after").await.assert_no_content();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn however_many_ask_the_database_writes_little() {
    let server = Server::start(&[]).await;
    let log = &with(server.database.file(), "-wal");
    let before = fs::metadata(log).unwrap().len();
    let started = Instant::now();
    for _ in 0..300 {
        server.call("GET", "/readyz", "").await.assert_no_content();
    }
    // A write is a few pages.
    let writes = (fs::metadata(log).unwrap().len() - before) / (3 * 4096);
    let at_most = 2 + started.elapsed().as_secs() * 2;
    assert!((1..=at_most * 2).contains(&writes), "{writes} writes, not {at_most}");
}

#[tokio::test]
async fn a_success_is_not_remembered_for_long() {
    for database in Database::each().await {
        let server = Server::start_on(database, &[]).await;
        server.call("GET", "/readyz", "").await.assert_no_content();
        let _lock = server.database.lock().await;
        let started = Instant::now();
        while server.call("GET", "/readyz", "").await.status == 204 {
            assert!(started.elapsed() < Duration::from_secs(60));
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
