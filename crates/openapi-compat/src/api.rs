//! Everything in a document that is not a schema.

use crate::judge::Judge;
use crate::node::Node;

/// Compares two documents.
pub(crate) fn compare<'a>(judge: &mut Judge<'a>, old: &Node<'a>, new: &Node<'a>) {
    let _ = (judge, old, new);
}
