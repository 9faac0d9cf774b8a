//! Whether a client has kept a case.

use std::time::Duration;

use freddy_types::AuthScheme;
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
    pub(super) got: String,
    pub(super) expected: String,
}

impl Fault {
    pub(super) fn new(level: Level, got: impl AsRef<str>, expected: impl Into<String>) -> Self {
        Self { level, got: printable(got.as_ref()), expected: expected.into() }
    }

    fn of(level: Level, Difference { field, expected, told }: &Difference) -> Self {
        Self::new(level, format!("{field}: {told}"), format!("{field}: {}", printable(&expected.to_string())))
    }
}

/// What a process and a network need beside the time that is measured.
const SLACK: Duration = Duration::from_secs(3);
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
        _ => case.case.level,
    };
    differences.iter().map(|difference| Fault::of(level(difference), difference)).collect()
}

fn request(case: &RequestCase, told: &Told, observed: &Observed) -> Vec<Fault> {
    let level = case.case.level;
    match (&case.expected, &*observed.requests) {
        (Expected::Sent(sent), []) => {
            let got = format!("no request; the outcome is {:?}", told.outcome);
            vec![Fault::new(level, got, format!("{} {}", sent.method, sent.path))]
        }
        (Expected::Sent(sent), [received]) => unequal(level, sent, received),
        (Expected::Sent(_), more) => vec![Fault::new(level, format!("{} requests", more.len()), "1 request")],
        (Expected::Refused(_), []) => vec![],
        (Expected::Refused(refused), [received, ..]) => {
            let target = &received.target;
            let is_harmless = refused.if_sent.as_ref() == Some(target);
            let (level, got) = if is_harmless {
                (level, format!("{target}, for a server to refuse"))
            } else {
                (Level::Must, format!("{target}, which is another place"))
            };
            vec![Fault::new(level, got, format!("no request: {}", refused.reason))]
        }
    }
}

/// How a request differs from the one that is expected.
fn unequal(level: Level, sent: &Sent, received: &Received) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut compare = |what: &str, expected: &str, got: &str| {
        if expected != got {
            faults.push(Fault::new(level, format!("{what}: {got:?}"), format!("{what}: {expected:?}")));
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
            faults.push(Fault::new(level, format!("{header} beside the credential"), "the credential alone"));
        }
    }
    let expected = sent.body.as_ref().and_then(|body| body.to_vec().ok()).unwrap_or_default();
    let parsed = |body: &[u8]| serde_json::from_slice::<Value>(body).ok();
    if expected != received.body && (expected.is_empty() || parsed(&expected) != parsed(&received.body)) {
        let text = |body: &[u8]| format!("body: {:?}", String::from_utf8_lossy(body));
        faults.push(Fault::new(level, text(&received.body), printable(&text(&expected))));
    }
    faults
}

fn call(case: &CallCase, told: &Told, observed: &Observed, scale: f64) -> Vec<Fault> {
    let mut faults = Vec::new();
    let allowed = &case.allowed;
    let level = case.case.level;
    let mut fault = |level, got: String, expected: String| faults.push(Fault::new(level, got, expected));
    let attempts = observed.requests.len();
    if attempts > allowed.attempts as usize {
        fault(level, format!("{attempts} requests"), format!("at most {}", allowed.attempts));
    }
    let mut previous = None;
    for (number, received) in observed.requests.iter().enumerate() {
        let asked = number.checked_sub(1).and_then(|number| allowed.waits_ms.get(number).or(allowed.waits_ms.last()));
        if let (Some(asked), Some(previous)) = (asked, previous) {
            let (waited, asked) = (received.at.duration_since(previous), Duration::from_millis(scaled(*asked, scale)));
            if waited + EARLY < asked {
                fault(level, format!("request {} after {waited:?}", number + 1), format!("not before {asked:?}"));
            }
        }
        previous = Some(received.answered.unwrap_or(received.at));
    }
    let carries =
        |received: &Received| AuthScheme::ALL.iter().any(|scheme| received.values(scheme.header()).next().is_some());
    if observed.elsewhere.iter().any(carries) {
        let got = "the credential, at the server that a redirect points to".to_owned();
        fault(Level::Must, got, "no credential there".to_owned());
    }
    let deadline = Duration::from_millis(scaled(case.deadline_ms, scale));
    if observed.elapsed > deadline + SLACK {
        fault(level, format!("a call of {:?}", observed.elapsed), format!("its end by {deadline:?}"));
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
