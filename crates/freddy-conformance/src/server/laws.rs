//! What holds for every answer, whatever was asked.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use freddy_types::{
    ApiError, AuthScheme, ErrorCode, ErrorEnvelope, Failure, HeaderLookup, NoContent, RateLimitDetails,
    SuccessResponse, TraceId, headers,
};
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::{Map, Value};

use super::http::{Answer, is_json};
use super::setup::{LONGEST_WINDOW, Limit};
use crate::vectors::Case;
use crate::vectors::Level::{self, May, Must, Should};
use crate::vectors::exchange::reference_of;

/// A request and its answer.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) sent: String,
    pub(super) answer: Answer,
    /// When it came, in Unix seconds.
    pub(super) at: f64,
    /// Whether the request was one that HTTP allows. The first layers of a server answer the others.
    pub(super) is_http: bool,
}

/// What a law needs to know beside the answer.
pub(super) struct Known<'k> {
    /// With how its key is shown.
    pub(super) limit: Option<(String, &'k Limit)>,
    pub(super) keys: Vec<&'k str>,
}

/// A law: its case, where the reference has it, and what is wrong with an answer.
pub(super) struct Law {
    pub(super) case: Case,
    pub(super) reference: String,
    pub(super) fault: fn(&Seen, &Known<'_>) -> Option<String>,
}

/// How far two times of one answer may be from each other, in seconds, as each may be rounded.
const ROUNDING: f64 = 2.0;

/// How far the server's clock may be from the time of the answer.
const CLOCK: f64 = 300.0;

pub(super) fn laws() -> Vec<Law> {
    let row = |level: Level, name: &str, reference: &str, why: &str, fault| Law {
        case: Case::new(level, name, why).in_group("laws"),
        reference: reference.to_owned(),
        fault,
    };
    let limit = reference_of(ErrorCode::RateLimitExceeded);
    let unauthorized = reference_of(ErrorCode::Unauthorized);
    let success = format!("{}-{}", NoContent::STATUS, NoContent::HEADING.to_lowercase().replace(' ', "-"));
    vec![
        row(
            Must,
            "law-no-server-error",
            "500-server-error",
            "Nothing that a client sends is a fault of the server.",
            no_server_error,
        ),
        row(Must, "law-no-body-in-204", &success, "A 204 has no body, and no bytes behind it.", no_body_in_204),
        row(Should, "law-no-body-headers-in-204", &success, "A 204 has no headers of a body.", no_body_headers_in_204),
        row(
            Must,
            "law-request-id",
            &success,
            "Every answer names its request, so that it can be found in a log.",
            request_id,
        ),
        row(
            Must,
            "law-envelope",
            "errorenvelope",
            "Every error has the envelope, also those of the framework.",
            envelope,
        ),
        row(Must, "law-content-type", "errorenvelope", "An error says that it is JSON.", content_type),
        row(
            Must,
            "law-status-in-body",
            "errorobject",
            "The status in the body is that of the response.",
            status_in_body,
        ),
        row(Must, "law-code-of-status", "error-codes", "A code has one status.", code_of_status),
        row(Should, "law-known-code", "error-codes", "A code that nobody knows tells a client nothing.", known_code),
        row(Must, "law-type-of-code", "error-codes", "A code has one type.", type_of_code),
        row(
            Must,
            "law-details-of-code",
            "error-codes",
            "`details` stand where the code has some, whole; never as null.",
            details_of_code,
        ),
        row(Must, "law-trace-id", "errorobject", "`X-Request-Id` is the `trace_id` of the body.", trace_id),
        row(
            Must,
            "law-trace-id-form",
            "errorobject",
            "A trace ID is a text that a log and a header can hold.",
            trace_id_form,
        ),
        row(Should, "law-texts", "errorobject", "An error says something to a user and to a developer.", texts),
        row(
            Should,
            "law-no-other-fields",
            "errorobject",
            "Fields that are not documented cannot be relied on.",
            no_other_fields,
        ),
        row(Must, "law-clock", "errorobject", "`timestamp` is the time of the error.", clock),
        row(Should, "law-timestamp-form", "errorobject", "`timestamp` is in whole seconds of UTC.", timestamp_form),
        row(Must, "law-challenge", &unauthorized, "A 401 names every way to authenticate.", challenge),
        row(Must, "law-allow", "error-codes", "A 405 names the methods that the path takes.", allow),
        row(Must, "law-limit-headers", &limit, "A 429 has the headers of the limit.", limit_headers),
        row(Must, "law-limit-body", &limit, "The body of a 429 says what its headers say.", limit_body),
        row(
            Must,
            "law-limit-coherent",
            &limit,
            "What is said of a limit agrees with itself and with the limit.",
            limit_coherent,
        ),
        row(Must, "law-no-key-in-answer", "authentication", "A key is never sent back.", no_key),
        row(
            Should,
            "law-no-internals",
            "errorobject",
            "No stack, query or path of a file reaches a client.",
            no_internals,
        ),
        row(Should, "law-no-redirect", "authentication", "A redirect takes a key elsewhere, or loses it.", no_redirect),
        row(
            May,
            "law-no-foreign-body",
            "errorenvelope",
            "What the first layers of a server answer is empty, or the envelope.",
            no_foreign_body,
        ),
    ]
}

/// The error of an answer, where it has to have one.
fn error_body(seen: &Seen) -> Option<&[u8]> {
    let has_body = !seen.sent.starts_with("HEAD ");
    (seen.is_http && has_body && seen.answer.status >= 400).then_some(&seen.answer.body)
}

/// The envelope of an answer that has one.
fn read(seen: &Seen) -> Option<ErrorEnvelope> {
    // What else is wrong with `details` is another law's.
    let body: Value = serde_json::from_slice(error_body(seen)?).ok()?;
    serde_json::from_value(without_null_details(body)).ok()
}

fn without_null_details(mut body: Value) -> Value {
    let error = body.get_mut("error").and_then(Value::as_object_mut);
    if let Some(error) = error.filter(|error| error.get("details").is_some_and(|details| !details.is_object())) {
        error.shift_remove("details");
    }
    body
}

fn json(seen: &Seen) -> Option<Value> {
    serde_json::from_slice(error_body(seen)?).ok()
}

fn no_server_error(seen: &Seen, _: &Known<'_>) -> Option<String> {
    // 501 and 505 are what HTTP has for methods and versions.
    let is_fault = seen.answer.status >= 500 && ![501, 505].contains(&seen.answer.status);
    is_fault.then(|| format!("{}", seen.answer.status))
}

fn no_body_in_204(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let declared = seen.answer.number("Content-Length").is_some_and(|length| length > 0);
    // Behind what is two requests to some, there may be another answer.
    let has_surplus = seen.is_http && seen.answer.has_surplus;
    let is_wrong = seen.answer.status == NoContent::STATUS && (has_surplus || declared);
    is_wrong.then(|| "a 204 with a body".to_owned())
}

fn no_body_headers_in_204(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let names = [headers::CONTENT_TYPE, "Content-Length", "Transfer-Encoding"];
    let found = names.into_iter().find(|name| seen.answer.headers.value_of(name).is_some())?;
    (seen.answer.status == NoContent::STATUS).then(|| format!("a 204 with {found}"))
}

fn request_id(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let values = seen.answer.headers.values_of(headers::X_REQUEST_ID);
    if !seen.is_http || (values.len() == 1 && values.iter().all(|value| !value.trim_ascii().is_empty())) {
        return None;
    }
    Some(format!("{} lines of {}", values.len(), headers::X_REQUEST_ID))
}

fn envelope(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let body: Value = match serde_json::from_slice(error_body(seen)?) {
        Ok(body) => body,
        Err(error) => return Some(format!("the body is not JSON: {error}")),
    };
    let envelope: Result<ErrorEnvelope, _> = serde_json::from_value(without_null_details(body));
    envelope.err().map(|error| format!("the body is not the envelope: {error}"))
}

fn content_type(seen: &Seen, _: &Known<'_>) -> Option<String> {
    error_body(seen)?;
    (!is_json(&seen.answer)).then(|| line(seen, headers::CONTENT_TYPE))
}

fn status_in_body(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let status = read(seen)?.error().status();
    (status != seen.answer.status).then(|| format!("{status} in the body"))
}

fn code_of_status(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let code = read(seen)?.error().code()?;
    (code.status() != seen.answer.status).then(|| format!("{code}, whose status is {}", code.status()))
}

fn known_code(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let envelope = read(seen)?;
    // The contract has no code for some statuses of HTTP, such as 414, 415 and 431.
    if !ErrorCode::ALL.iter().any(|code| code.status() == seen.answer.status) {
        return None;
    }
    envelope.error().code().is_none().then(|| format!("code {:?}", envelope.error().code_str()))
}

fn type_of_code(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let envelope = read(seen)?;
    let wanted = envelope.error().code()?.error_type();
    (envelope.error().error_type() != Some(wanted))
        .then(|| format!("type {:?}, and not {wanted}", envelope.error().error_type_str()))
}

/// What a server of the contract could not have sent, but for what the other laws say.
fn violation(seen: &Seen, keep: &str) -> Option<(String, String)> {
    let envelope = read(seen)?;
    let code = envelope.error().code()?;
    let now = envelope.error().timestamp().instant();
    let canonical = ApiError::new(Failure::NotFound, TraceId::from_bits(0), now);
    let mut body = json(seen)?;
    keep_known(body.as_object_mut()?, &example());
    let error = body.get_mut("error")?.as_object_mut()?;
    keep_known(error, example().get("error")?.as_object()?);
    error.insert("type".to_owned(), code.error_type().as_str().into());
    error.insert("status".to_owned(), code.status().into());
    for (name, value) in [("trace_id", canonical.trace_id().as_str()), ("timestamp", canonical.timestamp().as_str())] {
        if name != keep {
            error.insert(name.to_owned(), value.into());
        }
    }
    if keep != "details" && error.get("details").is_some_and(|details| !details.is_object()) {
        error.shift_remove("details");
    }
    let envelope: ErrorEnvelope = match serde_json::from_value(body) {
        Ok(envelope) => envelope,
        Err(error) => return Some(("/error/details".to_owned(), error.to_string())),
    };
    let violation = ApiError::try_from(envelope).err()?;
    Some((violation.pointer().to_owned(), violation.to_string()))
}

/// A body with every field that there is.
fn example() -> Map<String, Value> {
    let envelope = ErrorEnvelope::from(ApiError::example(ErrorCode::RateLimitExceeded));
    serde_json::to_value(envelope).ok().and_then(|body| body.as_object().cloned()).unwrap_or_default()
}

fn keep_known(object: &mut Map<String, Value>, known: &Map<String, Value>) {
    object.retain(|name, _| known.contains_key(name));
}

fn details_of_code(seen: &Seen, _: &Known<'_>) -> Option<String> {
    // Whatever the code is.
    if let Some(details) = json(seen)?.pointer("/error/details").filter(|details| !details.is_object()) {
        return Some(format!("/error/details is {details}"));
    }
    let (pointer, rule) = violation(seen, "details")?;
    if pointer == "/error/details/reset_at" && is_a_second_off(seen) {
        return None;
    }
    (pointer == "/error" || pointer.starts_with("/error/details")).then(|| format!("{pointer} {rule}"))
}

/// Whether the end of the window is the time and the wait, but for what each of the three is rounded by.
fn is_a_second_off(seen: &Seen) -> bool {
    let Some(envelope) = read(seen) else { return false };
    let Ok(Some(details)) = envelope.error().details::<RateLimitDetails>() else { return false };
    let [reset, now] = [details.reset_at(), envelope.error().timestamp()].map(|time| time.instant().as_second());
    (reset - now - i64::from(details.retry_after())).abs() <= 1
}

fn timestamp_form(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let (pointer, rule) = violation(seen, "timestamp")?;
    (pointer == "/error/timestamp").then(|| format!("{pointer} {rule}"))
}

fn trace_id_form(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let (pointer, rule) = violation(seen, "trace_id")?;
    (pointer == "/error/trace_id").then(|| format!("{pointer} {rule}"))
}

fn trace_id(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let envelope = read(seen)?;
    let in_body = envelope.error().trace_id();
    let header = seen.answer.header(headers::X_REQUEST_ID)?;
    (in_body != header).then(|| format!("trace_id {in_body:?}, and {header:?} in {}", headers::X_REQUEST_ID))
}

fn texts(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let envelope = read(seen)?;
    let texts = [("message", envelope.error().message()), ("system_message", envelope.error().system_message())];
    texts.into_iter().find(|(_, text)| text.trim().is_empty()).map(|(name, _)| format!("{name} is blank"))
}

fn no_other_fields(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let body = json(seen)?;
    read(seen)?;
    let known = example();
    let of_error = known.get("error")?.as_object()?;
    let outside = body.as_object()?.keys().find(|name| !known.contains_key(*name));
    let inside = body.get("error")?.as_object()?.keys().find(|name| !of_error.contains_key(*name));
    outside.or(inside).map(|name| format!("{name:?}"))
}

fn clock(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let envelope = read(seen)?;
    let timestamp = envelope.error().timestamp();
    let away = timestamp.instant().as_second() as f64 - seen.at;
    (away.abs() > CLOCK).then(|| format!("{timestamp} is {away:.0} seconds from the time of the answer"))
}

fn challenge(seen: &Seen, _: &Known<'_>) -> Option<String> {
    if seen.answer.status != ErrorCode::Unauthorized.status() || !seen.is_http {
        return None;
    }
    let lines = seen.answer.headers.values_of(headers::WWW_AUTHENTICATE);
    let all = lines.iter().map(|line| String::from_utf8_lossy(line)).collect::<Vec<_>>().join(", ").to_lowercase();
    let scheme = |scheme: &&AuthScheme| scheme.challenge().split(' ').next().unwrap_or_default().to_lowercase();
    let missing = AuthScheme::ALL.iter().find(|one| !all.split([' ', ',']).any(|word| word == scheme(one)))?;
    Some(format!("{}: {all:?} does not ask for `{}`", headers::WWW_AUTHENTICATE, missing.challenge()))
}

fn allow(seen: &Seen, _: &Known<'_>) -> Option<String> {
    if seen.answer.status != ErrorCode::MethodNotAllowed.status() || !seen.is_http {
        return None;
    }
    let sent = seen.sent.split(' ').next().unwrap_or_default();
    let Some(allowed) = seen.answer.header("Allow") else { return Some("no Allow".to_owned()) };
    let mut methods = allowed.split(',').map(str::trim).filter(|method| !method.is_empty());
    let names_it = methods.clone().any(|method| method == sent);
    if methods.next().is_none() || names_it { Some(format!("Allow: {allowed:?} to {sent}")) } else { None }
}

/// The line of a header, for people.
fn line(seen: &Seen, name: &str) -> String {
    seen.answer.header(name).map_or_else(|| format!("no {name}"), |value| format!("{name}: {value}"))
}

fn is_limited(seen: &Seen) -> bool {
    seen.is_http && seen.answer.is_limited()
}

const LIMIT_HEADERS: [&str; 3] =
    [headers::X_RATELIMIT_LIMIT, headers::X_RATELIMIT_REMAINING, headers::X_RATELIMIT_RESET];

fn limit_headers(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let names = [headers::RETRY_AFTER].into_iter().chain(LIMIT_HEADERS);
    let missing = names.into_iter().find(|name| seen.answer.number(name).is_none())?;
    is_limited(seen).then(|| line(seen, missing))
}

/// The headers that go with the details of a 429, and differ from them.
fn limit_body(seen: &Seen, _: &Known<'_>) -> Option<String> {
    if !is_limited(seen) {
        return None;
    }
    let envelope = read(seen)?;
    let details = envelope.error().details::<RateLimitDetails>().ok()??;
    let reset = details.reset_at().instant().as_second();
    let wanted = [
        (headers::RETRY_AFTER, details.retry_after().into()),
        (headers::X_RATELIMIT_LIMIT, details.limit().into()),
        (headers::X_RATELIMIT_REMAINING, details.remaining().into()),
        (headers::X_RATELIMIT_RESET, u64::try_from(reset).unwrap_or_default()),
    ];
    let differs = |(name, value): &(&str, u64)| seen.answer.number(name).is_some_and(|number| number != *value);
    let (name, value) = wanted.into_iter().find(differs)?;
    Some(format!("{}, and {value} in `details`", line(seen, name)))
}

/// What the time of an answer is by the server's own clock, in Unix seconds, and how far it may be from that.
fn server_time(seen: &Seen) -> (f64, f64) {
    let of_body = || read(seen).map(|envelope| envelope.error().timestamp().instant());
    let of_head = || DateTimeParser::new().parse_timestamp(seen.answer.header(headers::DATE)?).ok();
    of_body().or_else(of_head).map_or((seen.at, CLOCK), |time| (time.as_second() as f64, ROUNDING))
}

fn limit_coherent(seen: &Seen, known: &Known<'_>) -> Option<String> {
    if !seen.is_http {
        return None;
    }
    for name in LIMIT_HEADERS {
        if seen.answer.header(name).is_some() && seen.answer.number(name).is_none() {
            return Some(format!("{}, which is not a number", line(seen, name)));
        }
    }
    let [limit, remaining, reset] = LIMIT_HEADERS.map(|name| seen.answer.number(name));
    if let (Some(limit), Some(remaining)) = (limit, remaining) {
        if remaining > limit {
            return Some(format!("{remaining} of {limit} requests left"));
        }
        if is_limited(seen) && remaining > 0 {
            return Some(format!("refused, and {remaining} requests left"));
        }
    }
    // Other keys may have another limit.
    let own = known.limit.as_ref().filter(|(key, _)| seen.sent.contains(key));
    let window = f64::from(own.map_or(LONGEST_WINDOW, |(_, limit)| limit.seconds));
    if let Some(reset) = reset {
        let (now, tolerated) = server_time(seen);
        let away = reset as f64 - now;
        if !(-tolerated..=window + tolerated).contains(&away) {
            return Some(format!("{}: in {away:.0} seconds", headers::X_RATELIMIT_RESET));
        }
    }
    let wait = seen.answer.number(headers::RETRY_AFTER).filter(|_| is_limited(seen))?;
    (wait as f64 > window + ROUNDING).then(|| format!("{}: {wait}", headers::RETRY_AFTER))
}

fn no_key(seen: &Seen, known: &Known<'_>) -> Option<String> {
    let lines = seen.answer.headers.iter().map(|(_, value)| value.as_slice()).chain([seen.answer.body.as_slice()]);
    let mut texts = lines.map(String::from_utf8_lossy);
    texts.any(|text| known.keys.iter().any(|key| text.contains(key))).then(|| "a key".to_owned())
}

/// What shows of a program that failed, in the languages in which servers are written.
const INTERNALS: [&str; 12] = [
    "Traceback (most recent",
    "node_modules/",
    "site-packages/",
    "goroutine ",
    "panicked at",
    "SELECT ",
    "SQLSTATE",
    "sqlite3.",
    "java.lang.",
    "stack backtrace",
    "\\n    at ",
    ".py\\\", line",
];

fn no_internals(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let body = String::from_utf8_lossy(&seen.answer.body);
    INTERNALS.into_iter().find(|text| body.contains(text)).map(|text| format!("{text:?}"))
}

fn no_redirect(seen: &Seen, _: &Known<'_>) -> Option<String> {
    (300..400)
        .contains(&seen.answer.status)
        .then(|| format!("{} with {}", seen.answer.status, line(seen, headers::LOCATION)))
}

fn no_foreign_body(seen: &Seen, _: &Known<'_>) -> Option<String> {
    let is_foreign = !seen.is_http && seen.answer.status >= 400 && !seen.answer.body.is_empty();
    let envelope: Result<ErrorEnvelope, _> = serde_json::from_slice(&seen.answer.body);
    (is_foreign && envelope.is_err()).then(|| "a body that is not the envelope".to_owned())
}

pub(super) fn unix_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT_KEY: &str = "X-API-Key: <limit.key>";
    const OTHER_KEY: &str = "X-API-Key: <owner.key>";

    /// What the law finds in an answer with a limit that ends `reset` seconds after `now`, which the clock of the server says.
    fn fault(sent: &str, dated: bool, now: i64, reset: i64) -> Option<String> {
        let line = |name: &str, value: String| (name.to_owned(), value.into_bytes());
        let mut lines = vec![line(headers::X_RATELIMIT_RESET, (now + reset).to_string())];
        if dated {
            let date = jiff::Timestamp::from_second(now).unwrap().strftime("%a, %d %b %Y %H:%M:%S GMT");
            lines.push(line(headers::DATE, date.to_string()));
        }
        let answer = Answer {
            status: NoContent::STATUS,
            headers: lines,
            body: Vec::new(),
            has_surplus: false,
            keeps_alive: true,
            took: Duration::ZERO,
        };
        let seen = Seen { sent: sent.to_owned(), answer, at: unix_now(), is_http: true };
        let limit = Limit { key: "sk_limit".to_owned(), requests: 10, seconds: 60, connectors: vec![] };
        limit_coherent(&seen, &Known { limit: Some(("<limit.key>".to_owned(), &limit)), keys: vec![] })
    }

    #[test]
    fn a_limit_is_judged_by_the_window_of_its_key_and_the_clock_of_its_server() {
        let now = unix_now() as i64;
        for (sent, dated, clock, reset, holds) in [
            (LIMIT_KEY, true, now, 60, true),
            (LIMIT_KEY, true, now, 70, false),
            (LIMIT_KEY, true, now, -5, false),
            // Another key's limit may be for an hour.
            (OTHER_KEY, true, now, 3600, true),
            (OTHER_KEY, true, now, 1000 * now, false),
            // A clock that is wrong is another law's.
            (LIMIT_KEY, true, now - 200, 60, true),
            (LIMIT_KEY, true, now + 200, 60, true),
            (LIMIT_KEY, true, now + 200, 70, false),
            (LIMIT_KEY, false, now + 200, 60, true),
            (LIMIT_KEY, false, now + 1000, 60, false),
        ] {
            let fault = fault(sent, dated, clock, reset);
            assert_eq!(fault.is_none(), holds, "{sent}, {dated}, {}, {reset}: {fault:?}", clock - now);
        }
    }
}
