//! Property tests that hold an endpoint to the laws of the contract, with a line for each endpoint (feature `laws`).
//!
//! ```
//! use freddy_types::personal_connectors::DisconnectConnector;
//!
//! freddy_openapi::laws::hold::<DisconnectConnector>();
//! ```
//!
//! These laws are tried with generated values, with mutants that differ from them in one edit, and with arbitrary JSON:
//!
//! - encoding a request and decoding it gives the same request, and its body is the JSON that it was made from;
//! - the receiver reads what a sender builds, and writes the same JSON again;
//! - unknown fields survive reading and writing;
//! - the strict schema accepts exactly what is read strictly, the open one exactly what a client reads, and the published
//!   one nothing that a client does not read;
//! - the examples of the documentation are valid on both sides;
//! - the 3.0 document says the same as the 3.1 document.
//!
//! The number of cases is 256 for each law, or `FREDDY_TEST_CASES`.
mod mutants;
mod twin;

use std::fmt::{Debug, Display};

use freddy_types::shape::Shape;
use freddy_types::{
    Endpoint, ErrorCode, Form, IncomingRequest, Parameter, ParameterPlace, ParameterPresence, SuccessResponse, Wire,
    WireType, strategies,
};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};
use serde_json::Value;

use crate::document::schemas;
use crate::spec::{Info, Spec};

/// Holds an endpoint to every law: its request, its success, and the details of the codes that it documents.
///
/// # Panics
/// A law does not hold. The message has the smallest counterexample that was found.
#[track_caller]
pub fn hold<E: Endpoint>() {
    hold_request::<E>();
    let rows = E::parameters();
    for row in rows.iter().filter(|row| row.place == ParameterPlace::Body) {
        hold_sent(&format!("the body of {}", E::OPERATION_ID), &row.wire);
    }
    if let Some(body) = E::Response::body() {
        hold_type(&format!("the success of {}", E::OPERATION_ID), &body);
    }
    for code in E::ERRORS {
        hold_code(*code);
    }
    twin::hold(&Spec::new(INFO).endpoint::<E>());
}

/// Holds a wire type to the laws of types.
///
/// # Panics
/// As [`hold`].
#[track_caller]
pub fn hold_wire<T: Wire>() {
    hold_type(std::any::type_name::<T>(), &WireType::of::<T>());
}

/// Holds the details of a code to the laws of types.
///
/// # Panics
/// As [`hold`].
#[track_caller]
pub fn hold_code(code: ErrorCode) {
    if let Some(details) = code.details_type() {
        hold_type(&format!("the details of {code}"), &details);
    }
}

const INFO: Info = Info {
    title: "Laws",
    version: "0.0.0",
    description: "",
    license: "MIT",
    license_url: "https://opensource.org/license/mit",
    base_url: "https://api.example.com",
};

#[expect(clippy::expect_used, reason = "a number that cannot be read must not pass as the default")]
fn cases() -> u32 {
    std::env::var("FREDDY_TEST_CASES").map_or(256, |cases| cases.parse().expect("FREDDY_TEST_CASES is a number"))
}

#[track_caller]
#[expect(clippy::panic, reason = "a law that does not hold fails the test that holds to it")]
fn for_all<S: Strategy<Value: Debug>>(what: &str, law: &str, values: S, check: impl Fn(S::Value) -> TestCaseResult) {
    let config = Config {
        cases: cases(),
        failure_persistence: None,
        max_local_rejects: u32::MAX,
        max_global_rejects: u32::MAX,
        ..Config::default()
    };
    if let Err(failure) = TestRunner::new(config).run(&values, check) {
        panic!("{what}: {law}: {failure}");
    }
}

/// The schemas of a shape, each as a validator.
struct Schemas {
    strict: Validator,
    open: Validator,
    published: Validator,
}

impl Schemas {
    #[expect(clippy::panic, reason = "a schema that is none fails the test")]
    fn of(what: &str, shape: &Shape) -> Self {
        let validator = |form| {
            let schema = schemas::of_shape(shape, form).unwrap_or_else(|error| panic!("{what}: {error}"));
            crate::validate::validator(&schema).unwrap_or_else(|error| panic!("{what}: not a schema: {error}"))
        };
        Self { strict: validator(Form::Strict), open: validator(Form::Open), published: validator(Form::Published) }
    }
}

/// Values that a sender can build.
fn sent(wire: &WireType) -> impl Strategy<Value = Value> + use<> {
    let wire = *wire;
    strategies::json_of(&wire.shape(), false).prop_filter("not a value", move |json| is_sent(&wire, json))
}

/// The texts of values that a sender can build, each with one edit, and arbitrary JSON.
fn near_misses(wire: &WireType) -> impl Strategy<Value = String> + use<> {
    let mutants =
        (sent(wire), any::<prop::sample::Index>(), mutants::edits()).prop_map(|(json, at, edit)| edit.apply(&json, at));
    prop_oneof![3 => mutants, 1 => strategies::json().prop_map(|json| json.to_string())]
}

/// The laws of what is sent and read strictly, such as a request.
#[track_caller]
fn hold_sent(what: &str, wire: &WireType) {
    let shape = wire.shape();
    let schemas = Schemas::of(what, &shape);
    for_all(what, "what the strict schema accepts is read strictly", strategies::json_of(&shape, false), |json| {
        prop_assert!(is_sent(wire, &json) || !schemas.strict.is_valid(&json), "refused: {}", refusal(wire, &json));
        Ok(())
    });
    for_all(what, "the example can be sent", Just(shape.example()), |json| as_sent(wire, &schemas, &json));
    for_all(what, "what is sent is read and written again as the same JSON", sent(wire), |json| {
        as_sent(wire, &schemas, &json)
    });
    for_all(what, "the strict schema and reader agree", near_misses(wire), |text| {
        let Some(json) = parse(text.as_bytes()) else { return Ok(()) };
        // A schema does not see a repeated name.
        agree("strict", &schemas.strict, &json, &text, wire.rewrite_sent(text.as_bytes()).err())?;
        Ok(())
    });
}

/// The laws of what a server sends and a client reads.
#[track_caller]
fn hold_type(what: &str, wire: &WireType) {
    hold_sent(what, wire);
    let shape = wire.shape();
    let schemas = Schemas::of(what, &shape);
    for_all(what, "what is sent is received", prop_oneof![Just(shape.example()), sent(wire)], |json| {
        let received = wire.rewrite_received(json.to_string().as_bytes());
        let received = received.map_err(|error| TestCaseError::fail(format!("the receiver refuses it: {error}")))?;
        prop_assert_eq!(parse(&received), Some(json.clone()), "as the receiver writes it");
        valid("open", &schemas.open, &json)
    });
    for_all(what, "what the receiver does not know survives", strategies::json_of(&shape, true), |json| {
        match wire.rewrite_received(json.to_string().as_bytes()) {
            Ok(rewritten) => prop_assert_eq!(parse(&rewritten), Some(json.clone()), "written again"),
            Err(error) => prop_assert!(!schemas.open.is_valid(&json), "refused, though the schema has it: {}", error),
        }
        Ok(())
    });
    for_all(what, "the open schema and reader agree", near_misses(wire), |text| {
        let Some(json) = parse(text.as_bytes()) else { return Ok(()) };
        let refusal = wire.rewrite_received(text.as_bytes()).err();
        let is_received = refusal.is_none();
        agree("open", &schemas.open, &json, &text, refusal)?;
        prop_assert!(is_received || !schemas.published.is_valid(&json), "the published schema takes {text}");
        Ok(())
    });
}

/// Whether a schema and a reader, which refuses a text for this reason, judge it in the same way.
fn agree<R: Display>(name: &str, schema: &Validator, json: &Value, text: &str, refusal: Option<R>) -> TestCaseResult {
    match (schema.validate(json), refusal) {
        (Ok(()), Some(reason)) => {
            Err(TestCaseError::fail(format!("the {name} schema takes {text}, and the reader refuses it: {reason}")))
        }
        (Err(error), None) => {
            Err(TestCaseError::fail(format!("the reader takes {text}, and the {name} schema refuses it: {error}")))
        }
        _ => Ok(()),
    }
}

fn parse(json: &[u8]) -> Option<Value> {
    serde_json::from_slice(json).ok()
}

fn is_sent(wire: &WireType, json: &Value) -> bool {
    wire.rewrite_sent(json.to_string().as_bytes()).is_ok()
}

fn refusal(wire: &WireType, json: &Value) -> String {
    let refusal = wire.rewrite_sent(json.to_string().as_bytes()).err();
    format!("{json}: {}", refusal.map(|faults| faults.to_string()).unwrap_or_default())
}

/// Checks a value that a sender can build.
fn as_sent(wire: &WireType, schemas: &Schemas, json: &Value) -> TestCaseResult {
    let sent = wire.rewrite_sent(json.to_string().as_bytes());
    let sent = sent.map_err(|faults| TestCaseError::fail(format!("the sender refuses it: {faults}")))?;
    prop_assert_eq!(parse(&sent), Some(json.clone()), "as the sender writes it");
    valid("strict", &schemas.strict, json)?;
    valid("published", &schemas.published, json)
}

fn valid(name: &str, schema: &Validator, json: &Value) -> TestCaseResult {
    schema.validate(json).map_err(|error| {
        TestCaseError::fail(format!("the {name} schema refuses it at `{}`: {error}", error.instance_path()))
    })
}

/// A request as text, generated from the rows alone.
#[derive(Clone, Debug, Default)]
struct Raw {
    path: Vec<(&'static str, String)>,
    query: Vec<(&'static str, String)>,
    headers: Vec<(&'static str, String)>,
    body: Option<Value>,
}

#[track_caller]
fn hold_request<E: Endpoint>() {
    for_all(E::OPERATION_ID, "a request that is encoded is decoded as the same", raw(&E::parameters()), |raw| {
        let Some(request) = decode::<E>(&raw) else { return Ok(()) };
        let encoded = request.encode();
        let headers: Vec<_> = encoded.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        let incoming = IncomingRequest::new(&encoded.path)
            .query(&encoded.query)
            .headers(&headers)
            .body(encoded.body.as_deref().unwrap_or_default());
        prop_assert_eq!(E::decode(&incoming), Ok(request), "{:?}", encoded);
        prop_assert_eq!(encoded.body.as_deref().and_then(parse), raw.body, "the body");
        for (name, value) in &raw.headers {
            prop_assert_eq!(encoded.header(name), Some(value.as_str()), "the header {}", name);
        }
        for (name, value) in &raw.query {
            let pair = format!("{}={}", percent_encoded(name), percent_encoded(value));
            prop_assert!(encoded.query.split('&').any(|sent| sent == pair), "{} is not in {}", pair, encoded.query);
        }
        Ok(())
    });
    for_all(E::OPERATION_ID, "reading a request never panics", any_request(), |(path, query, body)| {
        let path = E::PATH.as_str().split('/').map(|part| if part.starts_with('{') { &path } else { part });
        let path = path.collect::<Vec<_>>().join("/");
        let _ = E::decode(&IncomingRequest::new(&path).query(&query).body(body.as_bytes()));
        Ok(())
    });
}

fn any_request() -> impl Strategy<Value = (String, String, String)> {
    ("[^/]{0,12}", ".{0,40}", prop_oneof![".{0,40}", strategies::json().prop_map(|json| json.to_string())])
}

/// The request of these texts, if they are values. A schema cannot rule out 30 February, so not all of them are.
fn decode<E: Endpoint>(raw: &Raw) -> Option<E> {
    let mut path = E::PATH.as_str().to_owned();
    for (name, value) in &raw.path {
        path = path.replace(&format!("{{{name}}}"), &percent_encoded(value));
    }
    let query: Vec<_> =
        raw.query.iter().map(|(name, value)| format!("{}={}", percent_encoded(name), percent_encoded(value))).collect();
    let body = raw.body.as_ref().map(Value::to_string).unwrap_or_default();
    let headers: Vec<_> = raw.headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    let query = query.join("&");
    E::decode(&IncomingRequest::new(&path).query(&query).headers(&headers).body(body.as_bytes())).ok()
}

fn percent_encoded(text: &str) -> String {
    let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    text.bytes()
        .map(|byte| if is_unreserved(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fn raw(rows: &[Parameter]) -> BoxedStrategy<Raw> {
    let mut raw = Just(Raw::default()).boxed();
    for row in rows {
        let (name, place) = (row.name, row.place);
        let value = strategies::json_of(&row.shape(), false);
        let values = match row.presence {
            ParameterPresence::Required => value.prop_map(|value| vec![value]).boxed(),
            ParameterPresence::Repeated => prop::collection::vec(value, 0..4).boxed(),
            _ => prop::collection::vec(value, 0..=1).boxed(),
        };
        raw = (raw, values)
            .prop_map(move |(mut raw, values)| {
                for value in values {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    match place {
                        ParameterPlace::Path => raw.path.push((name, text)),
                        ParameterPlace::Query => raw.query.push((name, text)),
                        ParameterPlace::Header => raw.headers.push((name, text)),
                        _ => raw.body = Some(value),
                    }
                }
                raw
            })
            .boxed();
    }
    raw
}
