//! How an effect becomes a verdict, and how an object is compared by a table of its fields.

use std::collections::HashSet;

use serde_json::Value;

use super::change::{Change, Class, Direction};
use super::document_node::{DocumentNode, means_the_same, names_of_both};

/// What a change does to the values that are allowed, or to those who rely on them.
#[derive(Clone, Copy, Debug)]
pub(super) enum Effect {
    /// Values are removed.
    Narrower,
    /// Values are added.
    Wider,
    /// Breaks somebody in either direction. The text says whom.
    Breaks(&'static str),
    /// Breaks nobody in either direction. The text says why.
    Fits(&'static str),
    /// Makes no difference to a program.
    Words,
}

/// Values are both removed and added, or it cannot be decided.
pub(super) const UNDECIDED: Effect = Effect::Breaks(
    "it cannot be decided whether the old values or the new ones contain the others, so it may break anybody",
);
pub(super) const UNKNOWN: Effect = Effect::Breaks("this comparison does not recognise it, so it may break anybody");

/// What values that are added below a keyword do to the whole schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Polarity {
    Gain,
    Loss,
    Either,
}

/// Where in an exchange, and in a schema, a node is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scope {
    direction: Direction,
    polarity: Polarity,
}

impl Scope {
    pub(super) const REQUEST: Self = Self { direction: Direction::Request, polarity: Polarity::Gain };
    pub(super) const RESPONSE: Self = Self { direction: Direction::Response, polarity: Polarity::Gain };
    pub(super) const DOCUMENT: Self = Self { direction: Direction::Document, polarity: Polarity::Gain };

    /// Below a keyword that excludes what its schema allows.
    pub(super) fn negated(self) -> Self {
        let polarity = match self.polarity {
            Polarity::Gain => Polarity::Loss,
            Polarity::Loss => Polarity::Gain,
            Polarity::Either => Polarity::Either,
        };
        Self { polarity, ..self }
    }

    /// Below a keyword where a gain may be a gain or a loss.
    pub(super) fn either(self) -> Self {
        Self { polarity: Polarity::Either, ..self }
    }

    fn verdict(self, effect: Effect) -> (Class, &'static str) {
        use Direction::{Document, Request, Response};
        use Polarity::{Either, Gain, Loss};

        let gains = match (effect, self.polarity) {
            (Effect::Words, _) => return (Class::Documentation, "it makes no difference to a program"),
            (Effect::Breaks(whom), _) => return (Class::Breaking, whom),
            (Effect::Fits(why), Gain | Loss) => return (Class::Compatible, why),
            (Effect::Wider, Gain) | (Effect::Narrower, Loss) => true,
            (Effect::Narrower, Gain) | (Effect::Wider, Loss) => false,
            (Effect::Narrower | Effect::Wider | Effect::Fits(_), Either) => {
                return (Class::Breaking, "it is where that may allow more or less, so it may break anybody");
            }
        };
        match (self.direction, gains) {
            (Request, true) => (Class::Compatible, "what clients send is still accepted"),
            (Request, false) => (Class::Breaking, "breaks clients that send what is no longer accepted"),
            (Response, true) => (Class::Breaking, "breaks clients that do not expect what they may now receive"),
            (Response, false) => (Class::Compatible, "clients receive nothing that they do not expect"),
            (Document, _) => (Class::Breaking, "may break anybody who reads the document"),
        }
    }
}

/// Compares one field of two objects, or a few that belong together. It is given the objects, and returns `None` if a
/// field is malformed.
pub(super) type Rule = for<'a> fn(&mut Judge, Scope, &DocumentNode<'a>, &DocumentNode<'a>, &'static str) -> Option<()>;

/// The fields of a kind of object. The name that a rule is given is the first of its group.
pub(super) type Table = &'static [(&'static [&'static str], Rule)];

#[derive(Debug, Default)]
pub(super) struct Judge {
    changes: Vec<Change>,
    compared: HashSet<(String, String, Scope)>,
    /// A response of one status is compared with one for several statuses, whose optional headers need not be on each.
    one_of_several: bool,
}

impl Judge {
    pub(super) fn of_one_of_several() -> Self {
        Self { one_of_several: true, ..Self::default() }
    }

    pub(super) fn is_one_of_several(&self) -> bool {
        self.one_of_several
    }

    pub(super) fn into_changes(self) -> Vec<Change> {
        self.changes
    }

    pub(super) fn has_breaking(&self) -> bool {
        self.changes.iter().any(|change| change.class == Class::Breaking)
    }

    /// Reports a change. `what` is the first half of the sentence.
    pub(super) fn report(&mut self, scope: Scope, effect: Effect, pointer: String, what: impl Into<String>) {
        let (class, whom) = scope.verdict(effect);
        let message = format!("{}: {whom}.", what.into());
        self.changes.push(Change { class, pointer, direction: scope.direction, message });
    }

    /// Whether the two nodes are compared for the first time in this scope. Once is enough, and ends a cycle.
    pub(super) fn is_first(&mut self, scope: Scope, old: &DocumentNode<'_>, new: &DocumentNode<'_>) -> bool {
        self.compared.insert((old.pointer.clone(), new.pointer.clone(), scope))
    }

    /// Whether the two nodes were compared in any scope.
    pub(super) fn has_compared(&self, old: &DocumentNode<'_>, new: &DocumentNode<'_>) -> bool {
        let mut pairs = self.compared.iter();
        pairs.any(|(old_pointer, new_pointer, _)| *old_pointer == old.pointer && *new_pointer == new.pointer)
    }

    /// Whether a change at this pointer or below it was reported: for this direction, or for any if the field is the
    /// document's own.
    fn has_below(&self, scope: Scope, pointer: &str) -> bool {
        let is_below = |rest: &str| rest.is_empty() || rest.starts_with('/');
        self.changes.iter().any(|change| {
            (scope == Scope::DOCUMENT || change.direction == scope.direction)
                && change.pointer.strip_prefix(pointer).is_some_and(is_below)
        })
    }

    /// Compares two objects by the table of their fields. Every difference is reported.
    pub(super) fn object(&mut self, scope: Scope, old: &DocumentNode<'_>, new: &DocumentNode<'_>, table: Table) {
        for (names, rule) in table {
            let Some(first) = names.first() else { continue };
            let before = self.changes.len();
            let readable = rule(self, scope, old, new, first).is_some();
            let differs = |name: &&str| old.value.get(*name) != new.value.get(*name);
            let Some(name) = names.iter().find(|name| differs(name)) else {
                // A malformed field may refer to something that changed, and cannot be followed there.
                if !readable && !names.iter().all(|name| means_the_same(old, new, name)) {
                    self.report(scope, UNKNOWN, new.pointer_of(first), format!("`{first}` refers to what changed"));
                }
                continue;
            };
            let pointer = new.pointer_of(name);
            if !readable {
                self.report(scope, UNKNOWN, pointer, format!("`{name}` is malformed"));
            } else if self.changes.len() == before && !self.has_below(scope, &pointer) {
                self.report(scope, Effect::Words, pointer, format!("`{name}` says the same in another form"));
            }
        }
        for name in names_of_both(old, new) {
            let known = table.iter().any(|(names, _)| names.contains(&name));
            if known || means_the_same(old, new, name) {
                continue;
            }
            let what = match (old.value.get(name), new.value.get(name)) {
                (before, after) if before == after => format!("`{name}` refers to what changed"),
                (before, after) => turned(name, before, after),
            };
            self.report(scope, UNKNOWN, new.pointer_of(name), what);
        }
    }
}

/// A field for people, or for programs that show it to people.
pub(super) fn words(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    any_change(judge, scope, old, new, key, Effect::Words);
    Some(())
}

/// A field of which any change breaks somebody.
pub(super) fn fixed(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    any_change(judge, scope, old, new, key, Effect::Breaks("breaks clients that rely on it"));
    Some(())
}

fn any_change(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &str,
    effect: Effect,
) {
    let (before, after) = (old.value.get(key), new.value.get(key));
    if before != after {
        judge.report(scope, effect, new.pointer_of(key), turned(key, before, after));
    }
}

/// A flag that says whether a value is required.
pub(super) fn presence(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let flag = |node: &DocumentNode<'_>| node.value.get(key).map_or(Some(false), Value::as_bool);
    match (flag(old)?, flag(new)?) {
        (false, true) => judge.report(scope, Effect::Narrower, new.pointer_of(key), "it is required now"),
        (true, false) => judge.report(scope, Effect::Wider, new.pointer_of(key), "it is optional now"),
        _ => {}
    }
    Some(())
}

/// The first half of a sentence about a field that changed.
pub(super) fn turned(name: &str, old: Option<&Value>, new: Option<&Value>) -> String {
    const LONGEST: usize = 60;
    let short = |value: &Value| Some(shown(value)).filter(|text| text.len() <= LONGEST);
    match (old, new, old.and_then(short), new.and_then(short)) {
        (_, _, Some(old), Some(new)) => format!("`{name}` changes from {old} to {new}"),
        (None, _, _, Some(new)) => format!("`{name}` is new: {new}"),
        (_, None, Some(old), _) => format!("`{name}` is gone; it was {old}"),
        (None, _, _, _) => format!("`{name}` is new"),
        (_, None, _, _) => format!("`{name}` is gone"),
        _ => format!("`{name}` has another value"),
    }
}

/// A value as text, with its names sorted, so that equal values give equal texts.
pub(super) fn shown(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}
