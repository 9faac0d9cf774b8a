//! A value and its position in a document.

use std::collections::HashSet;

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
    pub(crate) pointer: String,
    pub(crate) value: &'a Value,
}

impl<'a> Node<'a> {
    pub(crate) fn root(document: &'a Value) -> Self {
        Self { root: document, pointer: String::new(), value: document }
    }

    /// The field of an object, or the item of an array by its index.
    pub(crate) fn get(&self, key: &str) -> Option<Self> {
        let value = match self.value {
            Value::Array(items) => items.get(key.parse::<usize>().ok()?)?,
            value => value.get(key)?,
        };
        Some(self.with(key, value))
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
        Self { root: self.root, pointer: self.pointer_of(key), value }
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
        let pointer = match name.strip_prefix('#') {
            Some(pointer) => pointer.to_owned(),
            None => json_pointer::child("/components/schemas", name),
        };
        Some(Self { root: self.root, value: self.root.pointer(&pointer)?, pointer })
    }

    pub(crate) fn pointer_of(&self, key: &str) -> String {
        json_pointer::child(&self.pointer, key)
    }

    /// What stands at a pointer of the same document.
    pub(crate) fn at(&self, pointer: &str) -> Option<Self> {
        Some(Self { root: self.root, pointer: pointer.to_owned(), value: self.root.pointer(pointer)? })
    }

    pub(crate) fn parent(&self) -> Option<Self> {
        let (pointer, _) = self.pointer.rsplit_once('/')?;
        Some(Self { root: self.root, pointer: pointer.to_owned(), value: self.root.pointer(pointer)? })
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
        let pointer = self.reference()?.strip_prefix('#')?;
        Some(Self { root: self.root, pointer: pointer.to_owned(), value: self.root.pointer(pointer)? })
    }

    /// The names of an object's fields, or the indices of an array's items.
    fn keys(&self) -> Vec<String> {
        match self.value {
            Value::Array(items) => (0..items.len()).map(|index| index.to_string()).collect(),
            _ => self.names().into_iter().map(str::to_owned).collect(),
        }
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

/// The names in either, sorted and without repetition.
pub(crate) fn names_of_both<'a>(old: &Node<'a>, new: &Node<'a>) -> Vec<&'a str> {
    let mut names = old.names();
    names.extend(new.names());
    names.sort_unstable();
    names.dedup();
    names
}

/// Whether it has a reference that cannot be followed here, such as an anchor, and that may lead to anything.
fn leads_nowhere(node: &Node<'_>) -> bool {
    node.reference().is_some() || node.value.get("$dynamicRef").is_some()
}

/// Whether a field is the same in both, and so is everything that it refers to.
pub(crate) fn means_the_same(old: &Node<'_>, new: &Node<'_>, field: &str) -> bool {
    // Where it leads depends on the path by which it is reached.
    if field == "$dynamicRef" && old.root != new.root {
        return false;
    }
    let (Some(old), Some(new)) = (old.get(field), new.get(field)) else {
        return old.value.get(field) == new.value.get(field);
    };
    let mut unread = vec![(old, new)];
    let mut seen = HashSet::new();
    while let Some((old, new)) = unread.pop() {
        if old.value != new.value {
            return false;
        }
        match (old.target(), new.target()) {
            (Some(old), Some(new)) if seen.insert(old.pointer.clone()) => unread.push((old, new)),
            (Some(_), None) | (None, Some(_)) => return false,
            (None, None) if leads_nowhere(&old) && old.root != new.root => return false,
            _ => {}
        }
        unread.extend(old.keys().iter().filter_map(|key| Some((old.get(key)?, new.get(key)?))));
    }
    true
}
