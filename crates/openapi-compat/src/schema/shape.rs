//! The normal form of a schema: the alternatives that it allows, each of one type, with everything that restricts them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

use serde_json::{Map, Value};

use crate::decimal::Decimal;
use crate::node::Node;
use crate::value::Distinct;

/// The types of JSON. An integer is a number that is whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl Kind {
    pub(super) const ALL: [Self; 6] =
        [Self::Null, Self::Boolean, Self::Number, Self::String, Self::Array, Self::Object];

    pub(super) fn of(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(_) => Self::Boolean,
            Value::Number(_) => Self::Number,
            Value::String(_) => Self::String,
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::String => "string",
            Self::Array => "array",
            Self::Object => "object",
        }
    }
}

/// What tells schemas that all apply from others. Most are only one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    One(usize),
    Several(Rc<[usize]>),
}

/// Schemas of one document that all apply, sorted by where they are, each once.
#[derive(Clone, Debug, Default)]
pub(super) struct Conjunction<'a>(Rc<[Node<'a>]>);

impl<'a> Conjunction<'a> {
    pub(super) fn new(mut nodes: Vec<Node<'a>>) -> Self {
        if nodes.len() > 1 {
            let mut known = HashSet::new();
            nodes.retain(|node| known.insert(node.id()));
            // Not by where they are in memory, which is another place in every run.
            nodes.sort_by(|one, other| one.pointer.cmp(&other.pointer));
        }
        Self(nodes.into())
    }

    pub(super) fn nodes(&self) -> &[Node<'a>] {
        &self.0
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.0.iter().map(Node::id).eq(other.0.iter().map(Node::id))
    }

    pub(super) fn key(&self) -> Key {
        match &*self.0 {
            [node] => Key::One(node.id()),
            nodes => Key::Several(nodes.iter().map(Node::id).collect()),
        }
    }
}

/// The only values that are allowed, each once.
#[derive(Clone, Debug)]
pub(super) struct Listed<'a> {
    values: Rc<[&'a Value]>,
    index: Rc<HashSet<Distinct<'a>>>,
}

impl<'a> Listed<'a> {
    pub(super) fn new(values: impl IntoIterator<Item = &'a Value>) -> Self {
        let mut index = HashSet::new();
        let values = values.into_iter().filter(|value| index.insert(Distinct(value))).collect();
        Self { values, index: index.into() }
    }

    pub(super) fn values(&self) -> &[&'a Value] {
        &self.values
    }

    pub(super) fn contains(&self, value: &Value) -> bool {
        self.index.contains(&Distinct(value))
    }

    /// Those of which this holds.
    pub(super) fn filtered(&self, holds: impl Fn(&Value) -> bool) -> Self {
        Self::new(self.values.iter().copied().filter(|value| holds(value)))
    }
}

/// Something that can only be compared by what it says: an unknown keyword, or one that is malformed or entangled.
#[derive(Clone, Debug)]
pub(super) struct Opaque<'a> {
    pub(super) node: Node<'a>,
    pub(super) key: &'a str,
    /// What it means depends on the rest of its schema.
    pub(super) is_entangled: bool,
    /// Even the same words may mean something else, as with a reference that cannot be followed.
    pub(super) is_unreadable: bool,
}

/// What one schema says about the items of an array.
#[derive(Clone, Debug)]
pub(super) struct Items<'a> {
    /// The schemas of the first items.
    pub(super) first: Vec<Node<'a>>,
    /// That of all others.
    pub(super) rest: Option<Node<'a>>,
}

/// What one schema says about the fields of an object.
#[derive(Clone, Debug)]
pub(super) enum Fields<'a> {
    /// `properties`, `patternProperties` and `additionalProperties`.
    Named {
        node: Node<'a>,
        properties: Option<&'a Map<String, Value>>,
        patterns: Option<&'a Map<String, Value>>,
        rest: Option<Node<'a>>,
    },
    /// `unevaluatedProperties`, with what the rest of its schema evaluates.
    Unevaluated { names: Rc<BTreeSet<&'a str>>, patterns: Rc<BTreeSet<&'a str>>, rest: Node<'a> },
    /// The field must be absent.
    Without(&'a str, Node<'a>),
}

/// `contains` with its counts.
#[derive(Clone, Debug)]
pub(super) struct Contains<'a> {
    pub(super) item: Conjunction<'a>,
    pub(super) least: u64,
    pub(super) most: Option<u64>,
}

/// One alternative of a schema.
#[derive(Clone, Debug)]
pub(super) struct Shape<'a> {
    pub(super) kind: Kind,
    /// The schemas that it was made from; those that apply to the whole first.
    pub(super) nodes: Vec<Node<'a>>,
    /// The only values that are allowed.
    pub(super) only: Option<Listed<'a>>,
    pub(super) whole: bool,
    /// The least number, and whether it is excluded itself.
    pub(super) low: Option<(Decimal, bool)>,
    /// The greatest number, and whether it is excluded itself.
    pub(super) high: Option<(Decimal, bool)>,
    pub(super) multiples: Vec<Decimal>,
    /// The least count of characters, items or fields.
    pub(super) least: u64,
    /// The greatest count of them.
    pub(super) most: Option<u64>,
    pub(super) patterns: BTreeSet<&'a str>,
    pub(super) formats: BTreeSet<&'a str>,
    pub(super) unique: bool,
    pub(super) items: Vec<Items<'a>>,
    pub(super) contains: Vec<Contains<'a>>,
    pub(super) fields: Vec<Fields<'a>>,
    pub(super) required: BTreeSet<&'a str>,
    /// What every name has to be.
    pub(super) names: Vec<Node<'a>>,
    /// What a discriminator says of this alternative: the field, and its values here.
    pub(super) tags: BTreeMap<&'a str, BTreeSet<String>>,
    /// What it must not be.
    pub(super) nots: Vec<Conjunction<'a>>,
    /// What it is not, since a discriminator tells them apart.
    pub(super) apart: Vec<Conjunction<'a>>,
    pub(super) opaque: Vec<Opaque<'a>>,
}

impl<'a> Shape<'a> {
    /// Every value of a type.
    pub(super) fn any(kind: Kind) -> Self {
        Self {
            kind,
            nodes: Vec::new(),
            only: None,
            whole: false,
            low: None,
            high: None,
            multiples: Vec::new(),
            least: 0,
            most: None,
            patterns: BTreeSet::new(),
            formats: BTreeSet::new(),
            unique: false,
            items: Vec::new(),
            contains: Vec::new(),
            fields: Vec::new(),
            required: BTreeSet::new(),
            names: Vec::new(),
            tags: BTreeMap::new(),
            nots: Vec::new(),
            apart: Vec::new(),
            opaque: Vec::new(),
        }
    }

    /// What both allow, if they are of one type.
    pub(super) fn and(&self, other: &Self) -> Option<Self> {
        if self.kind != other.kind {
            return None;
        }
        let mut both = self.clone();
        let known: BTreeSet<_> = both.nodes.iter().map(Node::id).collect();
        both.nodes.extend(other.nodes.iter().filter(|node| !known.contains(&node.id())).cloned());
        both.only = match (both.only, &other.only) {
            (Some(one), Some(other)) => Some(one.filtered(|value| other.contains(value))),
            (one, other) => one.or_else(|| other.clone()),
        };
        both.whole |= other.whole;
        both.raise(other.low);
        both.lower(other.high);
        both.multiples.extend(&other.multiples);
        both.least = both.least.max(other.least);
        both.cap(other.most);
        both.patterns.extend(&other.patterns);
        both.formats.extend(&other.formats);
        both.unique |= other.unique;
        both.items.extend_from_slice(&other.items);
        both.contains.extend_from_slice(&other.contains);
        both.fields.extend_from_slice(&other.fields);
        both.required.extend(&other.required);
        both.names.extend_from_slice(&other.names);
        for (name, values) in &other.tags {
            match both.tags.get_mut(name) {
                Some(known) => known.retain(|value| values.contains(value)),
                None => drop(both.tags.insert(name, values.clone())),
            }
        }
        both.nots.extend_from_slice(&other.nots);
        both.apart.extend_from_slice(&other.apart);
        both.opaque.extend_from_slice(&other.opaque);
        Some(both)
    }

    /// How much there is to look at.
    pub(super) fn weight(&self) -> usize {
        let Self { nodes, only, multiples, patterns, formats, items, contains, fields, required, names, .. } = self;
        let lists = [nodes.len(), multiples.len(), patterns.len(), formats.len(), items.len(), contains.len()];
        let others = [fields.len(), required.len(), names.len(), self.tags.len(), self.nots.len(), self.apart.len()];
        let listed = only.as_ref().map_or(0, |only| only.values().len());
        1 + lists.into_iter().chain(others).sum::<usize>() + self.opaque.len() + listed
    }

    /// Raises the least number.
    pub(super) fn raise(&mut self, low: Option<(Decimal, bool)>) {
        self.low = self.low.max(low);
    }

    /// Lowers the greatest number.
    pub(super) fn lower(&mut self, high: Option<(Decimal, bool)>) {
        // An excluded bound is the smaller one.
        let order = |(bound, excluded): (Decimal, bool)| (bound, !excluded);
        self.high = match (self.high, high) {
            (Some(one), Some(other)) => Some(if order(one) <= order(other) { one } else { other }),
            (one, other) => one.or(other),
        };
    }

    /// Lowers the greatest count.
    pub(super) fn cap(&mut self, most: Option<u64>) {
        self.most = match (self.most, most) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }

    /// Whether nothing but the type, and perhaps the listed values, restricts it.
    pub(super) fn is_only_listed(&self) -> bool {
        let Self { kind: _, nodes: _, only: _, whole, low, high, multiples, least, most, patterns, formats, .. } = self;
        let Self { unique, items, contains, fields, required, names, tags: _, nots, opaque, .. } = self;
        !whole
            && low.is_none()
            && high.is_none()
            && multiples.is_empty()
            && *least == 0
            && most.is_none()
            && patterns.is_empty()
            && formats.is_empty()
            && !unique
            && items.is_empty()
            && contains.is_empty()
            && fields.is_empty()
            && required.is_empty()
            && names.is_empty()
            && nots.is_empty()
            && opaque.is_empty()
    }

    /// The same values in fewer words. `None` if there are none.
    pub(super) fn simplified(mut self) -> Option<Self> {
        if self.whole {
            let inner = |(bound, excluded): (Decimal, bool), whole: Decimal, by: i128| {
                if !excluded || whole != bound {
                    return (whole, false);
                }
                whole.step(by).map_or((bound, true), |next| (next, false))
            };
            self.low = self.low.map(|low| inner(low, low.0.ceil(), 1));
            self.high = self.high.map(|high| inner(high, high.0.floor(), -1));
        }
        if let (Some((low, low_excluded)), Some((high, high_excluded))) = (self.low, self.high)
            && (low > high || (low == high && (low_excluded || high_excluded)))
        {
            return None;
        }
        self.multiples.sort_unstable();
        self.multiples.dedup();
        if self.most.is_some_and(|most| most < self.least)
            || self.only.as_ref().is_some_and(|only| only.values().is_empty())
        {
            return None;
        }
        let is_forbidden = |name: &&&str| {
            self.fields.iter().any(|fields| matches!(fields, Fields::Without(without, _) if *without == **name))
        };
        if self.required.iter().find(is_forbidden).is_some() || self.tags.values().any(BTreeSet::is_empty) {
            return None;
        }
        Some(self)
    }
}
