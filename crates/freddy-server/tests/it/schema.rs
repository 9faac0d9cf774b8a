//! A database that another version of the program has made, or another process is just making.

use crate::support::{Database, Process, command};

#[test]
fn processes_that_start_at_once_on_a_new_file_all_start() {
    for _ in 0..3 {
        let database = Database::sqlite();
        let starting: Vec<_> = (0..6)
            .map(|_| {
                let url = database.url().to_owned();
                std::thread::spawn(move || Process::serve(&url, &[]))
            })
            .collect();
        let servers: Vec<_> = starting.into_iter().map(|server| server.join().unwrap()).collect();
        for server in servers {
            server.terminate();
        }
    }
}

/// A migration of a later version, which this program does not know.
const LATER: &str = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
                     VALUES (99, 'later', TRUE, '00', 0)";

#[tokio::test]
async fn a_newer_schema_that_this_version_can_use_is_used_and_reported() {
    for database in Database::each().await {
        database.open().await.close().await;
        database.execute(LATER, LATER).await;
        let log = Process::serve(database.url(), &[]).terminate();
        assert!(log.contains("a newer version of this program has migrated the database"), "{log}");
        assert!(log.contains(r#""version":99"#), "{log}");
    }
}

#[tokio::test]
async fn a_schema_that_this_version_cannot_use_is_refused() {
    let changed = "UPDATE _sqlx_migrations SET checksum = '00' WHERE version = 1";
    let incompatible = "UPDATE schema_compatibility SET compatible_from = 99";
    let incomplete = "DROP TABLE schema_compatibility";
    for (statements, message) in [
        (&[changed][..], "migration 1 of the database is not one of this program"),
        (&[LATER, incompatible], "the schema of the database has version 99, and this program, which knows version"),
        (&[LATER, incomplete], "the schema of the database has version 99, and this program, which knows version"),
    ] {
        for database in Database::each().await {
            database.open().await.close().await;
            for statement in statements {
                database.execute(statement, statement).await;
            }
            let refused = command(&["connector", "list", "--database-url", database.url()]).output().unwrap();
            let error = String::from_utf8(refused.stderr).unwrap();
            assert!(!refused.status.success() && error.contains(message), "{error}");
        }
    }
}
