//! Numbers as JSON writes them, compared without rounding.

use std::cmp::Ordering;

use serde_json::Number;

/// `digits` times ten to the power of `exponent`, where `digits` does not end with a zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Decimal {
    digits: i128,
    exponent: i32,
}

impl Decimal {
    pub(super) const ONE: Self = Self { digits: 1, exponent: 0 };

    /// `None` for a number with more digits than a float or a 64-bit integer has.
    pub(super) fn new(number: &Number) -> Option<Self> {
        let text = number.to_string();
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}").parse().ok()?;
        let exponent = exponent.parse::<i32>().ok()?.checked_sub(i32::try_from(fraction.len()).ok()?)?;
        Some(Self { digits, exponent }.normal())
    }

    fn normal(mut self) -> Self {
        if self.digits == 0 {
            return Self { digits: 0, exponent: 0 };
        }
        while self.digits % 10 == 0 {
            self.digits /= 10;
            self.exponent += 1;
        }
        self
    }

    /// The digits with a smaller exponent; `None` if they are too many.
    fn digits_at(self, exponent: i32) -> Option<i128> {
        let power = u32::try_from(self.exponent.checked_sub(exponent)?).ok()?;
        self.digits.checked_mul(10_i128.checked_pow(power)?)
    }

    pub(super) fn is_whole(self) -> bool {
        self.exponent >= 0
    }

    /// Whether it is a multiple of the other; `None` if the two are too far apart to say.
    pub(super) fn is_multiple_of(self, of: Self) -> Option<bool> {
        if of.digits == 0 {
            return None;
        }
        let exponent = self.exponent.min(of.exponent);
        let (one, of) = (self.digits_at(exponent), of.digits_at(exponent));
        Some(one?.checked_rem(of?)? == 0)
    }

    /// The largest whole number that is not above it.
    pub(super) fn floor(self) -> Self {
        if self.is_whole() {
            return self;
        }
        let digits = match u32::try_from(-self.exponent).ok().and_then(|power| 10_i128.checked_pow(power)) {
            Some(power) => self.digits.div_euclid(power),
            None => -i128::from(self.digits < 0),
        };
        Self { digits, exponent: 0 }.normal()
    }

    /// The smallest whole number that is not below it.
    pub(super) fn ceil(self) -> Self {
        -(-self).floor()
    }

    /// `None` unless it is a whole number of 64 bits.
    pub(super) fn to_u64(self) -> Option<u64> {
        u64::try_from(self.digits_at(0)?).ok()
    }

    /// The next whole number. `None` if it cannot be written down.
    pub(super) fn step(self, by: i128) -> Option<Self> {
        Some(Self { digits: self.digits_at(0)?.checked_add(by)?, exponent: 0 }.normal())
    }
}

impl std::ops::Neg for Decimal {
    type Output = Self;

    fn neg(self) -> Self {
        Self { digits: -self.digits, ..self }
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let by_sign = self.digits.signum().cmp(&other.digits.signum());
        if by_sign != Ordering::Equal || self.digits == 0 {
            return by_sign;
        }
        let exponent = self.exponent.min(other.exponent);
        match (self.digits_at(exponent), other.digits_at(exponent)) {
            (Some(one), Some(other)) => one.cmp(&other),
            // What has too many digits at the exponent of the other is the larger one, on its side of zero.
            (None, _) => self.digits.signum().cmp(&0),
            (_, None) => 0.cmp(&other.digits.signum()),
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Number, Value};

    use super::Decimal;

    fn decimal(text: &str) -> Decimal {
        let Ok(Value::Number(number)) = serde_json::from_str(text) else { panic!("{text}") };
        Decimal::new(&number).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn a_number_has_one_form_however_it_is_written() {
        for (one, other) in [("1", "1.0"), ("100", "1e2"), ("0", "-0.0"), ("0.10", "0.1"), ("1e300", "1.0e300")] {
            assert_eq!(decimal(one), decimal(other), "{one} {other}");
        }
    }

    #[test]
    fn the_order_is_exact_where_floats_round() {
        let rising = [
            "-1e308",
            "-9007199254740993",
            "-9007199254740992",
            "-1",
            "-1e-300",
            "0",
            "1e-300",
            "0.1",
            "0.11",
            "1",
            "9007199254740992",
            "9007199254740993",
            "18446744073709551615",
            "1e20",
            "1e308",
        ];
        for (i, one) in rising.iter().enumerate() {
            for (j, other) in rising.iter().enumerate() {
                assert_eq!(decimal(one).cmp(&decimal(other)), i.cmp(&j), "{one} {other}");
            }
        }
    }

    #[test]
    fn a_multiple_is_told_without_rounding() {
        let cases = [
            ("0.3", "0.1", Some(true)),
            ("0.1", "0.01", Some(true)),
            ("0.01", "0.1", Some(false)),
            ("6", "4", Some(false)),
            ("8", "4", Some(true)),
            ("0", "3", Some(true)),
            ("1e300", "1e-300", None),
            ("1", "0", None),
        ];
        for (one, of, expected) in cases {
            assert_eq!(decimal(one).is_multiple_of(decimal(of)), expected, "{one} {of}");
        }
    }

    proptest! {
        #[test]
        fn floor_and_ceil_enclose_a_number(float in -1e15..1e15_f64) {
            let number = Decimal::new(&Number::from_f64(float).unwrap()).unwrap();
            prop_assert!(number.floor().is_whole() && number.ceil().is_whole());
            prop_assert!(number.floor() <= number && number <= number.ceil());
            prop_assert!(number.ceil() <= number.floor().step(1).unwrap());
        }
    }
}
