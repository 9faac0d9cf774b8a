//! The command line, as a user meets it.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const README: &str = include_str!("../README.md");

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_openapi-compat"));
    command.current_dir(example("")).stdin(Stdio::null());
    command
}

fn example(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/example").join(file)
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

/// Exit code, standard output and standard error.
fn outcome(output: &Output) -> (i32, &str, &str) {
    (output.status.code().unwrap(), text(&output.stdout), text(&output.stderr))
}

/// The README, with what stands after each of its marks made anew: what a command prints, or a file.
fn readme_anew() -> String {
    let mut anew = String::new();
    let mut lines = README.lines();
    while let Some(line) = lines.next() {
        anew += &format!("{line}\n");
        let Some(mark) = line.strip_prefix("<!-- ").and_then(|line| line.strip_suffix(" -->")) else { continue };
        let content = if let Some(arguments) = mark.strip_prefix("$ openapi-compat ") {
            let output = run(&arguments.split(' ').collect::<Vec<_>>());
            assert_eq!(text(&output.stderr), "", "{mark}");
            text(&output.stdout).to_owned()
        } else if let Some(file) = mark.strip_prefix("file ") {
            fs::read_to_string(example(file)).unwrap()
        } else {
            continue;
        };
        let first = lines.next().unwrap();
        if first.starts_with("```") {
            anew += &format!("{first}\n{content}```\n");
            lines.by_ref().find(|line| *line == "```").unwrap();
        } else {
            anew += &format!("{content}\n");
            lines.by_ref().find(|line| line.is_empty()).unwrap();
        }
    }
    anew
}

#[test]
fn the_readme_shows_what_is_printed_and_lists_every_rule() {
    let anew = readme_anew();
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md"), &anew).unwrap();
    } else {
        assert!(anew == README, "set UPDATE_EXPECTED to write README.md anew; it would be:\n{anew}");
    }
    assert!(openapi_compat::rules::ALL.iter().all(|rule| anew.contains(&format!("\n| `{}` | ", rule.id))));
}

#[test]
fn the_exit_code_is_1_if_something_breaks_or_needs_more_than_is_expected() {
    let harmless = tempfile::NamedTempFile::new().unwrap();
    let old = fs::read_to_string(example("old.yaml")).unwrap();
    fs::write(harmless.path(), old.replace("The orders.", "All orders.")).unwrap();
    let harmless = harmless.path().to_str().unwrap();
    for (new, more, code) in [
        ("old.yaml", &[][..], 0),
        (harmless, &[], 0),
        (harmless, &["--expect", "patch"], 0),
        (harmless, &["--expect", "declared"], 1),
        ("new.yaml", &[], 1),
        ("new.yaml", &["--breaking-only"], 1),
        ("new.yaml", &["--expect", "patch"], 1),
        ("new.yaml", &["--expect", "minor"], 1),
        ("new.yaml", &["--expect", "major"], 0),
        ("new.yaml", &["--expect", "declared"], 1),
    ] {
        for format in ["text", "json", "markdown", "github"] {
            let output = run(&[&["diff", "old.yaml", new, "--format", format], more].concat());
            assert_eq!((output.status.code(), text(&output.stderr)), (Some(code), ""), "{new} {more:?}");
        }
    }
}

#[test]
fn settings_accept_a_break_and_say_so() {
    let output = run(&["diff", "old.yaml", "new.yaml", "--format", "json", "--settings", "settings.yaml"]);
    let (_, out, error) = outcome(&output);
    assert_eq!(error, "");
    let report: Value = serde_json::from_str(out).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let reasons: Vec<_> = findings.iter().filter_map(|finding| finding["accepted"]["reason"].as_str()).collect();
    assert_eq!(reasons, ["Every client has sent it since March.", "the old document calls it deprecated"]);
    assert_eq!(report["counts"]["accepted"], 2);
    assert_eq!(report["counts"]["off"], 1);
}

#[test]
fn the_json_is_what_the_printed_schema_says() {
    let schema = run(&["schema"]);
    let schema: Value = serde_json::from_str(outcome(&schema).1).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let output = run(&["diff", "old.yaml", "new.yaml", "--format", "json"]);
    let report: Value = serde_json::from_str(outcome(&output).1).unwrap();
    assert!(validator.is_valid(&report), "{report:#}");
    assert!(!validator.is_valid(&serde_json::json!({})));
}

#[test]
fn a_rule_is_explained_by_its_id_in_each_format() {
    let output = run(&["rules", "operation-removed"]);
    let (code, out, _) = outcome(&output);
    assert!(code == 0 && out.starts_with("operation-removed\n  ") && out.lines().count() == 3, "{out}");
    let output = run(&["rules", "operation-removed", "--format", "json"]);
    let json: Value = serde_json::from_str(outcome(&output).1).unwrap();
    assert_eq!(json[0]["id"], "operation-removed");
    let output = run(&["rules", "operation-remvoed"]);
    let error = "error: there is no rule \"operation-remvoed\"; did you mean `operation-removed`?\n";
    assert_eq!(outcome(&output), (2, "", error));
}

#[test]
fn an_error_exits_with_2_and_names_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let settings = folder.path().join("settings.yaml");
    let settings = settings.to_str().unwrap();
    fs::write(settings, "severity:\n  operation-remvoed: off").unwrap();
    for (arguments, start) in [
        (&["diff", "no-such.yaml", "new.yaml"][..], "error: no-such.yaml"),
        (&["diff", "old.yaml", "settings.yaml"], "error: settings.yaml"),
        (&["diff", "-", "-"], "error: standard input can be only one of the two documents"),
        (&["diff", "old.yaml", "new.yaml", "--settings", "no-such.yaml"], "error: no-such.yaml: "),
        (&["diff", "old.yaml", "new.yaml", "--settings", settings], &format!("error: {settings}: there is no rule")),
        (&["diff", "old.yaml", "new.yaml", "--settings", "."], "error: .: "),
        (&["diff", "old.yaml", "old.yaml", "--settings", "settings.yaml"], "error: settings.yaml: line "),
        (&["diff", "old.yaml", "new.yaml", "--expect", "micro"], "error: invalid value 'micro'"),
        (&["diff", "old.yaml"], "error: the following required arguments"),
    ] {
        let output = run(arguments);
        let (code, out, error) = outcome(&output);
        assert_eq!((code, out), (2, ""), "{arguments:?}");
        assert!(error.starts_with(start), "{arguments:?}: {error}");
    }
}

#[test]
fn an_error_that_quotes_a_document_stays_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("api.yaml");
    fs::write(&file, "openapi: 3.1.0\ninfo: {title: a, version: '1'}\npaths: {/a: {$ref: \"x\\n::error::y\"}}")
        .unwrap();
    let file = file.to_str().unwrap();
    let output = run(&["diff", file, file]);
    let (code, out, error) = outcome(&output);
    assert_eq!((code, out, error.lines().count()), (2, "", 1), "{error}");
    assert!(error.contains("x\\n::error::y"), "{error}");
}

#[test]
fn a_document_may_come_from_standard_input() {
    let mut child =
        program().args(["diff", "old.yaml", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&fs::read(example("old.yaml")).unwrap()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(outcome(&output).0, 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error_and_a_reader_that_goes_away_changes_no_verdict() {
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for arguments in [&["diff", "old.yaml", "old.yaml"][..], &["rules"], &["schema"]] {
        let output = program().args(arguments).stdout(full()).output().unwrap();
        let (code, _, error) = outcome(&output);
        assert!(code == 2 && error.starts_with("error: standard output cannot be written: "), "{error}");
        assert_eq!(program().args(arguments).stdout(full()).stderr(full()).status().unwrap().code(), Some(2));
    }
    for (new, code) in [("old.yaml", 0), ("new.yaml", 1)] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = program().args(["diff", "old.yaml", new]).stdout(writer).output().unwrap();
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(code), ""));
    }
}

#[test]
fn colours_are_only_for_those_who_can_see_them() {
    let diff = |variables: &[(&str, &str)]| {
        program().args(["diff", "old.yaml", "new.yaml"]).env_remove("NO_COLOR").envs(variables.iter().copied()).output()
    };
    let is_coloured = |output: &Output| text(&output.stdout).contains('\u{1b}');
    assert!(!is_coloured(&diff(&[]).unwrap()));
    assert!(is_coloured(&diff(&[("CLICOLOR_FORCE", "1")]).unwrap()));
    assert!(!is_coloured(&diff(&[("NO_COLOR", "1")]).unwrap()));
}
