//! What is logged of a panic.

/// A panic hook that logs where the panic was and leaves out its message, which may contain anything, such as a key.
pub fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    tracing::error!(at = panic.location().map(tracing::field::display), "panicked");
}
