//! When to try again: which statuses, and after how long.

use std::time::Duration;

use serde_json::value::RawValue;

use crate::error::date::{is_day_name, parse_date};

/// A day, in seconds. What asks for more is no wait but a mistake: a Unix time in the place of seconds, milliseconds, a
/// date of another year.
const LONGEST: u64 = 86_400;

/// Whether the same request may succeed later. The statuses left out say of the request that it never will.
pub(crate) fn status_is_retryable(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599) && !matches!(status, 501 | 505 | 506 | 508 | 510 | 511)
}

/// One thing that a server says of when to try again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Hint {
    Delay(Duration),
    Date(jiff::Timestamp),
}

impl Hint {
    /// The plausible ones in a `Retry-After` value: seconds or a date, or several that a proxy has joined by commas.
    pub(crate) fn list(value: &[u8]) -> impl Iterator<Item = Self> {
        pieces(value).filter_map(|piece| match seconds(piece) {
            Some(delay) => Some(Self::Delay(delay)),
            None => parse_date(piece.as_bytes()).map(Self::Date),
        })
    }

    /// The same for the end of a window, which is Unix seconds, the seconds until then if it is small, or a date.
    pub(crate) fn reset_list(value: &[u8]) -> impl Iterator<Item = Self> {
        pieces(value).filter_map(Self::reset)
    }

    fn reset(text: &str) -> Option<Self> {
        if let Some(delay) = seconds(text) {
            return Some(Self::Delay(delay));
        }
        let Some(number) = decimal(text) else { return parse_date(text.as_bytes()).map(Self::Date) };
        Self::unix(number)
    }

    /// A Unix time, in seconds or milliseconds of the years 2001 to 5138.
    fn unix(number: f64) -> Option<Self> {
        let seconds = match number {
            1e9..1e11 => number,
            1e12..1e14 => number / 1e3,
            _ => return None,
        };
        jiff::Timestamp::from_second(seconds.ceil() as i64).ok().map(Self::Date)
    }

    /// A JSON number of seconds, or a text as in a header.
    pub(crate) fn of_json(json: &RawValue, found: &mut Vec<Self>) {
        match number_or_text(json) {
            Some(Ok(number)) => found.extend(plausible(number).map(Self::Delay)),
            Some(Err(text)) => found.extend(Self::list(text.as_bytes())),
            None => {}
        }
    }

    /// The end of a window in JSON.
    pub(crate) fn reset_of_json(json: &RawValue, found: &mut Vec<Self>) {
        match number_or_text(json) {
            Some(Ok(number)) => found.extend(plausible(number).map(Self::Delay).or_else(|| Self::unix(number))),
            Some(Err(text)) => found.extend(Self::reset_list(text.as_bytes())),
            None => {}
        }
    }
}

/// The values in a header's value. A comma within a date leaves the day of the week, which nobody needs.
fn pieces(value: &[u8]) -> impl Iterator<Item = &str> {
    value
        .split(|byte| *byte == b',')
        .filter_map(|piece| str::from_utf8(piece).ok())
        .map(|piece| piece.trim_matches([' ', '\t', '\r', '\n', '"', '\'']))
        .filter(|piece| !piece.is_empty() && !is_day_name(piece))
}

/// Digits, with a fraction or without.
fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(whole) && is_number(fraction) { text.parse().ok() } else { None }
}

fn seconds(text: &str) -> Option<Duration> {
    plausible(decimal(text)?)
}

/// A wait, rounded up to a whole second.
fn plausible(seconds: f64) -> Option<Duration> {
    // A float's cast saturates, and a negative one is no wait that a server could ask for.
    (seconds >= 0.0).then(|| seconds.ceil() as u64).filter(|seconds| *seconds <= LONGEST).map(Duration::from_secs)
}

fn number_or_text(json: &RawValue) -> Option<Result<f64, String>> {
    // serde_json refuses a number that no float holds; here it is infinite, and no more plausible than others like it.
    match json.get().parse::<f64>() {
        Ok(number) => Some(Ok(number)),
        Err(_) => serde_json::from_str(json.get()).ok().map(Err),
    }
}

/// What all hints of a response come to: the longest wait, and the latest date.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Hints {
    pub(crate) wait: Option<Duration>,
    pub(crate) date: Option<jiff::Timestamp>,
}

impl Hints {
    /// Adds a hint. A date is counted from `now`, by the server's clock; where there is none, a caller with a clock has
    /// to judge it.
    pub(crate) fn add(&mut self, hint: Hint, now: Option<jiff::Timestamp>) {
        match (hint, now) {
            (Hint::Delay(delay), _) => self.wait = self.wait.max(Some(delay)),
            (Hint::Date(date), None) => self.date = self.date.max(Some(date)),
            (Hint::Date(date), Some(now)) => {
                if let Some(wait) = until(now, date) {
                    self.wait = self.wait.max(Some(wait));
                    self.date = self.date.max(Some(date));
                }
            }
        }
    }
}

/// The wait from `now` until `date`, rounded up; zero if it has passed. A date more than a day away is not meant.
fn until(now: jiff::Timestamp, date: jiff::Timestamp) -> Option<Duration> {
    let wait = date.duration_since(now);
    if wait.unsigned_abs() > Duration::from_secs(LONGEST) {
        return None;
    }
    let wait = Duration::try_from(wait).unwrap_or(Duration::ZERO);
    Some(Duration::from_secs(wait.as_secs() + u64::from(wait.subsec_nanos() > 0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(value: &str) -> Vec<Hint> {
        Hint::list(value.as_bytes()).collect()
    }

    fn delays<const N: usize>(seconds: [u64; N]) -> Vec<Hint> {
        seconds.map(|seconds| Hint::Delay(Duration::from_secs(seconds))).to_vec()
    }

    #[test]
    fn seconds_are_read_however_they_are_written() {
        for (text, hints) in [
            ("60", delays([60])),
            (" 60 ", delays([60])),
            ("\"60\"", delays([60])),
            ("0.5", delays([1])),
            ("1.0", delays([1])),
            ("60, 120", delays([60, 120])),
            ("soon,60,,", delays([60])),
            ("86400", delays([86_400])),
        ] {
            assert_eq!(list(text), hints, "{text:?}");
        }
    }

    #[test]
    fn what_is_no_wait_is_no_hint() {
        for value in [
            "",
            "-1",
            "+5",
            "1.",
            ".5",
            "soon",
            "1e3",
            "0x10",
            "60s",
            "86401",
            "86400.5",
            "1763029860",
            "9".repeat(400).as_str(),
        ] {
            assert_eq!(list(value), [], "{value:?}");
        }
        assert_eq!(Hint::list(b"\xff").count(), 0);
        let mut found = Vec::new();
        for json in ["1e300", "1e999", "-1", "-1e999", "null", "[60]", "{}", "true", "\"\\ud800\""] {
            let json = RawValue::from_string(json.to_owned()).unwrap();
            Hint::of_json(&json, &mut found);
            Hint::reset_of_json(&json, &mut found);
        }
        assert_eq!(found, []);
    }

    #[test]
    fn dates_stand_in_lists_with_their_comma() {
        let date = Hint::Date("1994-11-06T08:49:37Z".parse().unwrap());
        let text = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(list(text), [date]);
        assert_eq!(list(&format!("{text}, 7, Sunday, 06-Nov-94 08:49:37 GMT")), [date, delays([7])[0], date]);
    }

    #[test]
    fn the_end_of_a_window_is_an_instant_or_a_short_wait() {
        let instant = Hint::Date("2025-11-13T10:31:00Z".parse().unwrap());
        for (text, hints) in [
            ("1763029860", vec![instant]),
            ("1763029859.2", vec![instant]),
            ("1763029860000", vec![instant]),
            ("2025-11-13T10:31:00Z", vec![instant]),
            ("60", delays([60])),
            ("86401", vec![]),
            ("-60", vec![]),
            ("99999999999999999999", vec![]),
        ] {
            assert_eq!(Hint::reset_list(text.as_bytes()).collect::<Vec<_>>(), hints, "{text:?}");
        }
    }

    #[test]
    fn a_date_is_counted_from_the_servers_clock() {
        let date = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        let now = date("2025-11-13T10:30:00.5Z");
        for (text, wait) in [
            ("2025-11-13T10:31:00Z", Some(60)),
            ("2025-11-13T10:29:00Z", Some(0)),
            ("2025-11-14T10:30:00Z", Some(86_400)),
            ("2025-11-14T10:30:01Z", None),
            ("1970-01-01T00:00:00Z", None),
            ("9999-12-30T22:00:00Z", None),
        ] {
            assert_eq!(until(now, date(text)), wait.map(Duration::from_secs), "{text}");
        }
        assert_eq!(until(jiff::Timestamp::MIN, jiff::Timestamp::MAX), None);
        assert_eq!(until(jiff::Timestamp::MAX, jiff::Timestamp::MIN), None);
    }
}
