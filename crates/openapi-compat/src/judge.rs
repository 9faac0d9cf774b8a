//! How an effect becomes a verdict, and where the findings are kept.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use jiff::civil::Date;
use serde_json::Value;

use crate::api::reach;
use crate::finding::{Class, Direction, Finding};
use crate::json_pointer;
use crate::node::Node;
use crate::rules::Rule;
use crate::schema;

/// What a change does to the values that are allowed, or to those who rely on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Values are removed.
    Narrower,
    /// Values are added.
    Wider,
    /// Breaks somebody in either direction. The text says whom.
    Breaks(&'static str),
    /// Breaks nobody in either direction. The text says why.
    Fits(&'static str),
    /// Makes no difference to a program.
    Words,
}

/// Values are both removed and added, or it cannot be decided.
pub(crate) const UNDECIDED: Effect = Effect::Breaks(
    "it cannot be decided whether the old values or the new ones contain the others, so it may break anybody",
);
pub(crate) const UNKNOWN: Effect = Effect::Breaks("this comparison does not recognise it, so it may break anybody");

impl Effect {
    pub(crate) fn verdict(self, direction: Direction) -> (Class, &'static str) {
        use Direction::{Code, Document, Request, Response};

        match (self, direction) {
            (Self::Words, _) => (Class::Documentation, "it makes no difference to a program"),
            (Self::Breaks(whom), _) => (Class::Breaking, whom),
            (Self::Fits(why), _) => (Class::Compatible, why),
            (Self::Wider, Request) => (Class::Compatible, "what clients send is still accepted"),
            (Self::Narrower, Request) => (Class::Breaking, "breaks clients that send what is no longer accepted"),
            (Self::Wider, Response) => (Class::Breaking, "breaks clients that do not expect what they may now receive"),
            (Self::Narrower, Response) => (Class::Compatible, "clients receive nothing that they do not expect"),
            (Self::Wider | Self::Narrower, Code | Document) => {
                (Class::Breaking, "may break anybody who reads the document")
            }
        }
    }
}

/// What a finding is about: the same thing in both documents, or in the one that has it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place<'p, 'a> {
    /// A field of two objects, which either may lack.
    Field(&'p Node<'a>, &'p Node<'a>, &'p str),
    /// What stands at both nodes.
    Both(&'p Node<'a>, &'p Node<'a>),
    /// Only in the old document.
    Gone(&'p Node<'a>),
    /// Only in the new document.
    Came(&'p Node<'a>),
}

impl Place<'_, '_> {
    /// What a person calls the thing that a sentence is about; `None` if it has no name of its own.
    fn subject(&self) -> Option<String> {
        let (Self::Field(_, node, _) | Self::Both(_, node) | Self::Gone(node) | Self::Came(node)) = self;
        if let (Some(name), Some(_)) = (node.value.get("name").and_then(Value::as_str), node.value.get("in")) {
            return Some(format!("parameter `{name}`"));
        }
        let (rest, name) = json_pointer::split_last(&node.pointer)?;
        match json_pointer::split_last(rest) {
            Some((_, kind)) if kind == "headers" => Some(format!("header `{name}`")),
            Some((_, kind)) if kind == "properties" => Some(format!("`{name}`")),
            Some(("/components", _)) => Some(format!("`{name}`")),
            _ if name == "requestBody" => Some("the body".to_owned()),
            _ => None,
        }
    }
}

/// What a comparison had found before a trial, and what matters to it and not to the trial.
pub(crate) struct BeforeTrial {
    findings: Vec<Finding>,
    compared: HashSet<(Rc<str>, Rc<str>, Direction)>,
    visited: schema::Visited,
    today: Option<Date>,
}

#[derive(Debug, Default)]
pub(crate) struct Judge<'a> {
    findings: Vec<Finding>,
    compared: HashSet<(Rc<str>, Rc<str>, Direction)>,
    pub(crate) schemas: schema::Known<'a>,
    /// The day on which the documents are compared, if a day matters.
    pub(crate) today: Option<Date>,
    /// The extensions that programs read.
    pub(crate) extensions: BTreeSet<String>,
    /// What reaches which place, once that was asked.
    pub(crate) reach: Option<reach::Both<'a>>,
    /// The components that build on another, by the pointer of that one, for each document.
    subtypes: HashMap<usize, HashMap<String, Vec<String>>>,
}

impl Judge<'_> {
    pub(crate) fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// Lets everything be compared once more, with what is known of the documents.
    pub(crate) fn begin_trial(&mut self) -> BeforeTrial {
        BeforeTrial {
            findings: std::mem::take(&mut self.findings),
            compared: std::mem::take(&mut self.compared),
            visited: std::mem::take(&mut self.schemas.visited),
            today: self.today.take(),
        }
    }

    /// Returns to what was found before, and gives what the trial found.
    pub(crate) fn end_trial(&mut self, before: BeforeTrial) -> Vec<Finding> {
        let BeforeTrial { findings, compared, visited, today } = before;
        (self.compared, self.schemas.visited, self.today) = (compared, visited, today);
        std::mem::replace(&mut self.findings, findings)
    }

    pub(crate) fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Reports a change. `what` is the first half of the sentence, and the verdict says the second.
    pub(crate) fn report(
        &mut self,
        direction: Direction,
        rule: &'static Rule,
        effect: Effect,
        place: Place<'_, '_>,
        what: impl Into<String>,
    ) {
        let (class, whom) = effect.verdict(direction);
        let mut what = what.into();
        if let (Some(rest), Some(subject)) = (what.strip_prefix("it "), place.subject()) {
            what = format!("{subject} {rest}");
        }
        let message = format!("{what}: {whom}.");
        let value = |value: Option<&Value>| value.map(shortened);
        let (old_pointer, new_pointer, old, new) = match place {
            Place::Field(old, new, key) => (
                Some(old.pointer_of(key)),
                Some(new.pointer_of(key)),
                value(old.value.get(key)),
                value(new.value.get(key)),
            ),
            Place::Both(old, new) => (
                Some(old.pointer.to_string()),
                Some(new.pointer.to_string()),
                value(Some(old.value)),
                value(Some(new.value)),
            ),
            Place::Gone(old) => (Some(old.pointer.to_string()), None, value(Some(old.value)), None),
            Place::Came(new) => (None, Some(new.pointer.to_string()), None, value(Some(new.value))),
        };
        let Some(pointer) = new_pointer.or_else(|| old_pointer.clone()) else { return };
        self.findings.push(Finding {
            class,
            pointer,
            direction,
            rule,
            message,
            advice: (class == Class::Breaking).then_some(rule.advice),
            old,
            new,
            operations: Arc::default(),
            old_location: None,
            new_location: None,
            old_pointer,
        });
    }

    pub(crate) fn reads_extension(&self, name: &str) -> bool {
        self.extensions.contains(name)
    }

    /// The pointers of the components that build on this one by `allOf`.
    pub(crate) fn subtypes(&mut self, node: &Node<'_>) -> Vec<String> {
        let document = std::ptr::from_ref(node.root).addr();
        let known = self.subtypes.entry(document).or_insert_with(|| schema::subtypes(node.root));
        known.get(&*node.pointer).cloned().unwrap_or_default()
    }

    /// Whether the two nodes are compared for the first time in this direction. Once is enough, and ends a cycle.
    pub(crate) fn is_first(&mut self, direction: Direction, old: &Node<'_>, new: &Node<'_>) -> bool {
        self.compared.insert((Rc::clone(&old.pointer), Rc::clone(&new.pointer), direction))
    }
}

/// The first half of a sentence about a field that changed.
pub(crate) fn turned(name: &str, old: Option<&Value>, new: Option<&Value>) -> String {
    const LONGEST: usize = 60;
    let short = |value: &Value| Some(shown(value)).filter(|text| text.len() <= LONGEST);
    match (old, new, old.and_then(short), new.and_then(short)) {
        (_, _, Some(old), Some(new)) => format!("`{name}` changes from {old} to {new}"),
        (None, _, _, Some(new)) => format!("`{name}` is new: {new}"),
        (_, None, Some(old), _) => format!("`{name}` is gone; it was {old}"),
        (None, _, _, _) => format!("`{name}` is new"),
        (_, None, _, _) => format!("`{name}` is gone"),
        _ => format!("`{name}` has another value"),
    }
}

/// A value as text, with its names sorted, so that equal values give equal texts.
pub(crate) fn shown(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    value.to_string()
}

/// A value to show. What is larger than a person reads in a finding is cut to its kind.
fn shortened(value: &Value) -> Value {
    const MOST_ENTRIES: usize = 16;
    match value {
        Value::Array(items) if items.len() > MOST_ENTRIES => Value::String(format!("[{} items]", items.len())),
        Value::Object(_) => Value::String("{…}".to_owned()),
        Value::Array(items) if items.iter().any(|item| item.is_array() || item.is_object()) => {
            Value::String(format!("[{} items]", items.len()))
        }
        other => other.clone(),
    }
}
