//! Objects and unions of any shape, on both sides of the wire.

use freddy_types::{Integer, Patch, Wire, known, object, read_json, string_enum, union};

object! {
    /// One field of each presence.
    struct Sample, received as ReceivedSample {
        /// Always there.
        required a: Integer<{ i64::MIN }, { i64::MAX }>,
        /// Left out where there is none.
        optional b: bool,
        /// `null` where there is none.
        nullable c: bool,
        /// Absent, `null` or a value.
        patchable d: bool,
    }
}

string_enum! {
    /// A color.
    enum Color: "a color" {
        /// Red.
        Red = "red",
    }
}

object! {
    /// A shape with a color.
    struct Circle, received as ReceivedCircle {
        /// Its color.
        required color: Color,
    }
}

union! {
    /// A figure.
    enum Figure, received as ReceivedFigure, tag "kind" {
        /// A circle.
        Circle(Circle) = "circle",
    }
}

fn strict<T: Wire>(json: &str) -> String {
    read_json::<T>(json.as_bytes())
        .map_or_else(|faults| faults.to_string(), |value| serde_json::to_string(&value).unwrap())
}

fn is_received<T: Wire>(json: &str) -> bool {
    serde_json::from_str::<T::Received>(json).is_ok_and(|value| serde_json::to_string(&value).unwrap() == json)
}

#[test]
fn each_presence_takes_absent_null_and_a_value_as_it_says_on_both_sides() {
    // The fields with `a` and `c`, which have to be there, taken away where the row is about them.
    let json = |field: &str, value: Option<&str>| {
        let fields = [("a", "1"), ("b", "true"), ("c", "true"), ("d", "true")];
        let fields = fields.iter().filter_map(|(name, given)| match (*name == field, value) {
            (true, value) => value.map(|value| format!("{name:?}:{value}")),
            (false, _) => Some(format!("{name:?}:{given}")),
        });
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    };
    let table = [
        ("a", None, Some("body /a: is missing")),
        ("a", Some("null"), Some("body /a: is not an integer from -9223372036854775808 to 9223372036854775807")),
        ("a", Some("7"), None),
        ("b", None, None),
        ("b", Some("null"), Some("body /b: is not `true` or `false`")),
        ("b", Some("false"), None),
        ("c", None, Some("body /c: is missing")),
        ("c", Some("null"), None),
        ("c", Some("false"), None),
        ("d", None, None),
        ("d", Some("null"), None),
        ("d", Some("false"), None),
    ];
    for (field, value, fault) in table {
        let json = json(field, value);
        assert_eq!(strict::<Sample>(&json), fault.unwrap_or(&json));
        assert_eq!(serde_json::from_str::<Sample>(&json).is_ok(), fault.is_none(), "{json}");
        assert_eq!(is_received::<Sample>(&json), fault.is_none(), "{json}");
    }
}

#[test]
fn a_field_that_stands_twice_is_refused_on_both_sides_whatever_its_presence() {
    for field in ["a", "b", "c", "d"] {
        for twice in ["1 1", "null 1", "1 null", "null null", "true true", "true false"] {
            let (first, second) = twice.split_once(' ').unwrap();
            let json = format!("{{{field:?}:{first},\"x\":0,{field:?}:{second}}}");
            let told = strict::<Sample>(&json);
            assert!(told.contains(&format!("body /{field}: is given more than once")), "{json}: {told}");
            assert!(!is_received::<Sample>(&json), "{json}");
        }
    }
    // The same name, spelt with an escape.
    assert!(!is_received::<Sample>(r#"{"a":1,"\u0061":1,"c":null}"#));
    assert_eq!(strict::<Sample>(r#"{"a":1,"\u0061":1,"c":null}"#), "body /a: is given more than once");
}

#[test]
fn fields_are_written_in_the_order_of_their_rows_and_unknown_ones_behind_them() {
    let rows = r#"{"a":1,"b":true,"c":null,"d":false}"#;
    let came = r#"{"d":false,"c":null,"b":true,"a":1}"#;
    assert_eq!(strict::<Sample>(came), rows);
    let received: ReceivedSample = serde_json::from_str(came).unwrap();
    assert_eq!(serde_json::to_string(&received).unwrap(), rows);

    let later: ReceivedSample = serde_json::from_str(r#"{"z":1,"d":false,"B":[2.50],"c":null,"a":1}"#).unwrap();
    assert_eq!(serde_json::to_string(&later).unwrap(), r#"{"a":1,"c":null,"d":false,"B":[2.50],"z":1}"#);

    // The tag of a union is the first, wherever it came.
    let figure: ReceivedFigure = serde_json::from_str(r#"{"x":1,"color":"red","kind":"circle"}"#).unwrap();
    assert_eq!(serde_json::to_string(&figure).unwrap(), r#"{"kind":"circle","color":"red","x":1}"#);
    assert_eq!(strict::<Figure>(r#"{"color":"red","kind":"circle"}"#), r#"{"kind":"circle","color":"red"}"#);
}

#[test]
fn a_field_in_another_spelling_is_another_field() {
    for name in ["A", " a", "a ", "", "а"] {
        let json = format!(r#"{{"a":1,"c":null,{name:?}:7}}"#);
        let received: ReceivedSample = serde_json::from_str(&json).unwrap();
        assert_eq!(received.unknown_fields().collect::<Vec<_>>(), [(name, "7")]);
        assert!(strict::<Sample>(&json).starts_with("body: has an unknown field"), "{json}");
    }
}

#[test]
fn what_is_no_object_is_refused_on_both_sides() {
    for json in ["null", "true", "7", "\"a\"", "[]", "[1,true,null,true]", r#"[{"a":1,"c":null}]"#] {
        assert_eq!(strict::<Sample>(json), "body: is not an object", "{json}");
        assert!(serde_json::from_str::<ReceivedSample>(json).is_err(), "{json}");
        assert_eq!(strict::<Figure>(json), "body: is not an object", "{json}");
        assert!(serde_json::from_str::<ReceivedFigure>(json).is_err(), "{json}");
    }
}

#[test]
fn a_patch_tells_absent_from_null() {
    let patch = |json: &str| read_json::<Sample>(json.as_bytes()).unwrap().d;
    assert_eq!(patch(r#"{"a":1,"c":null}"#), Patch::Absent);
    assert_eq!(patch(r#"{"a":1,"c":null,"d":null}"#), Patch::Null);
    assert_eq!(patch(r#"{"a":1,"c":null,"d":false}"#), Patch::Value(false));
}

#[test]
fn what_is_unknown_is_kept_and_told() {
    let json = r#"{"a":1,"c":null,"x":{"y": 1}}"#;
    let received: ReceivedSample = serde_json::from_str(json).unwrap();
    assert_eq!(received.unknown_fields().collect::<Vec<_>>(), [("x", r#"{"y": 1}"#)]);
    assert_eq!(received.known().unwrap_err().to_string(), "body: has an unknown field `x`");
    assert_eq!(serde_json::to_string(&received).unwrap(), json);
    assert!(!is_received::<Sample>(r#"{"a":1,"c":null,"x":1,"x":1}"#));

    let received: ReceivedCircle = serde_json::from_str(r#"{"color":"blue"}"#).unwrap();
    assert_eq!((received.color.known(), received.color.as_str()), (None, "blue"));
    assert_eq!(received.known().unwrap_err().to_string(), "body /color: is not one of red");
}

#[test]
fn a_union_keeps_a_variant_that_it_does_not_know() {
    for (json, fault) in [
        (r#"{"kind":"circle","color":"red"}"#, None),
        (r#"{"kind":"square","side":1}"#, Some("body /kind: is not one of circle")),
        (r#"{"kind":"circle","color":7}"#, Some("body /color: is not a string")),
    ] {
        let received: ReceivedFigure = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&received).unwrap(), json);
        assert_eq!(matches!(received, ReceivedFigure::Unknown(_)), fault.is_some(), "{json}");
        assert_eq!(known::<Figure>(&received).err().map(|faults| faults.to_string()).as_deref(), fault);
    }
    for twice in [r#"{"kind":"circle","kind":"circle","color":"red"}"#, r#"{"kind":"x","y":1,"y":1}"#] {
        assert!(serde_json::from_str::<ReceivedFigure>(twice).is_err(), "{twice}");
    }
}

#[test]
fn an_unknown_field_of_a_known_variant_is_kept_and_told() {
    let json = r#"{"kind":"circle","color":"red","colour":"blue","x":{"y": 1}}"#;
    let received: ReceivedFigure = serde_json::from_str(json).unwrap();
    let ReceivedFigure::Circle(circle) = &received else { panic!("{received:?}") };
    assert_eq!(circle.unknown_fields().collect::<Vec<_>>(), [("colour", r#""blue""#), ("x", r#"{"y": 1}"#)]);
    assert_eq!(serde_json::to_string(&received).unwrap(), json);

    let told = "body: has an unknown field `colour`, perhaps `color` is meant; body: has an unknown field `x`";
    assert_eq!(known::<Figure>(&received).unwrap_err().to_string(), told);
    assert_eq!(strict::<Figure>(json), told);
    // The tag is no field of the object by itself.
    let alone: ReceivedCircle = serde_json::from_str(r#"{"color":"red","kind":"circle"}"#).unwrap();
    assert_eq!(alone.unknown_fields().collect::<Vec<_>>(), [("kind", r#""circle""#)]);
    assert_eq!(strict::<Circle>(r#"{"color":"red","kind":"circle"}"#), "body: has an unknown field `kind`");
}

#[test]
fn a_tag_is_one_string_that_stands_once() {
    let table = [
        (r#"{"color":"red"}"#, "body /kind: is missing"),
        (r#"{}"#, "body /kind: is missing"),
        (r#"{"kind":null,"color":"red"}"#, "body /kind: is not a string"),
        (r#"{"kind":7,"color":"red"}"#, "body /kind: is not a string"),
        (r#"{"kind":["circle"],"color":"red"}"#, "body /kind: is not a string"),
        (r#"{"kind":"circle","kind":"circle","color":"red"}"#, "body /kind: is given more than once"),
        (r#"{"kind":"circle","color":"red","kind":"square"}"#, "body /kind: is given more than once"),
        (r#"{"kind":"circle","color":"red","\u006bind":"circle"}"#, "body /kind: is given more than once"),
        (
            r#"{"kind":"square","kind":"circle","color":"red"}"#,
            "body /kind: is given more than once; body /kind: is not one of circle",
        ),
        (r#"{"kind":"circle","color":"red","color":"red"}"#, "body /color: is given more than once"),
    ];
    for (json, fault) in table {
        assert_eq!(strict::<Figure>(json), fault, "{json}");
        assert!(serde_json::from_str::<Figure>(json).is_err(), "{json}");
        assert!(serde_json::from_str::<ReceivedFigure>(json).is_err(), "{json}");
    }
    for tag in ["", "Circle", "circle ", "é", "unknown"] {
        let json = serde_json::json!({ "kind": tag, "color": "red" }).to_string();
        assert_eq!(strict::<Figure>(&json), "body /kind: is not one of circle");
        let received: ReceivedFigure = serde_json::from_str(&json).unwrap();
        assert_eq!((received.tag(), matches!(received, ReceivedFigure::Unknown(_))), (tag, true));
    }
}
