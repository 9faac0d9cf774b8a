//! How clients authenticate.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::field::{Api, Pairs, Table, Verdict, deprecated, description, entries, objects};
use super::resolve::{Kind, Operation};
use crate::finding::Direction;
use crate::judge::{Effect, Place, UNKNOWN, turned};
use crate::node::Node;
use crate::rules;

const KEY: &str = "security";
const LOST: Effect = Effect::Breaks("breaks clients that authenticate with it");

const SCHEME: Table = &[
    (&["type"], scheme_field),
    (&["in"], scheme_field),
    (&["name"], scheme_field),
    (&["scheme"], http_scheme),
    (&["openIdConnectUrl"], |api, direction, old, new, key| {
        if is_same_url(old, new, key) { Verdict::Vouched } else { scheme_field(api, direction, old, new, key) }
    }),
    (&["flows"], flows),
    (&["bearerFormat"], description),
    (&["description"], description),
    (&["oauth2MetadataUrl"], url),
    (&["deprecated"], deprecated),
];

const FLOW: Table = &[
    (&["authorizationUrl"], url),
    (&["tokenUrl"], url),
    (&["deviceAuthorizationUrl"], url),
    (&["refreshUrl"], url),
    (&["scopes"], scopes),
];

/// The schemes that are required together, each with its scopes.
type Requirement<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Each way in which clients may authenticate has to stay sufficient.
pub(super) fn compare<'a>(api: &mut Api<'_, 'a>, old: &Operation<'a>, new: &Operation<'a>) {
    let direction = new.kind().request();
    let owners = (old.owner(KEY), new.owner(KEY));
    let roots = (Node::root(old.node.root), Node::root(new.node.root));
    // What every operation inherits has one place, so that it is told once.
    let is_root = |owner: &Option<Node<'a>>| owner.as_ref().is_none_or(|owner| owner.pointer.is_empty());
    let (old_owner, new_owner) = match &owners {
        (None, None) => return,
        (old, new) if is_root(old) && is_root(new) => (&roots.0, &roots.1),
        _ => (&old.node, &new.node),
    };
    let place = Place::Field(old_owner, new_owner, KEY);

    let (Some(before), Some(after)) = (alternatives(owners.0.as_ref()), alternatives(owners.1.as_ref())) else {
        let of = |owner: &Option<Node<'a>>| owner.as_ref().and_then(|owner| owner.value.get(KEY));
        if of(&owners.0) != of(&owners.1) {
            api.report(direction, &rules::UNREADABLE, UNKNOWN, place, "`security` cannot be read");
        }
        return;
    };
    let schemes = Schemes { old: roots.0.clone(), new: roots.1.clone() };
    for lost in before.iter().filter(|old| !after.iter().any(|new| schemes.asks_no_more(new, old))) {
        let same_schemes = |new: &&Requirement<'a>| new.keys().eq(lost.keys());
        let (rule, effect, what) = if direction == Direction::Response {
            let what = format!("{} is no longer used", in_words(lost));
            (&rules::SECURITY_ALTERNATIVE_REMOVED, Effect::Narrower, what)
        } else if lost.is_empty() {
            let what = format!("{} is needed now", after.iter().map(in_words).collect::<Vec<_>>().join(" or "));
            (&rules::SECURITY_ADDED, Effect::Breaks("breaks clients that do not authenticate"), what)
        } else if let Some(new) = after.iter().find(same_schemes) {
            let what = format!("{} is needed now, and {} is not enough", in_words(new), in_words(lost));
            (&rules::SECURITY_SCOPES_ADDED, Effect::Breaks("breaks clients whose tokens have the old scopes"), what)
        } else {
            let what = format!("{} is no longer enough", in_words(lost));
            (&rules::SECURITY_ALTERNATIVE_REMOVED, LOST, what)
        };
        api.report(direction, rule, effect, place, what);
    }
    // What asks for more than something that was enough adds nothing.
    for gained in after.iter().filter(|new| !before.iter().any(|old| schemes.asked_no_more(old, new))) {
        let is_fewer = before.iter().any(|old| old.keys().eq(gained.keys()));
        let rule = if is_fewer { &rules::SECURITY_SCOPES_REMOVED } else { &rules::SECURITY_ALTERNATIVE_ADDED };
        let effect = match direction {
            Direction::Response => Effect::Wider,
            _ => Effect::Fits("what was enough still is, once every server knows of it"),
        };
        api.report(direction, rule, effect, place, format!("{} is enough now", in_words(gained)));
    }
}

/// The alternatives. Having none is the same as requiring nothing.
fn alternatives<'a>(owner: Option<&Node<'a>>) -> Option<Vec<Requirement<'a>>> {
    let list = match owner.and_then(|owner| owner.value.get(KEY)) {
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

struct Schemes<'a> {
    old: Node<'a>,
    new: Node<'a>,
}

impl Schemes<'_> {
    fn asks_no_more(&self, new: &Requirement<'_>, old: &Requirement<'_>) -> bool {
        new.iter()
            .all(|(new, scopes)| old.iter().any(|(old, granted)| self.same(old, new) && scopes.is_subset(granted)))
    }

    fn asked_no_more(&self, old: &Requirement<'_>, new: &Requirement<'_>) -> bool {
        old.iter()
            .all(|(old, scopes)| new.iter().any(|(new, granted)| self.same(old, new) && scopes.is_subset(granted)))
    }

    /// Whether two names stand for one scheme: they are the same, or it was renamed and is described in the same way.
    fn same(&self, old: &str, new: &str) -> bool {
        let find =
            |root: &Node<'_>, name: &str| root.value.get("components")?.get("securitySchemes")?.get(name).cloned();
        old == new
            || (find(&self.new, old).is_none()
                && find(&self.old, old).is_some_and(|it| Some(it) == find(&self.new, new)))
    }
}

fn in_words(requirement: &Requirement<'_>) -> String {
    let scheme = |(scheme, scopes): (&&str, &BTreeSet<&str>)| match scopes.len() {
        0 => format!("`{scheme}`"),
        _ => format!("`{scheme}` with {}", scopes.iter().copied().collect::<Vec<_>>().join(", ")),
    };
    match requirement.len() {
        0 => "no authentication".to_owned(),
        _ => requirement.iter().map(scheme).collect::<Vec<_>>().join(" and "),
    }
}

pub(super) fn scheme<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>) {
    api.object(direction, old, new, SCHEME);
}

fn scheme_field<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    api.any_change(direction, &rules::SECURITY_SCHEME_CHANGED, LOST, (old, new, key))
}

/// The names of HTTP schemes have no case.
fn http_scheme<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let name = |node: &Node<'a>| node.value.get(key).and_then(Value::as_str).map(str::to_ascii_lowercase);
    if name(old).is_some() && name(old) == name(new) {
        return Verdict::Vouched;
    }
    scheme_field(api, direction, old, new, key)
}

fn flows<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (Some(before), Some(after)) = (entries(old, key), entries(new, key)) else { return Verdict::Unread };
    let is_flow = |(name, _): &(&str, Node<'a>)| !name.starts_with("x-");
    let [before, after] = [before, after].map(|list| list.into_iter().filter(is_flow).collect::<Vec<_>>());
    let pairs = Pairs::new(before, after, |(name, _)| *name);
    for ((_, old), (_, new)) in &pairs.both {
        api.object(direction, old, new, FLOW);
    }
    for (name, old) in &pairs.gone {
        api.report(direction, &rules::OAUTH_FLOW_REMOVED, LOST, Place::Gone(old), format!("flow `{name}` is gone"));
    }
    for (name, new) in &pairs.came {
        let effect = Effect::Fits("no client uses it yet");
        api.report(direction, &rules::OAUTH_FLOW_ADDED, effect, Place::Came(new), format!("flow `{name}` is new"));
    }
    let (old, new) = objects(old, new, key);
    for name in crate::node::names_of_both(&old, &new).into_iter().filter(|name| name.starts_with("x-")) {
        super::extensions::compare(api, direction, &old, &new, name);
    }
    Verdict::Vouched
}

/// Whether two URLs differ at most in the case of scheme and host, a port that is the default, or an empty path (RFC 3986, 6.2).
fn is_same_url(old: &Node<'_>, new: &Node<'_>, key: &str) -> bool {
    let normal = |node: &Node<'_>| {
        let (scheme, rest) = node.value.get(key)?.as_str()?.split_once("://")?;
        let scheme = scheme.to_ascii_lowercase();
        let (authority, rest) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        let port = match scheme.as_str() {
            "https" => ":443",
            "http" => ":80",
            _ => return None,
        };
        // What stands before `@` has a case.
        let authority = if authority.contains('@') { return None } else { authority.to_ascii_lowercase() };
        let host = authority.strip_suffix(port).unwrap_or(&authority).to_owned();
        let path = if rest.starts_with('/') { rest.to_owned() } else { format!("/{rest}") };
        Some((scheme, host, path))
    };
    matches!((normal(old), normal(new)), (Some(old), Some(new)) if old == new)
}

fn url<'a>(api: &mut Api<'_, 'a>, direction: Direction, old: &Node<'a>, new: &Node<'a>, key: &'static str) -> Verdict {
    if matches!(key, "refreshUrl" | "oauth2MetadataUrl") && old.value.get(key).is_none() {
        let effect = Effect::Fits("no client uses it yet");
        return api.any_change(direction, &rules::OAUTH_REFRESH_URL_ADDED, effect, (old, new, key));
    }
    if is_same_url(old, new, key) {
        return Verdict::Vouched;
    }
    let effect = Effect::Breaks("breaks clients that get their tokens from the old one");
    api.any_change(direction, &rules::OAUTH_URL_CHANGED, effect, (old, new, key))
}

fn scopes<'a>(
    api: &mut Api<'_, 'a>,
    direction: Direction,
    old: &Node<'a>,
    new: &Node<'a>,
    key: &'static str,
) -> Verdict {
    let (Some(before), Some(after)) = (entries(old, key), entries(new, key)) else { return Verdict::Unread };
    let pairs = Pairs::new(before, after, |(name, _)| *name);
    for ((name, old), (_, new)) in pairs.both.iter().filter(|((_, old), (_, new))| old.value != new.value) {
        let what = turned(name, Some(old.value), Some(new.value));
        api.report(direction, &rules::DESCRIPTION_CHANGED, Effect::Words, Place::Both(old, new), what);
    }
    for (name, old) in &pairs.gone {
        let effect = Effect::Breaks("breaks clients that ask for it");
        api.report(direction, &rules::OAUTH_SCOPE_REMOVED, effect, Place::Gone(old), format!("scope `{name}` is gone"));
    }
    for (name, new) in &pairs.came {
        let effect = Effect::Fits("no client asks for it yet");
        api.report(direction, &rules::OAUTH_SCOPE_ADDED, effect, Place::Came(new), format!("scope `{name}` is new"));
    }
    Verdict::Vouched
}

/// Whether an operation uses a scheme: the names in what applies to it.
pub(super) fn scheme_names<'a>(operation: &Operation<'a>) -> Vec<&'a str> {
    let owner = operation.owner(KEY);
    alternatives(owner.as_ref()).into_iter().flatten().flat_map(BTreeMap::into_keys).collect()
}

/// Whether an operation has the security of the document.
pub(super) fn inherits(operation: &Operation<'_>) -> bool {
    operation.kind() == Kind::Path && operation.node.value.get(KEY).is_none()
}
