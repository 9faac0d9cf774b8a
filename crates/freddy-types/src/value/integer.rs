//! Whole numbers within bounds.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, Unexpected, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::wire::fault::{At, Faults, Reason};
use crate::wire::read::Wire;
use crate::wire::scalar::{HeaderScalar, Scalar};
use crate::wire::shape::Shape;
use crate::wire::tree::Tree;

/// A whole number from `MIN` to `MAX`, of up to 64 bits, signed.
///
/// On the wire it is a JSON number, read as JSON Schema reads one: `429.0` and `4.29e2` are the integer 429.
///
/// ```
/// use freddy_types::Integer;
///
/// type PageSize = Integer<1, 100>;
/// assert_eq!(PageSize::new(20).map(PageSize::get), Some(20));
/// assert_eq!(PageSize::new(101), None);
/// const DEFAULT: PageSize = PageSize::literal::<20>();
/// ```
///
/// A literal out of bounds does not compile:
///
/// ```compile_fail
/// const DEFAULT: freddy_types::Integer<1, 100> = freddy_types::Integer::literal::<101>();
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integer<const MIN: i64, const MAX: i64>(i64);

impl<const MIN: i64, const MAX: i64> Integer<MIN, MAX> {
    /// The number, if it is within the bounds.
    #[must_use]
    pub const fn new(number: i64) -> Option<Self> {
        if MIN <= number && number <= MAX { Some(Self(number)) } else { None }
    }

    /// The number, or the bound that is nearest to it.
    #[must_use]
    pub const fn saturating(number: i64) -> Self {
        if number < MIN {
            Self(MIN)
        } else if number > MAX {
            Self(MAX)
        } else {
            Self(number)
        }
    }

    /// A number that is found to be within the bounds when it is compiled.
    #[must_use]
    pub const fn literal<const NUMBER: i64>() -> Self {
        const { assert!(MIN <= NUMBER && NUMBER <= MAX, "the literal is not within the bounds") }
        Self(NUMBER)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> i64 {
        self.0
    }

    /// A float that is whole and within the bounds, exactly.
    fn from_float(number: f64) -> Option<Self> {
        /// 2^63, the first that no `i64` holds.
        const TOO_LARGE: f64 = 9_223_372_036_854_775_808.0;
        // The lower bound may be a smaller number, rounded: it is read only where it is written as an integer.
        if number.fract() == 0.0 && number.abs() < TOO_LARGE {
            // Whole and in range, so the cast is exact.
            Self::new(number as i64)
        } else {
            None
        }
    }
}

impl<const MIN: i64, const MAX: i64> From<Integer<MIN, MAX>> for i64 {
    fn from(number: Integer<MIN, MAX>) -> Self {
        number.0
    }
}

impl<const MIN: i64, const MAX: i64> fmt::Display for Integer<MIN, MAX> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<const MIN: i64, const MAX: i64> Serialize for Integer<MIN, MAX> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de, const MIN: i64, const MAX: i64> Deserialize<'de> for Integer<MIN, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IntegerVisitor<const MIN: i64, const MAX: i64>;

        impl<const MIN: i64, const MAX: i64> Visitor<'_> for IntegerVisitor<MIN, MAX> {
            type Value = Integer<MIN, MAX>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "an integer from {MIN} to {MAX}")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Self::Value, E> {
                let read = i64::try_from(number).ok().and_then(Integer::new);
                read.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Self::Value, E> {
                Integer::new(number).ok_or_else(|| E::invalid_value(Unexpected::Signed(number), &self))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Self::Value, E> {
                Integer::from_float(number).ok_or_else(|| E::invalid_value(Unexpected::Float(number), &self))
            }
        }

        deserializer.deserialize_i64(IntegerVisitor)
    }
}

impl<const MIN: i64, const MAX: i64> Wire for Integer<MIN, MAX> {
    type Received = Self;

    fn shape() -> Shape {
        Shape::Integer { min: MIN, max: MAX }
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        let read = match tree {
            Tree::Number(number) => {
                number.as_i64().map_or_else(|| number.as_f64().and_then(Self::from_float), Self::new)
            }
            _ => None,
        };
        if read.is_none() {
            faults.add(at, Reason::integer(MIN, MAX));
        }
        read
    }
}

impl<const MIN: i64, const MAX: i64> HeaderScalar for Integer<MIN, MAX> {}

impl<const MIN: i64, const MAX: i64> Scalar for Integer<MIN, MAX> {
    fn to_text(&self) -> std::borrow::Cow<'_, str> {
        self.0.to_string().into()
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        // A query says `+` for a space, and Rust's parser takes a sign that JSON does not.
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let read = if is_number { text.parse().ok().and_then(Self::new) } else { None };
        read.ok_or(Reason::integer(MIN, MAX))
    }
}
