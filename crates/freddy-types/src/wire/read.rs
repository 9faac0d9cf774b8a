//! Reading strictly: every fault is noted with its place, and what is not known is refused.

use std::collections::BTreeMap;

use serde::de::{self, Deserialize, Deserializer};
use serde::{Serialize, de::DeserializeOwned};

use crate::wire::fault::{At, Faults, Reason};
use crate::wire::shape::Shape;
use crate::wire::tree::{Tree, to_json};

/// A type that stands on the wire.
///
/// It is declared by [`object!`](crate::object), [`string_enum!`](crate::string_enum), [`union!`](crate::union) or
/// [`identifier!`](crate::identifier). Implementing it by hand is not supported: its readers are not public.
///
/// The type itself is strict: it is what a sender builds, and reading it refuses whatever a sender could not have built.
/// What a client reads of an answer is [`Received`](Self::Received), which keeps what it does not know.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not stand on the wire",
    label = "not a wire type",
    note = "declare it with `object!`, `string_enum!`, `union!` or `identifier!`, or use one of the contract's types"
)]
pub trait Wire: Clone + std::fmt::Debug + PartialEq + Serialize + Send + Sync + Sized + 'static {
    /// What a client reads in its place.
    type Received: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static;

    /// What it is, as data.
    fn shape() -> Shape;

    /// Reads a value strictly. Nothing is returned where a fault was noted.
    #[doc(hidden)]
    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self>;
}

/// A wire type that is an object, so that it can be a variant of a union.
pub trait Object: Wire {
    #[doc(hidden)]
    fn serialize_fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;

    #[doc(hidden)]
    fn read_fields(reader: &mut ObjectReader<'_>) -> Option<Self>;
}

/// What is read of an [`Object`].
pub trait ReceivedObject {
    #[doc(hidden)]
    fn serialize_fields<M: serde::ser::SerializeMap>(&self, map: &mut M) -> Result<(), M::Error>;

    /// Takes a field out of those that are not known.
    #[doc(hidden)]
    fn forget(&mut self, name: &str);
}

/// Reads a JSON text strictly: a request body, or what a server claims that it may send.
///
/// # Errors
/// Everything that is wrong with it.
pub fn read_json<T: Wire>(json: &[u8]) -> Result<T, Faults> {
    let mut faults = Faults::default();
    read_body(json, &mut faults).filter(|_| faults.is_empty()).ok_or(faults)
}

pub(crate) fn read_body<T: Wire>(json: &[u8], faults: &mut Faults) -> Option<T> {
    let at = At::root("body");
    match serde_json::from_slice::<Tree>(json) {
        Ok(tree) => T::read(&tree, &at, faults),
        Err(error) => {
            faults.add(&at, if json.is_empty() { Reason::missing() } else { Reason::json(&error) });
            None
        }
    }
}

/// What was received as what a sender builds, if nothing of it is unknown.
///
/// # Errors
/// Names every place that has something unknown.
pub fn known<T: Wire>(received: &T::Received) -> Result<T, Faults> {
    read_json(&to_json(received))
}

/// A wire type with its type erased: its shape, and its two readers.
#[derive(Clone, Copy, Debug)]
pub struct WireType {
    shape: fn() -> Shape,
    sent: fn(&[u8]) -> Result<Vec<u8>, Faults>,
    received: fn(&[u8]) -> serde_json::Result<Vec<u8>>,
}

impl WireType {
    /// That of a type.
    #[must_use]
    pub const fn of<T: Wire>() -> Self {
        Self {
            shape: T::shape,
            sent: |json| Ok(to_json(&read_json::<T>(json)?)),
            received: |json| Ok(to_json(&serde_json::from_slice::<T::Received>(json)?)),
        }
    }

    /// What it is, as data.
    #[must_use]
    pub fn shape(&self) -> Shape {
        (self.shape)()
    }

    /// Reads a JSON text as what a sender builds, and writes it again.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn rewrite_sent(&self, json: &[u8]) -> Result<Vec<u8>, Faults> {
        (self.sent)(json)
    }

    /// Reads a JSON text as a client reads it, and writes it again.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn rewrite_received(&self, json: &[u8]) -> serde_json::Result<Vec<u8>> {
        (self.received)(json)
    }
}

#[doc(hidden)]
pub fn deserialize_strictly<'de, T: Wire, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let tree = Tree::deserialize(deserializer)?;
    let mut faults = Faults::default();
    match T::read(&tree, &At::root("body"), &mut faults) {
        Some(value) if faults.is_empty() => Ok(value),
        _ => Err(de::Error::custom(faults)),
    }
}

/// Reads the fields of an object, by name.
#[doc(hidden)]
pub struct ObjectReader<'r> {
    fields: &'r [(String, Tree)],
    known: Vec<&'static str>,
    at: &'r At<'r>,
    faults: &'r mut Faults,
}

impl<'r> ObjectReader<'r> {
    /// The fields of an object; a fault where it is none.
    pub fn new(tree: &'r Tree, at: &'r At<'r>, faults: &'r mut Faults) -> Option<Self> {
        match tree {
            Tree::Object(fields) => Some(Self { fields, known: Vec::new(), at, faults }),
            _ => {
                faults.add(at, Reason::not_a("an object"));
                None
            }
        }
    }

    fn field(&mut self, name: &'static str) -> Option<&'r Tree> {
        self.known.push(name);
        let mut found = self.fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value);
        let first = found.next();
        if found.next().is_some() {
            self.faults.add(&self.at.field(name), Reason::twice());
        }
        first
    }

    pub fn required<T: Wire>(&mut self, name: &'static str) -> Option<T> {
        match self.field(name) {
            Some(value) => T::read(value, &self.at.field(name), self.faults),
            None => {
                self.faults.add(&self.at.field(name), Reason::missing());
                None
            }
        }
    }

    pub fn optional<T: Wire>(&mut self, name: &'static str) -> Option<Option<T>> {
        match self.field(name) {
            Some(value) => T::read(value, &self.at.field(name), self.faults).map(Some),
            None => Some(None),
        }
    }

    pub fn nullable<T: Wire>(&mut self, name: &'static str) -> Option<Option<T>> {
        match self.field(name) {
            Some(Tree::Null) => Some(None),
            Some(value) => T::read(value, &self.at.field(name), self.faults).map(Some),
            None => {
                self.faults.add(&self.at.field(name), Reason::missing());
                None
            }
        }
    }

    pub fn patchable<T: Wire>(&mut self, name: &'static str) -> Option<Patch<T>> {
        match self.field(name) {
            None => Some(Patch::Absent),
            Some(Tree::Null) => Some(Patch::Null),
            Some(value) => T::read(value, &self.at.field(name), self.faults).map(Patch::Value),
        }
    }

    /// The text of a union's tag.
    pub(crate) fn tag(&mut self, name: &'static str, names: &[&'static str]) -> Option<&'static str> {
        let value = self.field(name);
        let at = self.at.field(name);
        match value {
            Some(Tree::Text(text)) => {
                let known = names.iter().find(|known| *known == text).copied();
                if known.is_none() {
                    self.faults.add(&at, Reason::names(names.to_vec()));
                }
                known
            }
            Some(_) => {
                self.faults.add(&at, Reason::not_a("a string"));
                None
            }
            None => {
                self.faults.add(&at, Reason::missing());
                None
            }
        }
    }

    /// Notes every field that was not asked for.
    pub fn refuse_others(self) {
        for (name, _) in self.fields {
            if !self.known.contains(&name.as_str()) {
                self.faults.add(self.at, Reason::unknown_field(name, &self.known));
            }
        }
    }
}

/// A field of a patch: left as it is, taken away, or given a value.
///
/// On the wire it is absent, `null`, or the value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Patch<T> {
    /// Not there: leave it as it is.
    #[default]
    Absent,
    /// `null`: take it away.
    Null,
    /// The new value.
    Value(T),
}

impl<T> Patch<T> {
    /// What becomes of `old`.
    #[must_use]
    pub fn apply(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Absent => old,
            Self::Null => None,
            Self::Value(new) => Some(new),
        }
    }
}

impl<T: Wire> Wire for Vec<T> {
    type Received = Vec<T::Received>;

    fn shape() -> Shape {
        Shape::List(Box::new(T::shape()))
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        let Tree::List(items) = tree else {
            faults.add(at, Reason::not_a("an array"));
            return None;
        };
        // Every item is read, so that every fault is found.
        let read: Vec<_> = items.iter().enumerate().map(|(n, item)| T::read(item, &at.index(n), faults)).collect();
        read.into_iter().collect()
    }
}

/// A map reads the names of its entries as they come; one that stands twice is refused.
impl<T: Wire> Wire for BTreeMap<String, T> {
    type Received = ReceivedMap<T::Received>;

    fn shape() -> Shape {
        Shape::Map(Box::new(T::shape()))
    }

    fn read(tree: &Tree, at: &At<'_>, faults: &mut Faults) -> Option<Self> {
        let Tree::Object(entries) = tree else {
            faults.add(at, Reason::not_a("an object"));
            return None;
        };
        let mut map = Self::new();
        let mut is_whole = true;
        for (name, value) in entries {
            let Some(value) = T::read(value, &at.entry(), faults) else {
                is_whole = false;
                continue;
            };
            if map.insert(name.clone(), value).is_some() {
                faults.add(&at.entry(), Reason::twice());
            }
        }
        is_whole.then_some(map)
    }
}

/// A map as it was received: names and values, a name that stands twice refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReceivedMap<T>(pub BTreeMap<String, T>);

impl<T> std::ops::Deref for ReceivedMap<T> {
    type Target = BTreeMap<String, T>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

impl<T: Serialize> Serialize for ReceivedMap<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for ReceivedMap<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MapVisitor<T>(std::marker::PhantomData<T>);

        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for MapVisitor<T> {
            type Value = ReceivedMap<T>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<ReceivedMap<T>, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    if entries.insert(name, value).is_some() {
                        return Err(de::Error::custom("duplicate name in a map"));
                    }
                }
                Ok(ReceivedMap(entries))
            }
        }

        deserializer.deserialize_map(MapVisitor(std::marker::PhantomData))
    }
}
