//! What the modules share: the documented bodies, the runner of laws, schema validators.

use std::fmt::Debug;

use freddy_types::{ErrorCode, ErrorEnvelope, ErrorResponse, Failure, RateLimit};
use jsonschema::{Draft, Validator};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use schemars::JsonSchema;
use serde_json::Value;

/// An error response of the documented page.
pub(crate) struct Documented {
    pub(crate) code: ErrorCode,
    /// What a server has to say to answer with it.
    pub(crate) failure: Failure,
    pub(crate) trace_id: &'static str,
    /// The name of the file in `documented/`.
    pub(crate) file: &'static str,
    /// The file, byte for byte.
    pub(crate) body: &'static str,
}

/// `2025-11-13T10:30:00Z`, the time of every documented body.
pub(crate) const NOW: jiff::Timestamp = jiff::Timestamp::constant(1_763_029_800, 0);

macro_rules! documented {
    ($file:literal, $trace_id:literal, $Variant:ident $(($data:expr))?) => {
        Documented {
            code: ErrorCode::$Variant,
            failure: Failure::$Variant $(($data))?,
            trace_id: $trace_id,
            file: $file,
            body: include_str!(concat!("../documented/", $file)),
        }
    };
}

/// Every documented body, in the order of the page.
pub(crate) static DOCUMENTED: [Documented; 5] = [
    documented!("400-validation-error.json", "req_xyz789", ValidationError),
    documented!("401-unauthorized.json", "req_abc123", Unauthorized),
    documented!("403-forbidden.json", "req_def456", Forbidden),
    documented!(
        "429-rate-limit-exceeded.json",
        "req_ghi789",
        RateLimitExceeded(RateLimit {
            limit: 100,
            remaining: 0,
            reset_at: jiff::Timestamp::constant(1_763_029_800 + 60, 0)
        })
    ),
    documented!("500-internal-server-error.json", "req_jkl012", InternalServerError),
];

/// The codes that the page documents. The others are a server's that has to say more.
pub(crate) fn documented_codes() -> Vec<ErrorCode> {
    ErrorCode::ALL.iter().copied().filter(|code| code.is_documented()).collect()
}

/// The documented body with this code. A code that the page does not document fails the test.
pub(crate) fn documented(code: ErrorCode) -> &'static Documented {
    DOCUMENTED
        .iter()
        .find(|documented| documented.code == code)
        .unwrap_or_else(|| panic!("{code} has no body in `documented/`"))
}

pub(crate) fn decode(body: &str) -> ErrorEnvelope {
    serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
}

pub(crate) fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// The response with this status, these headers and this body, as a client reads it.
pub(crate) fn with_headers(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> ErrorResponse {
    ErrorResponse::decode(status, headers, body.as_ref())
}

pub(crate) fn response(status: u16, body: impl AsRef<[u8]>) -> ErrorResponse {
    with_headers(status, &[], body)
}

pub(crate) fn forbidden() -> &'static str {
    documented(ErrorCode::Forbidden).body
}

pub(crate) fn rate_limited() -> &'static str {
    documented(ErrorCode::RateLimitExceeded).body
}

/// The documented 403 with one field of the error object set.
pub(crate) fn forbidden_with(name: &str, value: &str) -> String {
    let mut body = json(forbidden());
    body["error"][name] = Value::from("HERE");
    body.to_string().replacen("\"HERE\"", value, 1)
}

/// The documented bodies with a text in the place of one value, for every value but the objects.
pub(crate) fn in_every_place(text: &str) -> impl Iterator<Item = String> {
    DOCUMENTED.iter().flat_map(move |documented| {
        let lines: Vec<&str> = documented.body.lines().collect();
        (0..lines.len()).filter_map(move |n| {
            let (name, old) = lines[n].split_once(": ")?;
            let comma = if old.ends_with(',') { "," } else { "" };
            let replaced = (!old.starts_with('{')).then(|| format!("{name}: {text}{comma}"))?;
            let (before, after) = (lines[..n].join("\n"), lines[n + 1..].join("\n"));
            Some([before, replaced, after].join("\n"))
        })
    })
}

/// How many cases a law is tried with.
fn cases() -> u32 {
    const VARIABLE: &str = "FREDDY_TEST_CASES";
    match std::env::var(VARIABLE) {
        Ok(cases) => cases.parse().unwrap_or_else(|_| panic!("{VARIABLE} is not a number of cases: {cases:?}")),
        Err(_) => 4096,
    }
}

/// Tries a law with generated values; the failure that is reported is the smallest that was found.
#[track_caller]
pub(crate) fn for_all<S: Strategy<Value: Debug>>(values: S, law: impl Fn(S::Value) -> TestCaseResult) {
    for_one_in(1, values, law);
}

/// The same for a law that takes long: with a share of the cases.
#[track_caller]
pub(crate) fn for_one_in<S: Strategy<Value: Debug>>(share: u32, values: S, law: impl Fn(S::Value) -> TestCaseResult) {
    let config = Config {
        cases: cases().div_ceil(share),
        failure_persistence: None,
        max_local_rejects: u32::MAX,
        max_global_rejects: u32::MAX,
        ..Config::default()
    };
    if let Err(failure) = TestRunner::new(config).run(&values, law) {
        panic!("{failure}");
    }
}

/// Values of a strategy, the same in every run: for asking whether a strategy generates what it should.
pub(crate) fn samples<S: Strategy>(values: &S) -> Vec<S::Value> {
    const COUNT: usize = 2000;
    let mut runner = TestRunner::deterministic();
    (0..COUNT).map(|_| values.new_tree(&mut runner).expect("a value").current()).collect()
}

/// The validator of a schema, formats asserted.
pub(crate) fn validator(schema: &Value) -> Validator {
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(schema)
        .unwrap_or_else(|error| panic!("not a schema: {error}"))
}

/// The validator of a type's schema.
pub(crate) fn validator_of<T: JsonSchema>() -> Validator {
    validator(schemars::schema_for!(T).as_value())
}
