//! Whether a field may be left out or be `null`: how each presence is written, filled and read.
#![allow(missing_docs, clippy::missing_errors_doc, reason = "only for the macros, which say what they are for")]

use serde::de::{self, Deserialize, MapAccess};
use serde::ser::{Serialize, SerializeMap};

use crate::wire::read::{ObjectReader, Patch, Wire};
use crate::wire::shape::Presence;

/// The presences of a field. The name of the module is what the compiler shows where a row has another word.
pub mod required_optional_nullable_or_patchable {
    pub use super::{nullable, optional, patchable, required};
}

/// A field that is always there.
pub mod required {
    use super::*;

    pub const PRESENCE: Presence = Presence::Required;

    pub fn read<T: Wire>(reader: &mut ObjectReader<'_>, name: &'static str) -> Option<T> {
        reader.required(name)
    }

    pub fn serialize<T: Serialize, M: SerializeMap>(
        value: &T,
        name: &'static str,
        map: &mut M,
    ) -> Result<(), M::Error> {
        map.serialize_entry(name, value)
    }

    pub use crate::wire::fill;

    pub fn value<T, E: de::Error>(slot: Option<T>, name: &'static str) -> Result<T, E> {
        crate::wire::required(slot, name)
    }
}

/// A field that is left out where there is nothing.
pub mod optional {
    use super::*;

    pub const PRESENCE: Presence = Presence::Optional;

    pub fn read<T: Wire>(reader: &mut ObjectReader<'_>, name: &'static str) -> Option<Option<T>> {
        reader.optional(name)
    }

    pub fn serialize<T: Serialize, M: SerializeMap>(
        value: &Option<T>,
        name: &'static str,
        map: &mut M,
    ) -> Result<(), M::Error> {
        value.as_ref().map_or(Ok(()), |value| map.serialize_entry(name, value))
    }

    pub use crate::wire::fill;

    pub fn value<T, E: de::Error>(slot: Option<T>, _: &'static str) -> Result<Option<T>, E> {
        Ok(slot)
    }
}

/// A field that is `null` where there is nothing.
pub mod nullable {
    use super::*;

    pub const PRESENCE: Presence = Presence::Nullable;

    pub fn read<T: Wire>(reader: &mut ObjectReader<'_>, name: &'static str) -> Option<Option<T>> {
        reader.nullable(name)
    }

    pub fn serialize<T: Serialize, M: SerializeMap>(
        value: &Option<T>,
        name: &'static str,
        map: &mut M,
    ) -> Result<(), M::Error> {
        map.serialize_entry(name, value)
    }

    pub use crate::wire::fill;

    pub fn value<T, E: de::Error>(slot: Option<Option<T>>, name: &'static str) -> Result<Option<T>, E> {
        crate::wire::required(slot, name)
    }
}

/// A field of a patch.
pub mod patchable {
    use super::*;

    pub const PRESENCE: Presence = Presence::Patchable;

    pub fn read<T: Wire>(reader: &mut ObjectReader<'_>, name: &'static str) -> Option<Patch<T>> {
        reader.patchable(name)
    }

    pub fn serialize<T: Serialize, M: SerializeMap>(
        value: &Patch<T>,
        name: &'static str,
        map: &mut M,
    ) -> Result<(), M::Error> {
        match value {
            Patch::Absent => Ok(()),
            Patch::Null => map.serialize_entry(name, &()),
            Patch::Value(value) => map.serialize_entry(name, value),
        }
    }

    pub fn fill<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
        slot: &mut Option<Option<T>>,
        name: &'static str,
        map: &mut A,
    ) -> Result<(), A::Error> {
        crate::wire::fill(slot, name, map)
    }

    pub fn value<T, E: de::Error>(slot: Option<Option<T>>, _: &'static str) -> Result<Patch<T>, E> {
        Ok(match slot {
            None => Patch::Absent,
            Some(None) => Patch::Null,
            Some(Some(value)) => Patch::Value(value),
        })
    }
}
