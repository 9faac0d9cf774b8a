//! Extensions of what is not a schema.

use serde_json::Value;

use super::field::Api;
use crate::finding::Direction;
use crate::node::{Node, component_pointer};
use crate::{extension, schema};

/// Compares an extension of two objects, and the components that it names where it stands in a message.
pub(super) fn compare<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>, name: &'a str) {
    for (old, new) in extension::compare(api.judge, direction, old, new, name) {
        if matches!(direction, Direction::Request | Direction::Response) {
            schema::compare(api.judge, direction, &old, &new);
        }
    }
}

/// The pointer to the schema that a text in an extension names: by reference, or also by its mere name.
pub(super) fn named_schema(document: &Value, text: &str, by_name: bool) -> Option<String> {
    if let Some(pointer) = text.strip_prefix('#') {
        return (pointer.starts_with('/') && document.pointer(pointer).is_some()).then(|| pointer.to_owned());
    }
    let is_known = by_name && document.get("components")?.get("schemas")?.get(text).is_some();
    is_known.then(|| component_pointer(text))
}
