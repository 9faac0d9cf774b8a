//! [`union!`](crate::union): one of several objects, told apart by a tag.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::wire::fault::{At, Faults};
use crate::wire::read::ObjectReader;
use crate::wire::tree::Tree;

/// A variant of a union that this version does not know, or knows in another form: kept as it came.
#[derive(Clone, Debug)]
pub struct UnknownVariant {
    tag: Box<str>,
    json: Box<RawValue>,
}

impl UnknownVariant {
    /// What stands in the tag.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.tag
    }

    /// The whole object, as JSON text.
    #[must_use]
    pub fn json(&self) -> &str {
        self.json.get()
    }
}

impl PartialEq for UnknownVariant {
    /// The objects are compared as JSON text.
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl serde::Serialize for UnknownVariant {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.json.serialize(serializer)
    }
}

/// What is read of a union, made by [`union!`](crate::union).
#[doc(hidden)]
pub trait UnionReader: Sized {
    const TAG: &'static str;

    /// The variant with this tag, `None` where the tag is not known.
    fn from_json(tag: &str, json: &str) -> Option<serde_json::Result<Self>>;

    fn unknown(variant: UnknownVariant) -> Self;
}

/// Reads the tag first, wherever it stands, and then the variant. Decoding cannot fail on what stands in a variant: one
/// that is not as it should be is kept as unknown.
#[doc(hidden)]
pub fn deserialize_union<'de, T: UnionReader, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let json = Box::<RawValue>::deserialize(deserializer)?;
    let tag = tag_of(json.get(), T::TAG).map_err(de::Error::custom)?;
    match T::from_json(&tag, json.get()) {
        Some(Ok(variant)) => Ok(variant),
        _ => Ok(T::unknown(UnknownVariant { tag, json })),
    }
}

fn tag_of(json: &str, tag: &'static str) -> serde_json::Result<Box<str>> {
    struct TagVisitor(&'static str);

    impl<'de> Visitor<'de> for TagVisitor {
        type Value = Box<str>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Box<str>, A::Error> {
            let mut found = None;
            // A name that stands twice is found whatever it is, since two readers may take different ones of the two.
            let mut names = std::collections::BTreeSet::new();
            while let Some(name) = map.next_key::<String>()? {
                if name == self.0 {
                    super::fill(&mut found, self.0, &mut map)?;
                } else {
                    map.next_value::<IgnoredAny>()?;
                    if !names.insert(name) {
                        return Err(de::Error::custom("duplicate field in a union"));
                    }
                }
            }
            super::required(found, self.0)
        }
    }

    let mut deserializer = serde_json::Deserializer::from_str(json);
    deserializer.deserialize_map(TagVisitor(tag))
}

/// Reads a union strictly: its tag, and the fields of the variant.
#[doc(hidden)]
pub fn read_union<T>(
    tree: &Tree,
    at: &At<'_>,
    faults: &mut Faults,
    tag: &'static str,
    names: &[&'static str],
    variant: impl FnOnce(&'static str, &mut ObjectReader<'_>) -> Option<T>,
) -> Option<T> {
    let mut reader = ObjectReader::new(tree, at, faults)?;
    let name = reader.tag(tag, names)?;
    let read = variant(name, &mut reader);
    reader.refuse_others();
    read
}

/// Declares a union: one of several objects, told apart by the name in their tag.
///
/// ```
/// use freddy_types::{Integer, Timestamp, object, union};
///
/// object! {
///     /// At one time.
///     pub struct Once, received as ReceivedOnce {
///         /// When.
///         pub required at: Timestamp,
///     }
/// }
///
/// object! {
///     /// Again and again.
///     pub struct Every, received as ReceivedEvery {
///         /// Minutes from one to the next.
///         pub required minutes: Integer<1, 1440>,
///     }
/// }
///
/// union! {
///     /// When something happens.
///     pub enum Schedule, received as ReceivedSchedule, tag "kind" {
///         /// At one time.
///         Once(Once) = "once",
///         /// Again and again.
///         Every(Every) = "every",
///     }
/// }
///
/// let every = Schedule::Every(Every { minutes: Integer::literal::<5>() });
/// assert_eq!(serde_json::to_string(&every)?, r#"{"kind":"every","minutes":5}"#);
///
/// // A client keeps a variant that it does not know.
/// let later: ReceivedSchedule = serde_json::from_str(r#"{"kind":"cron","line":"0 4 * * *"}"#)?;
/// let ReceivedSchedule::Unknown(variant) = &later else { panic!("cron is not known") };
/// assert_eq!(variant.tag(), "cron");
/// assert_eq!(serde_json::to_string(&later)?, r#"{"kind":"cron","line":"0 4 * * *"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[macro_export]
macro_rules! union {
    (
        $(#[doc = $doc:literal])+
        $vis:vis enum $Name:ident, received as $Received:ident, tag $tag:literal {
            $( $(#[doc = $vdoc:literal])+ $Variant:ident($T:ty) = $wire:literal, )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        $vis enum $Name {
            $(
                #[doc = concat!("`", $wire, "`.")]
                #[doc = ""]
                $(#[doc = $vdoc])+
                $Variant($T),
            )+
        }

        const _: () = assert!(
            $crate::__private::are_distinct(&[$($wire),+], false),
            "two variants have the same name in the tag"
        );

        #[doc = concat!("A [`", stringify!($Name), "`] as it was received.")]
        #[derive(Clone, Debug, PartialEq)]
        #[non_exhaustive]
        $vis enum $Received {
            $(
                #[doc = concat!("`", $wire, "`.")]
                #[doc = ""]
                $(#[doc = $vdoc])+
                $Variant(<$T as $crate::Wire>::Received),
            )+
            /// A variant that this version does not know, or not in this form.
            Unknown($crate::UnknownVariant),
        }

        impl $Received {
            /// What stands in the tag.
            #[must_use]
            $vis fn tag(&self) -> &str {
                match self {
                    $( Self::$Variant(_) => $wire, )+
                    Self::Unknown(variant) => variant.tag(),
                }
            }
        }

        impl $crate::__private::serde::Serialize for $Name {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::__private::serde::ser::SerializeMap as _;
                let mut map = serializer.serialize_map(None)?;
                match self {
                    $(
                        Self::$Variant(variant) => {
                            map.serialize_entry($tag, $wire)?;
                            $crate::Object::serialize_fields(variant, &mut map)?;
                        }
                    )+
                }
                map.end()
            }
        }

        impl $crate::__private::serde::Serialize for $Received {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                use $crate::__private::serde::ser::SerializeMap as _;
                match self {
                    $(
                        Self::$Variant(variant) => {
                            let mut map = serializer.serialize_map(None)?;
                            map.serialize_entry($tag, $wire)?;
                            $crate::ReceivedObject::serialize_fields(variant, &mut map)?;
                            map.end()
                        }
                    )+
                    Self::Unknown(variant) => $crate::__private::serde::Serialize::serialize(variant, serializer),
                }
            }
        }

        impl $crate::__private::UnionReader for $Received {
            const TAG: &'static str = $tag;

            fn from_json(tag: &str, json: &str) -> Option<$crate::__private::serde_json::Result<Self>> {
                // Two variants with one name do not compile.
                #[deny(unreachable_patterns)]
                match tag {
                    $(
                        $wire => Some($crate::__private::serde_json::from_str(json).map(
                            |mut variant: <$T as $crate::Wire>::Received| {
                                $crate::ReceivedObject::forget(&mut variant, $tag);
                                Self::$Variant(variant)
                            },
                        )),
                    )+
                    _ => None,
                }
            }

            fn unknown(variant: $crate::UnknownVariant) -> Self {
                Self::Unknown(variant)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $Received {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::__private::deserialize_union(deserializer)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $Name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::__private::deserialize_strictly(deserializer)
            }
        }

        impl $crate::Wire for $Name {
            type Received = $Received;

            fn shape() -> $crate::shape::Shape {
                $crate::shape::Shape::Union($crate::__private::union_shape(
                    stringify!($Name),
                    &[$($doc),+],
                    $tag,
                    vec![$(
                        $crate::__private::variant_shape($wire, &[$($vdoc),+], <$T as $crate::Wire>::shape),
                    )+],
                ))
            }

            fn read(
                tree: &$crate::__private::Tree,
                at: &$crate::__private::At<'_>,
                faults: &mut $crate::Faults,
            ) -> Option<Self> {
                $crate::__private::read_union(tree, at, faults, $tag, &[$($wire),+], |name, reader| match name {
                    $( $wire => <$T as $crate::Object>::read_fields(reader).map(Self::$Variant), )+
                    _ => None,
                })
            }
        }
    };
}
