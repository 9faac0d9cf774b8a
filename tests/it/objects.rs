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
fn each_presence_takes_what_it_says_on_both_sides() {
    let table = [
        (r#"{"a":1,"c":null}"#, None),
        (r#"{"a":1,"b":true,"c":true,"d":true}"#, None),
        (r#"{"a":1,"c":null,"d":null}"#, None),
        (r#"{"c":null}"#, Some("body /a: is missing")),
        (r#"{"a":1}"#, Some("body /c: is missing")),
        (r#"{"a":1,"b":null,"c":null}"#, Some("body /b: is not `true` or `false`")),
        (r#"{"a":1,"a":1,"c":null}"#, Some("body /a: is given more than once")),
        (r#"{"a":1,"c":null,"c":null}"#, Some("body /c: is given more than once")),
        (r#"{"a":1,"c":null,"d":null,"d":null}"#, Some("body /d: is given more than once")),
    ];
    for (json, fault) in table {
        assert_eq!(strict::<Sample>(json), fault.unwrap_or(json));
        assert_eq!(is_received::<Sample>(json), fault.is_none(), "{json}");
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
fn integers_are_those_of_64_bits_in_any_notation() {
    let table = [
        ("9223372036854775807", Some("9223372036854775807")),
        ("-9223372036854775808", Some("-9223372036854775808")),
        ("1.0", Some("1")),
        ("-0.0", Some("0")),
        ("9223372036854775808", None),
        ("-9223372036854775809", None),
        ("18446744073709551615", None),
        ("9223372036854775808.0", None),
        ("1.5", None),
        ("\"1\"", None),
        ("true", None),
    ];
    const BOUNDS: &str = "body /a: is not an integer from -9223372036854775808 to 9223372036854775807";
    for (number, read) in table {
        let json = |number: &str| format!(r#"{{"a":{number},"c":null}}"#);
        assert_eq!(strict::<Sample>(&json(number)), read.map_or(BOUNDS.to_owned(), json));
        assert_eq!(serde_json::from_str::<ReceivedSample>(&json(number)).is_ok(), read.is_some(), "{number}");
    }
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
