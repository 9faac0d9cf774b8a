//! Calls of a client that may send its request more than once: how often, how late, and to whom.

use freddy_types::{AuthScheme, ErrorCode, headers};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Level::{May, Must, Should};
use super::bytes::Bytes;
use super::decode::{Answer, Outcome, Told};
use super::request::Credential;
use super::{Case, Level, grouped};

/// A call, what the server does on each of its requests, and what the client may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CallCase {
    /// Its name, why, and how much it matters.
    #[serde(flatten)]
    pub case: Case,
    /// The credential to send.
    pub credential: Credential,
    /// The time that the caller gives to the whole call, in milliseconds.
    pub deadline_ms: u64,
    /// What the server does, request by request. The last of it is repeated.
    pub script: Vec<Step>,
    /// What the client may do.
    pub allowed: Allowed,
}

/// What the server does on a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// It answers. `{elsewhere}` in a header is the base URL of another server, which answers as the success does.
    Answer(Answer),
    /// It closes the connection without an answer.
    Close,
    /// It says nothing more.
    Stall,
    /// It sends the head of this answer and a part of the body, and then nothing more.
    StallInBody(Answer),
    /// It sends the head of this answer, and then a byte of the body twice a second.
    Drip(Answer),
}

/// What a client may do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Allowed {
    /// How often it may send the request at most.
    pub attempts: u32,
    /// How many milliseconds it has to let pass before each further request, the last of them before all that follow.
    pub waits_ms: Vec<u64>,
    /// What it may tell at the end: one of these.
    pub told: Vec<Told>,
}

/// As often as any client needs: more is a storm.
const MOST: u32 = 10;
const PATIENCE_MS: u64 = 20_000;

/// All of them.
#[must_use]
pub fn cases() -> Vec<CallCase> {
    let groups = [("retries", [retries(), waits()].concat()), ("redirects", redirects()), ("deadlines", deadlines())];
    grouped(groups, |one| &mut one.case)
}

fn case(
    level: Level,
    name: impl Into<String>,
    why: &str,
    script: Vec<Step>,
    attempts: u32,
    told: Vec<Told>,
) -> CallCase {
    CallCase {
        case: Case::new(level, name, why),
        credential: Credential::of(AuthScheme::ApiKey),
        deadline_ms: PATIENCE_MS,
        script,
        allowed: Allowed { attempts, waits_ms: vec![], told },
    }
}

fn success() -> Step {
    Step::Answer(Answer::success())
}

fn documented(code: ErrorCode) -> Step {
    Step::Answer(Answer::documented(code))
}

fn ok() -> Told {
    Told::success(Answer::success().status)
}

fn retries() -> Vec<CallCase> {
    let mut cases = Vec::new();
    for code in ErrorCode::ALL.iter().filter(|code| !Told::failure(code.status()).retryable.unwrap_or_default()) {
        cases.push(case(
            Must,
            format!("call-{}-once", code.status()),
            "Sending a request again that was refused cannot help.",
            vec![documented(*code), success()],
            1,
            vec![Told::failure(code.status()).code(Some(code.as_str()))],
        ));
    }
    let again = |name: &str, why: &str, step: Step, told: Told| {
        case(May, format!("call-{name}-then-success"), why, vec![step, success()], 2, vec![ok(), told])
    };
    let html = Answer::new(502, Bytes::new("<html></html>")).header(headers::CONTENT_TYPE, "text/html");
    let why = "The same request may succeed later, and disconnecting twice is no harm.";
    cases.extend([
        again("500", why, documented(ErrorCode::InternalServerError), Told::failure(500)),
        again("html-502", why, Step::Answer(html), Told::failure(502)),
        again("closed-connection", why, Step::Close, Told::new(Outcome::NoAnswer)),
    ]);
    cases.push(case(
        Must,
        "call-500-forever",
        "A server that keeps failing is not called without an end.",
        vec![documented(ErrorCode::InternalServerError)],
        MOST,
        vec![Told::failure(500).code(Some(ErrorCode::InternalServerError.as_str()))],
    ));
    cases.push(case(
        Should,
        "call-501-once",
        "A method that a server does not support now will not be supported a moment later.",
        vec![Step::Answer(Answer::new(501, Bytes::default())), success()],
        1,
        vec![Told::failure(501)],
    ));
    cases.push(case(
        Must,
        "call-unexpected-200-once",
        "An answer that is not the documented success may be one all the same, and is not asked for again.",
        vec![Step::Answer(Answer::json(200, "{\"ok\":true}")), success()],
        1,
        vec![Told { retryable: None, ..Told::failure(200) }, Told::success(200)],
    ));
    cases
}

fn waits() -> Vec<CallCase> {
    let wait = |level, name: &str, why: &str, answer: Answer, status, seconds: u64| {
        let script = vec![Step::Answer(answer), success()];
        let mut case = case(level, format!("call-{name}"), why, script, 2, vec![ok(), Told::failure(status)]);
        case.allowed.waits_ms = vec![seconds * 1000];
        case
    };
    let kept = "A client that tries again does so when the server asked it to, and not before.";
    let body = |seconds: u64| {
        format!(
            "{{\"error\":{{\"code\":\"RATE_LIMIT_EXCEEDED\",\"message\":\"m\",\"details\":{{\"retry_after\":{seconds}}}}}}}"
        )
    };
    let html = Answer::new(503, Bytes::new("<html></html>")).header(headers::CONTENT_TYPE, "text/html");
    vec![
        wait(Must, "429-waits-for-header", kept, Answer::json(429, "{}").header(headers::RETRY_AFTER, "2"), 429, 2),
        wait(Must, "503-waits-for-header", kept, html.header(headers::RETRY_AFTER, "1"), 503, 1),
        wait(Should, "429-waits-for-details", kept, Answer::json(429, body(2)), 429, 2),
        wait(
            Should,
            "429-waits-for-the-longer",
            kept,
            Answer::json(429, body(2)).header(headers::RETRY_AFTER, "1"),
            429,
            2,
        ),
        wait(
            Should,
            "503-waits-for-date",
            kept,
            Answer::new(503, Bytes::default())
                .header(headers::DATE, "Thu, 13 Nov 2025 10:30:00 GMT")
                .header(headers::RETRY_AFTER, "Thu, 13 Nov 2025 10:30:02 GMT"),
            503,
            2,
        ),
    ]
}

fn redirects() -> Vec<CallCase> {
    let why = "A redirect to another server does not get the credential.";
    let to_elsewhere = |scheme: AuthScheme, status| {
        let path = "/v1/personal-connectors/pcon_elsewhere";
        let answer = Answer::new(status, Bytes::default()).header(headers::LOCATION, &format!("{{elsewhere}}{path}"));
        let followed = [ok(), Told::new(Outcome::NoAnswer)];
        let told = [vec![Told { retryable: None, ..Told::failure(status) }], followed.into()].concat();
        let behind = if scheme == AuthScheme::ApiKey { "" } else { "-bearer" };
        let name = format!("call-redirect-{status}{behind}");
        let case = case(Must, name, why, vec![Step::Answer(answer)], MOST, told);
        CallCase { credential: Credential::of(scheme), ..case }
    };
    let of = |scheme| [301, 302, 303, 307, 308].map(|status| to_elsewhere(scheme, status));
    AuthScheme::ALL.iter().flat_map(|scheme| of(*scheme)).collect()
}

fn deadlines() -> Vec<CallCase> {
    let no_answer = || vec![Told::new(Outcome::NoAnswer)];
    let unread = || vec![Told::new(Outcome::NoAnswer), Told { retryable: None, ..Told::failure(403) }];
    let within = |case: CallCase| CallCase { deadline_ms: 2000, ..case };
    let why = "A call ends when the time that its caller gave it has run out.";
    let limited = documented(ErrorCode::RateLimitExceeded);
    let told = Told::failure(429).code(Some(ErrorCode::RateLimitExceeded.as_str()));
    vec![
        within(case(Must, "call-deadline-of-silent-server", why, vec![Step::Stall], MOST, no_answer())),
        within(case(
            Must,
            "call-deadline-of-silent-body",
            "A body that never ends leaves the status, or nothing, but not a call without an end.",
            vec![Step::StallInBody(Answer::documented(ErrorCode::Forbidden))],
            MOST,
            unread(),
        )),
        within(case(
            Must,
            "call-deadline-of-dripping-body",
            "A limit for each read is none for a body that comes byte by byte.",
            vec![Step::Drip(Answer::documented(ErrorCode::Forbidden))],
            MOST,
            unread(),
        )),
        within(case(
            Must,
            "call-deadline-before-wait",
            why,
            vec![limited],
            1,
            vec![told, Told::new(Outcome::NoAnswer)],
        )),
        within(case(
            Must,
            "call-deadline-of-failing-server",
            why,
            vec![documented(ErrorCode::ServiceUnavailable)],
            MOST,
            vec![Told::failure(503), Told::new(Outcome::NoAnswer)],
        )),
    ]
}
