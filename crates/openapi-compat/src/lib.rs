//! Says which clients and servers a change of an OpenAPI document breaks.
//!
//! [`diff`] compares two documents and lists every change, each with the rule that found it, whom it breaks, and where.

mod api;
mod decimal;
mod extension;
mod finding;
mod input;
pub mod json_pointer;
mod judge;
mod node;
mod pattern;
pub mod report;
pub mod rules;
mod schema;
mod settings;
mod value;

pub use finding::{Class, Direction, Finding, Operation};
pub use input::{Document, Limits, Location, ReadError, ReadErrorKind, Source, Warning};
pub use report::Report;
pub use rules::Rule;
pub use settings::{Settings, SettingsError};

use jiff::civil::Date;
use judge::Judge;
use node::Node;

/// Every change from one document to another: breaking ones first, then by pointer.
///
/// It reads no clock, so no removal counts as announced: see [`Report::with_settings`].
#[must_use]
pub fn diff(old: &Document, new: &Document) -> Vec<Finding> {
    diff_with(old, new, [], None)
}

/// As [`diff`], with the names of extensions that programs rely on, and a day.
pub(crate) fn diff_with<'a>(
    old: &Document,
    new: &Document,
    extensions: impl IntoIterator<Item = &'a str>,
    today: Option<Date>,
) -> Vec<Finding> {
    let mut judge = Judge::default();
    judge.today = today;
    judge.schemas.budget = schema::Budget::of(old.value(), new.value());
    judge.extensions = extensions.into_iter().map(str::to_owned).collect();
    api::compare(&mut judge, &Node::root(old.value()), &Node::root(new.value()));
    let mut findings = judge.take_findings();
    let mut reach = judge.reach.take().unwrap_or_else(|| api::reach::Both::new(old.value(), new.value()));
    // What is known of the schemas is large, and not needed any more.
    drop(judge);
    findings.sort_by(|one, other| {
        let [one, other] = [one, other].map(|it| (it.class, &it.pointer, it.direction, &it.message));
        one.cmp(&other)
    });
    findings.dedup();
    let old_pointers: Vec<_> = findings.iter().filter_map(|finding| finding.old_pointer.as_deref()).collect();
    let new_pointers: Vec<_> = findings.iter().map(|finding| finding.pointer.as_str()).collect();
    let mut old_locations = old.locate_all(&old_pointers).into_iter();
    let new_locations = new.locate_all(&new_pointers);
    for (finding, new_location) in findings.iter_mut().zip(new_locations) {
        finding.old_location = finding.old_pointer.as_ref().and_then(|_| old_locations.next().flatten());
        finding.new_location = new_location;
        let after = Some(&*finding.pointer).filter(|_| finding.new.is_some());
        finding.operations = reach.of(finding.old_pointer.as_deref(), after);
    }
    findings
}

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
