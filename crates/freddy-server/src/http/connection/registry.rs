//! The connections that are open, and which of them are given up when there are too many.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::watch::{Order, Timeouts, Watch};
use crate::metrics::CONNECTIONS_REFUSED;

/// The part of the idle connections that is given up at once, so that looking for them is rare.
const PART: usize = 64;

/// A connection that has been idle for less is not given up: its next request may be on its way.
const MIN_IDLE: Duration = Duration::from_secs(1);

/// The open connections, at most a number of them.
#[derive(Debug)]
pub(in crate::http) struct Connections {
    max: usize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    watches: HashMap<u64, Arc<Watch>>,
}

impl Connections {
    pub(in crate::http) fn new(max: usize) -> Arc<Self> {
        Arc::new(Self { max, open: Mutex::default() })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more connection. If all are taken, idle connections make room; `None` if none is idle.
    pub(in crate::http) fn add(self: &Arc<Self>, timeouts: Timeouts) -> Option<Place> {
        if self.lock().watches.len() >= self.max {
            self.give_up_idle(1);
        }
        let mut open = self.lock();
        if open.watches.len() >= self.max {
            return None;
        }
        let (number, watch) = (open.next, Arc::new(Watch::new(timeouts)));
        open.next += 1;
        open.watches.insert(number, Arc::clone(&watch));
        Some(Place { connections: Arc::clone(self), number, watch })
    }

    /// Gives up those that have been idle the longest, at least so many if there are, and returns how many.
    pub(in crate::http) fn give_up_idle(&self, at_least: usize) -> usize {
        let mut open = self.lock();
        let idle =
            open.watches.iter().filter_map(|(number, watch)| Some((watch.is_blocked(), watch.idle_for()?, *number)));
        let mut idle: Vec<_> = idle.filter(|(_, idle, _)| *idle >= MIN_IDLE).collect();
        // Whoever is still reading an answer comes last.
        idle.sort_unstable_by_key(|(is_blocked, idle, _)| (*is_blocked, Reverse(*idle)));
        idle.truncate((idle.len() / PART).max(at_least));
        for (_, _, number) in &idle {
            if let Some(watch) = open.watches.remove(number) {
                watch.give(Order::Close);
            }
        }
        metrics::counter!(CONNECTIONS_REFUSED).increment(idle.len() as u64);
        idle.len()
    }

    /// Ends each connection once what is in flight on it is answered, and returns how many there are.
    pub(in crate::http) fn finish(&self) -> usize {
        let open = self.lock();
        for watch in open.watches.values() {
            watch.give(Order::Finish);
        }
        open.watches.len()
    }
}

/// The place of a connection, which it has until this is dropped.
#[derive(Debug)]
pub(in crate::http) struct Place {
    connections: Arc<Connections>,
    number: u64,
    pub(in crate::http) watch: Arc<Watch>,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.connections.lock().watches.remove(&self.number);
    }
}
