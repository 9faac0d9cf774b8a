//! An envelope for every error, also for those that no endpoint answers: timeouts, panics and errors of libraries.

use std::panic::AssertUnwindSafe;
use std::time::Duration;

use axum::extract::Request;
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use freddy_types::{Failure, headers};
use futures_util::FutureExt as _;

use super::context::Context;

/// The answer to a request. It is given in time, and an error is always an envelope.
pub(crate) async fn answer(context: &Context, within: Duration, request: Request, next: Next) -> Response {
    let in_time = tokio::time::timeout(within, next.run(request));
    match AssertUnwindSafe(in_time).catch_unwind().await {
        Ok(Ok(response)) if is_foreign_error(&response) => context.refuse(failure_of(response.status())),
        Ok(Ok(response)) => response,
        Ok(Err(_)) => {
            tracing::error!("not answered in time");
            context.refuse(Failure::ServiceUnavailable)
        }
        // The panic hook has logged it.
        Err(_) => context.refuse(Failure::InternalServerError),
    }
}

/// Whether a library answered with an error in a format of its own.
fn is_foreign_error(response: &Response) -> bool {
    let status = response.status();
    let is_ours = || response.headers().get(header::CONTENT_TYPE).is_some_and(|value| value == headers::JSON);
    (status.is_client_error() || status.is_server_error()) && !is_ours()
}

fn failure_of(status: StatusCode) -> Failure {
    match status {
        StatusCode::NOT_FOUND => Failure::NotFound,
        StatusCode::METHOD_NOT_ALLOWED => Failure::MethodNotAllowed,
        StatusCode::REQUEST_TIMEOUT => Failure::RequestTimeout,
        StatusCode::PAYLOAD_TOO_LARGE => Failure::PayloadTooLarge,
        StatusCode::SERVICE_UNAVAILABLE => Failure::ServiceUnavailable,
        status if status.is_client_error() => Failure::ValidationError,
        _ => Failure::InternalServerError,
    }
}
