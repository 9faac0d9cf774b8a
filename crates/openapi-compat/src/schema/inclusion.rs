//! Whether one schema allows everything that another allows: the one decision that every verdict on values comes from.
//!
//! It is sound and not complete: "yes" is proved, and "no" may only mean that no proof was found.

mod bounds;
mod fields;
mod questions;
mod values;

use std::collections::BTreeSet;

use serde_json::Value;

use super::Known;
use super::shape::{Conjunction, Kind, Opaque, Shape};
use crate::finding::Direction;
use crate::node::{FALSE, Node, TRUE};
use bounds::number_within;
pub(super) use bounds::{formats_within, steps_within};
use fields::Names;
pub(super) use fields::{FieldQuestion, forbidden, is_open, is_same_field, names, patterns};
pub(super) use questions::{Open, Question};

/// How deep shapes and values may be nested within one question.
const DEEPEST: usize = 48;

/// The question that is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Mode {
    /// Whether every value of the one is one of the other.
    Values,
    /// Whether who reads the other document can read what is sent by the one, in this direction: a client sends no field
    /// that its document does not describe, and a field that was described must still be.
    Exchange(Direction),
}

impl Mode {
    /// Whether the document of the sender is the old one.
    fn is_from_old(self) -> bool {
        self == Self::Exchange(Direction::Request)
    }

    fn direction(self) -> Option<Direction> {
        match self {
            Self::Values => None,
            Self::Exchange(direction) => Some(direction),
        }
    }
}

impl<'a> Known<'a> {
    /// Whether everything that is sent by the one can be read by the other.
    pub(super) fn is_within(&mut self, sent: &Conjunction<'a>, read: &Conjunction<'a>, mode: Mode) -> bool {
        self.within(sent, read, mode)
    }

    /// The same for one alternative of what is sent.
    pub(super) fn is_shape_within(&mut self, sent: &Shape<'a>, read: &[Shape<'a>], mode: Mode) -> bool {
        self.shape_within_any(sent, read, mode, 0)
    }

    fn shape_within_any(&mut self, sent: &Shape<'a>, read: &[Shape<'a>], mode: Mode, depth: usize) -> bool {
        self.budget.spend(1);
        let of_kind: Vec<_> = read.iter().filter(|read| read.kind == sent.kind).collect();
        if of_kind.iter().any(|read| self.shape_within(sent, read, mode, depth)) || self.is_empty(sent, depth) {
            return true;
        }
        let listed: Vec<&Value> = match (&sent.only, sent.kind) {
            (Some(values), _) => values.values().to_vec(),
            (None, Kind::Boolean) => vec![&TRUE, &FALSE],
            (None, Kind::Null) => vec![&Value::Null],
            (None, _) => return of_kind.len() > 1 && self.is_covered(sent, &of_kind, mode, depth),
        };
        of_kind.len() > 1
            && listed
                .into_iter()
                .all(|value| of_kind.iter().any(|read| self.accepts_in(value, read, depth) == Some(true)))
    }

    /// Whether several alternatives together allow what none of them allows alone: split by a listed field.
    fn is_covered(&mut self, sent: &Shape<'a>, read: &[&Shape<'a>], mode: Mode, depth: usize) -> bool {
        if sent.kind != Kind::Object || depth >= DEEPEST || !self.budget.spend(sent.weight()) {
            return false;
        }
        let read: Vec<_> = read.iter().filter(|read| read.only.is_none() && has_tags_of(sent, read, mode)).collect();
        let names: Vec<&'a str> = sent.required.iter().copied().collect();
        names.into_iter().any(|name| {
            let field = Conjunction::new(self.field(sent, Names::One(name), true));
            let shapes = self.shapes(&field);
            let [Shape { only: Some(values), opaque, .. }] = &*shapes else { return false };
            // Each value has to have an alternative that reads all the rest.
            values.values().len() > 1
                && opaque.is_empty()
                && values.values().iter().all(|value| {
                    read.iter().any(|read| {
                        let field = Conjunction::new(self.field(read, Names::One(name), false));
                        self.accepts(value, &field, depth + 1) == Some(true)
                            && !matches!(self.field_question(sent, read, name, mode), FieldQuestion::Lost)
                            && self.count_within(sent, read)
                            && self.object_within(sent, read, mode, depth + 1, Some(name))
                            && self.rest_within(sent, read, depth)
                    })
                })
        })
    }

    fn shape_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, mode: Mode, depth: usize) -> bool {
        if sent.kind != read.kind || !self.budget.spend(sent.weight() + read.weight()) {
            return false;
        }
        if let Some(allowed) = &read.only {
            let listed = match (&sent.only, sent.kind) {
                (Some(listed), _) => listed.values().to_vec(),
                (None, Kind::Boolean) => vec![&TRUE, &FALSE],
                (None, Kind::Null) => vec![&Value::Null],
                (None, _) => return false,
            };
            if !listed.iter().all(|value| allowed.contains(value)) {
                return false;
            }
        }
        if !has_tags_of(sent, read, mode) {
            return false;
        }
        if let Some(listed) = &sent.only
            && !read.is_only_listed()
            && listed.values().iter().all(|value| self.accepts_in(value, read, depth) == Some(true))
        {
            return true;
        }
        self.facets_within(sent, read, mode, depth) && self.rest_within(sent, read, depth)
    }

    fn facets_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, mode: Mode, depth: usize) -> bool {
        match sent.kind {
            Kind::Null | Kind::Boolean => true,
            Kind::Number => number_within(sent, read),
            Kind::String => self.length_within(sent, read) && self.text_within(sent, read),
            Kind::Array => self.count_within(sent, read) && self.array_within(sent, read, mode),
            Kind::Object => self.count_within(sent, read) && self.object_within(sent, read, mode, depth, None),
        }
    }

    /// What is the same for all types: `not`, and what is compared by its words.
    pub(super) fn rest_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, depth: usize) -> bool {
        let nots = read.nots.iter().all(|not| {
            let same = sent.nots.iter().chain(&sent.apart).any(|known| self.within(not, known, Mode::Values));
            same || {
                let excluded = self.shapes(not);
                excluded.iter().all(|excluded| self.is_disjoint(sent, excluded, depth + 1))
            }
        });
        nots && read.opaque.iter().all(|read| sent.opaque.iter().any(|sent| self.is_same_opaque(sent, read)))
    }

    fn is_same_opaque(&mut self, one: &Opaque<'a>, other: &Opaque<'a>) -> bool {
        if one.node.id() == other.node.id() {
            return one.key == other.key;
        }
        if one.is_unreadable || other.is_unreadable || one.key != other.key {
            return false;
        }
        if one.is_entangled || other.is_entangled {
            return self.is_same_to_values(&one.node, &other.node) || self.is_same_to_values(&other.node, &one.node);
        }
        match (one.node.get(one.key), other.node.get(other.key)) {
            (Some(one), Some(other)) => self.is_same(&one, &other) || self.is_same(&other, &one),
            _ => false,
        }
    }

    pub(super) fn array_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, mode: Mode) -> bool {
        if read.unique && !sent.unique && sent.most.is_none_or(|most| most > 1) {
            return false;
        }
        let first = sent.items.iter().chain(&read.items).map(|items| items.first.len()).max().unwrap_or(0);
        self.budget.spend(first * (sent.items.len() + read.items.len()));
        for index in 0..=first {
            // The last one stands for all that follow.
            if sent.most.is_some_and(|most| most <= index as u64) {
                break;
            }
            let [one, other] = [item(sent, index), item(read, index)].map(Conjunction::new);
            if !self.within(&one, &other, mode) {
                return false;
            }
        }
        read.contains.iter().all(|read| {
            let all_are = read.most.is_none() && sent.least >= read.least && {
                self.budget.spend(first * sent.items.len());
                let mut indices = 0..=first;
                indices.all(|index| {
                    let one = Conjunction::new(item(sent, index));
                    self.within(&one, &read.item, Mode::Values)
                })
            };
            all_are
                || sent.contains.iter().any(|sent| {
                    let counts = sent.least >= read.least
                        && read.most.is_none_or(|read| sent.most.is_some_and(|sent| sent <= read));
                    counts
                        && (read.least == 0 || self.within(&sent.item, &read.item, Mode::Values))
                        && (read.most.is_none() || self.within(&read.item, &sent.item, Mode::Values))
                })
        })
    }

    /// Whether no value can be both.
    pub(super) fn is_disjoint(&mut self, one: &Shape<'a>, other: &Shape<'a>, depth: usize) -> bool {
        if one.kind != other.kind {
            return true;
        }
        if depth > 4 || !self.budget.spend(one.weight() + other.weight()) {
            return false;
        }
        for (listed, by) in [(one, other), (other, one)] {
            if let Some(values) = &listed.only {
                return values.values().iter().all(|value| self.accepts_in(value, by, depth) == Some(false));
            }
        }
        if one.tags.iter().any(|(name, values)| other.tags.get(name).is_some_and(|it| it.is_disjoint(values))) {
            return true;
        }
        match one.and(other).map(Shape::simplified) {
            None | Some(None) => true,
            Some(Some(both)) => self.is_empty(&both, depth + 1),
        }
    }

    /// Whether it is known that no value is of this shape.
    pub(super) fn is_empty(&mut self, shape: &Shape<'a>, depth: usize) -> bool {
        if depth > DEEPEST || !self.budget.spend(shape.weight()) {
            return false;
        }
        let names: Vec<&'a str> = shape.required.iter().copied().collect();
        if names.into_iter().any(|name| {
            let field = self.field(shape, Names::One(name), true);
            !field.is_empty() && !self.goes_one_way(&field) && self.shapes(&Conjunction::new(field)).is_empty()
        }) {
            return true;
        }
        if shape.kind == Kind::Object && shape.most.is_some_and(|most| most < self.always_there(shape)) {
            return true;
        }
        let is_within_not = |known: &mut Self, not: &Conjunction<'a>| {
            let excluded = known.shapes(not);
            let bare = Shape { nots: Vec::new(), ..shape.clone() };
            excluded.iter().any(|excluded| {
                excluded.kind == bare.kind && depth < 4 && known.shape_within(&bare, excluded, Mode::Values, depth + 1)
            })
        };
        // While a schema is read, nothing may rest on an answer that is only assumed.
        self.expanding.is_empty() && shape.nots.iter().any(|not| is_within_not(self, not))
    }
}

/// Whether what a discriminator says of the one is among what it says of the other.
fn has_tags_of(sent: &Shape<'_>, read: &Shape<'_>, mode: Mode) -> bool {
    let is_among =
        |(name, values): (&&str, &BTreeSet<String>)| sent.tags.get(name).is_none_or(|sent| sent.is_subset(values));
    mode == Mode::Values || read.tags.iter().all(is_among)
}

/// The schemas of an item.
pub(super) fn item<'a>(shape: &Shape<'a>, index: usize) -> Vec<Node<'a>> {
    shape.items.iter().filter_map(|items| items.first.get(index).or(items.rest.as_ref()).cloned()).collect()
}
