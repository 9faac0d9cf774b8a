//! The fields of settings. Each refuses what it cannot be, so that the error has its line.

use std::cmp::Ordering;

use serde::de::{Deserialize, Deserializer, Error as _};

use crate::finding::Operation;
use crate::rules::{self, Rule};

/// A rule by its ID.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RuleId(pub(super) &'static Rule);

impl Ord for RuleId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.id.cmp(other.0.id)
    }
}

impl PartialOrd for RuleId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<'de> Deserialize<'de> for RuleId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        rules::find(&String::deserialize(deserializer)?).map(Self).map_err(D::Error::custom)
    }
}

/// The name of an extension.
#[derive(Debug)]
pub(super) struct Extension(pub(super) String);

impl<'de> Deserialize<'de> for Extension {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        if name.starts_with("x-") {
            Ok(Self(name))
        } else {
            Err(D::Error::custom(format!("{name:?} is not the name of an extension, which starts with `x-`")))
        }
    }
}

/// A text for people that is not empty.
#[derive(Debug)]
pub(super) struct Reason(pub(super) String);

impl<'de> Deserialize<'de> for Reason {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let reason = String::deserialize(deserializer)?;
        match reason.trim() {
            "" => Err(D::Error::custom("a reason is empty")),
            reason => Ok(Self(reason.to_owned())),
        }
    }
}

/// An operation, such as `GET /orders`, or `POST created` of a webhook.
#[derive(Debug)]
pub(super) struct AcceptedOperation(pub(super) Operation);

impl<'de> Deserialize<'de> for AcceptedOperation {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.split_once(' ') {
            Some((method, path)) if !method.is_empty() && !path.is_empty() => {
                Ok(Self(Operation { path: path.to_owned(), method: method.to_ascii_uppercase() }))
            }
            _ => Err(D::Error::custom(format!("{text:?} is not an operation such as `GET /orders`"))),
        }
    }
}
