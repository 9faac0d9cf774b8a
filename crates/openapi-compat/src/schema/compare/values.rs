//! Listed values, numbers and texts.

use super::{BOUND, FORMAT, PATTERN, Pair};
use crate::decimal::Decimal;
use crate::judge::{Effect, Place, shown};
use crate::node::Node;
use crate::rules;
use crate::schema::inclusion::{formats_within, steps_within};
use crate::schema::shape::Shape;

impl<'a> Pair<'_, 'a> {
    /// Compares listed values.
    pub(super) fn listed(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        let key = |at: &Node<'_>| if at.value.get("const").is_some() { "const" } else { "enum" };
        let node = |shape: &Shape<'a>, at: &Node<'a>| {
            let has = |node: &&Node<'_>| node.value.get("enum").is_some() || node.value.get("const").is_some();
            shape.nodes.iter().find(has).unwrap_or(at).clone()
        };
        let (old_at, new_at) = (node(old, &self.old_at), node(new, &self.new_at));
        let key = if new.only.is_some() { key(&new_at) } else { key(&old_at) };
        let is_said = old_at.value.get(key).is_some() || new_at.value.get(key).is_some();
        let place = if is_said { Place::Field(&old_at, &new_at, key) } else { Place::Both(&old_at, &new_at) };
        match (&old.only, &new.only) {
            (None, None) => {}
            (None, Some(_)) => {
                self.values(&rules::ENUM_NARROWED, Effect::Narrower, place, key, "the values are listed now");
            }
            (Some(_), None) => {
                self.values(&rules::ENUM_WIDENED, Effect::Wider, place, key, "the values are no longer listed");
            }
            (Some(before), Some(after)) => {
                for value in before.values().iter().filter(|value| !after.contains(value)) {
                    let what = format!("{} is no longer listed", shown(value));
                    self.values(&rules::ENUM_NARROWED, Effect::Narrower, place, key, what);
                }
                for value in after.values().iter().filter(|value| !before.contains(value)) {
                    self.values(
                        &rules::ENUM_WIDENED,
                        Effect::Wider,
                        place,
                        key,
                        format!("{} is listed now", shown(value)),
                    );
                }
            }
        }
    }

    pub(super) fn counts(&mut self, old: &Shape<'a>, new: &Shape<'a>, [least, most]: [&'static str; 2]) {
        let only = |shape: &Shape<'a>, is_least: bool| {
            let (least, most) = if is_least { (shape.least, None) } else { (0, shape.most) };
            Shape { least, most, ..Shape::any(shape.kind) }
        };
        for (key, is_least) in [(least, true), (most, false)] {
            let (old_count, new_count) = (only(old, is_least), only(new, is_least));
            let known = &mut self.judge.schemas;
            let is_within = (known.count_within(&old_count, &new_count), known.count_within(&new_count, &old_count));
            self.facet(old, new, &[key], &BOUND, is_within);
        }
    }

    pub(super) fn numbers(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        type Bound = Option<(Decimal, bool)>;
        // That a number is whole is said with the types.
        let whole = |shape: &Shape<'a>| Shape { whole: true, ..shape.clone() }.simplified();
        let (wholes, is_whole) = ((whole(old), whole(new)), old.whole || new.whole);
        let (old, new) = match &wholes {
            (Some(old), Some(new)) if is_whole => (old, new),
            _ => (old, new),
        };
        let low = |one: Bound, other: Bound| other.is_none_or(|other| one.is_some_and(|one| one >= other));
        self.facet(old, new, &["minimum", "exclusiveMinimum"], &BOUND, (low(old.low, new.low), low(new.low, old.low)));
        let order = |(bound, excluded): (Decimal, bool)| (bound, !excluded);
        let high =
            |one: Bound, other: Bound| other.is_none_or(|other| one.is_some_and(|one| order(one) <= order(other)));
        self.facet(
            old,
            new,
            &["maximum", "exclusiveMaximum"],
            &BOUND,
            (high(old.high, new.high), high(new.high, old.high)),
        );
        self.facet(old, new, &["multipleOf"], &BOUND, (steps_within(old, new), steps_within(new, old)));
        self.facet(old, new, &["format"], &FORMAT, (formats_within(old, new), formats_within(new, old)));
    }

    pub(super) fn texts(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        let only = |of: &Shape<'a>| Shape { patterns: of.patterns.clone(), ..Shape::any(of.kind) };
        let [before, after] = [only(old), only(new)];
        let known = &mut self.judge.schemas;
        let is_within = (known.text_within(&before, &after), known.text_within(&after, &before));
        self.facet(old, new, &["pattern"], &PATTERN, is_within);
        self.facet(old, new, &["format"], &FORMAT, (formats_within(old, new), formats_within(new, old)));
    }
}
