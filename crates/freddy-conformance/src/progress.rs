//! Where a run is, on standard error, for people who watch.

use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};

/// A line that is written anew for each case, and is gone at the end. Where nobody watches, there is a line now and then.
pub(crate) struct Progress {
    done: Cell<usize>,
    all: usize,
}

/// How many cases a log is told of at once.
const STRIDE: usize = 50;

impl Progress {
    pub(crate) fn new(all: usize) -> Self {
        Self { done: Cell::new(0), all }
    }

    pub(crate) fn begins(&self, name: &str) {
        self.done.set(self.done.get() + 1);
        if std::io::stderr().is_terminal() || self.done.get().is_multiple_of(STRIDE) || self.done.get() == self.all {
            self.note(name);
        }
    }

    /// Says what goes on beside or between the cases.
    pub(crate) fn note(&self, what: &str) {
        let (done, all) = (self.done.get(), self.all);
        let mut out = std::io::stderr();
        // Who does not read it is no reason to stop.
        let _ = if out.is_terminal() {
            write!(out, "\r\x1b[K[{done}/{all}] {what}").and_then(|()| out.flush())
        } else {
            writeln!(out, "[{done}/{all}] {what}")
        };
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        let mut out = std::io::stderr();
        if out.is_terminal() {
            let _ = write!(out, "\r\x1b[K");
        }
    }
}
