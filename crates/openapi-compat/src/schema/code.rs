//! What generated code is made of, and what only people or particular programs read.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::compare::Pending;
use super::normal::{ANNOTATIONS, is_annotation};
use super::shape::{Conjunction, is_same_value};
use crate::finding::Direction;
use crate::judge::{Effect, Judge, Place, shown, turned};
use crate::node::Node;
use crate::rules;

/// The name of the type that code has for a schema at this position: that of the component that it refers to.
fn type_name<'a>(node: &Node<'a>) -> Option<&'a str> {
    const SEVERAL: [&str; 3] = ["allOf", "anyOf", "oneOf"];
    let is_null = |node: &Node<'_>| node.value.get("type").is_some_and(|kind| kind == "null");
    if let Some(reference) = node.reference() {
        return Some(reference);
    }
    let only = |key: &&&str| node.object().is_some_and(|it| it.keys().all(|name| name == **key || is_annotation(name)));
    let key = SEVERAL.iter().find(only)?;
    let branches = node.list(key);
    let mut named = branches.iter().filter(|branch| !is_null(branch));
    match (named.next(), named.next()) {
        (Some(branch), None) => branch.reference(),
        _ => None,
    }
}

/// Whether code has a type of its own for a schema that has no name.
fn has_type(node: &Node<'_>) -> bool {
    let Some(keywords) = node.object() else { return false };
    ["properties", "enum", "allOf", "oneOf", "anyOf"].iter().any(|key| keywords.contains_key(*key))
}

/// Compares the names of types at a position where both documents have a schema.
pub(super) fn names(judge: &mut Judge<'_>, old: &Node<'_>, new: &Node<'_>) {
    const NAMED: Effect = Effect::Breaks("breaks users of generated clients, whose types are named after it");
    let place = Place::Both(old, new);
    match (type_name(old), type_name(new)) {
        (Some(before), Some(after)) if before != after => {
            let what = format!("it refers to `{after}` and no longer to `{before}`");
            judge.report(Direction::Code, &rules::TYPE_RENAMED, NAMED, place, what);
        }
        (Some(before), None) => {
            let what = format!("it is defined here and no longer in `{before}`");
            judge.report(Direction::Code, &rules::TYPE_RENAMED, NAMED, place, what);
        }
        (None, Some(after)) => {
            let what = format!("it is defined in `{after}` and no longer here");
            let effect = if has_type(old) { NAMED } else { Effect::Fits("generated clients get a name for its type") };
            judge.report(Direction::Code, &rules::TYPE_NAMED, effect, place, what);
        }
        _ => {}
    }
}

/// Compares everything of two schemas that restricts no value.
pub(super) fn annotations<'a>(
    judge: &mut Judge<'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    pending: &mut Vec<Pending<'a>>,
) {
    let empty = Map::new();
    let (before, after) = (old.object().unwrap_or(&empty), new.object().unwrap_or(&empty));
    let keys: BTreeSet<&str> = before.keys().chain(after.keys()).map(String::as_str).collect();
    for key in keys.into_iter().filter(|key| is_annotation(key)) {
        let (was, is) = (before.get(key), after.get(key));
        if key.starts_with("x-") {
            extension(judge, direction, old, new, key, pending);
        }
        if was == is {
            continue;
        }
        let place = Place::Field(old, new, key);
        let what = turned(key, was, is);
        match key {
            "$defs" | "definitions" => {}
            "title" if is_inline(new) && has_type(old) && has_type(new) && was.is_some() => {
                let effect = Effect::Breaks("breaks users of generated clients, whose types are named after it");
                judge.report(Direction::Code, &rules::TITLE_CHANGED, effect, place, what);
            }
            "default" => {
                let effect = match (was, is) {
                    (Some(was), Some(is)) if is_same_value(was, is) => Effect::Words,
                    (None, _) => Effect::Fits("before, nothing was said about an absent field"),
                    _ => Effect::Breaks("breaks clients that leave the field out, or receive an object without it"),
                };
                judge.report(direction, &rules::DEFAULT_CHANGED, effect, place, what);
            }
            "discriminator" => discriminator(judge, direction, old, new),
            "xml" => {
                let effect = Effect::Breaks("breaks clients that write or read it as XML");
                judge.report(direction, &rules::XML_CHANGED, effect, place, what);
            }
            "readOnly" | "writeOnly" => {
                // Whether the field is still sent is said where its object is compared.
                let effect = Effect::Fits("it only says in which direction the field goes");
                judge.report(direction, &rules::FIELD_DIRECTION_CHANGED, effect, place, what);
            }
            _ if ANNOTATIONS.contains(&key) => {
                judge.report(direction, &rules::SCHEMA_DOCUMENTATION, Effect::Words, place, what);
            }
            _ => {}
        }
    }
    if let Some(discriminator) = new.value.get("discriminator").or_else(|| old.value.get("discriminator")) {
        subtypes(judge, direction, old, new, discriminator, pending);
    }
}

/// Whether a schema stands where it is used, and not among the components.
fn is_inline(node: &Node<'_>) -> bool {
    node.pointer.strip_prefix("/components/schemas/").is_none_or(|name| name.contains('/'))
}

/// The extension that lists the known part of an open set.
const OPEN_SET: &str = "x-extensible-enum";

fn extension<'a>(
    judge: &mut Judge<'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &str,
    pending: &mut Vec<Pending<'a>>,
) {
    for (old, new) in named_components(old, new, key) {
        pending.push(Pending::of_nodes(&old, &new));
    }
    let (was, is) = (old.value.get(key), new.value.get(key));
    if was == is {
        return;
    }
    let place = Place::Field(old, new, key);
    if key != OPEN_SET && !judge.reads_extension(key) {
        judge.report(direction, &rules::EXTENSION_UNKNOWN, Effect::Words, place, turned(key, was, is));
        return;
    }
    let gained = Effect::Fits("clients expect what they do not know");
    let lost = Effect::Breaks("breaks clients that decide by it");
    match (was, is) {
        (Some(Value::Array(_)) | None, Some(Value::Array(_)) | None) => {
            let list =
                |value: Option<&'a Value>| value.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            let (was, is) = (list(was), list(is));
            let lacks = |list: &[Value], value: &Value| !list.iter().any(|it| is_same_value(it, value));
            for value in is.iter().filter(|value| lacks(was, value)) {
                let what = format!("{} is now a known value of `{key}`", shown(value));
                judge.report(direction, &rules::EXTENSION_GAINED, gained, place, what);
            }
            for value in was.iter().filter(|value| lacks(is, value)) {
                let what = format!("{} is no longer a known value of `{key}`", shown(value));
                judge.report(direction, &rules::EXTENSION_LOST, lost, place, what);
            }
            if was.len() == is.len() && was.iter().all(|value| !lacks(is, value)) {
                judge.report(
                    direction,
                    &rules::EXTENSION_GAINED,
                    Effect::Words,
                    place,
                    format!("`{key}` has another order"),
                );
            }
        }
        (Some(Value::Object(_)) | None, Some(Value::Object(_)) | None) => {
            let empty = Map::new();
            let map =
                |value: Option<&'a Value>| value.and_then(Value::as_object).cloned().unwrap_or_else(|| empty.clone());
            let (was, is) = (map(was), map(is));
            for (name, value) in &is {
                if !was.contains_key(name) {
                    let what = format!("`{key}` {}", turned(name, None, Some(value)));
                    judge.report(direction, &rules::EXTENSION_GAINED, gained, place, what);
                }
            }
            for (name, value) in was.iter().filter(|(name, value)| is.get(*name) != Some(*value)) {
                let what = format!("in `{key}`, {}", turned(name, Some(value), is.get(name)));
                judge.report(direction, &rules::EXTENSION_LOST, lost, place, what);
            }
        }
        _ => judge.report(direction, &rules::EXTENSION_LOST, lost, place, turned(key, was, is)),
    }
}

/// The components that an extension names in both documents.
fn named_components<'a>(old: &Node<'a>, new: &Node<'a>, key: &str) -> Vec<(Node<'a>, Node<'a>)> {
    let of = |node: &Node<'a>| {
        let mut names = BTreeSet::new();
        if let Some(value) = node.value.get(key) {
            names = super::sameness::links_of_extension(value);
        }
        names
    };
    let both: Vec<&str> = of(old).intersection(&of(new)).copied().collect();
    both.into_iter().filter_map(|name| Some((old.component(name)?, new.component(name)?))).collect()
}

fn discriminator(judge: &mut Judge<'_>, direction: Direction, old: &Node<'_>, new: &Node<'_>) {
    const KEY: &str = "discriminator";
    let place = Place::Field(old, new, KEY);
    let name = |node: &Node<'_>| node.value.get(KEY).and_then(|it| it.get("propertyName")).cloned();
    let (was, is) = (name(old), name(new));
    if was != is {
        let effect = match was {
            None => Effect::Fits("what tells the alternatives apart is said now"),
            Some(_) => Effect::Breaks("breaks clients that tell the alternatives apart by it"),
        };
        let what = turned("discriminator", was.as_ref(), is.as_ref());
        judge.report(direction, &rules::DISCRIMINATOR_CHANGED, effect, place, what);
        return;
    }
    let empty = Map::new();
    let mapping = |node: &Node<'_>| {
        node.value.get(KEY).and_then(|it| it.get("mapping")?.as_object().cloned()).unwrap_or_else(|| empty.clone())
    };
    let (was, is) = (mapping(old), mapping(new));
    for (tag, component) in &was {
        if is.get(tag) != Some(component) {
            let effect = Effect::Breaks("breaks clients that send or expect this value");
            let what = format!("in the mapping, {}", turned(tag, Some(component), is.get(tag)));
            judge.report(direction, &rules::DISCRIMINATOR_CHANGED, effect, place, what);
        }
    }
    for (tag, component) in is.iter().filter(|(tag, _)| !was.contains_key(*tag)) {
        let what = format!("in the mapping, {}", turned(tag, None, Some(component)));
        judge.report(
            direction,
            &rules::DISCRIMINATOR_GAINED,
            Effect::Fits("the alternative itself is judged on its own"),
            place,
            what,
        );
    }
}

/// The types that a discriminator leads to: mapped ones, and components that build on this one.
fn subtypes<'a>(
    judge: &mut Judge<'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    discriminator: &'a Value,
    pending: &mut Vec<Pending<'a>>,
) {
    // With alternatives of its own, these are what is compared.
    if [old, new].iter().any(|node| ["anyOf", "oneOf"].iter().any(|key| node.value.get(key).is_some())) {
        return;
    }
    let mapped = discriminator.get("mapping").and_then(Value::as_object);
    let mut pointers: BTreeSet<String> = mapped
        .into_iter()
        .flat_map(Map::values)
        .filter_map(|name| {
            Some(old.component(name.as_str()?).or_else(|| new.component(name.as_str().unwrap_or_default()))?.pointer)
        })
        .collect();
    let inheriting = [old, new].map(|node| judge.subtypes(node));
    pointers.extend(inheriting.iter().flatten().cloned());
    for pointer in pointers {
        match (old.at(&pointer), new.at(&pointer)) {
            (Some(old), Some(new)) => pending.push(Pending::of_nodes(&old, &new)),
            (None, Some(came)) => {
                let what = format!("`{pointer}` is a type of its own now");
                judge.report(direction, &rules::VARIANT_ADDED, Effect::Wider, Place::Came(&came), what);
            }
            (Some(gone), None) => {
                let what = format!("`{pointer}` is no longer a type of its own");
                judge.report(
                    direction,
                    &rules::VARIANT_REMOVED,
                    Effect::Breaks("breaks clients that send or expect it"),
                    Place::Gone(&gone),
                    what,
                );
            }
            (None, None) => {}
        }
    }
}

/// The first of these that is an inline schema, to say where something stands.
pub(super) fn first<'c, 'a>(all: &'c Conjunction<'a>) -> Option<&'c Node<'a>> {
    all.nodes().first()
}
