//! Whether a part of both documents is the same to the letter, with everything that it refers to.

use std::collections::{BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};

use super::Known;
use super::normal::is_annotation;
use crate::node::{Node, component_pointer};

#[derive(Debug, Default)]
pub(super) struct Sameness {
    /// The pointers of what is referred to and is not the same in both documents, once they were looked at.
    changed: Option<HashSet<String>>,
    /// The pointers of components that others build on, in either document.
    bases: HashSet<String>,
    known: HashMap<(usize, usize), bool>,
}

impl<'a> Known<'a> {
    pub(crate) fn is_same(&mut self, old: &Node<'a>, new: &Node<'a>) -> bool {
        if old.id() == new.id() || std::ptr::eq(old.root, new.root) && old.value == new.value {
            return true;
        }
        let key = (old.id(), new.id());
        if let Some(answer) = self.sameness.known.get(&key) {
            return *answer;
        }
        let answer = old.value == new.value && self.links_are_same(old, new) && {
            let changed = self.sameness.changed.as_ref();
            !changed.is_some_and(|changed| changed.contains(&*old.pointer))
        };
        self.sameness.known.insert(key, answer);
        answer
    }

    /// The same, whatever is said that restricts no value.
    pub(super) fn is_same_to_values(&mut self, old: &Node<'a>, new: &Node<'a>) -> bool {
        restricts_the_same(old.value, new.value) && self.links_are_same(old, new)
    }

    /// Whether everything that the old one refers to is the same in both documents, as is what builds on it.
    fn links_are_same(&mut self, old: &Node<'a>, new: &Node<'a>) -> bool {
        let Sameness { changed, bases, .. } = &mut self.sameness;
        let changed = changed.get_or_insert_with(|| {
            let inheriting = inheriting(old.root, new.root);
            let changed = changed_links(old.root, new.root, &inheriting);
            bases.extend(inheriting.into_keys());
            changed
        });
        let stands_elsewhere = old.pointer != new.pointer && [old, new].iter().any(|it| bases.contains(&*it.pointer));
        !stands_elsewhere && links(old.value).iter().all(|link| !changed.contains(&component_pointer(link)))
    }
}

/// What a value refers to: through references, the mapping of a discriminator, or an extension.
pub(super) fn links(value: &Value) -> BTreeSet<&str> {
    let mut links = BTreeSet::new();
    let mut unread = vec![value];
    while let Some(value) = unread.pop() {
        match value {
            Value::Array(items) => unread.extend(items),
            Value::Object(fields) => {
                for (name, value) in fields {
                    match (&**name, value) {
                        ("$ref" | "$dynamicRef" | "$recursiveRef", Value::String(target)) => {
                            links.insert(&**target);
                        }
                        ("mapping", Value::Object(mapping)) => {
                            links.extend(mapping.values().filter_map(Value::as_str));
                            // It may be a property of that name.
                            unread.push(value);
                        }
                        (extension, value) if extension.starts_with("x-") => {
                            links.extend(crate::extension::texts(value));
                        }
                        _ => unread.push(value),
                    }
                }
            }
            _ => {}
        }
    }
    links
}

/// Whether two schemas are the same but for annotations.
fn restricts_the_same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            let restricting = |it: &Map<String, Value>| it.keys().filter(|key| !is_annotation(key)).count();
            let is_in_other = |(key, one): (&String, &Value)| {
                is_annotation(key)
                    || other.get(key).is_some_and(|other| match (&**key, one, other) {
                        ("const" | "enum", ..) => one == other,
                        (
                            "dependentSchemas" | "patternProperties" | "properties",
                            Value::Object(one),
                            Value::Object(other),
                        ) => {
                            let is_in_other = |(name, one): (&String, &Value)| {
                                other.get(name).is_some_and(|other| restricts_the_same(one, other))
                            };
                            one.len() == other.len() && one.iter().all(is_in_other)
                        }
                        _ => restricts_the_same(one, other),
                    })
            };
            restricting(one) == restricting(other) && one.iter().all(is_in_other)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| restricts_the_same(one, other))
        }
        _ => one == other,
    }
}

/// The components that build on others in either document, by the pointer of those.
fn inheriting(old: &Value, new: &Value) -> HashMap<String, Vec<String>> {
    let mut inheriting = super::subtypes(old);
    for (base, subtypes) in super::subtypes(new) {
        inheriting.entry(base).or_default().extend(subtypes);
    }
    inheriting
}

/// Which of the things that are linked to are not the same in both documents, with what they link to themselves.
fn changed_links(old: &Value, new: &Value, inheriting: &HashMap<String, Vec<String>>) -> HashSet<String> {
    let mut unread: Vec<(String, bool)> =
        links(old).iter().chain(&links(new)).map(|link| (component_pointer(link), link.starts_with('#'))).collect();
    let mut known = HashSet::new();
    let mut referring: HashMap<String, Vec<String>> = HashMap::new();
    let mut changed = HashSet::new();
    let mut spreading = Vec::new();
    while let Some((target, is_reference)) = unread.pop() {
        if !known.insert(target.clone()) {
            continue;
        }
        match (old.pointer(&target), new.pointer(&target)) {
            (Some(before), Some(after)) if before == after => {
                let below = links(before).into_iter().map(|link| (component_pointer(link), link.starts_with('#')));
                let inherited = inheriting.get(&target).into_iter().flatten().map(|it| (it.clone(), true));
                for (link, is_reference) in below.chain(inherited) {
                    referring.entry(link.clone()).or_default().push(target.clone());
                    unread.push((link, is_reference));
                }
            }
            // A text of an extension that is no component.
            (None, None) if !is_reference => {}
            _ => spreading.push(target),
        }
    }
    // A reference that cannot be followed may lead to anything.
    while let Some(target) = spreading.pop() {
        if changed.insert(target.clone()) {
            spreading.extend(referring.get(&target).into_iter().flatten().cloned());
        }
    }
    changed
}

/// The components that build on another by `allOf`, after the pointer of that one.
pub(super) fn subtypes(document: &Value) -> impl Iterator<Item = (String, String)> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    schemas.into_iter().flatten().flat_map(|(name, schema)| {
        let branches = schema.get("allOf").and_then(Value::as_array);
        let bases = branches.into_iter().flatten().filter_map(|branch| branch.get("$ref")?.as_str());
        bases.map(move |base| (component_pointer(base), crate::json_pointer::child("/components/schemas", name)))
    })
}
