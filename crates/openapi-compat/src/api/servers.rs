//! Where clients send to.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::field::{Api, Pairs, Table, Verdict, compared_already, description, entries, items};
use super::resolve::{Kind, Operation};
use crate::finding::Direction;
use crate::judge::{Effect, Place, UNKNOWN, shown, turned};
use crate::node::Node;
use crate::rules;

const KEY: &str = "servers";

/// What a document without servers has.
static DEFAULT: LazyLock<Value> = LazyLock::new(|| json!({ "url": "/" }));

const SERVER: Table = &[
    (&["url"], compared_already),
    (&["variables"], variables),
    (&["description"], description),
    (&["name"], description),
];

const VARIABLE: Table =
    &[(&["enum"], variable_enum), (&["default"], variable_default), (&["description"], description)];

/// The servers of the document, which the operations without their own have.
pub(super) fn of_document<'a>(
    api: &mut Api<'_, 'a>,
    _: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    _: &'static str,
) -> Verdict {
    compare(api, Some(old), Some(new), (old, new))
}

/// The servers of an operation, if in one of the documents they are not those of the document.
pub(super) fn of_operation<'a>(api: &mut Api<'_, 'a>, old: &Operation<'a>, new: &Operation<'a>) {
    let (old_owner, new_owner) = (old.owner(KEY), new.owner(KEY));
    let is_root = |owner: &Option<Node<'a>>| owner.as_ref().is_none_or(|owner| owner.pointer.is_empty());
    if (is_root(&old_owner) && is_root(&new_owner)) || new.kind() == Kind::Call {
        return;
    }
    let place = |owner: &Option<Node<'a>>, operation: &Operation<'a>| match owner {
        Some(owner) if !owner.pointer.is_empty() => owner.clone(),
        _ => operation.node.clone(),
    };
    let places = (place(&old_owner, old), place(&new_owner, new));
    let differs = old_owner.as_ref().and_then(|owner| owner.value.get(KEY))
        != new_owner.as_ref().and_then(|owner| owner.value.get(KEY));
    let verdict = compare(api, old_owner.as_ref(), new_owner.as_ref(), (&places.0, &places.1));
    if verdict == Verdict::Unread && differs {
        let place = Place::Field(&places.0, &places.1, KEY);
        api.report(Direction::Request, &rules::UNREADABLE, UNKNOWN, place, "`servers` cannot be read");
    }
}

/// Compares the servers that two nodes have, for a place that may have none of its own.
fn compare<'a>(
    api: &mut Api<'_, 'a>,
    old: Option<&Node<'a>>,
    new: Option<&Node<'a>>,
    (old_place, new_place): (&Node<'a>, &Node<'a>),
) -> Verdict {
    let (Some(before), Some(after)) = (servers(old, old_place), servers(new, new_place)) else {
        return Verdict::Unread;
    };
    let url = |list: &[(&'a str, Node<'a>)]| list.first().map(|(url, _)| *url);
    let (first_before, first_after) = (url(&before), url(&after));
    if first_before != first_after {
        let effect = Effect::Breaks("breaks users of generated clients, which send to the first server");
        let what = format!(
            "the first server is `{}` and no longer `{}`",
            first_after.unwrap_or_default(),
            first_before.unwrap_or_default()
        );
        let place = Place::Field(old_place, new_place, KEY);
        api.report(Direction::Code, &rules::FIRST_SERVER_CHANGED, effect, place, what);
    }
    let pairs = Pairs::new(before, after, |(url, _)| *url);
    for ((_, old), (_, new)) in &pairs.both {
        api.object(Direction::Request, old, new, SERVER);
    }
    for (url, old) in &pairs.gone {
        let effect = Effect::Breaks("breaks clients that send to it");
        let what = format!("server `{url}` is gone");
        api.report(Direction::Request, &rules::SERVER_REMOVED, effect, Place::Gone(old), what);
    }
    for (url, new) in &pairs.came {
        let effect = Effect::Fits("no client sends to it yet");
        let what = format!("server `{url}` is new");
        api.report(Direction::Request, &rules::SERVER_ADDED, effect, Place::Came(new), what);
    }
    Verdict::Vouched
}

/// The servers with their URLs; `None` if they cannot be read.
fn servers<'a>(owner: Option<&Node<'a>>, place: &Node<'a>) -> Option<Vec<(&'a str, Node<'a>)>> {
    let list = owner.map_or(Some(Vec::new()), |owner| items(owner, KEY))?;
    if list.is_empty() {
        let node = Node { root: place.root, pointer: place.pointer_of(KEY).into(), value: &DEFAULT };
        return Some(vec![("/", node)]);
    }
    list.into_iter().map(|server| Some((server.value.get("url")?.as_str()?, server))).collect()
}

fn variables<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (Some(before), Some(after)) = (entries(old, key), entries(new, key)) else { return Verdict::Unread };
    // A variable that the URL does not use is never filled in.
    let is_used = |(name, _): &(&str, Node<'a>)| {
        new.value.get("url").and_then(Value::as_str).is_some_and(|url| url.contains(&format!("{{{name}}}")))
    };
    let [before, after] = [before, after].map(|list| list.into_iter().filter(is_used).collect::<Vec<_>>());
    let pairs = Pairs::new(before, after, |(name, _)| *name);
    for ((_, old), (_, new)) in &pairs.both {
        api.object(direction, old, new, VARIABLE);
    }
    let effect = Effect::Breaks("breaks clients that make the URL of it");
    for (name, old) in &pairs.gone {
        let what = format!("variable `{name}` is gone");
        api.report(direction, &rules::SERVER_VARIABLE_CHANGED, effect, Place::Gone(old), what);
    }
    for (name, new) in &pairs.came {
        let what = format!("variable `{name}` is new");
        api.report(direction, &rules::SERVER_VARIABLE_CHANGED, effect, Place::Came(new), what);
    }
    Verdict::Vouched
}

fn variable_enum<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (widened, narrowed) = (&rules::SERVER_VARIABLE_WIDENED, &rules::SERVER_VARIABLE_NARROWED);
    let list = |node: &Node<'a>| items(node, key).map(|items| items.into_iter().map(|item| item.value).collect());
    let (Some(before), Some(after)): (Option<Vec<_>>, Option<Vec<_>>) = (list(old), list(new)) else {
        return Verdict::Unread;
    };
    let place = Place::Field(old, new, key);
    match (old.get(key).is_some(), new.get(key).is_some()) {
        (true, false) => api.report(direction, widened, Effect::Wider, place, "any value is allowed now"),
        (false, true) => api.report(direction, narrowed, Effect::Narrower, place, "the values are listed now"),
        _ => {
            let text = |list: &[&Value]| list.iter().map(|value| shown(value)).collect::<BTreeSet<_>>();
            let (before, after) = (text(&before), text(&after));
            for value in before.difference(&after) {
                api.report(direction, narrowed, Effect::Narrower, place, format!("{value} is no longer allowed"));
            }
            for value in after.difference(&before) {
                api.report(direction, widened, Effect::Wider, place, format!("{value} is allowed now"));
            }
        }
    }
    Verdict::Vouched
}

fn variable_default<'a>(
    api: &mut Api<'_, 'a>,
    _: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (before, after) = (old.value.get(key), new.value.get(key));
    if before != after {
        let effect = Effect::Breaks("breaks users of generated clients, which send to the URL with the defaults");
        let place = Place::Field(old, new, key);
        let rule = &rules::SERVER_VARIABLE_DEFAULT_CHANGED;
        api.report(Direction::Code, rule, effect, place, turned(key, before, after));
    }
    Verdict::Told
}
