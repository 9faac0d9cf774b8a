//! The error object as a client receives it.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Unexpected, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

use crate::error::table::{ErrorCode, ErrorDetails, ErrorType};
use crate::value::integer::Integer;
use crate::value::time::Timestamp;
use crate::wire::extra::Extra;
use crate::wire::open::Open;
use crate::wire::{self, field};

/// The statuses that HTTP can carry. The body of an error is read whichever of them it names.
pub(crate) const MIN_STATUS: u32 = 100;
pub(crate) const MAX_STATUS: u32 = 999;

type Status = Integer<{ MIN_STATUS as i64 }, { MAX_STATUS as i64 }>;

/// The error object of an [`ErrorEnvelope`](crate::ErrorEnvelope) as it was received.
///
/// ```json
/// {
///   "code": "FORBIDDEN",
///   "message": "You do not have permission to perform this action.",
///   "system_message": "Insufficient permissions",
///   "type": "authorization_error",
///   "status": 403,
///   "trace_id": "req_def456",
///   "timestamp": "2025-11-13T10:30:00Z"
/// }
/// ```
///
/// The seven fields are required, in any order; `details` is an object or absent. Codes and types outside the table,
/// details of any shape, further fields, the timestamp's own notation: all is kept and encoded as it came.
/// The type a server sends, [`ApiError`](crate::ApiError), is another one on purpose.
///
/// `details` and further fields are kept as JSON text, so it is decoded by `serde_json` and encoded by it; serde's
/// buffering (`#[serde(untagged)]`, `#[serde(flatten)]`) cannot carry them.
#[derive(Clone, Debug)]
pub struct ReceivedError {
    pub(crate) code: Open<ErrorCode>,
    pub(crate) message: Box<str>,
    pub(crate) system_message: Box<str>,
    pub(crate) error_type: Open<ErrorType>,
    pub(crate) status: u16,
    pub(crate) details: Option<JsonObject>,
    pub(crate) trace_id: Box<str>,
    pub(crate) timestamp: Timestamp,
    pub(crate) extra: Extra,
}

impl ReceivedError {
    /// The code, where it is one of the table.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        self.code.known()
    }

    /// The code as it came.
    #[must_use]
    pub fn code_str(&self) -> &str {
        self.code.as_str()
    }

    /// What to tell a user. The wording of a code may change: never compare it.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to tell a developer. The wording of a code may change: never compare it.
    #[must_use]
    pub fn system_message(&self) -> &str {
        &self.system_message
    }

    /// The type, where it is one of the table.
    #[must_use]
    pub fn error_type(&self) -> Option<ErrorType> {
        self.error_type.known()
    }

    /// The type as it came.
    #[must_use]
    pub fn error_type_str(&self) -> &str {
        self.error_type.as_str()
    }

    /// The HTTP status that the body names, from 100 to 999. The one of the response counts where they differ.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The details of the code `D::CODE`, or `None` where the error has another code or no details.
    ///
    /// ```
    /// # use freddy_types::{ApiError, ErrorCode, ErrorEnvelope, RateLimitDetails};
    /// # let body = serde_json::to_string(&ErrorEnvelope::from(ApiError::example(ErrorCode::RateLimitExceeded)))?;
    /// let envelope: ErrorEnvelope = serde_json::from_str(&body)?;
    /// if let Some(limits) = envelope.error().details::<RateLimitDetails>()? {
    ///     assert_eq!(limits.retry_after(), 60);
    /// }
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// # Errors
    /// The details do not have the shape that the code documents. [`details_json`](Self::details_json) still has them.
    pub fn details<D: ErrorDetails>(&self) -> serde_json::Result<Option<D::Received>> {
        match &self.details {
            Some(details) if self.code_str() == D::CODE.as_str() => serde_json::from_str(details.0.get()).map(Some),
            _ => Ok(None),
        }
    }

    /// The details of whatever code, as the JSON text of an object.
    #[must_use]
    pub fn details_json(&self) -> Option<&str> {
        self.details.as_ref().map(|details| details.0.get())
    }

    /// The identifier of the request in the server's log. Opaque: any string.
    #[must_use]
    pub fn trace_id(&self) -> &str {
        &self.trace_id
    }

    /// When the error happened, by the server's clock.
    #[must_use]
    pub fn timestamp(&self) -> &Timestamp {
        &self.timestamp
    }

    /// The fields that the contract does not name, with their values as JSON text, sorted by name.
    pub fn extra_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.extra.iter().map(|(name, value)| (name, value.get()))
    }
}

impl PartialEq for ReceivedError {
    /// `details` and further fields are compared as JSON text.
    fn eq(&self, other: &Self) -> bool {
        self.code == other.code
            && self.message == other.message
            && self.system_message == other.system_message
            && self.error_type == other.error_type
            && self.status == other.status
            && self.details_json() == other.details_json()
            && self.trace_id == other.trace_id
            && self.timestamp == other.timestamp
            && self.extra == other.extra
    }
}

impl Serialize for ReceivedError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry(field::CODE, self.code.as_str())?;
        object.serialize_entry(field::MESSAGE, &self.message)?;
        object.serialize_entry(field::SYSTEM_MESSAGE, &self.system_message)?;
        object.serialize_entry(field::TYPE, self.error_type.as_str())?;
        object.serialize_entry(field::STATUS, &self.status)?;
        if let Some(details) = &self.details {
            object.serialize_entry(field::DETAILS, &details.0)?;
        }
        object.serialize_entry(field::TRACE_ID, &self.trace_id)?;
        object.serialize_entry(field::TIMESTAMP, &self.timestamp)?;
        self.extra.serialize_into(&mut object)?;
        object.end()
    }
}

/// The text of a JSON object.
#[derive(Clone, Debug)]
pub(crate) struct JsonObject(pub(crate) Box<RawValue>);

impl<'de> Deserialize<'de> for JsonObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Box::<RawValue>::deserialize(deserializer)?;
        if text.get().starts_with('{') {
            Ok(Self(text))
        } else {
            Err(de::Error::invalid_type(Unexpected::Other("a value that is not an object"), &"an object"))
        }
    }
}

wire::keys! {
    Key {
        Code = field::CODE,
        Message = field::MESSAGE,
        SystemMessage = field::SYSTEM_MESSAGE,
        Type = field::TYPE,
        Status = field::STATUS,
        Details = field::DETAILS,
        TraceId = field::TRACE_ID,
        Timestamp = field::TIMESTAMP,
    }
}

impl<'de> Deserialize<'de> for ReceivedError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ErrorVisitor;

        impl<'de> Visitor<'de> for ErrorVisitor {
            type Value = ReceivedError;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an error object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ReceivedError, A::Error> {
                let mut code = None;
                let mut message = None;
                let mut system_message = None;
                let mut error_type = None;
                let mut status = None::<Status>;
                let mut details = None;
                let mut trace_id = None;
                let mut timestamp = None;
                let mut extra = Extra::default();
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Code => wire::fill(&mut code, field::CODE, &mut map)?,
                        Key::Message => wire::fill(&mut message, field::MESSAGE, &mut map)?,
                        Key::SystemMessage => wire::fill(&mut system_message, field::SYSTEM_MESSAGE, &mut map)?,
                        Key::Type => wire::fill(&mut error_type, field::TYPE, &mut map)?,
                        Key::Status => wire::fill(&mut status, field::STATUS, &mut map)?,
                        Key::Details => wire::fill(&mut details, field::DETAILS, &mut map)?,
                        Key::TraceId => wire::fill(&mut trace_id, field::TRACE_ID, &mut map)?,
                        Key::Timestamp => wire::fill(&mut timestamp, field::TIMESTAMP, &mut map)?,
                        Key::Other(name) => extra.take(name, &mut map)?,
                    }
                }
                Ok(ReceivedError {
                    code: wire::required(code, field::CODE)?,
                    message: wire::required(message, field::MESSAGE)?,
                    system_message: wire::required(system_message, field::SYSTEM_MESSAGE)?,
                    error_type: wire::required(error_type, field::TYPE)?,
                    // At most MAX_STATUS, which fits.
                    status: wire::required(status, field::STATUS)?.get() as u16,
                    details,
                    trace_id: wire::required(trace_id, field::TRACE_ID)?,
                    timestamp: wire::required(timestamp, field::TIMESTAMP)?,
                    extra,
                })
            }
        }

        deserializer.deserialize_map(ErrorVisitor)
    }
}
