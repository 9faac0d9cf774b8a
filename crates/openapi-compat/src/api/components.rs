//! Components, which are compared in every direction in which something reaches them.

use super::field::{Api, Pairs, Task, Verdict, entries, examples};
use super::reach;
use super::{body, parameters, paths, responses, security};
use crate::finding::Direction;
use crate::judge::{Effect, Place};
use crate::node::{Node, names_of_both};
use crate::{rules, schema};

/// A kind of component: its field, the direction in which it is compared if nothing reaches it, and how.
struct Kind {
    field: &'static str,
    unreached: Direction,
    compare: Task,
}

const KINDS: &[Kind] = &[
    Kind { field: "responses", unreached: Direction::Response, compare: responses::response },
    Kind { field: "headers", unreached: Direction::Response, compare: parameters::header },
    Kind { field: "links", unreached: Direction::Response, compare: responses::link },
    Kind { field: "parameters", unreached: Direction::Request, compare: parameters::parameter },
    Kind { field: "requestBodies", unreached: Direction::Request, compare: body::body },
    Kind { field: "mediaTypes", unreached: Direction::Response, compare: body::media_type },
    Kind { field: "securitySchemes", unreached: Direction::Request, compare: security::scheme },
    Kind { field: "callbacks", unreached: Direction::Request, compare: paths::callback },
];

/// Whose names no code and no message has.
const UNNAMED: &[&str] = &["examples", "pathItems"];

const USED_BY_NAME: Effect = Effect::Breaks("breaks users of generated clients, whose code has its name");
const UNUSED: Effect = Effect::Fits("nobody uses it yet");

/// The directions in which both components are exchanged, or else either of them.
fn directions<'a>(api: &mut Api<'_, 'a>, old: &Node<'a>, new: &Node<'a>, unreached: Direction) -> Vec<Direction> {
    let reach = api.judge.reach.get_or_insert_with(|| reach::Both::new(old.root, new.root));
    let (before, after) = reach.directions(&old.pointer, &new.pointer);
    let all = [Direction::Request, Direction::Response].into_iter();
    let both: Vec<_> = all.clone().filter(|it| before.contains(it) && after.contains(it)).collect();
    let either: Vec<_> = all.filter(|it| before.contains(it) || after.contains(it)).collect();
    [both, either, vec![unreached]].into_iter().find(|list| !list.is_empty()).unwrap_or_default()
}

pub(super) fn components<'a>(
    api: &mut Api<'_, 'a>,
    _: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (old, new) = super::field::objects(old, new, key);
    if old.object().is_none() || new.object().is_none() {
        return Verdict::Unread;
    }
    for name in names_of_both(&old, &new) {
        let is_listed = |node: &Node<'a>| entries(node, name).is_some();
        if name.starts_with("x-") || !is_listed(&old) || !is_listed(&new) {
            api.unlisted(Direction::Document, &old, &new, name);
            continue;
        }
        if UNNAMED.contains(&name) {
            if name == "examples" {
                let _ = examples(api, Direction::Document, &old, &new, "examples");
            } else if old.value.get(name) != new.value.get(name) {
                api.rephrased(Direction::Document, &old, &new, Some(name));
            }
            continue;
        }
        let kind = KINDS.iter().find(|kind| kind.field == name);
        if kind.is_none() && name != "schemas" {
            api.unlisted(Direction::Document, &old, &new, name);
            continue;
        }
        let (before, after) = (entries(&old, name).unwrap_or_default(), entries(&new, name).unwrap_or_default());
        let pairs = Pairs::new(before, after, |(name, _)| *name);
        for ((_, old), (_, new)) in &pairs.both {
            let unreached = kind.map_or(Direction::Response, |kind| kind.unreached);
            for direction in directions(api, old, new, unreached) {
                match kind {
                    Some(kind) => api.referable(direction, old, new, kind.compare),
                    None => schema::compare(api.judge, direction, old, new),
                }
                if old.value != new.value {
                    api.rephrased(direction, old, new, None);
                }
            }
        }
        let (added, removed) = match kind {
            Some(_) => (&rules::COMPONENT_ADDED, &rules::COMPONENT_REMOVED),
            None => (&rules::SCHEMA_COMPONENT_ADDED, &rules::SCHEMA_COMPONENT_REMOVED),
        };
        for (name, old) in &pairs.gone {
            api.report(Direction::Code, removed, USED_BY_NAME, Place::Gone(old), format!("component `{name}` is gone"));
        }
        for (name, new) in &pairs.came {
            api.report(Direction::Code, added, UNUSED, Place::Came(new), format!("component `{name}` is new"));
        }
    }
    Verdict::Vouched
}
