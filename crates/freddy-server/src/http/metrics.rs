//! What is measured of each request.

use std::time::Duration;

use axum::http::{Method, StatusCode};

/// Records how long an answer took.
pub(crate) fn record(method: &Method, status: StatusCode, elapsed: Duration) {
    let labels = [("method", method_label(method)), ("status", status.as_str().to_owned().into())];
    metrics::histogram!("freddy_request_seconds", &labels).record(elapsed);
}

/// Anybody can invent a method, and every label is kept for as long as the process lives.
fn method_label(method: &Method) -> metrics::SharedString {
    let known = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::OPTIONS];
    if known.contains(method) { method.to_string().into() } else { "other".into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_http_does_not_define_share_one_label() {
        assert_eq!(&*method_label(&Method::DELETE), "DELETE");
        assert_eq!(&*method_label(&Method::from_bytes(b"INVENTED").unwrap()), "other");
    }
}
