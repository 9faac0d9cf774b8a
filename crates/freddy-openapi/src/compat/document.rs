//! Compares everything in an OpenAPI document that is not a schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::document_node::{DocumentNode, TRUE};
use super::judge::{Effect, Judge, Scope, Table, UNKNOWN, fixed, presence, turned, words};
use super::schema;

const ADDED: Effect = Effect::Fits("no client relies on it yet");
const REMOVED: Effect = Effect::Breaks("breaks clients that rely on it");
const NAMED_CODE: Effect = Effect::Breaks("breaks users of generated clients, whose code is named after it");

const DOCUMENT: Table = &[
    (&["openapi"], fixed),
    (&["info"], |judge, scope, old, new, key| object(judge, scope, old, new, key, INFO)),
    (&["servers"], servers),
    (&["paths"], paths),
    // Judged with the operations that it applies to.
    (&["security"], nothing),
    // After the paths, which determine what is reached.
    (&["components"], |judge, scope, old, new, key| object(judge, scope, old, new, key, COMPONENTS)),
    (&["tags"], words),
    (&["externalDocs"], words),
];

const INFO: Table = &[
    (&["contact"], words),
    (&["description"], words),
    (&["license"], words),
    (&["summary"], words),
    (&["termsOfService"], words),
    (&["title"], words),
    (&["version"], words),
];

const PATH_ITEM: Table = &[
    (&["get"], operation),
    (&["put"], operation),
    (&["post"], operation),
    (&["delete"], operation),
    (&["options"], operation),
    (&["head"], operation),
    (&["patch"], operation),
    (&["trace"], operation),
    // Judged with the operations that they apply to.
    (&["parameters"], nothing),
    (&["description"], words),
    (&["summary"], words),
];

const OPERATION: Table = &[
    (&["operationId"], name_of_code),
    (&["tags"], tags),
    (&["parameters"], parameters),
    (&["requestBody"], request_body),
    (&["responses"], responses),
    (&["security"], security),
    (&["deprecated"], words),
    (&["description"], words),
    (&["externalDocs"], words),
    (&["summary"], words),
    (&["x-codeSamples"], words),
];

const PARAMETER: Table = &[
    // The identity of a parameter.
    (&["name", "in"], nothing),
    (&["required"], presence),
    (&["schema", "content"], parameter_value),
    (&["deprecated"], words),
    (&["description"], words),
    (&["example"], words),
    (&["examples"], words),
];

const REQUEST_BODY: Table = &[(&["required"], presence), (&["content"], content), (&["description"], words)];

const RESPONSE: Table = &[(&["headers"], headers), (&["content"], content), (&["description"], words)];

const MEDIA_TYPE: Table = &[(&["schema"], schema), (&["example"], words), (&["examples"], words)];

const SECURITY_SCHEME: Table = &[
    (&["type"], fixed),
    (&["in"], fixed),
    (&["name"], fixed),
    (&["scheme"], fixed),
    (&["flows"], fixed),
    (&["openIdConnectUrl"], fixed),
    (&["bearerFormat"], words),
    (&["description"], words),
];

const SERVER: Table = &[(&["url"], nothing), (&["description"], words)];

const COMPONENTS: Table = &[
    (&["schemas"], |judge, _, old, new, key| components(judge, Scope::RESPONSE, old, new, key, schema::compare)),
    (&["responses"], |judge, _, old, new, key| {
        components(judge, Scope::RESPONSE, old, new, key, |judge, scope, old, new| {
            referable(judge, scope, old, new, RESPONSE);
        })
    }),
    (&["headers"], |judge, _, old, new, key| {
        components(judge, Scope::RESPONSE, old, new, key, |judge, scope, old, new| {
            referable(judge, scope, old, new, PARAMETER);
        })
    }),
    (&["parameters"], |judge, _, old, new, key| {
        components(judge, Scope::REQUEST, old, new, key, |judge, scope, old, new| {
            parameter(judge, scope, old, new);
        })
    }),
    (&["requestBodies"], |judge, _, old, new, key| {
        components(judge, Scope::REQUEST, old, new, key, |judge, scope, old, new| {
            referable(judge, scope, old, new, REQUEST_BODY);
        })
    }),
    (&["securitySchemes"], |judge, _, old, new, key| {
        components(judge, Scope::REQUEST, old, new, key, |judge, scope, old, new| {
            referable(judge, scope, old, new, SECURITY_SCHEME);
        })
    }),
    (&["examples"], words),
];

static NONE: Value = Value::Null;

/// Compares two documents.
pub(super) fn compare(judge: &mut Judge, old: &DocumentNode<'_>, new: &DocumentNode<'_>) {
    judge.object(Scope::DOCUMENT, old, new, DOCUMENT);
}

fn nothing(_: &mut Judge, _: Scope, _: &DocumentNode<'_>, _: &DocumentNode<'_>, _: &'static str) -> Option<()> {
    Some(())
}

/// A field that is an object, compared by a table of its fields.
fn object(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
    table: Table,
) -> Option<()> {
    judge.object(scope, &object_at(old, key)?, &object_at(new, key)?, table);
    Some(())
}

/// The object in a field. An absent one counts as empty; `None` if it is not an object.
fn object_at<'a>(node: &DocumentNode<'a>, key: &str) -> Option<DocumentNode<'a>> {
    Some(node.get_or(key, &NONE)).filter(|field| field.value.is_object() || *field.value == NONE)
}

/// The items of an array, none if it is absent.
fn items<'a>(node: &DocumentNode<'a>, key: &str) -> Option<Vec<DocumentNode<'a>>> {
    let Some(list) = node.get(key) else { return Some(Vec::new()) };
    let count = list.value.as_array()?.len();
    Some((0..count).filter_map(|index| list.get(&index.to_string())).collect())
}

/// The items of an array by what identifies them.
fn keyed<'a>(
    node: &DocumentNode<'a>,
    key: &str,
    name: impl Fn(&DocumentNode<'a>) -> Option<String>,
) -> Option<BTreeMap<String, DocumentNode<'a>>> {
    let named = items(node, key)?.into_iter().map(|item| Some((name(&item)?, item)));
    distinct(named.collect::<Option<Vec<_>>>()?)
}

/// `None` if two have the same name, since it is then unclear which belongs to which.
fn distinct<'a>(named: Vec<(String, DocumentNode<'a>)>) -> Option<BTreeMap<String, DocumentNode<'a>>> {
    let count = named.len();
    Some(named.into_iter().collect()).filter(|map: &BTreeMap<_, _>| map.len() == count)
}

/// Compares two objects, or what they refer to. Where they are defined makes no difference.
fn referable(judge: &mut Judge, scope: Scope, old: &DocumentNode<'_>, new: &DocumentNode<'_>, table: Table) {
    match (old.resolved(), new.resolved()) {
        (Some(old), Some(new)) => {
            if judge.is_first(scope, &old, &new) {
                judge.object(scope, &old, &new, table);
            }
        }
        _ if old.root == new.root => {}
        _ => judge.report(scope, UNKNOWN, new.pointer.clone(), "it refers to something that is not in the document"),
    }
}

/// The value of a parameter has either a schema or a media type.
fn parameter_value(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    _: &'static str,
) -> Option<()> {
    match (old.get("content").is_some(), new.get("content").is_some()) {
        (false, false) => schema(judge, scope, old, new, "schema"),
        (true, true) => content(judge, scope, old, new, "content"),
        _ => {
            let effect = Effect::Breaks("breaks clients that write or read it in the old form");
            judge.report(scope, effect, new.pointer.clone(), "its value has another form");
            Some(())
        }
    }
}

fn servers(
    judge: &mut Judge,
    _: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let url = |server: &DocumentNode<'_>| Some(server.value.get("url")?.as_str()?.to_owned());
    let first = |document: &DocumentNode<'_>| document.get(key).and_then(|servers| url(&servers.get("0")?));
    if first(old) != first(new) {
        let effect = Effect::Breaks("breaks generated clients, which send to the first server");
        judge.report(Scope::REQUEST, effect, new.pointer_of(key), "the first server is another one");
    }
    let (before, after) = (keyed(old, key, url)?, keyed(new, key, url)?);
    pairs(judge, Scope::REQUEST, (&before, &after), "server", (ADDED, REMOVED), |judge, old, new| {
        judge.object(Scope::REQUEST, old, new, SERVER);
    });
    Some(())
}

/// Compares two collections by the keys of their members. A member of only one of them is reported as added or removed,
/// with the effect that this has.
fn pairs<'a>(
    judge: &mut Judge,
    scope: Scope,
    (old, new): (&BTreeMap<String, DocumentNode<'a>>, &BTreeMap<String, DocumentNode<'a>>),
    kind: &str,
    (added, removed): (Effect, Effect),
    mut compare: impl FnMut(&mut Judge, &DocumentNode<'a>, &DocumentNode<'a>),
) {
    for (key, old) in old {
        match new.get(key) {
            Some(new) => compare(judge, old, new),
            None => judge.report(scope, removed, old.pointer.clone(), format!("{kind} `{key}` is gone")),
        }
    }
    for (key, new) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        judge.report(scope, added, new.pointer.clone(), format!("{kind} `{key}` is new"));
    }
}

/// The fields of a map by their names, none if it is absent.
fn fields<'a>(node: &DocumentNode<'a>, key: &str) -> Option<BTreeMap<String, DocumentNode<'a>>> {
    let map = object_at(node, key)?;
    Some(map.names().into_iter().filter_map(|name| Some((name.to_owned(), map.get(name)?))).collect())
}

/// Paths are identified by their fixed parts: `/a/{b}` and `/a/{c}` are the same requests.
fn paths(judge: &mut Judge, _: Scope, old: &DocumentNode<'_>, new: &DocumentNode<'_>, key: &'static str) -> Option<()> {
    let by_form = |(path, item): (String, _)| (form(&path), item);
    let before = distinct(fields(old, key)?.into_iter().map(by_form).collect())?;
    let after = distinct(fields(new, key)?.into_iter().map(by_form).collect())?;
    pairs(judge, Scope::REQUEST, (&before, &after), "path", (ADDED, REMOVED), |judge, old, new| {
        let names = [old, new].map(|item| parameter_names(&item.pointer));
        if let [before, after] = &names
            && before != after
        {
            let what = format!("the parameters are now named {} and no longer {}", after.join(", "), before.join(", "));
            judge.report(Scope::REQUEST, NAMED_CODE, new.pointer.clone(), what);
        }
        judge.object(Scope::REQUEST, old, new, PATH_ITEM);
    });
    Some(())
}

/// A path template without the names of its parameters.
fn form(path: &str) -> String {
    let parameters = parameter_names(path);
    parameters.iter().fold(path.to_owned(), |form, name| form.replacen(&format!("{{{name}}}"), "{}", 1))
}

fn parameter_names(path: &str) -> Vec<String> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

fn operation(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    match (old.get(key), new.get(key)) {
        (None, None) => {}
        (Some(old), Some(new)) => judge.object(scope, &old, &new, OPERATION),
        (None, Some(new)) => judge.report(scope, ADDED, new.pointer, format!("method `{key}` is new")),
        (Some(old), None) => judge.report(scope, REMOVED, old.pointer, format!("method `{key}` is gone")),
    }
    Some(())
}

fn name_of_code(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (old.value.get(key), new.value.get(key));
    if before != after {
        let effect = if before.is_none() { ADDED } else { NAMED_CODE };
        judge.report(scope, effect, new.pointer_of(key), turned(key, before, after));
    }
    Some(())
}

/// Generated clients have a class for each tag.
fn tags(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let name = |tag: &DocumentNode<'_>| Some(tag.value.as_str()?.to_owned());
    let (before, after) = (keyed(old, key, name)?, keyed(new, key, name)?);
    pairs(judge, scope, (&before, &after), "tag", (ADDED, NAMED_CODE), |_, _, _| {});
    Some(())
}

/// The parameters of an operation, which override those of its path.
fn parameters(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (all_parameters(old, key)?, all_parameters(new, key)?);
    for (key, old) in &before {
        match after.get(key) {
            Some(new) => parameter(judge, scope, old, new),
            None => judge.report(scope, REMOVED, old.pointer.clone(), format!("parameter {key} is gone")),
        }
    }
    for (key, new) in after.iter().filter(|(key, _)| !before.contains_key(*key)) {
        let is_required = new.resolved().is_some_and(|new| new.value.get("required") == Some(&TRUE));
        let effect = if is_required { Effect::Narrower } else { ADDED };
        judge.report(scope, effect, new.pointer.clone(), format!("parameter {key} is new"));
    }
    Some(())
}

/// The parameters by their identity: where they are, and their name, or in a path their position.
fn all_parameters<'a>(operation: &DocumentNode<'a>, key: &str) -> Option<BTreeMap<String, DocumentNode<'a>>> {
    let path_item = operation.parent()?;
    let path = parameter_names(&path_item.pointer);
    let mut all = BTreeMap::new();
    for node in [&path_item, operation].map(|node| items(node, key)).into_iter().collect::<Option<Vec<_>>>()?.concat() {
        let text = |field| Some(node.resolved()?.value.get(field)?.as_str()?.to_owned());
        let (name, kind) = (text("name")?, text("in")?);
        let name = match &*kind {
            "path" => {
                path.iter().position(|known| *known == name).map_or(name, |position| format!("number {}", position + 1))
            }
            "header" => name.to_ascii_lowercase(),
            _ => name,
        };
        all.insert(format!("`{name}` in {kind}"), node);
    }
    Some(all)
}

fn parameter(judge: &mut Judge, scope: Scope, old: &DocumentNode<'_>, new: &DocumentNode<'_>) {
    referable(judge, scope, old, new, PARAMETER);
}

fn request_body(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    match (old.get(key), new.get(key)) {
        (None, None) => {}
        (Some(old), Some(new)) => referable(judge, scope, &old, &new, REQUEST_BODY),
        (None, Some(new)) => {
            let is_required = new.resolved().is_some_and(|new| new.value.get("required") == Some(&TRUE));
            let effect = if is_required { Effect::Narrower } else { ADDED };
            judge.report(scope, effect, new.pointer, "the body is new");
        }
        (Some(old), None) => judge.report(scope, REMOVED, old.pointer, "the body is gone"),
    }
    Some(())
}

fn content(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (fields(old, key)?, fields(new, key)?);
    pairs(judge, scope, (&before, &after), "media type", (Effect::Wider, REMOVED), |judge, old, new| {
        judge.object(scope, old, new, MEDIA_TYPE);
    });
    Some(())
}

fn schema(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    if old.get(key).is_some() || new.get(key).is_some() {
        schema::compare(judge, scope, &old.get_or(key, &TRUE), &new.get_or(key, &TRUE));
    }
    Some(())
}

fn responses(
    judge: &mut Judge,
    _: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (fields(old, key)?, fields(new, key)?);
    for (status, old) in &before {
        match after.get(status) {
            Some(new) => referable(judge, Scope::RESPONSE, old, new, RESPONSE),
            None => judge.report(Scope::RESPONSE, REMOVED, old.pointer.clone(), format!("status `{status}` is gone")),
        }
    }
    for (status, new) in after.iter().filter(|(status, _)| !before.contains_key(*status)) {
        let effect = match covering(&before, status) {
            None => Effect::Wider,
            Some(old) if is_within(old, new) => Effect::Fits("it was already covered, and says nothing more"),
            Some(_) => Effect::Breaks("breaks clients that rely on the response that covered it before"),
        };
        judge.report(Scope::RESPONSE, effect, new.pointer.clone(), format!("status `{status}` is new"));
    }
    Some(())
}

/// The response that covered a status without one of its own.
fn covering<'a, 'b>(responses: &'b BTreeMap<String, DocumentNode<'a>>, status: &str) -> Option<&'b DocumentNode<'a>> {
    let range = status.get(..1).map(|digit| format!("{digit}XX"));
    range.and_then(|range| responses.get(&range)).or_else(|| responses.get("default"))
}

fn is_within(old: &DocumentNode<'_>, new: &DocumentNode<'_>) -> bool {
    let mut judge = Judge::of_one_of_several();
    referable(&mut judge, Scope::RESPONSE, old, new, RESPONSE);
    !judge.has_breaking()
}

/// A header is a parameter that is named by its key. Header names are case-insensitive.
fn headers(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let by_name = |(name, header): (String, _)| (name.to_ascii_lowercase(), header);
    let mut before = distinct(fields(old, key)?.into_iter().map(by_name).collect())?;
    let after = distinct(fields(new, key)?.into_iter().map(by_name).collect())?;
    if judge.is_one_of_several() {
        before.retain(|name, header| after.contains_key(name) || is_required(header));
    }
    pairs(judge, scope, (&before, &after), "header", (ADDED, REMOVED), |judge, old, new| {
        referable(judge, scope, old, new, PARAMETER);
    });
    Some(())
}

/// A header that cannot be found in the document counts as required.
fn is_required(header: &DocumentNode<'_>) -> bool {
    header.resolved().is_none_or(|header| header.value.get("required").is_some_and(|required| *required != false))
}

/// Each way in which clients may authenticate has to stay sufficient.
fn security(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'_>,
    new: &DocumentNode<'_>,
    key: &'static str,
) -> Option<()> {
    let (before, after) = (alternatives(old, key)?, alternatives(new, key)?);
    for lost in before.iter().filter(|old| !after.iter().any(|new| asks_no_more(new, old))) {
        let effect = Effect::Breaks("breaks clients that authenticate with it");
        judge.report(scope, effect, new.pointer_of(key), format!("{} is no longer enough", in_words(lost)));
    }
    for gained in after.iter().filter(|new| !before.contains(new)) {
        judge.report(scope, ADDED, new.pointer_of(key), format!("{} is now enough", in_words(gained)));
    }
    Some(())
}

/// The schemes that are required together, each with its scopes.
type Requirement<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// The requirements of an operation, or else those of the document. Having none is the same as requiring nothing.
fn alternatives<'a>(operation: &DocumentNode<'a>, key: &str) -> Option<Vec<Requirement<'a>>> {
    let list = match operation.value.get(key).or_else(|| operation.root.get(key)) {
        Some(list) => list.as_array()?.as_slice(),
        None => &[],
    };
    let scopes = |scopes: &'a Value| scopes.as_array()?.iter().map(Value::as_str).collect::<Option<BTreeSet<_>>>();
    let requirement = |requirement: &'a Value| {
        requirement.as_object()?.iter().map(|(scheme, list)| Some((scheme.as_str(), scopes(list)?))).collect()
    };
    let mut all: Vec<_> = list.iter().map(requirement).collect::<Option<_>>()?;
    if all.is_empty() {
        all.push(Requirement::new());
    }
    Some(all)
}

fn asks_no_more(new: &Requirement<'_>, old: &Requirement<'_>) -> bool {
    new.iter().all(|(scheme, scopes)| old.get(scheme).is_some_and(|granted| scopes.is_subset(granted)))
}

fn in_words(requirement: &Requirement<'_>) -> String {
    let scheme = |(scheme, scopes): (&&str, &BTreeSet<&str>)| match scopes.len() {
        0 => format!("`{scheme}`"),
        _ => format!("`{scheme}` with {}", scopes.iter().copied().collect::<Vec<_>>().join(", ")),
    };
    match requirement.len() {
        0 => "nothing".to_owned(),
        _ => requirement.iter().map(scheme).collect::<Vec<_>>().join(" and "),
    }
}

/// The components of one kind. Those that a path reaches were judged there.
fn components<'a>(
    judge: &mut Judge,
    scope: Scope,
    old: &DocumentNode<'a>,
    new: &DocumentNode<'a>,
    key: &'static str,
    compare: impl Fn(&mut Judge, Scope, &DocumentNode<'a>, &DocumentNode<'a>),
) -> Option<()> {
    let (before, after) = (fields(old, key)?, fields(new, key)?);
    pairs(judge, scope, (&before, &after), "component", (ADDED, REMOVED), |judge, old, new| {
        if !judge.has_compared(old, new) {
            compare(judge, scope, old, new);
        }
    });
    Some(())
}
