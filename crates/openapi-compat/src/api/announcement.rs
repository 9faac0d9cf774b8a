//! Whether the end of something was announced.

use jiff::civil::Date;
use serde_json::Value;

use crate::extension::sunset;
use crate::node::Node;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Announcement {
    /// `deprecated`, without a day.
    Deprecated,
    /// The day of its `x-sunset` is still to come, or it is not known which day it is.
    Ahead(Date),
    /// The day of its `x-sunset` has come.
    Past(Date),
}

pub(super) fn announcement(node: &Node<'_>, today: Option<Date>) -> Option<Announcement> {
    let is_deprecated = node.value.get("deprecated") == Some(&Value::Bool(true));
    match sunset(node.value) {
        Some(day) if today.is_some_and(|today| day <= today) => Some(Announcement::Past(day)),
        Some(day) => Some(Announcement::Ahead(day)),
        None => is_deprecated.then_some(Announcement::Deprecated),
    }
}
