#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

mod api_error;
mod auth;
mod code;
mod connector_id;
mod endpoint;
mod envelope;
pub mod headers;
#[cfg(feature = "http")]
mod http;
mod identifier;
mod one_line;
pub mod personal_connectors;
mod rate_limit;
mod received;
mod response;
mod retry;
#[cfg(feature = "schemars")]
pub mod schema;
#[cfg(feature = "proptest")]
pub mod strategies;
mod time;
mod trace_id;
#[cfg(feature = "utoipa")]
mod utoipa;
mod wire;

pub use api_error::{ApiError, ContractViolation};
pub use auth::AuthScheme;
#[doc(hidden)]
pub use code::Row as CodeRow;
pub use code::{ErrorCode, ErrorType, ExtensionCode, Failure};
pub use connector_id::ConnectorId;
pub use endpoint::{
    Endpoint, Method, NoContent, PathError, PathParameter, PathParameterDocs, PathParameters, PathTemplate,
    SuccessResponse, Tag, UnexpectedBody,
};
pub use envelope::ErrorEnvelope;
#[doc(hidden)]
pub use identifier::Checked;
pub use identifier::InvalidId;
pub use rate_limit::{RateLimit, RateLimitDetails};
pub use received::{ErrorDetails, ReceivedError};
pub use response::{BodyPreview, ErrorBody, ErrorResponse, HeaderLookup, OtherJson};
pub use time::{InvalidTimestamp, Timestamp};
pub use trace_id::TraceId;
pub use wire::UnknownName;

/// Where the API is served.
pub const BASE_URL: &str = "https://api.aitronos.com";
