//! When to try again: which statuses, and after how long.

use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde_json::value::RawValue;

/// A longer wait is this long: 2^31 seconds, 68 years, as HTTP caches do (RFC 9111, section 1.2.2).
const MAX_SECONDS: u64 = 1 << 31;

pub(crate) fn status_is_retryable(status: u16) -> bool {
    matches!(status, 408 | 429 | 500..=599)
}

/// The statuses that come with a hint.
pub(crate) fn status_has_hint(status: u16) -> bool {
    matches!(status, 429 | 503)
}

/// The value of a `Retry-After` header.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RetryAfter {
    Delay(Duration),
    Date(jiff::Timestamp),
}

impl RetryAfter {
    pub(crate) fn parse(value: &[u8]) -> Option<Self> {
        let text = str::from_utf8(value).ok()?.trim_ascii();
        parse_seconds(text).map(Self::Delay).or_else(|| parse_http_date(value).map(Self::Date))
    }
}

/// A decimal number of seconds, rounded up.
fn parse_seconds(text: &str) -> Option<Duration> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    let round_up = u64::from(fraction.bytes().any(|digit| digit != b'0'));
    // Only digits are left, so what does not parse is too large.
    let seconds = whole.parse::<u64>().unwrap_or(MAX_SECONDS).saturating_add(round_up);
    Some(Duration::from_secs(seconds.min(MAX_SECONDS)))
}

/// A JSON number of seconds, or one in a string, rounded up.
pub(crate) fn seconds_of_json(json: &RawValue) -> Option<Duration> {
    // serde_json refuses a number that no float holds; here it is infinite, and bounded like any other.
    if let Ok(seconds) = json.get().parse::<f64>() {
        // A float's cast saturates, and a negative one is no wait that a server could ask for.
        return (seconds >= 0.0).then(|| Duration::from_secs((seconds.ceil() as u64).min(MAX_SECONDS)));
    }
    parse_seconds(serde_json::from_str::<String>(json.get()).ok()?.trim_ascii())
}

/// An HTTP date in any of the three formats that a recipient must accept (RFC 9110, section 5.6.7).
pub(crate) fn parse_http_date(value: &[u8]) -> Option<jiff::Timestamp> {
    const FORMATS: [&str; 3] = ["%d %b %Y %H:%M:%S GMT", "%d-%b-%y %H:%M:%S GMT", "%b %e %H:%M:%S %Y"];
    // The day of the week adds nothing to the date, and a wrong one takes nothing from it.
    let (_, date) = str::from_utf8(value).ok()?.trim_ascii().split_once([',', ' '])?;
    let civil = FORMATS.iter().find_map(|format| DateTime::strptime(format, date.trim_ascii_start()).ok())?;
    // What servers write for "never" can be past the last instant of `jiff`, in the last hours of the year 9999.
    let past_the_last = || (civil.year() == 9999).then_some(jiff::Timestamp::MAX);
    Offset::UTC.to_timestamp(civil).ok().or_else(past_the_last)
}

/// The wait from `now` until `date`, rounded up; none if it has passed.
pub(crate) fn until(now: jiff::Timestamp, date: jiff::Timestamp) -> Duration {
    let wait = Duration::try_from(date.duration_since(now)).unwrap_or(Duration::ZERO);
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    Duration::from_secs(seconds.min(MAX_SECONDS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(value: &str) -> Option<RetryAfter> {
        RetryAfter::parse(value.as_bytes())
    }

    fn delay(seconds: u64) -> Option<RetryAfter> {
        Some(RetryAfter::Delay(Duration::from_secs(seconds)))
    }

    #[test]
    fn fractions_round_up() {
        assert_eq!(header("0.5"), delay(1));
        assert_eq!(header("1.0"), delay(1));
        assert_eq!(header(" 60 "), delay(60));
    }

    #[test]
    fn absurd_waits_are_bounded() {
        assert_eq!(header("99999999999999999999999999"), delay(MAX_SECONDS));
        assert_eq!(header("18446744073709551615.5"), delay(MAX_SECONDS));
        let json = RawValue::from_string("1e300".to_owned()).unwrap();
        assert_eq!(seconds_of_json(&json), Some(Duration::from_secs(MAX_SECONDS)));
    }

    #[test]
    fn what_is_no_wait_is_no_hint() {
        for value in ["", "-1", "+5", "1.", ".5", "soon", "1e3", "0x10", "60s"] {
            assert_eq!(header(value), None, "{value:?}");
        }
        assert_eq!(RetryAfter::parse(b"\xff"), None);
    }

    #[test]
    fn all_three_http_date_formats_name_the_same_instant() {
        let expected = "1994-11-06T08:49:37Z".parse().unwrap();
        for value in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            // The wrong day of the week.
            "Mon, 06 Nov 1994 08:49:37 GMT",
        ] {
            assert_eq!(header(value), Some(RetryAfter::Date(expected)), "{value:?}");
        }
    }

    #[test]
    fn a_date_that_has_passed_is_no_wait() {
        let date = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
        assert_eq!(until(date("2025-11-13T10:31:00Z"), date("2025-11-13T10:30:00Z")), Duration::ZERO);
        assert_eq!(until(date("2025-11-13T10:30:00.5Z"), date("2025-11-13T10:31:00Z")), Duration::from_secs(60));
        assert_eq!(until(jiff::Timestamp::MIN, jiff::Timestamp::MAX), Duration::from_secs(MAX_SECONDS));
    }
}
