//! Two schemas as sets of values.
//!
//! A schema allows what all of its keywords allow, so each keyword is judged separately, or with those that it only has a
//! meaning with. If none of them adds a value, neither does the schema.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::document_node::{DocumentNode, FALSE, TRUE, names_of_both};
use super::judge::{Effect, Judge, Scope, Table, UNDECIDED, UNKNOWN, fixed, shown, turned, words};
use super::pattern;

const NAMED_TYPE: Effect = Effect::Breaks("breaks users of generated clients, whose types are named after it");

/// Keywords that do not restrict values.
const ANNOTATIONS: &[&str] = &["$comment", "deprecated", "description", "example", "examples", "externalDocs", "title"];

/// Every keyword that is recognised.
const KEYWORDS: Table = &[
    (&["type"], types),
    (&["enum", "const"], values),
    (&["not"], not),
    (&["allOf"], branches),
    (&["anyOf"], branches),
    (&["oneOf"], branches),
    (&["if", "then", "else"], condition),
    (&["minimum"], lower_bound),
    (&["exclusiveMinimum"], lower_bound),
    (&["maximum"], upper_bound),
    (&["exclusiveMaximum"], upper_bound),
    (&["multipleOf"], multiple),
    (&["format"], format),
    (&["pattern"], pattern_),
    (&["minLength"], lower_bound),
    (&["maxLength"], upper_bound),
    (&["items", "prefixItems"], items),
    (&["minItems"], lower_bound),
    (&["maxItems"], upper_bound),
    (&["uniqueItems"], unique),
    (&["properties", "patternProperties", "additionalProperties"], properties),
    (&["required"], required),
    (&["propertyNames"], subschema),
    (&["minProperties"], lower_bound),
    (&["maxProperties"], upper_bound),
    (&["x-extensible-enum"], open_set),
    (&["x-details-by-code"], details_by_code),
    (&["default"], default),
    (&["readOnly"], fixed),
    (&["writeOnly"], fixed),
    // Compared before all others.
    (&["$ref"], nothing),
    // Compared where something refers to it.
    (&["$defs"], nothing),
    (&["$comment"], words),
    (&["deprecated"], words),
    (&["description"], words),
    (&["example"], words),
    (&["examples"], words),
    (&["externalDocs"], words),
    (&["title"], words),
];

/// Compares two schemas.
pub(super) fn compare(judge: &mut Judge, scope: Scope, old: &DocumentNode<'_>, new: &DocumentNode<'_>) {
    if !judge.is_first(scope, old, new) {
        return;
    }
    // These depend on all other keywords, also on those of referenced schemas.
    let depends = ["unevaluatedProperties", "unevaluatedItems"];
    let is_entangled = [old, new].iter().any(|node| depends.iter().any(|keyword| node.value.get(keyword).is_some()));
    let scope = if is_entangled { scope.either() } else { scope };
    let pointer = || new.pointer.clone();
    match (old.value, new.value) {
        (Value::Bool(false), Value::Bool(false)) => {}
        (Value::Bool(false), _) => judge.report(scope, Effect::Wider, pointer(), "what was excluded is allowed now"),
        (_, Value::Bool(false)) => judge.report(scope, Effect::Narrower, pointer(), "what was allowed is excluded now"),
        (Value::Bool(true) | Value::Object(_), Value::Bool(true) | Value::Object(_)) => {
            if !by_reference(judge, scope, old, new) {
                judge.object(scope, old, new, KEYWORDS);
            }
        }
        (before, after) if before == after => {}
        _ => judge.report(scope, UNKNOWN, pointer(), "it is not a schema"),
    }
}

/// Compares what the schemas refer to. Returns whether there is nothing else to compare.
fn by_reference(judge: &mut Judge, scope: Scope, old: &DocumentNode<'_>, new: &DocumentNode<'_>) -> bool {
    let pointer = new.pointer_of("$ref");
    match (old.reference(), new.reference()) {
        (None, None) => false,
        (Some(before), Some(after)) => {
            if before != after {
                judge.report(
                    scope,
                    NAMED_TYPE,
                    pointer.clone(),
                    format!("it refers to `{after}` and no longer to `{before}`"),
                );
            }
            match (old.target(), new.target()) {
                (Some(old), Some(new)) => compare(judge, scope, &old, &new),
                (None, None) if old.root == new.root => {}
                _ => judge.report(scope, UNKNOWN, pointer, format!("`{after}` cannot be followed in both documents")),
            }
            false
        }
        (Some(before), None) => {
            judge.report(
                scope,
                NAMED_TYPE,
                new.pointer.clone(),
                format!("it is defined here and no longer in `{before}`"),
            );
            let target = old.target().filter(|_| is_mere_reference(old));
            through(judge, scope, target.as_ref(), Some(new))
        }
        (None, Some(after)) => {
            let named = Effect::Fits("generated clients get a name for its type");
            judge.report(scope, named, pointer, format!("it is defined in `{after}` and no longer here"));
            let target = new.target().filter(|_| is_mere_reference(new));
            through(judge, scope, Some(old), target.as_ref())
        }
    }
}

/// Compares a schema with one that a `$ref` leads to.
fn through(judge: &mut Judge, scope: Scope, old: Option<&DocumentNode<'_>>, new: Option<&DocumentNode<'_>>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => compare(judge, scope, old, new),
        (Some(node), None) | (None, Some(node)) => {
            judge.report(
                scope,
                UNKNOWN,
                node.pointer.clone(),
                "it is compared with a reference that cannot be followed or has further keywords",
            );
        }
        (None, None) => {}
    }
    true
}

fn is_mere_reference(node: &DocumentNode<'_>) -> bool {
    node.names().iter().all(|name| *name == "$ref" || ANNOTATIONS.contains(name))
}

/// Whether a schema allows everything and says nothing about it.
fn allows_all(node: &DocumentNode<'_>) -> bool {
    *node.value == TRUE
        || node.object().is_some_and(|keywords| keywords.keys().all(|key| ANNOTATIONS.contains(&&**key)))
}

fn nothing(_: &mut Judge, _: Scope, _: &DocumentNode<'_>, _: &DocumentNode<'_>, _: &'static str) -> Option<()> {
    Some(())
}

/// A keyword that is a schema, and whose absence allows everything.
fn subschema(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    if old.get(key).is_some() || new.get(key).is_some() {
        compare(judge, scope, &old.get_or(key, &TRUE), &new.get_or(key, &TRUE));
    }
    Some(())
}

/// The value of a keyword, if it is present. The outer `None` is a malformed one.
#[expect(clippy::option_option, reason = "absent is not malformed")]
fn read<'a, T>(node: &DocumentNode<'a>, key: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<Option<T>> {
    node.value.get(key).map_or(Some(None), |value| read(value).map(Some))
}

/// Reports a restriction that was added or removed. Returns whether it was one of the two.
fn came_or_went(judge: &mut Judge, scope: Scope, old: &DocumentNode<'_>, new: &DocumentNode<'_>, key: &str) -> bool {
    let (before, after) = (old.value.get(key), new.value.get(key));
    let effect = match (before, after) {
        (None, Some(_)) => Effect::Narrower,
        (Some(_), None) => Effect::Wider,
        _ => return false,
    };
    judge.report(scope, effect, new.pointer_of(key), turned(key, before, after));
    true
}

/// The kinds of values. `number` is split in two: the integers, and the rest, which has no name of its own.
const KINDS: [&str; 7] = ["null", "boolean", "object", "array", "string", "integer", FRACTION];
const FRACTION: &str = "number that is not an integer";

fn types(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (kinds(old.value.get(key))?, kinds(new.value.get(key))?);
    let effect = match (before.is_subset(&after), after.is_subset(&before)) {
        (true, true) => return Some(()),
        (true, false) => Effect::Wider,
        (false, true) => Effect::Narrower,
        (false, false) => Effect::Breaks("breaks clients of the old type"),
    };
    judge.report(scope, effect, new.pointer_of(key), turned(key, old.value.get(key), new.value.get(key)));
    Some(())
}

fn kinds(types: Option<&Value>) -> Option<BTreeSet<&str>> {
    let names: Vec<&str> = match types {
        None => return Some(KINDS.into()),
        Some(Value::Array(names)) => names.iter().map(Value::as_str).collect::<Option<_>>()?,
        Some(name) => vec![name.as_str()?],
    };
    let numbers = names.contains(&"number").then_some(["integer", FRACTION]).into_iter().flatten();
    let others = names.iter().copied().filter(|name| *name != "number");
    let kinds: BTreeSet<_> = others.chain(numbers).collect();
    kinds.iter().all(|kind| KINDS.contains(kind)).then_some(kinds)
}

/// `enum` and `const` together, since each can be written as the other.
fn values(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    _: &'static str,
) -> Option<()> {
    let key = if new.value.get("const").is_some() { "const" } else { "enum" };
    match (listed(old)?, listed(new)?) {
        (None, None) => {}
        (None, Some(_)) => judge.report(scope, Effect::Narrower, new.pointer_of(key), "the values are listed now"),
        (Some(_), None) => judge.report(scope, Effect::Wider, new.pointer_of(key), "the values are no longer listed"),
        (Some(before), Some(after)) => {
            for value in before.iter().filter(|value| !after.contains(value)) {
                judge.report(
                    scope,
                    Effect::Narrower,
                    new.pointer_of(key),
                    format!("{} is no longer listed", shown(value)),
                );
            }
            for value in after.iter().filter(|value| !before.contains(value)) {
                judge.report(scope, Effect::Wider, new.pointer_of(key), format!("{} is listed now", shown(value)));
            }
        }
    }
    Some(())
}

#[expect(clippy::option_option, reason = "see `read`")]
fn listed<'a>(node: &DocumentNode<'a>) -> Option<Option<Vec<&'a Value>>> {
    let of_enum = read(node, "enum", Value::as_array)?.map(|values| values.iter().collect::<Vec<_>>());
    Some(match (of_enum, node.value.get("const")) {
        (of_enum, None) => of_enum,
        (None, Some(value)) => Some(vec![value]),
        (Some(values), Some(constant)) => Some(values.into_iter().filter(|value| *value == constant).collect()),
    })
}

fn not(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    if old.get(key).is_some() || new.get(key).is_some() {
        compare(judge, scope.negated(), &old.get_or(key, &FALSE), &new.get_or(key, &FALSE));
    }
    Some(())
}

/// `allOf`, `anyOf` and `oneOf`. Equal branches are paired first, and the rest in order. For the first two keywords, any
/// pairing gives a sound verdict.
fn branches<'a>(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'a>,
    new: &DocumentNode<'a>,
    key: &'static str,
) -> Option<()> {
    let (Some(before), Some(after)) = (read(old, key, Value::as_array)?, read(new, key, Value::as_array)?) else {
        came_or_went(judge, scope, old, new, key);
        return Some(());
    };
    let (added, removed, within) = match key {
        "allOf" => (Effect::Narrower, Effect::Wider, scope),
        "anyOf" => (Effect::Wider, Effect::Narrower, scope),
        // A value that matched one branch could match two.
        _ => (UNDECIDED, UNDECIDED, scope.either()),
    };
    let mut left: Vec<usize> = (0..after.len()).collect();
    let mut take = |wanted: &dyn Fn(usize) -> bool| {
        let position = left.iter().position(|index| wanted(*index))?;
        Some(left.remove(position))
    };
    let mut partners: Vec<_> = before.iter().map(|branch| take(&|index| after.get(index) == Some(branch))).collect();
    for partner in partners.iter_mut().filter(|partner| partner.is_none()) {
        *partner = take(&|_| true);
    }

    let branch = |node: &DocumentNode<'a>, index: usize| node.get(key)?.get(&index.to_string());
    for (index, partner) in partners.into_iter().enumerate() {
        let Some(old) = branch(old, index) else { continue };
        match partner.and_then(|partner| branch(new, partner)) {
            Some(new) => compare(judge, within, &old, &new),
            None => judge.report(scope, removed, old.pointer, format!("a branch of `{key}` is gone")),
        }
    }
    for new in left.into_iter().filter_map(|index| branch(new, index)) {
        judge.report(scope, added, new.pointer, format!("a branch of `{key}` is new"));
    }
    Some(())
}

fn condition(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    match (old.get(key), new.get(key)) {
        (Some(before), Some(after)) => {
            compare(judge, scope.either(), &before, &after);
            subschema(judge, scope, old, new, "then")?;
            subschema(judge, scope, old, new, "else")
        }
        _ => {
            came_or_went(judge, scope, old, new, key);
            Some(())
        }
    }
}

fn lower_bound(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    bound(judge, scope, old, new, key, Ordering::Less)
}

fn upper_bound(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    bound(judge, scope, old, new, key, Ordering::Greater)
}

/// A bound that allows more when it moves towards `wider`.
fn bound(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
    wider: Ordering,
) -> Option<()> {
    let (Some(before), Some(after)) = (read(old, key, Value::as_number)?, read(new, key, Value::as_number)?) else {
        came_or_went(judge, scope, old, new, key);
        return Some(());
    };
    let effect = match order(after, before)? {
        Ordering::Equal => return Some(()),
        moved if moved == wider => Effect::Wider,
        _ => Effect::Narrower,
    };
    judge.report(scope, effect, new.pointer_of(key), format!("`{key}` changes from {before} to {after}"));
    Some(())
}

/// The order of two numbers, exact even for integers that a float cannot represent.
fn order(one: &Number, other: &Number) -> Option<Ordering> {
    match (integer(one), integer(other)) {
        (Some(one), Some(other)) => Some(one.cmp(&other)),
        _ => one.as_f64()?.partial_cmp(&other.as_f64()?),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a whole number below 2^63 fits")]
fn integer(number: &Number) -> Option<i128> {
    number.as_i128().or_else(|| {
        let float = number.as_f64()?;
        (float.fract() == 0.0 && float.abs() < 2_f64.powi(63)).then_some(float as i128)
    })
}

fn multiple(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (Some(before), Some(after)) = (read(old, key, Value::as_number)?, read(new, key, Value::as_number)?) else {
        came_or_went(judge, scope, old, new, key);
        return Some(());
    };
    let is_multiple = |one: &Number, of: &Number| match (integer(one), integer(of)) {
        (Some(one), Some(of)) => one.checked_rem(of) == Some(0),
        _ => one == of,
    };
    let effect = match (is_multiple(after, before), is_multiple(before, after)) {
        (true, true) => return Some(()),
        (true, false) => Effect::Narrower,
        (false, true) => Effect::Wider,
        (false, false) => UNDECIDED,
    };
    judge.report(scope, effect, new.pointer_of(key), format!("`{key}` changes from {before} to {after}"));
    Some(())
}

/// Formats of which one contains the other.
const WIDER_FORMATS: [(&str, &str); 2] = [("int32", "int64"), ("float", "double")];

fn format(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (Some(before), Some(after)) = (read(old, key, Value::as_str)?, read(new, key, Value::as_str)?) else {
        came_or_went(judge, scope, old, new, key);
        return Some(());
    };
    let effect = if before == after {
        return Some(());
    } else if WIDER_FORMATS.contains(&(before, after)) {
        Effect::Wider
    } else if WIDER_FORMATS.contains(&(after, before)) {
        Effect::Narrower
    } else {
        UNDECIDED
    };
    judge.report(scope, effect, new.pointer_of(key), format!("`{key}` changes from `{before}` to `{after}`"));
    Some(())
}

fn pattern_(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (Some(before), Some(after)) = (read(old, key, Value::as_str)?, read(new, key, Value::as_str)?) else {
        came_or_went(judge, scope, old, new, key);
        return Some(());
    };
    if before == after {
        return Some(());
    }
    let effect = match (pattern::is_within(before, after), pattern::is_within(after, before)) {
        (Some(true), Some(true)) => Effect::Words,
        (Some(true), _) => Effect::Wider,
        (_, Some(true)) => Effect::Narrower,
        _ => UNDECIDED,
    };
    judge.report(scope, effect, new.pointer_of(key), format!("`{key}` changes from `{before}` to `{after}`"));
    Some(())
}

/// Each item has the schema of its position in `prefixItems`, or `items` after the last position.
fn items<'a>(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'a>,
    new: &DocumentNode<'a>,
    _: &'static str,
) -> Option<()> {
    let count = |node| Some(read(node, "prefixItems", Value::as_array)?.map_or(0, Vec::len));
    let item = |node: &DocumentNode<'a>, index: usize| node.get("prefixItems")?.get(&index.to_string());
    for index in 0..count(old)?.max(count(new)?) {
        match (item(old, index), item(new, index)) {
            (Some(old), Some(new)) => compare(judge, scope, &old, &new),
            (Some(old), None) => compare(judge, scope, &old, &new.get_or("items", &TRUE)),
            (None, Some(new)) => compare(judge, scope, &old.get_or("items", &TRUE), &new),
            (None, None) => {}
        }
    }
    subschema(judge, scope, old, new, "items")
}

fn unique(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let flag = |node| Some(read(node, key, Value::as_bool)?.unwrap_or(false));
    match (flag(old)?, flag(new)?) {
        (false, true) => judge.report(scope, Effect::Narrower, new.pointer_of(key), "items may no longer repeat"),
        (true, false) => judge.report(scope, Effect::Wider, new.pointer_of(key), "items may repeat"),
        _ => {}
    }
    Some(())
}

/// `additionalProperties` applies to the names that the other two do not cover.
fn properties(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    _: &'static str,
) -> Option<()> {
    const REST: &str = "additionalProperties";
    let lost = Effect::Breaks("breaks clients that use it");
    let rest = old.get_or(REST, &TRUE);
    let has_patterns = old.value.get("patternProperties").is_some();
    let map = |node: &DocumentNode<'_>, key| {
        read(node, key, Value::as_object)?;
        Some(())
    };

    for key in ["properties", "patternProperties"] {
        map(old, key).and(map(new, key))?;
        static EMPTY: std::sync::LazyLock<Value> = std::sync::LazyLock::new(|| Value::Object(Map::new()));
        let (before, after) = (old.get_or(key, &EMPTY), new.get_or(key, &EMPTY));
        for name in names_of_both(&before, &after) {
            match (before.get(name), after.get(name)) {
                (Some(old), Some(new)) => compare(judge, scope, &old, &new),
                (Some(old), None) => {
                    judge.report(scope, lost, old.pointer, format!("`{name}` is no longer described"));
                }
                (None, Some(new)) => {
                    let effect = if allows_all(&rest) {
                        if allows_all(&new) {
                            Effect::Fits("any value of it is still allowed")
                        } else {
                            Effect::Narrower
                        }
                    } else if has_patterns || key != "properties" {
                        UNDECIDED
                    } else if *rest.value == FALSE {
                        Effect::Wider
                    } else {
                        compare(judge, scope, &rest, &new);
                        Effect::Fits("it was allowed as one of the additional ones")
                    };
                    judge.report(scope, effect, new.pointer, format!("`{name}` is described now"));
                }
                (None, None) => {}
            }
        }
    }
    match (old.value.get(REST), new.value.get(REST)) {
        (None, Some(Value::Bool(true))) => {
            let effect = Effect::Fits("generated clients keep fields that they do not know");
            judge.report(scope, effect, new.pointer_of(REST), "the object now says that it is open");
        }
        (Some(Value::Bool(true)), after) if after != Some(&TRUE) => {
            let effect = Effect::Breaks("breaks generated clients that refuse unknown fields unless told");
            judge.report(scope, effect, new.pointer_of(REST), "the object no longer says that it is open");
        }
        _ => subschema(judge, scope, old, new, REST)?,
    }
    Some(())
}

fn required(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (texts(old, key)?, texts(new, key)?);
    for name in after.difference(&before) {
        let was_optional = old.get("properties").is_some_and(|properties| properties.get(name).is_some());
        let effect = if was_optional {
            Effect::Breaks("breaks whoever leaves it out, as the old document allows, and whoever reads that")
        } else {
            Effect::Narrower
        };
        judge.report(scope, effect, new.pointer_of(key), format!("`{name}` is required now"));
    }
    for name in before.difference(&after) {
        judge.report(scope, Effect::Wider, new.pointer_of(key), format!("`{name}` is no longer required"));
    }
    Some(())
}

/// The strings of a list, none if it is absent.
fn texts<'a>(node: &DocumentNode<'a>, key: &str) -> Option<BTreeSet<&'a str>> {
    let list = read(node, key, Value::as_array)?;
    list.into_iter().flatten().map(Value::as_str).collect()
}

fn open_set(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (read(old, key, Value::as_array)?, read(new, key, Value::as_array)?);
    let known = |list: Option<&'_ Vec<Value>>, value| list.is_some_and(|list| list.contains(value));
    for value in after.into_iter().flatten().filter(|value| !known(before, value)) {
        let effect = Effect::Fits("the set is open, so clients expect values that they do not know");
        judge.report(scope, effect, new.pointer_of(key), format!("{} is now a known value", shown(value)));
    }
    for value in before.into_iter().flatten().filter(|value| !known(after, value)) {
        let effect = Effect::Breaks("breaks clients that decide by it");
        judge.report(scope, effect, new.pointer_of(key), format!("{} is no longer a known value", shown(value)));
    }
    Some(())
}

fn details_by_code(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (read(old, key, Value::as_object)?, read(new, key, Value::as_object)?);
    let name = |map: Option<&'_ Map<String, Value>>, code| map.and_then(|map| map.get(code)).cloned();
    let codes: BTreeSet<_> = [before, after].into_iter().flatten().flat_map(Map::keys).collect();
    for code in codes {
        let (before, after) = (name(before, code), name(after, code));
        let effect = match (&before, &after) {
            (None, Some(_)) => Effect::Fits("clients keep details that they do not know"),
            (before, after) if before == after => continue,
            _ => Effect::Breaks("breaks clients that read them"),
        };
        let what = turned(code, before.as_ref(), after.as_ref());
        judge.report(scope, effect, new.pointer_of(key), format!("the details of {what}"));
    }
    Some(())
}

fn default(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (old.value.get(key), new.value.get(key));
    let effect = match (before, after) {
        (before, after) if before == after => return Some(()),
        (None, Some(_)) => Effect::Fits("before, nothing was said about an absent field"),
        _ => Effect::Breaks("breaks clients that leave the field out, or receive an object without it"),
    };
    judge.report(scope, effect, new.pointer_of(key), turned(key, before, after));
    Some(())
}
