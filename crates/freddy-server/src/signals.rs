//! The signals that stop a server.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use futures_util::future::select_all;
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::flag;
use tokio::signal::unix::{SignalKind, signal};

/// Done at the first signal that asks for a stop. A second SIGTERM, SIGINT or SIGQUIT ends the process at once, even one
/// whose runtime hangs, with the status that a shell gives to a process that the signal has killed.
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    let stopping = Arc::new(AtomicBool::new(false));
    let mut signals = Vec::new();
    for number in [SIGTERM, SIGINT, SIGQUIT] {
        // In this order, so that the first signal finds the flag unset.
        flag::register_conditional_shutdown(number, 128 + number, Arc::clone(&stopping))?;
        flag::register(number, Arc::clone(&stopping))?;
        signals.push(signal(SignalKind::from_raw(number))?);
    }
    // A terminal that closes sends SIGHUP more than once, and some supervisors send it together with SIGTERM.
    if !is_ignored(SIGHUP) {
        signals.push(signal(SignalKind::from_raw(SIGHUP))?);
    }
    Ok(async move {
        select_all(signals.iter_mut().map(|signal| Box::pin(signal.recv()))).await;
    })
}

/// Whether the parent had the signal ignored, as `nohup` does. Where there is no `/proc`, it counts as not ignored.
fn is_ignored(number: i32) -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| u64::from_str_radix(line.strip_prefix("SigIgn:")?.trim(), 16).ok());
    ignored.is_some_and(|ignored| ignored >> (number - 1) & 1 == 1)
}
