//! What has values inside: maps, lists, and objects in objects, on both sides of the wire.

use std::collections::BTreeMap;

use freddy_types::{Faults, Integer, ReceivedMap, Wire, known, object, read_json, string_enum, union};
use proptest::prelude::*;

use crate::support::for_all;

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
    /// A wall.
    struct Wall, received as ReceivedWall {
        /// Its color.
        required color: Color,
    }
}

union! {
    /// What stands in a room.
    enum Thing, received as ReceivedThing, tag "is" {
        /// A wall.
        Wall(Wall) = "wall",
    }
}

object! {
    /// A house with its walls by name, its rooms in rows, and a house in it.
    struct House, received as ReceivedHouse {
        /// The walls.
        optional walls: BTreeMap<String, Wall>,
        /// The rows of rooms.
        optional rows: Vec<Vec<Thing>>,
        /// Maps in a map.
        optional deep: BTreeMap<String, BTreeMap<String, Color>>,
        /// Houses in it.
        optional houses: Vec<House>,
    }
}

type Colors = BTreeMap<String, Color>;

fn strict<T: Wire>(json: &str) -> String {
    read_json::<T>(json.as_bytes())
        .map_or_else(|faults| faults.to_string(), |value| serde_json::to_string(&value).unwrap())
}

fn received<T: Wire>(json: &str) -> Result<T::Received, serde_json::Error> {
    serde_json::from_str(json)
}

#[test]
fn a_map_takes_any_name() {
    for name in ["", " ", "a", "success", "é€\u{1F4A1}", "\"\\/", "\u{0}", "a.b/c~d", &"x".repeat(10_000)] {
        let json = serde_json::json!({ name: "red" }).to_string();
        assert_eq!(strict::<Colors>(&json), json);
        assert_eq!(serde_json::to_string(&received::<Colors>(&json).unwrap()).unwrap(), json);
    }
    assert_eq!(strict::<Colors>("{}"), "{}");
}

#[test]
fn a_map_is_written_in_the_order_of_its_names_however_it_came() {
    let sorted = r#"{"B":"red","a":"green","b":"red"}"#;
    let came = r#"{"b":"red","B":"red","a":"green"}"#;
    assert_eq!(strict::<Colors>(came), sorted);
    assert_eq!(serde_json::to_string(&received::<Colors>(came).unwrap()).unwrap(), sorted);
}

#[test]
fn a_name_that_stands_twice_in_a_map_is_refused_on_both_sides() {
    for twice in [
        r#"{"a":"red","a":"green"}"#,
        r#"{"a":"red","a":"red"}"#,
        r#"{"a":"red","b":"red","a":"red"}"#,
        // The same name, spelt with an escape.
        r#"{"a":"red","\u0061":"red"}"#,
        r#"{"":"red","":"red"}"#,
    ] {
        assert_eq!(strict::<Colors>(twice), "body /*: is given more than once", "{twice}");
        assert!(serde_json::from_str::<House>(&format!(r#"{{"deep":{{"x":{twice}}}}}"#)).is_err(), "{twice}");
        assert!(received::<Colors>(twice).is_err(), "{twice}");
    }
    assert!(
        strict::<Colors>(r#"{"a":"red","A":"red"}"#).starts_with('{'),
        "names are told apart by upper and lower case"
    );
}

#[test]
fn a_value_in_a_map_is_told_without_its_name() {
    let faults = strict::<House>(
        r#"{"walls":{"s3cr3t":{"color":"blue"},"s3cr3t2":7},"deep":{"s3cr3t":{"s3cr3t":"blue","s3cr3t2":null}}}"#,
    );
    assert_eq!(
        faults,
        "body /walls/*/color: is not one of red, green; body /walls/*: is not an object; \
         body /deep/*/*: is not one of red, green; body /deep/*/*: is not a string"
    );
    for json in ["[]", "null", "\"a\"", "7"] {
        assert_eq!(strict::<Colors>(json), "body: is not an object", "{json}");
        assert!(received::<Colors>(json).is_err(), "{json}");
    }
}

#[test]
fn what_is_unknown_in_a_map_or_a_list_is_kept_and_told() {
    let json = r#"{"walls":{"north":{"color":"blue","paint":"matt"}},"rows":[[],[{"is":"wall","color":"red","x":1},{"is":"door"}]],"deep":{"a":{"b":"blue"}}}"#;
    let house: ReceivedHouse = serde_json::from_str(json).unwrap();
    assert_eq!(serde_json::to_string(&house).unwrap(), json);
    let walls: &ReceivedMap<ReceivedWall> = house.walls.as_ref().unwrap();
    assert_eq!(walls["north"].color.as_str(), "blue");
    assert_eq!(walls["north"].unknown_fields().collect::<Vec<_>>(), [("paint", r#""matt""#)]);
    let ReceivedThing::Wall(wall) = &house.rows.as_ref().unwrap()[1][0] else { panic!("{house:?}") };
    assert_eq!(wall.unknown_fields().collect::<Vec<_>>(), [("x", "1")]);
    assert_eq!(house.rows.as_ref().unwrap()[1][1].tag(), "door");
    assert_eq!(
        house.known().unwrap_err().to_string(),
        "body /walls/*/color: is not one of red, green; body /walls/*: has an unknown field `paint`; \
         body /rows/1/0: has an unknown field `x`; body /rows/1/1/is: is not one of wall; \
         body /deep/*/*: is not one of red, green"
    );
}

#[test]
fn a_map_that_was_sent_is_received_as_it_was() {
    let colors = prop_oneof![Just(Color::Red), Just(Color::Green)];
    for_all(proptest::collection::btree_map("(?s).{0,3}", colors, 0..5), |map: Colors| {
        let json = serde_json::to_string(&map).unwrap();
        prop_assert_eq!(read_json::<Colors>(json.as_bytes()), Ok(map.clone()));
        let received = received::<Colors>(&json).unwrap();
        prop_assert_eq!(&serde_json::to_string(&received).unwrap(), &json);
        prop_assert_eq!(known::<Colors>(&received), Ok(map));
        Ok(())
    });
}

#[test]
fn a_list_has_no_bound_and_tells_each_item_that_is_wrong() {
    type List = Vec<Integer<0, 9>>;
    for length in [0, 1, 100_000] {
        let json = format!("[{}]", vec!["7"; length].join(","));
        assert_eq!(strict::<List>(&json), json);
        assert_eq!(received::<List>(&json).unwrap().len(), length);
    }
    assert_eq!(
        strict::<List>("[1,null,10,[2]]"),
        "body /1: is not an integer from 0 to 9; body /2: is not an integer from 0 to 9; \
         body /3: is not an integer from 0 to 9"
    );
    let faults =
        read_json::<List>(format!("[{}]", vec!["x"; 1000].join(",").replace('x', "10")).as_bytes()).unwrap_err();
    assert_eq!(faults.iter().count(), Faults::MAX_LISTED);
    assert!(faults.to_string().ends_with("body /15: is not an integer from 0 to 9; and 984 more"), "{faults}");
    for json in ["{}", "null", "7", r#"{"0":7}"#] {
        assert_eq!(strict::<List>(json), "body: is not an array", "{json}");
        assert!(received::<List>(json).is_err(), "{json}");
    }
}

/// A house in a house, and so on. Each is an object and a list, two levels of JSON.
fn houses(count: usize) -> String {
    format!("{}{{}}{}", r#"{"houses":["#.repeat(count), "]}".repeat(count))
}

#[test]
fn what_is_nested_too_deep_is_refused_on_both_sides() {
    let deep = houses(63);
    assert_eq!(strict::<House>(&deep), deep);
    let read = received::<House>(&deep).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), deep);
    assert_eq!(serde_json::to_string(&read.known().unwrap()).unwrap(), deep);

    for count in [64, 65, 100_000] {
        let told = strict::<House>(&houses(count));
        assert!(told.starts_with("body: is not JSON at line 1 column "), "{count}: {told}");
        assert!(received::<House>(&houses(count)).is_err(), "{count}");
    }
    for open in ["[", r#"{"x":"#, r#"{"houses":["#, r#"{"walls":{"a":"#, r#"{"rows":[[{"is":"#] {
        let open = open.repeat(100_000);
        assert!(strict::<House>(&open).starts_with("body: is not JSON"), "{}", &open[..20]);
        assert!(received::<House>(&open).is_err(), "{}", &open[..20]);
    }
}

#[test]
fn an_unknown_field_of_any_depth_is_no_danger() {
    let nested = |depth: usize| format!(r#"{{"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
    for depth in [1, 126] {
        assert_eq!(strict::<House>(&nested(depth)), "body: has an unknown field `x`", "{depth}");
        let read = received::<House>(&nested(depth)).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), nested(depth));
    }
    assert!(strict::<House>(&nested(127)).starts_with("body: is not JSON"));
    // A client keeps it as text, and does not go into it; at worst it is refused.
    for depth in [127, 200_000] {
        if let Ok(read) = received::<House>(&nested(depth)) {
            assert_eq!(serde_json::to_string(&read).unwrap(), nested(depth));
            assert!(read.known().is_err(), "{depth}");
        }
    }
}
