//! Text from a document, as it may stand in a line.

use std::fmt::Write as _;

use serde_json::Value;

use super::Entry;
use crate::finding::Finding;
use crate::input::Location;
use crate::judge;

/// A text without what moves the cursor, ends the line, or turns the direction of writing: that is shown by its code.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{61c}' => {
                push_code(&mut shown, character);
            }
            _ if character.is_control() => push_code(&mut shown, character),
            _ => shown.push(character),
        }
    }
    shown
}

fn push_code(text: &mut String, character: char) {
    // Writing to a `String` cannot fail.
    let _ = write!(text, "\\u{{{:x}}}", u32::from(character));
}

/// The old and the new value of a finding, if they say more than its message does.
pub(super) fn values(entry: &Entry) -> Option<String> {
    let Finding { old, new, message, .. } = &entry.finding;
    let is_said = |value: &Option<Value>| {
        value.as_ref().is_none_or(|value| value == "{…}" || message.contains(&judge::shown(value)))
    };
    if old == new || is_said(old) && is_said(new) {
        return None;
    }
    Some(format!("{} → {}", value(old.as_ref())?, value(new.as_ref())?))
}

/// A value that is short enough for a line. The beginnings of long ones would not show how they differ.
fn value(value: Option<&Value>) -> Option<String> {
    const LONGEST: usize = 100;
    let Some(value) = value else { return Some("(absent)".to_owned()) };
    Some(visible(&judge::shown(value))).filter(|text| text.chars().count() <= LONGEST)
}

/// The operations that a finding reaches, if the heading does not say it.
pub(super) fn reached(entry: &Entry) -> Option<String> {
    const MOST_SHOWN: usize = 3;
    let operations = &entry.finding.operations;
    if operations.len() < 2 {
        return None;
    }
    let shown: Vec<_> = operations.iter().take(MOST_SHOWN).map(|operation| visible(&operation.to_string())).collect();
    let more = if operations.len() > MOST_SHOWN { ", …" } else { "" };
    Some(format!("reached by {} operations: {}{more}", operations.len(), shown.join(", ")))
}

/// The pointer of a finding.
pub(super) fn pointer(pointer: &str) -> String {
    if pointer.is_empty() { "/".to_owned() } else { visible(pointer) }
}

/// Where a finding stands: in the new document, or else in the old one.
pub(super) fn location(entry: &Entry) -> Option<&Location> {
    entry.finding.new_location.as_ref().or(entry.finding.old_location.as_ref())
}
