//! Says which clients and servers a change of an OpenAPI document breaks.
//!
//! [`diff`] compares two documents and lists every change, each with the rule that found it, whom it breaks, and where.

mod api;
mod finding;
mod input;
pub mod json_pointer;
mod judge;
mod node;
mod pattern;
pub mod rules;
mod schema;

pub use finding::{Class, Direction, Finding, Operation};
pub use input::{Document, Location, ReadError};
pub use rules::Rule;

use judge::Judge;
use node::Node;

/// Every change from one document to another: breaking ones first, then by pointer.
#[must_use]
pub fn diff(old: &Document, new: &Document) -> Vec<Finding> {
    let mut judge = Judge::default();
    api::compare(&mut judge, &Node::root(old.value()), &Node::root(new.value()));
    let mut findings = judge.into_findings();
    findings.sort_by(|one, other| {
        let key = |it: &Finding| (it.class, it.pointer.clone(), it.direction, it.message.clone());
        key(one).cmp(&key(other))
    });
    findings.dedup();
    let mut reach = api::reach::Both::new(old.value(), new.value());
    for finding in &mut findings {
        let after = Some(&*finding.pointer).filter(|_| finding.new.is_some());
        finding.operations = reach.of(finding.old_pointer.as_deref(), after);
        finding.old_location = finding.old_pointer.as_deref().and_then(|pointer| old.locate(pointer));
        finding.new_location = Some(&finding.pointer).and_then(|pointer| new.locate(pointer));
    }
    findings
}
