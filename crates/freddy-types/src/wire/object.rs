//! [`object!`](crate::object): an object, declared with one row for each field.

/// Declares an object of the contract, with one row for each field. Everything else is made from these rows.
///
/// ```
/// use freddy_types::{Integer, Text, Timestamp, object};
///
/// object! {
///     /// A reminder.
///     pub struct Reminder, received as ReceivedReminder {
///         /// What it says.
///         pub required text: Text<1, 200> = "Renew the token",
///         /// How important it is.
///         pub optional priority: Integer<0, 9> = 5,
///         /// When it was read, `null` before that.
///         pub nullable read_at: Timestamp,
///         /// The kind of it.
///         pub required kind: Text<1, 20> as "type" = "token",
///     }
/// }
///
/// let sent = Reminder { text: "Hello".parse()?, priority: None, read_at: None, kind: "note".parse()? };
/// assert_eq!(serde_json::to_string(&sent)?, r#"{"text":"Hello","read_at":null,"type":"note"}"#);
///
/// // A client keeps what it does not know, and can tell.
/// let json = r#"{"text":"Hello","read_at":null,"type":"note","color":"red"}"#;
/// let received: ReceivedReminder = serde_json::from_str(json)?;
/// assert_eq!(received.unknown_fields().collect::<Vec<_>>(), [("color", r#""red""#)]);
/// assert_eq!(received.known().unwrap_err().to_string(), "body: has an unknown field `color`");
/// assert_eq!(serde_json::to_string(&received)?, json);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// A row is `/// documentation`, the visibility, the presence, the name, the type, then `as` and the wire name,
/// if it differs from the Rust name, and `=` and an example in the notation of [`serde_json::json!`] (one token, or in parentheses). The presence is
///
/// | presence | in Rust | in JSON |
/// |---|---|---|
/// | `required` | `T` | always there |
/// | `optional` | `Option<T>` | left out where there is none, never `null` |
/// | `nullable` | `Option<T>` | always there, `null` where there is none |
/// | `patchable` | [`Patch<T>`](crate::Patch) | absent, `null` or a value, which mean different things |
///
/// The struct implements [`Wire`](crate::Wire), `Serialize` with the fields in their order, and `Deserialize`, which
/// refuses a field that stands twice or is not known. Without `received as` that is all, as for a request body. The
/// received struct has the same fields, each of the type's [`Received`](crate::Wire::Received), and keeps the fields that
/// it does not know.
#[macro_export]
macro_rules! object {
    (
        $(#[doc = $doc:literal])+
        $(#[derive($($Derive:path),+ $(,)?)])?
        $vis:vis struct $Name:ident $(, received as $Received:ident)? {
            $(
                $(#[doc = $fdoc:literal])+
                $fvis:vis $presence:ident $field:ident : $T:ty $(as $wire:literal)? $(= $example:tt)?
            ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq $($(, $Derive)+)?)]
        $vis struct $Name {
            $(
                $(#[doc = $fdoc])+
                $fvis $field: $crate::__field_type!($presence $T),
            )*
        }

        const _: () = assert!(
            $crate::__private::are_distinct(&[$($crate::__wire_name!($field $($wire)?)),*], false),
            "two rows have the same name on the wire"
        );

        impl $crate::Object for $Name {
            fn serialize_fields<M: $crate::__private::serde::ser::SerializeMap>(
                &self,
                map: &mut M,
            ) -> Result<(), M::Error> {
                $( $crate::__private::required_optional_nullable_or_patchable::$presence::serialize(&self.$field, $crate::__wire_name!($field $($wire)?), map)?; )*
                Ok(())
            }

            fn read_fields(reader: &mut $crate::__private::ObjectReader<'_>) -> Option<Self> {
                // All of them are read before one that is missing ends it, so that every fault is found.
                $( let $field = $crate::__private::required_optional_nullable_or_patchable::$presence::read::<$T>(
                    reader,
                    $crate::__wire_name!($field $($wire)?),
                ); )*
                Some(Self { $( $field: $field?, )* })
            }
        }

        impl $crate::__private::serde::Serialize for $Name {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::__private::serialize_object(self, serializer)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $Name {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::__private::deserialize_strictly(deserializer)
            }
        }

        impl $crate::Wire for $Name {
            type Received = $crate::__received_type!($Name $($Received)?);

            fn shape() -> $crate::shape::Shape {
                $crate::shape::Shape::Object($crate::__private::object_shape(
                    stringify!($Name),
                    &[$($doc),+],
                    vec![$(
                        $crate::__private::field_shape(
                            $crate::__wire_name!($field $($wire)?),
                            &[$($fdoc),+],
                            $crate::__private::required_optional_nullable_or_patchable::$presence::PRESENCE,
                            <$T as $crate::Wire>::shape,
                            $crate::__example!($($example)?),
                        ),
                    )*],
                ))
            }

            fn read(
                tree: &$crate::__private::Tree,
                at: &$crate::__private::At<'_>,
                faults: &mut $crate::Faults,
            ) -> Option<Self> {
                $crate::__private::read_object(tree, at, faults)
            }
        }

        $crate::__received! {
            $($Received)? for $Name, $vis, { $( [$($fdoc)+] $fvis $presence $field: $T, [$crate::__wire_name!($field $($wire)?)]; )* }
        }
    };
}

/// The received half of an [`object!`](crate::object), where it has one.
#[doc(hidden)]
#[macro_export]
macro_rules! __received {
    (for $Name:ident, $vis:vis, { $($rows:tt)* }) => {};
    (
        $Received:ident for $Name:ident, $vis:vis, {
            $( [$($fdoc:literal)+] $fvis:vis $presence:ident $field:ident : $T:ty, [$wire:expr]; )*
        }
    ) => {
        $crate::__received_object! {
            #[doc = concat!("A [`", stringify!($Name), "`] as it was received: open to fields and values that it does not know.")]
            $vis struct $Received {
                $( [$($fdoc)+] $fvis $presence $field: <$T as $crate::Wire>::Received, [$wire]; )*
            }
        }

        impl $Received {
            #[doc = concat!("The [`", stringify!($Name), "`] that this is, if nothing of it is unknown.")]
            ///
            /// # Errors
            /// Names every place that has something unknown.
            $vis fn known(&self) -> Result<$Name, $crate::Faults> {
                $crate::__private::known::<$Name>(self)
            }
        }
    };
}

/// A struct that keeps the fields that it does not know, with its encoder and its decoder.
#[doc(hidden)]
#[macro_export]
macro_rules! __received_object {
    (
        $(#[doc = $doc:expr])+
        $vis:vis struct $Received:ident {
            $( [$($fdoc:literal)+] $fvis:vis $presence:ident $field:ident : $T:ty, [$wire:expr]; )*
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, PartialEq)]
        $vis struct $Received {
            $(
                $(#[doc = $fdoc])+
                $fvis $field: $crate::__field_type!($presence $T),
            )*
            unknown: $crate::__private::Extra,
        }

        impl $Received {
            /// The fields that the contract does not name, with their values as JSON text, sorted by name.
            #[allow(dead_code, reason = "not every object is asked")]
            $vis fn unknown_fields(&self) -> impl Iterator<Item = (&str, &str)> {
                self.unknown.iter().map(|(name, value)| (name, value.get()))
            }
        }

        impl $crate::ReceivedObject for $Received {
            fn serialize_fields<M: $crate::__private::serde::ser::SerializeMap>(
                &self,
                map: &mut M,
            ) -> Result<(), M::Error> {
                $( $crate::__private::required_optional_nullable_or_patchable::$presence::serialize(&self.$field, $wire, map)?; )*
                self.unknown.serialize_into(map)
            }

            fn forget(&mut self, name: &str) {
                self.unknown.remove(name);
            }
        }

        impl $crate::__private::serde::Serialize for $Received {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                $crate::__private::serialize_received(self, serializer)
            }
        }

        impl<'de> $crate::__private::serde::Deserialize<'de> for $Received {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[allow(non_camel_case_types, reason = "the variants have the names of the fields")]
                enum Key {
                    $($field,)*
                    // Not a name that a field can have.
                    Unknown_(Box<str>),
                }

                impl<'de> $crate::__private::serde::Deserialize<'de> for Key {
                    fn deserialize<D>(deserializer: D) -> Result<Self, D::Error>
                    where
                        D: $crate::__private::serde::Deserializer<'de>,
                    {
                        struct KeyVisitor;

                        impl $crate::__private::serde::de::Visitor<'_> for KeyVisitor {
                            type Value = Key;

                            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                                f.write_str("a field name")
                            }

                            fn visit_str<E: $crate::__private::serde::de::Error>(self, name: &str) -> Result<Key, E> {
                                // Constants, since a pattern takes no macro that stands for a literal or a name.
                                $(
                                    if name == $wire {
                                        return Ok(Key::$field);
                                    }
                                )*
                                Ok(Key::Unknown_(name.into()))
                            }
                        }

                        deserializer.deserialize_identifier(KeyVisitor)
                    }
                }

                struct ObjectVisitor;

                impl<'de> $crate::__private::serde::de::Visitor<'de> for ObjectVisitor {
                    type Value = $Received;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("an object")
                    }

                    fn visit_map<A>(self, mut map: A) -> Result<$Received, A::Error>
                    where
                        A: $crate::__private::serde::de::MapAccess<'de>,
                    {
                        $( let mut $field = None; )*
                        let mut unknown = $crate::__private::Extra::default();
                        while let Some(key) = map.next_key::<Key>()? {
                            match key {
                                $(
                                    Key::$field => {
                                        $crate::__private::required_optional_nullable_or_patchable::$presence::fill(&mut $field, $wire, &mut map)?;
                                    }
                                )*
                                Key::Unknown_(name) => unknown.take(name, &mut map)?,
                            }
                        }
                        Ok($Received {
                            $( $field: $crate::__private::required_optional_nullable_or_patchable::$presence::value($field, $wire)?, )*
                            unknown,
                        })
                    }
                }

                deserializer.deserialize_map(ObjectVisitor)
            }
        }
    };
}

/// The Rust type of a field. A word that is no presence is an error here, at the row.
#[doc(hidden)]
#[macro_export]
macro_rules! __field_type {
    (required $T:ty) => { $T };
    (optional $T:ty) => { Option<$T> };
    (nullable $T:ty) => { Option<$T> };
    (patchable $T:ty) => { $crate::Patch<$T> };
    ($presence:ident $T:ty) => {
        $crate::__private::required_optional_nullable_or_patchable::$presence::PRESENCE
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __wire_name {
    ($field:ident) => {
        stringify!($field)
    };
    ($field:ident $wire:literal) => {
        $wire
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __received_type {
    ($Name:ident) => {
        $Name
    };
    ($Name:ident $Received:ident) => {
        $Received
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __example {
    () => {
        None
    };
    ($example:tt) => {
        Some($crate::__private::serde_json::json!($example))
    };
}
