//! Names from a list: those that are known, and those that a later version may add.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::ser::{Serialize, Serializer};

/// A list of names on the wire, each a variant: declared by [`string_enum!`](crate::string_enum).
pub trait StringEnum: Copy + fmt::Debug + PartialEq + Send + Sync + 'static {
    /// What a name is, with its article: `an error code`.
    const WHAT: &'static str;
    /// Every variant, in the order of the declaration.
    const ALL: &'static [Self];

    /// The name on the wire.
    fn as_str(self) -> &'static str;

    /// The variant with this name.
    fn from_wire(name: &str) -> Option<Self>;
}

/// The error of parsing an [`ErrorCode`](crate::ErrorCode) or an [`ErrorType`](crate::ErrorType): not one of the table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    what: &'static str,
}

impl UnknownName {
    #[doc(hidden)]
    #[must_use]
    pub fn of<T: StringEnum>() -> Self {
        Self { what: T::WHAT }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not {} of the contract's table", self.what)
    }
}

impl std::error::Error for UnknownName {}

/// A received name: one that is known, or any other string, kept as it came.
///
/// ```
/// use freddy_types::{ErrorType, Open};
///
/// let known = Open::<ErrorType>::from("server_error");
/// assert_eq!(known.known(), Some(ErrorType::Server));
///
/// let later = Open::<ErrorType>::from("quota_error");
/// assert_eq!((later.known(), later.as_str()), (None, "quota_error"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open<T>(Name<T>);

/// A known name is never held as a string, so that equal names are equal.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Name<T> {
    Known(T),
    Unknown(Box<str>),
}

impl<T: StringEnum> From<T> for Open<T> {
    fn from(known: T) -> Self {
        Self(Name::Known(known))
    }
}

impl<T: StringEnum> PartialEq<T> for Open<T> {
    fn eq(&self, other: &T) -> bool {
        self.known() == Some(*other)
    }
}

impl<T: StringEnum> Serialize for Open<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<T: StringEnum> Open<T> {
    /// The variant, where the name is known.
    #[must_use]
    pub fn known(&self) -> Option<T> {
        match &self.0 {
            Name::Known(known) => Some(*known),
            Name::Unknown(_) => None,
        }
    }

    /// The name as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Name::Known(known) => known.as_str(),
            Name::Unknown(name) => name,
        }
    }
}

impl<T: StringEnum> From<&str> for Open<T> {
    fn from(name: &str) -> Self {
        Self(T::from_wire(name).map_or_else(|| Name::Unknown(name.into()), Name::Known))
    }
}

impl<'de, T: StringEnum> Deserialize<'de> for Open<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OpenVisitor<T>(PhantomData<T>);

        impl<T: StringEnum> Visitor<'_> for OpenVisitor<T> {
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

/// Declares a list of names on the wire: an open enum.
///
/// ```
/// freddy_types::string_enum! {
///     /// What a job is doing.
///     pub enum JobState: "a job state" {
///         /// It waits for its turn.
///         Queued = "queued",
///         /// It is at work.
///         Running = "running",
///     }
/// }
///
/// assert_eq!(JobState::Queued.as_str(), "queued");
/// assert_eq!("running".parse(), Ok(JobState::Running));
/// ```
///
/// A sender can send no other name; reading strictly refuses others, and a client reads an [`Open<JobState>`](Open),
/// which keeps them.
#[macro_export]
macro_rules! string_enum {
    (
        $(#[doc = $doc:literal])+
        $vis:vis enum $Name:ident : $what:literal {
            $( $(#[doc = $vdoc:literal])+ $Variant:ident = $wire:literal, )+
        }
    ) => {
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        $vis enum $Name {
            $(
                #[doc = concat!("`", $wire, "`.")]
                #[doc = ""]
                $(#[doc = $vdoc])+
                $Variant,
            )+
        }

        impl $Name {
            /// Every one that is known.
            pub const ALL: &'static [Self] = &[$(Self::$Variant),+];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$Variant => $wire,)+
                }
            }
        }

        $crate::__wire_names!($Name, $what { $($wire => $Variant,)+ });

        $(
            // What any header, query and generated client can carry.
            const _: () = assert!($crate::__private::is_visible($wire), "a name has visible ASCII characters");
        )+

        impl $crate::Wire for $Name {
            type Received = $crate::Open<Self>;

            fn shape() -> $crate::shape::Shape {
                $crate::shape::Shape::Enum($crate::__private::enum_shape(
                    stringify!($Name),
                    &[$($doc),+],
                    &[$( ($wire, &[$($vdoc),+]) ),+],
                ))
            }

            fn read(
                tree: &$crate::__private::Tree,
                at: &$crate::__private::At<'_>,
                faults: &mut $crate::Faults,
            ) -> Option<Self> {
                $crate::__private::read_scalar(tree, at, faults)
            }
        }

        impl $crate::HeaderScalar for $Name {}

        impl $crate::Scalar for $Name {
            fn to_text(&self) -> std::borrow::Cow<'_, str> {
                self.as_str().into()
            }

            fn from_text(text: &str) -> Result<Self, $crate::Reason> {
                $crate::__private::name_from_text(text)
            }
        }
    };
}

/// What every list of names has: the trait, `FromStr`, `Display`, serde. A name that stands twice does not compile.
#[doc(hidden)]
#[macro_export]
macro_rules! __wire_names {
    ($Type:ident, $what:literal { $($wire:literal => $Variant:ident,)+ }) => {
        impl $crate::StringEnum for $Type {
            const WHAT: &'static str = $what;
            const ALL: &'static [Self] = Self::ALL;

            fn as_str(self) -> &'static str {
                self.as_str()
            }

            fn from_wire(name: &str) -> Option<Self> {
                #[deny(unreachable_patterns)]
                match name {
                    $($wire => Some(Self::$Variant),)+
                    _ => None,
                }
            }
        }

        impl std::str::FromStr for $Type {
            type Err = $crate::UnknownName;

            /// Reads the wire form.
            ///
            /// # Errors
            /// Any string that is not exactly the wire form of one of [`Self::ALL`].
            fn from_str(name: &str) -> Result<Self, $crate::UnknownName> {
                <Self as $crate::StringEnum>::from_wire(name).ok_or_else($crate::UnknownName::of::<Self>)
            }
        }

        impl std::fmt::Display for $Type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl AsRef<str> for $Type {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl $crate::__private::serde::Serialize for $Type {
            fn serialize<S: $crate::__private::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// Strict: a name that is not known is an error. What a client receives is decoded as [`Open`](crate::Open),
        /// which keeps it.
        impl<'de> $crate::__private::serde::Deserialize<'de> for $Type {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::__private::deserialize_from_str(deserializer, concat!("the wire form of ", $what))
            }
        }
    };
}
