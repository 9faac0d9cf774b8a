//! The command line, as a user meets it.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::{fs, str};

use sha2::{Digest as _, Sha256};

const DOCUMENTED_429: &str = include_str!("../../../tests/documented/429-rate-limit-exceeded.json");

fn run(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_freddy-openapi"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that does not read its input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn outcome(output: &Output) -> (i32, &str, &str) {
    let text = |bytes| str::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_written_folder_is_fresh_and_a_second_run_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("new/openapi");
    let dir = dir.to_str().unwrap();

    let first = run(&["--dir", dir], "");
    let (status, out, _) = outcome(&first);
    assert_eq!(status, 0);
    let files = freddy_openapi::contract().artifacts().unwrap().len();
    assert_eq!(out.lines().count(), files);
    assert!(out.lines().all(|line| line.ends_with(": written, new")), "{out}");

    let check = run(&["check", "--dir", dir], "");
    let nothing = "no version is published: nothing to compare with\n";
    assert_eq!(outcome(&check), (0, &*format!("{dir} matches the types: {files} files\n{nothing}"), ""));

    let second = run(&["--dir", dir], "");
    let (status, out, _) = outcome(&second);
    assert_eq!(status, 0);
    assert!(out.lines().all(|line| line.ends_with(": unchanged")), "{out}");
}

#[test]
fn the_packages_have_the_version_of_the_contract_and_go_only_where_nothing_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let packages = folder.path().join("new/packages");
    let package = || run(&["package", packages.to_str().unwrap()], "");
    assert_eq!(outcome(&package()).0, 0);

    let read = |name: &str| fs::read_to_string(packages.join(name)).unwrap();
    let version = freddy_openapi::contract().document().unwrap()["info"]["version"].as_str().unwrap().to_owned();
    let manifest: serde_json::Value = serde_json::from_str(&read("npm/package.json")).unwrap();
    assert_eq!(manifest["version"], *version);
    assert!(read("python/pyproject.toml").lines().any(|line| line == format!("version = \"{version}\"")));

    // A schema of an older version would be packed with the others.
    let again = package();
    let (status, _, error) = outcome(&again);
    assert_eq!((status, error.contains("packages: it is not empty")), (2, true), "{error}");
}

#[test]
fn no_placeholder_is_left_in_a_package() {
    for file in freddy_openapi::contract().packages().unwrap() {
        for placeholder in ["\"VERSION\"", "\"DESCRIPTION\"", "\"LICENSE\"", "\"HOMEPAGE\""] {
            assert!(!file.text().contains(placeholder), "{}: {placeholder}", file.path());
        }
    }
}

#[test]
fn check_shows_every_kind_of_change_and_the_command_that_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    run(&["--dir", dir], "");
    let path = |name: &str| folder.path().join(name);
    let reference = fs::read_to_string(path("reference.md")).unwrap();
    fs::write(path("reference.md"), reference.replace("# Freddy API", "# Fredy API")).unwrap();
    fs::remove_file(path("freddy.yaml")).unwrap();
    fs::write(path("schemas/old.json"), "{}\n").unwrap();
    fs::write(path("conformance/old-case.json"), "{}\n").unwrap();

    let check = run(&["check", "--dir", dir], "");
    let (status, out, _) = outcome(&check);
    assert_eq!(status, 1);
    for line in ["-# Fredy API", "+# Freddy API", "+openapi: \"3.1.0\"", "-{}"] {
        assert!(out.lines().any(|printed| printed == line), "{line} is not in:\n{out}");
    }
    assert!(out.contains(&format!("{dir} does not match the types. To write it: cargo run -p freddy-openapi\n")));

    let write = run(&["--dir", dir], "");
    let (_, out, _) = outcome(&write);
    for line in
        ["reference.md: written, changed", "freddy.yaml: written, new", "old.json: removed", "old-case.json: removed"]
    {
        assert!(out.lines().any(|printed| printed.ends_with(line)), "{line} is not in:\n{out}");
    }
    assert_eq!(outcome(&run(&["check", "--dir", dir], "")).0, 0);
}

#[test]
fn a_folder_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let (status, _, error) = {
        let output = run(&["--dir", file.to_str().unwrap()], "");
        let (status, out, error) = outcome(&output);
        (status, out.to_owned(), error.to_owned())
    };
    assert_eq!(status, 2);
    assert!(error.starts_with("error: ") && error.contains("file"), "{error}");
}

#[test]
fn every_documented_body_is_in_both_contracts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/documented");
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Some(name) = path.file_name().and_then(|name| name.to_str()).filter(|name| name.ends_with(".json")) else {
            continue;
        };
        let file = path.to_str().unwrap();
        for arguments in
            [&["validate", "--status", &name[..3], file][..], &["validate", "--strict", "--status", &name[..3], file]]
        {
            let output = run(arguments, "");
            assert_eq!(outcome(&output).0, 0, "{output:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 10);
}

#[test]
fn each_problem_is_named_by_pointer_and_in_words() {
    let body = DOCUMENTED_429
        .replace("\"success\": false", "\"success\": true")
        .replace("\"status\": 429", "\"status\": \"429\"")
        .replace("\"limit\": 100", "\"limit\": -1")
        .replace("2025-11-13T10:31:00Z", "2025-11-13 10:31")
        .replace("\"trace_id\"", "\"trace\"");
    let output = run(&["validate", "--strict", "--status", "429", "-"], &body);
    let (status, out, _) = outcome(&output);
    let mut lines: Vec<_> = out.lines().collect();
    lines[1..].sort_unstable();
    assert_eq!(status, 1);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    -: not in the strict contract for status 429
      /error has a field outside the contract: trace
      /error has no field "trace_id"
      /error/details/limit is less than 0
      /error/details/reset_at is not an RFC 3339 date-time with an offset
      /error/status is not 429
      /error/status is not of type integer
      /success is not false
    "#);
}

#[test]
fn what_a_client_must_read_is_in_the_open_contract_and_not_in_the_strict_one() {
    let body = DOCUMENTED_429
        .replace("RATE_LIMIT_EXCEEDED", "QUOTA_EXCEEDED")
        .replace("\"retry_after\": 60", "\"plan\": \"free\"");
    assert_eq!(outcome(&run(&["validate", "--status", "429", "-"], &body)).0, 0);
    assert_eq!(outcome(&run(&["validate", "--strict", "--status", "429", "-"], &body)).0, 1);
}

#[test]
fn what_no_schema_can_say_is_a_problem_all_the_same() {
    let cases = [
        (
            "429",
            DOCUMENTED_429.replace("\"retry_after\": 60", "\"retry_after\": 61"),
            "/error/details/reset_at is not `timestamp` plus `retry_after` seconds",
        ),
        (
            "429",
            DOCUMENTED_429.replace("\"limit\": 100", "\"limit\": 100, \"limit\": 100"),
            "/error/details/limit appears more than once",
        ),
        ("418", DOCUMENTED_429.to_owned(), "the body has no place: the contract has no response with status 418"),
        ("429", "<html>".to_owned(), "the body is not JSON: expected value at line 1 column 1"),
        ("204", " ".to_owned(), "the body is not empty, as it has to be"),
        ("302", DOCUMENTED_429.to_owned(), "the body has no place: the contract has no response with status 302"),
    ];
    for (status, body, problem) in cases {
        let output = run(&["validate", "--strict", "--status", status, "-"], &body);
        let (code, out, _) = outcome(&output);
        assert_eq!((code, out.lines().nth(1)), (1, Some(&*format!("  {problem}"))), "{out}");
        assert_eq!(out.lines().count(), 2, "{out}");
    }
}

#[test]
fn the_status_of_the_body_is_that_of_the_response() {
    let output = run(&["validate", "--status", "503", "-"], DOCUMENTED_429);
    assert_eq!(
        outcome(&output),
        (1, "-: not in the contract for status 503\n  /error/status is not 503, the status of the response\n", "")
    );
    assert_eq!(outcome(&run(&["validate", "--status", "204", "-"], "")).0, 0);
}

#[test]
fn a_wrong_command_line_exits_with_2_and_says_why() {
    let missing = run(&["validate", "--status", "429", "no-such-file.json"], "");
    let (status, _, error) = outcome(&missing);
    assert_eq!(status, 2);
    assert!(error.starts_with("error: no-such-file.json: "), "{error}");
    let (status, out, error) = {
        let output = run(&["validate", "--status", "99", "-"], "");
        let (status, out, error) = outcome(&output);
        (status, out.to_owned(), error.to_owned())
    };
    assert_eq!((status, &*out), (2, ""));
    assert!(error.contains("99 is not in 100..=999"), "{error}");
}

/// A folder with all published files, and the path of the version that the types declare.
fn released() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().to_str().unwrap();
    run(&["--dir", dir], "");
    let output = run(&["release", VERSION, "--dir", dir], "");
    let (status, out, error) = outcome(&output);
    assert_eq!((status, error), (0, ""), "{out}");
    let path = out.strip_suffix(": published\n").unwrap().into();
    (folder, path)
}

/// The version that the types declare.
const VERSION: &str = "2.0.0";

/// Puts another document in the place of the one that is published, under the name that its content asks for.
fn republish(path: &Path, edit: impl Fn(String) -> String) -> std::path::PathBuf {
    let text = edit(fs::read_to_string(path).unwrap());
    fs::remove_file(path).unwrap();
    let digest: String = Sha256::digest(&text).iter().map(|byte| format!("{byte:02x}")).collect();
    let path = path.with_file_name(format!("{VERSION}-{}.json", &digest[..16]));
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn a_release_is_the_document_named_by_version_and_hash_and_is_made_once() {
    let (folder, path) = released();
    let dir = folder.path().to_str().unwrap();
    let bytes = fs::read(&path).unwrap();
    assert_eq!(bytes, fs::read(folder.path().join("freddy.json")).unwrap());
    let digest: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(path, folder.path().join(format!("published/{VERSION}-{}.json", &digest[..16])));

    let check = run(&["check", "--dir", dir], "");
    let (status, out, _) = outcome(&check);
    assert_eq!((status, out.lines().last()), (0, Some("the types match what is published as 2.0.0")));

    let again = run(&["release", VERSION, "--dir", dir], "");
    let line = "2.0.0 is not published: it is not newer than 2.0.0, which is already published\n";
    assert_eq!(outcome(&again), (1, line, ""));
}

#[test]
fn a_release_of_anything_but_the_fresh_declared_version_is_refused() {
    let (folder, path) = released();
    let dir = folder.path().to_str().unwrap();
    fs::remove_file(path).unwrap();
    let refusals = [
        ("1.0", "it is not MAJOR.MINOR.PATCH"),
        ("2.0.0-rc.1", "it is not MAJOR.MINOR.PATCH"),
        ("2.1.0", "the types declare 2.0.0; set the version of `contract()` in spec.rs, and write openapi/"),
    ];
    for (version, why) in refusals {
        let output = run(&["release", version, "--dir", dir], "");
        assert_eq!(outcome(&output), (1, &*format!("{version} is not published: {why}\n"), ""));
    }
    fs::write(folder.path().join("freddy.yaml"), "").unwrap();
    let output = run(&["release", VERSION, "--dir", dir], "");
    let (status, out, _) = outcome(&output);
    assert!(status == 1 && out.contains("does not match the types; to write it: cargo run"), "{out}");
    assert!(fs::read_dir(folder.path().join("published")).unwrap().next().is_none());
}

#[test]
fn check_fails_on_a_published_file_that_was_edited() {
    let (folder, path) = released();
    let dir = folder.path().to_str().unwrap();
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("Freddy API", "Fredy API")).unwrap();
    let check = run(&["check", "--dir", dir], "");
    let (status, out, _) = outcome(&check);
    assert!(status == 1 && out.contains(&format!("{} was edited: its hash is ", path.display())), "{out}");
    let release = run(&["release", VERSION, "--dir", dir], "");
    assert!(outcome(&release).0 == 1 && outcome(&release).1.contains("was edited"));
}

#[test]
fn check_fails_when_the_types_break_the_newest_published_version() {
    let (folder, path) = released();
    let dir = folder.path().to_str().unwrap();
    republish(&path, |text| text.replace("\n              \"FORBIDDEN\",", "\n\"FORBIDDEN\", \"GONE_SINCE\","));
    let check = run(&["check", "--dir", dir], "");
    let (status, out, _) = outcome(&check);
    assert_eq!(status, 1);
    for part in [
        "breaking: \"GONE_SINCE\" is no longer a known value of `x-extensible-enum`",
        "/components/schemas/ErrorObject/properties/code/x-extensible-enum",
        "declare 3.0.0 in `contract()` in spec.rs",
    ] {
        assert!(out.contains(part), "{part} is not in:\n{out}");
    }
}

#[test]
fn check_lets_compatible_changes_wait_for_their_release() {
    let (folder, path) = released();
    let dir = folder.path().to_str().unwrap();
    republish(&path, |text| text.replace("\n              \"FORBIDDEN\",", ""));
    let check = run(&["check", "--dir", dir], "");
    let (status, out, _) = outcome(&check);
    assert_eq!(status, 0, "{out}");
    assert!(out.contains("\"FORBIDDEN\" is now a known value"), "{out}");
}

#[test]
fn diff_compares_files_and_published_versions_in_each_format_and_exits_with_1_if_a_change_breaks() {
    let (folder, path) = released();
    let dir = folder.path().to_str().unwrap();
    let new = folder.path().join("new.yaml");
    let yaml = fs::read_to_string(folder.path().join("freddy.yaml")).unwrap();
    fs::write(&new, yaml.replace("maximum: 999", "maximum: 1000").replace("title: Freddy API", "title: Freddy"))
        .unwrap();
    let (old, new) = (path.to_str().unwrap(), new.to_str().unwrap());
    let pointer = "/components/schemas/ErrorObject/properties/status/maximum";

    let output = run(&["diff", VERSION, new, "--dir", dir], "");
    let (status, out, error) = outcome(&output);
    assert_eq!((status, error), (1, ""));
    assert!(out.contains(pointer) && out.contains("changes: 1 breaking, 0 compatible, 1 of documentation\n"), "{out}");
    assert_eq!(outcome(&output), outcome(&run(&["diff", old, new], "")));

    let output = run(&["diff", old, new, "--format", "json"], "");
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &json["breaking"]), (Some(1), &true.into()));
    assert_eq!(json["findings"][0]["pointer"], pointer);
    for (format, start) in [("markdown", "# Changes from 2.0.0 to 2.0.0\n"), ("github", "::error file=")] {
        let output = run(&["diff", old, new, "--format", format], "");
        let (status, out, _) = outcome(&output);
        assert!(status == 1 && out.starts_with(start), "{out}");
    }

    let same = run(&["diff", old, old], "");
    assert_eq!(
        (outcome(&same).0, outcome(&same).1.lines().next()),
        (0, Some("changes: 0 breaking, 0 compatible, 0 of documentation"))
    );
}

#[test]
fn what_cannot_be_compared_is_named_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    let name = path.to_str().unwrap();
    for text in ["{\n  \"openapi\": \"3.1.0\",\n  [}", "{}"] {
        fs::write(&path, text).unwrap();
        let output = run(&["diff", name, name], "");
        let (status, out, error) = outcome(&output);
        assert_eq!((status, out), (2, ""));
        assert!(error.starts_with(&format!("error: {name}:")), "{error}");
    }
    let dir = folder.path().to_str().unwrap();
    let output = run(&["diff", "7.0.0", name, "--dir", dir], "");
    assert_eq!(outcome(&output), (2, "", &*format!("error: 7.0.0 is not published in {dir}\n")));
}
