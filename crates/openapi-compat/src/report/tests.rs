//! Each format shows findings as a file says, and no text of a document can become anything but text.

use std::path::Path;

use jiff::civil::date;
use jsonschema::Draft;
use serde_json::{Value, json};

use super::*;
use crate::finding::{Direction, Operation};
use crate::input::Location;

fn rule(id: &'static str) -> &'static Rule {
    Box::leak(Box::new(Rule { id, finds: "Finds a thing.", advice: "Keep the thing." }))
}

fn document(version: &str) -> Document {
    Document::new(json!({ "openapi": "3.1.0", "info": { "title": "Orders", "version": version }, "paths": {} }))
        .unwrap()
}

fn finding(class: Class, id: &'static str, pointer: &str, message: &str) -> Finding {
    let rule = rule(id);
    Finding {
        class,
        pointer: pointer.to_owned(),
        direction: Direction::Request,
        rule,
        message: message.to_owned(),
        advice: (class == Class::Breaking).then_some(rule.advice),
        old: None,
        new: None,
        operations: [].into(),
        old_location: None,
        new_location: None,
        old_pointer: None,
    }
}

fn operation(method: &str, path: &str) -> Operation {
    Operation { path: path.to_owned(), method: method.to_owned() }
}

fn location(line: usize) -> Option<Location> {
    Some(Location { file: "api, v2.yaml".to_owned(), line, column: 5 })
}

fn warning(message: &str) -> Warning {
    Warning { location: location(3), message: message.to_owned() }
}

/// A report with a finding of every kind.
fn report() -> Report {
    let entry = Entry::from;
    let mut described =
        entry(finding(Class::Documentation, "words", "/info/title", "`title` is new: it makes no difference."));
    described.finding.direction = Direction::Document;
    let mut added = entry(finding(
        Class::Compatible,
        "added",
        "/paths/~1a/get/tags/0",
        "A tag is new: no client relies on it yet.",
    ));
    added.finding.operations = vec![operation("GET", "/a")].into();
    let mut shared = entry(finding(
        Class::Breaking,
        "maximum-changed",
        "/components/schemas/Error/properties/status/maximum",
        "`maximum` changes from 999 to 1000: breaks clients that do not expect what they may now receive.",
    ));
    shared.finding.direction = Direction::Response;
    shared.finding.operations = ["/a", "/b", "/c", "/d"].map(|path| operation("GET", path)).into();
    (shared.finding.old, shared.finding.new) = (Some(json!(999)), Some(json!(1000)));
    (shared.finding.old_location, shared.finding.new_location) = (location(40), location(41));
    let mut required = entry(finding(
        Class::Breaking,
        "parameter-required",
        "/paths/~1b/get/parameters/0/required",
        "Parameter `limit` is required now: breaks clients that do not send it.",
    ));
    required.finding.operations = vec![operation("GET", "/b")].into();
    required.finding.old = Some(json!("optional"));
    required.finding.new = Some(json!(true));
    required.finding.new_location = location(7);
    required.class_without_settings = Some(Class::Compatible);
    let mut accepted = entry(finding(
        Class::Breaking,
        "operation-removed",
        "/paths/~1a/put",
        "`PUT` is gone: breaks clients that call it.",
    ));
    accepted.finding.operations = vec![operation("PUT", "/a")].into();
    accepted.finding.old = Some(json!("{…}"));
    accepted.accepted =
        Some(Acceptance { reason: "Nobody called it in May.".to_owned(), until: Some(date(2027, 1, 31)) });
    let expired = Expired {
        rule: rule("parameter-required"),
        pointer: "/paths/~1b/get/parameters/0/required".to_owned(),
        reason: "The app sends it.".to_owned(),
        until: date(2026, 10, 31),
    };
    let applied = Applied {
        entries: vec![described, added, shared, required, accepted],
        expired: vec![expired],
        switched_off: 1,
    };
    let mut report = Report::from_applied(applied, &document("1.2.0"), &document("1.3.0"));
    report.warnings.push(warning("`query` of OpenAPI 3.2 is not compared."));
    report
}

/// Compares with a file, and writes it if the variable `UPDATE_EXPECTED` is set.
#[track_caller]
fn assert_expected(actual: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/report/tests").join(file);
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        std::fs::write(&path, actual).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    assert!(actual == expected, "{file} is not what is shown:\n{actual}");
}

#[test]
fn text_has_every_finding_by_operation() {
    assert_expected(&report().show(Format::Text, false), "report.txt");
}

#[test]
fn markdown_is_a_changelog_by_operation() {
    assert_expected(&report().show(Format::Markdown, false), "report.md");
}

#[test]
fn github_gets_an_annotation_for_each_finding_that_a_reviewer_should_see() {
    assert_expected(&report().show(Format::Github, false), "report.github");
}

#[test]
fn json_has_every_field() {
    assert_expected(&report().show(Format::Json, false), "report.json");
}

#[test]
fn only_text_has_colours_and_without_them_it_is_the_same_text() {
    let report = report();
    for format in Format::value_variants() {
        let (plain, coloured) = (report.show(*format, false), report.show(*format, true));
        assert!(!plain.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
        assert_eq!(coloured.contains('\u{1b}'), *format == Format::Text);
    }
}

#[test]
fn without_changes_every_format_says_so() {
    let same = document("1.2.0");
    let report = Report::of(Vec::new(), &same, &same, &Settings::default(), date(2026, 11, 26)).unwrap();
    assert!(!report.breaking);
    let none = "changes: 0 breaking, 0 compatible, 0 of documentation\n";
    assert_eq!(report.show(Format::Text, false), format!("{none}version: 1.2.0 → 1.2.0, which is enough\n"));
    assert_eq!(report.show(Format::Github, false), format!("{none}These changes need no new version.\n"));
    assert_eq!(
        report.show(Format::Markdown, false),
        "# Changes from 1.2.0 to 1.2.0\n\n0 breaking, 0 compatible, 0 of documentation. These changes need no new version.\n"
    );
    let json: Value = serde_json::from_str(&report.show(Format::Json, false)).unwrap();
    assert_eq!((&json["findings"], &json["version_bump"]), (&json!([]), &json!("none")));
}

#[test]
fn breaking_only_leaves_out_what_does_not_break_and_keeps_the_counts() {
    let (all, breaking) = (report(), report().breaking_only());
    assert_eq!(breaking.counts, all.counts);
    let rules: Vec<_> = breaking.findings.iter().map(|entry| entry.finding.rule.id).collect();
    assert_eq!(rules, ["maximum-changed", "parameter-required"]);
}

/// The schema, with every object closed to fields that it does not name.
fn closed_schema() -> Value {
    fn close(value: &mut Value) {
        if value.get("properties").is_some_and(Value::is_object) {
            value["additionalProperties"] = json!(false);
        }
        match value {
            Value::Object(fields) => fields.values_mut().for_each(close),
            Value::Array(items) => items.iter_mut().for_each(close),
            _ => {}
        }
    }
    let mut schema = serde_json::from_str(JSON_SCHEMA).unwrap();
    close(&mut schema);
    schema
}

#[test]
fn the_json_is_what_its_schema_says_and_has_no_field_that_the_schema_does_not_describe() {
    assert!(jsonschema::meta::is_valid(&serde_json::from_str(JSON_SCHEMA).unwrap()));
    let validator = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&closed_schema())
        .unwrap();
    let same = document("no version");
    let empty = Report::of(Vec::new(), &same, &same, &Settings::default(), date(2026, 11, 26)).unwrap();
    for report in [report(), empty] {
        let json = serde_json::to_value(&report).unwrap();
        let errors: Vec<_> =
            validator.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        for field in json.as_object().unwrap().keys() {
            let mut without = json.clone();
            without.as_object_mut().unwrap().remove(field);
            assert!(!validator.is_valid(&without), "{field} is not required");
        }
    }
}

/// Texts that mean something to a terminal, to Markdown, to HTML or to GitHub Actions.
const HOSTILE: [&str; 14] = [
    "\n::error::injected",
    "\r\n::set-output name=a::b",
    "%0A::error::injected",
    "a::b,c:d%",
    "\u{1b}[2Jcleared",
    "\u{202e}reversed",
    "<script>alert(1)</script>",
    "`<img src=x onerror=alert(1)>",
    "``` <b>",
    "[link](javascript:alert(1)) | cell | @everyone #1",
    "\n\n# Heading\n\n- item",
    "`a``b`<u>`",
    "```<b>`<i>",
    "\\[link](https://example.org) \\<b> \\`<b>",
];

/// A report in which every text that a document can bring is this one.
fn hostile(text: &str) -> Report {
    let mut finding = finding(Class::Breaking, "operation-removed", &crate::json_pointer::child("/paths", text), text);
    finding.operations = vec![operation("GET", text)].into();
    finding.old = Some(json!({ text: text }));
    finding.new = Some(json!(text));
    finding.new_location = Some(Location { file: text.to_owned(), line: 1, column: 1 });
    let mut in_words = finding.clone();
    in_words.message = format!("path `{text}` is gone, and {text}: breaks clients that rely on it.");
    in_words.operations = [&*in_words.operations, &[operation("GET", "/other")]].concat().into();
    let mut report =
        Report::of(vec![finding, in_words], &document(text), &document(text), &Settings::default(), date(2026, 11, 26))
            .unwrap();
    report.expired.push(Expired {
        rule: rule("parameter-required"),
        pointer: text.to_owned(),
        reason: text.to_owned(),
        until: date(2026, 10, 31),
    });
    report.warnings.push(warning(text));
    report
}

#[test]
fn no_text_of_a_document_adds_a_line_or_a_control_character_to_any_format() {
    for format in Format::value_variants() {
        let lines = |text| hostile(text).show(*format, false).lines().count();
        for text in HOSTILE {
            assert_eq!(lines(text), lines("harmless"), "{format:?}, {text:?}");
            let shown = hostile(text).show(*format, false);
            assert!(!shown.contains(['\u{1b}', '\r', '\t']), "{format:?}, {text:?}");
            assert!(*format == Format::Json || !shown.contains('\u{202e}'), "{format:?}, {text:?}");
        }
    }
}

#[test]
fn no_text_of_a_document_becomes_a_workflow_command() {
    for text in HOSTILE {
        let shown = hostile(text).show(Format::Github, false);
        for line in shown.lines() {
            let command = line.strip_prefix("::error ").or_else(|| line.strip_prefix("::warning "));
            let Some(command) = command else {
                assert!(
                    ["changes: 2 breaking, 0 compatible, 0 of documentation", "These changes need a major version."]
                        .contains(&line),
                    "{line}"
                );
                continue;
            };
            assert!(!command.contains("%0A::error::injected"), "{line}");
            let (properties, _) = command.split_once("::").unwrap();
            let names: Vec<_> = properties.split(',').map(|property| property.split_once('=').unwrap().0).collect();
            assert!(names == ["file", "line", "col", "title"] || names == ["title"], "{line}");
        }
    }
}

#[test]
fn no_text_of_a_document_becomes_markup() {
    use pulldown_cmark::{Event, Options, Parser, Tag};

    let tags = |text: &str| -> Vec<String> {
        let shown = hostile(text).show(Format::Markdown, false);
        let events = Parser::new_ext(&shown, Options::all());
        events
            .filter_map(|event| match event {
                Event::Start(Tag::Link { .. } | Tag::Image { .. } | Tag::Table(_)) => Some(format!("{event:?}")),
                Event::Html(html) | Event::InlineHtml(html) => (&*html != "<br>").then(|| html.to_string()),
                Event::Start(Tag::Heading { .. } | Tag::Item) => Some("heading or item".to_owned()),
                _ => None,
            })
            .collect()
    };
    for text in HOSTILE {
        assert_eq!(tags(text), tags("harmless"), "{text:?}\n{}", hostile(text).show(Format::Markdown, false));
    }
}

#[test]
fn github_is_given_no_more_annotations_of_a_kind_than_it_shows() {
    let findings = (0..25).map(|index| {
        let class = if index < 12 { Class::Breaking } else { Class::Compatible };
        finding(class, "rule", &format!("/paths/{index}"), "Something changed.")
    });
    let same = document("1.0.0");
    let report = Report::of(findings.collect(), &same, &same, &Settings::default(), date(2026, 11, 26)).unwrap();
    let shown = report.show(Format::Github, false);
    let count = |prefix: &str| shown.lines().filter(|line| line.starts_with(prefix)).count();
    assert_eq!((count("::error "), count("::notice ")), (10, 10));
    assert!(shown.contains("2 more of level error are not shown"), "{shown}");
    assert!(shown.contains("3 more of level notice are not shown"), "{shown}");
}

#[test]
fn a_change_raises_one_part_of_the_version_and_the_parts_after_it_begin_anew() {
    let published = semver::Version::new(1, 2, 3);
    let least = |bump: Bump| bump.least_version(&published).to_string();
    assert_eq!([Bump::Major, Bump::Minor, Bump::Patch, Bump::None].map(least), ["2.0.0", "1.3.0", "1.2.4", "1.2.3"]);
}

#[test]
fn the_new_version_is_held_against_the_least_one() {
    let versions = |old: &str, new: &str, bump| Versions::new(&document(old), &document(new), bump);
    for (old, new, bump, least, suffices) in [
        ("1.2.3", "2.0.0", Bump::Major, Some("2.0.0"), Some(true)),
        ("1.2.3", "1.3.0", Bump::Major, Some("2.0.0"), Some(false)),
        ("1.2.3", "1.2.3", Bump::None, Some("1.2.3"), Some(true)),
        ("1.2.3", "1.2.2", Bump::None, Some("1.2.3"), Some(false)),
        ("1.2.3", "1.2.3", Bump::Patch, Some("1.2.4"), Some(false)),
        ("1.2.3", "1.4.0", Bump::Minor, Some("1.3.0"), Some(true)),
        ("v1", "2.0.0", Bump::Major, None, None),
        ("1.2.3", "v2", Bump::Major, Some("2.0.0"), None),
    ] {
        let versions = versions(old, new, bump);
        assert_eq!((versions.least.as_deref(), versions.suffices), (least, suffices), "{old} {new} {bump:?}");
    }
}

#[test]
fn an_accepted_break_needs_a_minor_version() {
    let bump = |counts| Bump::of(&counts);
    let none = Counts { off: 1, ..Counts::default() };
    assert_eq!(bump(none), Bump::None);
    assert_eq!(bump(Counts { documentation: 1, ..none }), Bump::Patch);
    assert_eq!(bump(Counts { accepted: 1, ..none }), Bump::Minor);
    assert_eq!(bump(Counts { breaking: 1, accepted: 1, ..none }), Bump::Major);
}

#[test]
fn rules_are_listed_as_text_json_and_a_table() {
    let rule = rule("a-b");
    assert_eq!(rules(&[rule], RuleFormat::Text), "a-b\n  Finds a thing.\n  Instead: Keep the thing.\n");
    let json: Value = serde_json::from_str(&rules(&[rule], RuleFormat::Json)).unwrap();
    assert_eq!(json, json!([{ "id": "a-b", "finds": "Finds a thing.", "advice": "Keep the thing." }]));
    assert!(rules(&[rule], RuleFormat::Markdown).ends_with("| `a-b` | Finds a thing. | Keep the thing. |\n"));
}

#[test]
fn every_rule_has_an_id_of_its_own_and_whole_sentences() {
    let mut ids: Vec<_> = crate::rules::ALL.iter().map(|rule| rule.id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), crate::rules::ALL.len());
    for rule in crate::rules::ALL {
        assert!(
            rule.id
                .split('-')
                .all(|word| !word.is_empty()
                    && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())),
            "{}",
            rule.id
        );
        for sentence in [rule.finds, rule.advice] {
            assert!(
                sentence.starts_with(|first: char| !first.is_ascii_lowercase()) && sentence.ends_with('.'),
                "{}: {sentence}",
                rule.id
            );
        }
    }
}
