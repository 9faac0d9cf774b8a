//! Values with one edit each, as JSON text.
//!
//! They are text because a reader tells apart what a parsed value does not, such as `429.0` and `4.29e2`.

use freddy_types::strategies;
use openapi_compat::json_pointer;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value};

/// Values at the edges of what the contract's types accept.
const EDGES: &[&str] = &[
    "0",
    "-0",
    "-0.0",
    "1.0",
    "1e0",
    "1.5",
    "-1",
    "10e-1",
    "99",
    "100",
    "101",
    "999",
    "1000",
    "2147483647",
    "2147483648",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775809",
    "18446744073709551616",
    "1e19",
    "1e300",
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[null]",
    r#""""#,
    r#"" ""#,
    r#""null""#,
    r#""1""#,
    r#""2025-11-13T10:30:00Z""#,
    r#""2025-11-13T10:30:00.5+02:00""#,
    r#""2025-11-13""#,
    r#""2025-02-29T10:30:00Z""#,
    r#""2016-12-31T23:59:60Z""#,
    r#""9999-12-31T23:59:59Z""#,
    r#""\u0000""#,
    r#""é""#,
    r#""\ud83d\ude00""#,
];

const NAMES: &[&str] = &["id", "name", "kind", "type", "items", "x_region", "Id", "", "next_cursor"];

#[derive(Clone, Debug)]
pub(super) enum Edit {
    Remove,
    Rename(&'static str),
    Replace(String),
    Add(&'static str, String),
    /// Adds a character to a string, or removes or replaces one.
    Retype(usize, Option<char>),
}

pub(super) fn edits() -> impl Strategy<Value = Edit> {
    let text = || {
        prop_oneof![
            3 => select(EDGES).prop_map(str::to_owned),
            1 => strategies::json().prop_map(|json| json.to_string()),
        ]
    };
    let character = prop::option::of(select(vec!['a', 'Z', '0', '_', '-', ' ', '/', 'é', '\n', '\u{0}']));
    prop_oneof![
        2 => Just(Edit::Remove),
        1 => select(NAMES).prop_map(Edit::Rename),
        6 => text().prop_map(Edit::Replace),
        1 => (select(NAMES), text()).prop_map(|(name, text)| Edit::Add(name, text)),
        2 => (0..80_usize, character).prop_map(|(at, character)| Edit::Retype(at, character)),
    ]
}

/// A placeholder that appears in no value, to be replaced by the text of the edit.
const STAND_IN: &str = "\u{1}here\u{1}";

impl Edit {
    /// The text of the value with one of its nodes edited.
    pub(super) fn apply(&self, value: &Value, at: Index) -> String {
        let mut value = value.clone();
        let mut pointers = Vec::new();
        collect(&value, String::new(), &mut pointers);
        let pointer = at.get(&pointers);
        let put_in = match self {
            Self::Replace(text) => {
                if let Some(node) = value.pointer_mut(pointer) {
                    *node = STAND_IN.into();
                }
                Some(text)
            }
            Self::Add(name, text) => {
                if let Some(object) = value.pointer_mut(pointer).and_then(Value::as_object_mut) {
                    object.insert((*name).to_owned(), STAND_IN.into());
                }
                Some(text)
            }
            Self::Remove => {
                if let Some((object, name)) = parent(&mut value, pointer) {
                    object.remove(&name);
                }
                None
            }
            Self::Rename(new) => {
                if let Some((object, name)) = parent(&mut value, pointer) {
                    let moved = object.remove(&name);
                    object.extend(moved.map(|moved| ((*new).to_owned(), moved)));
                }
                None
            }
            Self::Retype(at, character) => {
                if let Some(Value::String(text)) = value.pointer_mut(pointer) {
                    let chars: Vec<char> = text.chars().collect();
                    let at = at % (chars.len() + 1);
                    let rest = chars.iter().skip(at + usize::from(character.is_none()));
                    *text = chars.iter().take(at).copied().chain(*character).chain(rest.copied()).collect();
                }
                None
            }
        };
        let text = value.to_string();
        match put_in {
            Some(put_in) => text.replacen(&Value::from(STAND_IN).to_string(), put_in, 1),
            None => text,
        }
    }
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                collect(field, json_pointer::child(&pointer, name), pointers);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, json_pointer::child(&pointer, index), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

/// The object that a pointer leads into, and the name there.
fn parent<'v>(value: &'v mut Value, pointer: &str) -> Option<(&'v mut Map<String, Value>, String)> {
    let (above, name) = json_pointer::split_last(pointer)?;
    Some((value.pointer_mut(above)?.as_object_mut()?, name))
}
