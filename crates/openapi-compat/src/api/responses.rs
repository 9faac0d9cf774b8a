//! The responses of an operation, and their links.

use super::body::content;
use super::field::{Api, Pairs, Table, Verdict, description, entries, objects};
use super::parameters::headers;
use crate::finding::Direction;
use crate::judge::{Effect, Place};
use crate::node::Node;
use crate::rules;

const RESPONSE: Table = &[
    (&["headers"], headers),
    (&["content"], content),
    (&["links"], links),
    (&["description"], description),
    (&["summary"], description),
];

const LINK: Table = &[
    (&["operationRef"], link_field),
    (&["operationId"], link_field),
    (&["parameters"], link_field),
    (&["requestBody"], link_field),
    (&["server"], link_field),
    (&["description"], description),
];

type Responses<'a> = Vec<(String, Node<'a>)>;

/// The responses of two operations.
pub(super) fn responses<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    const KEY: &str = "responses";
    let (Some(before), Some(after)) = (by_status(old), by_status(new)) else {
        if old.value.get(KEY) != new.value.get(KEY) {
            let place = Place::Field(old, new, KEY);
            api.report(direction, &rules::UNREADABLE, crate::judge::UNKNOWN, place, "`responses` cannot be read");
        }
        return;
    };
    let (olds, news) = (before.clone(), after.clone());
    let pairs = Pairs::new(before, after, |(status, _)| status.clone());
    for ((_, old), (_, new)) in &pairs.both {
        api.referable(direction, old, new, response);
    }
    for (status, old) in &pairs.gone {
        gone(api, direction, status, old, &news);
    }
    for (status, new) in &pairs.came {
        came(api, direction, status, new, &olds);
    }
    let (old, new) = objects(old, new, KEY);
    for name in crate::node::names_of_both(&old, &new).into_iter().filter(|name| name.starts_with("x-")) {
        super::extensions::compare(api, direction, &old, &new, name);
    }
}

pub(super) fn response<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    api.object(direction, old, new, RESPONSE);
}

/// `None` if it is no object, or if two statuses are the same.
fn by_status<'a>(operation: &Node<'a>) -> Option<Responses<'a>> {
    let list = entries(operation, "responses")?.into_iter().filter(|(name, _)| !name.starts_with("x-"));
    let name = |status: &str| if status == "default" { status.to_owned() } else { status.to_ascii_uppercase() };
    let list: Responses<'a> = list.map(|(status, node)| (name(status), node)).collect();
    let is_twice = |(index, (name, _)): (usize, &(String, _))| list.iter().take(index).any(|(other, _)| other == name);
    (!list.iter().enumerate().any(is_twice)).then_some(list)
}

/// The response that covers a status without one of its own.
fn covering<'l, 'a>(responses: &'l Responses<'a>, status: &str) -> Option<&'l (String, Node<'a>)> {
    let range = status.get(..1).map(|digit| format!("{digit}XX")).filter(|range| range != status);
    let find = |wanted: &str| responses.iter().find(|(known, _)| known == wanted);
    range.as_deref().and_then(find).or_else(|| find("default")).filter(|_| status != "default")
}

fn gone<'a>(api: &mut Api<'_, 'a>, direction: Direction, status: &str, old: &Node<'a>, news: &Responses<'a>) {
    if let Some((wider, new)) = covering(news, status) {
        let fits =
            api.would_fit(|api, direction, old, new| api.referable(direction, old, new, response), direction, old, new);
        let (effect, what) = if fits {
            (
                Effect::Fits("clients get what they got"),
                format!("status `{status}` is gone, and `{wider}` says the same of it"),
            )
        } else {
            let effect = Effect::Breaks("breaks clients that rely on it");
            (effect, format!("status `{status}` is gone, and `{wider}` says something else of it"))
        };
        return api.report(direction, &rules::STATUS_COVERED, effect, Place::Gone(old), what);
    }
    let effect = match direction {
        Direction::Request => Effect::Narrower,
        _ => Effect::Breaks("breaks clients that rely on it"),
    };
    api.report(direction, &rules::STATUS_REMOVED, effect, Place::Gone(old), format!("status `{status}` is gone"));
}

fn came<'a>(api: &mut Api<'_, 'a>, direction: Direction, status: &str, new: &Node<'a>, olds: &Responses<'a>) {
    let place = Place::Came(new);
    if let Some((wider, old)) = covering(olds, status) {
        let fits =
            api.would_fit(|api, direction, old, new| api.referable(direction, old, new, response), direction, old, new);
        let (effect, what) = if fits {
            (
                Effect::Fits("clients get nothing that they do not expect"),
                format!("status `{status}` is new, and `{wider}` covered it"),
            )
        } else {
            let effect = Effect::Breaks("breaks clients that rely on what covered it");
            (effect, format!("status `{status}` is new, and says something else than `{wider}`, which covered it"))
        };
        return api.report(direction, &rules::STATUS_TAKES_OVER, effect, place, what);
    }
    let what = format!("status `{status}` is new");
    if direction == Direction::Request {
        api.report(direction, &rules::STATUS_ADDED, Effect::Wider, place, what);
    } else if status == "default" {
        let effect = Effect::Fits("it describes what was left open, and clients have to reckon with any status");
        api.report(direction, &rules::DEFAULT_RESPONSE_ADDED, effect, place, what);
    } else if status.starts_with(['4', '5']) {
        let effect = Effect::Fits("clients have to treat an error that they do not know as any other of its hundred");
        api.report(direction, &rules::ERROR_STATUS_ADDED, effect, place, what);
    } else {
        api.report(direction, &rules::STATUS_ADDED, Effect::Wider, place, what);
    }
}

fn links<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (Some(before), Some(after)) = (entries(old, key), entries(new, key)) else { return Verdict::Unread };
    let pairs = Pairs::new(before, after, |(name, _)| *name);
    for ((_, old), (_, new)) in &pairs.both {
        api.referable(direction, old, new, link);
    }
    for (name, old) in &pairs.gone {
        let effect = Effect::Breaks("breaks clients that follow it");
        api.report(direction, &rules::LINK_REMOVED, effect, Place::Gone(old), format!("link `{name}` is gone"));
    }
    for (name, new) in &pairs.came {
        let effect = Effect::Fits("no client follows it yet");
        api.report(direction, &rules::LINK_ADDED, effect, Place::Came(new), format!("link `{name}` is new"));
    }
    Verdict::Vouched
}

pub(super) fn link<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    api.object(direction, old, new, LINK);
}

fn link_field<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let effect = Effect::Breaks("breaks clients that follow it");
    api.any_change(direction, &rules::LINK_CHANGED, effect, (old, new, key))
}
