//! From schemas to their normal form.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use serde_json::{Map, Value};

use super::Known;
use super::shape::{Conjunction, Contains, Fields, Items, Kind, Listed, Opaque, Shape};
use crate::decimal::Decimal;
use crate::node::{FALSE, Node, TRUE};

/// The most alternatives of one schema. With more it is compared by what it says.
const MOST_SHAPES: usize = 128;
/// The most schemas that apply at once. With more they are compared by what they say.
const MOST_PARTS: usize = 128;
/// What it takes to find a schema that applies.
pub(super) const STEPS_OF_A_PART: usize = 16;
/// The weight of the shapes that are kept.
const MOST_KEPT: usize = 300_000;
/// How deep alternatives may be nested in alternatives.
const DEEPEST: usize = 24;

/// Keywords that restrict no value.
pub(super) const ANNOTATIONS: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$schema",
    "$vocabulary",
    "default",
    "definitions",
    "deprecated",
    "description",
    "discriminator",
    "example",
    "examples",
    "externalDocs",
    "readOnly",
    "title",
    "writeOnly",
    "xml",
];

/// Keywords that are read together with another one of their schema, or once all others are.
const READ_WITH_OTHERS: &[&str] = &[
    "additionalProperties",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "else",
    "if",
    "maxContains",
    "minContains",
    "not",
    "patternProperties",
    "prefixItems",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Formats that every text has: they say how it is shown.
const HINTS: &[&str] = &["password"];
/// Formats that say nothing of numbers. Those of numbers say something of texts, too, which may hold a number.
const FORMATS_OF_TEXTS: &[&str] = &[
    "binary",
    "byte",
    "date",
    "date-time",
    "duration",
    "email",
    "hostname",
    "idn-email",
    "idn-hostname",
    "ipv4",
    "ipv6",
    "iri",
    "iri-reference",
    "json-pointer",
    "regex",
    "relative-json-pointer",
    "time",
    "uri",
    "uri-reference",
    "uri-template",
    "uuid",
];

pub(super) fn is_annotation(key: &str) -> bool {
    ANNOTATIONS.contains(&key) || key.starts_with("x-")
}

/// The schemas that apply wherever these do: through `$ref` and `allOf`. Of more than `MOST_PARTS`, only one more.
pub(super) fn closure<'a>(nodes: &[Node<'a>]) -> Vec<Node<'a>> {
    if let [node] = nodes
        && !node.object().is_some_and(|keywords| keywords.contains_key("$ref") || keywords.contains_key("allOf"))
    {
        return vec![node.clone()];
    }
    let mut all: Vec<Node<'a>> = Vec::new();
    let mut known = HashSet::new();
    let mut unread: Vec<Node<'a>> = nodes.iter().rev().cloned().collect();
    while let Some(node) = unread.pop() {
        if !known.insert(node.id()) {
            continue;
        }
        if all.len() > MOST_PARTS {
            break;
        }
        let mut next: Vec<Node<'a>> = node.target().into_iter().collect();
        next.extend(node.list("allOf"));
        unread.extend(next.into_iter().rev());
        all.push(node);
    }
    all
}

impl<'a> Known<'a> {
    /// The alternatives of schemas that all apply.
    pub(super) fn shapes(&mut self, all: &Conjunction<'a>) -> Rc<[Shape<'a>]> {
        let key = all.key();
        let may_read = self.budget.spend(1);
        if let Some(shapes) = self.shapes.get(&key) {
            return Rc::clone(shapes);
        }
        if !may_read || self.expanding.len() >= DEEPEST || self.expanding.contains(&key) {
            // Too large, an alternative of itself, or too deep.
            return opaque(all.nodes()).into();
        }
        self.expanding.push(key);
        let shapes: Rc<[Shape<'a>]> = self.expand(all.nodes()).unwrap_or_else(|| opaque(all.nodes())).into();
        if let Some(key) = self.expanding.pop()
            && !self.budget.is_spent()
        {
            self.kept += shapes.iter().map(Shape::weight).sum::<usize>() + 1;
            self.shapes.insert(key, Rc::clone(&shapes));
        }
        shapes
    }

    /// Forgets shapes if they take too much memory. They can be read again.
    pub(super) fn make_room(&mut self) {
        if self.kept > MOST_KEPT {
            self.kept = 0;
            self.shapes.clear();
        }
    }

    /// `None` if there are too many.
    fn expand(&mut self, nodes: &[Node<'a>]) -> Option<Vec<Shape<'a>>> {
        let all = closure(nodes);
        let keywords = all.iter().filter_map(Node::object).map(Map::len).sum::<usize>();
        if !self.budget.spend(STEPS_OF_A_PART * all.len() + keywords) || all.len() > MOST_PARTS {
            return None;
        }
        let mut shapes = of_types(&all);
        for node in &all {
            match node.value {
                Value::Bool(true) => {}
                Value::Object(keywords) => {
                    keywords.iter().for_each(|(key, value)| apply(&mut shapes, node, key, value));
                }
                Value::Bool(false) => return Some(Vec::new()),
                _ => return Some(opaque(nodes)),
            }
            shapes.iter_mut().for_each(|shape| shape.nodes.push(node.clone()));
        }
        let mut shapes: Vec<_> = shapes.into_iter().filter_map(Shape::simplified).collect();
        self.budget.spend(shapes.iter().map(Shape::weight).sum());
        for node in &all {
            let Some(keywords) = node.object() else { continue };
            for key in keywords.keys() {
                shapes = match &**key {
                    "anyOf" | "oneOf" if node.list(key).is_empty() => shapes,
                    "anyOf" | "oneOf" if node.list(key).len() > MOST_SHAPES => return None,
                    "anyOf" => {
                        let branches = self.any_of(node);
                        self.product(&shapes, &branches)?
                    }
                    "oneOf" => {
                        let branches = self.one_of(node);
                        self.product(&shapes, &branches)?
                    }
                    "not" => self.negated(shapes, &Conjunction::new(vec![node.get("not")?])),
                    "if" => {
                        let branches = self.condition(node)?;
                        self.product(&shapes, &branches)?
                    }
                    "dependentRequired" | "dependentSchemas" | "dependencies" => self.dependent(shapes, node, key)?,
                    _ => shapes,
                };
            }
        }
        for node in &all {
            unevaluated(&mut shapes, node);
        }
        Some(self.merged(shapes))
    }

    fn branches(&mut self, node: &Node<'a>, key: &str) -> Vec<Branch<'a>> {
        let tags = tags(node);
        let branches = node.list(key);
        branches
            .into_iter()
            .map(|branch| {
                let all = Conjunction::new(vec![branch.clone()]);
                let mut shapes: Vec<_> = self.shapes(&all).to_vec();
                self.budget.spend(shapes.iter().map(Shape::weight).sum());
                if let Some((name, by_pointer)) = &tags {
                    let values: BTreeSet<String> = match branch.target() {
                        Some(target) => by_pointer.get(&*target.pointer).cloned().unwrap_or_else(|| {
                            target.pointer.rsplit('/').next().map(str::to_owned).into_iter().collect()
                        }),
                        None => BTreeSet::new(),
                    };
                    for shape in shapes.iter_mut().filter(|shape| shape.kind == Kind::Object && !values.is_empty()) {
                        shape.tags.insert(name, values.clone());
                    }
                }
                Branch { all, shapes }
            })
            .collect()
    }

    fn any_of(&mut self, node: &Node<'a>) -> Vec<Shape<'a>> {
        self.branches(node, "anyOf").into_iter().flat_map(|branch| branch.shapes).collect()
    }

    /// Each alternative of a branch, where it must be none of the other branches.
    fn one_of(&mut self, node: &Node<'a>) -> Vec<Shape<'a>> {
        let branches = self.branches(node, "oneOf");
        let mut all = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            for shape in &branch.shapes {
                let mut shape = shape.clone();
                for other in branches.iter().enumerate().filter(|(other, _)| *other != index).map(|(_, other)| other) {
                    self.budget.spend(1);
                    if !other.shapes.iter().all(|other| self.is_disjoint(&shape, other, 0)) {
                        shape.nots.push(other.all.clone());
                    } else if !shape.tags.is_empty() {
                        shape.apart.push(other.all.clone());
                    }
                }
                all.push(shape);
            }
        }
        all
    }

    fn condition(&mut self, node: &Node<'a>) -> Option<Vec<Shape<'a>>> {
        let condition = Conjunction::new(vec![node.get("if")?]);
        let mut branch = |key| self.shapes(&Conjunction::new(vec![node.get_or(key, &TRUE)]));
        let (then, otherwise) = (branch("then"), branch("else"));
        let holds = self.shapes(&condition);
        let mut all = self.product(&holds, &then)?;
        let fails = self.negated(Kind::ALL.map(Shape::any).into(), &condition);
        all.extend(self.product(&fails, &otherwise)?);
        Some(all)
    }

    /// A field that is absent, or present with what depends on it.
    fn dependent(&mut self, mut shapes: Vec<Shape<'a>>, node: &Node<'a>, key: &str) -> Option<Vec<Shape<'a>>> {
        let Some(of_field) = node.value.get(key)?.as_object() else {
            mark(&mut shapes, node, key);
            return Some(shapes);
        };
        let map = node.get(key)?;
        for (name, needed) in of_field {
            let mut alternatives: Vec<Shape<'a>> =
                Kind::ALL.into_iter().filter(|kind| *kind != Kind::Object).map(Shape::any).collect();
            let mut without = Shape::any(Kind::Object);
            without.fields.push(Fields::Without(name, node.clone()));
            alternatives.push(without);
            let mut with = Shape::any(Kind::Object);
            with.required.insert(name);
            match needed {
                Value::Array(names) => {
                    with.required.extend(names.iter().filter_map(Value::as_str));
                    alternatives.push(with);
                }
                _ => {
                    let schema = Conjunction::new(vec![map.get(name)?]);
                    alternatives.extend(self.shapes(&schema).iter().filter_map(|shape| shape.and(&with)));
                }
            }
            shapes = self.product(&shapes, &alternatives)?;
        }
        Some(shapes)
    }

    /// What of the alternatives is not among what is negated.
    fn negated(&mut self, shapes: Vec<Shape<'a>>, not: &Conjunction<'a>) -> Vec<Shape<'a>> {
        let excluded = self.shapes(not);
        let mut left = Vec::new();
        for mut shape in shapes {
            let of_kind: Vec<_> = excluded.iter().filter(|excluded| excluded.kind == shape.kind).collect();
            if of_kind.iter().any(|excluded| excluded.is_only_listed() && excluded.only.is_none()) {
                continue;
            }
            let all_said = of_kind.iter().all(|excluded| exclude(&mut shape, excluded));
            if !all_said && !of_kind.iter().all(|excluded| self.is_disjoint(&shape, excluded, 0)) {
                shape.nots.push(not.clone());
            }
            left.extend(shape.simplified());
        }
        left
    }

    /// What both of each pair allow; `None` if it would be too many.
    fn product(&mut self, one: &[Shape<'a>], other: &[Shape<'a>]) -> Option<Vec<Shape<'a>>> {
        let mut all = Vec::new();
        for one in one {
            for other in other.iter().filter(|other| other.kind == one.kind) {
                if !self.budget.spend(one.weight() + other.weight()) {
                    return None;
                }
                all.extend(one.and(other).and_then(Shape::simplified));
                if all.len() > MOST_SHAPES {
                    return None;
                }
            }
        }
        Some(all)
    }

    /// The same alternatives with fewer of them, and with listed values where nothing else is left to say.
    fn merged(&mut self, shapes: Vec<Shape<'a>>) -> Vec<Shape<'a>> {
        let mut merged: Vec<Shape<'a>> = Vec::with_capacity(shapes.len());
        for mut shape in shapes {
            if let Some(listed) = shape.only.take() {
                let judged: Vec<_> =
                    listed.values().iter().map(|value| (*value, self.accepts_in(value, &shape, 0))).collect();
                let is_decided = judged.iter().all(|(_, verdict)| verdict.is_some());
                let allowed: Vec<_> =
                    judged.into_iter().filter(|(_, verdict)| *verdict != Some(false)).map(|(value, _)| value).collect();
                if allowed.is_empty() {
                    continue;
                }
                if is_decided {
                    let Shape { kind, nodes, tags, .. } = shape;
                    shape = Shape { nodes, tags, ..Shape::any(kind) };
                }
                shape.only = Some(Listed::new(allowed));
            }
            let is_listed = |it: &Shape<'_>| it.tags.is_empty() && it.is_only_listed();
            let same = merged.iter_mut().find(|it| it.kind == shape.kind && is_listed(it) && is_listed(&shape));
            match (same, &shape.only) {
                (Some(Shape { only: Some(known), .. }), Some(more)) => {
                    *known = Listed::new(known.values().iter().chain(more.values()).copied());
                }
                (Some(it @ Shape { only: Some(_), .. }), None) => *it = shape,
                (Some(Shape { only: None, .. }), _) => {}
                (None, _) => merged.push(shape),
            }
        }
        merged
    }
}

/// A branch of `anyOf` or `oneOf`.
struct Branch<'a> {
    all: Conjunction<'a>,
    shapes: Vec<Shape<'a>>,
}

/// Everything of the types that these schemas have in common: most name one, and the others need not be looked at.
fn of_types<'a>(all: &[Node<'a>]) -> Vec<Shape<'a>> {
    let allows = |node: &Node<'a>, kind: Kind| match node.value.get("type").and_then(Value::as_str) {
        Some("integer") => kind == Kind::Number,
        Some(name) => kind.name() == name || Kind::ALL.iter().all(|kind| kind.name() != name),
        None => true,
    };
    let kinds = Kind::ALL.into_iter().filter(|kind| all.iter().all(|node| allows(node, *kind)));
    let mut shapes = Vec::with_capacity(kinds.clone().count());
    shapes.extend(kinds.map(Shape::any));
    shapes
}

/// A schema of which nothing is known but its words.
fn opaque<'a>(nodes: &[Node<'a>]) -> Vec<Shape<'a>> {
    let mut shapes: Vec<_> = Kind::ALL.map(Shape::any).into();
    for shape in &mut shapes {
        shape.nodes = nodes.to_vec();
        shape.opaque.extend(nodes.iter().map(|node| Opaque {
            node: node.clone(),
            key: "",
            is_entangled: true,
            is_unreadable: true,
        }));
    }
    shapes
}

/// Takes what is excluded out of an alternative. Returns whether that is said without `not`.
fn exclude<'a>(shape: &mut Shape<'a>, excluded: &Shape<'a>) -> bool {
    if let Some(values) = &excluded.only {
        if !excluded.is_only_listed() {
            return false;
        }
        if shape.kind == Kind::Boolean && shape.only.is_none() {
            shape.only = Some(Listed::new([&FALSE, &TRUE]));
        }
        let Some(only) = &mut shape.only else { return false };
        *only = only.filtered(|value| !values.contains(value));
        return true;
    }
    let rest = Shape { nodes: Vec::new(), ..excluded.clone() };
    match excluded.kind {
        Kind::Number => {
            let bounds = (excluded.low, excluded.high);
            let is_rest = Shape { low: None, high: None, ..rest }.is_only_listed();
            match bounds {
                (Some((low, is_excluded)), None) if is_rest => shape.lower(Some((low, !is_excluded))),
                (None, Some((high, is_excluded))) if is_rest => shape.raise(Some((high, !is_excluded))),
                _ => return false,
            }
            true
        }
        Kind::Object => {
            let mut names = excluded.required.iter();
            match (names.next(), names.next(), excluded.nodes.first()) {
                (Some(name), None, Some(node))
                    if (Shape { required: BTreeSet::new(), least: 0, ..rest }).is_only_listed() =>
                {
                    shape.fields.push(Fields::Without(name, node.clone()));
                    true
                }
                _ => false,
            }
        }
        _ => false,
    }
}

fn mark<'a>(shapes: &mut [Shape<'a>], node: &Node<'a>, key: &str) {
    let Some((key, _)) = node.object().and_then(|keywords| keywords.get_key_value(key)) else { return };
    let is_entangled = READ_WITH_OTHERS.contains(&&**key) || ["contains", "items", "properties"].contains(&&**key);
    for shape in shapes {
        shape.opaque.push(Opaque { node: node.clone(), key, is_entangled, is_unreadable: false });
    }
}

/// Applies a keyword that can be read on its own. One that is malformed is compared by what it says.
fn apply<'a>(shapes: &mut Vec<Shape<'a>>, node: &Node<'a>, key: &'a str, value: &'a Value) {
    if read(shapes, node, key, value).is_none() {
        mark(shapes, node, key);
    }
}

fn read<'a>(shapes: &mut Vec<Shape<'a>>, node: &Node<'a>, key: &'a str, value: &'a Value) -> Option<()> {
    let of = |shapes: &mut Vec<Shape<'a>>, kind, change: &dyn Fn(&mut Shape<'a>)| {
        shapes.iter_mut().filter(|shape| shape.kind == kind).for_each(change);
    };
    match key {
        "type" => types(shapes, value)?,
        "enum" => list(shapes, &value.as_array()?.iter().collect::<Vec<_>>()),
        "const" => list(shapes, &[value]),
        "minimum" | "exclusiveMinimum" => {
            let low = (Decimal::new(value.as_number()?)?, key != "minimum");
            of(shapes, Kind::Number, &|shape| shape.raise(Some(low)));
        }
        "maximum" | "exclusiveMaximum" => {
            let high = (Decimal::new(value.as_number()?)?, key != "maximum");
            of(shapes, Kind::Number, &|shape| shape.lower(Some(high)));
        }
        "multipleOf" => {
            let step = Decimal::new(value.as_number()?)?;
            of(shapes, Kind::Number, &|shape| shape.multiples.push(step));
        }
        "minLength" | "minItems" | "minProperties" => {
            let least = count(value)?;
            of(shapes, counted(key), &|shape| shape.least = shape.least.max(least));
        }
        "maxLength" | "maxItems" | "maxProperties" => {
            let most = count(value)?;
            of(shapes, counted(key), &|shape| shape.cap(Some(most)));
        }
        "pattern" => {
            let pattern = value.as_str()?;
            of(shapes, Kind::String, &|shape| shape.patterns.extend([pattern]));
        }
        "format" => {
            let format = value.as_str()?;
            if !HINTS.contains(&format) {
                of(shapes, Kind::String, &|shape| shape.formats.extend([format]));
            }
            if !HINTS.contains(&format) && !FORMATS_OF_TEXTS.contains(&format) {
                of(shapes, Kind::Number, &|shape| shape.formats.extend([format]));
            }
        }
        // They say what a text holds, which a reader has to know.
        "contentEncoding" | "contentMediaType" | "contentSchema" => of(shapes, Kind::String, &|shape| {
            shape.opaque.push(Opaque { node: node.clone(), key, is_entangled: false, is_unreadable: false });
        }),
        "uniqueItems" => {
            let unique = value.as_bool()?;
            of(shapes, Kind::Array, &|shape| shape.unique |= unique);
        }
        "items" => items(shapes, node)?,
        "prefixItems" if node.get("items").is_none() => items(shapes, node)?,
        "contains" => {
            let number = |key| node.value.get(key).map_or(Some(None), |value| Some(Some(count(value)?)));
            let (least, most) = (number("minContains")?.unwrap_or(1), number("maxContains")?);
            if least > 0 || most.is_some() {
                let contains = Contains { item: Conjunction::new(vec![node.get(key)?]), least, most };
                of(shapes, Kind::Array, &|shape| shape.contains.push(contains.clone()));
            }
        }
        "properties" => fields(shapes, node)?,
        "patternProperties" if node.value.get("properties").is_none() => fields(shapes, node)?,
        "additionalProperties"
            if node.value.get("properties").is_none() && node.value.get("patternProperties").is_none() =>
        {
            fields(shapes, node)?;
        }
        "required" => {
            let names = value.as_array()?.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?;
            of(shapes, Kind::Object, &|shape| shape.required.extend(&names));
        }
        "propertyNames" => {
            let names = node.get(key)?;
            of(shapes, Kind::Object, &|shape| shape.names.push(names.clone()));
        }
        "$ref" if node.target().is_some() => {}
        "$ref" | "$dynamicRef" | "$recursiveRef" => {
            for shape in shapes {
                shape.opaque.push(Opaque { node: node.clone(), key, is_entangled: true, is_unreadable: true });
            }
        }
        "allOf" => drop(value.as_array()?),
        // Of none, nothing would be allowed, which nobody means.
        "anyOf" | "oneOf" => drop(value.as_array().filter(|list| !list.is_empty())?),
        key if READ_WITH_OTHERS.contains(&key) || is_annotation(key) => {}
        _ => return None,
    }
    Some(())
}

fn counted(key: &str) -> Kind {
    match key {
        "minLength" | "maxLength" => Kind::String,
        "minItems" | "maxItems" => Kind::Array,
        _ => Kind::Object,
    }
}

/// A count, which may be written as `1.0`.
fn count(value: &Value) -> Option<u64> {
    Decimal::new(value.as_number()?)?.to_u64()
}

fn types(shapes: &mut Vec<Shape<'_>>, types: &Value) -> Option<()> {
    let names: Vec<&str> = match types {
        Value::Array(names) => names.iter().map(Value::as_str).collect::<Option<_>>()?,
        name => vec![name.as_str()?],
    };
    let is_known = |name: &&str| *name == "integer" || Kind::ALL.iter().any(|kind| kind.name() == *name);
    if names.is_empty() || !names.iter().all(is_known) {
        return None;
    }
    shapes.retain(|shape| {
        names.contains(&shape.kind.name()) || (shape.kind == Kind::Number && names.contains(&"integer"))
    });
    if !names.contains(&"number") {
        shapes.iter_mut().filter(|shape| shape.kind == Kind::Number).for_each(|shape| shape.whole = true);
    }
    Some(())
}

fn list<'a>(shapes: &mut Vec<Shape<'a>>, values: &[&'a Value]) {
    for shape in shapes.iter_mut() {
        let of_kind = values.iter().copied().filter(|value| Kind::of(value) == shape.kind);
        let mut listed = Shape::any(shape.kind);
        listed.only = Some(Listed::new(of_kind));
        if let Some(both) = shape.and(&listed) {
            *shape = both;
        }
    }
    shapes.retain(|shape| shape.only.as_ref().is_none_or(|only| !only.values().is_empty()));
}

fn items<'a>(shapes: &mut [Shape<'a>], node: &Node<'a>) -> Option<()> {
    if node.value.get("prefixItems").is_some_and(|list| !list.is_array()) {
        return None;
    }
    let items = Items { first: node.list("prefixItems"), rest: node.get("items") };
    shapes.iter_mut().filter(|shape| shape.kind == Kind::Array).for_each(|shape| shape.items.push(items.clone()));
    Some(())
}

fn fields<'a>(shapes: &mut [Shape<'a>], node: &Node<'a>) -> Option<()> {
    let map = |key| match node.value.get(key) {
        None => Some(None),
        Some(value) => value.as_object().map(Some),
    };
    let fields = Fields::Named {
        node: node.clone(),
        properties: map("properties")?,
        patterns: map("patternProperties")?,
        rest: node.get("additionalProperties"),
    };
    shapes.iter_mut().filter(|shape| shape.kind == Kind::Object).for_each(|shape| shape.fields.push(fields.clone()));
    Some(())
}

/// Applies `unevaluatedProperties` and `unevaluatedItems`, where it is known what the rest of the schema evaluates.
fn unevaluated<'a>(shapes: &mut [Shape<'a>], node: &Node<'a>) {
    let Some(keywords) = node.object() else { return };
    if !keywords.contains_key("unevaluatedProperties") && !keywords.contains_key("unevaluatedItems") {
        return;
    }
    let below = closure(std::slice::from_ref(node));
    let has = |node: &Node<'_>, keys: &[&str]| keys.iter().any(|key| node.value.get(key).is_some());
    let depends = ["anyOf", "oneOf", "if", "dependentSchemas", "dependencies", "$dynamicRef", "$recursiveRef"];
    let is_entangled =
        below.iter().any(|node| has(node, &depends) || (node.reference().is_some() && node.target().is_none()));
    if let Some(rest) = node.get("unevaluatedProperties") {
        let objects = shapes.iter_mut().filter(|shape| shape.kind == Kind::Object);
        let others_close = below.iter().any(|it| {
            has(it, &["additionalProperties"]) || (it.id() != node.id() && has(it, &["unevaluatedProperties"]))
        });
        let names = |key| -> BTreeSet<&'a str> {
            let maps = below.iter().filter_map(|node| node.value.get(key)?.as_object());
            maps.flat_map(Map::keys).map(String::as_str).collect()
        };
        if is_entangled {
            objects.for_each(|shape| mark(std::slice::from_mut(shape), node, "unevaluatedProperties"));
        } else if !others_close {
            let (names, patterns) = (Rc::new(names("properties")), Rc::new(names("patternProperties")));
            for shape in objects {
                let (names, patterns) = (Rc::clone(&names), Rc::clone(&patterns));
                shape.fields.push(Fields::Unevaluated { names, patterns, rest: rest.clone() });
            }
        }
    }
    if let Some(rest) = node.get("unevaluatedItems") {
        let arrays = shapes.iter_mut().filter(|shape| shape.kind == Kind::Array);
        let others_close =
            below.iter().any(|it| has(it, &["items"]) || (it.id() != node.id() && has(it, &["unevaluatedItems"])));
        let first = below.iter().map(|node| node.list("prefixItems").len()).max().unwrap_or(0);
        if is_entangled || below.iter().any(|node| has(node, &["contains"])) {
            arrays.for_each(|shape| mark(std::slice::from_mut(shape), node, "unevaluatedItems"));
        } else if !others_close {
            let any = node.with_value("unevaluatedItems", &TRUE);
            let items = Items { first: vec![any; first], rest: Some(rest) };
            arrays.for_each(|shape| shape.items.push(items.clone()));
        }
    }
}

/// What a discriminator says: the name of its field, and the values of it that lead to each component.
fn tags<'a>(node: &Node<'a>) -> Option<(&'a str, BTreeMap<String, BTreeSet<String>>)> {
    let discriminator = node.value.get("discriminator")?;
    let name = discriminator.get("propertyName")?.as_str()?;
    let mut by_pointer: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (value, component) in discriminator.get("mapping").and_then(Value::as_object).into_iter().flatten() {
        if let Some(component) = component.as_str().and_then(|name| node.component(name)) {
            by_pointer.entry(component.pointer.to_string()).or_default().insert(value.clone());
        }
    }
    Some((name, by_pointer))
}
