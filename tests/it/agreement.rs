//! Schema and serde agree: a schema accepts a JSON value exactly when the type's decoder does.
//!
//! The open schema is held against decoding. The strict one is held against what a server can build: a value that
//! decodes and then passes `ApiError::try_from`, but for the one rule that JSON Schema cannot state.

use std::fmt::Display;
use std::sync::LazyLock;

use freddy_types::{
    ApiError, ConnectorId, ErrorCode, ErrorEnvelope, ErrorType, RateLimitDetails, ReceivedRateLimitDetails, Timestamp,
    TraceId, strategies,
};
use jsonschema::Validator;
use proptest::prelude::*;
use proptest::sample::select;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Number, Value};

use crate::mutants;
use crate::support::{for_all, forbidden, in_every_place, json, rate_limited, samples, validator_of};

static OPEN: LazyLock<Validator> = LazyLock::new(validator_of::<ErrorEnvelope>);
static STRICT: LazyLock<Validator> = LazyLock::new(validator_of::<ErrorEnvelope<ApiError>>);

fn fail(problem: impl Display, text: &str) -> TestCaseError {
    TestCaseError::fail(format!("{problem}\n{text}"))
}

/// Numbers written as integers where they are integers: JSON has one kind of number, `serde_json` has three.
fn normal(value: Value) -> Value {
    match value {
        Value::Number(number) => match number.as_f64() {
            Some(float) if float.fract() == 0.0 && float.abs() < 2_f64.powi(53) => Number::from(float as i64).into(),
            _ => number.into(),
        },
        Value::Array(values) => values.into_iter().map(normal).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, normal(value))).collect(),
        value => value,
    }
}

fn encode(value: &impl Serialize) -> Value {
    normal(serde_json::to_value(value).expect("what was decoded can be encoded"))
}

/// Decodes a text, and the value that it is; both have to say the same, and what the schema says.
fn decode_as_schema<T: DeserializeOwned + Serialize>(
    schema: &Validator,
    text: &str,
) -> Result<Option<T>, TestCaseError> {
    let value: Value = serde_json::from_str(text).map_err(|error| fail(error, text))?;
    let verdict = schema.validate(&value).map_err(|error| error.to_string());
    match (serde_json::from_str::<T>(text), serde_json::from_value::<T>(value), verdict) {
        (Ok(from_text), Ok(from_value), Ok(())) => {
            prop_assert_eq!(encode(&from_text), encode(&from_value), "text and value differ: {}", text);
            Ok(Some(from_text))
        }
        (Err(_), Err(_), Err(_)) => Ok(None),
        (from_text, from_value, verdict) => {
            let say = |problem: Option<String>| problem.unwrap_or_else(|| "accepted".to_owned());
            let problem = format!(
                "from text: {}\nfrom a value: {}\nschema: {}",
                say(from_text.err().map(|error| error.to_string())),
                say(from_value.err().map(|error| error.to_string())),
                say(verdict.err()),
            );
            Err(fail(problem, text))
        }
    }
}

/// What became of a text that was read as an envelope.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Read {
    Rejected,
    /// It decodes, and no server of this contract sends it.
    Received,
    /// As `Received`, for the one reason that no schema can state.
    BeyondSchema,
    Sendable,
}

/// All readers of an envelope, held against each other.
fn envelope(text: &str) -> Result<Read, TestCaseError> {
    let value: Value = serde_json::from_str(text).map_err(|error| fail(error, text))?;
    let strict = STRICT.validate(&value).map_err(|error| error.to_string());
    let Some(envelope) = decode_as_schema::<ErrorEnvelope>(&OPEN, text)? else {
        prop_assert!(strict.is_err(), "strict accepts what does not decode: {}", text);
        return Ok(Read::Rejected);
    };
    prop_assert_eq!(encode(&envelope), normal(value.clone()), "changed: {}", text);
    let read = match ApiError::try_from(envelope) {
        Ok(error) => {
            if let Some(limits) = error.details::<RateLimitDetails>() {
                let window = limits.reset_at().instant().duration_since(error.timestamp().instant());
                prop_assert_eq!(window.as_secs(), i64::from(limits.retry_after()), "{}", text);
            }
            prop_assert_eq!(encode(&ErrorEnvelope::from(error)), normal(value), "passed on changed: {}", text);
            Read::Sendable
        }
        Err(violation) => {
            let place = value.pointer(violation.pointer());
            prop_assert!(place.is_some(), "{:?} is not a place in {}", violation.pointer(), text);
            if violation.is_beyond_schema() { Read::BeyondSchema } else { Read::Received }
        }
    };
    match (read, strict) {
        (Read::Sendable | Read::BeyondSchema, Ok(())) | (Read::Received, Err(_)) => Ok(read),
        (read, Ok(())) => Err(fail(format!("{read:?}, and strict accepts it"), text)),
        (read, Err(error)) => Err(fail(format!("{read:?}, and strict says: {error}"), text)),
    }
}

#[test]
fn what_decodes_is_what_the_open_schema_accepts() {
    for_all(strategies::error_envelope(), |received| {
        let text = serde_json::to_string(&received).unwrap();
        prop_assert_ne!(envelope(&text)?, Read::Rejected);
        Ok(())
    });
}

#[test]
fn what_a_server_builds_is_accepted_by_both_schemas() {
    for_all(strategies::api_error(), |error| {
        let text = serde_json::to_string(&ErrorEnvelope::from(error)).unwrap();
        prop_assert_eq!(envelope(&text)?, Read::Sendable, "{}", text);
        Ok(())
    });
}

#[test]
fn readers_agree_on_envelopes_that_are_nearly_right() {
    for_all(mutants::envelopes(), |text| envelope(&text).map(drop));
}

#[test]
fn readers_agree_on_any_json() {
    for_all(strategies::json(), |value| envelope(&value.to_string()).map(drop));
}

#[test]
fn readers_agree_on_every_near_miss_in_every_place() {
    let mut seen = [false; 4];
    for text in mutants::near_misses() {
        for text in in_every_place(&text) {
            let read = envelope(&text).unwrap_or_else(|problem| panic!("{problem}"));
            seen[read as usize] = true;
        }
    }
    assert_eq!(seen, [true; 4], "every outcome occurs");
}

/// The law for mutants is worth something only while they reach every outcome.
#[test]
fn mutants_are_often_accepted_and_often_rejected() {
    let mut counts = [0; 4];
    let mutants = samples(&mutants::envelopes());
    for text in &mutants {
        let read = envelope(text).unwrap_or_else(|problem| panic!("{problem}"));
        counts[read as usize] += 1;
    }
    let shares = [Read::Rejected, Read::Received, Read::BeyondSchema, Read::Sendable]
        .map(|read| counts[read as usize] * 100 / mutants.len());
    let [rejected, received, beyond_schema, sendable] = shares;
    assert!(rejected >= 25 && received >= 25 && beyond_schema >= 1 && sendable >= 5, "{shares:?} percent");
}

/// A schema speaks of parsed JSON, where the names of an object are unique (RFC 8259, section 4, leaves it open what
/// a parser does with others). A decoder that reads the text sees the second value, and takes neither.
#[test]
fn a_field_that_comes_twice_is_rejected() {
    let body = rate_limited();
    let fields = body.lines().filter(|line| line.contains("\": ") && !line.ends_with('{'));
    let mut names = Vec::new();
    for line in fields {
        let field = line.trim().trim_end_matches(',');
        let name = field.split('"').nth(1).unwrap();
        let twice = body.replacen(field, &format!("{field}, {field}"), 1);
        let outcome = serde_json::from_str::<ErrorEnvelope>(&twice);
        let parsed: Value = serde_json::from_str(&twice).unwrap();
        assert!(OPEN.is_valid(&parsed), "{name}");
        match outcome {
            Err(error) => {
                assert!(error.to_string().starts_with(&format!("duplicate field `{name}` at line ")), "{error}");
            }
            // `details` of whatever shape never sink the code; they are read when they are asked for.
            Ok(envelope) => {
                assert!(["retry_after", "limit", "remaining", "reset_at"].contains(&name), "{name}");
                let error = envelope.error().details::<RateLimitDetails>().unwrap_err();
                assert!(error.to_string().starts_with(&format!("duplicate field `{name}` at line ")), "{error}");
                assert_eq!(ApiError::try_from(envelope).unwrap_err().pointer(), "/error/details");
            }
        }
        names.push(name);
    }
    let scalars = ["success", "code", "message", "system_message", "type", "status"];
    let details = ["retry_after", "limit", "remaining", "reset_at"];
    assert_eq!(names, [&scalars[..], &details, &["trace_id", "timestamp"]].concat());
}

#[test]
fn an_object_or_an_unknown_field_that_comes_twice_is_rejected() {
    let error = |text: &str| serde_json::from_str::<ErrorEnvelope>(text).unwrap_err().to_string();
    let body = forbidden();
    let with = |fields: &str| body.replacen("\"code\"", &format!("{fields}, \"code\""), 1);
    assert_eq!(error(&with(r#""details": {}, "details": {}"#)), "duplicate field `details` at line 4 column 28");
    assert_eq!(error(&with(r#""x": 1, "x": 1"#)), "duplicate field outside the contract at line 4 column 18");
    // The same name, written in another way.
    assert_eq!(error(&with(r#""c\u006fde": """#)), "duplicate field `code` at line 4 column 27");
    let object = &json(body)["error"];
    let twice = error(&format!(r#"{{"error": {object}, "error": {object}}}"#));
    assert!(twice.starts_with("duplicate field `error` at line 1 column "), "{twice}");
}

/// The law of this module for one type, with texts that are JSON.
fn decoder_is_schema<T>(texts: impl Strategy<Value = String>)
where
    T: DeserializeOwned + Serialize + JsonSchema,
{
    let schema = validator_of::<T>();
    let law = |text: &str| -> Result<bool, TestCaseError> {
        let Some(decoded) = decode_as_schema::<T>(&schema, text)? else { return Ok(false) };
        let encoded = encode(&decoded);
        let came = normal(json(text));
        prop_assert_eq!(encoded, came, "changed: {}", text);
        Ok(true)
    };

    let samples = samples(&texts);
    let accepted = samples.iter().filter(|text| law(text).unwrap_or_else(|problem| panic!("{problem}"))).count();
    let share = accepted * 100 / samples.len();
    assert!((10..=90).contains(&share), "{share} percent accepted: the texts test nothing");

    for_all(texts, |text| law(&text).map(drop));
}

fn quoted(texts: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    texts.prop_map(|text| Value::from(text).to_string())
}

fn any_json() -> impl Strategy<Value = String> {
    strategies::json().prop_map(|value| value.to_string())
}

#[test]
fn readers_agree_on_connector_ids() {
    let valid = || strategies::connector_id().prop_map(String::from);
    decoder_is_schema::<ConnectorId>(prop_oneof![
        4 => quoted(valid()),
        8 => quoted(mutants::of_text(valid(), "aZ09_-/ .%é\0\n\u{212a}\u{0661}")),
        1 => quoted("[Pp]con_[0-9a-z]{0,3}"),
        1 => quoted("pcon_[0-9a-z]{60,68}"),
        1 => quoted(".*"),
        1 => any_json(),
    ]);
}

#[test]
fn readers_agree_on_trace_ids() {
    let valid = || strategies::trace_id().prop_map(String::from);
    decoder_is_schema::<TraceId>(prop_oneof![
        2 => quoted(valid()),
        4 => quoted(mutants::of_text(valid(), "a~! \u{7f}é\0\n\u{ff01}")),
        2 => quoted("[!-~]{126,130}"),
        1 => quoted(".*"),
        1 => any_json(),
    ]);
}

#[test]
fn readers_agree_on_timestamps() {
    let valid = || strategies::timestamp().prop_map(|timestamp| timestamp.to_string());
    let near = "[0129][0-9]{3}-[01][0-9]-[0-3][0-9][Tt][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,12})?([Zz]|[+-][0-2][0-9]:[0-6][0-9])?";
    let leap = "20[0-9]{2}-(06|12)-3[01]T[0-2][0-9]:[0-5][0-9]:60([Zz]|[+-][01][0-9]:[0-5][0-9])";
    let leap_in_zone = (0..24 * 60_i32, -1439..=1439_i32).prop_map(|(minute, offset)| {
        let sign = if offset < 0 { '-' } else { '+' };
        let (hours, minutes) = (offset.abs() / 60, offset.abs() % 60);
        // Half of them at the end of a day in UTC.
        let minute = if minute % 2 == 0 { (23 * 60 + 59 + offset).rem_euclid(24 * 60) } else { minute };
        format!("2016-12-31T{:02}:{:02}:60{sign}{hours:02}:{minutes:02}", minute / 60, minute % 60)
    });
    decoder_is_schema::<Timestamp>(prop_oneof![
        2 => quoted(valid()),
        4 => quoted(mutants::of_text(valid(), "0123456789TtZz:-+. \n")),
        2 => select(mutants::TIMESTAMPS).prop_map(|text| Value::from(text).to_string()),
        2 => quoted(near),
        1 => quoted(leap),
        2 => quoted(leap_in_zone),
        1 => any_json(),
    ]);
}

#[test]
fn readers_agree_on_rate_limit_details() {
    decoder_is_schema::<ReceivedRateLimitDetails>(mutants::rate_limit_details());
    decoder_is_schema::<RateLimitDetails>(mutants::rate_limit_details());
}

#[test]
fn readers_agree_on_codes_and_types() {
    fn near<T: AsRef<str> + std::fmt::Debug + Arbitrary>() -> impl Strategy<Value = String> {
        let valid = || any::<T>().prop_map(|name| name.as_ref().to_owned());
        prop_oneof![2 => quoted(valid()), 2 => quoted(mutants::of_text(valid(), "Ee_ \n\u{17f}")), 1 => any_json()]
    }
    decoder_is_schema::<ErrorCode>(near::<ErrorCode>());
    decoder_is_schema::<ErrorType>(near::<ErrorType>());
}
