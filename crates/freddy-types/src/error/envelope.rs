//! The envelope around every error.

use serde::de::{Deserialize, Deserializer};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::received::ReceivedError;
use crate::wire::extra::Extra;
use crate::wire::{False, field};

/// The body of every error response: `{"success": false, "error": {…}}`.
///
/// Which side of the wire it stands on is in the type. A client decodes an `ErrorEnvelope`, whose error is a
/// [`ReceivedError`]: open to codes, types, fields and details it does not know. A server encodes an
/// `ErrorEnvelope<ApiError>`, made from an [`ApiError`](crate::ApiError): exactly what is documented, and never
/// decoded. `success` is not a value anyone could set: an envelope that says `true` can be neither built nor decoded.
///
/// ```
/// use freddy_types::{ApiError, ErrorCode, ErrorEnvelope};
///
/// let sent = ErrorEnvelope::from(ApiError::example(ErrorCode::Forbidden));
/// let body = serde_json::to_string(&sent)?;
///
/// let envelope: ErrorEnvelope = serde_json::from_str(&body)?;
/// assert_eq!(envelope.error().code(), Some(ErrorCode::Forbidden));
/// # Ok::<(), serde_json::Error>(())
/// ```
///
/// To read a response whose body may be anything, use [`ErrorResponse::decode`](crate::ErrorResponse::decode).
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorEnvelope<E = ReceivedError> {
    pub(crate) error: E,
    pub(crate) unknown: Extra,
}

impl<E> ErrorEnvelope<E> {
    /// The error inside.
    #[must_use]
    pub fn error(&self) -> &E {
        &self.error
    }

    /// The error inside, without the envelope.
    #[must_use]
    pub fn into_error(self) -> E {
        self.error
    }
}

impl ErrorEnvelope {
    /// The fields that the contract does not name, with their values as JSON text, sorted by name.
    pub fn unknown_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.unknown.iter().map(|(name, value)| (name, value.get()))
    }
}

impl<E: Serialize> Serialize for ErrorEnvelope<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry(field::SUCCESS, &False)?;
        object.serialize_entry(field::ERROR, &self.error)?;
        self.unknown.serialize_into(&mut object)?;
        object.end()
    }
}

crate::__received_object! {
    /// The rows of the envelope, with the error as a client reads it.
    struct ReceivedEnvelope {
        ["Always `false`."] required success: False, [field::SUCCESS];
        ["What went wrong."] required error: ReceivedError, [field::ERROR];
    }
}

impl<'de> Deserialize<'de> for ErrorEnvelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ReceivedEnvelope { success: False, error, unknown } = Deserialize::deserialize(deserializer)?;
        Ok(Self { error, unknown })
    }
}
