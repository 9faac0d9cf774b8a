//! Paths, webhooks and callbacks: which operations came and went, and which of them get the same requests.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::announcement::{Announcement, announcement};
use super::field::{Api, Compare, Pairs, Verdict, description, entries};
use super::operation;
use super::resolve::{Kind, METHODS, Operation, PathItem, by_request, parameter_names, path_items};
use crate::finding::Direction;
use crate::judge::{Effect, Place, UNKNOWN};
use crate::node::Node;
use crate::rules::{self, Rule};

const LOST: Effect = Effect::Breaks("breaks clients that use it");
const UNUSED: Effect = Effect::Fits("no client uses it yet");
const NOT_ASKED_FOR: Effect = Effect::Fits("it reaches only clients that ask for it");

/// The rules and effects for what came and went.
struct Changes {
    came: (&'static Rule, Effect),
    gone: (&'static Rule, Effect),
}

const PATHS: Changes = Changes { came: (&rules::OPERATION_ADDED, UNUSED), gone: (&rules::OPERATION_REMOVED, LOST) };
const WEBHOOKS: Changes =
    Changes { came: (&rules::WEBHOOK_ADDED, NOT_ASKED_FOR), gone: (&rules::WEBHOOK_REMOVED, LOST) };
const CALLBACKS: Changes =
    Changes { came: (&rules::CALLBACK_ADDED, NOT_ASKED_FOR), gone: (&rules::CALLBACK_REMOVED, LOST) };

pub(super) fn paths<'a>(
    api: &mut Api<'_, 'a>,
    _: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    map(api, old, new, key, Kind::Path, &PATHS)
}

pub(super) fn webhooks<'a>(
    api: &mut Api<'_, 'a>,
    _: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    map(api, old, new, key, Kind::Call, &WEBHOOKS)
}

/// The callbacks of an operation, each a map of expressions to path items.
pub(super) fn callbacks<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (Some(before), Some(after)) = (entries(old, key), entries(new, key)) else { return Verdict::Unread };
    let pairs = Pairs::new(before, after, |(name, _)| *name);
    for (_, old) in pairs.gone {
        let what = "the callback is gone";
        api.report(Direction::Response, &rules::CALLBACK_REMOVED, LOST, Place::Gone(&old), what);
    }
    for (_, new) in pairs.came {
        api.report(
            Direction::Response,
            &rules::CALLBACK_ADDED,
            NOT_ASKED_FOR,
            Place::Came(&new),
            "the callback is new",
        );
    }
    for ((_, old), (_, new)) in pairs.both {
        // A callback may have an operation with callbacks.
        api.later(|api, direction, old, new| api.referable(direction, old, new, callback), direction, old, new);
    }
    Verdict::Vouched
}

/// Compares what two callbacks send. The direction only keeps those of paths and those of other callbacks apart.
pub(super) fn callback<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    let holders = (old.object(), new.object());
    let (Some(before), Some(after)) = holders else {
        if old.value != new.value {
            api.unreadable(direction, old, new);
        }
        return;
    };
    let items = |node: &Node<'a>| {
        let names = node.names().into_iter().filter(|name| !name.starts_with("x-"));
        names.filter_map(|name| Some(Rc::new(PathItem::new(name, Kind::Call, node.get(name)?)))).collect::<Vec<_>>()
    };
    compare_items(api, &items(old), &items(new), &CALLBACKS);
    for name in before.keys().chain(after.keys()).filter(|name| name.starts_with("x-")) {
        super::extensions::compare(api, direction, old, new, name);
    }
}

fn map<'a>(
    api: &mut Api<'_, 'a>,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
    kind: Kind,
    changes: &Changes,
) -> Verdict {
    let (Some(before), Some(after)) = (path_items(old, key, kind), path_items(new, key, kind)) else {
        return Verdict::Unread;
    };
    let shared = |items: Vec<PathItem<'a>>| items.into_iter().map(Rc::new).collect::<Vec<_>>();
    let (before, after) = (shared(before), shared(after));
    compare_items(api, &before, &after, changes);
    let (old, new) = super::field::objects(old, new, key);
    for name in crate::node::names_of_both(&old, &new).into_iter().filter(|name| name.starts_with("x-")) {
        super::extensions::compare(api, Direction::Document, &old, &new, name);
    }
    Verdict::Vouched
}

fn compare_items<'a>(
    api: &mut Api<'_, 'a>,
    before: &[Rc<PathItem<'a>>],
    after: &[Rc<PathItem<'a>>],
    changes: &Changes,
) {
    for (old, new) in paired(before.to_vec(), after.to_vec(), |item| item.form(), |item| item.template).both {
        item(api, &old, &new);
    }
    let (old, mut new) = (by_request(before), by_request(after));
    let mut gone = Vec::new();
    let mut came: Vec<Operation<'a>> = Vec::new();
    for (key, olds) in &old {
        let Some(news) = new.remove(key) else {
            gone.extend(olds.iter().cloned());
            continue;
        };
        let (first_old, first_new) = (olds.first().cloned(), news.first().cloned());
        let pairs = paired(olds.clone(), news, |_| (), |it| it.item.template);
        for (old, new) in &pairs.both {
            renamed(api, old, new);
            operation::compare(api, old, new);
        }
        // Twins: nobody can say which of them gets a request, so each is compared.
        for (old, new) in pairs.gone.iter().zip(first_new.iter().cycle()) {
            operation::compare(api, old, new);
        }
        for (old, new) in first_old.iter().cycle().zip(&pairs.came) {
            let what = format!("`{}` gets the same requests as `{}`", new.item.template, old.item.template);
            let effect = Effect::Breaks("breaks clients, since nobody can say which of the two answers");
            api.report(Direction::Request, &rules::PATH_AMBIGUOUS, effect, Place::Came(&new.node), what);
            operation::compare(api, old, new);
        }
    }
    came.extend(new.into_values().flatten());
    for old in gone {
        operation_gone(api, &old, changes);
    }
    operations_came(api, &old, &came, changes);
}

/// Pairs what has the same key: first what also has the same name, then the rest in order.
fn paired<'a, T: Clone, K: std::hash::Hash + Eq>(
    old: Vec<T>,
    new: Vec<T>,
    key: impl Fn(&T) -> K,
    name: impl Fn(&T) -> &'a str,
) -> Pairs<T> {
    let exact = Pairs::new(old, new, |it| (key(it), name(it).to_owned()));
    let rest = Pairs::new(exact.gone, exact.came, key);
    Pairs { both: exact.both.into_iter().chain(rest.both).collect(), ..rest }
}

/// What a path item says for itself. All else is compared with the operations that it applies to.
fn item<'a>(api: &mut Api<'_, 'a>, old: &PathItem<'a>, new: &PathItem<'a>) {
    let (Some(old_node), Some(new_node)) = (old.node(), new.node()) else { return };
    let direction = new.kind.request();
    if !(old.is_readable && new.is_readable) {
        // The documents differ, so what is not in them may differ too.
        return api.unreadable(direction, old_node, new_node);
    }
    api.reference(direction, old_node, new_node);
    let mut names = [old.names(), new.names()].concat();
    names.sort_unstable();
    names.dedup();
    let compared = ["$ref", "parameters", "servers", "additionalOperations"];
    for name in names.into_iter().filter(|name| !compared.contains(name) && !METHODS.contains(name)) {
        let (Some(old), Some(new)) = (old.owner(name), new.owner(name)) else { continue };
        let words = ["description", "summary"].into_iter().find(|known| *known == name);
        match words {
            Some(name) => {
                let _ = (description as Compare)(api, direction, old, new, name);
            }
            None => api.unlisted(direction, old, new, name),
        }
    }
    let unread = |item: &PathItem<'a>| {
        item.owner("additionalOperations").is_some_and(|owner| entries(owner, "additionalOperations").is_none())
    };
    if unread(old) || unread(new) {
        let what = "`additionalOperations` cannot be read";
        let place = Place::Field(old_node, new_node, "additionalOperations");
        api.report(direction, &rules::UNREADABLE, UNKNOWN, place, what);
    }
}

fn renamed<'a>(api: &mut Api<'_, 'a>, old: &Operation<'a>, new: &Operation<'a>) {
    let [before, after] = [old, new].map(|it| parameter_names(it.item.template));
    let (Some(old), Some(new), Kind::Path) = (old.item.node(), new.item.node(), new.kind()) else { return };
    if before != after {
        let effect = Effect::Breaks("breaks users of generated clients that pass parameters by name");
        let what = format!("the parameters are now named {} and no longer {}", after.join(", "), before.join(", "));
        api.report(Direction::Code, &rules::PATH_PARAMETERS_RENAMED, effect, Place::Both(old, new), what);
    }
}

fn operation_gone<'a>(api: &mut Api<'_, 'a>, old: &Operation<'a>, changes: &Changes) {
    let today = api.judge.today;
    let item = || old.item.node().and_then(|item| announcement(item, today));
    let announced = announcement(&old.node, today).or_else(item);
    let of_path = old.kind() == Kind::Path;
    let name = format!("`{} {}`", old.method, old.item.template);
    let (rule, effect, what) = match announced {
        Some(Announcement::Past(day)) => {
            let effect = Effect::Fits("clients had until that day to do without it");
            let what = format!("{name} is gone, as was announced for {day}");
            (&rules::OPERATION_REMOVED_AFTER_SUNSET, effect, what)
        }
        Some(Announcement::Ahead(day)) if of_path => {
            let what = format!("{name} is gone, before {day}, which was announced");
            (&rules::OPERATION_REMOVED_BEFORE_SUNSET, LOST, what)
        }
        Some(Announcement::Deprecated) if of_path => {
            (&rules::DEPRECATED_OPERATION_REMOVED, LOST, format!("{name}, which was deprecated, is gone"))
        }
        _ => (changes.gone.0, changes.gone.1, format!("{name} is gone")),
    };
    api.report(old.kind().request(), rule, effect, Place::Gone(&old.node), what);
}

fn operations_came<'a>(
    api: &mut Api<'_, 'a>,
    old: &BTreeMap<(String, String), Vec<Operation<'a>>>,
    came: &[Operation<'a>],
    changes: &Changes,
) {
    let mut known: BTreeMap<(&str, usize), Vec<(&str, &Operation<'a>)>> = BTreeMap::new();
    for ((form, method), operations) in old {
        if let Some(operation) = operations.first().filter(|it| it.kind() == Kind::Path && form.contains("{}")) {
            known.entry((method, form.split('/').count())).or_default().push((form, operation));
        }
    }
    for new in came {
        let name = format!("`{} {}`", new.method, new.item.template);
        let form = new.item.form();
        let others = known.get(&(&*new.method, form.split('/').count())).filter(|_| new.kind() == Kind::Path);
        let loser = others.into_iter().flatten().find(|(other, _)| takes_over(&form, other));
        if let Some((_, loser)) = loser {
            let effect = Effect::Breaks("breaks clients that send them to the old one");
            let what = format!("{name} is new and takes requests that `{}` got", loser.item.template);
            api.report(Direction::Request, &rules::PATH_TAKEN_OVER, effect, Place::Came(&new.node), what);
        } else {
            let (rule, effect) = changes.came;
            api.report(new.kind().request(), rule, effect, Place::Came(&new.node), format!("{name} is new"));
        }
    }
}

/// Whether some requests fit both forms of as many segments, and routers prefer the first: it is the more literal one where
/// they first differ.
fn takes_over(one: &str, other: &str) -> bool {
    let mut first_difference = None;
    for (one, other) in one.split('/').zip(other.split('/')).filter(|(one, other)| one != other) {
        let overlaps = fits(one, other) || fits(other, one);
        if !overlaps {
            return false;
        }
        first_difference = first_difference.or_else(|| Some(fits(one, other)));
    }
    first_difference == Some(true)
}

/// Whether a segment, its parameters taken as text, fits a form.
fn fits(segment: &str, form: &str) -> bool {
    let parts: Vec<_> = form.split("{}").collect();
    let [first, middle @ .., last] = &*parts else { return segment == form };
    let Some(mut rest) = segment.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else { return false };
    // Each parameter takes at least one character.
    for part in middle {
        let Some((start, _)) = rest.char_indices().nth(1) else { return false };
        let Some(found) = rest.get(start..).and_then(|rest| rest.find(*part)) else { return false };
        rest = rest.get(start + found + part.len()..).unwrap_or_default();
    }
    !rest.is_empty()
}

#[cfg(test)]
mod tests {
    use super::takes_over;

    #[test]
    fn the_more_literal_of_two_forms_takes_over() {
        let cases = [
            ("/users/me", "/users/{}", true),
            ("/users/{}", "/users/me", false),
            ("/a/b/{}", "/a/{}/c", true),
            ("/a/{}/c", "/a/b/{}", false),
            ("/a/{}.json", "/a/{}", true),
            ("/a/{}", "/a/{}.json", false),
            ("/a/x-{}", "/a/{}-{}", true),
            ("/a/b", "/c/{}", false),
            ("/a/b", "/a/c{}", false),
            ("/a/", "/a/{}", false),
            ("/a/{}", "/a/{}", false),
        ];
        for (one, other, expected) in cases {
            assert_eq!(takes_over(one, other), expected, "{one} {other}");
        }
    }
}
