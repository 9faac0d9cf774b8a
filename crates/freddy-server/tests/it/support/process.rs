//! The server as a separate process.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Much longer than anything takes. A server that takes longer hangs.
const LONG: Duration = Duration::from_secs(60);

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

/// The same command, started with a signal that is ignored.
pub(crate) fn ignoring(signal: &str, command: &Command) -> Command {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("trap '' {signal}; exec \"$0\" \"$@\"")])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => shell.env(name, value),
            None => shell.env_remove(name),
        };
    }
    shell
}

/// A running server. It is killed when dropped.
pub(crate) struct Process {
    child: Child,
    /// The lines that it prints. Unless the test has them.
    out: Option<Receiver<String>>,
    /// Read all the time, since a pipe that is full loses lines. Unless the test has it.
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

    /// Starts this command, which serves a database, on a free port.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        Self::spawn_with_stderr(command, Stdio::piped())
    }

    /// The same, and the log goes where the test says.
    pub(crate) fn spawn_with_stderr(command: &mut Command, stderr: Stdio) -> Self {
        let mut child =
            command.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(stderr).spawn().unwrap();
        let log = child.stderr.take().map(|mut error| {
            std::thread::spawn(move || {
                let mut log = String::new();
                error.read_to_string(&mut log).unwrap();
                log
            })
        });
        let out = BufReader::new(child.stdout.take().unwrap());
        let (print, printed) = channel();
        // It ends with the process, or with the test.
        std::thread::spawn(move || out.lines().map_while(Result::ok).try_for_each(|line| print.send(line)));
        let address = SocketAddr::from(([0; 4], 0));
        let mut process = Self { child, out: Some(printed), log, address };
        let line = process.line();
        let Some(address) = line.strip_prefix("Listening on http://") else {
            let _ = process.child.kill();
            panic!("not listening: {line}{}", process.log.take().map_or_else(String::new, |log| log.join().unwrap()));
        };
        process.address = address.parse().unwrap();
        process
    }

    /// Starts this command with a standard output that the test chooses, and waits until it listens.
    pub(crate) fn spawn_with_stdout(command: &mut Command, stdout: Stdio) -> Self {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let listen = ["--listen", &address.to_string()];
        let child = command.args(listen).stdout(stdout).stderr(Stdio::null()).spawn().unwrap();
        let mut process = Self { child, out: None, log: None, address };
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert_eq!(process.child.try_wait().unwrap(), None, "it has ended");
            assert!(started.elapsed() < LONG, "it does not listen");
            std::thread::sleep(Duration::from_millis(10));
        }
        process
    }

    /// The next line that it prints; empty if it prints no more. Fails if it hangs.
    pub(crate) fn line(&mut self) -> String {
        match self.out.as_ref().unwrap().recv_timeout(LONG) {
            Ok(line) => line,
            Err(RecvTimeoutError::Disconnected) => String::new(),
            Err(RecvTimeoutError::Timeout) => panic!("it prints nothing"),
        }
    }

    /// Kills it without warning, as a power cut would.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal, such as `TERM`.
    pub(crate) fn signal(&self, name: &str) {
        let sent = Command::new("sh").args(["-c", &format!("kill -{name} {}", self.id())]).status().unwrap();
        assert!(sent.success());
    }

    /// Waits until it has ended. Fails if it hangs.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < LONG, "it does not end");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Waits until it has ended with success, and returns what it logged.
    pub(crate) fn stopped(mut self) -> String {
        let status = self.ended();
        let log = self.log.take().map_or_else(String::new, |log| log.join().unwrap());
        assert!(status.success(), "{status}: {log}");
        log
    }

    /// Asks it to stop, waits for that, and returns what it logged.
    pub(crate) fn terminate(self) -> String {
        self.signal("TERM");
        self.stopped()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
