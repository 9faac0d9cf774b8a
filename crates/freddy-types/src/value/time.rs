//! Instants as they stand on the wire.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use crate::wire::fault::{At, Faults, Reason};
use crate::wire::invalid::InvalidTimestamp;
use crate::wire::read::Wire;
use crate::wire::scalar::{HeaderScalar, Scalar, deserialize_from_str, read_scalar};
use crate::wire::shape::{Shape, TextShape};
use crate::wire::tree::Tree;

/// An instant in its wire form: an RFC 3339 date-time such as `2025-11-13T10:30:00Z`.
///
/// One that a server makes (`From<jiff::Timestamp>`) is in UTC and in whole seconds, as documented. One that is
/// parsed may have any RFC 3339 offset and fraction and is printed exactly as it came. Equality is that of
/// the text; compare [`instant`](Self::instant)s for what comes first.
///
/// ```
/// use freddy_types::Timestamp;
///
/// let documented: Timestamp = "2025-11-13T10:30:00Z".parse()?;
/// let elsewhere: Timestamp = "2025-11-13T12:30:00.250+02:00".parse()?;
/// assert!(elsewhere.instant() > documented.instant());
/// assert_eq!(elsewhere.to_string(), "2025-11-13T12:30:00.250+02:00");
/// # Ok::<(), freddy_types::InvalidTimestamp>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Timestamp(Repr);

/// The text, which is a date-time; the instant is computed when it is asked for.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// What a server sends: a whole second of the years 0001 to 9998, ASCII.
    Sent([u8; 20]),
    /// Any other.
    Other(Box<str>),
}

/// `0001-01-01T00:00:00Z`: some languages, such as Python, know no year 0.
const FIRST_SENT: i64 = -62_135_596_800;
/// `9998-12-31T23:59:59Z`: `jiff` ends within the year 9999, and no pattern can say where.
const LAST_SENT: i64 = 253_370_764_799;

impl Timestamp {
    /// With the format `date-time`, what a server sends: UTC as `Z`, whole seconds, no leap second.
    pub(crate) const SENT_PATTERN: &'static str = "^(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$";
    /// The characters of each of these.
    const SENT_CHARS: usize = "2025-11-13T10:30:00Z".len();
    /// What the format `date-time` covers, as far as a regular expression can say it. Validators differ in what they take
    /// for that format.
    const PATTERN: &'static str = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)(\\.[0-9]+)?([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$";

    /// The text, as it came or as it will be sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match &self.0 {
            // ASCII, by construction.
            Repr::Sent(text) => str::from_utf8(text).unwrap_or_default(),
            Repr::Other(text) => text,
        }
    }

    /// The instant, for comparing and computing.
    ///
    /// A leap second (`23:59:60`) is the second before it. An instant that `jiff` cannot hold, after
    /// `9999-12-30T22:00:00Z`, is the last that it can. Digits past the nanosecond do not count.
    #[must_use]
    pub fn instant(&self) -> jiff::Timestamp {
        // What has been parsed once parses again.
        Parser { bytes: self.as_str().as_bytes(), at: 0 }.date_time().unwrap_or(jiff::Timestamp::MAX)
    }

    /// Whether this is what a server sends.
    pub(crate) fn is_sendable(&self) -> bool {
        matches!(self.0, Repr::Sent(_))
    }

    /// The instants that a server sends, in Unix seconds: the first and the last.
    pub(crate) const SENT: (i64, i64) = (FIRST_SENT, LAST_SENT);

    pub(crate) fn from_second_saturating(second: i64) -> Self {
        // Between the bounds there is an instant for every second.
        let instant = jiff::Timestamp::from_second(second.clamp(FIRST_SENT, LAST_SENT));
        Self(Repr::Sent(print(instant.unwrap_or(jiff::Timestamp::UNIX_EPOCH))))
    }
}

impl From<jiff::Timestamp> for Timestamp {
    /// Drops the fraction of the second. An instant outside the years 0001 to 9998 becomes the nearest one inside.
    fn from(instant: jiff::Timestamp) -> Self {
        // Nanoseconds of a `jiff::Timestamp` divided by a billion are seconds of an `i64`.
        Self::from_second_saturating(instant.as_nanosecond().div_euclid(1_000_000_000) as i64)
    }
}

impl From<Timestamp> for jiff::Timestamp {
    fn from(timestamp: Timestamp) -> Self {
        timestamp.instant()
    }
}

impl FromStr for Timestamp {
    type Err = InvalidTimestamp;

    /// Reads an RFC 3339 date-time.
    ///
    /// # Errors
    /// Anything that the `date-time` production of RFC 3339 does not cover: a missing offset, a space
    /// in place of `T`, a day that the month does not have, a second 60 that is not at the end of a UTC day.
    fn from_str(text: &str) -> Result<Self, InvalidTimestamp> {
        if let Some(text) = sent(text.as_bytes()) {
            return Ok(Self(Repr::Sent(text)));
        }
        Parser { bytes: text.as_bytes(), at: 0 }.date_time()?;
        Ok(Self(Repr::Other(text.into())))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_from_str(deserializer, "an RFC 3339 date-time")
    }
}

/// The time of the documented bodies.
const EXAMPLE: &str = "2025-11-13T10:30:00Z";

impl Wire for Timestamp {
    type Received = Self;

    fn shape() -> Shape {
        Shape::Text(TextShape {
            format: Some("date-time"),
            received_pattern: Some(Self::PATTERN),
            ..TextShape::any(EXAMPLE)
        })
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        read_scalar(tree, at, faults)
    }
}

impl HeaderScalar for Timestamp {}

impl Scalar for Timestamp {
    fn to_text(&self) -> std::borrow::Cow<'_, str> {
        self.as_str().into()
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        Ok(text.parse::<Self>()?)
    }
}

/// An instant as a server of this contract sends it: in UTC and in whole seconds, such as `2025-11-13T10:30:00Z`.
///
/// A client reads a [`Timestamp`] in its place, which takes any RFC 3339 date-time.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct WholeSecond(Timestamp);

impl WholeSecond {
    /// The instant, for comparing and computing.
    #[must_use]
    pub fn instant(&self) -> jiff::Timestamp {
        self.0.instant()
    }

    pub(crate) fn from_second_saturating(second: i64) -> Self {
        Self(Timestamp::from_second_saturating(second))
    }

    /// The same in the type that a client reads.
    #[must_use]
    pub fn as_timestamp(&self) -> &Timestamp {
        &self.0
    }
}

impl From<jiff::Timestamp> for WholeSecond {
    /// As [`Timestamp`] is made: the fraction of the second is dropped.
    fn from(instant: jiff::Timestamp) -> Self {
        Self(instant.into())
    }
}

impl FromStr for WholeSecond {
    type Err = Reason;

    /// # Errors
    /// It is no timestamp, or none in whole seconds of UTC.
    fn from_str(text: &str) -> Result<Self, Reason> {
        text.parse::<Timestamp>()?.try_into()
    }
}

impl TryFrom<Timestamp> for WholeSecond {
    type Error = Reason;

    /// # Errors
    /// It has another offset than `Z`, or a fraction.
    fn try_from(timestamp: Timestamp) -> Result<Self, Reason> {
        if timestamp.is_sendable() { Ok(Self(timestamp)) } else { Err(WHOLE_SECOND) }
    }
}

const WHOLE_SECOND: Reason = Reason::text("is not in whole seconds of UTC, such as `2025-11-13T10:30:00Z`");

impl fmt::Display for WholeSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for WholeSecond {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WholeSecond({self})")
    }
}

impl serde::Serialize for WholeSecond {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl Wire for WholeSecond {
    type Received = Timestamp;

    fn shape() -> Shape {
        Shape::Text(TextShape {
            format: Some("date-time"),
            pattern: Some(Timestamp::SENT_PATTERN),
            received_pattern: Some(Timestamp::PATTERN),
            min_chars: Timestamp::SENT_CHARS,
            max_chars: Some(Timestamp::SENT_CHARS),
            is_open: true,
            ..TextShape::any(EXAMPLE)
        })
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        read_scalar(tree, at, faults)
    }
}

impl HeaderScalar for WholeSecond {}

impl Scalar for WholeSecond {
    fn to_text(&self) -> std::borrow::Cow<'_, str> {
        self.0.as_str().into()
    }

    fn from_text(text: &str) -> Result<Self, Reason> {
        text.parse::<Timestamp>()?.try_into()
    }
}

/// The text, if it is one that a server sends. Any other is for the [`Parser`], which reads every form and says what is
/// wrong with a text that has none.
fn sent(text: &[u8]) -> Option<[u8; 20]> {
    let text: [u8; 20] = text.try_into().ok()?;
    let [c1, c2, y1, y2, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'Z'] = text else {
        return None;
    };
    let number = |tens: u8, ones: u8| match (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0')) {
        (tens @ 0..=9, ones @ 0..=9) => Some((tens * 10 + ones) as i8),
        _ => None,
    };
    let year = i16::from(number(c1, c2)?) * 100 + i16::from(number(y1, y2)?);
    Date::new(year, number(m1, m2)?, number(d1, d2)?).ok()?;
    Time::new(number(h1, h2)?, number(n1, n2)?, number(s1, s2)?, 0).ok()?;
    (1..9999).contains(&year).then_some(text)
}

/// The text of a whole second in the years 0001 to 9998.
#[rustfmt::skip]
fn print(instant: jiff::Timestamp) -> [u8; 20] {
    let at = Offset::UTC.to_datetime(instant);
    let tens = |number: i16| b'0' + (number / 10 % 10) as u8;
    let ones = |number: i16| b'0' + (number % 10) as u8;
    let (c, y) = (at.year() / 100, at.year());
    let [m, d, h, n, s] = [at.month(), at.day(), at.hour(), at.minute(), at.second()].map(i16::from);
    [
        tens(c), ones(c), tens(y), ones(y), b'-', tens(m), ones(m), b'-', tens(d), ones(d), b'T',
        tens(h), ones(h), b':', tens(n), ones(n), b':', tens(s), ones(s), b'Z',
    ]
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn date_time(mut self) -> Result<jiff::Timestamp, InvalidTimestamp> {
        let year = self.number(4, 0..=9999, "a year of four digits")?;
        self.one_of(b"-", "`-`")?;
        let month = self.number(2, 1..=12, "a month from 01 to 12")?;
        self.one_of(b"-", "`-`")?;
        let day_at = self.at;
        let day = self.number(2, 1..=31, "a day of the month")?;
        let date = Date::new(year, month as i8, day as i8)
            .map_err(|_| InvalidTimestamp { position: day_at, expected: "a day of the month" })?;
        self.one_of(b"Tt", "`T`")?;
        let hour = self.number(2, 0..=23, "an hour from 00 to 23")?;
        self.one_of(b":", "`:`")?;
        let minute = self.number(2, 0..=59, "a minute from 00 to 59")?;
        self.one_of(b":", "`:`")?;
        let second_at = self.at;
        let second = self.number(2, 0..=60, "a second from 00 to 60")?;
        let nanosecond = self.fraction()?;
        let offset_minutes = self.offset()?;
        if self.at != self.bytes.len() {
            return Err(self.expected("the end"));
        }

        if second == 60
            && (i32::from(hour) * 60 + i32::from(minute) - offset_minutes).rem_euclid(24 * 60) != 24 * 60 - 1
        {
            return Err(InvalidTimestamp {
                position: second_at,
                expected: "a second from 00 to 59, as 60 stands only at the end of a UTC day",
            });
        }
        // Every part is in the range that its constructor takes.
        let time = Time::new(hour as i8, minute as i8, second.min(59) as i8, nanosecond).unwrap_or(Time::MIN);
        let offset = Offset::from_seconds(offset_minutes * 60).unwrap_or(Offset::UTC);
        // Only the last hours of the year 9999 are past what jiff holds.
        Ok(offset.to_timestamp(date.to_datetime(time)).unwrap_or(jiff::Timestamp::MAX))
    }

    fn expected(&self, expected: &'static str) -> InvalidTimestamp {
        InvalidTimestamp { position: self.at, expected }
    }

    fn digit(&mut self) -> Option<u8> {
        let digit = self.bytes.get(self.at).filter(|byte| byte.is_ascii_digit())?;
        self.at += 1;
        Some(digit - b'0')
    }

    fn number(
        &mut self,
        digits: usize,
        range: std::ops::RangeInclusive<i16>,
        expected: &'static str,
    ) -> Result<i16, InvalidTimestamp> {
        let start = self.at;
        let mut number = 0;
        for _ in 0..digits {
            let digit = self.digit().ok_or(InvalidTimestamp { position: start, expected })?;
            number = number * 10 + i16::from(digit);
        }
        if range.contains(&number) { Ok(number) } else { Err(InvalidTimestamp { position: start, expected }) }
    }

    fn one_of(&mut self, choices: &[u8], expected: &'static str) -> Result<u8, InvalidTimestamp> {
        match self.bytes.get(self.at) {
            Some(byte) if choices.contains(byte) => {
                self.at += 1;
                Ok(*byte)
            }
            _ => Err(self.expected(expected)),
        }
    }

    /// The nanoseconds of a fraction, if there is one.
    fn fraction(&mut self) -> Result<i32, InvalidTimestamp> {
        if self.bytes.get(self.at) != Some(&b'.') {
            return Ok(0);
        }
        self.at += 1;
        let first = self.digit().ok_or_else(|| self.expected("a digit of the fraction"))?;
        let mut scale = 100_000_000;
        let mut nanosecond = i32::from(first) * scale;
        while let Some(digit) = self.digit() {
            scale /= 10;
            nanosecond += i32::from(digit) * scale;
        }
        Ok(nanosecond)
    }

    /// Minutes east of UTC.
    fn offset(&mut self) -> Result<i32, InvalidTimestamp> {
        const EXPECTED: &str = "an offset, `Z` or one such as `+02:00`,";
        let sign = match self.one_of(b"Zz+-", EXPECTED)? {
            b'+' => 1,
            b'-' => -1,
            _ => return Ok(0),
        };
        let hours = self.number(2, 0..=23, "an offset hour from 00 to 23")?;
        self.one_of(b":", "`:`")?;
        let minutes = self.number(2, 0..=59, "an offset minute from 00 to 59")?;
        Ok(sign * (i32::from(hours) * 60 + i32::from(minutes)))
    }
}
