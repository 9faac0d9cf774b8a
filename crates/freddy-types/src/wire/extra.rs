//! Fields that the contract does not name.

use std::collections::BTreeMap;

use serde::de::{self, MapAccess};
use serde::ser::SerializeMap;
use serde_json::value::RawValue;

/// Fields that the contract does not name, kept as the JSON text they came with.
#[doc(hidden)]
#[derive(Clone, Debug, Default)]
pub struct Extra(BTreeMap<Box<str>, Box<RawValue>>);

impl Extra {
    #[doc(hidden)]
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[doc(hidden)]
    pub fn iter(&self) -> impl Iterator<Item = (&str, &RawValue)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    #[doc(hidden)]
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&RawValue> {
        self.0.get(name).map(|value| &**value)
    }

    /// Takes the value of a field that the caller does not know.
    #[doc(hidden)]
    pub fn take<'de, A: MapAccess<'de>>(&mut self, name: Box<str>, map: &mut A) -> Result<(), A::Error> {
        let value = map.next_value()?;
        if self.0.contains_key(&name) {
            return Err(de::Error::custom("duplicate field outside the contract"));
        }
        self.0.insert(name, value);
        Ok(())
    }

    /// Takes a field out.
    #[doc(hidden)]
    pub fn remove(&mut self, name: &str) {
        self.0.remove(name);
    }

    #[doc(hidden)]
    pub fn serialize_into<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
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
