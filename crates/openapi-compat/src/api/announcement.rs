//! Whether the end of something was announced.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::node::Node;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Announcement {
    /// `deprecated`, without a day.
    Deprecated,
    /// The day of its `x-sunset` is still to come.
    Ahead(String),
    /// The day of its `x-sunset` is past.
    Past(String),
}

pub(super) fn announcement(node: &Node<'_>) -> Option<Announcement> {
    let sunset = node.value.get(crate::extension::SUNSET).and_then(Value::as_str).and_then(day);
    let is_deprecated = node.value.get("deprecated") == Some(&Value::Bool(true));
    match sunset {
        Some(day) if *day < *today() => Some(Announcement::Past(day.to_owned())),
        Some(day) => Some(Announcement::Ahead(day.to_owned())),
        None => is_deprecated.then_some(Announcement::Deprecated),
    }
}

/// The day of a date or of a date and time as RFC 3339 has it.
fn day(text: &str) -> Option<&str> {
    let day = text.get(..10)?;
    let is_digit_or_hyphen = |(index, char): (usize, char)| {
        if matches!(index, 4 | 7) { char == '-' } else { char.is_ascii_digit() }
    };
    day.chars().enumerate().all(is_digit_or_hyphen).then_some(day)
}

/// Today's date in UTC.
fn today() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    date(seconds / 86_400)
}

/// The date that is so many days after 1970-01-01.
fn date(days: u64) -> String {
    let is_leap = |year: u64| (year.is_multiple_of(4) && !year.is_multiple_of(100)) || year.is_multiple_of(400);
    let (mut year, mut days) = (1970, days);
    while days >= 365 + u64::from(is_leap(year)) {
        days -= 365 + u64::from(is_leap(year));
        year += 1;
    }
    let february = 28 + u64::from(is_leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    format!("{year:04}-{month:02}-{:02}", days + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_dates() {
        let cases = [
            (0, "1970-01-01"),
            (58, "1970-02-28"),
            (59, "1970-03-01"),
            (11_016, "2000-02-29"),
            (20_783, "2026-11-26"),
            (20_818, "2026-12-31"),
        ];
        for (days, expected) in cases {
            assert_eq!(date(days), expected);
        }
    }

    #[test]
    fn a_day_is_read_from_dates_and_times_only() {
        let cases = [
            ("2020-01-01", Some("2020-01-01")),
            ("2020-01-01T00:00:00Z", Some("2020-01-01")),
            ("soon", None),
            ("01.01.2020", None),
            ("2020-01-ä", None),
        ];
        for (text, expected) in cases {
            assert_eq!(day(text), expected, "{text}");
        }
    }
}
