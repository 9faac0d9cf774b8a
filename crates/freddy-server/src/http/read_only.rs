//! The methods of a resource that can only be read.

use freddy_types::Failure;
use hyper::header::{ALLOW, HeaderValue};
use hyper::{Method, StatusCode};

use super::context::{Context, Response, empty};

/// The answer to any method but GET and HEAD.
pub(super) fn other_than_get(context: &Context, method: &Method) -> Option<Response> {
    let mut response = match *method {
        Method::GET | Method::HEAD => return None,
        Method::OPTIONS => empty(StatusCode::NO_CONTENT),
        _ => context.refuse(Failure::MethodNotAllowed),
    };
    response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"));
    Some(response)
}
