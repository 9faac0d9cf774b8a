//! Times as operators write and read them.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp, ToSpan as _};

/// A time, in Unix milliseconds, as it is shown in a text.
pub(super) fn shown(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map_or_else(|_| milliseconds.to_string(), |at| format!("{at:.0}"))
}

/// A time, in Unix milliseconds, as it is shown to programs.
pub(super) fn exact(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map_or_else(|_| milliseconds.to_string(), |at| format!("{at:.3}"))
}

/// Reads a time such as `2027-01-31T12:00:00Z`, or a day such as `2027-01-31`, which is its beginning in UTC.
pub(super) fn timestamp(text: &str) -> Result<Timestamp, String> {
    // A time without a zone could mean any.
    let day = text.parse::<Date>().ok().filter(|_| text.len() == "2027-01-31".len());
    let day = day.and_then(|day| day.to_zoned_datetime(TimeZone::UTC).ok());
    let at = text.parse().ok().or_else(|| Some(day?.timestamp()));
    at.ok_or_else(|| "it is not a time such as 2027-01-31T12:00:00Z or 2027-01-31".to_owned())
}

/// Reads a time that is still to come.
pub(super) fn future(text: &str) -> Result<Timestamp, String> {
    let (at, now) = (timestamp(text)?, Timestamp::now());
    if at <= now {
        return Err("it is over".to_owned());
    }
    bounded(at, now)
}

/// Reads a duration such as `90d`, and returns when it is over.
pub(super) fn from_now(text: &str) -> Result<Timestamp, String> {
    let now = Timestamp::now();
    let at = from_now_or_now(text, now)?;
    if at <= now { Err("it is no time at all".to_owned()) } else { Ok(at) }
}

/// Reads a duration such as `24h`, or `0s`, and returns when it is over.
pub(super) fn at_once_or_later(text: &str) -> Result<Timestamp, String> {
    from_now_or_now(text, Timestamp::now())
}

fn from_now_or_now(text: &str, now: Timestamp) -> Result<Timestamp, String> {
    let span: Span = text.parse().map_err(|_| "it is not a duration such as 90d, 24h or 1y 6mo".to_owned())?;
    if span.is_negative() {
        return Err("it is negative".to_owned());
    }
    let at = now.to_zoned_datetime(TimeZone::UTC).checked_add(span).map_err(|_| TOO_LONG.to_owned())?;
    bounded(at.timestamp(), now)
}

const TOO_LONG: &str = "it is more than 100 years";

/// A time that is further away is a mistake.
fn bounded(at: Timestamp, now: Timestamp) -> Result<Timestamp, String> {
    let last = now.to_zoned_datetime(TimeZone::UTC).checked_add(100.years());
    if last.is_ok_and(|last| at <= last.timestamp()) { Ok(at) } else { Err(TOO_LONG.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_times_are_read_within_bounds() {
        let now: Timestamp = "2026-01-31T00:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("90d", "2026-05-01T00:00:00Z"),
            ("24h", "2026-02-01T00:00:00Z"),
            ("1mo", "2026-02-28T00:00:00Z"),
            ("1 year 2 weeks", "2027-02-14T00:00:00Z"),
            ("P1D", "2026-02-01T00:00:00Z"),
            ("0s", "2026-01-31T00:00:00Z"),
            ("100y", "2126-01-31T00:00:00Z"),
        ] {
            assert_eq!(from_now_or_now(text, now).map(|at| at.to_string()).as_deref(), Ok(expected), "{text}");
        }
        for text in ["", "90", "soon", "-90d", "90d ago", "101y", "100y 1s", "19998y", "9999999999999h"] {
            assert!(from_now_or_now(text, now).is_err(), "{text}");
        }
        assert_eq!(timestamp("2027-01-31").unwrap(), timestamp("2027-01-31T01:00:00+01:00").unwrap());
        for text in ["", "tomorrow", "2027-01-31T12:00:00", "2027-02-30", "99999-01-01"] {
            assert!(timestamp(text).is_err(), "{text}");
        }
        for text in ["2020-01-01", "9999-01-01"] {
            assert!(future(text).is_err(), "{text}");
        }
        assert!(from_now("0s").is_err());
        assert!(from_now("1s").is_ok() && at_once_or_later("0s").is_ok());
    }

    #[test]
    fn a_time_that_no_calendar_has_is_shown_as_a_number() {
        assert_eq!((shown(i64::MAX), exact(i64::MIN)), (i64::MAX.to_string(), i64::MIN.to_string()));
        assert_eq!(shown(1_999), "1970-01-01T00:00:01Z");
        assert_eq!(exact(1_000), "1970-01-01T00:00:01.000Z");
    }
}
