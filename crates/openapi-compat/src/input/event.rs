//! What JSON and YAML have in common: a text as a flat sequence of events, each with its position.

use std::borrow::Cow;
use std::error::Error;

use serde_json::{Number, Value};

use super::{json, yaml};

/// A part of a document.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) what: What<'a>,
    /// Where it starts, in bytes.
    pub(super) at: usize,
    /// The anchor that is set on it, or 0.
    pub(super) anchor: usize,
}

#[derive(Debug)]
pub(super) enum What<'a> {
    Object,
    Array,
    /// Of the innermost object or array that is open.
    End,
    Scalar(Cow<'a, str>, Style),
    /// What was given this anchor before.
    Alias(usize),
}

/// What decides the type of a scalar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// It is quoted, and so a text.
    Quoted,
    /// It is what it looks like.
    Plain,
    /// It has a tag of this name in the core schema.
    Tagged(&'static str),
}

/// What is wrong with a text.
#[derive(Debug)]
pub(super) struct Fault {
    /// Where, in bytes.
    pub(super) at: usize,
    pub(super) what: String,
    pub(super) is_limit: bool,
    pub(super) source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    pub(super) fn new(at: usize, what: impl Into<String>) -> Self {
        Self { at, what: what.into(), is_limit: false, source: None }
    }

    pub(super) fn limit(at: usize, what: impl Into<String>) -> Self {
        Self { is_limit: true, ..Self::new(at, what) }
    }
}

/// The notation of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    Json,
    Yaml,
}

impl Notation {
    /// The notation that the text is in, whatever its file is called. JSON is YAML too, with other rules for long keys.
    pub(super) fn of(text: &str) -> Result<Self, Fault> {
        match text.trim_start().strip_prefix('{') {
            Some(rest) => match json::check(text) {
                Ok(()) => Ok(Self::Json),
                // Keys without quotes are YAML, and so are comments and commas before a bracket.
                Err(fault) if rest.trim_start().starts_with('"') => {
                    let is_yaml = yaml::Events::new(text).all(|event| event.is_ok());
                    if is_yaml { Ok(Self::Yaml) } else { Err(fault) }
                }
                Err(_) => Ok(Self::Yaml),
            },
            None if json::check(text).is_ok() => Ok(Self::Json),
            None => Ok(Self::Yaml),
        }
    }
}

/// The events of a text, up to the first fault.
pub(super) enum Events<'a> {
    Json(json::Events<'a>),
    Yaml(Box<yaml::Events<'a>>),
}

impl<'a> Events<'a> {
    pub(super) fn new(text: &'a str, notation: Notation) -> Self {
        match notation {
            Notation::Json => Self::Json(json::Events::new(text)),
            Notation::Yaml => Self::Yaml(Box::new(yaml::Events::new(text))),
        }
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Result<Event<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Json(events) => events.next(),
            Self::Yaml(events) => events.next(),
        }
    }
}

/// The value of a scalar by the core schema of YAML 1.2, which is that of JSON for what JSON allows.
pub(super) fn scalar(text: Cow<'_, str>, style: Style) -> Result<Value, String> {
    let plain = |text: &str| -> Result<Option<Value>, String> {
        Ok(match text {
            "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
            "true" | "True" | "TRUE" => Some(Value::Bool(true)),
            "false" | "False" | "FALSE" => Some(Value::Bool(false)),
            _ => number(text)?.map(Value::Number),
        })
    };
    let fitting = |fits: fn(&Value) -> bool, name: &str| {
        plain(&text)?.filter(fits).ok_or_else(|| format!("`{text}` is tagged `!!{name}`, but is none"))
    };
    match style {
        Style::Quoted | Style::Tagged("str") => Ok(Value::String(text.into_owned())),
        Style::Plain => Ok(plain(&text)?.unwrap_or_else(|| Value::String(text.into_owned()))),
        Style::Tagged(name @ "null") => fitting(Value::is_null, name),
        Style::Tagged(name @ "bool") => fitting(Value::is_boolean, name),
        Style::Tagged(name @ "int") => fitting(|value| value.is_i64() || value.is_u64(), name),
        Style::Tagged(name @ "float") => fitting(Value::is_number, name),
        Style::Tagged(name) => Err(format!("`{text}` is tagged `!!{name}`, but is none")),
    }
}

/// A number, or `None` if the text does not look like one.
fn number(text: &str) -> Result<Option<Number>, String> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if let Some(radix) = [("0o", 8), ("0x", 16)].into_iter().find(|(prefix, _)| text.starts_with(prefix)) {
        let digits = text.get(2..).unwrap_or_default();
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix.1)) {
            return Ok(None);
        }
        let number = u64::from_str_radix(digits, radix.1).map_err(|_| format!("the number `{text}` is too large"))?;
        return Ok(Some(number.into()));
    }
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Err(format!("`{text}` is not a number that JSON has"));
    }
    if !looks_like_a_number(unsigned) {
        return Ok(None);
    }
    if let Ok(number) = text.parse::<u64>() {
        return Ok(Some(number.into()));
    }
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Some(number.into()));
    }
    let number = text.parse::<f64>().ok().and_then(Number::from_f64);
    number.map(Some).ok_or_else(|| format!("the number `{text}` is too large"))
}

/// `[0-9]+` or `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, as the core schema has them without their sign.
fn looks_like_a_number(text: &str) -> bool {
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent.strip_prefix(['-', '+']).unwrap_or(exponent))),
        None => (text, None),
    };
    let is_mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => are_digits(fraction),
        Some((whole, fraction)) => are_digits(whole) && (fraction.is_empty() || are_digits(fraction)),
        None => are_digits(mantissa),
    };
    is_mantissa && exponent.is_none_or(are_digits)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_plain_scalar_is_what_the_core_schema_says() {
        let cases = [
            ("", json!(null)),
            ("~", json!(null)),
            ("Null", json!(null)),
            ("true", json!(true)),
            ("FALSE", json!(false)),
            ("0", json!(0)),
            ("-0", json!(0)),
            ("+12", json!(12)),
            ("007", json!(7)),
            ("0o17", json!(15)),
            ("0xfF", json!(255)),
            ("1.0", json!(1.0)),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("-2.5E+3", json!(-2500.0)),
            ("18446744073709551615", json!(18_446_744_073_709_551_615_u64)),
            ("-9223372036854775808", json!(i64::MIN)),
        ];
        for (text, value) in cases {
            assert_eq!(scalar(text.into(), Style::Plain).as_ref(), Ok(&value), "{text}");
            assert_eq!(scalar(text.into(), Style::Quoted), Ok(json!(text)));
        }
        assert_ne!(scalar("1.0".into(), Style::Plain), scalar("1".into(), Style::Plain));
        let texts = [
            "on",
            "off",
            "yes",
            "no",
            "y",
            "n",
            "Yes",
            "ON",
            "tRUE",
            "nULL",
            "0b11",
            "0o8",
            "0x",
            "-0x1",
            "1_000",
            "1:30",
            "190:20:30",
            "2001-12-14",
            "1e",
            "e1",
            ".",
            "-",
            "+",
            "+.",
            "1.2.3",
            "3.1.0",
            "=",
            "1 2",
            "inf",
            "NaN",
        ];
        for text in texts {
            assert_eq!(scalar(text.into(), Style::Plain), Ok(json!(text)));
        }
        for text in [".inf", "-.INF", ".nan", "1e999", "0xfffffffffffffffff"] {
            assert!(scalar(text.into(), Style::Plain).is_err(), "{text}");
        }
    }

    #[test]
    fn a_tag_decides_the_type_or_is_refused() {
        let tagged = |text: &'static str, tag| scalar(text.into(), Style::Tagged(tag)).ok();
        assert_eq!(tagged("5", "str"), Some(json!("5")));
        assert_eq!(tagged("5", "int"), Some(json!(5)));
        assert_eq!(tagged("5.5", "float"), Some(json!(5.5)));
        assert_eq!(tagged("", "null"), Some(json!(null)));
        assert_eq!(tagged("true", "bool"), Some(json!(true)));
        for (text, tag) in [("a", "int"), ("5.5", "int"), ("yes", "bool"), ("a", "null"), ("a", "map"), ("a", "seq")] {
            assert_eq!(tagged(text, tag), None, "{text} as {tag}");
        }
    }
}
