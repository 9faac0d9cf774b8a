//! A SQLite whose disk is full for a while. A limit on the size of files stands in for the disk.

use std::io::Write as _;
use std::process::Command;
use std::time::{Duration, Instant};

use freddy_server::key::NewKey;
use freddy_types::ErrorCode;

use crate::support::{Connection, Database, Process, command, delete_of, ignoring};

/// Room for the database and a few commits.
const ROOM: &str = "200000";

/// Sets the largest size that the server may give a file.
fn limit_files(process: &Process, bytes: &str) {
    let (pid, limit) = (process.id().to_string(), format!("--fsize={bytes}:"));
    let limited = Command::new("prlimit").args(["--pid", &pid, &limit]).status().unwrap();
    assert!(limited.success());
}

#[tokio::test]
async fn a_server_writes_again_once_the_disk_has_room() {
    if Command::new("prlimit").arg("--version").output().is_err() {
        // Straight to the stream, since the test harness hides what a passing test prints.
        std::io::stderr().write_all(b"skipped without the program prlimit: full_disk\n").unwrap();
        return;
    }
    let database = Database::sqlite();
    let key = NewKey::generate().unwrap();
    database.open().await.add_key("alice", key.hash(), 0).await.unwrap();
    let add = "INSERT INTO connectors (id, owner, created_at) WITH RECURSIVE n (i) AS (
                   SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 999
               ) SELECT printf('pcon_%d', i), 'alice', 0 FROM n; PRAGMA wal_checkpoint(TRUNCATE)";
    database.execute(add, "").await;

    let serve = command(&["serve", "--database-url", database.url(), "--rate-limit", "1000000"]);
    // The signal that the limit sends would kill it.
    let process = Process::spawn(&mut ignoring("XFSZ", &serve));
    limit_files(&process, ROOM);

    let mut connection = Connection::open(process.address).await;
    let mut acknowledged = Vec::new();
    let (mut failed, mut next) = (0, 0);
    while failed < 3 {
        let id = format!("pcon_{next}");
        let answer = connection.call(&delete_of(&id, &key)).await.unwrap();
        match answer.status {
            204 => acknowledged.push(format!("{id} by 1")),
            500 => failed += 1,
            _ => panic!("{answer:?}"),
        }
        next += 1;
        assert!(next < 900, "the limit has no effect");
    }
    let ready = "GET /readyz HTTP/1.1\r\nHost: t\r\n\r\n";
    let started = Instant::now();
    loop {
        let answer = connection.call(ready).await.unwrap();
        if answer.status != 204 {
            answer.assert_error(ErrorCode::ServiceUnavailable);
            break;
        }
        // What is too little room for a disconnect may be enough for what readiness tries.
        assert!(started.elapsed() < Duration::from_secs(60), "it is ready without being able to write");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    limit_files(&process, "unlimited");
    let started = Instant::now();
    let id = format!("pcon_{next}");
    while connection.call(&delete_of(&id, &key)).await.unwrap().status != 204 {
        assert!(started.elapsed() < Duration::from_secs(30), "it never writes again");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    acknowledged.push(format!("{id} by 1"));
    connection.call(ready).await.unwrap().assert_no_content();
    let log = process.terminate();
    assert!(log.contains(r#""kind":"disk failed""#), "{log}");
    let disconnected = database.disconnected().await;
    assert_eq!(database.audit().await, disconnected);
    let lost: Vec<_> = acknowledged.iter().filter(|row| !disconnected.contains(row)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}
