//! The error object as a client receives it.

use serde::de::{self, Deserialize, Deserializer, Unexpected};
use serde::ser::{Serialize, Serializer};
use serde_json::value::{RawValue, to_raw_value};

use crate::error::table::{ErrorCode, ErrorDetails, ErrorType};
use crate::value::integer::Integer;
use crate::value::time::Timestamp;
use crate::wire::extra::Extra;
use crate::wire::fault::{At, Faults, Reason};
use crate::wire::field;
use crate::wire::read::Wire;
use crate::wire::shape::Shape;
use crate::wire::tree::Tree;

/// The statuses that HTTP can carry. The body of an error is read whichever of them it names.
pub(crate) const MIN_STATUS: u32 = 100;
pub(crate) const MAX_STATUS: u32 = 999;

type Status = Integer<{ MIN_STATUS as i64 }, { MAX_STATUS as i64 }>;

/// The rows of the error object: what a client reads in the place of each type, and how the documents describe it.
macro_rules! received_error {
    (
        $(#[doc = $doc:literal])+
        pub struct $Received:ident {
            $( $(#[doc = $fdoc:literal])+ $presence:ident $field:ident : $T:ty, $wire:expr; )+
        }
    ) => {
        crate::__received_object! {
            $(#[doc = $doc])+
            pub struct $Received {
                $( [$($fdoc)+] pub(crate) $presence $field: <$T as Wire>::Received, [$wire]; )+
            }
        }

        impl $Received {
            /// What the open schema says of it, but for the details of each code.
            #[cfg(any(feature = "schemars", feature = "proptest"))]
            pub(crate) fn shape() -> crate::wire::shape::ObjectShape {
                use crate::wire::declared::{field_shape, object_shape};
                use crate::wire::presence::{optional, required};

                let rows = vec![$( field_shape($wire, &[$($fdoc),+], $presence::PRESENCE, <$T as Wire>::shape, None), )+];
                object_shape("ErrorObject", &["What went wrong."], rows)
            }
        }
    };
}

received_error! {
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
    pub struct ReceivedError {
        /// What went wrong, for a program to decide by.
        required code: ErrorCode, field::CODE;
        /// What to tell a user. The wording may change: never compare it.
        required message: String, field::MESSAGE;
        /// What to tell a developer. The wording may change: never compare it.
        required system_message: String, field::SYSTEM_MESSAGE;
        /// The family that the code belongs to.
        required error_type: ErrorType, field::TYPE;
        /// The HTTP status of the response.
        required status: Status, field::STATUS;
        /// What else there is to say. Its fields depend on `code`; left out where there is nothing.
        optional details: JsonObject, field::DETAILS;
        /// The identifier of the request in the server's log. Opaque.
        required trace_id: String, field::TRACE_ID;
        /// When the error happened, by the server's clock.
        required timestamp: Timestamp, field::TIMESTAMP;
    }
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
        // At most MAX_STATUS, which fits.
        self.status.get() as u16
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

    pub(crate) fn unknown(&self) -> &Extra {
        &self.unknown
    }
}

/// The text of a JSON object.
#[derive(Clone, Debug)]
pub(crate) struct JsonObject(pub(crate) Box<RawValue>);

impl Serialize for JsonObject {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl PartialEq for JsonObject {
    fn eq(&self, other: &Self) -> bool {
        self.0.get() == other.0.get()
    }
}

impl Wire for JsonObject {
    type Received = Self;

    fn shape() -> Shape {
        Shape::AnyObject
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        if !matches!(tree, Tree::Object(_)) {
            faults.add(at, Reason::not_a("an object"));
            return None;
        }
        to_raw_value(tree).ok().map(Self)
    }
}

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
