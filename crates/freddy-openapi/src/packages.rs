//! The source trees of the packages in other languages: `npm/`, which `npm pack` packs, and `python/`, of which a build
//! backend makes a wheel. Their builds generate the types from the document in them.

use serde_json::Value;

use crate::artifacts::{Artifact, yaml};
use crate::document::schemas;
use crate::spec::{Info, Spec, SpecError};

mod npm;
mod python;

/// What a package has of the contract.
struct Contents {
    info: Info,
    document: Value,
    /// The documents as they are published, by their names in the packages.
    documents: [(&'static str, String); 3],
    schemas: Vec<Schema>,
    /// The files of cases and their schema, by their names in `openapi/conformance`.
    conformance: Vec<(&'static str, String)>,
}

struct Schema {
    /// The name of its file in `openapi/schemas`, without `.json`.
    name: String,
    schema: Value,
}

/// A package in the making.
struct Tree {
    folder: &'static str,
    files: Vec<Artifact>,
}

impl Tree {
    /// A tree with what every package has: what it is, and its licences.
    fn new(folder: &'static str, readme: &str) -> Self {
        let mut tree = Self { folder, files: Vec::new() };
        tree.add("README.md", readme);
        tree.add("LICENSE-APACHE", include_str!("../LICENSE-APACHE"));
        tree.add("LICENSE-MIT", include_str!("../LICENSE-MIT"));
        tree
    }

    fn add(&mut self, path: &str, text: impl Into<String>) {
        self.files.push(Artifact::new(format!("{}/{path}", self.folder), text.into()));
    }

    /// Adds the documents, the schemas and the cases, which are the same files in every package.
    fn add_contract(&mut self, folder: &str, contents: &Contents) {
        for (name, text) in &contents.documents {
            self.add(&format!("{folder}{name}"), text);
        }
        for Schema { name, schema } in &contents.schemas {
            self.add(&format!("{folder}schemas/{name}.json"), format!("{schema:#}\n"));
        }
        for (name, text) in &contents.conformance {
            self.add(&format!("{folder}conformance/{name}"), text);
        }
    }
}

impl Spec {
    /// Every file of the source trees of the packages `freddy-openapi` for npm and Python, below `npm/` and `python/`. Their
    /// version is that of the [`Info`].
    ///
    /// # Errors
    /// As [`artifacts`](Self::artifacts).
    pub fn packages(&self) -> Result<Vec<Artifact>, SpecError> {
        let document = self.document()?;
        let contents = Contents {
            info: self.info,
            documents: [
                ("openapi.json", format!("{document:#}\n")),
                ("openapi.yaml", yaml(&document)?),
                ("openapi-3.0.json", format!("{:#}\n", self.document_3_0()?)),
            ],
            document,
            schemas: schemas::files(self)?
                .into_iter()
                .map(|(file, schema)| Schema { name: file.trim_end_matches(".json").to_owned(), schema })
                .collect(),
            // The page is for people, and links to what no package has.
            conformance: self.conformance().into_iter().filter(|(name, _)| name.ends_with(".json")).collect(),
        };
        Ok([npm::tree(&contents), python::tree(&contents)].into_iter().flat_map(|tree| tree.files).collect())
    }
}
