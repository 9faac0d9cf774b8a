//! The Python package.

use super::{Contents, Schema, Tree};

pub(super) fn tree(contents: &Contents) -> Tree {
    let mut tree = Tree::new("python", include_str!("python/README.md"));
    tree.add("pyproject.toml", manifest(contents));
    tree.add("hatch_build.py", include_str!("python/hatch_build.py"));
    tree.add("freddy_openapi/__init__.py", include_str!("python/__init__.py"));
    let schemas = literal("SchemaName", contents.schemas.iter().map(|Schema { name, .. }| &**name));
    // The schema of the cases is beside them, and none of them.
    let cases =
        contents.conformance.iter().map(|(file, _)| file.trim_end_matches(".json")).filter(|name| *name != "schema");
    let cases = literal("CaseName", cases);
    tree.add("freddy_openapi/_names.py", format!("from typing import Literal\n{schemas}{cases}"));
    tree.add("freddy_openapi/py.typed", "");
    tree.add_contract("freddy_openapi/", contents);
    tree
}

/// A type of these texts.
fn literal<'a>(name: &str, texts: impl Iterator<Item = &'a str>) -> String {
    let lines: String = texts.map(|text| format!("    \"{text}\",\n")).collect();
    format!("\n{name} = Literal[\n{lines}]\n")
}

fn manifest(contents: &Contents) -> String {
    let info = &contents.info;
    // What JSON escapes in a string, TOML escapes in the same way.
    let text = |text: &str| serde_json::Value::from(text).to_string();
    include_str!("python/pyproject.toml")
        .replace("\"VERSION\"", &text(info.version))
        .replace(
            "\"DESCRIPTION\"",
            &text(&format!("The OpenAPI documents, JSON Schemas and models of the {}.", info.title)),
        )
        .replace("\"LICENSE\"", &text(info.license))
        .replace("\"HOMEPAGE\"", &text(info.base_url))
}
