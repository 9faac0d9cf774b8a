//! The envelope around every error.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::error::received::ReceivedError;
use crate::wire::extra::Extra;
use crate::wire::{self, False, field};

/// The body of every error response: `{"success": false, "error": {…}}`.
///
/// Which side of the wire it stands on is in the type. A client decodes an `ErrorEnvelope`, whose error is a
/// [`ReceivedError`]: open to codes, types, fields and details it does not know. A server encodes an
/// `ErrorEnvelope<ApiError>`, made from an [`ApiError`]: exactly what is documented, and never decoded.
/// `success` is not a value anyone could set: an envelope that says `true` can be neither built nor decoded.
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
    pub(crate) extra: Extra,
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
    /// The fields beside `success` and `error`, with their values as JSON text, sorted by name.
    pub fn extra_fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.extra.iter().map(|(name, value)| (name, value.get()))
    }
}

impl<E: Serialize> Serialize for ErrorEnvelope<E> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        object.serialize_entry(field::SUCCESS, &False)?;
        object.serialize_entry(field::ERROR, &self.error)?;
        self.extra.serialize_into(&mut object)?;
        object.end()
    }
}

wire::keys! {
    Key {
        Success = field::SUCCESS,
        Error = field::ERROR,
    }
}

impl<'de> Deserialize<'de> for ErrorEnvelope {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EnvelopeVisitor;

        impl<'de> Visitor<'de> for EnvelopeVisitor {
            type Value = ErrorEnvelope;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an error envelope")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ErrorEnvelope, A::Error> {
                let (mut success, mut error, mut extra) = (None, None, Extra::default());
                while let Some(key) = map.next_key()? {
                    match key {
                        Key::Success => wire::fill(&mut success, field::SUCCESS, &mut map)?,
                        Key::Error => wire::fill(&mut error, field::ERROR, &mut map)?,
                        Key::Other(name) => extra.take(name, &mut map)?,
                    }
                }
                let False = wire::required(success, field::SUCCESS)?;
                Ok(ErrorEnvelope { error: wire::required(error, field::ERROR)?, extra })
            }
        }

        deserializer.deserialize_map(EnvelopeVisitor)
    }
}
