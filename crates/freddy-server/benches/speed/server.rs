//! A server in a process of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::net::TcpStream;

use crate::database::Database;

/// What the servers have logged, and what they should have.
static LINES: AtomicU64 = AtomicU64::new(0);
static ANSWERS: AtomicU64 = AtomicU64::new(0);

pub(crate) struct Server {
    child: Child,
    address: SocketAddr,
    has_log: bool,
}

impl Server {
    /// The program that is measured.
    pub(crate) fn start(database: &Database, flags: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_freddy-server"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--database-url", &database.url]).args(flags);
        let mut server = Self::spawn(command.stderr(Stdio::piped()));
        server.has_log = true;
        let log = server.child.stderr.take().unwrap();
        thread::spawn(|| count_lines(log));
        server
    }

    /// What it is compared with.
    pub(crate) fn baseline(database: &Database) -> Self {
        Self::spawn(Command::new(std::env::current_exe().unwrap()).args(["--baseline", &database.url]))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim_end().rsplit('/').next().unwrap().parse().unwrap();
        Self { child, address, has_log: false }
    }

    pub(crate) async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// The processor time that its threads have used, the kernel's part of it included. `/proc/PID/stat` has the same in
    /// units of 10 ms.
    pub(crate) fn processor_time(&self) -> Duration {
        let threads = fs::read_dir(format!("/proc/{}/task", self.child.id())).unwrap();
        threads.map(|thread| processor_time(&thread.unwrap().path().join("schedstat"))).sum()
    }

    /// Notes that it has given answers, which should be in its log.
    pub(crate) fn has_answered(&self, answers: usize) {
        if self.has_log {
            ANSWERS.fetch_add(answers as u64, Ordering::Relaxed);
        }
    }

    /// The memory that it uses, in bytes.
    pub(crate) fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() << 10
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn processor_time(schedstat: &std::path::Path) -> Duration {
    let numbers = fs::read_to_string(schedstat).unwrap();
    Duration::from_nanos(numbers.split(' ').next().unwrap().parse().unwrap())
}

fn count_lines(mut log: impl Read) {
    let mut bytes = vec![0; 1 << 16];
    loop {
        let read = log.read(&mut bytes).unwrap();
        if read == 0 {
            return;
        }
        let lines = bytes[..read].iter().filter(|byte| **byte == b'\n').count();
        LINES.fetch_add(lines as u64, Ordering::Relaxed);
    }
}

pub(crate) fn lines_for_each_answer() -> f64 {
    LINES.load(Ordering::Relaxed) as f64 / ANSWERS.load(Ordering::Relaxed) as f64
}
