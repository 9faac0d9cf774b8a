//! Everything in a document that is not a schema.

use crate::judge::Judge;
use crate::node::Node;

/// Compares two documents.
pub(crate) fn compare<'a>(judge: &mut Judge<'a>, old: &Node<'a>, new: &Node<'a>) {
    use crate::finding::Direction;
    let names = |node: &Node<'a>| node.get("components").and_then(|it| it.get("schemas")).map(|it| it.names()).unwrap_or_default();
    for name in names(old) {
        let pointer = crate::json_pointer::child("/components/schemas", name);
        for direction in [Direction::Request, Direction::Response] {
            if let (Some(old), Some(new)) = (old.at(&pointer), new.at(&pointer)) {
                crate::schema::compare(judge, direction, &old, &new);
            }
        }
    }
}
