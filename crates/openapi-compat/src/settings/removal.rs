//! Removals that the old document announced.

use jiff::civil::Date;
use serde::Deserialize;
use serde_json::Value;

use crate::extension::{SUNSET, sunset};
use crate::finding::Finding;
use crate::input::Document;
use crate::node::Node;

/// What may be removed.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Removable {
    /// What the old document calls `deprecated`, but nothing before its `x-sunset` if it has one.
    Deprecated,
    /// What the old document calls `deprecated` and gives an `x-sunset`, from that day on.
    Sunset,
}

const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

impl Removable {
    /// Why a finding is the removal of something that may be removed, if it is.
    pub(super) fn reason(self, finding: &Finding, old: &Document, today: Date) -> Option<String> {
        if !finding.rule.id.contains("-removed") {
            return None;
        }
        let pointer = finding.old_pointer.as_deref()?;
        let root = old.value();
        let removed = Node { root, pointer: pointer.into(), value: root.pointer(pointer)? }.resolved()?.value;
        let mut operations = METHODS.iter().filter_map(|method| removed.get(method)).peekable();
        let is_path = pointer.strip_prefix("/paths/").is_some_and(|path| !path.contains('/'));
        if is_path && operations.peek().is_some() {
            let reasons: Option<Vec<_>> = operations.map(|operation| self.reason_for(operation, today)).collect();
            return reasons?.pop();
        }
        self.reason_for(removed, today)
    }

    fn reason_for(self, removed: &Value, today: Date) -> Option<String> {
        if removed.get("deprecated") != Some(&Value::Bool(true)) {
            return None;
        }
        match (self, removed.get(SUNSET)) {
            (Self::Deprecated, None) => Some("the old document calls it deprecated".to_owned()),
            (Self::Sunset, None) => None,
            (_, Some(_)) => {
                let sunset = sunset(removed)?;
                (sunset <= today).then(|| format!("its `{SUNSET}`, {sunset}, has come"))
            }
        }
    }
}
