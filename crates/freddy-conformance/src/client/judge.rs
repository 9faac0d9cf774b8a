//! Whether a client has kept a case.

use std::time::Duration;

use freddy_types::AuthScheme;
use serde_json::Value;

use super::Any;
use super::stub::Received;
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

/// What came of a case.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Verdict {
    Passed,
    /// What is wrong, and how much each of it matters.
    Failed(Vec<(Level, String)>),
    Skipped(String),
}

/// What a process and a network need beside the time that is measured.
const SLACK: Duration = Duration::from_secs(3);
/// Clocks of different programs, and rounding.
const EARLY: Duration = Duration::from_millis(20);

/// The verdict, and the fields that the client did not tell and need not.
pub(super) fn judge(case: &Any, told: &Told, observed: &Observed, scale: f64) -> (Verdict, Vec<String>) {
    let (faults, untold) = match case {
        Any::Decode(case) => (decode(case, told), case.expected.untold(told)),
        Any::Request(case) => (request(case, told, observed), vec![]),
        Any::Call(case) => (call(case, told, observed, scale), vec![]),
    };
    (if faults.is_empty() { Verdict::Passed } else { Verdict::Failed(faults) }, untold)
}

fn in_words(Difference { field, expected, told }: &Difference) -> String {
    format!("{field} is {}, expected {}", bounded(told), bounded(expected))
}

fn bounded(value: &Value) -> String {
    let text = value.to_string();
    let start: String = text.chars().take(120).collect();
    if start.len() < text.len() { start + "…" } else { start }
}

fn decode(case: &DecodeCase, told: &Told) -> Vec<(Level, String)> {
    let differences = case.expected.differences(told);
    let level = |difference: &Difference| match &*difference.field {
        // Whatever an answer is, its status is known.
        "status" => Level::Must,
        "outcome" if case.expected.outcome == Outcome::Failure && told.outcome != Outcome::Success => Level::Must,
        _ => case.case.level,
    };
    differences.iter().map(|difference| (level(difference), in_words(difference))).collect()
}

fn request(case: &RequestCase, told: &Told, observed: &Observed) -> Vec<(Level, String)> {
    let level = case.case.level;
    match (&case.expected, &*observed.requests) {
        (Expected::Sent(_), []) => vec![(level, format!("nothing was sent; the outcome is {:?}", told.outcome))],
        (Expected::Sent(sent), [received]) => unequal(sent, received).into_iter().map(|fault| (level, fault)).collect(),
        (Expected::Sent(_), more) => vec![(level, format!("{} requests were sent, expected 1", more.len()))],
        (Expected::Refused(_), []) => vec![],
        (Expected::Refused(refused), [received, ..]) => {
            let target = &received.target;
            if refused.if_sent.as_ref() == Some(target) {
                vec![(level, format!("it was sent, for a server to refuse; {}", refused.reason))]
            } else {
                vec![(Level::Must, format!("it went to {target}; {}", refused.reason))]
            }
        }
    }
}

/// How a request differs from the one that is expected.
fn unequal(sent: &Sent, received: &Received) -> Vec<String> {
    let mut faults = Vec::new();
    let mut compare = |what: &str, expected: &str, got: &str| {
        if expected != got {
            faults.push(format!("{what} is {got:?}, expected {expected:?}"));
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
            faults.push(format!("{header} is sent beside the credential"));
        }
    }
    let expected = sent.body.as_ref().and_then(|body| body.to_vec().ok()).unwrap_or_default();
    let parsed = |body: &[u8]| serde_json::from_slice::<Value>(body).ok();
    if expected != received.body && (expected.is_empty() || parsed(&expected) != parsed(&received.body)) {
        let text = |body: &[u8]| String::from_utf8_lossy(body).chars().take(200).collect::<String>();
        faults.push(format!("the body is {:?}, expected {:?}", text(&received.body), text(&expected)));
    }
    faults
}

fn call(case: &CallCase, told: &Told, observed: &Observed, scale: f64) -> Vec<(Level, String)> {
    let mut faults = Vec::new();
    let allowed = &case.allowed;
    let level = case.case.level;
    let attempts = observed.requests.len();
    if attempts > allowed.attempts as usize {
        faults
            .push((level, format!("the request was sent {attempts} times, at most {} are allowed", allowed.attempts)));
    }
    let mut previous = None;
    for (number, received) in observed.requests.iter().enumerate() {
        let asked = number.checked_sub(1).and_then(|number| allowed.waits_ms.get(number).or(allowed.waits_ms.last()));
        if let (Some(asked), Some(previous)) = (asked, previous) {
            let (waited, asked) = (received.at.duration_since(previous), Duration::from_millis(scaled(*asked, scale)));
            if waited + EARLY < asked {
                faults.push((
                    level,
                    format!("request {} came after {waited:?}, and {asked:?} were asked for", number + 1),
                ));
            }
        }
        previous = Some(received.answered.unwrap_or(received.at));
    }
    let carries =
        |received: &Received| AuthScheme::ALL.iter().any(|scheme| received.values(scheme.header()).next().is_some());
    if observed.elsewhere.iter().any(carries) {
        faults.push((Level::Must, "the credential was sent to where a redirect points".to_owned()));
    }
    let deadline = Duration::from_millis(scaled(case.deadline_ms, scale));
    if observed.elapsed > deadline + SLACK {
        faults.push((level, format!("the call took {:?}, and its deadline was {deadline:?}", observed.elapsed)));
    }
    let best = allowed.told.iter().map(|expected| expected.differences(told)).min_by_key(Vec::len);
    faults.extend(best.unwrap_or_default().iter().map(|difference| (level, in_words(difference))));
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
