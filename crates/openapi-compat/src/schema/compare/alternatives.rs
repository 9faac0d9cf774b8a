//! The alternatives of two schemas, and which of them belong together.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::{Pair, own_node, sent_and_read};
use crate::judge::{Effect, Place};
use crate::node::Node;
use crate::rules;
use crate::schema::code;
use crate::schema::inclusion::Mode;
use crate::schema::shape::{Kind, Shape};

impl<'a> Pair<'_, 'a> {
    /// Pairs the alternatives of each type and compares them.
    pub(super) fn alternatives(&mut self) {
        let (old, new) = (Rc::clone(&self.old), Rc::clone(&self.new));
        for kind in Kind::ALL {
            let of_kind = |shapes: &'_ [Shape<'a>]| -> Vec<usize> {
                (0..shapes.len()).filter(|at| shapes.get(*at).is_some_and(|shape| shape.kind == kind)).collect()
            };
            let (mut before, mut after) = (of_kind(&old), of_kind(&new));
            if before.is_empty() || after.is_empty() {
                continue;
            }
            for (one, other) in self.partners(&mut before, &mut after) {
                if let (Some(one), Some(other)) = (old.get(one), new.get(other)) {
                    let are_parts_vouched = self.are_parts_vouched;
                    // If all of them hold and this one does not alone, the others have what it lacks.
                    self.are_parts_vouched |= self.holds && {
                        let (sent, read) = sent_and_read(self.direction, one, other);
                        let mode = Mode::Exchange(self.direction);
                        !self.judge.schemas.is_shape_within(sent, std::slice::from_ref(read), mode)
                    };
                    self.name_of_alternative(one, other);
                    self.shapes(one, other);
                    self.are_parts_vouched = are_parts_vouched;
                }
            }
            for gone in before.iter().filter_map(|at| old.get(*at)) {
                let is_covered = self.judge.schemas.is_shape_within(gone, &new, Mode::Values);
                if !is_covered {
                    let node = own_node(gone, &old).unwrap_or(&self.old_at).clone();
                    let what = format!("an alternative ({}) is gone", kind.name());
                    self.values(&rules::VARIANT_REMOVED, Effect::Narrower, Place::Gone(&node), "", what);
                }
            }
            for came in after.iter().filter_map(|at| new.get(*at)) {
                let is_covered = self.judge.schemas.is_shape_within(came, &old, Mode::Values);
                if !is_covered {
                    let node = own_node(came, &new).unwrap_or(&self.new_at).clone();
                    let what = format!("an alternative ({}) is new", kind.name());
                    self.values(&rules::VARIANT_ADDED, Effect::Wider, Place::Came(&node), "", what);
                }
            }
        }
    }

    /// Compares the names of types of two alternatives that belong together.
    fn name_of_alternative(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        let is_branch = |node: &&Node<'a>| {
            let list = node.pointer.rsplit('/').nth(1);
            node.reference().is_some() && matches!(list, Some("anyOf" | "oneOf"))
        };
        let branches = |shape: &Shape<'a>| shape.nodes.iter().filter(is_branch).cloned().collect::<Vec<_>>();
        if let ([one], [other]) = (branches(old).as_slice(), branches(new).as_slice()) {
            let names = |shapes: &[Shape<'a>]| -> BTreeSet<String> {
                let nodes = shapes.iter().flat_map(|shape| &shape.nodes);
                nodes.filter_map(Node::reference).map(str::to_owned).collect()
            };
            // One that moved is among the others.
            let is_among = |node: &Node<'a>, shapes: &[Shape<'a>]| {
                node.reference().is_some_and(|name| names(shapes).contains(name))
            };
            if !is_among(one, &self.new) && !is_among(other, &self.old) {
                code::names(self.judge, one, other);
            }
        }
    }

    /// Takes those that belong together out of both lists.
    fn partners(&mut self, before: &mut Vec<usize>, after: &mut Vec<usize>) -> Vec<(usize, usize)> {
        if let ([one], [other]) = (before.as_slice(), after.as_slice()) {
            let pair = (*one, *other);
            before.clear();
            after.clear();
            return vec![pair];
        }
        let (old, new) = (Rc::clone(&self.old), Rc::clone(&self.new));
        let mut pairs = Vec::new();
        // The surest first: the same words, the same name, the same values, and at last what is not told apart.
        for likeness in [Likeness::Words, Likeness::Name, Likeness::Included, Likeness::Overlaps] {
            before.retain(|at| {
                let Some(one) = old.get(*at) else { return false };
                let found = after
                    .iter()
                    .position(|other| new.get(*other).is_some_and(|other| self.are_alike(one, other, likeness)));
                match found {
                    Some(found) => pairs.push((*at, after.remove(found))),
                    None => return true,
                }
                false
            });
        }
        pairs
    }

    fn are_alike(&mut self, old: &Shape<'a>, new: &Shape<'a>, likeness: Likeness) -> bool {
        let [one, other] = [own_node(old, &self.old), own_node(new, &self.new)];
        match likeness {
            Likeness::Words => match (one, other) {
                (Some(one), Some(other)) => self.judge.schemas.is_same(one, other),
                _ => false,
            },
            Likeness::Name => {
                let name = |node: &Node<'a>| node.reference();
                matches!((one.and_then(name), other.and_then(name)), (Some(one), Some(other)) if one == other)
            }
            Likeness::Included => {
                let (sent, read) = sent_and_read(self.direction, old, new);
                let mode = Mode::Exchange(self.direction);
                self.judge.schemas.is_shape_within(sent, std::slice::from_ref(read), mode)
            }
            Likeness::Overlaps => !self.judge.schemas.is_disjoint(old, new, 0),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Words,
    Name,
    Included,
    Overlaps,
}
