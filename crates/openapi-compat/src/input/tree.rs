//! Events as a value, within limits.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::Limits;
use super::event::{Event, Events, Fault, Notation, Style, What, scalar};

/// YAML 1.2 has no merge keys, but those who write them rely on tools that merge, so `<<` does. A quoted one is a name.
const MERGE: &str = "<<";

/// The value of a text.
pub(super) fn read(text: &str, notation: Notation, limits: &Limits) -> Result<Value, Fault> {
    let mut tree = Tree { limits, text, open: Vec::new(), anchors: HashMap::new(), nodes: 0, copied: 0 };
    let mut whole = None;
    for event in Events::new(text, notation) {
        if let Some(value) = tree.take(event?)? {
            whole = Some(value);
        }
    }
    whole.ok_or_else(|| Fault::new(0, "is empty"))
}

struct Tree<'a> {
    limits: &'a Limits,
    text: &'a str,
    open: Vec<Open>,
    anchors: HashMap<usize, Built>,
    nodes: usize,
    /// The weight of everything that anchors and aliases stand for.
    copied: usize,
}

/// An object or array that is not finished.
struct Open {
    container: Container,
    anchor: usize,
    at: usize,
    /// Of what is in it.
    weight: usize,
    depth: usize,
}

enum Container {
    Array(Vec<Value>),
    Object {
        fields: Map<String, Value>,
        /// Where each field stands, in their order.
        positions: Vec<usize>,
        /// The field whose value comes next.
        key: Option<Key>,
        merged: Option<Value>,
    },
}

struct Key {
    name: String,
    at: usize,
    is_merge: bool,
}

/// A finished value.
#[derive(Clone)]
struct Built {
    value: Value,
    /// About its size in memory, in bytes.
    weight: usize,
    /// The levels of objects and arrays in it.
    depth: usize,
}

const WEIGHT_OF_A_NODE: usize = 32;

impl Tree<'_> {
    /// The whole value, if this event was its end.
    fn take(&mut self, event: Event<'_>) -> Result<Option<Value>, Fault> {
        let Event { what, at, anchor } = event;
        self.nodes += 1;
        if self.nodes > self.limits.nodes {
            return Err(Fault::limit(at, format!("holds more than {} values", self.limits.nodes)));
        }
        let built = match what {
            What::Object if self.expects_key() => return Err(Fault::new(at, "an object is no name of a field")),
            What::Array if self.expects_key() => return Err(Fault::new(at, "an array is no name of a field")),
            What::Object => {
                let object = Container::Object { fields: Map::new(), positions: Vec::new(), key: None, merged: None };
                return self.begin(object, at, anchor);
            }
            What::Array => return self.begin(Container::Array(Vec::new()), at, anchor),
            What::End => {
                let Some(open) = self.open.pop() else { return Ok(None) };
                let (anchor, at) = (open.anchor, open.at);
                let built = open.finish()?;
                self.remember(anchor, at, &built)?;
                built
            }
            What::Scalar(name, style) if self.expects_key() => {
                let is_merge = name == MERGE && style == Style::Plain;
                let key = Key { name: name.into_owned(), at, is_merge };
                let value = Value::String(key.name.clone());
                self.remember(anchor, at, &Built { weight: weight_of(&value), value, depth: 0 })?;
                return self.begin_field(key).map(|()| None);
            }
            What::Scalar(text, style) => {
                let value = scalar(text, style).map_err(|what| Fault::new(at, what))?;
                let built = Built { weight: weight_of(&value), value, depth: 0 };
                self.remember(anchor, at, &built)?;
                built
            }
            What::Alias(anchor) => {
                let built = self.anchors.get(&anchor);
                let weight = built.ok_or_else(|| Fault::new(at, "an alias stands for what it is in"))?.weight;
                self.copy(weight, at)?;
                let Some(built) = self.anchors.get(&anchor).cloned() else { return Ok(None) };
                if self.open.len() + built.depth > self.limits.depth {
                    return Err(self.too_deep(at));
                }
                if self.expects_key() {
                    let Value::String(name) = built.value else {
                        return Err(Fault::new(at, "an alias for something else than a text is no name of a field"));
                    };
                    return self.begin_field(Key { name, at, is_merge: false }).map(|()| None);
                }
                built
            }
        };
        match self.open.last_mut() {
            Some(open) => open.add(built).map(|()| None),
            None => Ok(Some(built.value)),
        }
    }

    fn begin(&mut self, container: Container, at: usize, anchor: usize) -> Result<Option<Value>, Fault> {
        if self.open.len() >= self.limits.depth {
            return Err(self.too_deep(at));
        }
        self.open.push(Open { container, anchor, at, weight: WEIGHT_OF_A_NODE, depth: 0 });
        Ok(None)
    }

    fn too_deep(&self, at: usize) -> Fault {
        Fault::limit(at, format!("is nested more than {} levels deep", self.limits.depth))
    }

    fn expects_key(&self) -> bool {
        self.open.last().is_some_and(|open| matches!(open.container, Container::Object { key: None, .. }))
    }

    fn begin_field(&mut self, next: Key) -> Result<(), Fault> {
        let Some(Open { container: Container::Object { fields, positions, key, merged }, .. }) = self.open.last_mut()
        else {
            return Ok(());
        };
        let is_twin = if next.is_merge { merged.is_some() } else { fields.contains_key(&next.name) };
        if is_twin {
            let first = fields.keys().position(|name| *name == next.name);
            let first = first.and_then(|index| positions.get(index)).copied();
            let line = |at| line_of(self.text, at);
            return Err(Fault::new(
                next.at,
                match first {
                    Some(first) => {
                        format!(
                            "`{}` stands twice in one object, in lines {} and {}",
                            next.name,
                            line(first),
                            line(next.at)
                        )
                    }
                    None => format!("`{}` stands twice in one object", next.name),
                },
            ));
        }
        *key = Some(next);
        Ok(())
    }

    /// Keeps what has an anchor for the aliases to come.
    fn remember(&mut self, anchor: usize, at: usize, built: &Built) -> Result<(), Fault> {
        if anchor != 0 {
            self.copy(built.weight, at)?;
            self.anchors.insert(anchor, built.clone());
        }
        Ok(())
    }

    fn copy(&mut self, weight: usize, at: usize) -> Result<(), Fault> {
        self.copied = self.copied.saturating_add(weight);
        if self.copied > self.limits.copied {
            let what = format!("its anchors and aliases stand for more than {} bytes", self.limits.copied);
            return Err(Fault::limit(at, what));
        }
        Ok(())
    }
}

impl Open {
    fn add(&mut self, built: Built) -> Result<(), Fault> {
        self.weight = self.weight.saturating_add(built.weight);
        self.depth = self.depth.max(built.depth);
        match &mut self.container {
            Container::Array(items) => items.push(built.value),
            Container::Object { fields, positions, key, merged } => match key.take() {
                Some(Key { is_merge: true, at, .. }) => {
                    let is_mergeable = match &built.value {
                        Value::Array(items) => items.iter().all(Value::is_object),
                        value => value.is_object(),
                    };
                    if !is_mergeable {
                        return Err(Fault::new(at, "`<<` merges objects, and this is none"));
                    }
                    *merged = Some(built.value);
                }
                Some(key) => {
                    self.weight = self.weight.saturating_add(key.name.len());
                    positions.push(key.at);
                    fields.insert(key.name, built.value);
                }
                None => {}
            },
        }
        Ok(())
    }

    fn finish(self) -> Result<Built, Fault> {
        let value = match self.container {
            Container::Array(items) => Value::Array(items),
            Container::Object { mut fields, merged, .. } => {
                let merged = match merged {
                    Some(Value::Array(objects)) => objects,
                    object => object.into_iter().collect(),
                };
                for object in merged {
                    let Value::Object(object) = object else { continue };
                    for (name, value) in object {
                        // What the object says itself counts, and then what the first one says.
                        fields.entry(name).or_insert(value);
                    }
                }
                Value::Object(fields)
            }
        };
        Ok(Built { value, weight: self.weight, depth: self.depth + 1 })
    }
}

fn weight_of(value: &Value) -> usize {
    WEIGHT_OF_A_NODE + value.as_str().map_or(0, str::len)
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count()
}
