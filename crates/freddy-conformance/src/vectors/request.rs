//! Values, and the request that a client has to make of them, or has to refuse to make.

use freddy_types::headers;
use freddy_types::shape::Shape;
use freddy_types::{
    AuthScheme, Endpoint, IncomingRequest, InvalidRequest, Parameter, ParameterPlace, ParameterPresence,
};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::Level::{Must, Should};
use super::bytes::Bytes;
use super::{Case, Level};

/// Values, and what a client makes of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestCase {
    /// Its name, why, and how much it matters.
    #[serde(flatten)]
    pub case: Case,
    /// The ID of the operation in the OpenAPI document.
    pub operation: String,
    /// The credential to send.
    pub credential: Credential,
    /// The values of the parameters by their names, and of the body as `body`. A list is a parameter that is repeated.
    pub values: Map<String, Value>,
    /// What comes of it.
    pub expected: Expected,
}

/// A credential.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Credential {
    /// The name of the scheme in the OpenAPI document.
    pub scheme: String,
    /// The key.
    pub key: String,
}

impl Credential {
    /// The key of the cases.
    pub const KEY: &str = "sk_conformance_7f3a9c5e1d";

    pub(crate) fn of(scheme: AuthScheme) -> Self {
        Self { scheme: scheme.name().to_owned(), key: Self::KEY.to_owned() }
    }
}

/// What comes of the values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Expected {
    /// This request, and nothing of a credential beside it.
    Sent(Sent),
    /// None: a value is not one that the contract has.
    Refused(Refused),
}

/// A request as it stands on the wire. Other headers than these are free, but for those of credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Sent {
    /// The method.
    pub method: String,
    /// The path, percent-encoded, below the base URL.
    pub path: String,
    /// The query, percent-encoded and without its `?`.
    pub query: String,
    /// Names and values of the headers.
    pub headers: Vec<(String, String)>,
    /// The body; `null` where there is none.
    pub body: Option<Bytes>,
}

/// Why a request is not to be sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Refused {
    /// What is wrong, in words.
    pub reason: String,
    /// The path and query of a client that checks no values, which a server then refuses. Without it there is none that would
    /// get there: HTTP libraries take `.` and `..` away, even where they are percent-encoded, and a line feed ends a header.
    pub if_sent: Option<String>,
}

/// The cases of an endpoint, made from its declaration.
#[must_use]
pub fn cases<E: Endpoint>() -> Vec<RequestCase> {
    let rows = E::parameters();
    let mut cases: Vec<_> = E::AUTH
        .iter()
        .map(|scheme| {
            let name = format!("credential-{}", kebab(scheme.name()));
            let why = "The key is sent in the header of its scheme, and in no other.";
            of::<E>(Must, &name, why, *scheme, examples(&rows))
        })
        .collect();
    let Some(scheme) = E::AUTH.first().copied() else { return cases };
    for row in &rows {
        for (name, value) in variants::<E>(row, &rows) {
            let name = format!("{}-{name}", kebab(&key(row)));
            let mut values = examples(&rows);
            match value {
                Some(value) => drop(values.insert(key(row), value)),
                None => drop(values.shift_remove(&key(row))),
            }
            let why = "A value is sent as it is, or not at all, and never changes where the request goes.";
            cases.push(of::<E>(Must, &name, why, scheme, values));
        }
    }
    cases
}

/// A value of each row that has to be given, and the default of each that has one, since the types send it.
fn examples(rows: &[Parameter]) -> Map<String, Value> {
    let given = rows.iter().filter_map(|row| match &row.presence {
        ParameterPresence::Required => Some((key(row), row.shape().example())),
        ParameterPresence::Defaulted(default) => Some((key(row), default.clone())),
        _ => None,
    });
    given.collect()
}

/// The name of a value.
fn key(row: &Parameter) -> String {
    let name = if row.place == ParameterPlace::Body { "body" } else { row.name };
    name.to_owned()
}

/// Values for a row, each with its name.
fn variants<E: Endpoint>(row: &Parameter, rows: &[Parameter]) -> Vec<(&'static str, Option<Value>)> {
    let mut variants: Vec<(&str, Option<Value>)> = match row.shape() {
        Shape::Text(text) if row.place != ParameterPlace::Body => texts(text.example),
        Shape::Integer { min, max } => {
            let beyond = [("too-small", min.checked_sub(1)), ("too-big", max.checked_add(1))];
            let beyond = beyond.map(|(name, value)| (name, value.map(Value::from)));
            let within = [("smallest", Some(Value::from(min))), ("biggest", Some(Value::from(max)))];
            let beyond = beyond.into_iter().filter(|(_, value)| value.is_some());
            within.into_iter().chain(beyond).collect()
        }
        Shape::Enum(names) => {
            let unknown = ("unknown-name", Some(Value::from("no_such_name")));
            vec![("example", Some(row.shape().example())), unknown]
                .into_iter()
                .filter(|_| !names.values.is_empty())
                .collect()
        }
        Shape::Boolean => vec![("true", Some(true.into())), ("false", Some(false.into()))],
        shape => vec![("example", Some(shape.example()))],
    };
    if row.place == ParameterPlace::Header {
        // Space around the value of a header is not a part of it.
        variants.retain(|(_, value)| value.as_ref().and_then(Value::as_str).is_none_or(|text| text.trim() == text));
    }
    if let (Shape::Text(text), ParameterPlace::Path) = (row.shape(), row.place)
        && let Some(longest) = longest::<E>(row, rows, text.example)
    {
        let last = longest.chars().last().unwrap_or('a');
        variants.push(("longest", Some(longest.as_str().into())));
        variants.push(("too-long", Some(format!("{longest}{last}").into())));
    }
    match row.presence {
        ParameterPresence::Repeated => {
            let lists =
                variants.iter().filter_map(|(name, value)| Some((*name, Some(Value::from(vec![value.clone()?])))));
            let mut lists: Vec<_> = lists.collect();
            let twice = row.shape().example();
            lists.push(("twice", Some(vec![twice.clone(), twice].into())));
            lists
        }
        _ => variants,
    }
}

/// Texts that go elsewhere where they are not encoded.
fn texts(example: &'static str) -> Vec<(&'static str, Option<Value>)> {
    let with = |text: &str| Some(Value::from(format!("{example}{text}")));
    vec![
        ("example", with("")),
        ("empty", Some("".into())),
        ("one-dot", Some(".".into())),
        ("two-dots", Some("..".into())),
        ("two-dots-in-front", Some(format!("../{example}").into())),
        ("with-slash", with("/x")),
        ("with-backslash", with("\\x")),
        ("with-question-mark", with("?x=1")),
        ("with-hash", with("#x")),
        ("with-percent", with("%2Fx")),
        ("with-ampersand", with("&x=1")),
        ("with-semicolon", with(";x=1")),
        ("with-plus", with("+x")),
        ("with-space", with(" x")),
        ("with-space-in-front", Some(format!(" {example}").into())),
        ("with-line-feed", with("\n")),
        ("with-carriage-return", with("\r\nX-Injected: 1")),
        ("with-nul", with("\0")),
        ("with-umlaut", with("ä")),
        ("with-emoji", with("🚫")),
        ("with-fullwidth-digit", with("１")),
        ("in-upper-case", Some(example.to_ascii_uppercase().into())),
    ]
}

/// The longest text that the row takes: the example with its last character repeated.
fn longest<E: Endpoint>(row: &Parameter, rows: &[Parameter], example: &str) -> Option<String> {
    const BOUND: usize = 4096;
    let last = example.chars().last()?;
    let mut text = example.to_owned();
    let is_taken = |text: &str| {
        let mut values = examples(rows);
        values.insert(key(row), text.into());
        encoded::<E>(rows, &values).is_ok()
    };
    while is_taken(&text) {
        if text.len() > BOUND {
            return None;
        }
        text.push(last);
    }
    text.pop();
    Some(text)
}

fn of<E: Endpoint>(level: Level, name: &str, why: &str, scheme: AuthScheme, values: Map<String, Value>) -> RequestCase {
    let rows = E::parameters();
    let (level, expected) = match encoded::<E>(&rows, &values) {
        Ok(request) => {
            let named = |(name, value): (&str, String)| (name.to_owned(), value);
            let mut sent: Vec<_> = request.headers.into_iter().map(named).collect();
            sent.push((scheme.header().to_owned(), format!("{}{}", scheme.prefix(), Credential::KEY)));
            if request.body.is_some() {
                sent.push((headers::CONTENT_TYPE.to_owned(), headers::JSON.to_owned()));
            }
            let sent = Sent {
                method: E::METHOD.as_str().to_owned(),
                path: request.path,
                query: request.query,
                headers: sent,
                body: request.body.map(Bytes::new),
            };
            (level, Expected::Sent(sent))
        }
        Err(invalid) => {
            let raw = raw(&E::PATH.to_string(), &rows, &values);
            let is_lost = raw.path.split('/').skip(1).any(|segment| matches!(segment, "" | "." | ".."))
                || raw.headers.iter().any(|(_, value)| value.contains(char::is_control));
            let level = if is_lost { Must } else { Should };
            let target = if raw.query.is_empty() { raw.path } else { format!("{}?{}", raw.path, raw.query) };
            let if_sent = (!is_lost).then_some(target);
            (level, Expected::Refused(Refused { reason: invalid.to_string(), if_sent }))
        }
    };
    let name = format!("{}-{name}", kebab(E::OPERATION_ID));
    RequestCase {
        case: Case::new(level, name, why).in_group("requests"),
        operation: E::OPERATION_ID.to_owned(),
        credential: Credential::of(scheme),
        values,
        expected,
    }
}

/// A request that nobody has checked.
struct Raw {
    path: String,
    query: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

fn raw(template: &str, rows: &[Parameter], values: &Map<String, Value>) -> Raw {
    let mut raw = Raw { path: template.to_owned(), query: String::new(), headers: Vec::new(), body: Vec::new() };
    for row in rows {
        let given = match values.get(&key(row)) {
            None => continue,
            Some(Value::Array(values)) if row.presence == ParameterPresence::Repeated => values.clone(),
            Some(value) => vec![value.clone()],
        };
        for value in given {
            let text = match &value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            match row.place {
                ParameterPlace::Path => raw.path = raw.path.replace(&format!("{{{}}}", row.name), &escaped(&text)),
                ParameterPlace::Query => raw.query += &format!("&{}={}", escaped(row.name), escaped(&text)),
                ParameterPlace::Header => raw.headers.push((row.name.to_owned(), text)),
                _ => raw.body = value.to_string().into_bytes(),
            }
        }
    }
    raw.query = raw.query.trim_start_matches('&').to_owned();
    raw
}

/// Everything but what RFC 3986 leaves as it is.
fn escaped(text: &str) -> String {
    const ESCAPED: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// The request as the types write it, if they take the values.
fn encoded<E: Endpoint>(
    rows: &[Parameter],
    values: &Map<String, Value>,
) -> Result<freddy_types::EncodedRequest, InvalidRequest> {
    let raw = raw(&E::PATH.to_string(), rows, values);
    let request = IncomingRequest::new(&raw.path).query(&raw.query).headers(&raw.headers).body(&raw.body);
    E::decode(&request).map(|request| request.encode())
}

/// A name in `kebab-case`.
fn kebab(name: &str) -> String {
    let mut kebab = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            if !kebab.is_empty() {
                kebab.push('-');
            }
            kebab.push(letter.to_ascii_lowercase());
        } else {
            kebab.push(if letter.is_ascii_alphanumeric() { letter } else { '-' });
        }
    }
    kebab.replace("--", "-")
}
