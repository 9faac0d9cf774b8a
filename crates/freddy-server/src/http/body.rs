//! The body of a request, read within a size and a time.

use std::time::Duration;

use axum::body::{Body, Bytes};
use freddy_types::Failure;
use http_body_util::{BodyExt as _, LengthLimitError, Limited};

/// The body of a request, for an endpoint that has one.
#[derive(Clone, Debug)]
pub(crate) struct RequestBody(pub(crate) Bytes);

/// How large a body may be, and how long it may take to arrive.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) max_bytes: usize,
    pub(crate) timeout: Duration,
}

/// Reads the whole body, whether or not the endpoint needs it, so that nothing is done before its end is known.
pub(crate) async fn read(body: Body, limits: BodyLimits) -> Result<RequestBody, Failure> {
    match tokio::time::timeout(limits.timeout, Limited::new(body, limits.max_bytes).collect()).await {
        Ok(Ok(body)) => Ok(RequestBody(body.to_bytes())),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(Failure::PayloadTooLarge),
        Ok(Err(_)) => Err(Failure::ValidationError),
        Err(_) => Err(Failure::RequestTimeout),
    }
}
