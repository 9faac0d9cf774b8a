//! What the JSON forms share: field names, names that may be unknown, integers, fields kept as they came.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Deserialize, Deserializer, MapAccess, Unexpected, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::value::RawValue;

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

    pub(crate) const RETRY_AFTER: &str = "retry_after";
    pub(crate) const LIMIT: &str = "limit";
    pub(crate) const REMAINING: &str = "remaining";
    pub(crate) const RESET_AT: &str = "reset_at";
}

/// A closed list of wire names.
pub(crate) trait Vocabulary: Copy + 'static {
    const WHAT: &'static str;
    #[cfg(any(feature = "proptest", feature = "schemars"))]
    const ALL: &'static [Self];
    fn as_str(self) -> &'static str;
    fn from_wire(name: &str) -> Option<Self>;
}

/// The error of parsing an [`ErrorCode`](crate::ErrorCode) or an [`ErrorType`](crate::ErrorType): not one of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    what: &'static str,
}

impl UnknownName {
    pub(crate) fn of<T: Vocabulary>() -> Self {
        Self { what: T::WHAT }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not {} of the contract's table", self.what)
    }
}

impl std::error::Error for UnknownName {}

/// A received name: one of the table, or any other string. A known name is never held as a string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Open<T> {
    Known(T),
    Unknown(Box<str>),
}

impl<T: Vocabulary> Open<T> {
    pub(crate) fn known(&self) -> Option<T> {
        match self {
            Self::Known(known) => Some(*known),
            Self::Unknown(_) => None,
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        match self {
            Self::Known(known) => known.as_str(),
            Self::Unknown(name) => name,
        }
    }
}

impl<T: Vocabulary> From<&str> for Open<T> {
    fn from(name: &str) -> Self {
        T::from_wire(name).map_or_else(|| Self::Unknown(name.into()), Self::Known)
    }
}

impl<'de, T: Vocabulary> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OpenVisitor<T>(PhantomData<T>);

        impl<T: Vocabulary> Visitor<'_> for OpenVisitor<T> {
            type Value = Open<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Open<T>, E> {
                Ok(name.into())
            }
        }

        deserializer.deserialize_str(OpenVisitor(PhantomData))
    }
}

/// Reads a string through `FromStr`, so that serde says the same as the parser.
pub(crate) struct FromStrVisitor<T> {
    expecting: &'static str,
    output: PhantomData<T>,
}

impl<T> FromStrVisitor<T> {
    pub(crate) fn new(expecting: &'static str) -> Self {
        Self { expecting, output: PhantomData }
    }
}

impl<T: FromStr<Err: fmt::Display>> Visitor<'_> for FromStrVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.expecting)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// An integer in `MIN..=MAX`, read as JSON Schema reads one: `429.0` and `4.29e2` are the integer 429.
pub(crate) struct Integer<const MIN: u32, const MAX: u32>(pub(crate) u32);

impl<'de, const MIN: u32, const MAX: u32> Deserialize<'de> for Integer<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IntegerVisitor<const MIN: u32, const MAX: u32>;

        impl<const MIN: u32, const MAX: u32> Visitor<'_> for IntegerVisitor<MIN, MAX> {
            type Value = Integer<MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an integer from {MIN} to {MAX}")
            }

            fn visit_u64<E: de::Error>(self, n: u64) -> Result<Self::Value, E> {
                match u32::try_from(n) {
                    Ok(n) if (MIN..=MAX).contains(&n) => Ok(Integer(n)),
                    _ => Err(E::invalid_value(Unexpected::Unsigned(n), &self)),
                }
            }

            fn visit_i64<E: de::Error>(self, n: i64) -> Result<Self::Value, E> {
                match u64::try_from(n) {
                    Ok(n) => self.visit_u64(n),
                    Err(_) => Err(E::invalid_value(Unexpected::Signed(n), &self)),
                }
            }

            fn visit_f64<E: de::Error>(self, n: f64) -> Result<Self::Value, E> {
                if n.fract() == 0.0 && (f64::from(MIN)..=f64::from(MAX)).contains(&n) {
                    // In range and whole, so the cast is exact.
                    Ok(Integer(n as u32))
                } else {
                    Err(E::invalid_value(Unexpected::Float(n), &self))
                }
            }
        }

        deserializer.deserialize_u32(IntegerVisitor)
    }
}

/// Fields that the contract does not name, kept as the JSON text they came with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Extra(BTreeMap<Box<str>, Box<RawValue>>);

impl Extra {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(|value| &**value)
    }

    /// Takes the value of a field that the caller does not know.
    pub(crate) fn take<'de, A: MapAccess<'de>>(&mut self, name: Box<str>, map: &mut A) -> Result<(), A::Error> {
        let value = map.next_value()?;
        if self.0.contains_key(&name) {
            return Err(de::Error::custom("duplicate field outside the contract"));
        }
        self.0.insert(name, value);
        Ok(())
    }

    pub(crate) fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        self.iter().try_for_each(|(name, value)| map.serialize_entry(name, value))
    }
}

#[cfg(feature = "proptest")]
impl FromIterator<(Box<str>, Box<RawValue>)> for Extra {
    fn from_iter<I: IntoIterator<Item = (Box<str>, Box<RawValue>)>>(fields: I) -> Self {
        Self(fields.into_iter().collect())
    }
}

impl PartialEq for Extra {
    fn eq(&self, other: &Self) -> bool {
        self.iter().map(|(name, value)| (name, value.get())).eq(other.iter().map(|(name, value)| (name, value.get())))
    }
}

/// Puts a field's value into its slot; a second value for the same field is an error.
pub(crate) fn fill<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
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
