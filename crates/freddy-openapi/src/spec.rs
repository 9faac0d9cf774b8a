//! A set of endpoints to publish, and the one that is published.

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{Endpoint, ErrorCode, Tag};

mod error;
mod operation;

pub use error::SpecError;
pub(crate) use operation::Operation;

/// The published contract, with a line for each endpoint.
#[must_use]
pub fn contract() -> Spec {
    Spec::new(Info {
        title: "Freddy API",
        version: "2.0.0",
        description: "Personal connectors of the Freddy API.\n\n\
            Every error has the same envelope. Decide by its `code`, and by the HTTP status where the code is unknown: \
            codes are added over time.",
        license: "MIT OR Apache-2.0",
        base_url: freddy_types::BASE_URL,
    })
    .endpoint::<DisconnectConnector>()
}

/// What a document says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name of the API.
    pub title: &'static str,
    /// The version of the contract, by the rules of semantic versioning: the last one published, or the next one to be.
    pub version: &'static str,
    /// What the API is for, in Markdown.
    pub description: &'static str,
    /// The licence of the document, as an SPDX expression.
    pub license: &'static str,
    /// Where the API is served, without a `/` at the end: `https://api.example.com`.
    pub base_url: &'static str,
}

/// A set of endpoints to publish.
pub struct Spec {
    pub(crate) info: Info,
    pub(crate) operations: Vec<Operation>,
}

impl Spec {
    /// A spec without endpoints.
    #[must_use]
    pub fn new(info: Info) -> Self {
        Self { info, operations: Vec::new() }
    }

    /// Adds an endpoint after the others.
    #[must_use]
    pub fn endpoint<E: Endpoint>(mut self) -> Self {
        self.operations.push(Operation::of::<E>(self.info.base_url));
        self
    }

    /// The codes of the table, then the codes of other crates that an endpoint documents.
    pub(crate) fn known_codes(&self) -> Vec<ErrorCode> {
        let mut codes = ErrorCode::ALL.to_vec();
        for code in self.operations.iter().flat_map(|operation| operation.errors) {
            if !codes.contains(code) {
                codes.push(*code);
            }
        }
        codes
    }

    /// The known codes in two parts: those that an endpoint documents, and the others.
    pub(crate) fn listed_and_unlisted_codes(&self) -> (Vec<ErrorCode>, Vec<ErrorCode>) {
        let documented = |code: &ErrorCode| self.operations.iter().any(|operation| operation.errors.contains(code));
        self.known_codes().into_iter().partition(documented)
    }

    /// The tags of the endpoints, each once, in their order.
    pub(crate) fn tags(&self) -> Vec<Tag> {
        let mut tags = Vec::new();
        for operation in &self.operations {
            if !tags.contains(&operation.tag) {
                tags.push(operation.tag);
            }
        }
        tags
    }
}
