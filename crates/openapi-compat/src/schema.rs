//! Two schemas as sets of values, and as what code is generated from.

use crate::finding::Direction;
use crate::judge::Judge;
use crate::node::Node;

/// What is known of the schemas that were compared already.
#[derive(Debug, Default)]
pub(crate) struct Known<'a> {
    marker: std::marker::PhantomData<&'a ()>,
}

/// Compares two schemas that stand at the same position. One that is absent allows everything: see `Node::get_or`.
pub(crate) fn compare<'a>(judge: &mut Judge<'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    let _ = (judge, direction, old, new);
}
