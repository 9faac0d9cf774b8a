//! The server as a separate process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::thread::JoinHandle;

/// The program, without the variables that the tests were started with.
pub(crate) fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_freddy-server"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("FREDDY_") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command.args(arguments);
    command
}

/// A running server. It is killed when dropped.
pub(crate) struct Process {
    child: Child,
    out: BufReader<ChildStdout>,
    /// Read all the time, since a full pipe would block the server.
    log: Option<JoinHandle<String>>,
    pub(crate) address: SocketAddr,
}

impl Process {
    /// Serves a database on a free port.
    pub(crate) fn serve(url: &str, flags: &[&str]) -> Self {
        Self::start(&[&["serve", "--database-url", url], flags].concat())
    }

    /// Serves a database, with this filter for the log.
    pub(crate) fn serve_with_log(url: &str, filter: &str) -> Self {
        Self::spawn(command(&["serve", "--database-url", url]).env("RUST_LOG", filter))
    }

    pub(crate) fn start(arguments: &[&str]) -> Self {
        Self::spawn(&mut command(arguments))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child =
            command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut error = child.stderr.take().unwrap();
        let log = std::thread::spawn(move || {
            let mut log = String::new();
            error.read_to_string(&mut log).unwrap();
            log
        });
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        let Some(address) = line.trim_end().strip_prefix("Listening on http://") else {
            panic!("not listening: {line}{}", log.join().unwrap());
        };
        Self { address: address.parse().unwrap(), child, out, log: Some(log) }
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        let mut line = String::new();
        self.out.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    /// Kills it without warning, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop, waits for that, and returns what it logged.
    pub(crate) fn terminate(mut self) -> String {
        let asked = Command::new("sh").args(["-c", &format!("kill -TERM {}", self.child.id())]).status().unwrap();
        assert!(asked.success());
        let status = self.child.wait().unwrap();
        let log = self.log.take().unwrap().join().unwrap();
        assert!(status.success(), "{status}: {log}");
        log
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
