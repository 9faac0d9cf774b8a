//! The types of two schemas.

use std::collections::BTreeSet;

use super::{Pair, own_node};
use crate::judge::{Effect, Place, turned};
use crate::node::Node;
use crate::rules;
use crate::schema::shape::{Kind, Shape};

impl<'a> Pair<'_, 'a> {
    /// Compares the types.
    pub(super) fn kinds(&mut self) {
        let mut opaque = self.old.iter().chain(&*self.new).flat_map(|shape| &shape.opaque);
        if opaque.any(|opaque| opaque.key == "type") {
            return;
        }
        let (before, after) = (types(&self.old), types(&self.new));
        if before == after {
            return;
        }
        let (old_whole, new_whole) = (self.old_at.clone(), self.new_at.clone());
        let at = Place::Both(&old_whole, &new_whole);
        if before.is_empty() {
            return self.values(&rules::TYPE_WIDENED, Effect::Wider, at, "", "what was excluded is allowed now");
        }
        if after.is_empty() {
            return self.values(&rules::TYPE_NARROWED, Effect::Narrower, at, "", "what was allowed is excluded now");
        }
        let (rule, effect) = match (before.is_subset(&after), after.is_subset(&before)) {
            (true, _) => (&rules::TYPE_WIDENED, Effect::Wider),
            (_, true) => (&rules::TYPE_NARROWED, Effect::Narrower),
            _ => (&rules::TYPE_CHANGED, Effect::Breaks("breaks clients of the old type")),
        };
        let (old_at, new_at) = (common_with(&self.old, "type"), common_with(&self.new, "type"));
        let (old_at, new_at) = (old_at.unwrap_or(old_whole.clone()), new_at.unwrap_or(new_whole.clone()));
        let (was, is) = (old_at.value.get("type"), new_at.value.get("type"));
        if was != is {
            return self.values(rule, effect, Place::Field(&old_at, &new_at, "type"), "type", turned("type", was, is));
        }
        // The type came or went with an alternative.
        let list = |types: &BTreeSet<&str>| types.iter().copied().collect::<Vec<_>>().join(", ");
        let what = format!("the types change from {} to {}", list(&before), list(&after));
        let alternative = |shapes: &[Shape<'a>], others: &[Shape<'a>]| {
            let only = shapes.iter().find(|shape| !others.iter().any(|other| other.kind == shape.kind))?;
            own_node(only, shapes).cloned()
        };
        match (alternative(&self.old, &self.new), alternative(&self.new, &self.old)) {
            (None, Some(came)) => self.values(rule, effect, Place::Came(&came), "type", what),
            (Some(gone), None) => self.values(rule, effect, Place::Gone(&gone), "type", what),
            _ => self.values(rule, effect, at, "type", what),
        }
    }
}

/// The names of the types of these alternatives.
fn types(shapes: &[Shape<'_>]) -> BTreeSet<&'static str> {
    let mut types = BTreeSet::new();
    for shape in shapes {
        match shape.kind {
            Kind::Number => {
                types.insert("integer");
                if !shape.whole && shape.only.is_none() {
                    types.insert("number that is not an integer");
                }
            }
            kind => types.extend([kind.name()]),
        }
    }
    types
}

/// The schema with a keyword that applies to all alternatives.
fn common_with<'a>(shapes: &[Shape<'a>], key: &str) -> Option<Node<'a>> {
    let (first, others) = shapes.split_first()?;
    let is_common = |node: &Node<'a>| others.iter().all(|shape| shape.nodes.iter().any(|it| it.id() == node.id()));
    first.nodes.iter().find(|node| node.value.get(key).is_some() && is_common(node)).cloned()
}
