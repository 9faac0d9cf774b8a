//! The items of arrays.

use super::{BOUND, CONTAINS, Pair};
use crate::node::{Node, TRUE};
use crate::schema::inclusion::{Mode, item};
use crate::schema::shape::Shape;

impl<'a> Pair<'_, 'a> {
    pub(super) fn arrays(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        self.facet(old, new, &["uniqueItems"], &BOUND, (old.unique || !new.unique, new.unique || !old.unique));
        let first = old.items.iter().chain(&new.items).map(|items| items.first.len()).max().unwrap_or(0);
        for index in 0..=first {
            let (before, after) = (item(old, index), item(new, index));
            if before.is_empty() && after.is_empty() {
                continue;
            }
            let at = |nodes: &[Node<'a>], shape: &Shape<'a>, at: &Node<'a>| {
                nodes.first().cloned().unwrap_or_else(|| shape.nodes.first().unwrap_or(at).get_or("items", &TRUE))
            };
            let (old_at, new_at) = (at(&before, old, &self.old_at), at(&after, new, &self.new_at));
            self.child(before, after, old_at, new_at);
        }
        let only = |of: &Shape<'a>| Shape {
            contains: of.contains.clone(),
            items: of.items.clone(),
            least: of.least,
            ..Shape::any(of.kind)
        };
        let [before, after] = [only(old), only(new)];
        let without = |of: &Shape<'a>| Shape {
            items: Vec::new(),
            least: 0,
            contains: of.contains.clone(),
            ..Shape::any(of.kind)
        };
        let known = &mut self.judge.schemas;
        let is_within = (
            known.array_within(&before, &without(&after), Mode::Values),
            known.array_within(&after, &without(&before), Mode::Values),
        );
        self.facet(old, new, &["contains", "minContains", "maxContains"], &CONTAINS, is_within);
    }
}
