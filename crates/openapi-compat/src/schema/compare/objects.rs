//! The fields of objects.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{NAMES, NOT, Pair, REST_OF_FIELDS, sent_and_read};
use crate::finding::Direction;
use crate::judge::{Effect, Place};
use crate::node::{FALSE, Node, TRUE};
use crate::rules;
use crate::schema::inclusion::{FieldQuestion, Mode, forbidden, is_open, is_same_field, names, patterns};
use crate::schema::shape::Shape;

impl<'a> Pair<'_, 'a> {
    pub(super) fn objects(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        self.required(old, new);
        for name in names(old).union(&names(new)) {
            if !is_same_field(old, new, name) {
                self.field(old, new, name);
            }
        }
        self.other_fields(old, new);
        let (before, after) = (forbidden(old), forbidden(new));
        let is_within = (after.is_subset(&before), before.is_subset(&after));
        self.facet(old, new, &["not", "if", "dependentRequired", "dependentSchemas", "dependencies"], &NOT, is_within);
        let known = &mut self.judge.schemas;
        let is_within = (known.names_within(old, new, 0), known.names_within(new, old, 0));
        self.facet(old, new, &["propertyNames"], &NAMES, is_within);
    }

    fn required(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        let direction = Some(self.direction);
        let (before, after) =
            (self.judge.schemas.required(old, direction), self.judge.schemas.required(new, direction));
        let (old_at, new_at) = (self.node_with(&["required"], false), self.node_with(&["required"], true));
        let place = Place::Field(&old_at, &new_at, "required");
        for name in after.difference(&before) {
            let what = format!("`{name}` is required now");
            if self.direction == Direction::Response {
                let effect =
                    Effect::Fits("it is always there from now on; deploy the server before clients that rely on it");
                self.values(&rules::FIELD_REQUIRED, effect, place, "required", what);
            } else {
                self.values(&rules::FIELD_REQUIRED, Effect::Narrower, place, "required", what);
            }
        }
        for name in before.difference(&after) {
            let what = format!("`{name}` is no longer required");
            self.values(&rules::FIELD_OPTIONAL, Effect::Wider, place, "required", what);
        }
    }

    fn field(&mut self, old: &Shape<'a>, new: &Shape<'a>, name: &'a str) {
        let direction = self.direction;
        let known = &mut self.judge.schemas;
        let (before, after) = (known.field_of(old, name), known.field_of(new, name));
        if let ([before], [after]) = (&*before, &*after)
            && known.is_same(before, after)
        {
            return;
        }
        let (was, is) =
            (self.judge.schemas.describes(old, name, direction), self.judge.schemas.describes(new, name, direction));
        let property = |shape: &Shape<'a>, at: &Node<'a>| {
            let listed = shape.nodes.iter().find_map(|node| node.get_in("properties", name));
            listed.unwrap_or_else(|| shape.nodes.first().unwrap_or(at).get_or("properties", &TRUE).get_or(name, &TRUE))
        };
        let (old_at, new_at) = (property(old, &self.old_at), property(new, &self.new_at));
        let (sent, read) = sent_and_read(direction, old, new);
        let question = self.judge.schemas.field_question(sent, read, name, Mode::Exchange(direction));
        match (was, is) {
            (true, false) => {
                let what = format!("`{name}` is no longer described");
                if matches!(question, FieldQuestion::Lost) || direction == Direction::Response {
                    let effect = Effect::Breaks("breaks clients that use it");
                    self.values(&rules::FIELD_REMOVED, effect, Place::Gone(&old_at), "properties", what);
                } else {
                    self.values(&rules::FIELD_REMOVED, Effect::Narrower, Place::Gone(&old_at), "properties", what);
                }
            }
            (false, true) => {
                let what = format!("`{name}` is described now");
                let effect = match (direction, is_open(old)) {
                    (Direction::Request, true) => Effect::Fits(
                        "clients of the old document do not send it; deploy the server before clients that do",
                    ),
                    (_, true) => Effect::Fits("clients of the old document expect fields that they do not know"),
                    _ if matches!(question, FieldQuestion::Fits) => Effect::Wider,
                    _ => match &question {
                        FieldQuestion::Within(one, other)
                            if self.judge.schemas.is_within(one, other, Mode::Exchange(direction)) =>
                        {
                            Effect::Fits("it was allowed as one of the additional ones")
                        }
                        _ => Effect::Wider,
                    },
                };
                self.values(&rules::FIELD_ADDED, effect, Place::Came(&new_at), "properties", what);
                // What must be there was sent with any value, and other fields with those that the schema for them allows.
                let is_required = old.required.contains(name);
                if let (FieldQuestion::Within(one, other), true) = (question, is_required || !is_open(old)) {
                    let (old, new) = sent_and_read(direction, one, other);
                    let is_open_question =
                        (is_required || !old.nodes().is_empty()) && old.nodes().iter().all(|node| *node.value != FALSE);
                    if is_open_question {
                        self.child(old.nodes().to_vec(), new.nodes().to_vec(), old_at, new_at);
                    }
                }
            }
            (true, true) => {
                self.child(before, after, old_at, new_at);
            }
            (false, false) => {}
        }
    }

    /// The fields that neither document lists.
    fn other_fields(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        const REST: &str = "additionalProperties";
        let (old_at, new_at) = (self.node_with(&[REST], false), self.node_with(&[REST], true));
        let place = Place::Field(&old_at, &new_at, REST);
        match (old_at.value.get(REST), new_at.value.get(REST)) {
            (None, Some(Value::Bool(true))) => {
                let effect = Effect::Fits("generated clients keep fields that they do not know");
                let what = "the object now says that it is open";
                self.judge.report(Direction::Code, &rules::OPENNESS_SAID, effect, place, what);
                self.reported.insert(REST.to_owned());
            }
            (Some(Value::Bool(true)), is) if is != Some(&TRUE) => {
                let effect = Effect::Breaks("breaks generated clients that refuse unknown fields unless told");
                let what = "the object no longer says that it is open";
                self.judge.report(Direction::Code, &rules::OPENNESS_UNSAID, effect, place, what);
                self.reported.insert(REST.to_owned());
            }
            _ => {}
        }
        let all: BTreeSet<&'a str> = patterns(old).chain(patterns(new)).collect();
        for pattern in all {
            let schema = |shape: &Shape<'a>| {
                let mut maps = shape.nodes.iter().filter_map(|node| node.get("patternProperties"));
                maps.find_map(|map| map.get(pattern))
            };
            match (schema(old), schema(new)) {
                (Some(before), Some(after)) => self.child(vec![before.clone()], vec![after.clone()], before, after),
                (None, Some(_)) | (Some(_), None) => {
                    let is_within = self.unlisted_within(old, new, Some(pattern));
                    self.facet(old, new, &["patternProperties"], &REST_OF_FIELDS, is_within);
                }
                (None, None) => {}
            }
        }
        let is_within = self.unlisted_within(old, new, None);
        if is_within == (true, true) {
            return;
        }
        let rest = |node: &Node<'a>| node.get(REST).filter(|rest| !matches!(rest.value, Value::Bool(_)));
        match (rest(&old_at), rest(&new_at)) {
            (Some(before), Some(after)) => self.child(vec![before.clone()], vec![after.clone()], before, after),
            _ => self.facet(old, new, &[REST, "unevaluatedProperties"], &REST_OF_FIELDS, is_within),
        }
    }

    fn unlisted_within(&mut self, old: &Shape<'a>, new: &Shape<'a>, pattern: Option<&str>) -> (bool, bool) {
        let known = &mut self.judge.schemas;
        let mode = Mode::Exchange(self.direction);
        (known.unlisted_within(old, new, pattern, mode), known.unlisted_within(new, old, pattern, mode))
    }
}
