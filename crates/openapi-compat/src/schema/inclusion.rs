//! Whether one schema allows everything that another allows: the one decision that every verdict on values comes from.
//!
//! It is sound and not complete: "yes" is proved, and "no" may only mean that no proof was found.

use std::collections::BTreeSet;

use serde_json::Value;

use super::Known;
use super::normal::closure;
use super::shape::{Conjunction, Fields, Kind, Opaque, Shape};
use crate::finding::Direction;
use crate::node::{FALSE, Node, TRUE};
use crate::value::is_same_value;

/// How deep a question may lead to others, and how many it may lead to in all.
const DEEPEST: usize = 48;
const MOST_STEPS: usize = 20_000;
/// A question that was given up is asked again only where it may lead that much deeper.
const DEEPER: usize = 40;

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

pub(super) type Question = (Box<[usize]>, Box<[usize]>, Mode);

/// What is known about the names of an object that a keyword is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names<'n> {
    One(&'n str),
    /// All that match a pattern and are not listed.
    Matching(&'n str),
    /// All others.
    Rest,
}

impl<'a> Known<'a> {
    /// Whether everything that is sent by the one can be read by the other.
    pub(super) fn is_within(&mut self, sent: &Conjunction<'a>, read: &Conjunction<'a>, mode: Mode) -> bool {
        self.steps = 0;
        self.gave_up = false;
        self.within(sent, read, mode, 0)
    }

    /// The same, even if it was given up before.
    pub(super) fn is_within_now(&mut self, sent: &Conjunction<'a>, read: &Conjunction<'a>, mode: Mode) -> bool {
        self.unproved.remove(&(sent.key(), read.key(), mode));
        self.is_within(sent, read, mode)
    }

    /// The same for one alternative of what is sent.
    pub(super) fn is_shape_within(&mut self, sent: &Shape<'a>, read: &[Shape<'a>], mode: Mode) -> bool {
        self.steps = 0;
        self.gave_up = false;
        self.shape_within_any(sent, read, mode, 0)
    }

    fn within(&mut self, sent: &Conjunction<'a>, read: &Conjunction<'a>, mode: Mode, depth: usize) -> bool {
        let question = (sent.key(), read.key(), mode);
        if question.0 == question.1 || read.nodes().iter().all(|node| *node.value == TRUE) && mode == Mode::Values {
            return true;
        }
        if let ([sent], [read]) = (sent.nodes(), read.nodes()) {
            let (old, new) = if mode.is_from_old() { (sent, read) } else { (read, sent) };
            if mode != Mode::Values && self.is_same(old, new) {
                return true;
            }
        }
        if let Some(answer) = self.answers.get(&question) {
            return *answer;
        }
        let is_enough = |at: &usize| if depth == 0 { *at == 0 } else { *at < depth + DEEPER };
        if self.unproved.get(&question).is_some_and(is_enough) {
            self.gave_up = true;
            return false;
        }
        self.steps += 1;
        if depth >= DEEPEST || self.steps > MOST_STEPS {
            self.gave_up = true;
            return false;
        }
        // Assumed until it is refuted, so that schemas that refer to themselves end.
        self.answers.insert(question.clone(), true);
        let assumed = self.trail.len();
        self.trail.push(question.clone());
        let (sent, read) = (self.shapes(sent), self.shapes(read));
        let answer = sent.iter().all(|shape| self.shape_within_any(shape, &read, mode, depth + 1));
        if !answer {
            // What was concluded from the assumption is not known any more.
            for concluded in self.trail.drain(assumed..) {
                self.answers.remove(&concluded);
            }
            if self.gave_up {
                self.unproved.insert(question, depth);
            } else {
                self.answers.insert(question, false);
            }
        } else if depth == 0 {
            self.trail.clear();
        }
        answer
    }

    fn shape_within_any(&mut self, sent: &Shape<'a>, read: &[Shape<'a>], mode: Mode, depth: usize) -> bool {
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
        if sent.kind != Kind::Object || depth >= DEEPEST {
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
        if sent.kind != read.kind {
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
            Kind::Array => self.count_within(sent, read) && self.array_within(sent, read, mode, depth),
            Kind::Object => self.count_within(sent, read) && self.object_within(sent, read, mode, depth, None),
        }
    }

    /// What is the same for all types: `not`, and what is compared by its words.
    pub(super) fn rest_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, depth: usize) -> bool {
        let nots = read.nots.iter().all(|not| {
            let same = sent.nots.iter().any(|known| self.within(not, known, Mode::Values, depth + 1));
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

    /// Whether texts are as long as they have to be, by their own bounds or by a pattern.
    fn length_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>) -> bool {
        self.count_within(sent, read)
            || sent.patterns.iter().any(|pattern| self.patterns.is_within(pattern, &of_length(read)) == Some(true))
    }

    /// Whether there are as many characters, items or fields as there have to be.
    pub(super) fn count_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>) -> bool {
        (sent.least >= read.least || self.always_there(sent) >= read.least)
            && read.most.is_none_or(|read| sent.most.is_some_and(|sent| sent <= read))
    }

    /// How many fields are there in either direction.
    fn always_there(&mut self, shape: &Shape<'a>) -> u64 {
        let names: Vec<&'a str> = shape.required.iter().copied().collect();
        let fields: Vec<_> = names.into_iter().map(|name| self.field(shape, Names::One(name), true)).collect();
        fields.iter().filter(|field| !goes_one_way(field)).count() as u64
    }

    pub(super) fn text_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>) -> bool {
        formats_within(sent, read)
            && read.patterns.iter().all(|read| {
                sent.patterns.contains(read)
                    || sent.patterns.iter().any(|sent| self.patterns.is_within(sent, read) == Some(true))
                    || self.patterns.is_within(&of_length(sent), read) == Some(true)
            })
    }

    pub(super) fn array_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, mode: Mode, depth: usize) -> bool {
        if read.unique && !sent.unique && sent.most.is_none_or(|most| most > 1) {
            return false;
        }
        let first = sent.items.iter().chain(&read.items).map(|items| items.first.len()).max().unwrap_or(0);
        for index in 0..=first {
            // The last one stands for all that follow.
            if sent.most.is_some_and(|most| most <= index as u64) {
                break;
            }
            let [one, other] = [item(sent, index), item(read, index)].map(Conjunction::new);
            if !self.within(&one, &other, mode, depth) {
                return false;
            }
        }
        read.contains.iter().all(|read| {
            let all_are = read.most.is_none() && sent.least >= read.least && {
                let mut indices = 0..=first;
                indices.all(|index| {
                    let one = Conjunction::new(item(sent, index));
                    self.within(&one, &read.item, Mode::Values, depth)
                })
            };
            all_are
                || sent.contains.iter().any(|sent| {
                    let counts = sent.least >= read.least
                        && read.most.is_none_or(|read| sent.most.is_some_and(|sent| sent <= read));
                    counts
                        && (read.least == 0 || self.within(&sent.item, &read.item, Mode::Values, depth))
                        && (read.most.is_none() || self.within(&read.item, &sent.item, Mode::Values, depth))
                })
        })
    }

    pub(super) fn object_within(
        &mut self,
        sent: &Shape<'a>,
        read: &Shape<'a>,
        mode: Mode,
        depth: usize,
        except: Option<&str>,
    ) -> bool {
        let required = self.required(sent, mode.direction());
        if !self.required(read, mode.direction()).is_subset(&required) {
            return false;
        }
        for name in names(sent).union(&names(read)) {
            if except == Some(*name) {
                continue;
            }
            match self.field_question(sent, read, name, mode) {
                FieldQuestion::Fits => {}
                FieldQuestion::Lost => return false,
                FieldQuestion::Within(one, other) => {
                    if !self.within(&one, &other, mode, depth) {
                        return false;
                    }
                }
            }
        }
        self.other_fields_within(sent, read, mode, depth) && self.names_within(sent, read, depth)
    }

    /// Whether the fields that neither lists fit, those of patterns among them.
    fn other_fields_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, mode: Mode, depth: usize) -> bool {
        let patterns: BTreeSet<&'a str> = patterns(sent).chain(patterns(read)).collect();
        let classes: Vec<_> = patterns.into_iter().map(Some).chain([None]).collect();
        classes.into_iter().all(|pattern| self.unlisted_within(sent, read, pattern, mode, depth))
    }

    /// Whether the fields that neither lists fit: those that match a pattern, or else all others.
    pub(super) fn unlisted_within(
        &mut self,
        sent: &Shape<'a>,
        read: &Shape<'a>,
        pattern: Option<&str>,
        mode: Mode,
        depth: usize,
    ) -> bool {
        let names = pattern.map_or(Names::Rest, Names::Matching);
        let [one, other] = [self.field(sent, names, true), self.field(read, names, false)].map(Conjunction::new);
        self.within(&one, &other, mode, depth)
    }

    pub(super) fn names_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, depth: usize) -> bool {
        if read.names.is_empty() {
            return true;
        }
        let [one, other] = [sent, read].map(|shape| self.shapes(&Conjunction::new(shape.names.clone())));
        let mut texts = one.iter().filter(|shape| shape.kind == Kind::String);
        if texts.all(|name| self.shape_within_any(name, &other, Mode::Values, depth + 1)) {
            return true;
        }
        let rest = Conjunction::new(self.field(sent, Names::Rest, true));
        patterns(sent).next().is_none()
            && self.shapes(&rest).is_empty()
            && names(sent).into_iter().all(|name| self.accepts_name(name, read, depth) == Some(true))
    }

    fn accepts_name(&mut self, name: &str, shape: &Shape<'a>, depth: usize) -> Option<bool> {
        self.accepts(&Value::String(name.to_owned()), &Conjunction::new(shape.names.clone()), depth + 1)
    }

    /// What has to be asked about a field that at least one of the two lists.
    pub(super) fn field_question(
        &mut self,
        sent: &Shape<'a>,
        read: &Shape<'a>,
        name: &'a str,
        mode: Mode,
    ) -> FieldQuestion<'a> {
        let [one, other] =
            [self.field(sent, Names::One(name), true), self.field(read, Names::One(name), false)].map(Conjunction::new);
        if let Mode::Exchange(direction) = mode {
            let [is_sent, is_read] = [sent, read].map(|shape| self.describes(shape, name, direction));
            let (was_described, is_described) =
                if mode.is_from_old() { (is_sent, is_read) } else { (is_read, is_sent) };
            let new = if mode.is_from_old() { read } else { sent };
            // What the old document describes has to be described in the new one, by its name or as one of the others.
            let is_gone = |known: &mut Self| {
                let field = if mode.is_from_old() { &other } else { &one };
                is_open(new) || known.is_one_sided(field.nodes(), direction) || known.shapes(field).is_empty()
            };
            if was_described && !is_described && is_gone(self) {
                return FieldQuestion::Lost;
            }
            // A client does not send what its document neither describes nor requires, and nobody what goes the other way.
            let is_unknown = mode.is_from_old() && is_open(sent) && !sent.required.contains(name);
            if !is_sent && (is_unknown || self.is_one_sided(one.nodes(), direction)) {
                return FieldQuestion::Fits;
            }
        }
        if self.shapes(&one).is_empty() {
            return FieldQuestion::Fits;
        }
        FieldQuestion::Within(one, other)
    }

    /// The names that must be there, of those that go in this direction.
    pub(super) fn required(&mut self, shape: &Shape<'a>, direction: Option<Direction>) -> BTreeSet<&'a str> {
        let mut required = shape.required.clone();
        if let Some(direction) = direction {
            required.retain(|name| {
                let field = self.field(shape, Names::One(name), true);
                !self.is_one_sided(&field, direction)
            });
        }
        required
    }

    /// Whether a shape has something to say about a field that goes in this direction.
    pub(super) fn describes(&mut self, shape: &Shape<'a>, name: &str, direction: Direction) -> bool {
        let is_listed = shape.fields.iter().any(|fields| match fields {
            Fields::Named { properties, patterns, .. } => {
                properties.and_then(|map| map.get(name)).is_some_and(|property| *property != FALSE)
                    || patterns
                        .iter()
                        .flat_map(|map| map.keys())
                        .any(|it| self.patterns.matches(it, name) == Some(true))
            }
            Fields::Without(..) | Fields::Unevaluated { .. } => false,
        });
        is_listed && {
            let field = self.field(shape, Names::One(name), true);
            !self.is_one_sided(&field, direction)
        }
    }

    /// Whether a field goes only in the other direction.
    fn is_one_sided(&self, field: &[Node<'a>], direction: Direction) -> bool {
        let key = match direction {
            Direction::Request => "readOnly",
            Direction::Response => "writeOnly",
            Direction::Code | Direction::Document => return false,
        };
        says(field, key)
    }

    /// The schemas of a field. Where it is not known whether a pattern covers it, a sender is taken to say less, and a
    /// reader to ask for more.
    fn field(&mut self, shape: &Shape<'a>, name: Names<'_>, is_sent: bool) -> Vec<Node<'a>> {
        let mut all = Vec::new();
        for fields in &shape.fields {
            match fields {
                Fields::Without(without, node) => {
                    if name == Names::One(without) {
                        all.push(node.with_value("properties", &FALSE));
                    }
                }
                Fields::Named { node, properties, patterns, rest } => {
                    let mut is_covered = false;
                    if let (Names::One(name), Some(_)) = (name, properties)
                        && let Some(property) = node.get("properties").and_then(|map| map.get(name))
                    {
                        all.push(property);
                        is_covered = true;
                    }
                    for pattern in patterns.iter().flat_map(|map| map.keys()) {
                        let matches = self.covers(pattern, name);
                        // What else a name of a pattern matches is asked where that pattern is.
                        let may_ask = !is_sent && matches!(name, Names::One(_));
                        if matches == Some(true) || (matches.is_none() && may_ask) {
                            all.extend(node.get("patternProperties").and_then(|map| map.get(pattern)));
                        }
                        is_covered |= matches == Some(true) || (matches.is_none() && is_sent);
                    }
                    if !is_covered {
                        all.extend(rest.clone());
                    }
                }
                Fields::Unevaluated { names, patterns, rest } => {
                    let is_listed = matches!(name, Names::One(name) if names.contains(name));
                    let covers: Vec<_> = patterns.iter().map(|pattern| self.covers(pattern, name)).collect();
                    let may_be = covers.iter().any(Option::is_none);
                    if !(is_listed || covers.contains(&Some(true)) || may_be && is_sent) {
                        all.push(rest.clone());
                    }
                }
            }
        }
        all
    }

    /// The schemas of a field of this name.
    pub(super) fn field_of(&mut self, shape: &Shape<'a>, name: &str) -> Vec<Node<'a>> {
        self.field(shape, Names::One(name), false)
    }

    /// Whether a pattern matches these names.
    fn covers(&mut self, pattern: &str, name: Names<'_>) -> Option<bool> {
        match name {
            Names::One(name) => self.patterns.matches(pattern, name),
            // Whether they have names in common is not known.
            Names::Matching(other) => self.patterns.is_within(other, pattern).filter(|is_within| *is_within),
            Names::Rest => Some(false),
        }
    }

    /// Whether no value can be both.
    pub(super) fn is_disjoint(&mut self, one: &Shape<'a>, other: &Shape<'a>, depth: usize) -> bool {
        if one.kind != other.kind {
            return true;
        }
        if depth > 4 {
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
        if depth > DEEPEST {
            return false;
        }
        let names: Vec<&'a str> = shape.required.iter().copied().collect();
        if names.into_iter().any(|name| {
            let field = self.field(shape, Names::One(name), true);
            !field.is_empty() && !goes_one_way(&field) && self.shapes(&Conjunction::new(field)).is_empty()
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

    /// Whether a value is allowed; `None` if that is not known.
    pub(super) fn accepts(&mut self, value: &Value, all: &Conjunction<'a>, depth: usize) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        let shapes = self.shapes(all);
        any(shapes.iter().map(|shape| self.accepts_in(value, shape, depth)))
    }

    /// Whether a value is of this shape; `None` if that is not known.
    pub(super) fn accepts_in(&mut self, value: &Value, shape: &Shape<'a>, depth: usize) -> Option<bool> {
        if Kind::of(value) != shape.kind {
            return Some(false);
        }
        if let Some(values) = &shape.only
            && !values.contains(value)
        {
            return Some(false);
        }
        let own = match value {
            Value::Null | Value::Bool(_) => Some(true),
            Value::Number(number) => crate::decimal::Decimal::new(number).and_then(|it| accepts_number(it, shape)),
            Value::String(text) => self.accepts_text(text, shape),
            Value::Array(items) => self.accepts_items(items, shape, depth),
            Value::Object(fields) => {
                let count = fields.len() as u64;
                let is_counted = shape.least <= count && shape.most.is_none_or(|most| count <= most);
                if !is_counted || !shape.required.iter().all(|name| fields.contains_key(*name)) {
                    return Some(false);
                }
                let named = all(fields.iter().map(|(name, value)| {
                    // What a pattern might cover is asked both ways.
                    let [least, most] = [true, false].map(|is_sent| self.field(shape, Names::One(name), is_sent));
                    let [least, most] = [least, most].map(Conjunction::new);
                    let answer = self.accepts(value, &most, depth + 1);
                    if least.key() == most.key() || answer == Some(true) { answer } else { None }
                }));
                let named_well = all(fields.keys().map(|name| match shape.names.is_empty() {
                    true => Some(true),
                    false => self.accepts_name(name, shape, depth),
                }));
                all([named, named_well].into_iter())
            }
        };
        if own == Some(false) {
            return own;
        }
        let nots = shape.nots.iter().map(|not| self.accepts(value, not, depth + 1).map(|accepted| !accepted));
        let nots = all(nots);
        let opaque = if shape.opaque.is_empty() { Some(true) } else { None };
        all([own, nots, opaque].into_iter())
    }

    fn accepts_text(&mut self, text: &str, shape: &Shape<'a>) -> Option<bool> {
        let count = text.chars().count() as u64;
        if count < shape.least || shape.most.is_some_and(|most| most < count) {
            return Some(false);
        }
        let patterns = all(shape.patterns.iter().map(|pattern| self.patterns.matches(pattern, text)));
        let formats = if shape.formats.is_empty() { Some(true) } else { None };
        all([patterns, formats].into_iter())
    }

    fn accepts_items(&mut self, items: &[Value], shape: &Shape<'a>, depth: usize) -> Option<bool> {
        /// More are not compared with each other.
        const MOST: usize = 64;
        let count = items.len() as u64;
        if count < shape.least || shape.most.is_some_and(|most| most < count) {
            return Some(false);
        }
        let repeats =
            || items.iter().enumerate().any(|(at, one)| items.iter().take(at).any(|other| is_same_value(one, other)));
        let unique = match shape.unique {
            false => Some(true),
            true if items.len() > MOST => None,
            true => Some(!repeats()),
        };
        let each = all(items.iter().enumerate().map(|(index, value)| {
            let schema = Conjunction::new(item(shape, index));
            self.accepts(value, &schema, depth + 1)
        }));
        let contains = all(shape.contains.iter().map(|contains| {
            let judged: Vec<_> = items.iter().map(|value| self.accepts(value, &contains.item, depth + 1)).collect();
            let count = judged.iter().filter(|it| **it == Some(true)).count() as u64;
            judged
                .iter()
                .all(Option::is_some)
                .then(|| contains.least <= count && contains.most.is_none_or(|most| count <= most))
        }));
        all([unique, each, contains].into_iter())
    }
}

/// What has to be asked about a field.
pub(super) enum FieldQuestion<'a> {
    /// Nothing.
    Fits,
    /// It is not described any more.
    Lost,
    /// Whether the one is within the other.
    Within(Conjunction<'a>, Conjunction<'a>),
}

/// True if all are, false if one is not, and else unknown.
fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut known = Some(true);
    for answer in answers {
        match answer {
            Some(true) => {}
            Some(false) => return Some(false),
            None => known = None,
        }
    }
    known
}

/// True if one is, false if none is, and else unknown.
fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(answers.map(|answer| answer.map(|it| !it))).map(|none| !none)
}

/// A pattern of all texts that are as long as this shape allows.
fn of_length(shape: &Shape<'_>) -> String {
    let most = shape.most.map(|most| most.to_string()).unwrap_or_default();
    format!("^[\\s\\S]{{{},{most}}}$", shape.least)
}

/// Whether what a discriminator says of the one is among what it says of the other.
fn has_tags_of(sent: &Shape<'_>, read: &Shape<'_>, mode: Mode) -> bool {
    let is_among =
        |(name, values): (&&str, &BTreeSet<String>)| sent.tags.get(name).is_none_or(|sent| sent.is_subset(values));
    mode == Mode::Values || read.tags.iter().all(is_among)
}

/// Whether these schemas, or those that apply with them, say `true` by a keyword.
fn says(nodes: &[Node<'_>], key: &str) -> bool {
    closure(nodes).iter().any(|node| node.value.get(key) == Some(&TRUE))
}

/// Whether a field is only sent or only received.
fn goes_one_way(field: &[Node<'_>]) -> bool {
    says(field, "readOnly") || says(field, "writeOnly")
}

pub(super) fn number_within(sent: &Shape<'_>, read: &Shape<'_>) -> bool {
    let low = read.low.is_none_or(|read| sent.low.is_some_and(|sent| sent >= read));
    let order = |(bound, excluded): (crate::decimal::Decimal, bool)| (bound, !excluded);
    let high = read.high.is_none_or(|read| sent.high.is_some_and(|sent| order(sent) <= order(read)));
    low && high && steps_within(sent, read) && formats_within(sent, read)
}

pub(super) fn steps_within(sent: &Shape<'_>, read: &Shape<'_>) -> bool {
    let steps = || sent.multiples.iter().copied().chain(sent.whole.then_some(crate::decimal::Decimal::ONE));
    (!read.whole || sent.whole || sent.multiples.iter().any(|step| step.is_whole()))
        && read.multiples.iter().all(|read| steps().any(|step| step.is_multiple_of(*read) == Some(true)))
}

pub(super) fn formats_within(sent: &Shape<'_>, read: &Shape<'_>) -> bool {
    let is_within = |sent: &str, read: &str| sent == read || WIDER_FORMATS.contains(&(sent, read));
    read.formats.iter().all(|read| sent.formats.iter().any(|sent| is_within(sent, read)))
}

/// Formats of which the second has all numbers of the first.
const WIDER_FORMATS: &[(&str, &str)] = &[
    ("float", "double"),
    ("int8", "int16"),
    ("int8", "int32"),
    ("int8", "int64"),
    ("int16", "int32"),
    ("int16", "int64"),
    ("int32", "int64"),
    ("uint8", "uint16"),
    ("uint8", "uint32"),
    ("uint8", "uint64"),
    ("uint16", "uint32"),
    ("uint16", "uint64"),
    ("uint32", "uint64"),
];

fn accepts_number(number: crate::decimal::Decimal, shape: &Shape<'_>) -> Option<bool> {
    let is_low = shape.low.is_some_and(|(low, excluded)| number < low || (excluded && number == low));
    let is_high = shape.high.is_some_and(|(high, excluded)| number > high || (excluded && number == high));
    if is_low || is_high || (shape.whole && !number.is_whole()) {
        return Some(false);
    }
    let steps = all(shape.multiples.iter().map(|step| number.is_multiple_of(*step)));
    let formats = if shape.formats.is_empty() { Some(true) } else { None };
    all([steps, formats].into_iter())
}

/// The schemas of an item.
pub(super) fn item<'a>(shape: &Shape<'a>, index: usize) -> Vec<Node<'a>> {
    shape.items.iter().filter_map(|items| items.first.get(index).or(items.rest.as_ref()).cloned()).collect()
}

/// The names that a shape lists.
pub(super) fn names<'a>(shape: &Shape<'a>) -> BTreeSet<&'a str> {
    let listed = shape.fields.iter().flat_map(|fields| match fields {
        Fields::Named { properties, .. } => properties.iter().flat_map(|map| map.keys()).map(String::as_str).collect(),
        Fields::Without(name, _) => vec![*name],
        Fields::Unevaluated { names, .. } => names.iter().copied().collect(),
    });
    listed.collect()
}

pub(super) fn patterns<'a>(shape: &Shape<'a>) -> impl Iterator<Item = &'a str> {
    let all: Vec<_> = shape
        .fields
        .iter()
        .flat_map(|fields| match fields {
            Fields::Named { patterns, .. } => patterns.iter().flat_map(|map| map.keys()).map(String::as_str).collect(),
            Fields::Without(..) => Vec::new(),
            Fields::Unevaluated { patterns, .. } => patterns.iter().copied().collect(),
        })
        .collect();
    all.into_iter()
}

/// The fields that must be absent.
pub(super) fn forbidden<'a>(shape: &Shape<'a>) -> BTreeSet<&'a str> {
    let names = shape.fields.iter().filter_map(|fields| match fields {
        Fields::Without(name, _) => Some(*name),
        Fields::Named { .. } | Fields::Unevaluated { .. } => None,
    });
    names.collect()
}

/// Whether fields that are not described may be anything.
pub(super) fn is_open(shape: &Shape<'_>) -> bool {
    let is_open = |rest: &Node<'_>| {
        *rest.value == TRUE
            || rest.object().is_some_and(|keywords| keywords.keys().all(|key| super::normal::is_annotation(key)))
    };
    shape.fields.iter().all(|fields| match fields {
        Fields::Named { rest, .. } => rest.as_ref().is_none_or(is_open),
        Fields::Unevaluated { rest, .. } => is_open(rest),
        Fields::Without(..) => true,
    })
}
