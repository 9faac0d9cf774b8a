//! Whether a body is in the contract.

use std::fmt;

use freddy_types::shape::Shape;
use freddy_types::{ApiError, ContractViolation, ErrorEnvelope, Form, Parameter};
use jsonschema::error::{TypeKind, ValidationErrorKind};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::document::schemas;
use crate::spec::{Spec, SpecError};

mod json;

/// Which of the two contracts to check a body against.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// What a client must be able to read: unknown codes, types, fields and details are in the contract.
    Received,
    /// What a server may send: exactly what is documented.
    Sent,
}

/// A body of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The body of the request.
    Request,
    /// The body of the success.
    Success,
}

/// One way in which a body is not in the contract.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pointer: String,
    words: String,
}

impl Problem {
    fn new(pointer: impl Into<String>, words: impl Into<String>) -> Self {
        Self { pointer: pointer.into(), words: words.into() }
    }

    /// Where, as a JSON pointer. Empty for the body as a whole.
    #[must_use]
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// What is wrong, in words.
    #[must_use]
    pub fn words(&self) -> &str {
        &self.words
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "the body" } else { &self.pointer };
        write!(f, "{place} {}", self.words)
    }
}

/// Where a body repeats its status.
const STATUS: &str = "/error/status";

impl Spec {
    /// Everything about the body of a response with this status that is not in the contract.
    #[must_use]
    pub fn validate(&self, status: u16, body: &[u8], side: Side) -> Vec<Problem> {
        let of_success = self.operations.iter().filter(|operation| operation.success_status == status);
        // The status does not tell which operation the body is from, so the body of any of them will do.
        let tried = of_success.map(|operation| success_problems(operation.success_body.as_ref(), body, side));
        if let Some(problems) = tried.min_by_key(Vec::len) {
            return problems;
        }
        match (status, side) {
            (400..=599, Side::Received) => {}
            (_, Side::Sent) if self.known_codes().iter().any(|code| code.status() == status) => {}
            _ => {
                return vec![Problem::new(
                    "",
                    format!("has no place: the contract has no response with status {status}"),
                )];
            }
        }
        let parsed = match json::parse(body) {
            Ok(parsed) => parsed,
            Err(error) => return vec![Problem::new("", format!("is not JSON: {error}"))],
        };

        let mut problems: Vec<_> =
            parsed.duplicates.into_iter().map(|pointer| Problem::new(pointer, "appears more than once")).collect();
        problems.extend(self.schema_problems(&parsed.value, side));
        if !problems.iter().any(|problem| problem.pointer == STATUS) {
            problems.extend(status_problem(&parsed.value, status));
        }
        if side == Side::Sent {
            problems.extend(problem_beyond_schema(&parsed.value));
        }
        problems
    }

    /// Everything about a body of one operation that is not in the contract, or `None` if there is no such operation.
    #[must_use]
    pub fn validate_operation(&self, operation_id: &str, part: Part, body: &[u8], side: Side) -> Option<Vec<Problem>> {
        let operation = self.operations.iter().find(|operation| operation.operation_id == operation_id)?;
        Some(match part {
            Part::Request => {
                let shape = operation.body.as_ref().map(Parameter::shape);
                success_problems(shape.as_ref(), body, side)
            }
            Part::Success => success_problems(operation.success_body.as_ref(), body, side),
        })
    }

    fn schema_problems(&self, body: &Value, side: Side) -> Vec<Problem> {
        let schema = match side {
            Side::Received => schemas::received(self),
            Side::Sent => Ok(schemas::sent(self)),
        };
        problems_with(schema, body)
    }
}

/// What is wrong with a body of this shape; without a shape it has to be empty.
fn success_problems(shape: Option<&Shape>, body: &[u8], side: Side) -> Vec<Problem> {
    let Some(shape) = shape else {
        return if body.is_empty() { vec![] } else { vec![Problem::new("", "is not empty, as it has to be")] };
    };
    let parsed = match json::parse(body) {
        Ok(parsed) => parsed,
        Err(error) => return vec![Problem::new("", format!("is not JSON: {error}"))],
    };
    let twice = parsed.duplicates.into_iter().map(|pointer| Problem::new(pointer, "appears more than once"));
    let mut problems: Vec<_> = twice.collect();
    let form = match side {
        Side::Received => Form::Open,
        Side::Sent => Form::Strict,
    };
    problems.extend(problems_with(schemas::of_shape(shape, form), &parsed.value));
    problems
}

/// What a schema says about a body, or why there is no schema to ask.
fn problems_with(schema: Result<Value, SpecError>, body: &Value) -> Vec<Problem> {
    let validator = match schema {
        Ok(schema) => validator(&schema).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match validator {
        Ok(validator) => {
            let errors: Vec<_> = validator.iter_errors(body).collect();
            // Format, pattern and length of a text say the same of most texts, so the first of them is enough.
            let is_said = |error: &ValidationError<'_>| {
                let better = |other: &&ValidationError<'_>| {
                    rank_of_text(other) < rank_of_text(error) && other.instance_path() == error.instance_path()
                };
                rank_of_text(error).is_some()
                    && errors.iter().filter(|other| rank_of_text(other).is_some()).any(|other| better(&other))
            };
            errors.iter().filter(|error| !is_said(error)).map(in_words).collect()
        }
        Err(error) => vec![Problem::new("", format!("cannot be checked, since there is no schema: {error}"))],
    }
}

/// A validator that checks formats too, which a validator need not.
pub(crate) fn validator(schema: &Value) -> Result<Validator, Box<ValidationError<'static>>> {
    jsonschema::draft202012::options().should_validate_formats(true).build(schema).map_err(Box::new)
}

fn status_problem(body: &Value, status: u16) -> Option<Problem> {
    let named = body.pointer(STATUS)?.as_f64()?;
    (named != f64::from(status)).then(|| Problem::new(STATUS, format!("is not {status}, the status of the response")))
}

fn problem_beyond_schema(body: &Value) -> Option<Problem> {
    // What cannot be read as an envelope is not in the schema either, and is reported as such.
    let envelope: ErrorEnvelope = serde_json::from_str(&body.to_string()).ok()?;
    let violation = ApiError::try_from(envelope).err().filter(ContractViolation::is_beyond_schema)?;
    Some(Problem::new(violation.pointer(), violation.to_string()))
}

/// How little an error says of a text.
fn rank_of_text(error: &ValidationError<'_>) -> Option<u8> {
    match error.kind() {
        ValidationErrorKind::Format { .. } => Some(0),
        ValidationErrorKind::Pattern { .. } => Some(1),
        ValidationErrorKind::MinLength { .. } | ValidationErrorKind::MaxLength { .. } => Some(2),
        ValidationErrorKind::Not { schema } if schema.get("pattern").is_some() => Some(3),
        _ => None,
    }
}

fn in_words(error: &ValidationError<'_>) -> Problem {
    let list = |values: &Value| {
        let values = values.as_array().into_iter().flatten();
        values.map(Value::to_string).collect::<Vec<_>>().join(", ")
    };
    let words = match error.kind() {
        ValidationErrorKind::Required { property } => format!("has no field {property}"),
        ValidationErrorKind::AdditionalProperties { unexpected } => {
            format!("has a field outside the contract: {}", unexpected.join(", "))
        }
        ValidationErrorKind::Type { kind: TypeKind::Single(name) } => format!("is not of type {name}"),
        ValidationErrorKind::Format { .. } => "is not an RFC 3339 date-time with an offset".to_owned(),
        ValidationErrorKind::Constant { expected_value } => format!("is not {expected_value}"),
        ValidationErrorKind::Enum { options } => format!("is not one of {}", list(options)),
        ValidationErrorKind::Not { .. } => "is not `false`".to_owned(),
        ValidationErrorKind::FalseSchema => "is not a field of this code".to_owned(),
        ValidationErrorKind::Minimum { limit } => format!("is less than {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("is more than {limit}"),
        ValidationErrorKind::Pattern { pattern } => format!("does not match {pattern}"),
        _ => bounded(&error.to_string()),
    };
    Problem::new(error.instance_path().to_string(), words)
}

/// The start of a text, which may quote the whole body.
fn bounded(text: &str) -> String {
    text.chars().take(200).collect()
}
