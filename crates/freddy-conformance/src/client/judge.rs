//! Whether a client has kept a case.

use std::time::Duration;

use freddy_types::{AuthScheme, ErrorCode};
use serde_json::Value;

use super::Any;
use super::stub::Received;
use crate::report::printable;
use crate::vectors::Level;
use crate::vectors::call::CallCase;
use crate::vectors::decode::{DecodeCase, Difference, Outcome, Told};
use crate::vectors::request::{Expected, RequestCase, Sent};

/// What the servers saw of a client.
pub(super) struct Observed {
    pub(super) requests: Vec<Received>,
    /// What came to the server that redirects point to.
    pub(super) elsewhere: Vec<Received>,
    pub(super) elapsed: Duration,
}

/// What is wrong, how much it matters, and what had to come.
pub(super) struct Fault {
    pub(super) level: Level,
    /// The field that is told otherwise, or what of the requests is wrong.
    pub(super) about: String,
    pub(super) got: String,
    pub(super) expected: String,
}

impl Fault {
    pub(super) fn new(level: Level, about: &str, got: impl AsRef<str>, expected: impl Into<String>) -> Self {
        Self { level, about: about.to_owned(), got: printable(got.as_ref()), expected: expected.into() }
    }

    fn of(level: Level, Difference { field, expected, told }: &Difference) -> Self {
        let expected = printable(&format!("{field}: {expected}"));
        Self::new(level, field, format!("{field}: {told}"), expected)
    }
}

/// What a process and a network need beside the time that is measured.
pub(super) const SLACK: Duration = Duration::from_secs(2);
/// Clocks of different programs, and rounding.
const EARLY: Duration = Duration::from_millis(20);

/// What is wrong with what a client told and did.
pub(super) fn faults(case: &Any, told: &Told, observed: &Observed, scale: f64) -> Vec<Fault> {
    match case {
        Any::Decode(case) => decode(case, told),
        Any::Request(case) => request(case, told, observed),
        Any::Call(case) => call(case, told, observed, scale),
    }
}

fn decode(case: &DecodeCase, told: &Told) -> Vec<Fault> {
    let differences = case.expected.differences(told);
    let level = |difference: &Difference| match &*difference.field {
        // Whatever an answer is, its status is known.
        "status" => Level::Must,
        "outcome" if case.expected.outcome == Outcome::Failure && told.outcome != Outcome::Success => Level::Must,
        // Of most statuses the documents say only that they decide.
        "retryable" if case.expected.code.as_ref().is_none_or(|code| !is_documented(code.as_deref())) => {
            case.case.level.max(Level::Should)
        }
        _ => case.case.level,
    };
    differences.iter().map(|difference| Fault::of(level(difference), difference)).collect()
}

fn is_documented(code: Option<&str>) -> bool {
    ErrorCode::ALL.iter().any(|known| Some(known.as_str()) == code)
}

fn request(case: &RequestCase, told: &Told, observed: &Observed) -> Vec<Fault> {
    let level = case.case.level;
    let outcome = format!("outcome: {:?}", told.outcome);
    let is_over = matches!(told.outcome, Outcome::Success | Outcome::Failure);
    match (&case.expected, &*observed.requests) {
        (Expected::Sent(sent), []) => {
            vec![Fault::new(
                level,
                "request",
                format!("no request; {outcome}"),
                format!("{} {}", sent.method, sent.path),
            )]
        }
        (Expected::Sent(sent), [received]) => {
            let mut faults = unequal(level, sent, received);
            if told.outcome != Outcome::Success {
                faults.push(Fault::new(level, "outcome", outcome, "outcome: Success, which came"));
            }
            faults
        }
        (Expected::Sent(_), more) => {
            vec![Fault::new(level, "attempts", format!("{} requests", more.len()), "1 request")]
        }
        (Expected::Refused(_), []) if is_over => {
            vec![Fault::new(level, "outcome", format!("no request; {outcome}"), "outcome: Refused")]
        }
        (Expected::Refused(_), []) => vec![],
        (Expected::Refused(refused), [received, ..]) => {
            let target = &received.target;
            let is_harmless = refused.if_sent.as_ref() == Some(target);
            let (level, about, got) = if is_harmless {
                (level, "request", format!("{target}, for a server to refuse"))
            } else {
                (Level::Must, "path", format!("{target}, which is another place"))
            };
            vec![Fault::new(level, about, got, format!("no request: {}", refused.reason))]
        }
    }
}

/// How a request differs from the one that is expected.
fn unequal(level: Level, sent: &Sent, received: &Received) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut compare = |what: &str, expected: &str, got: &str| {
        if expected != got {
            faults.push(Fault::new(level, what, format!("{what}: {got:?}"), format!("{what}: {expected:?}")));
        }
    };
    let (path, query) = received.target.split_once('?').unwrap_or((&received.target, ""));
    compare("method", &sent.method, &received.method);
    compare("path", &sent.path, path);
    compare("query", &sent.query, query);
    for (name, value) in &sent.headers {
        let is_media_type = name.eq_ignore_ascii_case(freddy_types::headers::CONTENT_TYPE);
        let got: Vec<_> = received.values(name).collect();
        let got = got.join(", ");
        let got = if is_media_type { got.split(';').next().unwrap_or_default().trim() } else { &*got };
        compare(name, value, got);
    }
    for scheme in AuthScheme::ALL {
        let header = scheme.header();
        let is_expected = sent.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case(header));
        if !is_expected && received.values(header).next().is_some() {
            faults.push(Fault::new(level, header, format!("{header} beside the credential"), "the credential alone"));
        }
    }
    let expected = sent.body.as_ref().and_then(|body| body.to_vec().ok()).unwrap_or_default();
    let parsed = |body: &[u8]| serde_json::from_slice::<Value>(body).ok();
    if expected != received.body && (expected.is_empty() || parsed(&expected) != parsed(&received.body)) {
        let text = |body: &[u8]| format!("body: {:?}", String::from_utf8_lossy(body));
        faults.push(Fault::new(level, "body", text(&received.body), printable(&text(&expected))));
    }
    faults
}

fn call(case: &CallCase, told: &Told, observed: &Observed, scale: f64) -> Vec<Fault> {
    let mut faults = Vec::new();
    let allowed = &case.allowed;
    let level = case.case.level;
    let mut fault = |level, about, got: String, expected: String| faults.push(Fault::new(level, about, got, expected));
    let attempts = observed.requests.len();
    if attempts > allowed.attempts as usize {
        fault(level, "attempts", format!("{attempts} requests"), format!("at most {}", allowed.attempts));
    }
    let mut previous = None;
    for (number, received) in observed.requests.iter().enumerate() {
        let asked = number.checked_sub(1).and_then(|number| allowed.waits_ms.get(number).or(allowed.waits_ms.last()));
        if let (Some(asked), Some(previous)) = (asked, previous) {
            let (waited, asked) = (received.at.duration_since(previous), Duration::from_millis(scaled(*asked, scale)));
            if waited + EARLY < asked {
                fault(
                    level,
                    "wait",
                    format!("request {} after {waited:?}", number + 1),
                    format!("not before {asked:?}"),
                );
            }
        }
        previous = Some(received.answered.unwrap_or(received.at));
    }
    if observed.elsewhere.iter().any(|received| received.contains(&case.credential.key)) {
        let got = "the credential, at the server that a redirect points to".to_owned();
        fault(Level::Must, "redirect", got, "no credential there".to_owned());
    }
    let deadline = Duration::from_millis(scaled(case.deadline_ms, scale));
    if observed.elapsed > deadline + SLACK {
        fault(level, "deadline", format!("a call of {:?}", observed.elapsed), format!("its end by {deadline:?}"));
    }
    let best = allowed.told.iter().map(|expected| expected.differences(told)).min_by_key(Vec::len);
    faults.extend(best.unwrap_or_default().iter().map(|difference| Fault::of(level, difference)));
    faults
}

/// A time in milliseconds as it is in a run whose time is scaled.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "some minutes"
)]
pub(super) fn scaled(time_ms: u64, scale: f64) -> u64 {
    (time_ms as f64 * scale) as u64
}
