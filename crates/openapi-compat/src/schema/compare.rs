//! Walks through two schemas and says which keyword makes which difference.

mod alternatives;
mod arrays;
mod objects;
mod types;
mod values;
mod words;

use std::collections::BTreeSet;
use std::rc::Rc;

use super::code;
use super::inclusion::Mode;
use super::normal::is_annotation;
use super::shape::{Conjunction, Kind, Shape};
use crate::extension;
use crate::finding::{Class, Direction};
use crate::judge::{Effect, Judge, Place, UNDECIDED, UNKNOWN, turned};
use crate::node::{Node, TRUE};
use crate::rules::{self, Rule};

/// Two schemas that stand at the same position and are still to be compared.
#[derive(Debug)]
pub(super) struct Pending<'a> {
    old: Conjunction<'a>,
    new: Conjunction<'a>,
    /// Where each stands, or would.
    old_at: Node<'a>,
    new_at: Node<'a>,
    reached: Reached,
    /// Whether it was proved for the whole that the values of this part break nobody.
    is_vouched: bool,
}

/// How two schemas came to be compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reached {
    /// Both stand at the same position, where code has a name for their type.
    Position,
    /// References at the same position lead to both.
    References,
    /// A reference leads to one of them, and the other one stands where the reference did.
    OneReference,
}

impl<'a> Pending<'a> {
    pub(super) fn of_nodes(old: &Node<'a>, new: &Node<'a>) -> Self {
        let [before, after] = [old, new].map(|node| Conjunction::new(vec![node.clone()]));
        Self {
            old: before,
            new: after,
            old_at: old.clone(),
            new_at: new.clone(),
            reached: Reached::Position,
            is_vouched: false,
        }
    }
}

/// Compares two schemas that stand at the same position. One that is absent allows everything: see `Node::get_or`.
pub(crate) fn compare<'a>(judge: &mut Judge<'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    let mut unread = vec![Pending::of_nodes(old, new)];
    while let Some(pending) = unread.pop() {
        judge.schemas.budget.begin();
        judge.schemas.make_room();
        step(judge, direction, pending, &mut unread);
    }
}

fn step<'a>(judge: &mut Judge<'a>, direction: Direction, pending: Pending<'a>, unread: &mut Vec<Pending<'a>>) {
    let Pending { old, new, old_at, new_at, reached, is_vouched } = pending;
    if let ([one], [other]) = (old.nodes(), new.nodes())
        && judge.schemas.is_same(one, other)
    {
        return;
    }
    let visit = (old.key(), new.key(), direction, is_vouched);
    if !judge.schemas.visited.schemas.insert(visit) {
        return;
    }
    judge.schemas.budget.spend(STEPS_OF_A_PAIR);
    if judge.schemas.budget.is_spent_in_all() {
        if !is_vouched {
            judge.report(
                direction,
                &rules::SCHEMA_UNDECIDED,
                UNDECIDED,
                Place::Both(&old_at, &new_at),
                DOCUMENTS_TOO_LARGE,
            );
        }
        return;
    }
    if let ([one], [other]) = (old.nodes(), new.nodes()) {
        let (one, other) = (one.clone(), other.clone());
        if reached == Reached::Position {
            code::names(judge, &one, &other);
        }
        let target = |node: &Node<'a>| node.target().filter(|_| is_bare(node));
        let next = match (target(&one), target(&other)) {
            (Some(one), Some(other)) => Some((Reached::References, one, other)),
            (None, None) => None,
            _ => {
                let (before, after) = (followed(judge, &one), followed(judge, &other));
                let is_further = before.id() != one.id() || after.id() != other.id();
                is_further.then_some((Reached::OneReference, before, after))
            }
        };
        if !matches!(next, Some((Reached::OneReference, ..))) {
            code::annotations(judge, direction, &one, &other, unread);
        }
        if let Some((reached, one, other)) = next {
            unread.push(Pending { reached, is_vouched, ..Pending::of_nodes(&one, &other) });
            return;
        }
    }
    let mut pair = Pair::new(judge, direction, &old, &new, old_at, new_at);
    pair.holds |= is_vouched;
    pair.are_parts_vouched = is_vouched;
    if !pair.unreadable() {
        pair.kinds();
        pair.alternatives();
    }
    pair.finish(&old, &new, reached, unread);
}

/// What it takes to compare two schemas that stand at the same position, beside what is asked about them.
const STEPS_OF_A_PAIR: usize = 64;

const TOO_LARGE: &str = "it is too large to compare, with all that it leads to";
const DOCUMENTS_TOO_LARGE: &str = "it is not compared, since both documents have too much to compare";

/// Whether a schema says nothing but where to find it.
fn is_bare(node: &Node<'_>) -> bool {
    node.object().is_some_and(|keywords| keywords.keys().all(|key| key == "$ref" || is_annotation(key)))
}

/// What a schema leads to that is only a reference, with nothing beside it that a program reads.
fn followed<'a>(judge: &mut Judge<'a>, node: &Node<'a>) -> Node<'a> {
    const READ: [&str; 6] = ["default", "discriminator", extension::OPEN_SET, "readOnly", "writeOnly", "xml"];
    let is_read = |key: &str| READ.contains(&key) || judge.reads_extension(key);
    let says_more = |node: &Node<'_>| node.object().is_some_and(|keywords| keywords.keys().any(|key| is_read(key)));
    let mut passed = BTreeSet::new();
    let mut node = node.clone();
    while is_bare(&node)
        && !says_more(&node)
        && passed.insert(node.id())
        && let Some(target) = node.target()
    {
        if let Some(end) = judge.schemas.ends.get(&target.id()) {
            node = end.clone();
            break;
        }
        node = target;
    }
    judge.schemas.ends.extend(passed.into_iter().map(|id| (id, node.clone())));
    node
}

/// Two schemas that are compared, and what was found so far.
struct Pair<'j, 'a> {
    judge: &'j mut Judge<'a>,
    direction: Direction,
    old: Rc<[Shape<'a>]>,
    new: Rc<[Shape<'a>]>,
    old_at: Node<'a>,
    new_at: Node<'a>,
    /// Whether whoever reads the one document can read what the other sends.
    holds: bool,
    /// Whether that is known of what is below, too.
    are_parts_vouched: bool,
    /// The keywords of which a change was reported.
    reported: BTreeSet<String>,
    breaks: bool,
    children: Vec<Pending<'a>>,
}

/// Two things in the roles that they have in one direction.
fn sent_and_read<T>(direction: Direction, old: T, new: T) -> (T, T) {
    if direction == Direction::Request { (old, new) } else { (new, old) }
}

/// What it means that the old is within the new, and the new within the old; `None` if they are the same.
fn effect(old_within: bool, new_within: bool) -> Option<Effect> {
    match (old_within, new_within) {
        (true, true) => None,
        (true, false) => Some(Effect::Wider),
        (false, true) => Some(Effect::Narrower),
        (false, false) => Some(UNDECIDED),
    }
}

impl<'j, 'a> Pair<'j, 'a> {
    fn new(
        judge: &'j mut Judge<'a>,
        direction: Direction,
        old: &Conjunction<'a>,
        new: &Conjunction<'a>,
        old_at: Node<'a>,
        new_at: Node<'a>,
    ) -> Self {
        let (sent, read) = sent_and_read(direction, old, new);
        let holds = judge.schemas.is_within(sent, read, Mode::Exchange(direction));
        let holds = holds && !is_contradictory(judge.schemas.shapes(sent).is_empty(), sent);
        let (old, new) = (judge.schemas.shapes(old), judge.schemas.shapes(new));
        judge.schemas.budget.spend(old.iter().chain(&*new).map(Shape::weight).sum());
        let (reported, children) = (BTreeSet::new(), Vec::new());
        Self {
            judge,
            direction,
            old,
            new,
            old_at,
            new_at,
            holds,
            are_parts_vouched: false,
            reported,
            breaks: false,
            children,
        }
    }

    /// Reports what a keyword makes of the values. Where inclusion proved that it breaks nobody, it is not said to.
    fn values(
        &mut self,
        rule: &'static Rule,
        effect: Effect,
        place: Place<'_, 'a>,
        key: &str,
        what: impl Into<String>,
    ) {
        let (class, _) = effect.verdict(self.direction);
        if class == Class::Breaking && self.holds {
            return;
        }
        self.breaks |= class == Class::Breaking;
        self.reported.insert(key.to_owned());
        self.judge.report(self.direction, rule, effect, place, what);
    }

    /// Reports a schema that leads to what cannot be read. Nothing else is known of it.
    fn unreadable(&mut self) -> bool {
        let unreadable = |shapes: &[Shape<'a>]| {
            let mut all = shapes.iter().flat_map(|shape| &shape.opaque);
            all.find(|opaque| opaque.is_unreadable).cloned()
        };
        let (old, new) = (unreadable(&self.old), unreadable(&self.new));
        let Some(found) = new.as_ref().or(old.as_ref()) else { return false };
        if self.judge.schemas.budget.is_spent() {
            return true;
        }
        let key = if found.key.is_empty() { "$ref" } else { found.key };
        let node = |opaque: &Option<super::shape::Opaque<'a>>, at: &Node<'a>| {
            opaque.as_ref().map_or(at, |it| &it.node).clone()
        };
        let (old_at, new_at) = (node(&old, &self.old_at), node(&new, &self.new_at));
        let (was, is) = (old_at.value.get(key), new_at.value.get(key));
        let what = if was == is { format!("`{key}` leads to what cannot be compared") } else { turned(key, was, is) };
        self.values(&rules::KEYWORD_UNKNOWN, UNKNOWN, Place::Field(&old_at, &new_at, key), key, what);
        true
    }

    /// The schema that has one of these keywords, or else the whole, of either document.
    fn node_with(&self, keys: &[&str], is_new: bool) -> Node<'a> {
        let (shapes, at) = if is_new { (&self.new, &self.new_at) } else { (&self.old, &self.old_at) };
        let mut nodes = shapes.iter().flat_map(|shape| &shape.nodes);
        let has = |node: &&Node<'_>| keys.iter().any(|key| node.value.get(key).is_some());
        nodes.find(has).unwrap_or(at).clone()
    }

    /// Reports a keyword by what it makes of the values of two alternatives.
    fn facet(&mut self, old: &Shape<'a>, new: &Shape<'a>, keys: &[&str], rules: &Facet, is_within: (bool, bool)) {
        let Some(effect) = effect(is_within.0, is_within.1) else { return };
        if old.opaque.iter().chain(&new.opaque).any(|opaque| keys.contains(&opaque.key)) {
            return;
        }
        let has = |node: &&Node<'_>| keys.iter().any(|key| node.value.get(key).is_some());
        let old_at = old.nodes.iter().find(has).unwrap_or(&self.old_at).clone();
        // Of several schemas that all apply, the one that makes the difference.
        let is_other = |node: &&Node<'_>| keys.iter().any(|key| node.value.get(key) != old_at.value.get(key));
        let mut candidates = new.nodes.iter().filter(has);
        let new_at = candidates.clone().find(is_other).or_else(|| candidates.next()).unwrap_or(&self.new_at).clone();
        let differs = |key: &&&str| old_at.value.get(**key) != new_at.value.get(**key);
        let Some(key) = keys.iter().find(differs).or(keys.first()) else { return };
        let rule = match effect {
            Effect::Wider => rules.widened,
            Effect::Narrower => rules.narrowed,
            _ => rules.changed,
        };
        let (was, is) = (old_at.value.get(*key), new_at.value.get(*key));
        let what = if was == is { format!("`{key}` and what stands beside it change") } else { turned(key, was, is) };
        self.values(rule, effect, Place::Field(&old_at, &new_at, key), key, what);
    }

    fn shapes(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        self.listed(old, new);
        self.annotations_within(old, new);
        if old.only.is_some() != new.only.is_some() {
            return;
        }
        match old.kind {
            Kind::Null | Kind::Boolean => {}
            Kind::Number => self.numbers(old, new),
            Kind::String => {
                self.counts(old, new, ["minLength", "maxLength"]);
                self.texts(old, new);
            }
            Kind::Array => {
                self.counts(old, new, ["minItems", "maxItems"]);
                self.arrays(old, new);
            }
            Kind::Object => {
                self.counts(old, new, ["minProperties", "maxProperties"]);
                self.objects(old, new);
            }
        }
        let (one, other) = (self.judge.schemas.rest_within(old, new, 0), self.judge.schemas.rest_within(new, old, 0));
        let said: Vec<&str> = old.opaque.iter().chain(&new.opaque).map(|opaque| opaque.key).collect();
        let keys: Vec<&str> =
            said.iter().copied().filter(|key| !key.is_empty()).chain(["not", "oneOf", "if"]).collect();
        if said.is_empty() {
            self.facet(old, new, &keys, &NOT, (one, other));
        } else if !(one && other) {
            // What a keyword means that is compared by its words is not known.
            let node = |shape: &Shape<'a>| shape.opaque.first().map(|opaque| opaque.node.clone());
            let (old_at, new_at) =
                (node(old).unwrap_or_else(|| self.old_at.clone()), node(new).unwrap_or_else(|| self.new_at.clone()));
            for key in said.into_iter().collect::<BTreeSet<_>>() {
                let (was, is) = (old_at.value.get(key), new_at.value.get(key));
                let what = if key.is_empty() {
                    "`$ref` leads to what cannot be compared".to_owned()
                } else if was == is {
                    format!("what `{key}` depends on changes")
                } else {
                    turned(key, was, is)
                };
                self.values(&rules::KEYWORD_UNKNOWN, UNKNOWN, Place::Field(&old_at, &new_at, key), key, what);
            }
        }
    }

    fn child(&mut self, old: Vec<Node<'a>>, new: Vec<Node<'a>>, old_at: Node<'a>, new_at: Node<'a>) {
        // Where no schema stands, everything is allowed.
        let filled = |nodes: Vec<Node<'a>>, at: &Node<'a>| {
            Conjunction::new(if nodes.is_empty() { vec![Node { value: &TRUE, ..at.clone() }] } else { nodes })
        };
        let (old, new) = (filled(old, &old_at), filled(new, &new_at));
        let is_vouched = self.are_parts_vouched;
        self.children.push(Pending { old, new, old_at, new_at, reached: Reached::Position, is_vouched });
    }

    /// Compares what is below, and says so if something breaks that no keyword explains.
    fn finish(mut self, old: &Conjunction<'a>, new: &Conjunction<'a>, reached: Reached, unread: &mut Vec<Pending<'a>>) {
        let children = std::mem::take(&mut self.children);
        if !self.holds && !self.breaks {
            let is_below = children.iter().any(|child| {
                let (sent, read) = sent_and_read(self.direction, &child.old, &child.new);
                !self.judge.schemas.is_within(sent, read, Mode::Exchange(self.direction))
            });
            // What is below may have been proved since the whole was given up.
            let is_too_large = self.judge.schemas.budget.is_spent();
            if !is_below && !is_too_large && !self.are_parts_vouched {
                let (sent, read) = sent_and_read(self.direction, old, new);
                self.holds = self.judge.schemas.is_within(sent, read, Mode::Exchange(self.direction))
                    && !is_contradictory(self.judge.schemas.shapes(sent).is_empty(), sent);
            }
            let place = Place::Both(&self.old_at.clone(), &self.new_at.clone());
            if is_too_large {
                // What is below may fit, and this may not.
                self.values(&rules::SCHEMA_UNDECIDED, UNDECIDED, place, "", TOO_LARGE);
            } else if !is_below && !self.holds {
                let what = "it may no longer allow the same";
                self.values(&rules::SCHEMA_UNDECIDED, UNDECIDED, place, "", what);
            }
        }
        if reached == Reached::OneReference {
            // Their keywords need not be those of one another.
            if self.reported.is_empty() && children.is_empty() {
                let place = Place::Both(&self.old_at.clone(), &self.new_at.clone());
                let what = "it says the same in another form";
                self.judge.report(self.direction, &rules::SCHEMA_DOCUMENTATION, Effect::Words, place, what);
            }
        } else if let ([old], [new]) = (old.nodes(), new.nodes()) {
            self.other_words(&old.clone(), &new.clone());
        }
        unread.extend(children);
        unread.append(&mut self.children);
    }
}

/// Whether a schema lists values of which its type allows none: its author cannot have meant that.
fn is_contradictory(is_empty: bool, all: &Conjunction<'_>) -> bool {
    let has = |node: &Node<'_>, keys: &[&str]| keys.iter().any(|key| node.value.get(key).is_some());
    let lists = |node: &Node<'_>| has(node, &["const", "enum"]) && has(node, &["type"]) && node.reference().is_none();
    is_empty && matches!(all.nodes(), [node] if lists(node))
}

/// The schema that tells an alternative from the others.
fn own_node<'s, 'a>(shape: &'s Shape<'a>, all: &[Shape<'a>]) -> Option<&'s Node<'a>> {
    let is_common = |node: &Node<'a>| all.iter().all(|shape| shape.nodes.iter().any(|it| it.id() == node.id()));
    shape.nodes.iter().find(|node| !is_common(node)).or(shape.nodes.first())
}

/// The rules of a keyword.
struct Facet {
    narrowed: &'static Rule,
    widened: &'static Rule,
    changed: &'static Rule,
}

macro_rules! facets {
    ($($name:ident: $narrowed:ident $widened:ident $changed:ident;)*) => {
        $(static $name: Facet = Facet { narrowed: &rules::$narrowed, widened: &rules::$widened, changed: &rules::$changed };)*
    };
}

facets! {
    BOUND: BOUND_NARROWED BOUND_WIDENED BOUND_CHANGED;
    FORMAT: FORMAT_NARROWED FORMAT_WIDENED FORMAT_CHANGED;
    PATTERN: PATTERN_NARROWED PATTERN_WIDENED PATTERN_CHANGED;
    CONTAINS: CONTAINS_NARROWED CONTAINS_WIDENED CONTAINS_CHANGED;
    NAMES: FIELD_NAMES_NARROWED FIELD_NAMES_WIDENED FIELD_NAMES_CHANGED;
    REST_OF_FIELDS: OTHER_FIELDS_NARROWED OTHER_FIELDS_WIDENED OTHER_FIELDS_CHANGED;
    NOT: EXCLUSION_NARROWED EXCLUSION_WIDENED EXCLUSION_CHANGED;
}
