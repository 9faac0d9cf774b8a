//! The one mechanism: how a declaration becomes a type with its JSON form, its readers and its description.

pub(crate) mod declared;
pub(crate) mod extra;
pub(crate) mod fault;
pub(crate) mod invalid;
pub(crate) mod names;
mod object;
pub(crate) mod open;
pub(crate) mod presence;
pub(crate) mod read;
pub(crate) mod scalar;
pub(crate) mod schema;
pub mod shape;
pub(crate) mod tree;
pub(crate) mod union;

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Unexpected, Visitor};
use serde::ser::{Serialize, Serializer};

/// The field names, each in one place for encoding, decoding and the schemas.
pub(crate) mod field {
    pub(crate) const SUCCESS: &str = "success";
    pub(crate) const ERROR: &str = "error";

    pub(crate) const CODE: &str = "code";
    pub(crate) const MESSAGE: &str = "message";
    pub(crate) const SYSTEM_MESSAGE: &str = "system_message";
    pub(crate) const TYPE: &str = "type";
    pub(crate) const STATUS: &str = "status";
    pub(crate) const DETAILS: &str = "details";
    pub(crate) const TRACE_ID: &str = "trace_id";
    pub(crate) const TIMESTAMP: &str = "timestamp";

    /// Of the details of a rate limit, and of other servers' bodies.
    pub(crate) const RETRY_AFTER: &str = "retry_after";
}

/// Puts a field's value into its slot; a second value for the same field is an error.
#[doc(hidden)]
pub fn fill<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    slot: &mut Option<T>,
    name: &'static str,
    map: &mut A,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(de::Error::duplicate_field(name));
    }
    *slot = Some(map.next_value()?);
    Ok(())
}

/// The value of a required field.
#[doc(hidden)]
pub(crate) fn required<T, E: de::Error>(slot: Option<T>, name: &'static str) -> Result<T, E> {
    slot.ok_or_else(|| E::missing_field(name))
}

/// Defines the keys of an object: those of the contract, and `Other` with any other name.
macro_rules! keys {
    ($Key:ident { $($Variant:ident = $name:path,)+ }) => {
        enum $Key {
            $($Variant,)+
            Other(Box<str>),
        }

        impl<'de> serde::Deserialize<'de> for $Key {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct KeyVisitor;

                impl serde::de::Visitor<'_> for KeyVisitor {
                    type Value = $Key;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a field name")
                    }

                    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<$Key, E> {
                        Ok(match name {
                            $($name => $Key::$Variant,)+
                            other => $Key::Other(other.into()),
                        })
                    }
                }

                deserializer.deserialize_identifier(KeyVisitor)
            }
        }
    };
}
pub(crate) use keys;

/// `false`, always: the `success` of an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct False;

impl Serialize for False {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bool(false)
    }
}

impl<'de> Deserialize<'de> for False {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FalseVisitor;

        impl Visitor<'_> for FalseVisitor {
            type Value = False;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("`false`")
            }

            fn visit_bool<E: de::Error>(self, value: bool) -> Result<False, E> {
                if value { Err(E::invalid_value(Unexpected::Bool(true), &self)) } else { Ok(False) }
            }
        }

        deserializer.deserialize_bool(FalseVisitor)
    }
}
