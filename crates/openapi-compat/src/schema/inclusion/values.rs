//! Whether a schema allows a value.

use serde_json::Value;

use super::DEEPEST;
use super::fields::Names;
use super::item;
use crate::decimal::Decimal;
use crate::schema::Known;
use crate::schema::shape::{Conjunction, Kind, Shape};
use crate::value::is_same_value;

/// True if all are, false if one is not, and else unknown.
pub(super) fn all(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
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
pub(super) fn any(answers: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(answers.map(|answer| answer.map(|it| !it))).map(|none| !none)
}

pub(super) fn accepts_number(number: Decimal, shape: &Shape<'_>) -> Option<bool> {
    let is_low = shape.low.is_some_and(|(low, excluded)| number < low || (excluded && number == low));
    let is_high = shape.high.is_some_and(|(high, excluded)| number > high || (excluded && number == high));
    if is_low || is_high || (shape.whole && !number.is_whole()) {
        return Some(false);
    }
    let steps = all(shape.multiples.iter().map(|step| number.is_multiple_of(*step)));
    let formats = if shape.formats.is_empty() { Some(true) } else { None };
    all([steps, formats].into_iter())
}

impl<'a> Known<'a> {
    /// Whether a value is allowed; `None` if that is not known.
    pub(in crate::schema) fn accepts(&mut self, value: &Value, all: &Conjunction<'a>, depth: usize) -> Option<bool> {
        if depth > DEEPEST || !self.budget.spend(1) {
            return None;
        }
        let key = (std::ptr::from_ref(value).addr(), all.key());
        if let Some(answer) = self.accepted.get(&key) {
            return *answer;
        }
        // While a schema is read, it cannot be said what it allows itself.
        let is_read = self.expanding.is_empty();
        if is_read {
            // A schema whose answer rests on itself has none.
            self.accepted.insert(key.clone(), None);
        }
        let shapes = self.shapes(all);
        let answer = any(shapes.iter().map(|shape| self.accepts_in(value, shape, depth)));
        if is_read && self.budget.is_spent() {
            self.accepted.remove(&key);
        } else if is_read {
            self.accepted.insert(key, answer);
        }
        answer
    }

    /// Whether a value is of this shape; `None` if that is not known.
    pub(in crate::schema) fn accepts_in(&mut self, value: &Value, shape: &Shape<'a>, depth: usize) -> Option<bool> {
        if Kind::of(value) != shape.kind {
            return Some(false);
        }
        if !self.budget.spend(1 + shape.required.len()) {
            return None;
        }
        if let Some(values) = &shape.only
            && !values.contains(value)
        {
            return Some(false);
        }
        let own = match value {
            Value::Null | Value::Bool(_) => Some(true),
            Value::Number(number) => Decimal::new(number).and_then(|it| accepts_number(it, shape)),
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

    pub(super) fn accepts_text(&mut self, text: &str, shape: &Shape<'a>) -> Option<bool> {
        let count = text.chars().count() as u64;
        if count < shape.least || shape.most.is_some_and(|most| most < count) {
            return Some(false);
        }
        let patterns = all(shape.patterns.iter().map(|pattern| self.patterns.matches(pattern, text, &mut self.budget)));
        let formats = if shape.formats.is_empty() { Some(true) } else { None };
        all([patterns, formats].into_iter())
    }

    pub(super) fn accepts_items(&mut self, items: &[Value], shape: &Shape<'a>, depth: usize) -> Option<bool> {
        /// More are not compared with each other.
        const MOST: usize = 64;
        let count = items.len() as u64;
        if count < shape.least || shape.most.is_some_and(|most| most < count) {
            return Some(false);
        }
        let repeats =
            || items.iter().enumerate().any(|(at, one)| items.iter().take(at).any(|other| is_same_value(one, other)));
        self.budget.spend(items.len() * (1 + shape.items.len()));
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
