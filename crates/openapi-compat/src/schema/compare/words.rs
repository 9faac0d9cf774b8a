//! What restricts no value, or says the same in another form.

use serde_json::Value;

use super::Pair;
use crate::judge::{Effect, Place};
use crate::node::Node;
use crate::rules;
use crate::schema::code;
use crate::schema::inclusion::Mode;
use crate::schema::normal::is_annotation;
use crate::schema::shape::{Conjunction, Shape};

impl<'a> Pair<'_, 'a> {
    /// Compares what the schemas below two alternatives say that restricts no value.
    pub(super) fn annotations_within(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        let place = |node: &Node<'a>, at: &Node<'a>| match node.pointer.strip_prefix(&*at.pointer) {
            Some(below) => format!(".{below}"),
            None => node.pointer.to_string(),
        };
        for before in &old.nodes {
            let at = place(before, &self.old_at);
            let after = new.nodes.iter().find(|node| place(node, &self.new_at) == at);
            let Some(after) = after.filter(|_| at != ".") else { continue };
            code::annotations(self.judge, self.direction, before, after, &mut self.children);
        }
        // What applies wherever it is said has to be said somewhere.
        for key in code::APPLYING {
            let said = |shape: &Shape<'a>| shape.nodes.iter().find(|node| node.value.get(key).is_some()).cloned();
            let (was, is) = (said(old), said(new));
            let is_matched = match (&was, &is) {
                (Some(was), Some(is)) => place(was, &self.old_at) == place(is, &self.new_at),
                (None, None) => true,
                _ => false,
            };
            if !is_matched {
                let (before, after) = (was.unwrap_or(self.old_at.clone()), is.unwrap_or(self.new_at.clone()));
                if before.value.get(key) != after.value.get(key) {
                    code::annotation(self.judge, self.direction, &before, &after, key);
                }
            }
        }
    }

    /// Keywords that changed without making a difference.
    pub(super) fn other_words(&mut self, old: &Node<'a>, new: &Node<'a>) {
        let [before, after] = [old, new].map(|node| Conjunction::new(vec![node.clone()]));
        let mut known_as_same = None;
        for key in crate::node::names_of_both(old, new) {
            let (was, is) = (old.value.get(key), new.value.get(key));
            if was == is || is_annotation(key) || self.reported.contains(key) {
                continue;
            }
            if !has_own_words(key, was, is) {
                continue;
            }
            if is_applicator(key) {
                let known = &mut self.judge.schemas;
                let is_same = *known_as_same.get_or_insert_with(|| {
                    known.is_within(&before, &after, Mode::Values) && known.is_within(&after, &before, Mode::Values)
                });
                if !is_same {
                    continue;
                }
            }
            let place = Place::Field(old, new, key);
            let what = format!("`{key}` says the same in another form");
            self.judge.report(self.direction, &rules::SCHEMA_DOCUMENTATION, Effect::Words, place, what);
        }
    }
}

/// Whether a keyword holds schemas.
fn is_applicator(key: &str) -> bool {
    const APPLICATORS: &[&str] = &[
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "contains",
        "dependentSchemas",
        "else",
        "if",
        "items",
        "not",
        "oneOf",
        "patternProperties",
        "prefixItems",
        "properties",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ];
    APPLICATORS.contains(&key)
}

/// Whether a keyword says something beside the schemas in it.
fn has_own_words(key: &str, was: Option<&Value>, is: Option<&Value>) -> bool {
    let count = |value: Option<&Value>| value.and_then(Value::as_array).map(Vec::len);
    match key {
        "allOf" | "anyOf" | "oneOf" => count(was) != count(is),
        key if is_applicator(key) => was.is_none() != is.is_none(),
        _ => true,
    }
}
