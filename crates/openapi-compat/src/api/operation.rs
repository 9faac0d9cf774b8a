//! One operation in both documents, with all that applies to it.

use super::field::{Api, Table, Verdict, compared_already, deprecated, description, external_docs, items};
use super::resolve::Operation;
use super::{body, parameters, paths, responses, security, servers};
use crate::finding::Direction;
use crate::judge::{Effect, Place, shown, turned};
use crate::node::Node;
use crate::rules;

const NAMED_CODE: Effect = Effect::Breaks("breaks users of generated clients, whose code is named after it");

const OPERATION: Table = &[
    (&["operationId"], operation_id),
    (&["tags"], tags),
    (&["parameters"], compared_already),
    (&["requestBody"], compared_already),
    (&["responses"], compared_already),
    (&["security"], compared_already),
    (&["servers"], compared_already),
    (&["callbacks"], paths::callbacks),
    (&["deprecated"], deprecated),
    (&["description"], description),
    (&["summary"], description),
    (&["externalDocs"], external_docs),
];

pub(super) fn compare<'a>(api: &mut Api<'_, 'a>, old: &Operation<'a>, new: &Operation<'a>) {
    let (request, response) = (new.kind().request(), new.kind().response());
    let (before, after) = (&old.node, &new.node);
    if before.object().is_some() && after.object().is_some() {
        parameters::compare(api, old, new);
        security::compare(api, old, new);
        servers::of_operation(api, old, new);
        body::request_body(api, request, before, after);
        responses::responses(api, response, before, after);
    }
    api.object(request, before, after, OPERATION);
}

fn operation_id<'a>(api: &mut Api<'_, 'a>, _: Direction, old: &Node<'a>, new: &Node<'a>, key: &'static str) -> Verdict {
    let (before, after) = (old.value.get(key), new.value.get(key));
    let (rule, effect) = match (before, after) {
        (None, Some(_)) => {
            let made_up =
                Effect::Breaks("breaks users of generated clients, whose method was named after method and path");
            (&rules::OPERATION_ID_ADDED, made_up)
        }
        (Some(_), None) => (&rules::OPERATION_ID_REMOVED, NAMED_CODE),
        _ => (&rules::OPERATION_ID_CHANGED, NAMED_CODE),
    };
    if before != after {
        api.report(Direction::Code, rule, effect, Place::Field(old, new, key), turned(key, before, after));
    }
    Verdict::Told
}

/// Generated clients have a class for the first tag.
fn tags<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>, key: &'static str) -> Verdict {
    let (Some(before), Some(after)) = (items(old, key), items(new, key)) else { return Verdict::Unread };
    let [before, after] = [before, after].map(|tags| tags.first().map(|tag| tag.value));
    let rule = match (before, after) {
        (before, after) if before == after => {
            return api.any_change(direction, &rules::TAGS_CHANGED, Effect::Words, (old, new, key));
        }
        (None, _) => &rules::FIRST_TAG_ADDED,
        (_, None) => &rules::FIRST_TAG_REMOVED,
        _ => &rules::FIRST_TAG_CHANGED,
    };
    let effect = Effect::Breaks("breaks users of generated clients, whose class is named after it");
    let what = match (before.map(shown), after.map(shown)) {
        (Some(before), Some(after)) => format!("the first tag is {after} and no longer {before}"),
        (_, Some(after)) => format!("{after} is its first tag"),
        (before, None) => format!("it no longer has the tag {}", before.unwrap_or_default()),
    };
    api.report(Direction::Code, rule, effect, Place::Field(old, new, key), what);
    Verdict::Told
}
