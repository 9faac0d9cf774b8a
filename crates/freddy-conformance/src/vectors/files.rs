//! The published files.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::call::{self, CallCase};
use super::decode::{self, DecodeCase};
use super::exchange::{self, Exchange, State};
use super::request::RequestCase;
use super::{Case, Level};

/// A file of cases.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct File<C> {
    /// Where the schema of the file is.
    #[serde(rename = "$schema")]
    pub schema: String,
    /// The version of the contract that the cases are of.
    pub version: String,
    /// The cases.
    pub cases: Vec<C>,
}

/// A file of exchanges.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ExchangeFile {
    /// The state that each of them begins with.
    pub state: State,
    /// What every file has, and the exchanges.
    #[serde(flatten)]
    pub file: File<Exchange>,
}

/// A file of any kind.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "read by the schema generator alone")]
enum AnyFile {
    Decode(File<DecodeCase>),
    Request(File<RequestCase>),
    Call(File<CallCase>),
    Exchange(ExchangeFile),
}

const SCHEMA: &str = "schema.json";

/// The paths below `conformance/` and the texts of all files: the cases, their schema, and the page that explains them.
/// `requests` are those of the endpoints, [made](super::request::cases) from their declarations.
#[must_use]
pub fn files(version: &str, requests: &[RequestCase]) -> Vec<(&'static str, String)> {
    let (decode, call, exchange) = (decode::cases(), call::cases(), exchange::cases());
    let schema = SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<AnyFile>();
    let page = include_str!("page.md")
        .replace("{{decode}}", &table(decode.iter().map(|case| &case.case)))
        .replace("{{request}}", &table(requests.iter().map(|case| &case.case)))
        .replace("{{call}}", &table(call.iter().map(|case| &case.case)))
        .replace("{{exchange}}", &table(exchange.iter().map(|exchange| &exchange.case)));
    vec![
        ("README.md", page),
        (SCHEMA, format!("{:#}\n", schema.as_value())),
        ("decode.json", file(version, &decode)),
        ("request.json", file(version, requests)),
        ("call.json", file(version, &call)),
        ("exchange.json", with_state(&exchange::state(), &file(version, &exchange))),
    ]
}

/// A file with a line for each case, so that a change shows as the cases that it changes.
fn file<C: Serialize>(version: &str, cases: &[C]) -> String {
    let line = |case: &C| serde_json::to_string(case).unwrap_or_default();
    let lines: Vec<_> = cases.iter().map(line).collect();
    let (schema, version) = (Value::from(SCHEMA), Value::from(version));
    format!("{{\n\"$schema\": {schema},\n\"version\": {version},\n\"cases\": [\n{}\n]\n}}\n", lines.join(",\n"))
}

/// A file of cases that begin with a state.
fn with_state(state: &State, file: &str) -> String {
    let state = serde_json::to_string(state).unwrap_or_default();
    file.replacen("\"cases\": [", &format!("\"state\": {state},\n\"cases\": ["), 1)
}

/// The cases for people, those with the same reason together.
fn table<'a>(cases: impl Iterator<Item = &'a Case>) -> String {
    let mut rows: Vec<(&str, Level, Vec<&str>)> = Vec::new();
    for case in cases {
        match rows.iter_mut().find(|(why, level, _)| (*why, *level) == (&*case.why, case.level)) {
            Some((_, _, names)) => names.push(&case.name),
            None => rows.push((&case.why, case.level, vec![&case.name])),
        }
    }
    let rows = rows.iter().map(|(why, level, names)| {
        let names: Vec<_> = names.iter().map(|name| format!("`{name}`")).collect();
        format!("| {} | {why} | {} |\n", level.as_str(), names.join(", "))
    });
    format!("| level | why | cases |\n|---|---|---|\n{}", rows.collect::<String>())
}
