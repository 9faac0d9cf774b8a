//! The tables of edits with their verdicts.

use std::collections::BTreeSet;

use jiff::civil::date;
use json_patch::{Patch, PatchOperation};
use openapi_compat::{Document, Finding, Report, Settings};
use serde::Deserialize;
use serde_json::{Value, json};

/// A case of one of the tables, whose first lines say what the fields mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    pub(crate) name: String,
    /// Another old document than the base.
    document: Option<String>,
    #[serde(default)]
    at: String,
    given: Option<Patch>,
    patch: Patch,
    findings: Vec<String>,
    #[serde(default)]
    elsewhere: Vec<String>,
    /// The extensions that the settings name.
    #[serde(default)]
    pub(crate) extensions: Vec<String>,
    #[serde(skip)]
    pub(crate) base: Value,
}

impl Case {
    fn apply(&self, document: &mut Value, patch: &Patch) {
        let mut operations = serde_json::to_value(patch).unwrap();
        for operation in operations.as_array_mut().unwrap() {
            for key in ["path", "from"] {
                if let Some(Value::String(pointer)) = operation.get_mut(key) {
                    pointer.insert_str(0, &self.at);
                }
            }
        }
        let operations: Vec<PatchOperation> = serde_json::from_value(operations).unwrap();
        json_patch::patch(document, &operations).unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    pub(crate) fn before(&self) -> Value {
        let mut document = self.base.clone();
        if let Some(free) = self.document.as_deref() {
            document["components"]["schemas"]["Failure"]["properties"]["free"] = match free {
                "free" => json!({}),
                "anchored" => json!({ "$ref": "#b", "$defs": { "b": { "$anchor": "b", "type": "string" } } }),
                "dynamic" => {
                    json!({ "$dynamicRef": "#b", "$defs": { "b": { "$dynamicAnchor": "b", "type": "string" } } })
                }
                other => panic!("{}: no document `{other}`", self.name),
            };
        }
        if let Some(given) = &self.given {
            self.apply(&mut document, given);
        }
        document
    }

    pub(crate) fn after(&self) -> Value {
        let mut document = self.before();
        self.apply(&mut document, &self.patch);
        document
    }

    pub(crate) fn found(&self) -> Vec<Finding> {
        let settings = Settings::parse(&json!({ "extensions": self.extensions }).to_string()).unwrap();
        let document = |value| Document::new(value).unwrap();
        Report::with_settings(&document(self.before()), &document(self.after()), &settings, date(2026, 11, 26))
            .unwrap()
            .findings
            .into_iter()
            .map(|entry| entry.finding)
            .collect()
    }

    pub(crate) fn expected(&self) -> BTreeSet<String> {
        let here = self.findings.iter().map(|finding| match finding.split_once(" /") {
            Some((finding, pointer)) => format!("{finding} {}/{pointer}", self.at),
            None => format!("{finding} {}", self.at),
        });
        here.chain(self.elsewhere.iter().cloned()).collect()
    }
}

fn table(base: &str, cases: &str) -> Vec<Case> {
    let base: Value = serde_saphyr::from_str(base).unwrap();
    let cases: Vec<Case> = serde_saphyr::from_str(cases).unwrap();
    cases.into_iter().map(|case| Case { base: base.clone(), ..case }).collect()
}

pub(crate) fn cases() -> Vec<Case> {
    let api = table(include_str!("api-base.yaml"), include_str!("api.yaml"));
    let schemas = table(include_str!("schemas-base.json"), include_str!("schemas.yaml"));
    api.into_iter().chain(schemas).collect()
}
