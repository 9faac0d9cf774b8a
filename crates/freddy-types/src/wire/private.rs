//! What the macros need of this crate, and nobody else: no part of the public API.
#![allow(missing_docs, clippy::missing_errors_doc, reason = "only for the macros, which say what they are for")]

use serde::de::{self, Deserialize, MapAccess};
use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::Value;
pub use {serde, serde_json};

pub use crate::endpoint::request::{RequestReader, RequestWriter};
pub use crate::endpoint::response_headers::header_reader;
pub use crate::error::details::DetailsRow;
pub use crate::error::table::Row as CodeRow;
pub use crate::value::identifier::{Characters, Checked, LiteralFaults, Reason as IdReason, find_fault};
pub use crate::wire::extra::Extra;
pub use crate::wire::fault::At;
use crate::wire::fault::Faults;
use crate::wire::read::{Object, Patch, ReceivedObject, Wire};
pub use crate::wire::read::{ObjectReader, deserialize_strictly, known};
pub use crate::wire::scalar::{deserialize_from_str, name_from_text, read_scalar};
use crate::wire::shape::{
    EnumShape, FieldShape, ObjectShape, Presence, Shape, TextShape, UnionShape, VariantShape, doc_text,
};
pub use crate::wire::tree::Tree;
pub use crate::wire::union::{UnionReader, deserialize_union, read_union};

pub fn serialize_object<T: Object, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    object.serialize_fields(&mut map)?;
    map.end()
}

pub fn serialize_received<T: ReceivedObject, S: Serializer>(object: &T, serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(None)?;
    object.serialize_fields(&mut map)?;
    map.end()
}

pub fn read_object<T: Object>(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<T> {
    let mut reader = ObjectReader::new(tree, at, faults)?;
    let read = T::read_fields(&mut reader);
    reader.refuse_others();
    read
}

/// Whether a text is not empty and nothing but visible ASCII characters.
#[must_use]
pub const fn is_visible(text: &str) -> bool {
    let mut unread = text.as_bytes();
    while let [b'!'..=b'~', tail @ ..] = unread {
        unread = tail;
    }
    unread.is_empty() && !text.is_empty()
}

/// Whether HTTP takes a name: a token of RFC 9110, section 5.6.2.
#[must_use]
pub const fn is_header_name(name: &str) -> bool {
    let mut unread = name.as_bytes();
    while let [
        b'0'..=b'9'
        | b'A'..=b'Z'
        | b'a'..=b'z'
        | b'!'
        | b'#'
        | b'$'
        | b'%'
        | b'&'
        | b'\''
        | b'*'
        | b'+'
        | b'-'
        | b'.'
        | b'^'
        | b'_'
        | b'`'
        | b'|'
        | b'~',
        tail @ ..,
    ] = unread
    {
        unread = tail;
    }
    unread.is_empty() && !name.is_empty()
}

#[must_use]
pub fn object_shape(name: &'static str, doc: &[&str], fields: Vec<FieldShape>) -> ObjectShape {
    ObjectShape { name: name.into(), description: doc_text(doc), fields, rule: None }
}

#[must_use]
pub fn field_shape(
    name: &'static str,
    doc: &[&str],
    presence: Presence,
    shape: fn() -> Shape,
    example: Option<Value>,
) -> FieldShape {
    FieldShape { name, description: doc_text(doc), presence, shape, example }
}

#[must_use]
pub fn enum_shape(name: &'static str, doc: &[&str], values: &[(&'static str, &[&str])]) -> EnumShape {
    let values = values.iter().map(|(name, doc)| (*name, doc_text(doc))).collect();
    EnumShape { name, description: doc_text(doc), values, advice: "More may be added." }
}

#[must_use]
pub fn union_shape(name: &'static str, doc: &[&str], tag: &'static str, variants: Vec<VariantShape>) -> UnionShape {
    UnionShape { name, description: doc_text(doc), tag, variants }
}

#[must_use]
pub fn variant_shape(name: &'static str, doc: &[&str], shape: fn() -> Shape) -> VariantShape {
    VariantShape { name, description: doc_text(doc), shape }
}

#[must_use]
pub fn id_shape(name: &'static str, doc: &[&str], pattern: &'static str, example: &'static str) -> TextShape {
    TextShape { name: Some(name), description: doc_text(doc), pattern: Some(pattern), ..TextShape::any(example) }
}

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

/// The presences of a parameter. The name of the module is what the compiler shows where a row has another word.
pub mod required_optional_defaulted_or_repeated {
    /// Given once.
    pub mod required {
        use crate::wire::private::parameters::*;

        #[must_use]
        pub fn presence<T: Wire>() -> ParameterPresence {
            ParameterPresence::Required
        }

        pub fn texts<T: Scalar>(value: &T) -> impl Iterator<Item = Cow<'_, str>> {
            std::iter::once(value.to_text())
        }

        #[must_use]
        pub fn read<T: Scalar>(texts: Texts<'_>) -> Option<T> {
            texts.required()
        }
    }

    /// Given at most once.
    pub mod optional {
        use crate::wire::private::parameters::*;

        #[must_use]
        pub fn presence<T: Wire>() -> ParameterPresence {
            ParameterPresence::Optional
        }

        pub fn texts<T: Scalar>(value: &Option<T>) -> impl Iterator<Item = Cow<'_, str>> {
            value.iter().map(Scalar::to_text)
        }

        #[must_use]
        pub fn read<T: Scalar>(texts: Texts<'_>) -> Option<Option<T>> {
            texts.optional()
        }
    }

    /// Given at most once; otherwise a default is taken.
    pub mod defaulted {
        use crate::wire::private::parameters::*;

        #[must_use]
        #[expect(clippy::needless_pass_by_value, reason = "a row's default is an expression")]
        pub fn presence<T: Wire>(default: T) -> ParameterPresence {
            ParameterPresence::Defaulted(default_value(&default))
        }

        pub use super::required::texts;

        pub fn read<T: Scalar>(texts: Texts<'_>, default: T) -> Option<T> {
            texts.defaulted(default)
        }
    }

    /// Given any number of times.
    pub mod repeated {
        use crate::wire::private::parameters::*;

        #[must_use]
        pub fn presence<T: Wire>() -> ParameterPresence {
            ParameterPresence::Repeated
        }

        pub fn texts<T: Scalar>(values: &[T]) -> impl Iterator<Item = Cow<'_, str>> {
            values.iter().map(Scalar::to_text)
        }

        #[must_use]
        pub fn read<T: Scalar>(texts: Texts<'_>) -> Option<Vec<T>> {
            texts.repeated()
        }
    }
}

mod parameters {
    pub(super) use std::borrow::Cow;

    pub(super) use crate::endpoint::request::default_value;
    pub(super) use crate::endpoint::request::{ParameterPresence, Texts};
    pub(super) use crate::wire::read::Wire;
    pub(super) use crate::wire::scalar::Scalar;
}

/// Empty modules, whose names the compiler shows where a row says what it cannot.
macro_rules! what_a_row_cannot_say {
    ($($name:ident)+) => {
        $( pub mod $name {} )+
    };
}

what_a_row_cannot_say! {
    a_place_is_path_query_header_or_body
    a_defaulted_row_has_its_default_after_an_equals_sign
    only_a_defaulted_row_has_a_default
    optional_is_for_query_and_header
    defaulted_is_for_query_and_header
    repeated_is_for_query
    a_response_header_is_required_or_optional
}

pub fn push_header<'t>(
    name: &'static str,
    texts: impl Iterator<Item = std::borrow::Cow<'t, str>>,
    headers: &mut Vec<(&'static str, String)>,
) {
    headers.extend(texts.map(|text| (name, text.into_owned())));
}

/// The rows of a request as data: a function for each place.
pub mod parameter {
    use crate::endpoint::request::{Parameter, ParameterPlace, ParameterPresence};
    use crate::wire::read::WireType;
    use crate::wire::shape::doc_text;

    macro_rules! places {
        ($($place:ident = $Place:ident;)+) => {$(
            #[must_use]
            pub fn $place(
                name: &'static str,
                doc: &[&str],
                presence: ParameterPresence,
                wire: WireType,
            ) -> Parameter {
                Parameter { name, place: ParameterPlace::$Place, description: doc_text(doc), presence, wire }
            }
        )+};
    }

    places! {
        path = Path;
        query = Query;
        header = Header;
        body = Body;
    }
}
