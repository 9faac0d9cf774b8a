//! PostgreSQL behind a pooler that gives each transaction another connection to the server.

use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use freddy_server::key::NewKey;
use freddy_types::ErrorCode;
use tempfile::TempDir;

use crate::support::{Connection, Database, Process, delete_of};

struct Pooler {
    child: Child,
    url: String,
    _folder: TempDir,
}

impl Pooler {
    /// One before this database, if the program is installed.
    fn before(database: &Database) -> Option<Self> {
        if Command::new("pgbouncer").arg("--version").output().is_err() {
            // Straight to the stream, since the test harness hides what a passing test prints.
            std::io::stderr().write_all(b"skipped without the program pgbouncer: pooler\n").unwrap();
            return None;
        }
        let (_, server) = database.url().split_once('@').unwrap();
        let (address, name) = server.split_once('/').unwrap();
        let (_, server_port) = address.split_once(':').unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let users = folder.path().join("users");
        std::fs::write(&users, "\"freddy\" \"\"\n").unwrap();
        let file = folder.path().join("ini");
        let settings = format!(
            "[databases]\n{name} = host=127.0.0.1 port={server_port} user=freddy\n\
             [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n\
             auth_file = {}\npool_mode = transaction\ndefault_pool_size = 3\n",
            users.display()
        );
        std::fs::write(&file, settings).unwrap();
        // It refuses to run as root.
        let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
        let mut command = Command::new(if is_root { "runuser" } else { "pgbouncer" });
        if is_root {
            command.args(["-u", "postgres", "--", "pgbouncer"]);
        }
        let child = command.arg("-q").arg(&file).stderr(Stdio::null()).spawn().unwrap();
        let pooler = Self { child, url: format!("postgres://freddy@127.0.0.1:{port}/{name}"), _folder: folder };
        let started = Instant::now();
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(started.elapsed() < Duration::from_secs(60), "the pooler does not start");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(pooler)
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        // A signal that `runuser` hands on.
        let _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pooler_that_hands_connections_around_is_no_obstacle() {
    let Some(database) = Database::postgres().await else { return };
    let Some(pooler) = Pooler::before(&database) else { return };
    let flags = ["--rate-limit", "1000000", "--key-cache-ms", "0", "--lock-timeout-ms", "500"];
    // The schema is made through the pooler as well, by both at once.
    let starting: Vec<_> = (0..2)
        .map(|_| {
            let url = pooler.url.clone();
            std::thread::spawn(move || Process::serve(&url, &flags))
        })
        .collect();
    let servers: Vec<_> = starting.into_iter().map(|server| server.join().unwrap()).collect();
    let key = Arc::new(NewKey::generate().unwrap());
    let key_id = database.open().await.add_key("alice", key.hash(), 0).await.unwrap();
    let add = "INSERT INTO connectors (id, owner, created_at) \
               SELECT 'pcon_' || lpad(n::text, 3, '0'), 'alice', 0 FROM generate_series(0, 199) n";
    database.execute("", add).await;
    let mut clients = Vec::new();
    for client in 0..16 {
        let (address, key) = (servers[client % 2].address, Arc::clone(&key));
        clients.push(tokio::spawn(async move {
            let mut connection = Connection::open(address).await;
            for number in 0..200 {
                let id = format!("pcon_{:03}", (number * 7 + client * 13) % 200);
                connection.call(&delete_of(&id, &key)).await.unwrap().assert_no_content();
            }
        }));
    }
    for client in clients {
        client.await.unwrap();
    }
    let rows: Vec<_> = (0..200).map(|number| format!("pcon_{number:03} by {key_id}")).collect();
    assert_eq!(database.audit().await, rows);

    // The limits hold there too.
    let lock = database.lock().await;
    let mut connection = Connection::open(servers[0].address).await;
    connection.call(&delete_of("pcon_000", &key)).await.unwrap().assert_error(ErrorCode::ServiceUnavailable);
    drop(lock);
    let left = "SELECT setting FROM pg_settings WHERE name = 'lock_timeout' AND setting <> '0'";
    assert!(database.texts(left).await.is_empty());
    for server in servers {
        server.terminate();
    }
    drop(pooler);
}
