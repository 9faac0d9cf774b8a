//! What is read as a document, where its parts are found, and what is refused.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper of a test fails the test"
)]

use std::collections::BTreeMap;
use std::error::Error as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use openapi_compat::{Document, Limits, ReadError, ReadErrorKind as Kind, Source};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tempfile::TempDir;

/// A folder with files, the first of which is the document.
fn folder(files: &[(&str, impl AsRef<[u8]>)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    let document = folder.path().join(files[0].0);
    (folder, document)
}

fn read(files: &[(&str, impl AsRef<[u8]>)]) -> Result<Document, ReadError> {
    let (_folder, document) = folder(files);
    Document::read(&Source::File(document))
}

fn read_text(text: impl AsRef<[u8]>) -> Result<Document, ReadError> {
    read(&[("api", text)])
}

/// The field `x` of a document that has nothing else.
fn value_of_x(yaml: &str) -> Value {
    read_text(format!("openapi: 3.1.0\nx: {yaml}\n")).unwrap_or_else(|error| panic!("{yaml}: {error}")).value()["x"]
        .clone()
}

/// The kind of an error, and its text without the folder.
fn refused(files: &[(&str, impl AsRef<[u8]>)]) -> (Kind, String) {
    let (folder, document) = folder(files);
    let error = Document::read(&Source::File(document)).expect_err("is read");
    (error.kind, error.to_string().replace(&format!("{}/", folder.path().display()), ""))
}

#[test]
fn the_notation_is_seen_from_the_content() {
    let json = br#"{"openapi":"3.1.0","x":[1,1.0,"a"]}"#;
    let with_bom = [b"\xEF\xBB\xBF".as_slice(), json].concat();
    let yaml = "\u{FEFF}openapi: 3.1.0\nx: [1, 1.0, a]\n";
    let flow = "{openapi: 3.1.0, x: [1, 1.0, a,], # with a comment\n}";
    let documents = [json.to_vec(), with_bom, yaml.into(), flow.into(), b"---\n".iter().chain(json).copied().collect()];
    for name in ["api.json", "api.yaml", "api.txt", "api"] {
        for document in &documents {
            let value = read(&[(name, document)]).unwrap();
            assert_eq!(value.value(), &json!({"openapi": "3.1.0", "x": [1, 1.0, "a"]}));
        }
    }
}

#[test]
fn yaml_is_read_as_yaml_1_2() {
    let cases = [
        ("[on, off, yes, no, y, n, On, YES]", json!(["on", "off", "yes", "no", "y", "n", "On", "YES"])),
        ("[true, False, null, ~]", json!([true, false, null, null])),
        ("[0o17, 017, 0x1F, 1:30, 1_000]", json!([15, 17, 31, "1:30", "1_000"])),
        ("[1, 1.0, 1e3, 18446744073709551615]", json!([1, 1.0, 1000.0, u64::MAX])),
        ("[2001-12-14, '1', \"1\"]", json!(["2001-12-14", "1", "1"])),
        (
            "{200: a, 4XX: b, null: c, true: d, 1.0: e}",
            json!({"200": "a", "4XX": "b", "null": "c", "true": "d", "1.0": "e"}),
        ),
        ("{on: 1, off: 2, y: 3}", json!({"on": 1, "off": 2, "y": 3})),
        ("[!!str 5, !!int \"5\", ! 5, !!seq [], !!map {}]", json!(["5", 5, "5", [], {}])),
        ("[&a {b: 1}, *a]", json!([{"b": 1}, {"b": 1}])),
        ("[&a k, {*a : 1}]", json!(["k", {"k": 1}])),
        ("{a: &a {b: 1, c: 2}, d: {<<: *a, c: 3}}", json!({"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}})),
        ("[&a {b: 1}, &b {b: 2, c: 2}, {<<: [*a, *b]}]", json!([{"b": 1}, {"b": 2, "c": 2}, {"b": 1, "c": 2}])),
        ("{\"<<\": 1}", json!({"<<": 1})),
        ("|\n  a\n  b\n", json!("a\nb\n")),
        ("\"\\u00e9\\n\"", json!("é\n")),
    ];
    for (yaml, value) in cases {
        assert_eq!(value_of_x(yaml), value, "{yaml}");
    }
}

#[test]
fn what_is_no_document_is_refused_with_its_place_and_the_reason() {
    let cases: &[(&[u8], Kind, &str)] = &[
        (b"", Kind::Syntax, "api:1:1: is empty"),
        (b"# nothing\n", Kind::Syntax, "api:1:1: is empty"),
        (b"text", Kind::Version, "api:1:1: is no OpenAPI document: it is not an object"),
        (b"[]", Kind::Version, "it is not an object"),
        (b"{}", Kind::Version, "api:1:1: is no OpenAPI document: it has no field `openapi`"),
        (b"info: {}\nopenapi: 3.1", Kind::Version, "api:2:1: has the number 3.1 as its version"),
        (b"openapi: [3]", Kind::Version, "api:1:1: has a version that is not a text"),
        (b"openapi: 3.3.0", Kind::Version, "is OpenAPI `3.3.0`, and 3.0, 3.1 and 3.2 are read"),
        (b"openapi: 4.0.0", Kind::Version, "is OpenAPI `4.0.0`"),
        (
            b"\nswagger: '2.0'",
            Kind::Version,
            "api:2:1: is Swagger 2.0, and OpenAPI 3.0, 3.1 and 3.2 are read; convert it",
        ),
        (b"swagger: 2.0", Kind::Version, "is Swagger 2.0, and"),
        (b"{\"a\": 1,\n\"b\" 2}", Kind::Syntax, "api:2:5: is no JSON: expected `:`"),
        (b"{\"a\":\"\\ud800\"}", Kind::Syntax, "api:1:6: a text escapes half of a surrogate pair"),
        (b"{\"a\":1e999}", Kind::Syntax, "api:1:6: the number `1e999` is too large"),
        (b"a: [1\nb: 2", Kind::Syntax, "is no YAML: "),
        (b"a: *b", Kind::Syntax, "api:1:4: is no YAML: "),
        (b"a: .inf", Kind::Syntax, "api:1:4: `.inf` is not a number that JSON has"),
        (b"a: 1\n\nb: 2\na: 3", Kind::Syntax, "api:4:1: `a` stands twice in one object, in lines 1 and 4"),
        (b"{\"b\":{\"a\":1,\n\"a\":1}}", Kind::Syntax, "api:2:1: `a` stands twice in one object, in lines 1 and 2"),
        (b"{\"a\":1,\n\"\\u0061\":1}", Kind::Syntax, "api:2:1: `a` stands twice in one object, in lines 1 and 2"),
        (b"200: a\n\"200\": b", Kind::Syntax, "api:2:1: `200` stands twice"),
        (b"a: 1\n---\nb: 2", Kind::Syntax, "api:2:1: holds a second document"),
        (b"%YAML 1.1\n---\na: on", Kind::Syntax, "declares another YAML than 1.2"),
        (b"a: !!timestamp 2001-12-14", Kind::Syntax, "has the tag `!!timestamp`, which YAML 1.2 does not define"),
        (b"a: !Ref b", Kind::Syntax, "has the tag `!Ref`"),
        (b"a: !!map []", Kind::Syntax, "has the tag `!!map` on what is none"),
        (b"a: !!int b", Kind::Syntax, "api:1:10: `b` is tagged `!!int`, but is none"),
        (b"? [a]\n: b", Kind::Syntax, "api:1:3: an array is no name of a field"),
        (b"? {a: 1}\n: b", Kind::Syntax, "api:1:3: an object is no name of a field"),
        (b"a: &a [*a]", Kind::Syntax, "api:1:8: an alias stands for what it is in"),
        (b"a: {<<: 1}", Kind::Syntax, "`<<` merges objects, and this is none"),
        (b"a: \xE9", Kind::Encoding, "api:1:4: is not in UTF-8: the byte 0xE9 is none of it"),
        (b"\xFF\xFEa\0", Kind::Encoding, "is in UTF-16"),
        (b"{\0\"\0", Kind::Encoding, "is in UTF-16"),
        (b"\0{\0\"", Kind::Encoding, "is in UTF-16"),
    ];
    for (text, kind, what) in cases {
        let error = refused(&[("api", text)]);
        assert_eq!(error.0, *kind, "{} for {:?}", error.1, text.escape_ascii().to_string());
        assert!(error.1.contains(what), "{} is not {what}", error.1);
    }
}

#[test]
fn a_source_that_cannot_be_read_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let error = Document::read(&Source::named(folder.path().join("none.yaml").to_str().unwrap())).unwrap_err();
    assert_eq!(error.kind, Kind::Unreadable);
    assert!(error.to_string().contains("none.yaml: cannot be read: No such file"), "{error}");
    assert!(error.source().is_some_and(<dyn std::error::Error>::is::<std::io::Error>));
    assert!(Document::read(&Source::File(folder.path().into())).unwrap_err().to_string().contains("directory"));
    let error = Document::read(&Source::named("https://example.com/api.json")).unwrap_err();
    assert!(error.to_string().ends_with("URLs are not read, only files and git revisions"), "{error}");
}

#[test]
fn a_name_means_a_file_before_a_revision() {
    let git = |revision: &str, path: &str| Source::Git { revision: revision.into(), path: path.into() };
    assert_eq!(Source::named("-"), Source::Stdin);
    assert_eq!(Source::named("main:openapi/api.json"), git("main", "openapi/api.json"));
    assert_eq!(Source::named("HEAD~1:./api.yaml"), git("HEAD~1", "./api.yaml"));
    assert_eq!(Source::named(":api.yaml"), git("", "api.yaml"));
    assert_eq!(Source::named("api.yaml"), Source::File("api.yaml".into()));
    assert_eq!(Source::named("main:"), Source::File("main:".into()));
    let (_folder, path) = folder(&[("a:b.yaml", "openapi: 3.1.0")]);
    assert_eq!(Source::named(path.to_str().unwrap()), Source::File(path));
}

/// A repository whose only revision has these files.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let (folder, _) = folder(files);
    let git = |args: &[&str]| {
        let config = ["-c", "user.name=a", "-c", "user.email=a@b.test", "-c", "commit.gpgsign=false"];
        let output = Command::new("git").args(config).args(args).current_dir(&folder).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    git(&["commit", "--quiet", "--message", "a"]);
    folder
}

/// Set for the copy of this test that runs in a repository, since the working directory belongs to the whole process.
const IN_REPOSITORY: &str = "OPENAPI_COMPAT_TEST_IN_REPOSITORY";

#[test]
fn a_git_revision_is_read_with_what_it_refers_to() {
    if std::env::var_os(IN_REPOSITORY).is_none() {
        let schema = |name: &str| format!("openapi: 3.1.0\ncomponents: {{schemas: {{A: {{$ref: '{name}'}}}}}}\n");
        let folder = repository(&[
            ("docs/api.yaml", &schema("parts/a.yaml#/A")),
            ("docs/parts/a.yaml", "A: {type: string}\n"),
            ("docs/out.yaml", &schema("../a.yaml")),
            ("a.yaml", "type: string\n"),
        ]);
        fs::remove_dir_all(folder.path().join("docs")).unwrap();
        fs::create_dir(folder.path().join("docs")).unwrap();
        let this = std::env::current_exe().unwrap();
        let mut test = Command::new(this);
        test.args(["--exact", "a_git_revision_is_read_with_what_it_refers_to"]).env(IN_REPOSITORY, "1");
        let output = test.current_dir(folder.path().join("docs")).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        return;
    }
    for name in ["HEAD:docs/api.yaml", "HEAD:./api.yaml", ":docs/api.yaml"] {
        let document = Document::read(&Source::named(name)).unwrap();
        let pointer = "/x-referenced-files/parts~1a.yaml/A";
        assert_eq!(document.value().pointer(pointer), Some(&json!({"type": "string"})));
        let location = document.locate(pointer).unwrap().to_string();
        assert_eq!(location, format!("{}:1:1", name.replace("api.yaml", "parts/a.yaml")));
    }
    let cases = [
        (
            "HEAD:docs/none.yaml",
            Kind::Unreadable,
            "is neither a file nor known to git: path 'docs/none.yaml' does not exist",
        ),
        ("none:docs/api.yaml", Kind::Unreadable, "is neither a file nor known to git: "),
        ("--textconv:docs/api.yaml", Kind::Unreadable, "a revision does not begin with `-`"),
        ("HEAD:docs/out.yaml", Kind::Reference, "`../a.yaml`: it leads out of the folder of the document"),
    ];
    for (name, kind, what) in cases {
        let error = Document::read(&Source::named(name)).unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.to_string().contains(what), "{error}");
    }
}

/// A document with one schema, which is a reference.
fn with_reference(reference: &str) -> String {
    format!(
        "openapi: 3.1.0\ncomponents:\n  schemas:\n    A:\n      $ref: {reference:?}\n    B: {{type: string, $anchor: b}}\n"
    )
}

#[test]
fn references_to_other_files_lead_into_the_one_document() {
    let cases = [
        ("parts/a.yaml#/A", "#/x-referenced-files/parts~1a.yaml/A"),
        ("./parts/../parts/./a.yaml#/A", "#/x-referenced-files/parts~1a.yaml/A"),
        ("p%61rts%2Fa.yaml#/%41", "#/x-referenced-files/parts~1a.yaml/A"),
        ("parts/a.yaml#/~1x/~0y%20z", "#/x-referenced-files/parts~1a.yaml/~1x/~0y z"),
        ("parts/a.yaml#named", "#/x-referenced-files/parts~1a.yaml/A"),
        ("whole.json", "#/x-referenced-files/whole.json"),
        ("whole.json#", "#/x-referenced-files/whole.json"),
        ("whole.json#/", "#/x-referenced-files/whole.json"),
        ("api.yaml#/components/schemas/B", "#/components/schemas/B"),
        ("#/components/schemas/%42", "#/components/schemas/B"),
        ("#b", "#/components/schemas/B"),
        // What leads nowhere in the document itself is for the comparison to judge.
        ("#/none", "#/none"),
        ("#none", "#none"),
    ];
    for (reference, rewritten) in cases {
        let document = read(&[
            ("api.yaml", with_reference(reference).as_str()),
            (
                "parts/a.yaml",
                "A: {$anchor: named, items: {$ref: '#/B'}}\nB: {$ref: ../api.yaml#/components/schemas/A}\n/x: {~y z: {}}\n",
            ),
            ("whole.json", r#"{"$ref":"parts/a.yaml#/B"}"#),
        ]);
        let value = document.unwrap_or_else(|error| panic!("{error}")).value().clone();
        assert_eq!(value["components"]["schemas"]["A"]["$ref"], rewritten, "{reference}");
        if let Some(a) = value.pointer("/x-referenced-files/parts~1a.yaml").filter(|_| rewritten.ends_with("/A")) {
            assert_eq!(a["A"]["items"]["$ref"], "#/x-referenced-files/parts~1a.yaml/B");
            assert_eq!(a["B"]["$ref"], "#/components/schemas/A");
        }
        let whole = value.pointer("/x-referenced-files/whole.json/$ref");
        assert!(whole.is_none_or(|reference| reference == "#/x-referenced-files/parts~1a.yaml/B"));
    }
}

#[test]
fn a_reference_that_is_not_followed_is_refused_with_its_place() {
    let cases = [
        ("none.yaml#/A", "`none.yaml#/A`: none.yaml cannot be read: No such file"),
        ("a.yaml#/B", "`a.yaml#/B`: a.yaml has no `/B`"),
        ("a.yaml#b", "`a.yaml#b`: a.yaml has no `b`"),
        ("../a.yaml", "it leads out of the folder of the document"),
        ("x/../../a.yaml", "it leads out of the folder of the document"),
        ("%2e%2e/a.yaml", "it leads out of the folder of the document"),
        ("/etc/passwd", "absolute paths are not followed"),
        ("%2Fetc/passwd", "absolute paths are not followed"),
        ("file:///etc/passwd", "references to other hosts are not followed"),
        ("https://example.com/a.yaml#/A", "references to other hosts are not followed"),
        ("//example.com/a.yaml", "references to other hosts are not followed"),
        ("urn:example:a", "references to other hosts are not followed"),
        ("C:/a.yaml", "references to other hosts are not followed"),
        ("a.yaml?b", "a file has no query"),
        ("none\n::error::a", "`none\\n::error::a`"),
        ("folder", "it is not a file"),
    ];
    for (reference, what) in cases {
        let files = [("api.yaml", with_reference(reference)), ("a.yaml", "A: {}".into()), ("folder/b", "{}".into())];
        let (kind, error) = refused(&files);
        assert_eq!(kind, Kind::Reference, "{error}");
        assert!(error.starts_with("api.yaml:5:7: ") && error.contains(what), "{error}");
        assert_eq!(error.lines().count(), 1);
    }
    // In another file.
    let files = [("api.yaml", with_reference("a.yaml")), ("a.yaml", "allOf:\n  - $ref: ../b.yaml\n".into())];
    assert!(refused(&files).1.starts_with("a.yaml:2:5: `../b.yaml`: it leads out"), "{:?}", refused(&files));
    let files = [("api.yaml", with_reference("a.yaml")), ("a.yaml", "a: 1\na: 2\n".into())];
    assert_eq!(refused(&files).0, Kind::Syntax);
    assert!(refused(&files).1.starts_with("a.yaml:2:1: `a` stands twice"), "{:?}", refused(&files));
    // Where OpenAPI has none.
    for text in
        ["paths: {$ref: paths.yaml}", "components: {schemas: {$ref: a.yaml}}", "paths: {/a: {get: {$ref: a.yaml}}}"]
    {
        let (kind, error) = refused(&[("api", format!("openapi: 3.1.0\n{text}\n"))]);
        assert_eq!(kind, Kind::Reference);
        assert!(error.starts_with("api:2:") && error.contains("OpenAPI allows no `$ref` here"), "{error}");
    }
    let error = Document::new(json!({"openapi": "3.1.0", "components": {"schemas": {"A": {"$ref": "a.yaml"}}}}));
    assert!(error.unwrap_err().to_string().contains("`a.yaml`: the document is in no folder"));
}

#[test]
fn references_stay_in_a_wider_folder_if_one_is_given() {
    let (folder, document) = folder(&[
        ("specs/v1/api.yaml", with_reference("../common/a.yaml#/A")),
        ("specs/common/a.yaml", "A: {allOf: [{$ref: ../v1/api.yaml}, {$ref: b.yaml}]}".into()),
        ("specs/common/b.yaml", "{$ref: ../../out.yaml}".into()),
        ("out.yaml", "{}".into()),
    ]);
    let source = Source::File(document);
    let mut limits = Limits::default();
    limits.folder = Some(folder.path().join("specs"));
    let error = Document::read_within(&source, &limits).unwrap_err().to_string();
    assert!(error.contains("b.yaml:1:2: `../../out.yaml`: it leads out of the folder"), "{error}");
    limits.folder = Some(folder.path().into());
    let document = Document::read_within(&source, &limits).unwrap_or_else(|error| panic!("{error}"));
    let pointer = "/x-referenced-files/specs~1common~1a.yaml/A/allOf";
    assert_eq!(document.value().pointer(pointer).unwrap()[0]["$ref"], "#");
    assert!(document.locate(pointer).unwrap().file.ends_with("specs/common/a.yaml"));
    limits.folder = Some(folder.path().join("specs/common"));
    let error = Document::read_within(&source, &limits).unwrap_err();
    assert!(error.to_string().contains("is not in the folder that its references are to stay in"), "{error}");
}

#[cfg(unix)]
#[test]
fn no_symbolic_link_leads_out_of_the_folder() {
    let (folder, document) =
        folder(&[("in/api.yaml", with_reference("link.yaml")), ("out.yaml", "{}".into()), ("in/a", "{}".into())]);
    let link = folder.path().join("in/link.yaml");
    std::os::unix::fs::symlink("../out.yaml", &link).unwrap();
    let error = Document::read(&Source::File(document.clone())).unwrap_err();
    assert!(error.to_string().contains("a symbolic link leads out of the folder"), "{error}");
    fs::remove_file(&link).unwrap();
    std::os::unix::fs::symlink("a", &link).unwrap();
    assert!(Document::read(&Source::File(document)).is_ok());
}

#[test]
fn only_references_are_followed_and_rewritten() {
    let text = "
openapi: 3.1.0
paths:
  /a:
    $ref: parts.yaml#/Path
    get:
      parameters: [{$ref: 'parts.yaml#/Parameter'}]
      requestBody: {content: {a/b: {schema: {properties: {$ref: {type: string}}}, example: {$ref: none.yaml}}}}
      responses: {200: {$ref: 'parts.yaml#/Response'}}
components:
  examples: {A: {value: {$ref: none.yaml}}, B: {$ref: 'parts.yaml#/Example'}}
  schemas:
    A: {default: {$ref: none.yaml}, enum: [{$ref: none.yaml}], const: {$ref: none.yaml}, x-a: {$ref: none.yaml}}
    B:
      discriminator:
        mapping: {a: A, b: 'parts.yaml#/Schema', c: Unknown, d: 'parts.yaml#/components/schemas/C'}
      oneOf: [{$ref: 'parts.yaml#/Mapped'}]
";
    let parts = "
Path: {post: {responses: {default: {$ref: '#/Response'}}}}
Parameter: {name: a, in: query, schema: {$ref: '#/Schema'}}
Response: {description: a, headers: {B: {schema: {$ref: '#/Schema'}}}}
Schema: {type: string}
Example: {value: {$ref: none.yaml}}
Mapped: {discriminator: {mapping: {c: C}}}
components: {schemas: {C: {type: string}}}
";
    let value =
        read(&[("api.yaml", text), ("parts.yaml", parts)]).unwrap_or_else(|error| panic!("{error}")).value().clone();
    let found = |pointer: &str| value.pointer(pointer).cloned().unwrap_or_else(|| panic!("{pointer}"));
    let parts = "#/x-referenced-files/parts.yaml";
    for (pointer, to) in [
        ("/paths/~1a/$ref", "/Path"),
        ("/paths/~1a/get/parameters/0/$ref", "/Parameter"),
        ("/paths/~1a/get/responses/200/$ref", "/Response"),
        ("/components/examples/B/$ref", "/Example"),
        ("/components/schemas/B/discriminator/mapping/b", "/Schema"),
        ("/components/schemas/B/discriminator/mapping/d", "/components/schemas/C"),
        ("/x-referenced-files/parts.yaml/Path/post/responses/default/$ref", "/Response"),
        ("/x-referenced-files/parts.yaml/Parameter/schema/$ref", "/Schema"),
        ("/x-referenced-files/parts.yaml/Response/headers/B/schema/$ref", "/Schema"),
        ("/x-referenced-files/parts.yaml/Mapped/discriminator/mapping/c", "/components/schemas/C"),
    ] {
        assert_eq!(found(pointer), json!(format!("{parts}{to}")), "{pointer}");
    }
    assert_eq!(found("/components/schemas/B/discriminator/mapping/a"), json!("A"));
    assert_eq!(found("/components/schemas/B/discriminator/mapping/c"), json!("Unknown"));
    let reference = json!({"$ref": "none.yaml"});
    for pointer in
        ["/components/examples/A/value", "/components/schemas/A/x-a", "/x-referenced-files/parts.yaml/Example/value"]
    {
        assert_eq!(found(pointer), reference);
    }
}

#[test]
fn an_id_is_what_references_in_it_start_from() {
    let text = "
openapi: 3.1.0
components:
  schemas:
    A: {$id: https://a.test/schemas/a.json, $defs: {D: {type: string}}, allOf: [{$ref: '#/$defs/D'}, {$ref: b.json}, {$ref: '#/components/schemas/%43'}]}
    B: {$id: https://a.test/schemas/b.json, type: object}
    C: {$ref: 'https://a.test/schemas/a.json#/$defs/D'}
";
    let value = read_text(text).unwrap_or_else(|error| panic!("{error}")).value().clone();
    let schemas = &value["components"]["schemas"];
    assert_eq!(schemas["A"]["allOf"][0]["$ref"], "#/components/schemas/A/$defs/D");
    assert_eq!(schemas["A"]["allOf"][1]["$ref"], "#/components/schemas/B");
    assert_eq!(schemas["A"]["allOf"][2]["$ref"], "#/components/schemas/C");
    assert_eq!(schemas["C"]["$ref"], "#/components/schemas/A/$defs/D");
}

#[test]
fn a_document_of_3_0_says_the_same_in_3_1_and_only_its_schemas_do() {
    let schema = json!({"type": "string", "nullable": true});
    let document = |version: &str| {
        json!({
            "openapi": version,
            "paths": {"/a": {"post": {
                "requestBody": {"content": {"a/b": {"schema": schema, "example": schema}}},
                "responses": {"200": {"headers": {"A": {"schema": schema}}, "$ref": "#/x-shared/Response"}},
            }}},
            "components": {"schemas": {
                "A": {"properties": {"nullable": schema}, "default": schema, "items": schema, "x-a": schema},
            }},
            "x-shared": {"Response": {"content": {"a/b": {"schema": schema}}}, "other": schema},
        })
    };
    let upgraded = json!({"type": ["string", "null"]});
    let value = Document::new(document("3.0.3")).unwrap().value().clone();
    for pointer in [
        "/paths/~1a/post/requestBody/content/a~1b/schema",
        "/paths/~1a/post/responses/200/headers/A/schema",
        "/components/schemas/A/properties/nullable",
        "/components/schemas/A/items",
        "/x-shared/Response/content/a~1b/schema",
    ] {
        assert_eq!(value.pointer(pointer), Some(&upgraded), "{pointer}");
    }
    for pointer in [
        "/paths/~1a/post/requestBody/content/a~1b/example",
        "/components/schemas/A/default",
        "/components/schemas/A/x-a",
        "/x-shared/other",
    ] {
        assert_eq!(value.pointer(pointer), Some(&schema), "{pointer}");
    }
    for version in ["3.1.0", "3.1.1", "3.2.0"] {
        assert_eq!(Document::new(document(version)).unwrap().value(), &document(version));
    }
}

#[test]
fn what_3_2_added_and_is_not_compared_is_said_once_with_its_place() {
    let text = "
openapi: 3.2.0
paths:
  /a:
    query: {responses: {}}
    additionalOperations: {COPY: {responses: {200: {content: {a/b: {itemSchema: {}}, c/d: {itemSchema: {}}}}}}}
    parameters: [{in: querystring, name: q, content: {}}]
tags: [{name: a, parent: b}]
";
    let document = read_text(text).unwrap();
    let warnings: Vec<_> = document.warnings().iter().map(ToString::to_string).collect();
    for (place, field) in
        [("5:5", "query"), ("6:5", "additionalOperations"), ("6:67", "itemSchema"), ("7:18", "in: querystring")]
    {
        let is_said =
            |warning: &&String| warning.contains(&format!(":{place}: `{field}` of OpenAPI 3.2 is not compared"));
        let count = warnings.iter().filter(is_said).count();
        // Of two, either may be the first.
        assert!(count == 1 || field == "itemSchema", "{field} in {warnings:?}");
    }
    assert_eq!(warnings.len(), 4, "{warnings:?}");
    assert!(read_text(text.replace("3.2.0", "3.1.0")).unwrap().warnings().is_empty());
}

#[test]
fn a_place_is_the_name_of_a_field_or_an_item_or_what_it_is_in() {
    let yaml = "openapi: 3.1.0\n# é\nä: {b: [1, {c: 2}]}\nlist:\n  - d: 1\n  - &x\n    e/f~g: 1\nalias: *x\n200: {}\n";
    let json = "{\"openapi\":\"3.1.0\",\n\"ä\": {\"b\":[1,{\"\\u0063\":2}]},\n\"list\": [{},{ \"e/f~g\":1}]}";
    for (text, cases) in [
        (
            yaml,
            &[
                ("", (1, 1)),
                ("/openapi", (1, 1)),
                ("/ä", (3, 1)),
                ("/ä/b", (3, 5)),
                ("/ä/b/0", (3, 9)),
                ("/ä/b/1", (3, 12)),
                ("/ä/b/1/c", (3, 13)),
                ("/ä/none/x", (3, 1)),
                ("/list/0/d", (5, 5)),
                ("/list/1/e~1f~0g", (7, 5)),
                ("/list/7", (4, 1)),
                ("/alias/e~1f~0g", (8, 1)),
                ("/200", (9, 1)),
                ("/none", (1, 1)),
                ("none", (1, 1)),
            ][..],
        ),
        (
            json,
            &[
                ("", (1, 1)),
                ("/openapi", (1, 2)),
                ("/ä", (2, 1)),
                ("/ä/b", (2, 7)),
                ("/ä/b/0", (2, 12)),
                ("/ä/b/1/c", (2, 15)),
                ("/list/1/e~1f~0g", (3, 15)),
                ("/list/2", (3, 1)),
            ][..],
        ),
    ] {
        let (_folder, path) = folder(&[("api", text)]);
        let document = Document::read(&Source::File(path.clone())).unwrap();
        let pointers: Vec<_> = cases.iter().map(|(pointer, _)| *pointer).collect();
        let found = document.locate_all(&pointers);
        for ((pointer, place), location) in cases.iter().zip(found) {
            let location = location.unwrap();
            assert_eq!((location.line, location.column), *place, "{pointer} in {text}");
            assert_eq!(Path::new(&location.file), path);
            assert_eq!(document.locate(pointer), Some(location));
        }
    }
    assert_eq!(Document::new(json!({"openapi": "3.1.0"})).unwrap().locate("/openapi"), None);
}

#[test]
fn many_places_in_one_long_line_are_found_in_one_pass() {
    const MANY: usize = 50_000;
    let text = json!({"openapi": "3.1.0", "é": vec![0; MANY]}).to_string();
    let pointers: Vec<_> = (0..MANY).map(|item| format!("/é/{item}")).collect();
    let pointers: Vec<_> = pointers.iter().map(String::as_str).collect();
    let document = read_text(&text).unwrap();
    for (item, location) in document.locate_all(&pointers).into_iter().enumerate() {
        assert_eq!(location.unwrap().column, r#"{"openapi":"3.1.0","é":[0"#.chars().count() + 2 * item);
    }
}

#[test]
fn limits_refuse_what_is_too_much() {
    type Set = fn(&mut Limits);
    let cases: [(Set, &str, &str); 5] = [
        (|limits| limits.bytes = 100, "x: 1", "the files together have more than 100 bytes"),
        (|limits| limits.files = 2, "x: 1", "the document refers to more than 2 files"),
        (|limits| limits.nodes = 20, "x: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]", "holds more than 20 values"),
        (|limits| limits.depth = 5, "x: [[[[[[]]]]]]", "api:2:8: is nested more than 5 levels deep"),
        (
            |limits| limits.copied = 500,
            "x: [&a {b: c}, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a, *a]",
            "stand for more than 500 bytes",
        ),
    ];
    for (set, text, what) in cases {
        let mut limits = Limits::default();
        set(&mut limits);
        let text = format!("openapi: 3.1.0\n{text}\ncomponents: {{schemas: {{A: {{$ref: a}}}}}}");
        let (folder, document) = folder(&[
            ("api", text.as_str()),
            ("a", "{allOf: [{$ref: b}, 1, 2, 3, 4, 5, 6]}"),
            ("b", "type: [string, object]"),
        ]);
        let source = Source::File(document);
        assert!(Document::read(&source).is_ok());
        let error = Document::read_within(&source, &limits).unwrap_err();
        assert_eq!(error.kind, Kind::Limit, "{error}");
        assert!(error.to_string().replace(&format!("{}/", folder.path().display()), "").contains(what), "{error}");
    }
}

#[test]
fn deep_nesting_is_refused_in_every_notation_and_overflows_no_stack() {
    const DEEP: usize = 100_000;
    let texts = [
        format!("{{\"a\":{}{}}}", "[".repeat(DEEP), "]".repeat(DEEP)),
        format!("{{\"a\":{}1{}}}", "{\"a\":".repeat(DEEP), "}".repeat(DEEP)),
        format!("{{\"a\":{}", "[".repeat(DEEP)),
        format!("a: {}{}", "[".repeat(DEEP), "]".repeat(DEEP)),
        format!("a: {}", "{a: ".repeat(DEEP)),
        format!("a: {}", "[".repeat(DEEP)),
        format!("{}a", "- ".repeat(DEEP)),
        format!("{}a", "? ".repeat(DEEP)),
        (0..3000).map(|level| format!("{}a:\n", " ".repeat(level))).collect(),
        // By aliases.
        (0..300).fold("a0: &a0 []\n".to_owned(), |text, n| format!("{text}a{}: &a{} [*a{n}]\n", n + 1, n + 1)),
    ];
    for text in texts {
        let start: String = text.chars().take(20).collect();
        let error = read_text(text).expect_err(&start);
        assert!(matches!(error.kind, Kind::Limit | Kind::Syntax), "{start}: {error}");
    }
    let deep = |depth| (0..depth).fold(json!(1), |value, _| json!([value]));
    let mut document = Map::from_iter([("openapi".to_owned(), json!("3.1.0"))]);
    document.insert("a".to_owned(), deep(255));
    assert!(Document::new(document.clone().into()).is_ok());
    document.insert("a".to_owned(), deep(256));
    assert_eq!(Document::new(document.into()).unwrap_err().kind, Kind::Limit);
    let deep = (0..DEEP).fold(json!(1), |value, _| Value::Array(vec![value]));
    assert_eq!(Document::new(deep).unwrap_err().kind, Kind::Limit);
}

#[test]
fn aliases_that_stand_for_too_much_are_refused() {
    let bomb = |leaf: &str, levels: usize| {
        (0..levels).fold(format!("openapi: 3.1.0\na0: &a0 {leaf}\n"), |text, n| {
            let aliases = vec![format!("*a{n}"); 10].join(", ");
            format!("{text}a{}: &a{} [{aliases}]\n", n + 1, n + 1)
        })
    };
    assert!(read_text(bomb("lol", 3)).is_ok());
    for bomb in [bomb("lol", 12), bomb(&"lol".repeat(10_000), 5)] {
        let error = read_text(bomb).unwrap_err();
        assert_eq!(error.kind, Kind::Limit);
        assert!(error.to_string().contains("its anchors and aliases stand for more than"), "{error}");
    }
    let nested = (0..200).fold("1".to_owned(), |text, n| format!("&a{n} [{text}, {}]", "x".repeat(100_000)));
    assert_eq!(read_text(format!("a: {nested}")).unwrap_err().kind, Kind::Limit);
}

#[test]
fn long_chains_of_references_are_followed_to_their_end() {
    const LONG: usize = 100_000;
    let schemas: Map<_, _> =
        (0..LONG).map(|n| (format!("S{n}"), json!({"$ref": format!("#/components/schemas/S{}", n + 1)}))).collect();
    let document = json!({"openapi": "3.1.0", "components": {"schemas": schemas}});
    assert!(Document::new(document.clone()).is_ok());
    let chain: Map<_, _> =
        (0..LONG).map(|n| (format!("S{n}"), json!({"$ref": format!("#/S{}", (n + 1) % LONG)}))).collect();
    let document = read(&[("api", with_reference("a#/S0")), ("a", Value::Object(chain).to_string())]).unwrap();
    assert_eq!(document.value()["x-referenced-files"]["a"]["S7"]["$ref"], "#/x-referenced-files/a/S8");
    let files: Vec<_> = (0..1_100).map(|n| (format!("f{n}"), format!("$ref: f{}", n + 1))).collect();
    let mut files: Vec<_> = files.iter().map(|(name, text)| (name.as_str(), text.clone())).collect();
    files.insert(0, ("api", with_reference("f0")));
    assert!(refused(&files).1.contains("the document refers to more than 1000 files"));
    files.truncate(900);
    files.push(("f899", "$ref: f0".to_owned()));
    assert!(read(&files).is_ok());
}

/// Values whose texts are short, with names that need escapes.
fn values() -> impl Strategy<Value = Value> {
    let name = prop_oneof!["[a-z~/é]{0,3}", "(on|yes|<<|null|1|200|#a|- |: |\\? |\"|\\\\|')"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
        "(on|no|~|0o7|1_0|\t|\n|\u{85}|\u{2028}|\u{feff})".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map(name.clone(), inner, 0..5)
                .prop_map(|fields: BTreeMap<_, _>| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn pointers(value: &Value) -> Vec<(String, &Value)> {
    let mut all = vec![(String::new(), value)];
    let mut next = 0;
    while let Some((pointer, value)) = all.get(next).cloned() {
        let child = |name: &str| format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"));
        match value {
            Value::Object(fields) => all.extend(fields.iter().map(|(name, value)| (child(name), value))),
            Value::Array(items) => {
                all.extend(items.iter().enumerate().map(|(n, value)| (child(&n.to_string()), value)));
            }
            _ => {}
        }
        next += 1;
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn json_read_as_yaml_gives_the_same_value(value in values()) {
        let document = json!({"openapi": "3.1.0", "x": value});
        for text in [document.to_string(), serde_json::to_string_pretty(&document).unwrap()] {
            let json = read_text(&text).unwrap();
            prop_assert_eq!(json.value(), &document);
            // A comment is no JSON.
            let yaml = read_text(format!("{text} # YAML")).unwrap();
            prop_assert_eq!(yaml.value(), &document);
        }
    }

    #[test]
    fn every_pointer_is_located_where_the_text_has_it(value in values(), is_pretty: bool, is_yaml: bool) {
        let document = json!({"openapi": "3.1.0", "x": value});
        let text = if is_pretty { serde_json::to_string_pretty(&document).unwrap() } else { document.to_string() };
        let text = if is_yaml { format!("{text} # YAML") } else { text };
        let read = read_text(&text).unwrap();
        let all = pointers(&document);
        let names: Vec<_> = all.iter().map(|(pointer, _)| pointer.as_str()).collect();
        for ((pointer, value), location) in all.iter().zip(read.locate_all(&names)) {
            let location = location.unwrap();
            let line = text.split('\n').nth(location.line - 1).unwrap();
            let start: usize = line.chars().take(location.column - 1).map(char::len_utf8).sum();
            let at = text.split('\n').take(location.line - 1).map(|line| line.len() + 1).sum::<usize>() + start;
            let mut there = serde_json::Deserializer::from_str(&text[at..]).into_iter::<Value>();
            let found = there.next().unwrap().unwrap();
            let name = pointer.rsplit('/').next().unwrap().replace("~1", "/").replace("~0", "~");
            let parent = pointer.rsplit_once('/').and_then(|(parent, _)| document.pointer(parent));
            if parent.is_some_and(Value::is_object) {
                prop_assert_eq!(found, Value::String(name), "{}", pointer);
            } else {
                prop_assert_eq!(&found, *value, "{}", pointer);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(
        start in 0_usize..4,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 0..12),
    ) {
        let seeds = [
            "openapi: 3.0.3\npaths: {/a: {get: {parameters: [&p {$ref: '#/x'}, *p]}}}\nx: {<<: {a: 1}, nullable: true}\n".to_owned(),
            r##"{"openapi":"3.1.0","components":{"schemas":{"A":{"$id":"a","$ref":"#/components/schemas/A"},"B":{"$ref":"#b","minimum":1e3}}}}"##.to_owned(),
            "%YAML 1.2\n---\n? a\n: !!str b\nc: |+\n  d\n  \n- e\n...\n".to_owned(),
            format!("openapi: 3.2.0\n{}", with_reference("a/../b%20.yaml?#/~0~1%7e")),
        ];
        let mut bytes = seeds[start].clone().into_bytes();
        for (index, byte, how) in edits {
            let at = index.index(bytes.len());
            match how {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => bytes.truncate(bytes.len().max(2) - 1),
            }
        }
        match read_text(&bytes) {
            Ok(document) => prop_assert!(document.locate("/openapi").is_some()),
            Err(error) => prop_assert!(error.to_string().len() > 10),
        }
    }
}
