//! Two schemas as sets of values.
//!
//! A schema allows what all of its keywords allow, so each keyword, or group of keywords that only mean something together,
//! is judged on its own: if none of them gains a value, the schema does not.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use serde_json::{Map, Number, Value};

use super::document_node::{DocumentNode, FALSE, TRUE, names_of_both};
use super::judge::{Effect, Judge, Scope, Table, UNDECIDED, UNKNOWN, fixed, shown, turned, words};
use super::pattern;

const NAMED_TYPE: Effect = Effect::Breaks("breaks users of generated clients, whose types are named after it");

/// Keywords that say nothing about values.
const ANNOTATIONS: &[&str] = &["$comment", "deprecated", "description", "example", "examples", "externalDocs", "title"];

/// Every keyword that is known.
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
    // Counts where something refers to it.
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
    // These depend on all other keywords, and on those of the schemas that they refer to.
    let depends = ["unevaluatedProperties", "unevaluatedItems"];
    let is_entangled = [old, new].iter().any(|place| depends.iter().any(|keyword| place.value.get(keyword).is_some()));
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

/// Compares what the schemas refer to. Whether that was all there is to compare.
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
                    format!("it refers to `{after}`, no longer to `{before}`"),
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
            judge.report(scope, NAMED_TYPE, new.pointer.clone(), format!("it stands here, no longer in `{before}`"));
            let target = old.target().filter(|_| is_mere_reference(old));
            through(judge, scope, target.as_ref(), Some(new))
        }
        (None, Some(after)) => {
            let named = Effect::Fits("generated clients get a name for it");
            judge.report(scope, named, pointer, format!("it stands in `{after}`, no longer here"));
            let target = new.target().filter(|_| is_mere_reference(new));
            through(judge, scope, Some(old), target.as_ref())
        }
    }
}

/// Compares a schema with one that a `$ref` leads to.
fn through(judge: &mut Judge, scope: Scope, old: Option<&DocumentNode<'_>>, new: Option<&DocumentNode<'_>>) -> bool {
    match (old, new) {
        (Some(old), Some(new)) => compare(judge, scope, old, new),
        (Some(place), None) | (None, Some(place)) => {
            judge.report(
                scope,
                UNKNOWN,
                place.pointer.clone(),
                "it is compared with a reference that leads elsewhere, or says more",
            );
        }
        (None, None) => {}
    }
    true
}

fn is_mere_reference(place: &DocumentNode<'_>) -> bool {
    place.names().iter().all(|name| *name == "$ref" || ANNOTATIONS.contains(name))
}

/// Whether a schema allows everything and says nothing of it.
fn allows_all(place: &DocumentNode<'_>) -> bool {
    *place.value == TRUE
        || place.object().is_some_and(|keywords| keywords.keys().all(|key| ANNOTATIONS.contains(&&**key)))
}

fn nothing(_: &mut Judge, _: Scope, _: &DocumentNode<'_>, _: &DocumentNode<'_>, _: &'static str) -> Option<()> {
    Some(())
}

/// A keyword that is a schema, and that allows everything where it is absent.
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

/// `None` for a keyword that is there in the wrong form.
#[expect(clippy::option_option, reason = "absent is not malformed")]
fn read<'a, T>(place: &DocumentNode<'a>, key: &str, read: impl Fn(&'a Value) -> Option<T>) -> Option<Option<T>> {
    place.value.get(key).map_or(Some(None), |value| read(value).map(Some))
}

/// A keyword that constrains came or went: reports that, and whether so.
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

/// The kinds of values that are told apart. An integer is a number, and the rest of the numbers have no name.
const KINDS: [&str; 7] = ["null", "boolean", "object", "array", "string", "integer", FRACTION];
const FRACTION: &str = "number that is no integer";

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

/// `enum` and `const` together, since each can be said with the other.
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
fn listed<'a>(place: &DocumentNode<'a>) -> Option<Option<Vec<&'a Value>>> {
    let of_enum = read(place, "enum", Value::as_array)?.map(|values| values.iter().collect::<Vec<_>>());
    Some(match (of_enum, place.value.get("const")) {
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

/// `allOf`, `anyOf` and `oneOf`. Branches belong together that are equal, then those that are left in their order: for the
/// first two any assignment gives a sound verdict.
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

    let branch = |place: &DocumentNode<'a>, index: usize| place.get(key)?.get(&index.to_string());
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

/// A bound that allows more as it moves towards `wider`.
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
    judge.report(scope, effect, new.pointer_of(key), format!("`{key}` turns from {before} to {after}"));
    Some(())
}

/// Exact also for integers that a float does not hold.
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
    judge.report(scope, effect, new.pointer_of(key), format!("`{key}` turns from {before} to {after}"));
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
    judge.report(scope, effect, new.pointer_of(key), format!("`{key}` turns from `{before}` to `{after}`"));
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
    judge.report(scope, effect, new.pointer_of(key), format!("`{key}` turns from `{before}` to `{after}`"));
    Some(())
}

/// Each item is held to the schema of its place, or to `items` from where those end.
fn items<'a>(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'a>,
    new: &DocumentNode<'a>,
    _: &'static str,
) -> Option<()> {
    let count = |place| Some(read(place, "prefixItems", Value::as_array)?.map_or(0, Vec::len));
    let item = |place: &DocumentNode<'a>, index: usize| place.get("prefixItems")?.get(&index.to_string());
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
    let flag = |place| Some(read(place, key, Value::as_bool)?.unwrap_or(false));
    match (flag(old)?, flag(new)?) {
        (false, true) => judge.report(scope, Effect::Narrower, new.pointer_of(key), "items may no longer repeat"),
        (true, false) => judge.report(scope, Effect::Wider, new.pointer_of(key), "items may repeat"),
        _ => {}
    }
    Some(())
}

/// `additionalProperties` is about the names that the other two leave.
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
    let map = |place: &DocumentNode<'_>, key| {
        read(place, key, Value::as_object)?;
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
            judge.report(scope, effect, new.pointer_of(REST), "the object says that it is open");
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
            Effect::Breaks("breaks whoever leaves it out, as the old document allows, and their partners")
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

/// The texts of a list, none if it is absent.
fn texts<'a>(place: &DocumentNode<'a>, key: &str) -> Option<BTreeSet<&'a str>> {
    let list = read(place, key, Value::as_array)?;
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
        let effect = Effect::Fits("the set is open, so clients are ready for values that they do not know");
        judge.report(scope, effect, new.pointer_of(key), format!("{} is a known value now", shown(value)));
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
            (None, Some(_)) => Effect::Fits("clients that do not know them keep them as they come"),
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
        (None, Some(_)) => Effect::Fits("it was open what is taken where the field is left out"),
        _ => Effect::Breaks("breaks clients that leave the field out, or receive it left out"),
    };
    judge.report(scope, effect, new.pointer_of(key), turned(key, before, after));
    Some(())
}
