//! Extensions: documentation, unless the settings name them.

use serde_json::Value;

use super::field::Api;
use crate::finding::Direction;
use crate::judge::{Effect, Place, turned};
use crate::node::Node;
use crate::{rules, schema};

const MATTERS: Effect = Effect::Breaks("breaks whoever reads it, as the settings say");

/// Compares an extension of two objects. The components that it names are compared where they are defined.
pub(super) fn compare<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>, name: &'a str) {
    let (before, after) = (old.value.get(name), new.value.get(name));
    if before == after {
        return;
    }
    let (rule, effect) = if api.judge.extensions.contains(name) {
        (&rules::NAMED_EXTENSION_CHANGED, MATTERS)
    } else if name == "x-sunset" {
        (&rules::SUNSET_CHANGED, Effect::Words)
    } else {
        (&rules::EXTENSION_CHANGED, Effect::Words)
    };
    api.report(direction, rule, effect, Place::Field(old, new, name), turned(name, before, after));
    if !matches!(direction, Direction::Request | Direction::Response) {
        return;
    }
    let mut unread: Vec<_> = old.get(name).zip(new.get(name)).into_iter().collect();
    while let Some((old, new)) = unread.pop() {
        if let (Some(old), Some(new)) = (component(&old), component(&new)) {
            schema::compare(api.judge, direction, &old, &new);
        } else {
            unread.extend(old.names().into_iter().filter_map(|name| Some((old.get(name)?, new.get(name)?))));
        }
    }
}

/// The schema that a value in an extension names, by reference or by name.
fn component<'a>(node: &Node<'a>) -> Option<Node<'a>> {
    let pointer = named_schema(node.root, node.value.as_str()?, true)?;
    Some(Node { root: node.root, value: node.root.pointer(&pointer)?, pointer })
}

/// The pointer to the schema that a text in an extension names: by reference, or also by its mere name.
pub(super) fn named_schema(document: &Value, text: &str, by_name: bool) -> Option<String> {
    if let Some(pointer) = text.strip_prefix('#') {
        return (pointer.starts_with('/') && document.pointer(pointer).is_some()).then(|| pointer.to_owned());
    }
    let is_known = by_name && document.get("components")?.get("schemas")?.get(text).is_some();
    is_known.then(|| crate::json_pointer::child("/components/schemas", text))
}
