//! How objects are compared by a table of their fields.

use std::collections::{HashMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use crate::finding::{Class, Direction};
use crate::judge::{Effect, Judge, Place, UNKNOWN, turned};
use crate::node::{Node, names_of_both};
use crate::rules::{self, Rule};

/// What an absent object stands for.
pub(super) static EMPTY: LazyLock<Value> = LazyLock::new(|| Value::Object(Map::new()));

/// What a comparison says of a field when it is done. Silence is not among it: it would hide a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub(super) enum Verdict {
    /// It looked at everything and has reported, or left to a task, each difference that makes one. Whatever else differs
    /// is said in another way.
    Vouched,
    /// It has reported the difference.
    Told,
    /// It cannot be read.
    Unread,
}

/// Compares one field of two objects, or a few that belong together. It is given the objects, and the first name.
pub(super) type Compare = for<'a> fn(&mut Api<'_, 'a>, Direction, &Node<'a>, &Node<'a>, &'static str) -> Verdict;

/// The fields of a kind of object.
pub(super) type Table = &'static [(&'static [&'static str], Compare)];

/// Compares what two nodes hold in a direction.
pub(super) type Task = for<'a> fn(&mut Api<'_, 'a>, Direction, &Node<'a>, &Node<'a>);

/// The state of a comparison.
pub(super) struct Api<'j, 'a> {
    pub(super) judge: &'j mut Judge<'a>,
    /// A response of one status is compared with one for several statuses, whose optional headers need not be on each.
    pub(super) one_of_several: bool,
    /// What may refer to its own kind, and would be a recursion as deep as a document wants.
    tasks: VecDeque<(Task, Direction, Node<'a>, Node<'a>)>,
    /// What differs in text and says the same, unless something below it was reported.
    rephrased: Vec<Rephrased<'a>>,
    trials: HashMap<(Rc<str>, Rc<str>, Direction), bool>,
}

struct Rephrased<'a> {
    direction: Direction,
    old: Node<'a>,
    new: Node<'a>,
    key: Option<&'a str>,
}

impl Rephrased<'_> {
    fn pointers(&self) -> [String; 2] {
        [&self.new, &self.old].map(|node| self.key.map_or_else(|| node.pointer.to_string(), |key| node.pointer_of(key)))
    }
}

impl<'j, 'a> Api<'j, 'a> {
    pub(super) fn new(judge: &'j mut Judge<'a>) -> Self {
        Self { judge, one_of_several: false, tasks: VecDeque::new(), rephrased: Vec::new(), trials: HashMap::new() }
    }

    pub(super) fn report(
        &mut self,
        direction: Direction,
        rule: &'static Rule,
        effect: Effect,
        place: Place<'_, '_>,
        what: impl Into<String>,
    ) {
        self.judge.report(direction, rule, effect, place, what);
    }

    pub(super) fn unreadable(&mut self, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
        let what = "it cannot be read, or refers to something that is not in the document";
        self.report(direction, &rules::UNREADABLE, UNKNOWN, Place::Both(old, new), what);
    }

    /// Compares two nodes later.
    pub(super) fn later(&mut self, task: Task, direction: Direction, old: Node<'a>, new: Node<'a>) {
        self.tasks.push_back((task, direction, old, new));
    }

    /// Whether a comparison finds nothing that breaks. Nothing is reported.
    pub(super) fn would_fit(&mut self, task: Task, direction: Direction, old: &Node<'a>, new: &Node<'a>) -> bool {
        let key = (old.pointer.clone(), new.pointer.clone(), direction);
        if let Some(known) = self.trials.get(&key) {
            return *known;
        }
        let before = self.judge.begin_trial();
        let mut trial = Api { one_of_several: true, ..Api::new(self.judge) };
        task(&mut trial, direction, old, new);
        trial.finish();
        let findings = self.judge.end_trial(before);
        let fits = findings.iter().all(|finding| finding.class != Class::Breaking);
        self.trials.insert(key, fits);
        fits
    }

    /// Does what was left for later, and reports what is only said in another way.
    pub(super) fn finish(mut self) {
        while let Some((task, direction, old, new)) = self.tasks.pop_front() {
            task(&mut self, direction, &old, &new);
        }
        let mut told = HashSet::new();
        for finding in self.judge.findings() {
            for pointer in [Some(&finding.pointer), finding.old_pointer.as_ref()].into_iter().flatten() {
                tell(&mut told, pointer);
            }
        }
        // The innermost places first, so that what they are in is not told again.
        let depth = |it: &Rephrased<'_>| std::cmp::Reverse(it.pointers()[0].matches('/').count());
        self.rephrased.sort_by_cached_key(|it| (depth(it), it.pointers(), it.direction));
        for Rephrased { direction, old, new, key } in std::mem::take(&mut self.rephrased) {
            let pointers = Rephrased { direction, old: old.clone(), new: new.clone(), key }.pointers();
            if pointers.iter().any(|pointer| told.contains(pointer)) {
                continue;
            }
            pointers.iter().for_each(|pointer| tell(&mut told, pointer));
            let (place, what) = match key {
                Some(key) => (Place::Field(&old, &new, key), format!("`{key}` says the same in another way")),
                None => (Place::Both(&old, &new), "it says the same in another way".to_owned()),
            };
            self.report(direction, &rules::REPHRASED, Effect::Words, place, what);
        }
    }

    /// Compares two objects by the table of their fields. Every difference is reported.
    pub(super) fn object(&mut self, direction: Direction, old: &Node<'a>, new: &Node<'a>, table: Table) {
        if old.object().is_none() || new.object().is_none() {
            if old.value != new.value {
                self.unreadable(direction, old, new);
            }
            return;
        }
        for (names, compare) in table {
            let Some(first) = names.first() else { continue };
            let before = self.judge.findings().len();
            let verdict = compare(self, direction, old, new, first);
            let is_told = self.judge.findings().len() > before;
            let differing = names.iter().find(|name| old.value.get(**name) != new.value.get(**name));
            match (verdict, differing) {
                (Verdict::Vouched, Some(name)) => self.rephrased(direction, old, new, Some(name)),
                (Verdict::Told, Some(name)) if !is_told => self.unknown(direction, old, new, name),
                (Verdict::Unread, Some(name)) => {
                    let what = format!("`{name}` cannot be read");
                    self.report(direction, &rules::UNREADABLE, UNKNOWN, Place::Field(old, new, name), what);
                }
                (Verdict::Unread, None) if !names.iter().all(|name| self.is_same(old, new, name)) => {
                    let what = format!("`{first}` cannot be read, and refers to what changed");
                    self.report(direction, &rules::UNREADABLE, UNKNOWN, Place::Field(old, new, first), what);
                }
                _ => {}
            }
        }
        for name in names_of_both(old, new) {
            if !table.iter().any(|(names, _)| names.contains(&name)) {
                self.unlisted(direction, old, new, name);
            }
        }
    }

    /// Compares a field that no table lists.
    pub(super) fn unlisted(&mut self, direction: Direction, old: &Node<'a>, new: &Node<'a>, name: &'a str) {
        if name.starts_with("x-") {
            super::extensions::compare(self, direction, old, new, name);
        } else if !self.is_same(old, new, name) {
            self.unknown(direction, old, new, name);
        }
    }

    /// Whether a field is the same in both, and so is everything that it refers to.
    fn is_same(&mut self, old: &Node<'a>, new: &Node<'a>, name: &str) -> bool {
        match (old.get(name), new.get(name)) {
            // Where it leads depends on the path by which it is reached.
            (Some(_), Some(_)) if name == "$dynamicRef" => false,
            (Some(old), Some(new)) => self.judge.schemas.is_same(&old, &new),
            (old, new) => old.is_none() && new.is_none(),
        }
    }

    fn unknown(&mut self, direction: Direction, old: &Node<'a>, new: &Node<'a>, name: &str) {
        let what = match (old.value.get(name), new.value.get(name)) {
            (before, after) if before == after => format!("`{name}` refers to what changed"),
            (before, after) => turned(name, before, after),
        };
        self.report(direction, &rules::UNKNOWN, UNKNOWN, Place::Field(old, new, name), what);
    }

    /// Notes that two texts differ and say the same: of a field, or of the nodes themselves.
    pub(super) fn rephrased(&mut self, direction: Direction, old: &Node<'a>, new: &Node<'a>, key: Option<&'a str>) {
        let (old, new) = (old.clone(), new.clone());
        self.rephrased.push(Rephrased { direction, old, new, key });
    }

    /// A field of which any change has this effect.
    pub(super) fn any_change(
        &mut self,
        direction: Direction,
        rule: &'static Rule,
        effect: Effect,
        (old, new, key): (&Node<'a>, &Node<'a>, &str),
    ) -> Verdict {
        let (before, after) = (old.value.get(key), new.value.get(key));
        if before != after {
            self.report(direction, rule, effect, Place::Field(old, new, key), turned(key, before, after));
        }
        Verdict::Told
    }

    /// Compares two objects, or what they refer to, with each pair only once. Where they are defined makes no difference.
    pub(super) fn referable(&mut self, direction: Direction, old: &Node<'a>, new: &Node<'a>, compare: Task) {
        let (Some(old_target), Some(new_target)) = (old.resolved(), new.resolved()) else {
            // The documents differ, so what is not in them may differ too.
            return self.unreadable(direction, old, new);
        };
        self.reference(direction, old, new);
        if self.judge.is_first(direction, &old_target, &new_target) {
            compare(self, direction, &old_target, &new_target);
        }
    }

    /// Notes that a reference leads to another place, or that something moved there.
    pub(super) fn reference(&mut self, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
        match (old.reference(), new.reference()) {
            (Some(before), Some(after)) if before != after => {
                let what = format!("it refers to `{after}` and no longer to `{before}`");
                let place = Place::Field(old, new, "$ref");
                self.report(direction, &rules::REFERENCE_CHANGED, Effect::Words, place, what);
            }
            _ if old.value != new.value => self.rephrased(direction, old, new, None),
            _ => {}
        }
    }
}

/// Adds a pointer and those of all that it is in.
fn tell(told: &mut HashSet<String>, pointer: &str) {
    let mut pointer = pointer;
    while told.insert(pointer.to_owned()) {
        let Some((parent, _)) = pointer.rsplit_once('/') else { break };
        pointer = parent;
    }
}

/// A field that was compared with what the operation makes of it, or that identifies the object.
pub(super) fn compared_already<'a>(
    _: &mut Api<'_, 'a>,
    _: Direction,
    _: &Node<'a>,
    _: &Node<'a>,
    _: &'static str,
) -> Verdict {
    Verdict::Vouched
}

macro_rules! words {
    ($($(#[$doc:meta])* $name:ident $rule:ident;)*) => {
        $($(#[$doc])*
        pub(super) fn $name<'a>(
            api: &mut Api<'_, 'a>,
            direction: Direction,
            old: &Node<'a>,
            new: &Node<'a>,
            key: &'static str,
        ) -> Verdict {
            api.any_change(direction, &rules::$rule, Effect::Words, (old, new, key))
        })*
    };
}

words! {
    /// Prose.
    description DESCRIPTION_CHANGED;
    /// Examples, which no program relies on.
    examples EXAMPLES_CHANGED;
    /// Links to further documentation.
    external_docs EXTERNAL_DOCS_CHANGED;
    /// What stands in `info`.
    info INFO_CHANGED;
    /// The tags of the document, which describe those of the operations.
    tags TAGS_CHANGED;
}

/// `deprecated`, which is false if it is absent.
pub(super) fn deprecated<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (Some(before), Some(after)) = (flag(old, key), flag(new, key)) else { return Verdict::Unread };
    let place = Place::Field(old, new, key);
    match (before, after) {
        (false, true) => {
            let what = "it is deprecated, so clients should plan to do without it";
            api.report(direction, &rules::DEPRECATED, Effect::Words, place, what);
        }
        (true, false) => {
            let what = "it is no longer deprecated";
            api.report(direction, &rules::DEPRECATION_WITHDRAWN, Effect::Words, place, what);
        }
        _ => return Verdict::Vouched,
    }
    Verdict::Told
}

/// A flag that is false if it is absent; `None` if it is no flag.
pub(super) fn flag(node: &Node<'_>, key: &str) -> Option<bool> {
    node.value.get(key).map_or(Some(false), Value::as_bool)
}

/// The fields of the object in a field, in the order of their names, none if it is absent; `None` if it is no object.
pub(super) fn entries<'a>(node: &Node<'a>, key: &str) -> Option<Vec<(&'a str, Node<'a>)>> {
    let Some(map) = node.get(key) else { return Some(Vec::new()) };
    map.object()?;
    Some(map.names().into_iter().filter_map(|name| Some((name, map.get(name)?))).collect())
}

/// The items of the array in a field, none if it is absent; `None` if it is no array.
pub(super) fn items<'a>(node: &Node<'a>, key: &str) -> Option<Vec<Node<'a>>> {
    let Some(list) = node.get(key) else { return Some(Vec::new()) };
    let count = list.value.as_array()?.len();
    Some((0..count).filter_map(|index| list.get(&index.to_string())).collect())
}

/// The objects in a field, with an empty one for an absent one.
pub(super) fn objects<'a>(old: &Node<'a>, new: &Node<'a>, key: &str) -> (Node<'a>, Node<'a>) {
    (old.get_or(key, &EMPTY), new.get_or(key, &EMPTY))
}

/// Two lists of what has a name, as pairs of the same name and what only one of them has. Of two with one name, the first
/// of one list belongs to the first of the other.
pub(super) struct Pairs<T> {
    pub(super) both: Vec<(T, T)>,
    pub(super) gone: Vec<T>,
    pub(super) came: Vec<T>,
}

impl<T> Pairs<T> {
    pub(super) fn new<K: std::hash::Hash + Eq>(old: Vec<T>, new: Vec<T>, name: impl Fn(&T) -> K) -> Self {
        let mut by_name: HashMap<K, VecDeque<(usize, T)>> = HashMap::new();
        for (index, item) in new.into_iter().enumerate() {
            by_name.entry(name(&item)).or_default().push_back((index, item));
        }
        let (mut both, mut gone) = (Vec::new(), Vec::new());
        for old in old {
            match by_name.get_mut(&name(&old)).and_then(VecDeque::pop_front) {
                Some((_, new)) => both.push((old, new)),
                None => gone.push(old),
            }
        }
        let mut came: Vec<_> = by_name.into_values().flatten().collect();
        came.sort_by_key(|(index, _)| *index);
        Self { both, gone, came: came.into_iter().map(|(_, item)| item).collect() }
    }
}
