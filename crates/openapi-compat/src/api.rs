//! Everything in a document that is not a schema.
//!
//! Each document is first resolved into its operations, with the parameters, security and servers that apply to them
//! wherever they stand, and these are compared one by one. A field that no table lists breaks if it differs.

mod announcement;
mod body;
mod components;
mod extensions;
mod field;
mod operation;
mod parameters;
mod paths;
pub(crate) mod reach;
mod resolve;
mod responses;
mod security;
mod servers;

use field::{Api, Table, Verdict, compared_already, description, external_docs, info, objects, tags};
use serde_json::Value;

use crate::finding::Direction;
use crate::judge::{Effect, Judge};
use crate::node::Node;
use crate::rules;

const DOCUMENT: Table = &[
    (&["openapi"], openapi),
    (&["info"], |api, direction, old, new, key| {
        let (old, new) = objects(old, new, key);
        api.object(direction, &old, &new, INFO);
        Verdict::Vouched
    }),
    (&["jsonSchemaDialect"], dialect),
    (&["servers"], servers::of_document),
    (&["paths"], paths::paths),
    (&["webhooks"], paths::webhooks),
    // It has no effect but on the operations that inherit it.
    (&["security"], compared_already),
    (&["components"], components::components),
    (&["tags"], tags),
    (&["externalDocs"], external_docs),
    // References have been resolved.
    (&["$self"], info),
];

const INFO: Table = &[
    (&["contact"], info),
    (&["description"], description),
    (&["license"], info),
    (&["summary"], description),
    (&["termsOfService"], info),
    (&["title"], info),
    (&["version"], info),
];

/// The dialects that say the same as what a document has that names none.
const DEFAULT_DIALECTS: &[&str] =
    &["https://spec.openapis.org/oas/3.1/dialect/", "https://spec.openapis.org/oas/3.2/dialect/"];

/// Compares two documents.
pub(crate) fn compare<'a>(judge: &mut Judge<'a>, old: &Node<'a>, new: &Node<'a>) {
    if old.value == new.value {
        return;
    }
    let mut api = Api::new(judge);
    api.object(Direction::Document, old, new, DOCUMENT);
    api.finish();
}

fn openapi<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let minor = |node: &Node<'a>| {
        let version = node.value.get(key)?.as_str()?;
        Some(version.rsplit_once('.')?.0.to_owned())
    };
    let (rule, effect) = if minor(old).is_some() && minor(old) == minor(new) {
        (&rules::OPENAPI_PATCH_CHANGED, Effect::Words)
    } else {
        (&rules::OPENAPI_VERSION_CHANGED, Effect::Breaks("breaks anybody whose tools read only the old version"))
    };
    api.any_change(direction, rule, effect, (old, new, key))
}

fn dialect<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let read = |node: &Node<'a>| match node.value.get(key).map(Value::as_str) {
        None => Some(None),
        Some(Some(dialect)) if DEFAULT_DIALECTS.iter().any(|known| dialect.starts_with(known)) => Some(None),
        Some(other) => other.map(Some),
    };
    if read(old).is_some() && read(old) == read(new) {
        return Verdict::Vouched;
    }
    let effect = Effect::Breaks("may break anybody, since the schemas mean something else");
    api.any_change(direction, &rules::DIALECT_CHANGED, effect, (old, new, key))
}
