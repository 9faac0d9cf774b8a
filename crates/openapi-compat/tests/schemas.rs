//! Whom a change of the document breaks: by case, by law, and by instances that tell old from new.

use std::cell::Cell;
use std::collections::BTreeSet;

use freddy_openapi::compat::{Change, Class, Direction, diff};
use json_patch::{Patch, PatchOperation};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::support::{for_one_in, json as parse};

/// A case of `compat/cases.yaml`, which says what the fields mean.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    document: Option<String>,
    #[serde(default)]
    at: String,
    patch: Patch,
    changes: Vec<String>,
    #[serde(default)]
    elsewhere: Vec<String>,
}

impl Case {
    fn before(&self) -> Value {
        match self.document.as_deref() {
            None => base(),
            Some("published") => published(),
            Some("free") => with_free(json!({})),
            Some("anchored") => {
                with_free(json!({ "$ref": "#b", "$defs": { "b": { "$anchor": "b", "type": "string" } } }))
            }
            Some("dynamic") => {
                with_free(json!({ "$dynamicRef": "#b", "$defs": { "b": { "$dynamicAnchor": "b", "type": "string" } } }))
            }
            Some(other) => panic!("{}: no document `{other}`", self.name),
        }
    }

    fn apply(&self, document: &mut Value) -> Result<(), json_patch::PatchError> {
        let mut operations = serde_json::to_value(&self.patch).unwrap();
        for operation in operations.as_array_mut().unwrap() {
            for key in ["path", "from"] {
                if let Some(Value::String(pointer)) = operation.get_mut(key) {
                    pointer.insert_str(0, &self.at);
                }
            }
        }
        let operations: Vec<PatchOperation> = serde_json::from_value(operations).unwrap();
        json_patch::patch(document, &operations)
    }

    fn after(&self) -> Value {
        let mut document = self.before();
        self.apply(&mut document).unwrap_or_else(|error| panic!("{}: {error}", self.name));
        document
    }

    fn expected(&self) -> BTreeSet<String> {
        let here = self.changes.iter().map(|change| {
            let (change, pointer) = change
                .split_once(" /")
                .map_or((&**change, String::new()), |(change, pointer)| (change, format!("/{pointer}")));
            format!("{change} {}{pointer}", self.at)
        });
        here.chain(self.elsewhere.iter().cloned()).collect()
    }
}

fn cases() -> Vec<Case> {
    serde_saphyr::from_str(include_str!("../compat/cases.yaml")).unwrap()
}

fn base() -> Value {
    parse(include_str!("../compat/base.json"))
}

/// The base, where an error has a property more.
fn with_free(schema: Value) -> Value {
    let mut document = base();
    document["components"]["schemas"]["Failure"]["properties"]["free"] = schema;
    document
}

fn published() -> Value {
    parse(include_str!("../../openapi/freddy.json"))
}

fn in_short(change: &Change) -> String {
    format!("{} {} {}", change.class, change.direction, change.pointer)
}

fn breaks(changes: &[Change]) -> bool {
    changes.iter().any(|change| change.class == Class::Breaking)
}

#[test]
fn every_edit_has_the_verdict_that_its_case_says() {
    let cases = cases();
    assert!(cases.len() >= 170, "{} cases", cases.len());
    let names: BTreeSet<_> = cases.iter().map(|case| &case.name).collect();
    assert_eq!(names.len(), cases.len(), "two cases have the same name");
    let mut failed = String::new();
    for case in &cases {
        let changes = diff(&case.before(), &case.after());
        let found: BTreeSet<_> = changes.iter().map(in_short).collect();
        if found != case.expected() {
            failed += &format!("{}\n  expected {:#?}\n  found {found:#?}\n", case.name, case.expected());
        }
    }
    assert!(failed.is_empty(), "{failed}");
}

#[test]
fn every_message_is_a_sentence_that_says_whom_it_breaks() {
    for case in &cases() {
        for change in diff(&case.before(), &case.after()) {
            let message = &change.message;
            assert!(message.ends_with('.') && !message.contains('\n'), "{}: {message}", case.name);
            let says_whom = ["clients", "anybody", "whoever"].iter().any(|whom| message.contains(whom));
            assert!(says_whom || change.class != Class::Breaking, "{message}");
        }
    }
}

#[test]
fn a_document_has_no_changes_from_itself() {
    assert_eq!(diff(&base(), &base()), []);
    assert_eq!(diff(&published(), &published()), []);
    for case in &cases() {
        assert_eq!(diff(&case.after(), &case.after()), [], "{}", case.name);
    }
}

#[test]
fn taking_a_compatible_change_back_breaks() {
    let mut tried = 0;
    for case in &cases() {
        let (old, new) = (case.before(), case.after());
        let changes = diff(&old, &new);
        if !breaks(&changes) && changes.iter().any(|change| change.class == Class::Compatible) {
            assert!(breaks(&diff(&new, &old)), "{}", case.name);
            tried += 1;
        }
    }
    assert!(tried >= 30, "{tried}");
}

#[test]
fn compatible_changes_are_compatible_together() {
    let all = cases();
    let compatible: Vec<&Case> =
        all.iter().filter(|case| case.document.is_none() && !breaks(&diff(&base(), &case.after()))).collect();
    assert!(compatible.len() >= 30, "{}", compatible.len());
    let some = proptest::sample::subsequence((0..compatible.len()).collect::<Vec<_>>(), 2..=8).prop_shuffle();
    for_one_in(32, some, |chosen| {
        let mut new = base();
        for index in chosen {
            // Two of them may be about the same place; the second then has nothing to be applied to.
            let mut next = new.clone();
            if compatible[index].apply(&mut next).is_ok() && !breaks(&diff(&new, &next)) {
                new = next;
            }
        }
        let changes = diff(&base(), &new);
        prop_assert!(!breaks(&changes), "{changes:#?}");
        Ok(())
    });
}

/// The same with the names of all objects in the order of a hash.
fn shuffled(value: &Value, seed: u64) -> Value {
    match value {
        Value::Array(items) => items.iter().map(|item| shuffled(item, seed)).collect(),
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            let rank = |name: &str| {
                name.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
            };
            fields.sort_by_key(|(name, _)| rank(name));
            fields.into_iter().map(|(name, value)| (name.clone(), shuffled(value, seed))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

#[test]
fn the_order_of_names_never_matters() {
    let cases = cases();
    for (seed, case) in (1..).zip(&cases) {
        let (old, new) = (case.before(), case.after());
        assert_eq!(diff(&shuffled(&old, seed), &shuffled(&new, seed + 1000)), diff(&old, &new), "{}", case.name);
        assert_eq!(diff(&old, &shuffled(&old, seed)), []);
    }
}

/// A component that is exchanged, and values of it.
struct Exchanged {
    name: &'static str,
    directions: &'static [Direction],
    seeds: Vec<Value>,
}

const BOTH: &[Direction] = &[Direction::Request, Direction::Response];

fn exchanged_by_base() -> Vec<Exchanged> {
    let thing = json!({
        "name": "n", "slug": "abc", "at": "2025-11-13T10:30:00Z", "count": 3, "price": 4, "kind": "big", "version": 1,
        "state": "new", "ok": false, "held": [{ "id": 1 }], "sealed": { "a": 1 }, "labels": ["a", "b"], "pair": ["a", 1], "closed": { "a": 1 }, "map": { "a": 1 },
        "both": { "a": 1 }, "any": "x", "one": "x", "cond": { "a": 1 }, "details": { "limit": 1 },
        "parent": { "name": "m" }, "part": { "weight": 1.5 },
    });
    vec![
        Exchanged { name: "Thing", directions: BOTH, seeds: vec![thing] },
        Exchanged { name: "Part", directions: BOTH, seeds: vec![json!({ "weight": 1.5, "whole": { "name": "m" } })] },
        Exchanged { name: "Query", directions: &[Direction::Request], seeds: vec![json!({ "text": "x" })] },
        Exchanged { name: "Hit", directions: &[Direction::Response], seeds: vec![json!({ "score": 1, "note": "x" })] },
        Exchanged { name: "FullDetails", directions: &[Direction::Response], seeds: vec![json!({ "limit": 1 })] },
    ]
}

fn exchanged_by_published() -> Vec<Exchanged> {
    let bodies: Vec<_> = crate::support::DOCUMENTED.iter().map(|documented| parse(documented.body)).collect();
    let details = bodies.iter().find_map(|body| body.pointer("/error/details")).unwrap().clone();
    vec![
        Exchanged { name: "ErrorEnvelope", directions: &[Direction::Response], seeds: bodies },
        Exchanged { name: "RateLimitDetails", directions: &[Direction::Response], seeds: vec![details] },
        Exchanged { name: "ConnectorId", directions: &[Direction::Request], seeds: vec![json!("pcon_abc123")] },
    ]
}

/// Values at the edges of what the schemas of the documents, and the keywords below, allow.
fn edge_values() -> Vec<Value> {
    let texts = [
        "",
        "a",
        "b",
        "z",
        "ab",
        "A",
        "a1",
        "big",
        "huge",
        "x y",
        "2025-11-13",
        "2025-11-13T10:30:00Z",
        "pcon_a",
        "pcon_",
    ];
    let long = [5, 6, 8, 9, 10, 20, 21, 64, 65, 100, 101].map(|length| json!("a".repeat(length)));
    let numbers = json!([
        -1,
        0,
        0.5,
        1,
        1.0,
        2,
        3,
        4,
        5,
        6,
        9,
        10,
        11,
        99,
        100,
        101,
        998,
        999,
        1000,
        2147483647_i64,
        2147483648_i64,
        1e20
    ]);
    let others = json!([
        null, true, false, [], ["a"], ["a", "a"], ["a", "b"], ["a", 1], ["a", 1, true], ["a", "b", "c", "d", "e"],
        ["a", "b", "c", "d", "e", "f"], ["aaaaaaaaaa"], {}, { "a": 1 }, { "a": "x" }, { "a": 1, "b": 1 }, { "b": 1 },
        { "a": 10 }, { "aaaaaaaaa": 1 }, { "a": 1, "b": 2, "c": 3 }, { "a": 1, "b": 2, "c": 3, "d": 4 },
        { "a": 1, "b": 2, "c": 3, "d": 4, "e": 5 }, { "limit": "x" }, { "weight": "x" }, { "name": "" },
    ]);
    let list = |values: &Value| values.as_array().unwrap().clone();
    texts.map(Value::from).into_iter().chain(long).chain(list(&numbers)).chain(list(&others)).collect()
}

/// The seeds, and each with one place in it taken out or given another value.
fn instances(seeds: &[Value]) -> Vec<Value> {
    let mut all = seeds.to_vec();
    for seed in seeds {
        let mut unread = vec![String::new()];
        while let Some(pointer) = unread.pop() {
            let put = |value: Value| {
                let mut instance = seed.clone();
                *instance.pointer_mut(&pointer).unwrap() = value;
                instance
            };
            all.extend(edge_values().into_iter().map(put));
            if let Some(fields) = seed.pointer(&pointer).unwrap().as_object() {
                for name in fields.keys() {
                    let mut without = fields.clone();
                    without.remove(name);
                    all.push(put(without.into()));
                    unread.push(format!("{pointer}/{name}"));
                }
                for (name, value) in [("other", json!("x")), ("b", json!(1)), ("b", json!("x")), ("size", json!(null))]
                {
                    let mut with = fields.clone();
                    with.insert(name.to_owned(), value);
                    all.push(put(with.into()));
                }
            }
        }
    }
    all
}

/// Keywords to put into a schema.
fn additions() -> Vec<(String, Value)> {
    let lists = json!({
        "type": ["string", "integer", "number", "object", ["string", "null"], ["object", "array"]],
        "minimum": [0, 1, -1, 5], "maximum": [9, 10, 11, 1000], "exclusiveMinimum": [0, 1], "exclusiveMaximum": [10, 100],
        "multipleOf": [1, 2, 3, 4], "minLength": [0, 1, 2], "maxLength": [5, 8, 20, 21], "minItems": [0, 1, 2],
        "maxItems": [1, 5, 6], "uniqueItems": [true, false], "minProperties": [0, 1, 2], "maxProperties": [1, 3, 5],
        "pattern": ["^[a-z]{1,8}$", "^[a-z]{1,9}$", "^[a-z0-9]{1,8}$", "^a", "a", "^.*$"], "format": ["date-time", "date", "int64"],
        "enum": [["big"], ["big", "small", "huge"], [1, 2], [true], [false]], "const": [1, "big", false],
        "required": [["a"], ["name"], ["other"], ["b", "a"]], "additionalProperties": [true, false, { "type": "integer" }],
        "properties": [{ "b": { "type": "integer" } }, { "other": {} }, { "size": { "type": "integer" } }],
        "patternProperties": [{ "^o": { "type": "integer" } }, { "^a": false }], "propertyNames": [{ "maxLength": 3 }],
        "items": [{ "type": "string" }, { "type": "integer" }, false], "prefixItems": [[{ "type": "string" }]],
        "contains": [{ "const": "a" }], "not": [{}, { "type": "null" }, { "enum": ["a"] }],
        "allOf": [[{ "maxLength": 8 }], []], "anyOf": [[{ "type": "string" }], [{ "type": "string" }, { "minimum": 3 }]],
        "oneOf": [[{ "type": "string" }], [{ "type": "string" }, { "maxLength": 3 }, { "type": "integer" }]],
        "if": [{ "required": ["a"] }, false], "then": [{ "maxProperties": 1 }], "else": [{ "required": ["b"] }],
        "unevaluatedProperties": [false], "dependentRequired": [{ "a": ["b"] }], "description": ["x"], "deprecated": [true],
        "$ref": ["#/components/schemas/Part", "#/components/schemas/RateLimitDetails"],
    });
    let lists = lists.as_object().unwrap();
    lists
        .iter()
        .flat_map(|(key, values)| values.as_array().unwrap().iter().map(|value| (key.clone(), value.clone())))
        .collect()
}

#[derive(Clone, Debug)]
enum Edit {
    Remove(Index),
    Put(Index, String, Value),
    Nudge(Index, i64),
}

fn edits() -> impl Strategy<Value = Vec<Edit>> {
    let put = (any::<Index>(), select(additions())).prop_map(|(at, (key, value))| Edit::Put(at, key, value));
    let edit = prop_oneof![
        1 => any::<Index>().prop_map(Edit::Remove),
        2 => put,
        1 => (any::<Index>(), -2..=2_i64).prop_map(|(at, by)| Edit::Nudge(at, by)),
    ];
    proptest::collection::vec(edit, 1..=3)
}

/// The objects of a value, by pointer.
fn objects(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut unread = vec![(String::new(), value)];
    while let Some((pointer, value)) = unread.pop() {
        let below = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match value {
            Value::Object(fields) => {
                unread.extend(fields.iter().map(|(name, value)| (below(name), value)));
                found.push(pointer);
            }
            Value::Array(items) => {
                unread.extend(items.iter().enumerate().map(|(n, item)| (below(&n.to_string()), item)));
            }
            _ => {}
        }
    }
    found
}

fn edited(mut schemas: Value, edits: &[Edit]) -> Value {
    for edit in edits {
        let (Edit::Remove(at) | Edit::Put(at, ..) | Edit::Nudge(at, _)) = edit;
        let objects = objects(&schemas);
        let fields = schemas.pointer_mut(at.get::<String>(&objects)).unwrap().as_object_mut().unwrap();
        match edit {
            Edit::Put(_, key, value) => {
                fields.insert(key.clone(), value.clone());
            }
            Edit::Remove(_) if fields.is_empty() => {}
            Edit::Remove(at) => {
                let name = at.get(&fields.keys().cloned().collect::<Vec<_>>()).clone();
                fields.remove(&name);
            }
            Edit::Nudge(_, by) => {
                for value in fields.values_mut() {
                    if let Some(number) = value.as_i64() {
                        *value = (number + by).into();
                    }
                }
            }
        }
    }
    schemas
}

/// A validator of a component, if the document still has it as a schema.
fn component(document: &Value, name: &str) -> Option<jsonschema::Validator> {
    let root = json!({ "$ref": format!("#/components/schemas/{name}"), "components": document["components"] });
    jsonschema::draft202012::options().should_validate_formats(true).build(&root).ok()
}

#[test]
fn nothing_that_an_instance_can_tell_apart_is_called_compatible() {
    for (document, exchanged) in [(base(), exchanged_by_base()), (published(), exchanged_by_published())] {
        let exchanged: Vec<_> = exchanged
            .into_iter()
            .map(|it| {
                let old = component(&document, it.name).unwrap();
                assert!(it.seeds.iter().all(|seed| old.is_valid(seed)), "{}", it.name);
                let judged: Vec<_> = instances(&it.seeds).into_iter().map(|it| (old.is_valid(&it), it)).collect();
                (it, judged)
            })
            .collect();
        let (mutants, told_apart) = (Cell::new(0), Cell::new(0));
        for_one_in(8, edits(), |edits| {
            let mut new = document.clone();
            new["components"]["schemas"] = edited(new["components"]["schemas"].take(), &edits);
            let changes = diff(&document, &new);
            prop_assert_eq!(changes.is_empty(), new == document);
            let mut is_told_apart = false;
            for (it, judged) in &exchanged {
                let Some(validator) = component(&new, it.name) else { continue };
                for direction in it.directions {
                    // A request breaks by what is no longer accepted, a response by what was not before.
                    let breaks =
                        |was: bool, is: bool| if *direction == Direction::Request { was && !is } else { !was && is };
                    let found = judged.iter().find(|(was, instance)| breaks(*was, validator.is_valid(instance)));
                    if let Some((_, instance)) = found {
                        is_told_apart = true;
                        let said = changes.iter().any(|it| it.class == Class::Breaking && it.direction == *direction);
                        prop_assert!(said, "{} {direction}: {instance}\n{changes:#?}", it.name);
                    }
                }
            }
            mutants.set(mutants.get() + u32::from(new != document));
            told_apart.set(told_apart.get() + u32::from(is_told_apart));
            Ok(())
        });
        let (mutants, told_apart) = (mutants.get(), told_apart.get());
        assert!(told_apart * 5 >= mutants, "instances tell only {told_apart} of {mutants} mutants apart");
    }
}
