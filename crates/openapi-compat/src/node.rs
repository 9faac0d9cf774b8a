//! A value and its position in a document.

use std::rc::Rc;

use serde_json::{Map, Value};

use crate::json_pointer;

/// What an absent schema stands for.
pub(crate) static TRUE: Value = Value::Bool(true);
/// What an absent schema under `not` stands for.
pub(crate) static FALSE: Value = Value::Bool(false);

/// A `$ref` may lead to another `$ref`, and a chain of them may be a circle.
const MOST_REFS_IN_A_ROW: usize = 32;

/// A value of a document, with the pointer that leads to it.
#[derive(Clone, Debug)]
pub(crate) struct Node<'a> {
    pub(crate) root: &'a Value,
    pub(crate) pointer: Rc<str>,
    pub(crate) value: &'a Value,
}

impl<'a> Node<'a> {
    pub(crate) fn root(document: &'a Value) -> Self {
        Self { root: document, pointer: Rc::default(), value: document }
    }

    /// The field of an object, or the item of an array by its index.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        let value = match self.value {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
            value => value.get(key)?,
        };
        Some(self.with(key, value))
    }

    /// The field of an object that is in a field.
    pub(crate) fn get_in(&self, outer: &str, key: &str) -> Option<Self> {
        let value = self.value.get(outer)?.as_object()?.get(key)?;
        Some(Self { root: self.root, pointer: json_pointer::below(&self.pointer, [outer, key]).into(), value })
    }

    /// The same, with a value to assume if it is absent.
    pub(crate) fn get_or(&self, key: &str, absent: &'a Value) -> Self {
        self.get(key).unwrap_or_else(|| match self.value {
            // Below something absent, everything is absent. The pointer stays the same, so that a recursive schema ends.
            Value::Bool(_) | Value::Null => Self { value: absent, ..self.clone() },
            _ => self.with(key, absent),
        })
    }

    fn with(&self, key: &str, value: &'a Value) -> Self {
        Self { root: self.root, pointer: self.pointer_of(key).into(), value }
    }

    /// The node at this key, with another value than the document has there.
    pub(crate) fn with_value(&self, key: &str, value: &'a Value) -> Self {
        self.with(key, value)
    }

    /// What tells this value from all others of both documents.
    pub(crate) fn id(&self) -> usize {
        std::ptr::from_ref(self.value).addr()
    }

    /// The items of a field that is an array; none if it is absent or something else.
    pub(crate) fn list(&self, key: &str) -> Vec<Self> {
        let Some(list) = self.get(key) else { return Vec::new() };
        let count = list.value.as_array().map_or(0, Vec::len);
        (0..count).filter_map(|index| list.get(&index.to_string())).collect()
    }

    /// The schema that a discriminator or an extension names: by its pointer, or by its name in the components.
    pub(crate) fn component(&self, name: &str) -> Option<Self> {
        self.at(&component_pointer(name))
    }

    pub(crate) fn pointer_of(&self, key: &str) -> String {
        json_pointer::below(&self.pointer, [key])
    }

    /// What stands at a pointer of the same document.
    pub(crate) fn at(&self, pointer: &str) -> Option<Self> {
        Some(Self { root: self.root, pointer: pointer.into(), value: json_pointer::find(self.root, pointer)? })
    }

    pub(crate) fn parent(&self) -> Option<Self> {
        self.at(self.pointer.rsplit_once('/')?.0)
    }

    pub(crate) fn object(&self) -> Option<&'a Map<String, Value>> {
        self.value.as_object()
    }

    /// The names of an object's fields, sorted; none if it is not an object.
    pub(crate) fn names(&self) -> Vec<&'a str> {
        let mut names: Vec<_> = self.object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn reference(&self) -> Option<&'a str> {
        self.value.get("$ref")?.as_str()
    }

    /// What the `$ref` of this node names, or `None` if that is not in the document.
    pub(crate) fn target(&self) -> Option<Self> {
        self.at(self.reference()?.strip_prefix('#')?)
    }

    /// The node itself, or where its `$ref` finally leads.
    pub(crate) fn resolved(&self) -> Option<Self> {
        let mut node = self.clone();
        for _ in 0..MOST_REFS_IN_A_ROW {
            if node.reference().is_none() {
                return Some(node);
            }
            node = node.target()?;
        }
        None
    }
}

/// Where the schema is that a discriminator or an extension names: by its pointer, or by its name in the components.
pub(crate) fn component_pointer(name: &str) -> String {
    match name.strip_prefix('#') {
        Some(pointer) => pointer.to_owned(),
        None => json_pointer::child("/components/schemas", name),
    }
}

/// The names in either, sorted and without repetition.
pub(crate) fn names_of_both<'a>(old: &Node<'a>, new: &Node<'a>) -> Vec<&'a str> {
    let mut names = old.names();
    names.extend(new.names());
    names.sort_unstable();
    names.dedup();
    names
}
