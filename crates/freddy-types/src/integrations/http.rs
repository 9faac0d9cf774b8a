//! Conversions to and from the types of the `http` crate (feature `http`).

use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};

use crate::endpoint::headers::HeaderLookup;
use crate::endpoint::method::Method;
use crate::endpoint::success::{EncodedResponse, NoContent, SuccessResponse};
use crate::error::envelope::ErrorEnvelope;
use crate::error::response::ErrorResponse;
use crate::error::sent::ApiError;
use crate::error::table::ErrorCode;

impl From<ErrorCode> for StatusCode {
    fn from(code: ErrorCode) -> Self {
        // The table holds statuses from 400 to 599 only, and `http` takes all of them.
        Self::from_u16(code.status()).unwrap_or(Self::INTERNAL_SERVER_ERROR)
    }
}

impl From<Method> for http::Method {
    fn from(method: Method) -> Self {
        match method {
            Method::Get => Self::GET,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Patch => Self::PATCH,
            Method::Delete => Self::DELETE,
        }
    }
}

impl HeaderLookup for HeaderMap {
    fn value_of(&self, name: &str) -> Option<&[u8]> {
        self.get(name).map(HeaderValue::as_bytes)
    }

    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        self.get_all(name).iter().map(HeaderValue::as_bytes).collect()
    }
}

/// The names are constants, and the types of the values are those of a [`HeaderScalar`](crate::HeaderScalar).
#[expect(clippy::expect_used, reason = "names and values are visible ASCII")]
fn header_map(headers: impl IntoIterator<Item = (&'static str, impl AsRef<str>)>) -> HeaderMap {
    let headers = headers.into_iter().map(|(name, value)| {
        let name = HeaderName::try_from(name).expect("a name of the contract is one of HTTP");
        (name, HeaderValue::try_from(value.as_ref()).expect("the text of a header scalar is visible ASCII"))
    });
    headers.collect()
}

impl From<&ApiError> for HeaderMap {
    /// [`ApiError::headers`].
    fn from(error: &ApiError) -> Self {
        header_map(error.headers())
    }
}

impl From<ApiError> for Response<Vec<u8>> {
    /// The whole response: status, headers, and the envelope as the body.
    fn from(error: ApiError) -> Self {
        let (status, headers) = (error.code().into(), HeaderMap::from(&error));
        #[expect(clippy::expect_used, reason = "an `ApiError` is strings and integers, which always encode")]
        let body = serde_json::to_vec(&ErrorEnvelope::from(error)).expect("strings and integers encode");
        let mut response = Self::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response
    }
}

impl From<EncodedResponse> for Response<Vec<u8>> {
    /// The whole response.
    fn from(success: EncodedResponse) -> Self {
        let EncodedResponse { status, headers, body } = success;
        let mut response = Self::new(body);
        #[expect(clippy::expect_used, reason = "the statuses of successes are constants of the contract")]
        let status = StatusCode::from_u16(status).expect("a status from 200 to 299");
        *response.status_mut() = status;
        *response.headers_mut() = header_map(headers);
        response
    }
}

impl From<NoContent> for Response<Vec<u8>> {
    /// The whole response, without a body and without headers.
    fn from(success: NoContent) -> Self {
        success.encode().into()
    }
}

impl<B: AsRef<[u8]>> From<&Response<B>> for ErrorResponse {
    /// [`ErrorResponse::decode`] of the response's parts.
    fn from(response: &Response<B>) -> Self {
        Self::decode(response.status(), response.headers(), response.body().as_ref())
    }
}
