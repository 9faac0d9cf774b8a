//! Pairs of random schemas of which values say the truth: what one allows and the other does not.

use std::collections::BTreeSet;

use fastrand::Rng;
use openapi_compat::{Class, Direction, Document, Finding, diff};
use serde_json::{Map, Value, json};

/// Two schemas, each with the same components beside it.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) old: Value,
    pub(crate) new: Value,
}

/// What was found out about a pair in one direction.
#[derive(Debug)]
pub(crate) enum Truth {
    /// This value is sent by one side and refused by the other.
    Breaks(Value),
    /// No value was found that tells them apart.
    Compatible,
    /// A field is no longer described, which breaks its users whatever values say; or values say nothing.
    Lost,
}

const NAMES: [&str; 4] = ["a", "b", "c", "kind"];

impl Pair {
    pub(crate) fn random(rng: &mut Rng) -> Self {
        let node =
            json!({ "type": "object", "properties": { "next": { "$ref": "#/components/schemas/R" }, "v": leaf(rng) } });
        let recursive = if rng.bool() { node } else { json!({ "oneOf": [leaf(rng), node] }) };
        let parts = json!({
            "P": leaf(rng), "Q": object(rng, 1), "R": recursive, "X": tagged(rng, "X", 1), "Y": tagged(rng, "Y", 1),
        });
        // Half of them are small, since values tell the truth about these more surely.
        let depth = rng.usize(0..2);
        let root = schema(rng, depth);
        let mut old = parts.clone();
        old["S"] = root;
        let mut new = old.clone();
        let rewrites = rng.usize(0..3);
        for _ in 0..rewrites {
            rewrite(rng, &mut new);
        }
        // A third of the pairs only say the same in another way.
        if rng.u8(0..3) > 0 {
            for _ in 0..rng.usize(1..3) {
                edit(rng, &mut new);
            }
        }
        for name in ["P", "Q", "R", "X", "Y"] {
            let is_reached = [&old, &new].iter().any(|schemas| {
                let reference = format!("#/components/schemas/{name}");
                schemas
                    .as_object()
                    .unwrap()
                    .iter()
                    .any(|(from, it)| from != name && it.to_string().contains(&reference))
            });
            if !is_reached {
                for schemas in [&mut old, &mut new] {
                    schemas.as_object_mut().unwrap().remove(name);
                }
            }
        }
        Self { old, new }
    }

    fn document(schemas: &Value) -> Value {
        let schema = json!({ "$ref": "#/components/schemas/S" });
        let content = json!({ "application/json": { "schema": schema } });
        json!({
            "openapi": "3.1.0", "info": { "title": "t", "version": "1.0.0" },
            "paths": { "/s": { "post": {
                "operationId": "s",
                "requestBody": { "required": true, "content": content },
                "responses": { "200": { "description": "ok", "content": content } },
            } } },
            "components": { "schemas": schemas },
        })
    }

    pub(crate) fn findings(&self) -> Vec<Finding> {
        let document = |schemas| Document::new(Self::document(schemas)).expect("a document");
        diff(&document(&self.old), &document(&self.new))
    }

    pub(crate) fn is_said_to_break(findings: &[Finding], direction: Direction) -> bool {
        findings.iter().any(|it| it.class == Class::Breaking && it.direction == direction)
    }

    /// Looks for a value that the one side sends and the other refuses.
    pub(crate) fn truth(&self, rng: &mut Rng, direction: Direction, tries: usize) -> Truth {
        let (sent, read) = match direction {
            Direction::Request => (&self.old, &self.new),
            _ => (&self.new, &self.old),
        };
        // What goes one way is only known where it is no condition.
        let is_condition =
            |pointer: &String| ["/not", "/oneOf/", "/if", "/contains"].iter().any(|key| pointer.contains(key));
        let goes_one_way = |schema: &Value| schema.get("readOnly").or_else(|| schema.get("writeOnly")).is_some();
        for schemas in [&self.old, &self.new] {
            let mut conditions = self::schemas(schemas).into_iter().filter(is_condition);
            if conditions.any(|pointer| schemas.pointer(&pointer).is_some_and(goes_one_way)) {
                return Truth::Lost;
            }
        }
        let (going_out, coming_in) = (without_one_way(sent, direction, true), without_one_way(read, direction, false));
        let (Some(is_sent), Some(is_read)) = (validator(&going_out), validator(&coming_in)) else {
            return Truth::Compatible;
        };
        let mut says_something = false;
        for _ in 0..tries {
            let value = candidate(rng, &going_out, &[&going_out["S"]], 0);
            says_something |= is_sent.is_valid(&value);
            if is_sent.is_valid(&value) && !is_read.is_valid(&value) {
                return Truth::Breaks(value);
            }
        }
        // Where no value is known that is sent, none can show that it is read.
        if !says_something || is_lost(&self.old, &self.new, &[&self.old["S"]], &[&self.new["S"]], 0) {
            Truth::Lost
        } else {
            Truth::Compatible
        }
    }
}

/// What of the schemas goes in a direction: a field that does not is never sent, and nobody waits for it.
fn without_one_way(schemas: &Value, direction: Direction, is_sent: bool) -> Value {
    let flag = if direction == Direction::Request { "readOnly" } else { "writeOnly" };
    let mut schemas = schemas.clone();
    for pointer in self::schemas(&schemas) {
        let Some(schema) = schemas.pointer_mut(&pointer) else { continue };
        // A discriminator leads to the one alternative that its value names.
        if schema.get("discriminator").is_some()
            && let Some(Value::Array(branches)) = schema.as_object_mut().unwrap().remove("oneOf")
        {
            let tag = |branch: &Value| branch["$ref"].as_str().and_then(|it| it.rsplit('/').next()).map(str::to_owned);
            let tagged = branches.into_iter().map(|branch| match tag(&branch) {
                Some(tag) => {
                    json!({ "allOf": [branch, { "required": ["kind"], "properties": { "kind": { "const": tag } } }] })
                }
                None => branch,
            });
            schema["anyOf"] = tagged.collect();
        }
        let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) else { continue };
        let one_way: Vec<String> = properties
            .iter()
            .filter(|(_, property)| property.get(flag) == Some(&json!(true)))
            .map(|(name, _)| name.clone())
            .collect();
        for name in &one_way {
            if is_sent {
                properties.insert(name.clone(), json!(false));
            }
        }
        if let Some(Value::Array(required)) = schema.get_mut("required") {
            required.retain(|name| !one_way.iter().any(|it| name == it));
        }
    }
    schemas
}

fn validator(schemas: &Value) -> Option<jsonschema::Validator> {
    let root = json!({ "$ref": "#/components/schemas/S", "components": { "schemas": schemas } });
    jsonschema::draft202012::new(&root).ok()
}

fn leaf(rng: &mut Rng) -> Value {
    match rng.u8(0..9) {
        0 => json!({ "type": "string" }),
        1 => json!({ "type": "string", "minLength": rng.u8(0..3), "maxLength": rng.u8(2..5) }),
        2 => json!({ "type": "string", "pattern": rng.choice(PATTERNS).unwrap() }),
        3 => json!({ "type": "integer", "minimum": rng.i8(-2..2), "maximum": rng.i8(2..6) }),
        4 => json!({ "type": "number", "exclusiveMinimum": rng.i8(-2..2) }),
        5 => json!({ "enum": some(rng, &json!(["a", "b", 1, 2, null, true])) }),
        6 => json!({ "type": "string", "enum": some(rng, &json!(["a", "b", "c", "dd"])) }),
        7 => json!({ "type": rng.choice(["boolean", "null", "integer", "number"]).unwrap() }),
        _ => json!({ "type": "number", "multipleOf": rng.choice([1.0, 2.0, 0.5, 3.0]).unwrap() }),
    }
}

const PATTERNS: [&str; 6] = ["^[a-z]$", "^[a-z]{1,2}$", r"^\w+$", r"\d", "^a", "^.$"];

fn some(rng: &mut Rng, values: &Value) -> Vec<Value> {
    let all = values.as_array().unwrap();
    let count = rng.usize(1..=3);
    let mut chosen = rng.choose_multiple(all, count).into_iter().cloned().collect::<Vec<_>>();
    chosen.dedup();
    chosen
}

fn object(rng: &mut Rng, depth: usize) -> Value {
    let mut properties = Map::new();
    let count = rng.usize(0..4);
    for name in rng.choose_multiple(NAMES, count) {
        properties.insert(name.to_owned(), schema(rng, depth + 1));
    }
    let required: Vec<_> = properties.keys().filter(|_| rng.bool()).cloned().collect();
    let mut object = json!({ "type": "object", "properties": properties });
    if rng.bool() {
        object["required"] = json!(required);
    }
    match rng.u8(0..8) {
        0 => object["additionalProperties"] = json!(false),
        1 => object["additionalProperties"] = leaf(rng),
        2 => object["maxProperties"] = json!(rng.u8(1..4)),
        3 => object["patternProperties"] = json!({ "^x": leaf(rng) }),
        _ => {}
    }
    object
}

fn tagged(rng: &mut Rng, tag: &str, depth: usize) -> Value {
    let mut object = object(rng, depth);
    object["properties"]["kind"] = json!({ "const": tag });
    object["required"] = json!(["kind"]);
    object
}

fn schema(rng: &mut Rng, depth: usize) -> Value {
    if depth > 2 {
        return leaf(rng);
    }
    match rng.u8(0..16) {
        0..=4 => leaf(rng),
        5..=7 => object(rng, depth),
        8 => {
            json!({ "type": "array", "items": schema(rng, depth + 1), "minItems": rng.u8(0..2), "maxItems": rng.u8(2..4) })
        }
        9 => json!({ "$ref": format!("#/components/schemas/{}", rng.choice(["P", "Q", "R"]).unwrap()) }),
        10 => json!({ "allOf": [object(rng, depth), object(rng, depth)] }),
        11 => json!({ "anyOf": [leaf(rng), schema(rng, depth + 1)] }),
        12 => json!({ "oneOf": [tagged(rng, "x", depth), tagged(rng, "y", depth)] }),
        13 => json!({ "oneOf": [leaf(rng), leaf(rng)] }),
        14 | 15 => match rng.u8(0..18) {
            0 => json!({ "not": leaf(rng) }),
            1 => json!({ "type": "array", "prefixItems": [leaf(rng), leaf(rng)], "items": rng.bool() }),
            2 => {
                json!({ "type": "object", "properties": { "a": leaf(rng), "b": leaf(rng) }, "dependentRequired": { "a": ["b"] } })
            }
            5 => {
                let mut object = object(rng, depth);
                let flag = if rng.bool() { "readOnly" } else { "writeOnly" };
                let mut property = leaf(rng);
                property[flag] = json!(true);
                object["properties"]["a"] = property;
                object
            }
            6 => json!({ "type": "array", "contains": leaf(rng), "minContains": rng.u8(0..3) }),
            7 => json!({ "type": "array", "items": leaf(rng), "contains": leaf(rng), "maxContains": rng.u8(1..3) }),
            8 => {
                json!({ "type": "object", "properties": { "a": leaf(rng), "b": leaf(rng) }, "dependentSchemas": { "a": object(rng, depth) } })
            }
            9 => json!({ "prefixItems": [leaf(rng), leaf(rng)], "unevaluatedItems": false }),
            10 => {
                json!({ "type": "array", "anyOf": [{ "prefixItems": [leaf(rng)] }, { "contains": leaf(rng) }], "unevaluatedItems": rng.bool() })
            }
            11 if rng.u8(0..4) == 0 => {
                json!({ "type": "object", "anyOf": [object(rng, depth), object(rng, depth)], "unevaluatedProperties": false })
            }
            12 => {
                let mut object = object(rng, depth);
                object["propertyNames"] = match rng.u8(0..3) {
                    0 => json!({ "maxLength": rng.u8(1..4) }),
                    1 => json!({ "pattern": rng.choice(PATTERNS).unwrap() }),
                    _ => json!({ "not": { "enum": ["a"] } }),
                };
                object
            }
            13 => {
                // Closed, since what an open one does not describe is not sent.
                let [mut one, mut other] = [object(rng, depth), object(rng, depth)];
                for object in [&mut one, &mut other] {
                    object["additionalProperties"] = json!(false);
                }
                json!({ "oneOf": [one, other] })
            }
            14 => {
                let mut schema = leaf(rng);
                schema["$ref"] = json!(format!("#/components/schemas/{}", rng.choice(["P", "Q", "R"]).unwrap()));
                schema
            }
            15 => {
                json!({ "oneOf": [{ "$ref": "#/components/schemas/X" }, { "$ref": "#/components/schemas/Y" }], "discriminator": { "propertyName": "kind" } })
            }
            16 => {
                json!({ "type": "object", "patternProperties": { "^x": leaf(rng), "a$": leaf(rng) }, "additionalProperties": rng.bool() })
            }
            17 => {
                json!({ "type": "object", "required": some(rng, &json!(["a", "b", "c"])), "not": object(rng, depth) })
            }
            3 => {
                json!({ "allOf": [object(rng, depth), { "properties": { "c": leaf(rng) } }], "unevaluatedProperties": false })
            }
            _ => {
                json!({ "if": { "properties": { "a": leaf(rng) }, "required": ["a"] }, "then": { "required": ["b"] }, "properties": { "a": leaf(rng), "b": leaf(rng) } })
            }
        },
        _ => {
            let mut schema = leaf(rng);
            if let Some(Value::String(kind)) = schema.get("type").cloned() {
                schema["type"] = json!([kind, "null"]);
            }
            schema
        }
    }
}

/// Every schema in a value, by pointer.
fn schemas(value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut unread: Vec<String> = value.as_object().unwrap().keys().map(|name| format!("/{name}")).collect();
    while let Some(pointer) = unread.pop() {
        let Some(schema) = value.pointer(&pointer).and_then(Value::as_object) else { continue };
        for (key, below) in schema {
            match (&**key, below) {
                ("properties" | "patternProperties" | "dependentSchemas", Value::Object(map)) => {
                    unread.extend(map.keys().map(|name| format!("{pointer}/{key}/{name}")));
                }
                ("allOf" | "anyOf" | "oneOf" | "prefixItems", Value::Array(list)) => {
                    unread.extend((0..list.len()).map(|index| format!("{pointer}/{key}/{index}")));
                }
                (
                    "items" | "additionalProperties" | "contains" | "propertyNames" | "not" | "if" | "then",
                    Value::Object(_),
                ) => {
                    unread.push(format!("{pointer}/{key}"));
                }
                _ => {}
            }
        }
        found.push(pointer);
    }
    found
}

fn at<'v>(rng: &mut Rng, value: &'v mut Value) -> &'v mut Value {
    let all = schemas(value);
    let chosen = rng.choice(&all).unwrap().clone();
    value.pointer_mut(&chosen).unwrap()
}

/// Says the same in another way.
fn rewrite(rng: &mut Rng, value: &mut Value) {
    let schema = at(rng, value);
    let taken = schema.take();
    let Value::Object(mut map) = taken else {
        *schema = taken;
        return;
    };
    let whole = Value::Object(map.clone());
    *schema = match rng.u8(0..9) {
        0 => json!({ "allOf": [whole] }),
        1 => json!({ "allOf": [whole, {}] }),
        2 => match map.get("type").cloned() {
            Some(Value::Array(kinds)) => {
                let alternatives: Vec<_> = kinds
                    .iter()
                    .map(|kind| {
                        let mut one = map.clone();
                        one.insert("type".to_owned(), kind.clone());
                        Value::Object(one)
                    })
                    .collect();
                json!({ "anyOf": alternatives })
            }
            _ => json!({ "anyOf": [whole] }),
        },
        3 => match map.remove("enum") {
            Some(Value::Array(values)) => {
                let branches: Vec<_> = values.iter().map(|value| json!({ "const": value, "title": "t" })).collect();
                map.insert("anyOf".to_owned(), branches.into());
                map.into()
            }
            _ => whole,
        },
        4 => match (
            map.get("type").and_then(Value::as_str) == Some("integer"),
            map.get("minimum").and_then(Value::as_i64),
        ) {
            (true, Some(minimum)) => {
                map.remove("minimum");
                map.insert("exclusiveMinimum".to_owned(), json!(minimum - 1));
                map.into()
            }
            _ => whole,
        },
        5 => match map.remove("properties") {
            Some(properties)
                if !["additionalProperties", "patternProperties", "unevaluatedProperties"]
                    .iter()
                    .any(|key| map.contains_key(*key)) =>
            {
                let rest = map.remove("allOf").map_or(json!({}), |all| json!({ "allOf": all }));
                map.insert("allOf".to_owned(), json!([{ "properties": properties }, rest]));
                map.into()
            }
            Some(properties) => {
                map.insert("properties".to_owned(), properties);
                map.into()
            }
            None => whole,
        },
        6 => {
            map.insert("description".to_owned(), json!("d"));
            map.into()
        }
        7 => match map.get_mut("oneOf").or(None) {
            Some(Value::Array(branches)) => {
                branches.reverse();
                map.into()
            }
            _ => whole,
        },
        _ => {
            if map.get("type").is_some_and(|kind| kind == "string") && !map.contains_key("minLength") {
                map.insert("minLength".to_owned(), json!(0));
            }
            map.into()
        }
    };
}

/// Changes something small.
fn edit(rng: &mut Rng, value: &mut Value) {
    let schema = at(rng, value);
    let Value::Object(map) = schema else { return };
    let keys: Vec<String> = map.keys().cloned().collect();
    match rng.u8(0..10) {
        0..=3 => {
            if let Some(key) = rng.choice(&keys) {
                match map.get_mut(key) {
                    Some(Value::Number(number)) => {
                        let by = if rng.bool() { 1 } else { -1 };
                        let moved =
                            number.as_i64().map(|number| (number + by).max(if key == "multipleOf" { 1 } else { -9 }));
                        let is_count = ["Length", "Items", "Properties", "Contains"].iter().any(|of| key.ends_with(of));
                        if let Some(moved) = moved.filter(|moved| !is_count || *moved >= 0) {
                            map.insert(key.clone(), json!(moved));
                        }
                    }
                    Some(Value::Array(list)) if !list.is_empty() => {
                        let at = rng.usize(0..list.len());
                        if rng.bool() && (list.len() > 1 || key == "required") {
                            list.remove(at);
                        } else if key == "enum" {
                            list.push(json!("new"));
                        } else if key == "required" && !list.contains(&json!("c")) {
                            list.push(json!("c"));
                        } else if key == "required" {
                        } else if key != "type" {
                            let more = leaf(rng);
                            list.push(more);
                        }
                    }
                    Some(Value::Object(properties)) if key == "properties" => {
                        let name = *rng.choice(&NAMES).unwrap();
                        if properties.remove(name).is_none() {
                            properties.insert(name.to_owned(), leaf(rng));
                        }
                    }
                    _ => {}
                }
            }
        }
        4 => {
            if let Some(key) = rng.choice(&keys).filter(|key| !["type", "$ref", "kind"].contains(&&***key)) {
                map.remove(key);
            }
        }
        5 => drop(map.insert("maxLength".to_owned(), json!(3))),
        6 => drop(map.insert("minimum".to_owned(), json!(0))),
        7 => match map.get("type").cloned() {
            Some(Value::String(kind)) if kind != "null" => drop(map.insert("type".to_owned(), json!([kind, "null"]))),
            Some(Value::Array(kinds)) => drop(map.insert("type".to_owned(), kinds[0].clone())),
            _ => {}
        },
        8 => {
            if let Some(Value::Object(properties)) = map.get_mut("properties") {
                properties.insert("d".to_owned(), leaf(rng));
            }
        }
        _ => *schema = leaf(rng),
    }
}

/// The schemas that apply at the same place, alternatives included.
fn gathered<'v>(components: &'v Value, schemas: &[&'v Value]) -> Vec<&'v Value> {
    gathered_by(components, schemas, &mut |branches| branches.iter().collect())
}

/// The same with these branches of the alternatives.
fn gathered_by<'v>(
    components: &'v Value,
    schemas: &[&'v Value],
    chosen: &mut dyn FnMut(&'v Vec<Value>) -> Vec<&'v Value>,
) -> Vec<&'v Value> {
    let mut all: Vec<&'v Value> = Vec::new();
    let mut unread: Vec<&'v Value> = schemas.to_vec();
    while let Some(schema) = unread.pop() {
        if all.iter().any(|it| std::ptr::eq(*it, schema)) {
            continue;
        }
        all.push(schema);
        if let Some(name) = schema.get("$ref").and_then(Value::as_str) {
            unread.extend(components.get(name.trim_start_matches("#/components/schemas/")));
        }
        unread.extend(schema.get("allOf").and_then(Value::as_array).into_iter().flatten());
        let dependent = schema.get("dependentSchemas").and_then(Value::as_object);
        unread.extend(dependent.into_iter().flatten().map(|(_, schema)| schema));
        for key in ["anyOf", "oneOf"] {
            unread.extend(schema.get(key).and_then(Value::as_array).into_iter().flat_map(&mut *chosen));
        }
        for key in ["not", "if", "then", "else"] {
            unread.extend(schema.get(key));
        }
    }
    all
}

/// A value that the schemas may allow: with the fields that they describe, and values near their bounds.
fn candidate(rng: &mut Rng, sent: &Value, schemas: &[&Value], depth: usize) -> Value {
    // Of alternatives only one, since a sender sends no fields that only another one describes.
    let all = gathered_by(sent, schemas, &mut |branches| rng.choice(branches).into_iter().collect());
    let has = |key: &str| all.iter().any(|schema| schema.get(key).is_some());
    let mut kinds = Vec::new();
    if has("properties") || has("patternProperties") || has("additionalProperties") || has("required") {
        kinds.extend([0; 5]);
    }
    if has("items") || has("prefixItems") || has("contains") {
        kinds.extend([1; 4]);
    }
    kinds.push(2);
    if has("enum") || has("const") {
        kinds.extend([3; 3]);
    }
    match rng.choice(&kinds).unwrap() {
        0 if depth < 6 => {
            let mut object = Map::new();
            let named = |schema: &&Value| {
                schema
                    .get("properties")
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                    .map(|(name, _)| name.clone())
                    .collect::<Vec<_>>()
            };
            let required = |schema: &&Value| -> Vec<String> {
                let names = schema.get("required").and_then(Value::as_array).into_iter().flatten();
                names.filter_map(Value::as_str).map(str::to_owned).collect()
            };
            let names: BTreeSet<String> = all.iter().flat_map(named).chain(all.iter().flat_map(required)).collect();
            let often = rng.u8(1..5);
            for name in names {
                let below: Vec<&Value> = all.iter().filter_map(|schema| schema.get("properties")?.get(&name)).collect();
                if rng.u8(0..5) < often {
                    object.insert(name, candidate(rng, sent, &below, depth + 1));
                }
            }
            for (key, name) in [("additionalProperties", "z"), ("patternProperties", "xa")] {
                let below: Vec<&Value> =
                    all.iter().filter_map(|schema| schema.get(key)).filter(|it| it.is_object()).collect();
                if !below.is_empty() && rng.u8(0..3) == 0 {
                    let below: Vec<&Value> = if key == "patternProperties" {
                        below.iter().flat_map(|it| [it.get("^x"), it.get("a$")]).flatten().collect()
                    } else {
                        below
                    };
                    object.insert(name.to_owned(), candidate(rng, sent, &below, depth + 1));
                }
            }
            object.into()
        }
        1 if depth < 6 => {
            let below: Vec<&Value> = all
                .iter()
                .flat_map(|schema| {
                    ["contains", "items"]
                        .into_iter()
                        .filter_map(|key| schema.get(key))
                        .chain(schema.get("prefixItems").and_then(Value::as_array).into_iter().flatten())
                })
                .collect();
            (0..rng.usize(0..5)).map(|_| candidate(rng, sent, &below, depth + 1)).collect()
        }
        3 => {
            let listed: Vec<Value> = all
                .iter()
                .flat_map(|schema| {
                    schema
                        .get("const")
                        .cloned()
                        .into_iter()
                        .chain(schema.get("enum").and_then(Value::as_array).cloned().into_iter().flatten())
                })
                .collect();
            rng.choice(&listed).cloned().unwrap_or(Value::Null)
        }
        _ => {
            let values = [
                json!(""),
                json!("a"),
                json!("b"),
                json!("c"),
                json!("ab"),
                json!("abc"),
                json!("abcd"),
                json!("abcde"),
                json!("1"),
                json!("a1"),
                json!("A"),
                json!("\n"),
                json!("dd"),
                json!("new"),
                json!(-10),
                json!(-3),
                json!(-2),
                json!(-1),
                json!(0),
                json!(1),
                json!(2),
                json!(3),
                json!(4),
                json!(5),
                json!(6),
                json!(7),
                json!(0.5),
                json!(1.5),
                json!(-1.5),
                json!(0.25),
                json!(9),
                json!(12),
                json!(null),
                json!(true),
                json!(false),
                json!({}),
                json!([]),
            ];
            rng.choice(&values).unwrap().clone()
        }
    }
}

/// Whether a field that the old one describes is nowhere described in the new one.
fn is_lost<'v>(old: &'v Value, new: &'v Value, before: &[&'v Value], after: &[&'v Value], depth: usize) -> bool {
    if depth > 4 {
        return false;
    }
    let (before, after) = (gathered(old, before), gathered(new, after));
    let names = |all: &[&'v Value]| -> BTreeSet<String> {
        all.iter().filter_map(|schema| schema.get("properties")?.as_object()).flat_map(Map::keys).cloned().collect()
    };
    let (names_before, names_after) = (names(&before), names(&after));
    if !names_before.is_subset(&names_after) {
        return true;
    }
    // A name that some branch describes and another does not may be lost in one of them.
    let counts = |all: &[&'v Value], name: &str| {
        all.iter().filter(|it| it.get("properties").is_some_and(|map| map.get(name).is_some())).count()
    };
    names_before.iter().any(|name| {
        let below = |all: &[&'v Value]| -> Vec<&'v Value> {
            all.iter().filter_map(|schema| schema.get("properties")?.get(name)).collect()
        };
        counts(&before, name) != counts(&after, name) || is_lost(old, new, &below(&before), &below(&after), depth + 1)
    }) || {
        let items = |all: &[&'v Value]| -> Vec<&'v Value> {
            all.iter()
                .flat_map(|schema| {
                    ["items", "contains", "additionalProperties"]
                        .into_iter()
                        .filter_map(|key| schema.get(key))
                        .chain(schema.get("prefixItems").and_then(Value::as_array).into_iter().flatten())
                })
                .collect()
        };
        let (below, above) = (items(&before), items(&after));
        !below.is_empty() && is_lost(old, new, &below, &above, depth + 1)
    }
}
