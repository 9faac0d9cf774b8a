//! What stands on the wire, pinned: a file in `pinned/` for each shape.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{
    Accepted, ConnectorId, Created, Cursor, ErrorCode, ErrorResponse, Integer, Json, NoContent, Page, Patch,
    ReceivedPage, Tag, Text, Timestamp, Wire, connector_id, endpoint, identifier, object, string_enum, union,
};
use serde::Serialize;
use serde_json::Value;

use crate::pinning::{Pins, laid_out, request, success};
use crate::schemas;

string_enum! {
    /// A color.
    enum Color: "a color" {
        /// Red.
        Red = "red",
        /// Green.
        Green = "green",
    }
}

object! {
    /// What is round.
    struct Circle, received as ReceivedCircle {
        /// How far it is to its edge.
        required radius: Integer<1, 9>,
    }
}

union! {
    /// A figure.
    enum Figure, received as ReceivedFigure, tag "kind" {
        /// A circle.
        Circle(Circle) = "circle",
    }
}

object! {
    /// A field of each presence and of each kind of value.
    struct Kinds, received as ReceivedKinds {
        /// A number.
        required number: Integer<0, { i64::MAX }>,
        /// A text.
        optional text: Text<1, 9>,
        /// A time.
        nullable time: Timestamp,
        /// What may be taken away.
        patchable note: String,
        /// A name from a list.
        required color: Color,
        /// An object of a union.
        required figure: Figure,
        /// A list.
        required list: Vec<Circle>,
        /// Any names.
        required map: BTreeMap<String, Color>,
        /// A field whose name is a word of Rust.
        required kind: bool as "type",
    }
}

identifier! {
    /// A key.
    struct Key: "key" {
        prefix: "",
        characters: "!-~", "a visible ASCII character",
        max: 9,
        example: "k",
    }
}

endpoint! {
    /// A row for each place and presence.
    struct PutKinds {
        /// The connector.
        required path connector_id: ConnectorId,
        /// Required.
        required query q: String,
        /// Optional.
        optional query flag: bool,
        /// Defaulted.
        defaulted query limit: Integer<1, 9> = Integer::literal::<3>(),
        /// Repeated.
        repeated query color: Color,
        /// Where the page begins.
        optional query cursor: Cursor,
        /// A required header.
        required header key: Key as "X-Key",
        /// An optional header.
        optional header since: Timestamp as "X-Since",
        /// A defaulted header.
        defaulted header count: Integer<0, 9> as "X-Count" = Integer::literal::<1>(),
        /// The body.
        required body kinds: Kinds,
    }
    method: Put,
    path: "/v1/kinds/{connector_id}",
    response: Created<Kinds>,
    operation_id: "putKinds",
    tag: Tag { name: "Kinds", description: "Kinds." },
    summary: "Put Kinds",
    description: "Puts kinds.",
    returns: "The kinds.",
    success_message: "Kinds put",
    errors: [ErrorCode::ValidationError, ErrorCode::RateLimitExceeded],
}

fn least() -> Kinds {
    Kinds {
        number: Integer::literal::<0>(),
        text: None,
        time: None,
        note: Patch::Absent,
        color: Color::Red,
        figure: Figure::Circle(Circle { radius: Integer::literal::<1>() }),
        list: vec![],
        map: BTreeMap::new(),
        kind: false,
    }
}

fn most() -> Kinds {
    Kinds {
        number: Integer::literal::<{ i64::MAX }>(),
        text: Some("é \"\\\u{1F4A1}".parse().unwrap()),
        time: Some("2025-11-13T12:30:00.5+02:00".parse().unwrap()),
        note: Patch::Value(String::new()),
        list: vec![Circle { radius: Integer::literal::<2>() }, Circle { radius: Integer::literal::<1>() }],
        map: BTreeMap::from([("b".to_owned(), Color::Red), ("a".to_owned(), Color::Green)]),
        kind: true,
        ..least()
    }
}

fn errors(pins: &mut Pins) {
    ErrorCode::ALL.iter().for_each(|code| pins.add_code(*code));
    for (name, outline) in schemas::outlines() {
        pins.add(format!("schema-{name}"), outline);
    }
}

fn requests_and_successes(pins: &mut Pins) {
    pins.add_endpoint::<DisconnectConnector>();
    let disconnect = DisconnectConnector { connector_id: connector_id!("pcon_abc123") };
    pins.add("request-disconnectConnector", request(&disconnect));
    pins.add("success-disconnectConnector", success(&NoContent));

    pins.add_endpoint::<PutKinds>();
    let put = PutKinds {
        connector_id: connector_id!("pcon_abc123"),
        q: String::new(),
        flag: None,
        limit: Integer::literal::<3>(),
        color: vec![],
        cursor: None,
        key: "k".parse().unwrap(),
        since: None,
        count: Integer::literal::<1>(),
        kinds: least(),
    };
    pins.add("request-putKinds-with-the-least", request(&put));
    let put = PutKinds {
        q: "a+b &=%é".to_owned(),
        flag: Some(true),
        color: vec![Color::Green, Color::Red],
        cursor: Some("job_7".parse().unwrap()),
        since: Some("2025-11-13T12:30:00+02:00".parse().unwrap()),
        kinds: most(),
        ..put
    };
    pins.add("request-putKinds-with-the-most", request(&put));
    pins.add("request-putKinds-with-null", request(&PutKinds { kinds: Kinds { note: Patch::Null, ..least() }, ..put }));

    let circle = || Circle { radius: Integer::literal::<1>() };
    pins.add("success-200-object", success(&Json(circle())));
    pins.add("success-201-created", success(&Created { location: "/v1/circles/1".parse().unwrap(), body: circle() }));
    pins.add("success-202-accepted", success(&Accepted(circle())));
    pins.add("success-204-no-content", success(&NoContent));
    let page = Page { items: vec![circle()], next_cursor: Some("c2".parse().unwrap()) };
    pins.add("success-200-page-with-a-next", success(&page));
    pins.add("success-200-last-page", success(&Page { next_cursor: None, ..page }));
    pins.add_shape(&<Page<Circle> as Wire>::shape());
}

/// What came, as the reader passes it on. Nothing of it may be lost.
fn passed_on(came: &str, read: &impl Serialize) -> String {
    let passed = serde_json::to_string(read).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&passed).unwrap(), serde_json::from_str::<Value>(came).unwrap());
    laid_out(passed)
}

/// What a later version sends, and what the client of this one makes of it.
fn unknown_parts(pins: &mut Pins) {
    let later = r#"{"request": "req_1", "success": false, "error": {"hint": {"try": ["again"]}, "code": "TEAPOT",
        "message": "m", "system_message": "s", "type": "kitchen_error", "status": 418, "details": {"cups": 1.50},
        "trace_id": "7", "timestamp": "2025-11-13T12:30:00.250+02:00"}}"#;
    let response = ErrorResponse::decode(418_u16, &(), later.as_bytes());
    let envelope = response.envelope().unwrap();
    let error = envelope.error();
    let told = format!(
        "code {:?} {:?}\ntype {:?} {:?}\ndetails {:?}\nof the envelope {:?}\nof the error {:?}",
        error.code(),
        error.code_str(),
        error.error_type(),
        error.error_type_str(),
        error.details_json(),
        envelope.unknown_fields().collect::<Vec<_>>(),
        error.unknown_fields().collect::<Vec<_>>(),
    );
    pins.add("unknown-code-type-details-and-fields-of-an-error", format!("{}\n\n{told}", passed_on(later, envelope)));

    let mut add = |name: &str, field: &str, value: &str| {
        let mut came = serde_json::to_value(least()).unwrap();
        came[field] = serde_json::from_str(value).unwrap();
        let came = came.to_string();
        let read: ReceivedKinds = serde_json::from_str(&came).unwrap();
        let told = read.known().unwrap_err();
        pins.add(format!("unknown-{name}"), format!("{}\n\n{told}", passed_on(&came, &read)));
    };
    add("field-of-an-object", "paint", r#"{"in": "cm"}"#);
    add("name-in-a-list-of-names", "color", r#""blue""#);
    add("variant-of-a-union", "figure", r#"{"side": 2, "kind": "square"}"#);
    add("field-of-a-variant", "figure", r#"{"fill": null, "kind": "circle", "radius": 1}"#);
    add("field-in-a-list", "list", r#"[{"radius": 1, "fill": true}]"#);
    add("name-in-a-map", "map", r#"{"sky": "blue"}"#);

    let came = r#"{"total": 7, "items": [{"radius": 1, "fill": true}], "has_more": false}"#;
    let read: ReceivedPage<ReceivedCircle> = serde_json::from_str(came).unwrap();
    let told = read.known::<Circle>().unwrap_err();
    pins.add("unknown-field-of-a-page-and-of-an-item", format!("{}\n\n{told}", passed_on(came, &read)));
}

/// Each kind has a test of its own, so that a kind that cannot even be made hides nothing of the others.
fn hold(kind: fn(&mut Pins)) {
    let mut pins = Pins::new();
    kind(&mut pins);
    pins.assert_as_recorded(&folder(), |name, text| insta::assert_snapshot!(name, text));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("pinned")
}

#[test]
fn errors_and_their_schemas_are_as_recorded() {
    hold(errors);
}

#[test]
fn requests_successes_and_types_are_as_recorded() {
    hold(requests_and_successes);
}

#[test]
fn unknown_parts_survive_as_recorded() {
    hold(unknown_parts);
}

#[test]
fn every_operation_and_every_code_of_the_contract_is_pinned_and_nothing_else() {
    let mut pins = Pins::new();
    for kind in [errors, requests_and_successes, unknown_parts] {
        kind(&mut pins);
    }
    let document = freddy_openapi::contract().document().unwrap();
    pins.assert_every_operation_is_there(&document);
    pins.assert_every_code_is_there(&document, &[]);
    pins.assert_no_other_file(&folder());
}
