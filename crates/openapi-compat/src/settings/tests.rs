//! Settings say exactly what they mean, or are refused with a place.

use jiff::civil::date;
use serde_json::json;

use super::*;
use crate::rules::{self, Rule};

const TODAY: Date = date(2026, 11, 26);

fn settings(yaml: &str) -> Settings {
    Settings::parse(yaml).unwrap()
}

fn document(value: &serde_json::Value) -> Document {
    let mut document = json!({ "openapi": "3.1.0", "info": { "title": "Orders", "version": "1.0.0" }, "paths": {} });
    document.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    Document::new(document).unwrap()
}

fn finding(rule: &'static Rule, pointer: &str) -> Finding {
    Finding {
        class: Class::Breaking,
        pointer: pointer.to_owned(),
        direction: Direction::Request,
        rule,
        message: "Something changed: breaks everybody.".to_owned(),
        advice: Some(rule.advice),
        old: None,
        new: None,
        operations: [].into(),
        old_location: None,
        new_location: None,
        old_pointer: Some(pointer.to_owned()),
    }
}

fn unknown(pointer: &str) -> Finding {
    finding(rules::find("unknown").unwrap(), pointer)
}

fn apply(yaml: &str, findings: Vec<Finding>) -> Result<Applied, String> {
    settings(yaml).apply(findings, &document(&json!({})), TODAY).map_err(|error| error.to_string())
}

/// The only entry.
fn entry(applied: Result<Applied, String>) -> Entry {
    <[Entry; 1]>::try_from(applied.unwrap().entries).unwrap().into_iter().next().unwrap()
}

#[test]
fn nothing_is_changed_by_empty_settings() {
    for yaml in ["", "\n# nothing\n", "{}", "accepted: []", "severity: {}\nextensions: []"] {
        let entry = entry(apply(yaml, vec![unknown("/a")]));
        assert!(entry.breaks() && entry.class_without_settings.is_none(), "{yaml}");
    }
}

#[test]
fn what_is_not_known_is_refused_with_its_place() {
    let accepted = |field: &str| format!("accepted:\n  - rule: unknown\n    at: /a\n    {field}\n");
    let reason = "reason: Because.\n    until: 2027-01-31";
    for (yaml, error) in [
        (
            "severities: {}".to_owned(),
            "unknown field `severities`, expected one of severity, extensions, removable, accepted at line 1, column 1",
        ),
        ("severity:\n  unknwon: off".to_owned(), "there is no rule \"unknwon\"; did you mean `unknown`?"),
        ("severity:\n  zzz: off".to_owned(), "there is no rule \"zzz\"; `openapi-compat rules` lists all"),
        ("severity:\n  unknown: warning".to_owned(), "warning"),
        ("severity:\n  unknown: off\n  unknown: breaking".to_owned(), "duplicate"),
        ("extensions: [internal]".to_owned(), "\"internal\" is not the name of an extension"),
        ("removable: always".to_owned(), "always"),
        (accepted("reason: Because."), "until"),
        (accepted("until: 2027-01-31"), "reason"),
        (accepted("reason: ' '\n    until: 2027-01-31"), "a reason is empty"),
        (accepted("reason: Because.\n    until: 2027-02-30"), "line 5"),
        (accepted("reason: Because.\n    until: soon"), "line 5"),
        (accepted(&format!("{reason}\n    because: x")), "unknown field `because`"),
        (accepted(&format!("{reason}\n    operation: GET")), "\"GET\" is not an operation such as `GET /orders`"),
        (accepted(&format!("{reason}\n    direction: both")), "both"),
        (
            format!("accepted:\n  - rule: unknown\n    {reason}"),
            "line 2: the accepted break `unknown` at \"\": it has neither `at` nor `operation`",
        ),
        ("extensions: [x-a]\nseverity: [".to_owned(), "line 2"),
        (" ".repeat(Settings::MAX_BYTES + 1), "is larger than"),
        ("accepted: ".to_owned() + &"[".repeat(100_000), ""),
    ] {
        let message = Settings::parse(&yaml).unwrap_err().to_string();
        let start = yaml.get(..yaml.len().min(200)).unwrap();
        assert!(message.contains(error) && !message.is_empty(), "{start}\n{message}");
    }
}

#[test]
fn a_severity_decides_the_class_and_keeps_what_it_was() {
    for (severity, class) in
        [("compatible", Class::Compatible), ("documentation", Class::Documentation), ("breaking", Class::Breaking)]
    {
        let entry = entry(apply(&format!("severity: {{unknown: {severity}}}"), vec![unknown("/a")]));
        assert_eq!(entry.finding.class, class);
        assert_eq!(entry.class_without_settings, (class != Class::Breaking).then_some(Class::Breaking));
        assert_eq!(entry.finding.advice.is_some(), class == Class::Breaking);
    }
    let worse = Finding { class: Class::Documentation, advice: None, ..unknown("/a") };
    let entry = entry(apply("severity: {unknown: breaking}", vec![worse]));
    assert!(entry.breaks() && entry.finding.advice.is_some());
    let off = apply("severity: {unknown: off}", vec![unknown("/a")]).unwrap();
    assert_eq!((off.entries.len(), off.switched_off), (0, 1));
}

fn accepting(place: &str, until: &str) -> String {
    format!("accepted:\n  - {{rule: unknown, {place}, reason: Because., until: {until}}}")
}

#[test]
fn an_accepted_break_does_not_count_up_to_and_on_its_last_day() {
    for (until, is_accepted) in [("2026-11-25", false), ("2026-11-26", true), ("2026-11-27", true)] {
        let applied = apply(&accepting("at: /a", until), vec![unknown("/a")]).unwrap();
        assert_eq!(applied.expired.len(), usize::from(!is_accepted), "{until}");
        assert_eq!(applied.entries[0].breaks(), !is_accepted, "{until}");
        assert_eq!(applied.entries[0].accepted.is_some(), is_accepted, "{until}");
    }
}

#[test]
fn a_place_is_a_pointer_or_an_operation_and_the_rest_of_the_pointer() {
    for (place, pointer) in [
        ("at: /components/schemas/A", "/components/schemas/A"),
        ("at: ''", ""),
        ("operation: GET /a/{b}", "/paths/~1a~1{b}/get"),
        ("operation: get /a/{b}, at: /requestBody/required", "/paths/~1a~1{b}/get/requestBody/required"),
        ("operation: POST created", "/webhooks/created/post"),
    ] {
        let place = place.replace("GET /a/{b}", "'GET /a/{b}'").replace("get /a/{b}", "'get /a/{b}'");
        assert!(!entry(apply(&accepting(&place, "2027-01-31"), vec![unknown(pointer)])).breaks(), "{place}");
    }
}

#[test]
fn an_accepted_break_that_matches_nothing_is_an_error_even_if_it_expired() {
    for until in ["2027-01-31", "2020-01-31"] {
        for findings in [vec![], vec![unknown("/b")], vec![unknown("/a/b")]] {
            assert_eq!(
                apply(&accepting("at: /a", until), findings).unwrap_err(),
                "line 2: the accepted break `unknown` at \"/a\": it matches nothing that was found; remove it, or mend its place"
            );
        }
    }
    let harmless = Finding { class: Class::Compatible, ..unknown("/a") };
    let error = apply(&accepting("at: /a", "2027-01-31"), vec![harmless]).unwrap_err();
    assert!(error.ends_with("what it matches breaks nobody; remove it"), "{error}");
}

#[test]
fn no_second_break_hides_behind_an_accepted_one() {
    let of_response = Finding { direction: Direction::Response, ..unknown("/a") };
    let other = Finding { message: "Another\nthing changed: breaks everybody.".to_owned(), ..unknown("/a") };
    let all = vec![unknown("/a"), of_response, other];
    let error = apply(&accepting("at: /a", "2027-01-31"), all.clone()).unwrap_err();
    assert_eq!(
        error.lines().collect::<Vec<_>>(),
        [
            "line 2: the accepted break `unknown` at \"/a\": it matches 3 breaks, and may accept only one; add `direction`, or `says` with a part of the message:",
            "  direction: request, message: Something changed: breaks everybody.",
            "  direction: response, message: Something changed: breaks everybody.",
            "  direction: request, message: Another\\nthing changed: breaks everybody.",
        ]
    );
    for (place, index) in [
        ("at: /a, direction: response", 1),
        ("at: /a, says: Another", 2),
        ("at: /a, direction: request, says: Something", 0),
    ] {
        let applied = apply(&accepting(place, "2027-01-31"), all.clone()).unwrap();
        let accepted: Vec<_> = applied.entries.iter().map(|entry| entry.accepted.is_some()).collect();
        assert_eq!(accepted, [0, 1, 2].map(|other| other == index), "{place}");
    }
}

#[test]
fn two_accepted_breaks_for_one_finding_are_an_error() {
    let twice = accepting("at: /a", "2027-01-31") + "\n  - {rule: unknown, at: /a, reason: Again., until: 2027-01-31}";
    let error = apply(&twice, vec![unknown("/a")]).unwrap_err();
    assert!(error.starts_with("line 3: ") && error.ends_with("another one accepts the same"), "{error}");
}

#[test]
fn what_was_announced_may_be_removed_from_the_day_of_its_sunset_on() {
    let removed = Box::leak(Box::new(Rule { id: "thing-removed", finds: "", advice: "" }));
    let changed = Box::leak(Box::new(Rule { id: "thing-changed", finds: "", advice: "" }));
    let is_accepted = |removable: &str, rule, pointer: &str, old: serde_json::Value| {
        let applied =
            settings(&format!("removable: {removable}")).apply(vec![finding(rule, pointer)], &document(&old), TODAY);
        !applied.unwrap().entries[0].breaks()
    };
    for (thing, by_deprecation, by_sunset) in [
        (json!({}), false, false),
        (json!({ "deprecated": false, "x-sunset": "2026-11-01" }), false, false),
        (json!({ "deprecated": "true" }), false, false),
        (json!({ "x-sunset": "2026-11-01" }), false, false),
        (json!({ "deprecated": true }), true, false),
        (json!({ "deprecated": true, "x-sunset": "2026-11-26" }), true, true),
        (json!({ "deprecated": true, "x-sunset": "2026-11-26T10:00:00Z" }), true, true),
        (json!({ "deprecated": true, "x-sunset": "2026-11-27" }), false, false),
        (json!({ "deprecated": true, "x-sunset": "soon" }), false, false),
        (json!({ "deprecated": true, "x-sunset": "2026-11-2é" }), false, false),
        (json!({ "deprecated": true, "x-sunset": 2026 }), false, false),
    ] {
        let document = |thing: &serde_json::Value| {
            json!({
                "paths": {
                    "/a": { "get": thing, "put": { "deprecated": true, "x-sunset": "2020-01-01" } },
                },
                "components": {
                    "schemas": { "A": { "properties": { "b": { "$ref": "#/components/schemas/B" } } }, "B": thing }
                }
            })
        };
        for pointer in ["/paths/~1a/get", "/paths/~1a", "/components/schemas/B", "/components/schemas/A/properties/b"] {
            assert_eq!(
                is_accepted("deprecated", removed, pointer, document(&thing)),
                by_deprecation,
                "{pointer}, {thing}"
            );
            assert_eq!(is_accepted("sunset", removed, pointer, document(&thing)), by_sunset, "{pointer}, {thing}");
            assert!(!is_accepted("deprecated", changed, pointer, document(&thing)), "{pointer}, {thing}");
        }
    }
}
