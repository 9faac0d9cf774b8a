//! What the commands share.

use std::io::Write as _;
use std::process::ExitCode;

/// The exit code of a command that could not do what it is for.
const NOT_DONE: u8 = 2;

/// Runs a command to its end. What it could not do is told.
pub(crate) fn run(command: impl Future<Output = Result<ExitCode, String>>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let result = runtime.map_err(|error| error.to_string()).and_then(|runtime| runtime.block_on(command));
    result.unwrap_or_else(|problem| {
        // Whoever has closed it does not want to know.
        let _ = writeln!(std::io::stderr(), "error: {problem}");
        ExitCode::from(NOT_DONE)
    })
}
