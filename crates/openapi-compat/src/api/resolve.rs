//! The operations of a document with all that applies to them, wherever it stands.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use serde_json::Value;

use super::field::{entries, items};
use crate::finding::Direction;
use crate::node::Node;

/// The methods that have a field of their own in a path item.
pub(super) const METHODS: [&str; 9] = ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Whether clients send the request of an operation, or receive it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Kind {
    /// An operation of a path.
    Path,
    /// An operation of a webhook or a callback.
    Call,
}

impl Kind {
    /// The direction of the request, and of its parameters.
    pub(super) fn request(self) -> Direction {
        match self {
            Self::Path => Direction::Request,
            Self::Call => Direction::Response,
        }
    }

    pub(super) fn response(self) -> Direction {
        match self {
            Self::Path => Direction::Response,
            Self::Call => Direction::Request,
        }
    }
}

/// A path item, and what its `$ref` leads to. What stands beside the `$ref` comes first.
#[derive(Clone, Debug)]
pub(super) struct PathItem<'a> {
    /// The path template, the name of the webhook or the expression of the callback.
    pub(super) template: &'a str,
    pub(super) kind: Kind,
    pub(super) layers: Vec<Node<'a>>,
    pub(super) is_readable: bool,
}

impl<'a> PathItem<'a> {
    pub(super) fn new(template: &'a str, kind: Kind, node: Node<'a>) -> Self {
        let mut layers = vec![node];
        let mut seen = HashSet::new();
        while let Some(last) = layers.last().filter(|last| last.value.get("$ref").is_some()) {
            match last.target().filter(|target| seen.insert(target.pointer.clone())) {
                Some(target) => layers.push(target),
                None => return Self { template, kind, layers, is_readable: false },
            }
        }
        let is_readable = layers.iter().all(|layer| layer.object().is_some());
        Self { template, kind, layers, is_readable }
    }

    /// Where it is used.
    pub(super) fn node(&self) -> Option<&Node<'a>> {
        self.layers.first()
    }

    /// The layer that has the field, or the first.
    pub(super) fn owner(&self, key: &str) -> Option<&Node<'a>> {
        self.layers.iter().find(|layer| layer.value.get(key).is_some()).or_else(|| self.node())
    }

    pub(super) fn get(&self, key: &str) -> Option<Node<'a>> {
        self.owner(key)?.get(key)
    }

    pub(super) fn names(&self) -> Vec<&'a str> {
        self.layers.iter().flat_map(Node::names).collect()
    }

    /// Its operations, each with its method in capital letters.
    pub(super) fn operations(&self) -> Vec<(String, Node<'a>)> {
        let known = METHODS.into_iter().filter_map(|method| Some((method.to_uppercase(), self.get(method)?)));
        let additional = self.owner("additionalOperations").and_then(|owner| entries(owner, "additionalOperations"));
        let additional = additional.into_iter().flatten().map(|(method, node)| (method.to_owned(), node));
        known.chain(additional).collect()
    }

    /// What identifies the requests that it gets: a path without the names of its parameters.
    pub(super) fn form(&self) -> String {
        match self.kind {
            Kind::Path => form(self.template),
            Kind::Call => self.template.to_owned(),
        }
    }
}

/// The path items in a field.
pub(super) fn path_items<'a>(node: &Node<'a>, key: &str, kind: Kind) -> Option<Vec<PathItem<'a>>> {
    let entries = entries(node, key)?.into_iter().filter(|(name, _)| !name.starts_with("x-"));
    Some(entries.map(|(template, node)| PathItem::new(template, kind, node)).collect())
}

/// An operation with the path item that it belongs to.
#[derive(Clone, Debug)]
pub(super) struct Operation<'a> {
    pub(super) item: Rc<PathItem<'a>>,
    pub(super) method: String,
    pub(super) node: Node<'a>,
}

impl<'a> Operation<'a> {
    pub(super) fn kind(&self) -> Kind {
        self.item.kind
    }

    /// The node that says which alternatives of security, or which servers, apply; `None` if nothing does.
    pub(super) fn owner(&self, key: &str) -> Option<Node<'a>> {
        let has = |node: &Node<'_>| node.value.get(key).is_some();
        if has(&self.node) {
            return Some(self.node.clone());
        }
        let item = self.item.owner(key).filter(|item| key == "servers" && has(item));
        if let Some(item) = item {
            return Some(item.clone());
        }
        let root = Node::root(self.node.root);
        Some(root).filter(|root| self.kind() == Kind::Path && has(root))
    }

    /// The parameters of the path item and those of the operation, in order, where the latter override the former; and
    /// what cannot be read as a parameter.
    pub(super) fn parameters(&self) -> (Vec<Parameter<'a>>, Vec<Node<'a>>) {
        let (mut parameters, mut unread): (Vec<Parameter<'a>>, Vec<Node<'a>>) = (Vec::new(), Vec::new());
        let names = parameter_names(self.item.template);
        for owner in self.item.layers.iter().rev().chain([&self.node]) {
            let Some(list) = items(owner, "parameters") else {
                unread.extend(owner.get("parameters"));
                continue;
            };
            let overridden = parameters.len();
            for site in list {
                let Some(parameter) = Parameter::new(&names, &site) else {
                    unread.push(site);
                    continue;
                };
                let is_known = |known: &Parameter<'_>| known.identity == parameter.identity;
                match parameters.iter().position(is_known) {
                    Some(index) if index >= overridden => unread.push(site),
                    Some(index) => {
                        // It gets the place that it has in its own list; what is dropped keeps the others in order.
                        if let Some(old) = parameters.get_mut(index) {
                            old.is_overridden = true;
                            old.identity.clear();
                        }
                        parameters.push(parameter);
                    }
                    None => parameters.push(parameter),
                }
            }
        }
        let is_ignored = |it: &Parameter<'_>| {
            it.place == "header"
                && ["accept", "content-type", "authorization"].contains(&&*it.name.to_ascii_lowercase())
        };
        parameters.retain(|it| !it.is_overridden && !is_ignored(it));
        (parameters, unread)
    }
}

#[derive(Clone, Debug)]
pub(super) struct Parameter<'a> {
    /// Where it is, and its name, or in a path its position.
    pub(super) identity: String,
    pub(super) name: &'a str,
    pub(super) place: &'a str,
    /// The parameter itself.
    pub(super) node: Node<'a>,
    /// Where it is listed.
    pub(super) site: Node<'a>,
    is_overridden: bool,
}

impl<'a> Parameter<'a> {
    fn new(path: &[&str], site: &Node<'a>) -> Option<Self> {
        let node = site.resolved()?;
        let text = |field| node.value.get(field).and_then(Value::as_str);
        let (name, place) = (text("name")?, text("in")?);
        let shown = match place {
            "path" => path
                .iter()
                .position(|known| *known == name)
                .map_or_else(|| format!("`{name}`"), |position| format!("number {}", position + 1)),
            "header" => format!("`{}`", name.to_ascii_lowercase()),
            _ => format!("`{name}`"),
        };
        let identity = format!("{shown} in {place}");
        Some(Self { identity, name, place, node, site: site.clone(), is_overridden: false })
    }

    pub(super) fn is_required(&self) -> bool {
        self.place == "path" || self.node.value.get("required").is_some_and(|required| *required != false)
    }
}

/// A path template without the names of its parameters.
pub(super) fn form(path: &str) -> String {
    let mut form = String::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((_, after)) = after.split_once('}') else { break };
        form += before;
        form += "{}";
        rest = after;
    }
    form + rest
}

pub(super) fn parameter_names(path: &str) -> Vec<&str> {
    path.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0)).collect()
}

/// The operations of path items by the requests that they get.
pub(super) fn by_request<'a>(items: &[Rc<PathItem<'a>>]) -> BTreeMap<(String, String), Vec<Operation<'a>>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for item in items {
        for (method, node) in item.operations() {
            let operation = Operation { item: Rc::clone(item), method: method.clone(), node };
            all.entry((item.form(), method)).or_default().push(operation);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{form, parameter_names};

    #[test]
    fn the_form_of_a_path_has_no_names() {
        let cases = [
            ("/a/{b}", "/a/{}", vec!["b"]),
            ("/a/{b}.{c}/d", "/a/{}.{}/d", vec!["b", "c"]),
            ("/{a}/{a}", "/{}/{}", vec!["a", "a"]),
            ("/a/{b", "/a/{b", vec![]),
            ("", "", vec![]),
        ];
        for (path, expected, names) in cases {
            assert_eq!(form(path), expected);
            assert_eq!(parameter_names(path), names);
        }
    }
}
