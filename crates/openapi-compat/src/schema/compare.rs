//! Walks through two schemas and says which keyword makes which difference.

use std::collections::BTreeSet;

use serde_json::Value;

use super::code;
use super::inclusion::{FieldQuestion, Mode, forbidden, formats_within, is_open, item, names, patterns, steps_within};
use super::normal::is_annotation;
use super::shape::{Conjunction, Kind, Shape};
use crate::decimal::Decimal;
use crate::extension;
use crate::finding::{Class, Direction};
use crate::judge::{Effect, Judge, Place, UNDECIDED, UNKNOWN, shown, turned};
use crate::node::{FALSE, Node, TRUE};
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
    if !judge.schemas.compared.insert(visit) {
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

/// Whether a schema says nothing but where to find it.
fn is_bare(node: &Node<'_>) -> bool {
    node.object().is_some_and(|keywords| keywords.keys().all(|key| key == "$ref" || is_annotation(key)))
}

/// What a schema leads to that is only a reference, with nothing beside it that a program reads.
fn followed<'a>(judge: &Judge<'a>, node: &Node<'a>) -> Node<'a> {
    const READ: [&str; 6] = ["default", "discriminator", extension::OPEN_SET, "readOnly", "writeOnly", "xml"];
    let is_read = |key: &str| READ.contains(&key) || judge.reads_extension(key);
    let says_more = |node: &Node<'_>| node.object().is_some_and(|keywords| keywords.keys().any(|key| is_read(key)));
    let mut known = BTreeSet::new();
    let mut node = node.clone();
    while is_bare(&node)
        && !says_more(&node)
        && known.insert(node.id())
        && let Some(target) = node.target()
    {
        node = target;
    }
    node
}

/// Two schemas that are compared, and what was found so far.
struct Pair<'j, 'a> {
    judge: &'j mut Judge<'a>,
    direction: Direction,
    old: std::rc::Rc<[Shape<'a>]>,
    new: std::rc::Rc<[Shape<'a>]>,
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

    /// Compares the types.
    fn kinds(&mut self) {
        let mut opaque = self.old.iter().chain(&*self.new).flat_map(|shape| &shape.opaque);
        if opaque.any(|opaque| opaque.key == "type") {
            return;
        }
        let (before, after) = (types(&self.old), types(&self.new));
        if before == after {
            return;
        }
        let (old_whole, new_whole) = (self.old_at.clone(), self.new_at.clone());
        let at = Place::Both(&old_whole, &new_whole);
        if before.is_empty() {
            return self.values(&rules::TYPE_WIDENED, Effect::Wider, at, "", "what was excluded is allowed now");
        }
        if after.is_empty() {
            return self.values(&rules::TYPE_NARROWED, Effect::Narrower, at, "", "what was allowed is excluded now");
        }
        let (rule, effect) = match (before.is_subset(&after), after.is_subset(&before)) {
            (true, _) => (&rules::TYPE_WIDENED, Effect::Wider),
            (_, true) => (&rules::TYPE_NARROWED, Effect::Narrower),
            _ => (&rules::TYPE_CHANGED, Effect::Breaks("breaks clients of the old type")),
        };
        let (old_at, new_at) = (common_with(&self.old, "type"), common_with(&self.new, "type"));
        let (old_at, new_at) = (old_at.unwrap_or(old_whole.clone()), new_at.unwrap_or(new_whole.clone()));
        let (was, is) = (old_at.value.get("type"), new_at.value.get("type"));
        if was != is {
            return self.values(rule, effect, Place::Field(&old_at, &new_at, "type"), "type", turned("type", was, is));
        }
        // The type came or went with an alternative.
        let list = |types: &BTreeSet<&str>| types.iter().copied().collect::<Vec<_>>().join(", ");
        let what = format!("the types change from {} to {}", list(&before), list(&after));
        let alternative = |shapes: &[Shape<'a>], others: &[Shape<'a>]| {
            let only = shapes.iter().find(|shape| !others.iter().any(|other| other.kind == shape.kind))?;
            own_node(only, shapes).cloned()
        };
        match (alternative(&self.old, &self.new), alternative(&self.new, &self.old)) {
            (None, Some(came)) => self.values(rule, effect, Place::Came(&came), "type", what),
            (Some(gone), None) => self.values(rule, effect, Place::Gone(&gone), "type", what),
            _ => self.values(rule, effect, at, "type", what),
        }
    }

    /// The schema that has one of these keywords, or else the whole, of either document.
    fn node_with(&self, keys: &[&str], is_new: bool) -> Node<'a> {
        let (shapes, at) = if is_new { (&self.new, &self.new_at) } else { (&self.old, &self.old_at) };
        let mut nodes = shapes.iter().flat_map(|shape| &shape.nodes);
        let has = |node: &&Node<'_>| keys.iter().any(|key| node.value.get(key).is_some());
        nodes.find(has).unwrap_or(at).clone()
    }

    /// Pairs the alternatives of each type and compares them.
    fn alternatives(&mut self) {
        let (old, new) = (std::rc::Rc::clone(&self.old), std::rc::Rc::clone(&self.new));
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

    /// Takes those that belong together out of both lists.
    fn partners(&mut self, before: &mut Vec<usize>, after: &mut Vec<usize>) -> Vec<(usize, usize)> {
        if let ([one], [other]) = (before.as_slice(), after.as_slice()) {
            let pair = (*one, *other);
            before.clear();
            after.clear();
            return vec![pair];
        }
        let (old, new) = (std::rc::Rc::clone(&self.old), std::rc::Rc::clone(&self.new));
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

    fn place_of<'n>(old: &'n Node<'a>, new: &'n Node<'a>, key: &'n str) -> Place<'n, 'a> {
        Place::Field(old, new, key)
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
        self.values(rule, effect, Self::place_of(&old_at, &new_at, key), key, what);
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

    /// Compares listed values.
    fn listed(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
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

    fn counts(&mut self, old: &Shape<'a>, new: &Shape<'a>, [least, most]: [&'static str; 2]) {
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

    fn numbers(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
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

    fn texts(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        let only = |of: &Shape<'a>| Shape { patterns: of.patterns.clone(), ..Shape::any(of.kind) };
        let [before, after] = [only(old), only(new)];
        let known = &mut self.judge.schemas;
        let is_within = (known.text_within(&before, &after), known.text_within(&after, &before));
        self.facet(old, new, &["pattern"], &PATTERN, is_within);
        self.facet(old, new, &["format"], &FORMAT, (formats_within(old, new), formats_within(new, old)));
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

    fn arrays(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
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
            known.array_within(&before, &without(&after), Mode::Values, 0),
            known.array_within(&after, &without(&before), Mode::Values, 0),
        );
        self.facet(old, new, &["contains", "minContains", "maxContains"], &CONTAINS, is_within);
    }

    fn objects(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        self.required(old, new);
        for name in names(old).union(&names(new)) {
            self.field(old, new, name);
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
        let (was, is) =
            (self.judge.schemas.describes(old, name, direction), self.judge.schemas.describes(new, name, direction));
        let property = |shape: &Shape<'a>, at: &Node<'a>| {
            let listed = shape.nodes.iter().find_map(|node| node.get("properties")?.get(name));
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
                let schemas = |known: &mut super::Known<'a>, shape: &Shape<'a>| known.field_of(shape, name);
                let (before, after) = (schemas(&mut self.judge.schemas, old), schemas(&mut self.judge.schemas, new));
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
        (known.unlisted_within(old, new, pattern, mode, 0), known.unlisted_within(new, old, pattern, mode, 0))
    }

    /// Compares what the schemas below two alternatives say that restricts no value.
    fn annotations_within(&mut self, old: &Shape<'a>, new: &Shape<'a>) {
        let place = |node: &Node<'a>, at: &Node<'a>| match node.pointer.strip_prefix(&at.pointer) {
            Some(below) => format!(".{below}"),
            None => node.pointer.clone(),
        };
        for before in &old.nodes {
            let at = place(before, &self.old_at);
            let after = new.nodes.iter().find(|node| place(node, &self.new_at) == at);
            let Some(after) = after.filter(|_| at != ".") else { continue };
            code::annotations(self.judge, self.direction, before, after, &mut self.children);
        }
        // What applies wherever it is said has to be said somewhere.
        for key in code::APPLYING {
            let said = |shape: &Shape<'a>| shape.nodes.iter().find(|node| node.value.get(key).is_some()).cloned();
            let (was, is) = (said(old), said(new));
            let is_matched = match (&was, &is) {
                (Some(was), Some(is)) => place(was, &self.old_at) == place(is, &self.new_at),
                (None, None) => true,
                _ => false,
            };
            if !is_matched {
                let (before, after) = (was.unwrap_or(self.old_at.clone()), is.unwrap_or(self.new_at.clone()));
                if before.value.get(key) != after.value.get(key) {
                    code::annotation(self.judge, self.direction, &before, &after, key);
                }
            }
        }
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
            if !is_below && !self.are_parts_vouched {
                let (sent, read) = sent_and_read(self.direction, old, new);
                self.holds = self.judge.schemas.is_within_now(sent, read, Mode::Exchange(self.direction))
                    && !is_contradictory(self.judge.schemas.shapes(sent).is_empty(), sent);
            }
            if !is_below && !self.holds {
                let place = Place::Both(&self.old_at.clone(), &self.new_at.clone());
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

    /// Keywords that changed without making a difference.
    fn other_words(&mut self, old: &Node<'a>, new: &Node<'a>) {
        let [before, after] = [old, new].map(|node| Conjunction::new(vec![node.clone()]));
        let known = &mut self.judge.schemas;
        let is_same = known.is_within(&before, &after, Mode::Values) && known.is_within(&after, &before, Mode::Values);
        for key in crate::node::names_of_both(old, new) {
            let (was, is) = (old.value.get(key), new.value.get(key));
            if was == is || is_annotation(key) || self.reported.contains(key) {
                continue;
            }
            if !is_same && is_applicator(key) || !has_own_words(key, was, is) {
                continue;
            }
            let place = Place::Field(old, new, key);
            let what = format!("`{key}` says the same in another form");
            self.judge.report(self.direction, &rules::SCHEMA_DOCUMENTATION, Effect::Words, place, what);
        }
    }
}

/// Whether a schema lists values of which its type allows none: its author cannot have meant that.
fn is_contradictory(is_empty: bool, all: &Conjunction<'_>) -> bool {
    let has = |node: &Node<'_>, keys: &[&str]| keys.iter().any(|key| node.value.get(key).is_some());
    let lists = |node: &Node<'_>| has(node, &["const", "enum"]) && has(node, &["type"]) && node.reference().is_none();
    is_empty && matches!(all.nodes(), [node] if lists(node))
}

/// The names of the types of these alternatives.
fn types(shapes: &[Shape<'_>]) -> BTreeSet<&'static str> {
    let mut types = BTreeSet::new();
    for shape in shapes {
        match shape.kind {
            Kind::Number => {
                types.insert("integer");
                if !shape.whole && shape.only.is_none() {
                    types.insert("number that is not an integer");
                }
            }
            kind => types.extend([kind.name()]),
        }
    }
    types
}

/// The schema with a keyword that applies to all alternatives.
fn common_with<'a>(shapes: &[Shape<'a>], key: &str) -> Option<Node<'a>> {
    let (first, others) = shapes.split_first()?;
    let is_common = |node: &Node<'a>| others.iter().all(|shape| shape.nodes.iter().any(|it| it.id() == node.id()));
    first.nodes.iter().find(|node| node.value.get(key).is_some() && is_common(node)).cloned()
}

/// Whether a keyword holds schemas.
fn is_applicator(key: &str) -> bool {
    const APPLICATORS: &[&str] = &[
        "$ref",
        "additionalProperties",
        "allOf",
        "anyOf",
        "contains",
        "dependentSchemas",
        "else",
        "if",
        "items",
        "not",
        "oneOf",
        "patternProperties",
        "prefixItems",
        "properties",
        "propertyNames",
        "then",
        "unevaluatedItems",
        "unevaluatedProperties",
    ];
    APPLICATORS.contains(&key)
}

/// Whether a keyword says something beside the schemas in it.
fn has_own_words(key: &str, was: Option<&Value>, is: Option<&Value>) -> bool {
    let count = |value: Option<&Value>| value.and_then(Value::as_array).map(Vec::len);
    match key {
        "allOf" | "anyOf" | "oneOf" => count(was) != count(is),
        key if is_applicator(key) => was.is_none() != is.is_none(),
        _ => true,
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Likeness {
    Words,
    Name,
    Included,
    Overlaps,
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
