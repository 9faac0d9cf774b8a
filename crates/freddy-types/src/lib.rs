#![cfg_attr(docsrs, feature(doc_cfg))]
#![doc = include_str!("../README.md")]

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
mod api;
mod endpoint;
mod error;
mod integrations;
mod value;
mod wire;

pub use api::personal_connectors;
pub use endpoint::auth::AuthScheme;
pub use endpoint::headers::{self, HeaderLookup};
pub use endpoint::method::Method;
pub use endpoint::page::{Cursor, Page, ReceivedPage};
pub use endpoint::path::PathTemplate;
pub use endpoint::request::{
    EncodedRequest, IncomingRequest, InvalidRequest, Parameter, ParameterPlace, ParameterPresence,
};
pub use endpoint::response_headers::{ResponseHeaders, WithHeaders};
pub use endpoint::success::{
    Accepted, Created, EncodedResponse, Json, Location, NoContent, SuccessResponse, UnexpectedBody,
};
pub use endpoint::{Endpoint, Paged, Tag};
pub use error::details::rate_limit::{RateLimit, RateLimitDetails, ReceivedRateLimitDetails};
pub use error::details::{Details, DetailsSource};
pub use error::envelope::ErrorEnvelope;
pub use error::received::ReceivedError;
pub use error::response::ErrorResponse;
pub use error::response::body::{BodyPreview, ErrorBody, OtherJson};
pub use error::response::repair::Repair;
pub use error::sent::{ApiError, ContractViolation};
pub use error::table::{
    ErrorCode, ErrorDetails, ErrorType, ExtensionCode, ExtensionFailure, ExtensionRow, Failure, NoDetails,
};
#[cfg(feature = "schemars")]
pub use integrations::schema;
#[cfg(feature = "proptest")]
pub use integrations::strategies;
pub use value::connector_id::ConnectorId;
pub use value::integer::Integer;
pub use value::text::Text;
pub use value::time::{Timestamp, WholeSecond};
pub use value::trace_id::TraceId;
pub use wire::fault::{Fault, Faults, Reason};
pub use wire::invalid::{InvalidId, InvalidTimestamp};
pub use wire::open::{Open, StringEnum, UnknownName};
pub use wire::read::{Object, Patch, ReceivedMap, ReceivedObject, Wire, WireType, known, read_json};
pub use wire::scalar::{HeaderScalar, Scalar};
pub use wire::schema::{Definitions, Form};
pub use wire::shape;
pub use wire::union::UnknownVariant;

/// Where the API is served.
pub const BASE_URL: &str = "https://api.aitronos.com";
