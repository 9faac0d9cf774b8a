//! Instants as they stand on the wire.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use crate::wire::FromStrVisitor;

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

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    /// A whole second that prints as the text it came from.
    WholeSecond(jiff::Timestamp),
    AsWritten {
        text: Box<str>,
        instant: jiff::Timestamp,
    },
}

/// `0000-01-01T00:00:00Z`, the first instant that RFC 3339 can write.
const FIRST_SENT: i64 = -62_167_219_200;
/// `9998-12-31T23:59:59Z`: `jiff` ends within the year 9999, and no pattern can say where.
const LAST_SENT: i64 = 253_370_764_799;

impl Timestamp {
    /// With the format `date-time`, what a server sends: UTC as `Z`, whole seconds, no leap second.
    #[cfg(feature = "schemars")]
    pub(crate) const SENT_PATTERN: &'static str =
        "^([0-8][0-9]{3}|9[0-8][0-9]{2}|99[0-8][0-9]|999[0-8])-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9]Z$";

    /// The instant, for comparing and computing.
    ///
    /// A leap second (`23:59:60`) is the second before it. An instant that `jiff` cannot hold, after
    /// `9999-12-30T22:00:00Z`, is the last that it can. Digits past the nanosecond do not count.
    #[must_use]
    pub fn instant(&self) -> jiff::Timestamp {
        match self.0 {
            Repr::WholeSecond(instant) | Repr::AsWritten { instant, .. } => instant,
        }
    }

    /// Whether this is what a server sends.
    pub(crate) fn is_sendable(&self) -> bool {
        match self.0 {
            Repr::WholeSecond(instant) => (FIRST_SENT..=LAST_SENT).contains(&instant.as_second()),
            Repr::AsWritten { .. } => false,
        }
    }

    /// The latest instant that a server sends, in Unix seconds.
    pub(crate) const LAST_SENT: i64 = LAST_SENT;

    pub(crate) fn from_second_saturating(second: i64) -> Self {
        // Between the bounds there is an instant for every second.
        let instant = jiff::Timestamp::from_second(second.clamp(FIRST_SENT, LAST_SENT));
        Self(Repr::WholeSecond(instant.unwrap_or(jiff::Timestamp::UNIX_EPOCH)))
    }
}

impl From<jiff::Timestamp> for Timestamp {
    /// Drops the fraction of the second. An instant outside the years 0000 to 9998 becomes the nearest one inside.
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
        let parsed = Parser { bytes: text.as_bytes(), at: 0 }.date_time()?;
        Ok(Self(if parsed.canonical {
            Repr::WholeSecond(parsed.instant)
        } else {
            Repr::AsWritten { text: text.into(), instant: parsed.instant }
        }))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::WholeSecond(instant) => instant.fmt(f),
            Repr::AsWritten { text, .. } => f.write_str(text),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Timestamp({self})")
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Repr::WholeSecond(_) => serializer.collect_str(self),
            Repr::AsWritten { text, .. } => serializer.serialize_str(text),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(FromStrVisitor::new("an RFC 3339 date-time"))
    }
}

/// A text is not an RFC 3339 date-time. Says where and what was expected there, not what stood there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidTimestamp {
    position: usize,
    expected: &'static str,
}

impl InvalidTimestamp {
    /// The byte at which the text stops being a date-time, counted from 0.
    #[must_use]
    pub fn position(&self) -> usize {
        self.position
    }
}

impl fmt::Display for InvalidTimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid RFC 3339 date-time: expected {} at byte {}", self.expected, self.position)
    }
}

impl std::error::Error for InvalidTimestamp {}

struct Parsed {
    instant: jiff::Timestamp,
    /// Printing `instant` gives the text back.
    canonical: bool,
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Parser<'_> {
    fn date_time(mut self) -> Result<Parsed, InvalidTimestamp> {
        let year = self.number(4, 0..=9999, "a year of four digits")?;
        self.one_of(b"-", "`-`")?;
        let month = self.number(2, 1..=12, "a month from 01 to 12")?;
        self.one_of(b"-", "`-`")?;
        let day_at = self.at;
        let day = self.number(2, 1..=31, "a day of the month")?;
        let date = Date::new(year, month as i8, day as i8)
            .map_err(|_| InvalidTimestamp { position: day_at, expected: "a day of the month" })?;
        let upper_t = self.one_of(b"Tt", "`T`")? == b'T';
        let hour = self.number(2, 0..=23, "an hour from 00 to 23")?;
        self.one_of(b":", "`:`")?;
        let minute = self.number(2, 0..=59, "a minute from 00 to 59")?;
        self.one_of(b":", "`:`")?;
        let second_at = self.at;
        let second = self.number(2, 0..=60, "a second from 00 to 60")?;
        let nanosecond = self.fraction()?;
        let (offset, upper_z) = self.offset()?;
        if self.at != self.bytes.len() {
            return Err(self.expected("the end"));
        }

        let offset_minutes = offset.unwrap_or(0);
        if second == 60
            && (i32::from(hour) * 60 + i32::from(minute) - offset_minutes).rem_euclid(24 * 60) != 24 * 60 - 1
        {
            return Err(InvalidTimestamp {
                position: second_at,
                expected: "a second from 00 to 59, as 60 stands only at the end of a UTC day",
            });
        }
        // Every part is in the range that its constructor takes.
        let time =
            Time::new(hour as i8, minute as i8, second.min(59) as i8, nanosecond.unwrap_or(0)).unwrap_or(Time::MIN);
        let offset_seconds = Offset::from_seconds(offset_minutes * 60).unwrap_or(Offset::UTC);
        // Only the last hours of the year 9999 are past what jiff holds.
        let instant = offset_seconds.to_timestamp(date.to_datetime(time));
        let canonical = upper_t && upper_z && second < 60 && nanosecond.is_none() && instant.is_ok();
        Ok(Parsed { instant: instant.unwrap_or(jiff::Timestamp::MAX), canonical })
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

    /// The nanoseconds of a fraction; `None` where there is no fraction.
    fn fraction(&mut self) -> Result<Option<i32>, InvalidTimestamp> {
        if self.bytes.get(self.at) != Some(&b'.') {
            return Ok(None);
        }
        self.at += 1;
        let first = self.digit().ok_or_else(|| self.expected("a digit of the fraction"))?;
        let mut scale = 100_000_000;
        let mut nanosecond = i32::from(first) * scale;
        while let Some(digit) = self.digit() {
            scale /= 10;
            nanosecond += i32::from(digit) * scale;
        }
        Ok(Some(nanosecond))
    }

    /// Minutes east of UTC, `None` for a `Z`; and whether it is the upper-case one.
    fn offset(&mut self) -> Result<(Option<i32>, bool), InvalidTimestamp> {
        const EXPECTED: &str = "an offset, `Z` or one such as `+02:00`,";
        let sign = match self.one_of(b"Zz+-", EXPECTED)? {
            b'+' => 1,
            b'-' => -1,
            zulu => return Ok((None, zulu == b'Z')),
        };
        let hours = self.number(2, 0..=23, "an offset hour from 00 to 23")?;
        self.one_of(b":", "`:`")?;
        let minutes = self.number(2, 0..=59, "an offset minute from 00 to 59")?;
        Ok((Some(sign * (i32::from(hours) * 60 + i32::from(minutes))), false))
    }
}
