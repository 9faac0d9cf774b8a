//! Bodies of requests and responses: their media types, and how their parts are encoded.

use std::collections::BTreeSet;

use serde_json::Value;

use super::field::{Api, EMPTY, Pairs, Table, Verdict, description, entries, examples, flag, objects};
use super::parameters::{headers, presence, reserved, written};
use crate::finding::Direction;
use crate::judge::{Effect, Place};
use crate::node::{Node, TRUE};
use crate::{rules, schema};

const REQUEST_BODY: Table = &[
    (&["required"], |api, direction, old, new, key| {
        presence(api, direction, (old, new, key), &rules::BODY_REQUIRED, &rules::BODY_OPTIONAL)
    }),
    (&["content"], content),
    (&["description"], description),
];

const MEDIA_TYPE: Table = &[
    (&["schema"], schema),
    (&["itemSchema"], schema),
    (&["encoding"], encodings),
    (&["itemEncoding"], |api, direction, old, new, key| {
        let (old, new) = objects(old, new, key);
        api.object(direction, &old, &new, ENCODING);
        Verdict::Vouched
    }),
    (&["example"], examples),
    (&["examples"], examples),
];

const ENCODING: Table = &[
    (&["contentType"], content_type),
    (&["headers"], headers),
    (&["style", "explode"], |api, direction, old, new, _| {
        written(api, direction, (old, new), &rules::ENCODING_CHANGED, |_| "form", property)
    }),
    (&["allowReserved"], |api, direction, old, new, key| {
        reserved(api, direction, (old, new, key), &rules::ENCODING_CHANGED)
    }),
];

/// The bodies of two operations.
pub(super) fn request_body<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    match (old.get("requestBody"), new.get("requestBody")) {
        (None, None) => {}
        (Some(old), Some(new)) => api.referable(direction, &old, &new, body),
        (None, Some(new)) => {
            // What cannot be found in the document counts as required.
            let is_required = new.resolved().is_none_or(|new| flag(&new, "required") != Some(false));
            let (rule, effect, what) = match direction {
                Direction::Request if is_required => {
                    (&rules::REQUIRED_BODY_ADDED, Effect::Narrower, "a required body is new")
                }
                _ => (&rules::BODY_ADDED, Effect::Wider, "the body is new"),
            };
            api.report(direction, rule, effect, Place::Came(&new), what);
        }
        (Some(old), None) => {
            let effect = Effect::Breaks("breaks clients that rely on it");
            api.report(direction, &rules::BODY_REMOVED, effect, Place::Gone(&old), "the body is gone");
        }
    }
}

pub(super) fn body<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    api.object(direction, old, new, REQUEST_BODY);
}

/// The schema in a field. An absent one allows everything.
pub(super) fn schema<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    if old.get(key).is_some() || new.get(key).is_some() {
        schema::compare(api.judge, direction, &old.get_or(key, &TRUE), &new.get_or(key, &TRUE));
    }
    Verdict::Vouched
}

/// The media types of a body. One that is new may take over from one that covered it, and the other way round.
pub(super) fn content<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (Some(before), Some(after)) = (media_types(old, key), media_types(new, key)) else { return Verdict::Unread };
    let (olds, news) = (before.clone(), after.clone());
    let pairs = Pairs::new(before, after, |(name, _)| name.clone());
    for ((_, old), (_, new)) in &pairs.both {
        media_type_or_reference(api, direction, old, new);
    }
    for (name, old) in &pairs.gone {
        if let Some((wider, new)) = covering(&news, name) {
            let effect = Effect::Fits("the two are compared");
            let what = format!("`{name}` is no longer described of its own, and `{wider}` covers it");
            api.report(direction, &rules::MEDIA_TYPE_COVERED, effect, Place::Gone(old), what);
            media_type_or_reference(api, direction, old, new);
        } else {
            let with_parameter = format!("{name};");
            let is_kept = news.iter().any(|(new, _)| new.starts_with(&with_parameter));
            let effect = match direction {
                Direction::Response if is_kept => {
                    Effect::Fits("clients that ask for it get it with a parameter from now on")
                }
                Direction::Response => Effect::Breaks("breaks clients that ask for it"),
                _ => Effect::Narrower,
            };
            let what = format!("media type `{name}` is gone");
            api.report(direction, &rules::MEDIA_TYPE_REMOVED, effect, Place::Gone(old), what);
        }
    }
    for (name, new) in &pairs.came {
        if let Some((wider, old)) = covering(&olds, name) {
            let effect = Effect::Fits("the two are compared");
            let what = format!("`{name}` is described of its own, and `{wider}` covered it");
            api.report(direction, &rules::MEDIA_TYPE_TAKES_OVER, effect, Place::Came(new), what);
            media_type_or_reference(api, direction, old, new);
        } else {
            let effect = match direction {
                Direction::Response if olds.is_empty() => {
                    Effect::Fits("clients of the old document read no body and go on without it")
                }
                Direction::Response => Effect::Fits(
                    "clients get it if they ask for it, so servers should not send it to a client whose `Accept` does \
                     not name it",
                ),
                _ => Effect::Wider,
            };
            let what = format!("media type `{name}` is new");
            api.report(direction, &rules::MEDIA_TYPE_ADDED, effect, Place::Came(new), what);
        }
    }
    Verdict::Vouched
}

fn media_type_or_reference<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    if old.reference().is_some() || new.reference().is_some() {
        api.referable(direction, old, new, media_type);
    } else {
        media_type(api, direction, old, new);
    }
}

pub(super) fn media_type<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    api.object(direction, old, new, MEDIA_TYPE);
}

/// The media types by their names in one notation; `None` if it is no object.
fn media_types<'a>(node: &Node<'a>, key: &str) -> Option<Vec<(String, Node<'a>)>> {
    let list = entries(node, key)?.into_iter().map(|(name, node)| (in_one_notation(name), node));
    let list: Vec<_> = list.collect();
    let is_twice = |(index, (name, _)): (usize, &(String, _))| list.iter().take(index).any(|(other, _)| other == name);
    (!list.iter().enumerate().any(is_twice)).then_some(list)
}

/// A media type without differences that mean nothing: case, spaces, quotes, and the order of parameters.
fn in_one_notation(name: &str) -> String {
    let mut parts = name.split(';').map(str::trim);
    let essence = parts.next().unwrap_or_default().to_ascii_lowercase();
    let parameters: BTreeSet<_> = parts
        .filter(|part| !part.is_empty())
        .map(|part| match part.split_once('=') {
            Some((name, value)) => {
                let (name, value) = (name.trim().to_ascii_lowercase(), value.trim().trim_matches('"'));
                let value = if name == "charset" { value.to_ascii_lowercase() } else { value.to_owned() };
                format!("; {name}={value}")
            }
            None => format!("; {part}"),
        })
        .collect();
    essence + &parameters.into_iter().collect::<String>()
}

/// The most specific other media type that covers this one.
fn covering<'l, 'a>(list: &'l [(String, Node<'a>)], name: &str) -> Option<(&'l str, &'l Node<'a>)> {
    let essence = name.split(';').next().unwrap_or_default();
    let range = essence.split('/').next().map(|kind| format!("{kind}/*")).unwrap_or_default();
    [essence, &range, "*/*"].into_iter().filter(|wider| *wider != name).find_map(|wider| {
        let (wider, node) = list.iter().find(|(known, _)| known == wider)?;
        Some((wider.as_str(), node))
    })
}

/// How the parts of a body are encoded. One that is not named has the defaults.
fn encodings<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    if entries(old, key).is_none() || entries(new, key).is_none() {
        return Verdict::Unread;
    }
    let (old, new) = objects(old, new, key);
    for name in crate::node::names_of_both(&old, &new) {
        let (old, new) = (old.get_or(name, &EMPTY), new.get_or(name, &EMPTY));
        api.object(direction, &old, &new, ENCODING);
    }
    Verdict::Vouched
}

/// The media types of a part, with the default for its schema.
fn content_type<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let read = |node: &Node<'a>| -> Option<BTreeSet<String>> {
        let list = match node.value.get(key) {
            Some(list) => list.as_str()?,
            None => default_type(&property(node)?)?,
        };
        Some(list.split(',').map(in_one_notation).collect())
    };
    if old.value.get(key) == new.value.get(key) {
        return Verdict::Vouched;
    }
    let (Some(before), Some(after)) = (read(old), read(new)) else { return Verdict::Unread };
    for name in before.difference(&after) {
        let what = format!("the part may no longer be `{name}`");
        api.report(direction, &rules::ENCODING_TYPE_REMOVED, Effect::Narrower, Place::Field(old, new, key), what);
    }
    for name in after.difference(&before) {
        let what = format!("the part may be `{name}`");
        api.report(direction, &rules::ENCODING_TYPE_ADDED, Effect::Wider, Place::Field(old, new, key), what);
    }
    Verdict::Vouched
}

/// The schema of the part that an encoding is for.
fn property<'a>(encoding: &Node<'a>) -> Option<Node<'a>> {
    let media_type = encoding.parent()?.parent()?;
    let name = encoding.pointer.rsplit('/').next()?.replace("~1", "/").replace("~0", "~");
    media_type.get("schema")?.resolved()?.get("properties")?.get(&name)?.resolved()
}

fn default_type(schema: &Node<'_>) -> Option<&'static str> {
    let has = |key: &str| schema.value.get(key).is_some();
    match schema.value.get("type").and_then(Value::as_str)? {
        "string" if has("contentEncoding") || schema.value.get("format") == Some(&"binary".into()) => {
            Some("application/octet-stream")
        }
        "string" | "number" | "integer" | "boolean" => Some("text/plain"),
        "object" => Some("application/json"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::in_one_notation;

    #[test]
    fn a_media_type_has_one_notation() {
        let cases = [
            ("Application/JSON", "application/json"),
            ("text/plain;charset=UTF-8", "text/plain; charset=utf-8"),
            ("a/b; Z=\"1\" ;a=B;", "a/b; a=B; z=1"),
            ("", ""),
        ];
        for (name, expected) in cases {
            assert_eq!(in_one_notation(name), expected);
        }
    }
}
