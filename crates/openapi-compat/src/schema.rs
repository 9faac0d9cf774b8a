//! Two schemas as sets of values, and as what code is generated from.
//!
//! Both are read into a [normal form](shape): the alternatives that they allow, each of one type. One decision of
//! [inclusion](inclusion) over it says whether what is sent by one document can be read by the other. The
//! [comparison](compare) walks through both at once and says which keyword makes the difference; it may not call a pair
//! compatible of which inclusion was not proved.

mod budget;
mod code;
mod compare;
mod inclusion;
mod normal;
mod sameness;
mod shape;

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use crate::finding::Direction;
use crate::node::Node;
use crate::pattern::Patterns;
use inclusion::{Open, Question};
use sameness::Sameness;
use shape::{Key, Shape};

pub(crate) use budget::Budget;
pub(crate) use compare::compare;

/// The components that build on another by `allOf`, by the pointer of that one.
pub(crate) fn subtypes(document: &Value) -> HashMap<String, Vec<String>> {
    let mut all: HashMap<String, Vec<String>> = HashMap::new();
    for (base, subtype) in sameness::subtypes(document) {
        all.entry(base).or_default().push(subtype);
    }
    all
}

/// Two schemas, the direction in which they were compared, and whether their values were vouched for.
type Visit = (Key, Key, Direction, bool);

/// What is known of the schemas of two documents.
#[derive(Debug, Default)]
pub(crate) struct Known<'a> {
    shapes: HashMap<Key, Rc<[Shape<'a>]>>,
    /// The weight of the shapes.
    kept: usize,
    expanding: Vec<Key>,
    pub(crate) budget: Budget,
    answers: HashMap<Question, bool>,
    open: Open<'a>,
    /// Whether a schema allows a value, by where both stand.
    accepted: HashMap<(usize, Key), Option<bool>>,
    /// Names as values.
    names: HashMap<String, Rc<Value>>,
    /// Whether a schema says that what it is about is only received, and only sent.
    one_way: HashMap<usize, [bool; 2]>,
    patterns: Patterns,
    sameness: Sameness,
    /// Where references lead that say nothing else.
    ends: HashMap<usize, Node<'a>>,
    pub(crate) visited: Visited,
}

/// What was compared already.
#[derive(Debug, Default)]
pub(crate) struct Visited {
    schemas: HashSet<Visit>,
    /// Those of which the annotations were compared.
    annotations: HashSet<(usize, usize, Direction)>,
}
