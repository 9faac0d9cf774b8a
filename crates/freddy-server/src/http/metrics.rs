//! What is measured of each request.

use std::time::Duration;

use hyper::{Method, StatusCode};

/// Records how long an answer took.
pub(crate) fn record(method: &'static str, status: StatusCode, elapsed: Duration) {
    let labels = [("method", metrics::SharedString::from(method)), ("status", status.as_str().to_owned().into())];
    metrics::histogram!("freddy_request_seconds", &labels).record(elapsed);
}

/// The name of a method in the log and in metrics. Anybody can invent a method, of any length, and every label of a metric
/// is kept for as long as the process lives.
pub(crate) fn method_label(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_http_does_not_define_share_one_label() {
        assert_eq!(method_label(&Method::DELETE), "DELETE");
        assert_eq!(method_label(&Method::from_bytes(b"INVENTED").unwrap()), "other");
    }
}
