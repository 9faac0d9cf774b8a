//! Where a run is, on standard error, for people who watch.

use std::io::{IsTerminal as _, Write as _};

/// A line that is written anew for each case, and is gone at the end. Where nobody watches, there is a line now and then.
pub(crate) struct Progress {
    done: usize,
    all: usize,
}

/// How many cases a log is told of at once.
const STRIDE: usize = 50;

impl Progress {
    pub(crate) fn new(all: usize) -> Self {
        Self { done: 0, all }
    }

    pub(crate) fn begins(&mut self, name: &str) {
        self.done += 1;
        let (done, all) = (self.done, self.all);
        let mut out = std::io::stderr();
        // Who does not read it is no reason to stop.
        let _ = if out.is_terminal() {
            write!(out, "\r\x1b[K[{done}/{all}] {name}").and_then(|()| out.flush())
        } else if done % STRIDE == 0 || done == all {
            writeln!(out, "[{done}/{all}] {name}")
        } else {
            Ok(())
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
