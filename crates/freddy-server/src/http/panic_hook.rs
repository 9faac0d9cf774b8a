//! What is logged of a panic.

use freddy_types::TraceId;

tokio::task_local! {
    /// The request that the current task is answering.
    pub(super) static TRACE_ID: TraceId;
}

/// A panic hook that logs where the panic was and leaves out its message, which may contain anything, such as a key.
pub fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let trace_id = TRACE_ID.try_with(Clone::clone).ok();
    let trace_id = trace_id.as_ref().map(TraceId::as_str);
    tracing::error!(trace_id, at = panic.location().map(tracing::field::display), "panicked");
}
