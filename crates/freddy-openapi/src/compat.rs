//! Which clients and servers a change of the document breaks.
//!
//! [`diff`] compares two OpenAPI 3.1 documents and lists every change. The order of names in an object does not matter.
//!
//! # What is compared
//! A schema is a set of values. A change that removes values **narrows** it, and one that adds values **widens** it. A
//! request is what a client sends, so narrowing breaks it; a response is what a client receives, so widening breaks it.
//! Under `not` it is the other way round. A change that does both, or that cannot be decided, breaks either way. So does a
//! change of any keyword or field that no table of this module lists: **unrecognised changes are reported as breaking.**
//!
//! Some rules do not follow from sets of values:
//! - Describing a property of an open object for the first time narrows it. A response may gain an optional field; a
//!   request may not, since clients may already send that name. A property that is no longer described breaks both.
//! - Making an optional field required also breaks responses: a client made from the new document cannot read what servers
//!   of the old one still send.
//! - Clients are generated from the document, so whatever names their code (operation IDs, the tags of operations,
//!   parameters, the component of a schema) may be added but not removed. The same goes for `additionalProperties: true`:
//!   it means nothing to a validator, but some generated clients refuse unknown fields without it.
//! - `x-extensible-enum` lists the known part of an open set: values may be added but not removed. `x-details-by-code`
//!   names a component for each code, with the same rule.
//! - `default` is what a reader assumes for an absent field, so it may be added but not changed. `readOnly` and `writeOnly`
//!   decide whether a field is there at all, so any change of them breaks.
//! - A pattern is the language that it describes. Where possible, it is decided which of two contains the other.
//! - `oneOf`, `if` and `unevaluatedProperties` can turn a gain into a loss, so any change of values below them breaks.
//! - A new status is compatible if `default`, or a range such as `4XX`, covered it and allowed all that it says; an
//!   optional header of that response may be missing. A status, header, media type, parameter or server may not be removed.
//! - Generated clients send to the first server, so another first one breaks.
//! - A reference that cannot be followed here (an anchor, a `$dynamicRef`) may lead to anything, so it counts as changed
//!   whenever the document is.
//! - Security requirements are alternatives: adding one is compatible, removing one is not.
//! - A component is published by its name, so it may not be removed. One that no path reaches, such as those that
//!   `x-details-by-code` names, is judged as something that a client receives.
//! - Descriptions, examples, `deprecated` and the document's own version are documentation.
//!
//! What a `$ref` names is compared once for each direction, and its changes are reported where it is defined. This also
//! covers schemas that refer to themselves.
//!
//! # Why not a library
//! None judges all of this for 3.1. Of twelve breaking and five harmless edits of this document, `redocly diff` finds ten,
//! api-smart-diff eight, optic seven and openapi-diff six; drift reads 3.0 only. jsoncompat decides whether one schema
//! contains another and knows more keywords than this module does, but it calls itself alpha, brings 280 crates, lists no
//! compatible changes, and finds four of the nine breaking edits of the published document in `tests/compat/cases.yaml`: it
//! sees neither extensions nor components that no path reaches.

mod change;
mod document;
mod document_node;
mod judge;
mod pattern;
mod schema;

pub use change::{Change, Class, Direction};
use document_node::DocumentNode;
use judge::Judge;
use serde_json::Value;

/// Every change from one OpenAPI 3.1 document to another: breaking ones first, then by pointer.
///
/// ```
/// use freddy_openapi::compat::{self, Class};
/// use serde_json::json;
///
/// let old = freddy_openapi::contract().document()?;
/// let mut new = old.clone();
/// new["components"]["schemas"]["ErrorObject"]["properties"]["details"]["type"] = json!(["object", "null"]);
/// let changes = compat::diff(&old, &new);
/// assert_eq!(changes[0].class, Class::Breaking);
/// assert_eq!(changes[0].pointer, "/components/schemas/ErrorObject/properties/details/type");
/// # Ok::<(), freddy_openapi::SpecError>(())
/// ```
#[must_use]
pub fn diff(old: &Value, new: &Value) -> Vec<Change> {
    let mut judge = Judge::default();
    document::compare(&mut judge, &DocumentNode::root(old), &DocumentNode::root(new));
    let mut changes = judge.into_changes();
    changes.sort();
    changes.dedup();
    changes
}
