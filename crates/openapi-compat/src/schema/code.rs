//! What generated code is made of, and what only people or particular programs read.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::compare::Pending;
use super::normal::{closure, is_annotation};
use crate::extension;
use crate::finding::Direction;
use crate::judge::{Effect, Judge, Place, UNDECIDED, turned};
use crate::node::Node;
use crate::rules;
use crate::value::is_same_value;

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

/// Annotations that mean the same in every schema that applies.
pub(super) const APPLYING: [&str; 4] = ["default", "discriminator", "xml", extension::OPEN_SET];

/// Compares everything of two schemas that restricts no value.
pub(super) fn annotations<'a>(
    judge: &mut Judge<'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    pending: &mut Vec<Pending<'a>>,
) {
    if !judge.schemas.visited.annotations.insert((old.id(), new.id(), direction)) {
        return;
    }
    let empty = Map::new();
    let (before, after) = (old.object().unwrap_or(&empty), new.object().unwrap_or(&empty));
    let keys: BTreeSet<&str> = before.keys().chain(after.keys()).map(String::as_str).collect();
    for key in keys.into_iter().filter(|key| is_annotation(key)) {
        let (was, is) = (before.get(key), after.get(key));
        // What applies wherever it is said is compared where it is said.
        let is_said_below =
            |node: &Node<'a>| closure(std::slice::from_ref(node)).iter().any(|it| it.value.get(key).is_some());
        if APPLYING.contains(&key) && is_said_below(old) && is_said_below(new) && (was.is_none() || is.is_none()) {
            continue;
        }
        if key.starts_with("x-") {
            let named = extension::compare(judge, direction, old, new, key);
            pending.extend(named.iter().map(|(old, new)| Pending::of_nodes(old, new)));
        }
        if was != is && !key.starts_with("x-") {
            annotation(judge, direction, old, new, key);
        }
    }
    if [old, new].iter().any(|node| node.value.get("discriminator").is_some()) {
        subtypes(judge, direction, old, new, pending);
    }
}

/// Reports an annotation that is another one.
pub(super) fn annotation(judge: &mut Judge<'_>, direction: Direction, old: &Node<'_>, new: &Node<'_>, key: &str) {
    let (was, is) = (old.value.get(key), new.value.get(key));
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
        extension::OPEN_SET => extension::entries(judge, direction, old, new, key),
        _ => judge.report(direction, &rules::SCHEMA_DOCUMENTATION, Effect::Words, place, what),
    }
}

/// Whether a schema stands where it is used, and not among the components.
fn is_inline(node: &Node<'_>) -> bool {
    node.pointer.strip_prefix("/components/schemas/").is_none_or(|name| name.contains('/'))
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
    let (before, after) = (tags(judge, old), tags(judge, new));
    let said: BTreeSet<&str> = [old, new].into_iter().flat_map(mapping).map(|(tag, _)| &**tag).collect();
    let mapped = |types: &HashMap<String, String>| -> BTreeSet<String> {
        said.iter().filter_map(|tag| types.get(*tag)).cloned().collect()
    };
    let mapped: BTreeSet<String> = mapped(&before).union(&mapped(&after)).cloned().collect();
    let all: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    // What is not mapped came or went with its type.
    let is_said = |tag: &&String| {
        said.contains(&***tag) || [&before, &after].iter().any(|it| it.get(*tag).is_some_and(|it| mapped.contains(it)))
    };
    for tag in all.into_iter().filter(is_said) {
        let (was, is) = (before.get(tag), after.get(tag));
        if was == is {
            continue;
        }
        let component = |pointer: Option<&String>| pointer.map(|pointer| Value::String(format!("#{pointer}")));
        let what = format!("in the mapping, {}", turned(tag, component(was).as_ref(), component(is).as_ref()));
        let effect = match was {
            Some(_) => Effect::Breaks("breaks clients that send or expect this value"),
            None if has_alternatives(new) => Effect::Fits("the alternative itself is judged on its own"),
            None => Effect::Wider,
        };
        let rule = if was.is_some() { &rules::DISCRIMINATOR_CHANGED } else { &rules::DISCRIMINATOR_GAINED };
        judge.report(direction, rule, effect, place, what);
    }
}

/// What the mapping of a discriminator says.
fn mapping<'a>(node: &Node<'a>) -> impl Iterator<Item = (&'a String, &'a Value)> + use<'a> {
    let mapping = node.value.get("discriminator").and_then(|it| it.get("mapping")?.as_object());
    mapping.into_iter().flatten()
}

fn has_alternatives(node: &Node<'_>) -> bool {
    ["anyOf", "oneOf"].iter().any(|key| node.value.get(key).is_some())
}

/// What it takes to find a type, which is also compared.
const STEPS_OF_A_TYPE: usize = 64;

/// The pointers of the types that a schema stands for: mapped ones, its alternatives, or what builds on it.
fn types(judge: &mut Judge<'_>, node: &Node<'_>) -> BTreeSet<String> {
    let component = |name: &Value| Some(node.component(name.as_str()?)?.pointer.to_string());
    let mut types: BTreeSet<String> = mapping(node).filter_map(|(_, name)| component(name)).collect();
    if has_alternatives(node) {
        let branches = ["anyOf", "oneOf"].into_iter().flat_map(|key| node.list(key));
        types.extend(branches.filter_map(|branch| Some(branch.target()?.pointer.to_string())));
        return types;
    }
    let mut unread = vec![node.clone()];
    while let Some(base) = unread.pop() {
        if !judge.schemas.budget.spend(STEPS_OF_A_TYPE) {
            break;
        }
        let building = judge.subtypes(&base);
        unread.extend(building.iter().filter(|pointer| types.insert((*pointer).clone())).filter_map(|it| node.at(it)));
    }
    types
}

/// The values of a discriminator, and the pointer of the type that each leads to.
fn tags(judge: &mut Judge<'_>, node: &Node<'_>) -> HashMap<String, String> {
    let mut tags = HashMap::new();
    for (tag, name) in mapping(node) {
        let name = name.as_str().unwrap_or_default();
        let pointer = node.component(name).map_or_else(|| name.to_owned(), |component| component.pointer.to_string());
        tags.insert(tag.clone(), pointer);
    }
    let mapped: BTreeSet<String> = tags.values().cloned().collect();
    for pointer in types(judge, node).difference(&mapped) {
        // What is not mapped goes by its name.
        let name = pointer.rsplit('/').next().unwrap_or_default();
        tags.entry(name.to_owned()).or_insert_with(|| pointer.clone());
    }
    tags
}

/// Compares the types that a discriminator leads to.
fn subtypes<'a>(
    judge: &mut Judge<'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    pending: &mut Vec<Pending<'a>>,
) {
    // With alternatives of its own, these are what is compared.
    if has_alternatives(old) || has_alternatives(new) {
        return;
    }
    let (before, after) = (types(judge, old), types(judge, new));
    if judge.schemas.budget.is_spent() {
        let what = "it has too many types to compare";
        return judge.report(direction, &rules::SCHEMA_UNDECIDED, UNDECIDED, Place::Both(old, new), what);
    }
    for pointer in before.union(&after) {
        match (old.at(pointer), new.at(pointer)) {
            (Some(old), Some(new)) if before.contains(pointer) && after.contains(pointer) => {
                pending.push(Pending::of_nodes(&old, &new));
            }
            (_, Some(came)) if !before.contains(pointer) => {
                let what = format!("`{pointer}` is a type of its own now");
                judge.report(direction, &rules::VARIANT_ADDED, Effect::Wider, Place::Came(&came), what);
            }
            (Some(gone), _) => {
                let effect = Effect::Breaks("breaks clients that send or expect it");
                let what = format!("`{pointer}` is no longer a type of its own");
                judge.report(direction, &rules::VARIANT_REMOVED, effect, Place::Gone(&gone), what);
            }
            _ => {}
        }
    }
}
