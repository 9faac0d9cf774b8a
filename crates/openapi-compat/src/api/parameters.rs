//! Parameters and headers.

use serde_json::Value;

use super::announcement::announcement;
use super::body;
use super::field::{Api, Pairs, Table, Verdict, compared_already, deprecated, description, entries, examples, flag};
use super::resolve::{Operation, Parameter};
use crate::finding::Direction;
use crate::judge::{Effect, Place, UNKNOWN};
use crate::node::Node;
use crate::rules::{self, Rule};

const OLD_FORM: Effect = Effect::Breaks("breaks clients that write or read it in the old form");
const MOVED: Effect = Effect::Breaks("breaks users of generated clients that pass parameters by position");

const PARAMETER: Table = &[
    (&["required"], required),
    (&["schema", "content"], value),
    (&["style", "explode"], style),
    (&["allowReserved"], allow_reserved),
    (&["allowEmptyValue"], allow_empty),
    (&["deprecated"], deprecated),
    (&["description"], description),
    (&["example"], examples),
    (&["examples"], examples),
    // The identity of a parameter: the case of a header and the name in a path are compared elsewhere, or no client sees them.
    (&["name"], compared_already),
    (&["in"], compared_already),
];

const HEADER: Table = &[
    (&["required"], header_required),
    (&["schema", "content"], value),
    (&["style", "explode"], style),
    (&["deprecated"], deprecated),
    (&["description"], description),
    (&["example"], examples),
    (&["examples"], examples),
];

/// Compares the parameters of two operations: on the wire, and in the order in which code gets them.
pub(super) fn compare<'a>(api: &mut Api<'_, 'a>, old: &Operation<'a>, new: &Operation<'a>) {
    let direction = new.kind().request();
    let ((before, old_unread), (after, new_unread)) = (old.parameters(), new.parameters());
    let what = "it cannot be read as a parameter, or refers to something that is not in the document";
    // The documents differ, so what cannot be read may differ too.
    for site in &new_unread {
        api.report(direction, &rules::UNREADABLE, UNKNOWN, Place::Came(site), what);
    }
    for site in old_unread.iter().filter(|_| new_unread.is_empty()) {
        api.report(direction, &rules::UNREADABLE, UNKNOWN, Place::Gone(site), what);
    }

    order(api, &before, &after, (&old.node, &new.node));
    let pairs = Pairs::new(before, after, |parameter| parameter.identity.clone());
    for (old, new) in &pairs.both {
        api.reference(direction, &old.site, &new.site);
        if api.judge.is_first(direction, &old.node, &new.node) {
            parameter(api, direction, &old.node, &new.node);
        }
    }
    for old in &pairs.gone {
        let (rule, name) = match announcement(&old.node, api.judge.today) {
            Some(_) => (&rules::DEPRECATED_PARAMETER_REMOVED, "deprecated parameter"),
            None => (&rules::PARAMETER_REMOVED, "parameter"),
        };
        let effect = Effect::Breaks("breaks clients that use it");
        api.report(direction, rule, effect, Place::Gone(&old.site), format!("{name} {} is gone", old.identity));
    }
    for new in &pairs.came {
        let (rule, effect, name) = if new.is_required() {
            (&rules::REQUIRED_PARAMETER_ADDED, Effect::Narrower, "required parameter")
        } else {
            (&rules::PARAMETER_ADDED, Effect::Fits("clients may leave it out"), "parameter")
        };
        api.report(direction, rule, effect, Place::Came(&new.site), format!("{name} {} is new", new.identity));
    }
}

/// Generated methods take the parameters in the order in which they are listed.
fn order<'a>(
    api: &mut Api<'_, 'a>,
    before: &[Parameter<'a>],
    after: &[Parameter<'a>],
    (old, new): (&Node<'a>, &Node<'a>),
) {
    let is_in = |list: &[Parameter<'a>], it: &Parameter<'a>| list.iter().any(|other| other.identity == it.identity);
    let kept: Vec<_> = before.iter().filter(|it| is_in(after, it)).map(|it| &it.identity).collect();
    let still: Vec<_> = after.iter().filter(|it| is_in(before, it)).map(|it| &it.identity).collect();
    if kept != still {
        let name = |it: &&String| (*it).clone();
        let [now, was] = [&still, &kept].map(|list| list.iter().map(name).collect::<Vec<_>>().join(", "));
        let what = format!("the order of parameters is now {now} and no longer {was}");
        api.report(Direction::Code, &rules::PARAMETER_ORDER_CHANGED, MOVED, Place::Field(old, new, "parameters"), what);
    }
    let last = after.iter().rposition(|it| is_in(before, it)).unwrap_or_default();
    for new in after.iter().take(last).filter(|it| !is_in(before, it)) {
        let what = format!("parameter {} is new and stands before others", new.identity);
        api.report(Direction::Code, &rules::PARAMETER_INSERTED, MOVED, Place::Came(&new.site), what);
    }
}

pub(super) fn parameter<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    api.object(direction, old, new, PARAMETER);
}

pub(super) fn header<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    api.object(direction, old, new, HEADER);
}

/// The headers of a response or of a part of a body. Their names have no case, and `Content-Type` is ignored.
pub(super) fn headers<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (Some(before), Some(after)) = (entries(old, key), entries(new, key)) else { return Verdict::Unread };
    let is_read = |(name, _): &(&str, Node<'a>)| !name.eq_ignore_ascii_case("content-type");
    let [before, after] = [before, after].map(|list| list.into_iter().filter(is_read).collect::<Vec<_>>());
    let pairs = Pairs::new(before, after, |(name, _)| name.to_ascii_lowercase());
    for ((_, old), (_, new)) in pairs.both {
        // A header may have a media type, whose parts have headers.
        api.later(|api, direction, old, new| api.referable(direction, old, new, header), direction, old, new);
    }
    for (name, old) in pairs.gone {
        // What cannot be found in the document counts as required.
        let is_required = old.resolved().is_none_or(|old| flag(&old, "required") != Some(false));
        if is_required || !api.one_of_several {
            let effect = Effect::Breaks("breaks clients that use it");
            api.report(
                direction,
                &rules::HEADER_REMOVED,
                effect,
                Place::Gone(&old),
                format!("header `{name}` is gone"),
            );
        }
    }
    for (name, new) in pairs.came {
        let is_required = new.resolved().is_none_or(|new| flag(&new, "required") != Some(false));
        let effect = match direction {
            Direction::Request if is_required => Effect::Narrower,
            _ => Effect::Fits("nobody relies on it yet"),
        };
        api.report(direction, &rules::HEADER_ADDED, effect, Place::Came(&new), format!("header `{name}` is new"));
    }
    Verdict::Vouched
}

fn required<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    if [old, new].iter().all(|node| node.value.get("in").and_then(Value::as_str) == Some("path")) {
        return Verdict::Vouched;
    }
    presence(api, direction, (old, new, key), &rules::PARAMETER_REQUIRED, &rules::PARAMETER_OPTIONAL)
}

fn header_required<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    presence(api, direction, (old, new, key), &rules::HEADER_REQUIRED, &rules::HEADER_OPTIONAL)
}

/// A flag that says whether something has to be there.
pub(super) fn presence<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    (old, new, key): (&Node<'a>, &Node<'a>, &'static str),
    required: &'static Rule,
    optional: &'static Rule,
) -> Verdict {
    let (Some(before), Some(after)) = (flag(old, key), flag(new, key)) else { return Verdict::Unread };
    let place = Place::Field(old, new, key);
    match (before, after) {
        (false, true) => {
            let effect = match direction {
                Direction::Response => Effect::Fits("clients may rely on it once every server sends it"),
                _ => Effect::Narrower,
            };
            api.report(direction, required, effect, place, "it is required now");
        }
        (true, false) => {
            let effect = match direction {
                Direction::Response => Effect::Breaks("breaks clients that expect it always"),
                _ => Effect::Fits("clients may leave it out once every server accepts that"),
            };
            api.report(direction, optional, effect, place, "it is no longer required");
        }
        _ => return Verdict::Vouched,
    }
    Verdict::Told
}

/// The value of a parameter has either a schema or a media type.
fn value<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>, _: &'static str) -> Verdict {
    match (old.get("content").is_some(), new.get("content").is_some()) {
        (false, false) => body::schema(api, direction, old, new, "schema"),
        (true, true) if old.get("schema").is_some() || new.get("schema").is_some() => Verdict::Unread,
        (true, true) => body::content(api, direction, old, new, "content"),
        _ => {
            let what = "its value has another form";
            api.report(direction, &rules::PARAMETER_FORM_CHANGED, OLD_FORM, Place::Both(old, new), what);
            Verdict::Told
        }
    }
}

/// How a value is written, with the defaults for where the parameter is.
fn style<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>, _: &'static str) -> Verdict {
    let default = |node: &Node<'a>| match node.value.get("in").and_then(Value::as_str) {
        Some("query" | "cookie") => "form",
        _ => "simple",
    };
    written(api, direction, (old, new), &rules::PARAMETER_STYLE_CHANGED, default, |node| node.get("schema"))
}

/// Compares `style` and `explode`. The latter makes no difference to a value that is neither an array nor an object.
pub(super) fn written<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    (old, new): (&Node<'a>, &Node<'a>),
    rule: &'static Rule,
    default: impl Fn(&Node<'a>) -> &'static str,
    schema: impl Fn(&Node<'a>) -> Option<Node<'a>>,
) -> Verdict {
    let read = |node: &Node<'a>| {
        let style = node.value.get("style").map_or(Some(default(node)), Value::as_str)?;
        let explode = node.value.get("explode").map_or(Some(matches!(style, "form" | "cookie")), Value::as_bool)?;
        Some((style, explode))
    };
    let (Some(before), Some(after)) = (read(old), read(new)) else { return Verdict::Unread };
    let is_single = || [old, new].iter().all(|node| schema(node).is_some_and(|schema| is_single_value(&schema)));
    let (key, what) = if before.0 != after.0 {
        ("style", format!("it is written in the style `{}` and no longer in `{}`", after.0, before.0))
    } else if before.1 != after.1 && !is_single() {
        let how = if after.1 { "its parts are now separate" } else { "its parts are no longer separate" };
        ("explode", how.to_owned())
    } else {
        return Verdict::Vouched;
    };
    api.report(direction, rule, OLD_FORM, Place::Field(old, new, key), what);
    Verdict::Told
}

fn is_single_value(schema: &Node<'_>) -> bool {
    let is_single = |kind: &Value| matches!(kind.as_str(), Some("string" | "integer" | "number" | "boolean" | "null"));
    match schema.resolved().and_then(|schema| schema.value.get("type")) {
        Some(Value::Array(kinds)) => kinds.iter().all(is_single),
        Some(kind) => is_single(kind),
        None => false,
    }
}

fn allow_reserved<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    reserved(api, direction, (old, new, key), &rules::PARAMETER_RESERVED_CHANGED)
}

pub(super) fn reserved<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    (old, new, key): (&Node<'a>, &Node<'a>, &'static str),
    rule: &'static Rule,
) -> Verdict {
    let what = match (flag(old, key), flag(new, key)) {
        (Some(false), Some(true)) => "reserved characters are sent as they are now",
        (Some(true), Some(false)) => "reserved characters are encoded now",
        (Some(_), Some(_)) => return Verdict::Vouched,
        _ => return Verdict::Unread,
    };
    api.report(direction, rule, OLD_FORM, Place::Field(old, new, key), what);
    Verdict::Told
}

fn allow_empty<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (rule, effect, what) = match (flag(old, key), flag(new, key)) {
        (Some(false), Some(true)) => (&rules::PARAMETER_EMPTY_ALLOWED, Effect::Wider, "it may be sent without a value"),
        (Some(true), Some(false)) => {
            (&rules::PARAMETER_EMPTY_FORBIDDEN, Effect::Narrower, "it may no longer be sent without a value")
        }
        (Some(_), Some(_)) => return Verdict::Vouched,
        _ => return Verdict::Unread,
    };
    api.report(direction, rule, effect, Place::Field(old, new, key), what);
    Verdict::Told
}
