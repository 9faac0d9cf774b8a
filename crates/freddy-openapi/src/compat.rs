//! Whom a change of the document breaks.
//!
//! [`diff`] compares two OpenAPI 3.1 documents and lists every change. The order of names in an object is not a change.
//!
//! # What is compared
//! A schema is a set of values. A change that loses values **narrows** it, one that gains values **widens** it. A request
//! is what a client sends, so narrowing breaks it; a response is what a client receives, so widening breaks it. Under
//! `not` the two change places. A change that does both, or of which it cannot be decided, breaks either way. So does
//! every keyword and every field that no table of this module lists: **what is not known counts as breaking.**
//!
//! Where sets of values do not say it:
//! - A property of an open object that is described for the first time narrows it: a response may gain an optional field,
//!   a request may not, since clients may send that name already. One that is no longer described is lost to both.
//! - An optional field that becomes required breaks responses too: a client made from the new document cannot read what
//!   servers of the old one still send.
//! - Clients are generated from the document. What their code is named after (operation IDs, the tags of operations,
//!   parameters, the component of a schema) may be added and not taken away. So may `additionalProperties: true`, without
//!   which some generated clients refuse unknown fields, although it says nothing to a validator.
//! - `x-extensible-enum` is the known part of an open set: values may be added to it, not taken away.
//!   `x-details-by-code` names a component for each code: likewise.
//! - `default` is what a reader takes for a field that is left out, so it may be added and not changed. `readOnly` and
//!   `writeOnly` say whether a field is there at all: changing them breaks.
//! - A pattern is the language that it describes; which of two contains the other is decided where it can be.
//! - `oneOf`, `if` and `unevaluatedProperties` can turn a gain into a loss, so a change of values below them breaks.
//! - A status that is new may be sent if `default`, or a range such as `4XX`, covered it and it stays within what that
//!   one says; a header that is not required there may be missing. A status, header, media type, parameter or server may not be taken away.
//! - Generated clients send to the first server, so another first one breaks.
//! - What a reference that cannot be followed here may lead to (an anchor, a `$dynamicRef`) is not known.
//! - Security requirements are alternatives: one more is compatible, one less is not.
//! - A component is published by its name, so it may not be taken away. One that no path reaches, such as those that
//!   `x-details-by-code` names, is judged as what a client receives.
//! - Descriptions, examples, `deprecated` and the document's own version are documentation.
//!
//! What a `$ref` names is compared once for each direction, and its changes are shown where it stands; a schema that
//! refers to itself needs nothing more.
//!
//! # Why not a library
//! None judges all of this for 3.1: tried on twelve breaking and five harmless edits of this document, `redocly diff`
//! finds ten, api-smart-diff eight, optic seven, openapi-diff six, and drift reads 3.0 only. jsoncompat decides whether
//! one schema contains another, for more keywords than are known here, but calls itself alpha, brings 280 crates, lists no
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

/// Every change from one OpenAPI 3.1 document to another: the breaking ones first, then by their place.
///
/// ```
/// use freddy_openapi::compat::{self, Class};
/// use serde_json::json;
///
/// let old = freddy_openapi::contract().document()?;
/// let mut new = old.clone();
/// new["components"]["schemas"]["ApiError"]["properties"]["details"]["type"] = json!(["object", "null"]);
/// let changes = compat::diff(&old, &new);
/// assert_eq!(changes[0].class, Class::Breaking);
/// assert_eq!(changes[0].pointer, "/components/schemas/ApiError/properties/details/type");
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
