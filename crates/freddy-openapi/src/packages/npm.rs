//! The npm package, for ES modules and for `require` alike.

use serde_json::{Map, Value, json};

use super::{Contents, Schema, Tree};

/// What `npm pack` generates the types with: `openapi-fetch` takes its `paths`.
const GENERATOR: (&str, &str) = ("openapi-typescript", "7.13.0");
const GENERATE: &str =
    "openapi-typescript openapi.json --output types.d.cts --root-types --root-types-no-schema-prefix";
const TYPES: &str = "export type * from \"./types.cjs\";\n";

pub(super) fn tree(contents: &Contents) -> Tree {
    let mut tree = Tree::new("npm", include_str!("npm/README.md"));
    tree.add("package.json", format!("{:#}\n", manifest(contents)));
    tree.add_contract("", contents);

    let document = &contents.document;
    // JSON is also the literal type of what it says.
    let declared = format!("{TYPES}export declare const document: {document:#};\n");
    tree.add("index.js", format!("export const document = {document:#};\n"));
    tree.add("index.d.ts", declared.as_str());
    tree.add("index.cjs", "exports.document = require(\"./openapi.json\");\n");
    tree.add("index.d.cts", declared);
    for Schema { name, schema } in &contents.schemas {
        let declared = format!("declare const schema: {schema:#};\n");
        tree.add(&format!("schemas/{name}.js"), format!("export default {schema:#};\n"));
        tree.add(&format!("schemas/{name}.d.ts"), format!("{declared}export default schema;\n"));
        tree.add(&format!("schemas/{name}.cjs"), format!("module.exports = require(\"./{name}.json\");\n"));
        tree.add(&format!("schemas/{name}.d.cts"), format!("{declared}export = schema;\n"));
    }
    tree
}

fn manifest(contents: &Contents) -> Value {
    let info = &contents.info;
    let mut exports = Map::new();
    exports.insert(".".to_owned(), module("./index"));
    for Schema { name, .. } in &contents.schemas {
        exports.insert(format!("./schemas/{name}"), module(&format!("./schemas/{name}")));
        exports.insert(format!("./schemas/{name}.json"), format!("./schemas/{name}.json").into());
    }
    for (name, _) in &contents.documents {
        exports.insert(format!("./{name}"), format!("./{name}").into());
    }
    for (name, _) in &contents.conformance {
        exports.insert(format!("./conformance/{name}"), format!("./conformance/{name}").into());
    }
    exports.insert("./package.json".to_owned(), "./package.json".into());
    json!({
        "name": "freddy-openapi",
        "version": info.version,
        "description": format!("The OpenAPI documents, JSON Schemas and types of the {}.", info.title),
        "license": info.license,
        "homepage": info.base_url,
        // No registry has it: npm refuses to publish what is private.
        "private": true,
        "type": "module",
        "sideEffects": false,
        "main": "./index.cjs",
        "types": "./index.d.cts",
        "exports": exports,
        "files": ["index.*", "types.d.cts", "openapi.*", "openapi-3.0.json", "schemas", "conformance", "LICENSE-*"],
        "scripts": { "prepack": GENERATE },
        "devDependencies": { GENERATOR.0: GENERATOR.1 },
    })
}

/// The entry of a module, by its path without an ending.
fn module(path: &str) -> Value {
    json!({
        "import": { "types": format!("{path}.d.ts"), "default": format!("{path}.js") },
        "require": { "types": format!("{path}.d.cts"), "default": format!("{path}.cjs") },
    })
}
