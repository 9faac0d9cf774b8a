//! Findings by the operation that they are about.

use std::collections::BTreeMap;

use super::Entry;
use crate::finding::Operation;

/// What findings are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Group<'a> {
    /// One operation.
    Operation(&'a Operation),
    /// More than one.
    Several,
    /// None.
    Document,
}

impl Group<'_> {
    pub(super) fn heading(self) -> String {
        match self {
            Self::Operation(operation) => super::plain::visible(&operation.to_string()),
            Self::Several => "Several operations".to_owned(),
            Self::Document => "The document as a whole".to_owned(),
        }
    }
}

/// The findings of each group in their order. Operations with a break come first.
pub(super) fn groups(entries: &[Entry]) -> Vec<(Group<'_>, Vec<&Entry>)> {
    let mut groups: BTreeMap<Group<'_>, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        let group = match &*entry.finding.operations {
            [] => Group::Document,
            [operation] => Group::Operation(operation),
            _ => Group::Several,
        };
        groups.entry(group).or_default().push(entry);
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|(group, entries)| {
        let breaks = entries.iter().any(|entry| entry.breaks());
        (!matches!(group, Group::Operation(_)), matches!(group, Group::Operation(_)) && !breaks)
    });
    groups
}
