//! When a failed response asks to try again: every source, and which of them counts.

use crate::endpoint::headers::{self, HeaderLookup};
use crate::error::date::parse_date;
use crate::error::response::shapes::BodyHints;
use crate::error::retry::{Hint, Hints};

/// What other servers call `Retry-After` where it comes from a rate limit.
const X_RATELIMIT_RETRY_AFTER: &str = "X-RateLimit-Retry-After";

pub(super) fn read(
    status: u16,
    headers: &(impl HeaderLookup + ?Sized),
    body: &BodyHints,
    timestamp: Option<jiff::Timestamp>,
) -> Hints {
    let date = headers.value_of(headers::DATE).and_then(parse_date);
    let now = date.or(timestamp);
    let mut hints = Hints::default();
    for value in [headers::RETRY_AFTER, X_RATELIMIT_RETRY_AFTER].iter().flat_map(|name| headers.values_of(name)) {
        Hint::list(value).for_each(|hint| hints.add(hint, now));
    }
    if window_is_used_up(status, headers) {
        for value in headers.values_of(headers::X_RATELIMIT_RESET) {
            Hint::reset_list(value).for_each(|hint| hints.add(hint, now));
        }
    }
    body.waits.iter().for_each(|hint| hints.add(*hint, now));
    body.resets.iter().for_each(|hint| hints.add(*hint, timestamp.or(date)));
    hints
}

/// Whether the end of the window is what to wait for. Many servers name it on every response.
fn window_is_used_up(status: u16, headers: &(impl HeaderLookup + ?Sized)) -> bool {
    let remaining = headers.values_of(headers::X_RATELIMIT_REMAINING);
    let mut remaining =
        remaining.into_iter().filter_map(|value| str::from_utf8(value).ok()?.trim().parse::<u64>().ok());
    match remaining.next() {
        Some(first) => first == 0 || remaining.any(|other| other == 0),
        None => status == 429,
    }
}
