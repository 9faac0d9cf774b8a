//! Dates as servers write them into headers.

use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::value::time::Timestamp;

const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// A date in any of the three formats that a recipient must accept (RFC 9110, section 5.6.7), in a near relative of them
/// (another case, no day of the week, `UTC` or `+0000` for `GMT`), or as RFC 3339 has it.
pub(crate) fn parse_date(value: &[u8]) -> Option<jiff::Timestamp> {
    /// A date has at most seven words.
    const MAX_WORDS: usize = 7;

    let text = str::from_utf8(value).ok()?.trim_ascii();
    if let Ok(timestamp) = text.parse::<Timestamp>() {
        return Some(timestamp.instant());
    }
    let mut parts = Parts::default();
    let mut words = text.split([' ', ',', '\t']).filter(|word| !word.is_empty());
    for (n, word) in words.by_ref().take(MAX_WORDS).enumerate() {
        // The day of the week adds nothing to the date, and a wrong one takes nothing from it.
        if n == 0 && is_day_name(word) {
            continue;
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) && !word.contains(':') {
            word.split('-').try_for_each(|part| parts.word(part))?;
        } else {
            parts.word(word)?;
        }
    }
    if words.next().is_some() { None } else { parts.instant() }
}

/// `Thu` or `Thursday`, and whatever else begins so and is a word.
pub(crate) fn is_day_name(word: &str) -> bool {
    starts_with_one_of(&DAYS, word).is_some() && word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

fn starts_with_one_of(names: &[&str], word: &str) -> Option<usize> {
    let start = word.get(..3)?;
    names.iter().position(|name| name.eq_ignore_ascii_case(start))
}

/// The parts of a date, in the one order that all formats share: the day before the year.
#[derive(Default)]
struct Parts {
    day: Option<i8>,
    month: Option<i8>,
    year: Option<i16>,
    time: Option<(i8, i8, i8)>,
    zone: Option<Offset>,
}

impl Parts {
    fn word(&mut self, word: &str) -> Option<()> {
        if word.bytes().all(|byte| byte.is_ascii_digit()) && !word.is_empty() {
            return if self.day.is_none() && word.len() <= 2 {
                set(&mut self.day, word.parse().ok()?)
            } else {
                set(&mut self.year, year(word)?)
            };
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return set(&mut self.time, time(word)?);
        }
        if let Some(zone) = zone(word) {
            return set(&mut self.zone, zone);
        }
        let month = starts_with_one_of(&MONTHS, word)?;
        let is_name = word.bytes().all(|byte| byte.is_ascii_alphabetic());
        if is_name { set(&mut self.month, i8::try_from(month + 1).ok()?) } else { None }
    }

    fn instant(self) -> Option<jiff::Timestamp> {
        let (hour, minute, second) = self.time?;
        let civil = DateTime::new(self.year?, self.month?, self.day?, hour, minute, second, 0).ok()?;
        // What servers write for "never" can be past the last instant of `jiff`, in the last hours of the year 9999.
        let past_the_last = || (civil.year() == 9999).then_some(jiff::Timestamp::MAX);
        self.zone.unwrap_or(Offset::UTC).to_timestamp(civil).ok().or_else(past_the_last)
    }
}

fn set<T>(slot: &mut Option<T>, value: T) -> Option<()> {
    slot.replace(value).is_none().then_some(())
}

fn year(digits: &str) -> Option<i16> {
    let year: i16 = digits.parse().ok()?;
    match (digits.len(), year) {
        (4, year) => Some(year),
        (2, 70..) => Some(1900 + year),
        (2, _) => Some(2000 + year),
        _ => None,
    }
}

fn time(text: &str) -> Option<(i8, i8, i8)> {
    let mut fields = text.split(':').map(|field| {
        let is_number = (1..=2).contains(&field.len()) && field.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { field.parse::<i8>().ok() } else { None }
    });
    let (hour, minute, second) = (fields.next()??, fields.next()??, fields.next().unwrap_or(Some(0))?);
    // A leap second is the second before it.
    fields.next().is_none().then_some((hour, minute, if second == 60 { 59 } else { second }))
}

/// `GMT`, its other names, and a distance from it. The zones of a country have none that is sure.
fn zone(word: &str) -> Option<Offset> {
    let name_len = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (name, distance) = word.split_at_checked(name_len)?;
    let is_utc = ["GMT", "UTC", "UT", "Z"].iter().any(|utc| utc.eq_ignore_ascii_case(name));
    if !name.is_empty() && !is_utc {
        return None;
    }
    if distance.is_empty() {
        return is_utc.then_some(Offset::UTC);
    }
    let sign = match distance.as_bytes().first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    let digits: String = distance.chars().skip(1).filter(|c| *c != ':').take(5).collect();
    if digits.len() != 4 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (hours, minutes) = digits.split_at_checked(2)?;
    Offset::from_seconds(sign * (hours.parse::<i32>().ok()? * 3600 + minutes.parse::<i32>().ok()? * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_date_names_the_same_instant() {
        let expected = "1994-11-06T08:49:37Z".parse().unwrap();
        for value in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            // The wrong day of the week.
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "06 Nov 1994 08:49:37 GMT",
            "6 Nov 1994 8:49:37 GMT",
            "Sun, 06-Nov-1994 08:49:37 GMT",
            "Sun,06 Nov 1994 08:49:37 GMT",
            "sun, 06 nov 1994 08:49:37 gmt",
            "SUN, 06 NOV 1994 08:49:37 UTC",
            "Sun, 06 Nov 1994 08:49:37 Z",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sun, 06 Nov 1994 08:49:37 -0000",
            "Sun, 06 Nov 1994 10:49:37 +0200",
            "Sun, 06 Nov 1994 03:19:37 -05:30",
            "Sun Nov 06 1994 08:49:37 GMT+0000",
            "Sun Nov  6 08:49:37 UTC 1994",
            " 1994-11-06T08:49:37Z ",
            "1994-11-06T10:49:37.000+02:00",
        ] {
            assert_eq!(parse_date(value.as_bytes()), Some(expected), "{value:?}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        for value in [
            "",
            "Sun",
            "Sun, 06 Nov 1994",
            "Sun, 31 Feb 1994 08:49:37 GMT",
            "Sun, 06 Nov 994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 EST",
            "Sun, 06 Nov 1994 08:49:37 GMT GMT",
            "Sun, 06 Nov 1994 08:49:37 GMT and more words",
            "Sun, 06 Nov 1994 08:49:37 +02",
            "06 11 1994 08:49:37 GMT",
            "tomorrow",
            "60",
            "-1",
        ] {
            assert_eq!(parse_date(value.as_bytes()), None, "{value:?}");
        }
        assert_eq!(parse_date(b"\xff"), None);
    }

    #[test]
    fn never_is_the_last_instant_there_is() {
        assert_eq!(parse_date(b"Fri, 31 Dec 9999 23:59:59 GMT"), Some(jiff::Timestamp::MAX));
        let leap = parse_date(b"Sat, 31 Dec 2016 23:59:60 GMT");
        assert_eq!(leap, Some("2016-12-31T23:59:59Z".parse().unwrap()));
        assert_eq!(parse_date(b"Sunday, 06-Nov-68 08:49:37 GMT"), Some("2068-11-06T08:49:37Z".parse().unwrap()));
    }
}
