//! The published files, as text.

use freddy_conformance::vectors;
use serde_json::Value;

use crate::document::reference::{Reference, html, markdown};
use crate::document::schemas;
use crate::spec::{Spec, SpecError};

/// A file to publish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    path: String,
    text: String,
}

impl Artifact {
    pub(crate) fn new(path: impl Into<String>, text: String) -> Self {
        Self { path: path.into(), text }
    }

    fn json(path: impl Into<String>, value: &Value) -> Self {
        Self::new(path, format!("{value:#}\n"))
    }

    /// The path below the output folder, with `/` between its parts.
    #[must_use]
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The whole content.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl Spec {
    /// Every file that is published for these endpoints. The same types always give the same bytes.
    ///
    /// # Errors
    /// As [`document`](Self::document) and [`document_3_0`](Self::document_3_0).
    pub fn artifacts(&self) -> Result<Vec<Artifact>, SpecError> {
        let document = self.document()?;
        let reference = Reference::new(self, &document);
        let mut artifacts = vec![
            Artifact::json("freddy.json", &document),
            Artifact::new("freddy.yaml", yaml(&document)?),
            Artifact::json("freddy-3.0.json", &self.document_3_0()?),
            Artifact::new("reference.md", markdown::page(&reference)),
            Artifact::new("index.html", html::page(&reference)),
        ];
        artifacts.extend(
            schemas::files(self)?.iter().map(|(name, schema)| Artifact::json(format!("schemas/{name}"), schema)),
        );
        let cases = self.conformance().into_iter();
        artifacts.extend(cases.map(|(name, text)| Artifact::new(format!("conformance/{name}"), text)));
        Ok(artifacts)
    }

    /// The contract as cases: names of files, and their texts.
    pub(crate) fn conformance(&self) -> Vec<(&'static str, String)> {
        let requests = self.operations.iter().flat_map(|operation| operation.request_cases.iter().cloned());
        vectors::files(self.info.version, &requests.collect::<Vec<_>>())
    }
}

/// The document as YAML. Strings that a YAML 1.1 reader would take for something else, such as timestamps, are quoted.
pub(crate) fn yaml(document: &Value) -> Result<String, SpecError> {
    let text = serde_saphyr::to_string(document).map_err(|error| SpecError::Yaml(error.to_string()))?;
    Ok(if text.ends_with('\n') { text } else { text + "\n" })
}
