//! The fields of objects.

use std::collections::BTreeSet;
use std::rc::Rc;

use serde_json::Value;

use super::Mode;
use crate::finding::Direction;
use crate::node::{FALSE, Node, TRUE};
use crate::schema::Known;
use crate::schema::normal::{STEPS_OF_A_PART, closure, is_annotation};
use crate::schema::sameness::links;
use crate::schema::shape::{Conjunction, Fields, Kind, Shape};

/// What is known about the names of an object that a keyword is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names<'n> {
    One(&'n str),
    /// All that match a pattern and are not listed.
    Matching(&'n str),
    /// All others.
    Rest,
}

/// What has to be asked about a field.
pub(in crate::schema) enum FieldQuestion<'a> {
    /// Nothing.
    Fits,
    /// It is not described any more.
    Lost,
    /// Whether the one is within the other.
    Within(Conjunction<'a>, Conjunction<'a>),
}

/// Whether a field is the same in both for all that is known at first sight: by its words, which refer to nothing.
pub(in crate::schema) fn is_same_field(one: &Shape<'_>, other: &Shape<'_>, name: &str) -> bool {
    pub(super) fn only<'a>(shape: &Shape<'a>, name: &str) -> Option<&'a Value> {
        match *shape.fields.as_slice() {
            [Fields::Named { properties: Some(properties), patterns: None, .. }] => properties.get(name),
            _ => None,
        }
    }
    matches!((only(one, name), only(other, name)), (Some(one), Some(other)) if one == other && links(one).is_empty())
}

/// The names that a shape lists.
pub(in crate::schema) fn names<'a>(shape: &Shape<'a>) -> BTreeSet<&'a str> {
    let listed = shape.fields.iter().flat_map(|fields| match fields {
        Fields::Named { properties, .. } => properties.iter().flat_map(|map| map.keys()).map(String::as_str).collect(),
        Fields::Without(name, _) => vec![*name],
        Fields::Unevaluated { names, .. } => names.iter().copied().collect(),
    });
    listed.collect()
}

pub(in crate::schema) fn patterns<'a>(shape: &Shape<'a>) -> impl Iterator<Item = &'a str> {
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
pub(in crate::schema) fn forbidden<'a>(shape: &Shape<'a>) -> BTreeSet<&'a str> {
    let names = shape.fields.iter().filter_map(|fields| match fields {
        Fields::Without(name, _) => Some(*name),
        Fields::Named { .. } | Fields::Unevaluated { .. } => None,
    });
    names.collect()
}

/// Whether fields that are not described may be anything.
pub(in crate::schema) fn is_open(shape: &Shape<'_>) -> bool {
    let is_open = |rest: &Node<'_>| {
        *rest.value == TRUE || rest.object().is_some_and(|keywords| keywords.keys().all(|key| is_annotation(key)))
    };
    shape.fields.iter().all(|fields| match fields {
        Fields::Named { rest, .. } => rest.as_ref().is_none_or(is_open),
        Fields::Unevaluated { rest, .. } => is_open(rest),
        Fields::Without(..) => true,
    })
}

impl<'a> Known<'a> {
    pub(in crate::schema) fn object_within(
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
            if !self.budget.spend(1) {
                return false;
            }
            if except == Some(*name) || is_same_field(sent, read, name) {
                continue;
            }
            match self.field_question(sent, read, name, mode) {
                FieldQuestion::Fits => {}
                FieldQuestion::Lost => return false,
                FieldQuestion::Within(one, other) => {
                    if !self.within(&one, &other, mode) {
                        return false;
                    }
                }
            }
        }
        self.other_fields_within(sent, read, mode) && self.names_within(sent, read, depth)
    }

    /// Whether the fields that neither lists fit, those of patterns among them.
    pub(super) fn other_fields_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, mode: Mode) -> bool {
        let patterns: BTreeSet<&'a str> = patterns(sent).chain(patterns(read)).collect();
        let classes: Vec<_> = patterns.into_iter().map(Some).chain([None]).collect();
        classes.into_iter().all(|pattern| self.unlisted_within(sent, read, pattern, mode))
    }

    /// Whether the fields that neither lists fit: those that match a pattern, or else all others.
    pub(in crate::schema) fn unlisted_within(
        &mut self,
        sent: &Shape<'a>,
        read: &Shape<'a>,
        pattern: Option<&str>,
        mode: Mode,
    ) -> bool {
        let names = pattern.map_or(Names::Rest, Names::Matching);
        let [one, other] = [self.field(sent, names, true), self.field(read, names, false)].map(Conjunction::new);
        self.within(&one, &other, mode)
    }

    pub(in crate::schema) fn names_within(&mut self, sent: &Shape<'a>, read: &Shape<'a>, depth: usize) -> bool {
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

    pub(super) fn accepts_name(&mut self, name: &str, shape: &Shape<'a>, depth: usize) -> Option<bool> {
        let text = match self.names.get(name) {
            Some(known) => Rc::clone(known),
            None => Rc::clone(self.names.entry(name.to_owned()).or_insert_with(|| Value::from(name).into())),
        };
        self.accepts(&text, &Conjunction::new(shape.names.clone()), depth + 1)
    }

    /// What has to be asked about a field that at least one of the two lists.
    pub(in crate::schema) fn field_question(
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
            let goes_back = |known: &mut Self, field: &Conjunction<'a>| known.is_one_sided(field.nodes(), direction);
            if !is_sent && (is_unknown || goes_back(self, &one) || goes_back(self, &other)) {
                return FieldQuestion::Fits;
            }
        }
        if self.shapes(&one).is_empty() {
            return FieldQuestion::Fits;
        }
        FieldQuestion::Within(one, other)
    }

    /// The names that must be there, of those that go in this direction.
    pub(in crate::schema) fn required(&mut self, shape: &Shape<'a>, direction: Option<Direction>) -> BTreeSet<&'a str> {
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
    pub(in crate::schema) fn describes(&mut self, shape: &Shape<'a>, name: &str, direction: Direction) -> bool {
        let is_listed = shape.fields.iter().any(|fields| match fields {
            Fields::Named { properties, patterns, .. } => {
                properties.and_then(|map| map.get(name)).is_some_and(|property| *property != FALSE)
                    || patterns
                        .iter()
                        .flat_map(|map| map.keys())
                        .any(|it| self.patterns.matches(it, name, &mut self.budget) == Some(true))
            }
            Fields::Without(..) | Fields::Unevaluated { .. } => false,
        });
        is_listed && {
            let field = self.field(shape, Names::One(name), true);
            !self.is_one_sided(&field, direction)
        }
    }

    /// Whether a field goes only in the other direction.
    pub(super) fn is_one_sided(&mut self, field: &[Node<'a>], direction: Direction) -> bool {
        let [is_read_only, is_write_only] = self.one_way(field);
        match direction {
            Direction::Request => is_read_only,
            Direction::Response => is_write_only,
            Direction::Code | Direction::Document => false,
        }
    }

    /// Whether a field is only sent or only received.
    pub(super) fn goes_one_way(&mut self, field: &[Node<'a>]) -> bool {
        self.one_way(field) != [false, false]
    }

    /// Whether these schemas, or those that apply with them, say `readOnly` and `writeOnly`.
    fn one_way(&mut self, field: &[Node<'a>]) -> [bool; 2] {
        let mut all = [false, false];
        for node in field {
            let known = self.one_way.entry(node.id()).or_insert_with(|| {
                let applying = closure(std::slice::from_ref(node));
                self.budget.spend(STEPS_OF_A_PART * applying.len());
                ["readOnly", "writeOnly"].map(|key| applying.iter().any(|it| it.value.get(key) == Some(&TRUE)))
            });
            all = [all[0] || known[0], all[1] || known[1]];
        }
        all
    }

    /// The schemas of a field. Where it is not known whether a pattern covers it, a sender is taken to say less, and a
    /// reader to ask for more.
    pub(super) fn field(&mut self, shape: &Shape<'a>, name: Names<'_>, is_sent: bool) -> Vec<Node<'a>> {
        let mut all = Vec::new();
        self.budget.spend(1 + shape.fields.len());
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
                        && let Some(property) = node.get_in("properties", name)
                    {
                        all.push(property);
                        is_covered = true;
                    }
                    for pattern in patterns.iter().flat_map(|map| map.keys()) {
                        let matches = self.covers(pattern, name);
                        // What else a name of a pattern matches is asked where that pattern is.
                        let may_ask = !is_sent && matches!(name, Names::One(_));
                        if matches == Some(true) || (matches.is_none() && may_ask) {
                            all.extend(node.get_in("patternProperties", pattern));
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
    pub(in crate::schema) fn field_of(&mut self, shape: &Shape<'a>, name: &str) -> Vec<Node<'a>> {
        self.field(shape, Names::One(name), false)
    }

    /// Whether a pattern matches these names.
    pub(super) fn covers(&mut self, pattern: &str, name: Names<'_>) -> Option<bool> {
        match name {
            Names::One(name) => self.patterns.matches(pattern, name, &mut self.budget),
            // Whether they have names in common is not known.
            Names::Matching(other) => {
                self.patterns.is_within(other, pattern, &mut self.budget).filter(|is_within| *is_within)
            }
            Names::Rest => Some(false),
        }
    }
}
