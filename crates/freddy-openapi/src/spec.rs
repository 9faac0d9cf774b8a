//! What is published: a set of endpoints.

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{Endpoint, ErrorCode, Tag};
use serde_json::Value;

use crate::error::SpecError;
use crate::operation::Operation;
use crate::{document, openapi_3_0};

/// The published contract: every endpoint, a line each.
#[must_use]
pub fn contract() -> Spec {
    Spec::new(Info {
        title: "Freddy API",
        version: "1.0.0",
        description: "Personal connectors of the Freddy API.\n\n\
            Every error has the same envelope. Decide by its `code`, and by the HTTP status where the code is unknown: \
            codes are added over time.",
        license: "MIT OR Apache-2.0",
    })
    .endpoint::<DisconnectConnector>()
}

/// What a document says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Info {
    /// The name of the API.
    pub title: &'static str,
    /// The version of the contract, by the rules of semantic versioning: the one that was published last, or the one that
    /// is released next.
    pub version: &'static str,
    /// What the API is for, in Markdown.
    pub description: &'static str,
    /// The licence of the document, as an SPDX expression.
    pub license: &'static str,
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

    /// Adds an endpoint, after those that are there.
    #[must_use]
    pub fn endpoint<E: Endpoint>(mut self) -> Self {
        self.operations.push(Operation::of::<E>());
        self
    }

    /// The document as OpenAPI 3.1.
    ///
    /// # Errors
    /// Two endpoints, or two types, get into each other's way.
    pub fn document(&self) -> Result<Value, SpecError> {
        self.check_unique()?;
        document::build(self)
    }

    /// The same contract as OpenAPI 3.0.3.
    ///
    /// # Errors
    /// As [`document`](Self::document); and a schema that 3.0 has no way to write.
    pub fn document_3_0(&self) -> Result<Value, SpecError> {
        openapi_3_0::downgrade(&self.document()?)
    }

    fn check_unique(&self) -> Result<(), SpecError> {
        let codes = self.known_codes();
        let (listed, _) = self.listed_and_unlisted_codes();
        for (index, code) in listed.iter().enumerate() {
            let name = document::response_name(*code);
            let clash = |other: &&ErrorCode| **other != *code && document::response_name(**other) == name;
            if let Some(other) =
                listed.iter().skip(index + 1).find(clash).filter(|other| other.as_str() != code.as_str())
            {
                return Err(SpecError::DuplicateResponseName { codes: [code.as_str(), other.as_str()], name });
            }
        }
        for (index, code) in codes.iter().enumerate() {
            if codes.iter().skip(index + 1).any(|other| other.as_str() == code.as_str()) {
                return Err(SpecError::DuplicateCode(code.as_str()));
            }
        }
        for (index, one) in self.operations.iter().enumerate() {
            for other in self.operations.iter().skip(index + 1) {
                if one.operation_id == other.operation_id {
                    return Err(SpecError::DuplicateOperationId(one.operation_id));
                }
                if one.method == other.method && one.path == other.path {
                    return Err(SpecError::DuplicateRoute { method: one.method.as_str(), path: one.path.as_str() });
                }
            }
        }
        Ok(())
    }

    /// The table, and after it the codes of other crates that some endpoint documents.
    pub(crate) fn known_codes(&self) -> Vec<ErrorCode> {
        let mut codes = ErrorCode::ALL.to_vec();
        for code in self.operations.iter().flat_map(|operation| operation.errors) {
            if !codes.contains(code) {
                codes.push(*code);
            }
        }
        codes
    }

    /// The known codes, apart: those that some endpoint documents, and the others.
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
