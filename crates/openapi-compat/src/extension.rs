//! Extensions: documentation, unless a program is known to read them.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::finding::Direction;
use crate::judge::{Effect, Judge, Place, shown, turned};
use crate::node::Node;
use crate::rules;
use crate::value::is_same_value;

/// The extension that lists the known part of an open set.
pub(crate) const OPEN_SET: &str = "x-extensible-enum";
/// The extension that announces the day on which something ends.
pub(crate) const SUNSET: &str = "x-sunset";

/// The day that an object announces for its end: a date, or that of a date and time.
pub(crate) fn sunset(object: &Value) -> Option<Date> {
    let text = object.get(SUNSET)?.as_str()?;
    let (day, rest) = text.split_at_checked("2027-01-31".len())?;
    (rest.is_empty() || rest.starts_with(['T', 't', ' '])).then(|| day.parse().ok())?
}

/// Compares an extension of two objects. Returns the components that it names in both documents, which are to be compared
/// even if the extension says the same.
pub(crate) fn compare<'a>(
    judge: &mut Judge<'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &str,
) -> Vec<(Node<'a>, Node<'a>)> {
    let (was, is) = (old.value.get(key), new.value.get(key));
    if was != is {
        if key == OPEN_SET || judge.reads_extension(key) {
            entries(judge, direction, old, new, key);
        } else {
            let rule = if key == SUNSET { &rules::SUNSET_CHANGED } else { &rules::EXTENSION_CHANGED };
            judge.report(direction, rule, Effect::Words, Place::Field(old, new, key), turned(key, was, is));
        }
    }
    let texts = |value: Option<&'a Value>| value.map(texts).unwrap_or_default();
    let named: Vec<&str> = texts(was).intersection(&texts(is)).copied().collect();
    named.into_iter().filter_map(|name| Some((old.component(name)?, new.component(name)?))).collect()
}

/// Compares an extension that programs read: entries may come, and not go.
pub(crate) fn entries(judge: &mut Judge<'_>, direction: Direction, old: &Node<'_>, new: &Node<'_>, key: &str) {
    let (was, is) = (old.value.get(key), new.value.get(key));
    let place = Place::Field(old, new, key);
    let gained = Effect::Fits("clients expect what they do not know");
    let lost = Effect::Breaks("breaks clients that decide by it");
    match (was, is) {
        (Some(Value::Array(_)) | None, Some(Value::Array(_)) | None) => {
            let list = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
            let (was, is) = (list(was), list(is));
            let lacks = |list: &[Value], value: &Value| !list.iter().any(|it| is_same_value(it, value));
            for value in is.iter().filter(|value| lacks(&was, value)) {
                let what = format!("{} is now a known value of `{key}`", shown(value));
                judge.report(direction, &rules::EXTENSION_GAINED, gained, place, what);
            }
            for value in was.iter().filter(|value| lacks(&is, value)) {
                let what = format!("{} is no longer a known value of `{key}`", shown(value));
                judge.report(direction, &rules::EXTENSION_LOST, lost, place, what);
            }
            if was.len() == is.len() && was.iter().all(|value| !lacks(&is, value)) {
                judge.report(
                    direction,
                    &rules::EXTENSION_GAINED,
                    Effect::Words,
                    place,
                    format!("`{key}` has another order"),
                );
            }
        }
        (Some(Value::Object(_)) | None, Some(Value::Object(_)) | None) => {
            let empty = Map::new();
            let map =
                |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_else(|| empty.clone());
            let (was, is) = (map(was), map(is));
            for (name, value) in &is {
                if !was.contains_key(name) {
                    let what = format!("`{key}` {}", turned(name, None, Some(value)));
                    judge.report(direction, &rules::EXTENSION_GAINED, gained, place, what);
                }
            }
            for (name, value) in was.iter().filter(|(name, value)| is.get(*name) != Some(*value)) {
                let what = format!("in `{key}`, {}", turned(name, Some(value), is.get(name)));
                judge.report(direction, &rules::EXTENSION_LOST, lost, place, what);
            }
        }
        _ => judge.report(direction, &rules::EXTENSION_LOST, lost, place, turned(key, was, is)),
    }
}

/// Every text in the value of an extension, since any may name a component.
pub(crate) fn texts(value: &Value) -> BTreeSet<&str> {
    let mut texts = BTreeSet::new();
    let mut unread = vec![value];
    while let Some(value) = unread.pop() {
        match value {
            Value::Array(items) => unread.extend(items),
            Value::Object(fields) => unread.extend(fields.values()),
            Value::String(text) => texts.extend([&**text]),
            _ => {}
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{SUNSET, sunset};

    #[test]
    fn a_day_is_read_from_dates_and_times_only() {
        let cases = [
            (json!("2027-01-31"), Some("2027-01-31")),
            (json!("2027-01-31T00:00:00Z"), Some("2027-01-31")),
            (json!("2027-01-3199"), None),
            (json!("2027-02-30"), None),
            (json!("soon"), None),
            (json!("2027-01-3ä"), None),
            (json!(20270131), None),
        ];
        for (text, expected) in cases {
            let found = sunset(&json!({ SUNSET: text })).map(|day| day.to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }
}
