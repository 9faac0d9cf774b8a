//! What reaches a place of a document: which operations, and in which directions.
//!
//! A document is cut into units, which are what something refers to and the parts of operations. A unit reaches what it
//! contains and what it refers to: by `$ref`, by a discriminator, or by an extension that names a schema.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value;

use super::extensions::named_schema;
use super::resolve::{Kind, Operation, by_request, path_items};
use super::security;
use crate::finding::{self, Direction};
use crate::node::Node;

/// The most operations in all lists of those that reach a place. Those of a thousand places take a thousand each.
const MOST_LISTED: usize = 1 << 20;

/// Where a value is in memory, which identifies it within a document.
type Address = usize;

fn address(value: &Value) -> Address {
    std::ptr::from_ref(value).addr()
}

/// What reaches each place of a document.
#[derive(Debug)]
struct Reach<'a> {
    document: &'a Value,
    units: HashMap<Address, usize>,
    operations: Vec<finding::Operation>,
    /// The indices of the operations that reach each unit. Many units share one list.
    reached: Vec<Rc<[u32]>>,
    /// Whether clients send, and receive, each unit.
    directions: Vec<[bool; 2]>,
}

/// What reaches the places of an old document and of a new one.
#[derive(Debug)]
pub(crate) struct Both<'a> {
    old: Reach<'a>,
    new: Reach<'a>,
    /// The operations for each pair of lists. Many findings share one.
    known: HashMap<[Option<*const u32>; 2], Arc<[finding::Operation]>>,
}

impl<'a> Both<'a> {
    pub(crate) fn new(old: &'a Value, new: &'a Value) -> Self {
        Self { old: Reach::new(old), new: Reach::new(new), known: HashMap::new() }
    }

    /// The directions in which what two pointers lead to is exchanged.
    pub(super) fn directions(&self, old: &str, new: &str) -> (Vec<Direction>, Vec<Direction>) {
        (self.old.directions(old), self.new.directions(new))
    }

    /// The operations that reach what a pointer leads to in either document, sorted.
    pub(crate) fn of(&mut self, old: Option<&str>, new: Option<&str>) -> Arc<[finding::Operation]> {
        let (before, after) = (old.and_then(|it| self.old.reached(it)), new.and_then(|it| self.new.reached(it)));
        let key = [before, after].map(|list| list.map(|list| list.as_ptr()));
        let all = self.known.entry(key).or_insert_with(|| {
            let all = self.old.operations(before).chain(self.new.operations(after));
            all.collect::<BTreeSet<_>>().into_iter().cloned().collect()
        });
        Arc::clone(all)
    }
}

impl<'a> Reach<'a> {
    fn new(document: &'a Value) -> Self {
        let mut graph = Graph::new(document);
        let all = graph.roots();
        graph.references();
        let reached = graph.reached();
        let directions = graph.flooded();
        Self { document, units: graph.units, operations: all, reached, directions }
    }

    /// The list of the operations that reach what a pointer leads to.
    fn reached(&self, pointer: &str) -> Option<&Rc<[u32]>> {
        self.reached.get(self.innermost(pointer)?)
    }

    fn operations(&self, list: Option<&Rc<[u32]>>) -> impl Iterator<Item = &finding::Operation> {
        let indices: Vec<_> = list.into_iter().flat_map(|list| list.iter().copied()).collect();
        indices.into_iter().filter_map(|index| self.operations.get(usize::try_from(index).ok()?))
    }

    /// The directions in which what a pointer leads to is exchanged.
    fn directions(&self, pointer: &str) -> Vec<Direction> {
        let [sent, received] =
            self.innermost(pointer).and_then(|unit| self.directions.get(unit)).copied().unwrap_or_default();
        let all = [(sent, Direction::Request), (received, Direction::Response)];
        all.into_iter().filter_map(|(is_so, direction)| is_so.then_some(direction)).collect()
    }

    /// The innermost unit that a place is in.
    fn innermost(&self, pointer: &str) -> Option<usize> {
        let mut value = self.document;
        let mut innermost = self.units.get(&address(value)).copied();
        for token in pointer.split('/').skip(1) {
            let token = token.replace("~1", "/").replace("~0", "~");
            let next = match value {
                Value::Array(items) => token.parse::<usize>().ok().and_then(|index| items.get(index)),
                other => other.get(&token),
            };
            let Some(next) = next else { break };
            value = next;
            innermost = self.units.get(&address(value)).copied().or(innermost);
        }
        innermost
    }
}

struct Graph<'a> {
    document: &'a Value,
    units: HashMap<Address, usize>,
    /// The units that each unit reaches at once.
    edges: Vec<Vec<usize>>,
    /// The operation that each unit is, if it is one.
    operation: HashMap<usize, Vec<u32>>,
    /// The units that only their own operation reaches, and not what they stand in.
    is_apart: HashSet<usize>,
    seeds: Vec<(usize, Direction)>,
}

impl<'a> Graph<'a> {
    fn new(document: &'a Value) -> Self {
        Self {
            document,
            units: HashMap::new(),
            edges: Vec::new(),
            operation: HashMap::new(),
            is_apart: HashSet::new(),
            seeds: Vec::new(),
        }
    }

    fn unit(&mut self, value: &Value) -> usize {
        let next = self.edges.len();
        let unit = *self.units.entry(address(value)).or_insert(next);
        if unit == next {
            self.edges.push(Vec::new());
        }
        unit
    }

    fn edge(&mut self, from: usize, to: usize) {
        if let Some(edges) = self.edges.get_mut(from) {
            edges.push(to);
        }
    }

    /// Makes units of the operations and their parts. Returns the operations of the paths and webhooks.
    fn roots(&mut self) -> Vec<finding::Operation> {
        let root = Node::root(self.document);
        let mut all = Vec::new();
        let mut unread = Vec::new();
        for (key, kind) in [("paths", Kind::Path), ("webhooks", Kind::Call)] {
            let items: Vec<_> = path_items(&root, key, kind).unwrap_or_default().into_iter().map(Rc::new).collect();
            for operation in by_request(&items).into_values().flatten() {
                let unit = self.unit(operation.node.value);
                self.is_apart.insert(unit);
                let Ok(index) = u32::try_from(all.len()) else { continue };
                self.operation.entry(unit).or_default().push(index);
                all.push(finding::Operation {
                    path: operation.item.template.to_owned(),
                    method: operation.method.clone(),
                });
                for layer in &operation.item.layers {
                    let layer = self.unit(layer.value);
                    self.operation.entry(layer).or_default().push(index);
                }
                for name in security::scheme_names(&operation) {
                    let schemes = self.document.get("components").and_then(|it| it.get("securitySchemes"));
                    if let Some(scheme) = schemes.and_then(|schemes| schemes.get(name)) {
                        let scheme = self.unit(scheme);
                        self.edge(unit, scheme);
                    }
                }
                if let Some(list) = self.document.get("security").filter(|_| security::inherits(&operation)) {
                    let list = self.unit(list);
                    self.edge(unit, list);
                }
                unread.push(operation);
            }
        }
        let mut seen = HashSet::new();
        while let Some(operation) = unread.pop() {
            if !seen.insert((address(operation.node.value), operation.kind())) {
                continue;
            }
            self.seed(&operation);
            let callbacks = super::field::entries(&operation.node, "callbacks").unwrap_or_default();
            for callback in callbacks.into_iter().filter_map(|(_, node)| node.resolved()) {
                let names = callback.names().into_iter().filter(|name| !name.starts_with("x-"));
                let items = names.filter_map(|name| {
                    Some(Rc::new(super::resolve::PathItem::new(name, Kind::Call, callback.get(name)?)))
                });
                unread.extend(by_request(&items.collect::<Vec<_>>()).into_values().flatten());
            }
        }
        all
    }

    /// Notes the directions of the parts of an operation.
    fn seed(&mut self, operation: &Operation<'a>) {
        let (request, response) = (operation.kind().request(), operation.kind().response());
        let layers = operation.item.layers.iter().filter_map(|layer| layer.value.get("parameters"));
        let own = ["parameters", "requestBody"].into_iter().filter_map(|key| operation.node.value.get(key));
        let sent = layers.chain(own).map(|part| (part, request));
        let received = operation.node.value.get("responses").map(|part| (part, response));
        for (part, direction) in sent.chain(received).collect::<Vec<_>>() {
            let unit = self.unit(part);
            self.seeds.push((unit, direction));
        }
    }

    /// Follows everything that refers to something.
    fn references(&mut self) {
        // What refers to what, by the value that it stands in; then which of these values are in which unit.
        let mut found: Vec<(Address, &'a Value)> = Vec::new();
        let mut targets: HashMap<String, Option<&'a Value>> = HashMap::new();
        let document = self.document;
        let mut find = |text: String| *targets.entry(text).or_insert_with_key(|pointer| document.pointer(pointer));
        let mut extending: Vec<(&'a Value, &'a Value)> = Vec::new();
        let mut unread = vec![document];
        while let Some(value) = unread.pop() {
            match value {
                Value::Array(items) => unread.extend(items),
                Value::Object(fields) => {
                    for (name, field) in fields {
                        match (name.as_str(), field) {
                            ("$ref" | "$dynamicRef", Value::String(text)) => {
                                let pointer = text.strip_prefix('#').filter(|pointer| pointer.starts_with('/'));
                                found.extend(
                                    pointer.and_then(|it| find(it.to_owned())).map(|target| (address(value), target)),
                                );
                            }
                            ("discriminator", Value::Object(_)) => {
                                let mapping = field.get("mapping").and_then(Value::as_object);
                                let default = field.get("defaultMapping");
                                let names = mapping.into_iter().flat_map(|map| map.values()).chain(default);
                                for name in names.filter_map(Value::as_str) {
                                    let pointer = named_schema(document, name, true);
                                    found.extend(pointer.and_then(&mut find).map(|target| (address(value), target)));
                                }
                            }
                            ("allOf", Value::Array(bases)) => {
                                for base in
                                    bases.iter().filter_map(|base| base.get("$ref")?.as_str()?.strip_prefix('#'))
                                {
                                    extending.extend(find(base.to_owned()).map(|base| (base, value)));
                                }
                            }
                            (name, _) if name.starts_with("x-") => {
                                for pointer in named_in(document, field) {
                                    found.extend(find(pointer).map(|target| (address(value), target)));
                                }
                            }
                            _ => {}
                        }
                        unread.push(field);
                    }
                }
                _ => {}
            }
        }
        // The variants of a base with a discriminator are those that extend it.
        let variants = extending.into_iter().filter(|(base, _)| base.get("discriminator").is_some());
        found.extend(variants.map(|(base, variant)| (address(base), variant)));

        for (_, target) in &found {
            self.unit(target);
        }
        let mut sources: HashMap<Address, Vec<usize>> = HashMap::new();
        for (source, target) in found {
            if let Some(unit) = self.units.get(&address(target)) {
                sources.entry(source).or_default().push(*unit);
            }
        }
        let mut unread: Vec<(&'a Value, Option<usize>)> = vec![(document, None)];
        while let Some((value, outer)) = unread.pop() {
            let unit = self.units.get(&address(value)).copied();
            if let (Some(outer), Some(unit)) = (outer, unit)
                && !self.is_apart.contains(&unit)
            {
                self.edge(outer, unit);
            }
            let unit = unit.or(outer);
            if let (Some(unit), Some(targets)) = (unit, sources.get(&address(value))) {
                targets.iter().for_each(|target| self.edge(unit, *target));
            }
            match value {
                Value::Array(items) => unread.extend(items.iter().map(|item| (item, unit))),
                Value::Object(fields) => unread.extend(fields.values().map(|field| (field, unit))),
                _ => {}
            }
        }
        for edges in &mut self.edges {
            edges.sort_unstable();
            edges.dedup();
        }
    }

    /// The operations that reach each unit. Where these would be too many lists, those of the whole document.
    fn reached(&self) -> Vec<Rc<[u32]>> {
        let components = strong_components(&self.edges);
        let everything: BTreeSet<u32> = self.operation.values().flatten().copied().collect();
        let everything: Rc<[u32]> = everything.into_iter().collect();
        let mut listed = 0;
        let mut sets: Vec<BTreeSet<Rc<[u32]>>> = vec![BTreeSet::new(); self.edges.len()];
        let mut reached: Vec<Rc<[u32]>> = vec![Rc::from([]); self.edges.len()];
        // Each component comes before those that it reaches.
        for units in components {
            let mut incoming: BTreeSet<Rc<[u32]>> = BTreeSet::new();
            let mut own: BTreeSet<u32> = BTreeSet::new();
            for unit in &units {
                incoming.extend(sets.get_mut(*unit).map(std::mem::take).unwrap_or_default());
                own.extend(self.operation.get(unit).into_iter().flatten());
            }
            let all: Rc<[u32]> = match (incoming.len(), own.is_empty()) {
                (0, true) => continue,
                (1, true) => incoming.into_iter().next().unwrap_or_else(|| Rc::from([])),
                _ if listed > MOST_LISTED => Rc::clone(&everything),
                _ => {
                    own.extend(incoming.iter().flat_map(|list| list.iter()));
                    listed += own.len();
                    own.into_iter().collect()
                }
            };
            for unit in &units {
                if let Some(place) = reached.get_mut(*unit) {
                    *place = Rc::clone(&all);
                }
                for target in self.edges.get(*unit).into_iter().flatten() {
                    if let Some(set) = sets.get_mut(*target) {
                        set.insert(Rc::clone(&all));
                    }
                }
            }
        }
        reached
    }

    /// The directions of each unit.
    fn flooded(&self) -> Vec<[bool; 2]> {
        let mut directions = vec![[false; 2]; self.edges.len()];
        let mut unread = self.seeds.clone();
        while let Some((unit, direction)) = unread.pop() {
            let Some([sent, received]) = directions.get_mut(unit) else { continue };
            let is_known = if direction == Direction::Request { sent } else { received };
            if !std::mem::replace(is_known, true) {
                unread.extend(self.edges.get(unit).into_iter().flatten().map(|target| (*target, direction)));
            }
        }
        directions
    }
}

/// The pointers to the schemas that an extension names: by reference, or by name as a value of a map.
fn named_in(document: &Value, extension: &Value) -> Vec<String> {
    let mut found = Vec::new();
    let mut unread = vec![(extension, false)];
    while let Some((value, is_in_map)) = unread.pop() {
        match value {
            Value::String(text) => found.extend(named_schema(document, text, is_in_map)),
            Value::Array(items) => unread.extend(items.iter().map(|item| (item, false))),
            Value::Object(fields) => unread.extend(fields.values().map(|field| (field, true))),
            _ => {}
        }
    }
    found
}

/// The strongly connected components of a graph, each before those that it reaches (Kosaraju).
fn strong_components(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    let mut finished = Vec::with_capacity(edges.len());
    let mut seen = vec![false; edges.len()];
    let mut visit = |unit: usize| seen.get_mut(unit).is_some_and(|seen| !std::mem::replace(seen, true));
    for start in 0..edges.len() {
        let mut stack = Vec::new();
        if visit(start) {
            stack.push((start, 0));
        }
        while let Some((unit, next)) = stack.pop() {
            match edges.get(unit).and_then(|targets| targets.get(next)) {
                Some(target) => {
                    stack.push((unit, next + 1));
                    if visit(*target) {
                        stack.push((*target, 0));
                    }
                }
                None => finished.push(unit),
            }
        }
    }
    let mut sources = vec![Vec::new(); edges.len()];
    for (source, targets) in edges.iter().enumerate() {
        for target in targets {
            if let Some(list) = sources.get_mut(*target) {
                list.push(source);
            }
        }
    }
    let mut is_done = vec![false; edges.len()];
    let mut components = Vec::new();
    for start in finished.into_iter().rev() {
        let (mut component, mut stack) = (Vec::new(), vec![start]);
        while let Some(unit) = stack.pop() {
            if is_done.get_mut(unit).is_some_and(|done| !std::mem::replace(done, true)) {
                component.push(unit);
                stack.extend(sources.get(unit).into_iter().flatten());
            }
        }
        if !component.is_empty() {
            components.push(component);
        }
    }
    components
}
