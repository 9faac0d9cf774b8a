//! The log, written by a thread of its own: a log that nobody reads, or that has no room, holds no request up.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::AsFd as _;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use freddy_server::metrics::LOG_LINES_DROPPED;
use metrics::Counter;

/// What may wait to be written, in bytes. It is thousands of lines: enough for a reader that pauses.
const CAPACITY: usize = 1 << 20;

/// How long lines are gathered, so that the writer is woken once for many of them.
const GATHER: Duration = Duration::from_millis(5);

/// How long to wait before a file that would block is tried again.
const RETRY_AFTER: Duration = Duration::from_millis(10);

/// Takes lines without ever waiting. What does not fit, or cannot be written, is dropped and counted.
#[derive(Clone)]
pub(crate) struct Log(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    capacity: usize,
    dropped: Counter,
}

#[derive(Default)]
struct State {
    /// Whole lines.
    waiting: Vec<u8>,
    is_writing: bool,
    /// The lines that were dropped so far, and how many of them the log has been told of.
    dropped: u64,
    reported: u64,
}

impl Log {
    /// A log on standard error. What it drops is counted by the recorder of metrics that is installed by now.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub(crate) fn to_stderr() -> io::Result<Self> {
        // Not `io::stderr()`: whoever prints there would wait for a write that hangs.
        let stderr = File::from(io::stderr().as_fd().try_clone_to_owned()?);
        let dropped = metrics::counter!(LOG_LINES_DROPPED);
        let report = |dropped| tracing::warn!(dropped, "log lines were dropped");
        Self::start(stderr, CAPACITY, dropped, report)
    }

    fn start(
        output: impl Write + Send + 'static,
        capacity: usize,
        dropped: Counter,
        report: impl Fn(u64) + Send + 'static,
    ) -> io::Result<Self> {
        let shared = Shared { state: Mutex::default(), changed: Condvar::new(), capacity, dropped };
        let log = Self(Arc::new(shared));
        let shared = Arc::clone(&log.0);
        std::thread::Builder::new().name("log".to_owned()).spawn(move || shared.write_to(output, report))?;
        Ok(log)
    }

    /// Waits until everything is written, but not longer than this.
    pub(crate) fn flush_within(&self, timeout: Duration) {
        let busy = |state: &mut State| state.is_writing || !state.waiting.is_empty();
        drop(self.0.changed.wait_timeout_while(self.0.lock(), timeout, busy));
    }
}

/// Takes a whole line at each call, which is how `tracing-subscriber` writes.
impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut state = self.0.lock();
        if state.waiting.len().saturating_add(line.len()) <= self.0.capacity {
            let is_first = state.waiting.is_empty();
            state.waiting.extend_from_slice(line);
            if is_first {
                self.0.changed.notify_all();
            }
        } else {
            self.0.count_dropped(&mut state, 1);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count_dropped(&self, state: &mut State, lines: u64) {
        state.dropped += lines;
        self.dropped.increment(lines);
    }

    /// Writes what is waiting, for as long as the process lives.
    fn write_to(&self, mut output: impl Write, report: impl Fn(u64)) {
        let mut lines = Vec::new();
        let mut is_torn = false;
        loop {
            lines.clear();
            let mut state = self.lock();
            state.is_writing = false;
            self.changed.notify_all();
            while state.waiting.is_empty() {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.is_writing = true;
            drop(state);
            std::thread::sleep(GATHER);
            let mut state = self.lock();
            std::mem::swap(&mut state.waiting, &mut lines);
            drop(state);

            let lost = write_lines(&mut output, &lines, &mut is_torn);
            let mut state = self.lock();
            self.count_dropped(&mut state, lost);
            // The total, and only once writing works again: a report that is dropped itself is made good by the next.
            if lost == 0 && state.dropped > state.reported {
                state.reported = state.dropped;
                let dropped = state.dropped;
                drop(state);
                report(dropped);
            }
        }
    }
}

/// Writes lines, and returns how many of them are lost because of an error. After an error, the last line that was written
/// may be torn, and then the next call ends it first.
fn write_lines(output: &mut impl Write, lines: &[u8], is_torn: &mut bool) -> u64 {
    let count = |lines: &[u8]| lines.split_inclusive(|byte| *byte == b'\n').count() as u64;
    if *is_torn && write_all(output, b"\n").is_err() {
        return count(lines);
    }
    *is_torn = false;
    let Err(rest) = write_all(output, lines) else { return 0 };
    let (written, rest) = lines.split_at(lines.len() - rest);
    *is_torn = written.last().is_some_and(|last| *last != b'\n');
    count(rest)
}

/// Like [`Write::write_all`], except that it waits for a file that does not block. An error is how many bytes are left.
fn write_all(output: &mut impl Write, mut bytes: &[u8]) -> Result<(), usize> {
    while !bytes.is_empty() {
        match output.write(bytes) {
            Ok(0) => return Err(bytes.len()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => std::thread::sleep(RETRY_AFTER),
            Err(_) => return Err(bytes.len()),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(30);

    /// Writes what fits, then fails, as a disk does.
    #[derive(Default)]
    struct Disk {
        written: Vec<u8>,
        room: usize,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let length = bytes.len().min(self.room);
            if length == 0 {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.room -= length;
            self.written.extend_from_slice(&bytes[..length]);
            Ok(length)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// Passes on what is written, and waits for permission each time.
    struct Gate {
        entered: mpsc::Sender<Vec<u8>>,
        allowed: mpsc::Receiver<()>,
    }

    impl Write for Gate {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.entered.send(bytes.to_vec()).unwrap();
            self.allowed.recv_timeout(LONG).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_loses_lines_and_leaves_no_torn_one_before_the_next() {
        let (mut disk, mut is_torn) = (Disk { room: 6, ..Disk::default() }, false);
        assert_eq!(write_lines(&mut disk, b"one\ntwo\nthree\n", &mut is_torn), 2);
        assert_eq!(write_lines(&mut disk, b"four\n", &mut is_torn), 1);
        disk.room = 100;
        assert_eq!(write_lines(&mut disk, b"five\nsix\n", &mut is_torn), 0);
        assert_eq!(String::from_utf8(disk.written).unwrap(), "one\ntw\nfive\nsix\n");
    }

    #[test]
    fn lines_beyond_the_capacity_are_dropped_and_the_total_is_reported_when_writing_goes_on() {
        let (entered, writing) = mpsc::channel();
        let (allow, allowed) = mpsc::channel();
        let (reported, reports) = mpsc::channel();
        let report = move |dropped| reported.send(dropped).unwrap();
        let mut log = Log::start(Gate { entered, allowed }, 10, Counter::noop(), report).unwrap();
        log.write_all(b"first\n").unwrap();
        assert_eq!(writing.recv_timeout(LONG).unwrap(), b"first\n");
        // Nothing waits for the write that hangs.
        for line in ["four\n", "five\n", "lost\n", "longer than the capacity\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        log.flush_within(Duration::from_millis(1));
        assert!(reports.try_recv().is_err());
        allow.send(()).unwrap();
        assert_eq!(reports.recv_timeout(LONG), Ok(2));
        assert_eq!(writing.recv_timeout(LONG).unwrap(), b"four\nfive\n");
        allow.send(()).unwrap();
        log.flush_within(LONG);
        assert!(reports.try_recv().is_err(), "it is reported once");
    }
}
