//! The values of fields: numbers, texts, times and identifiers, at their bounds and one beyond.

use std::fmt::Debug;
use std::str::FromStr;

use freddy_types::{
    ConnectorId, Definitions, Form, Integer, Scalar, Text, Timestamp, WholeSecond, Wire, identifier, read_json,
};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{for_all, validator};

identifier! {
    /// The shortest of identifiers.
    struct Letter: "letter" {
        prefix: "x-",
        characters: "a-c", "a, b or c",
        max: 2,
        example: "x-a",
    }
}

/// A JSON text as all of its readers have it: the strict one, serde's of the sender's type, and the client's.
fn read<T: Wire>(json: &str) -> Result<String, String> {
    let strict = read_json::<T>(json.as_bytes()).map(|value| serde_json::to_string(&value).unwrap());
    let received = serde_json::from_str::<T::Received>(json).map(|value| serde_json::to_string(&value).unwrap());
    assert_eq!(strict.clone().ok(), received.ok(), "both sides read the same of {json}");
    strict.map_err(|faults| faults.to_string())
}

fn accepted<T: Wire>(table: &[(&str, &str)]) {
    for (json, written) in table {
        assert_eq!(read::<T>(json).as_deref(), Ok(*written), "{json}");
    }
}

fn refused<T: Wire>(reason: &str, table: &[&str]) {
    for json in table {
        assert_eq!(read::<T>(json), Err(format!("body: {reason}")), "{json}");
    }
}

#[test]
fn an_integer_is_read_up_to_its_bounds_and_no_further() {
    accepted::<Integer<-3, 5>>(&[("-3", "-3"), ("5", "5"), ("0", "0"), ("-0", "0")]);
    refused::<Integer<-3, 5>>("is not an integer from -3 to 5", &["-4", "6", "null", "\"1\"", "[1]", "true"]);
    accepted::<Integer<7, 7>>(&[("7", "7")]);
    refused::<Integer<7, 7>>("is not an integer from 7 to 7", &["6", "8"]);
    accepted::<Integer<{ i64::MIN }, { i64::MAX }>>(&[
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775807", "9223372036854775807"),
    ]);
    refused::<Integer<{ i64::MIN }, { i64::MAX }>>(
        "is not an integer from -9223372036854775808 to 9223372036854775807",
        &[
            "-9223372036854775809",
            "9223372036854775808",
            "18446744073709551615",
            "18446744073709551616",
            "9223372036854775808.0",
            "1e19",
            "-1e19",
        ],
    );
}

#[test]
fn an_integer_in_another_notation_is_that_integer() {
    accepted::<Integer<-3, 500>>(&[
        ("5.0", "5"),
        ("5e0", "5"),
        ("5E+0", "5"),
        ("50e-1", "5"),
        ("0.5e1", "5"),
        ("4.29e2", "429"),
        ("-0.0", "0"),
        ("-3.000", "-3"),
        // Beyond what a float tells apart.
        ("5.0000000000000000000001", "5"),
    ]);
    refused::<Integer<-3, 500>>(
        "is not an integer from -3 to 500",
        &["5.5", "5e-1", "1e-9", "501.0", "5.01e2", "-4e0"],
    );
}

#[test]
fn an_integer_in_a_path_or_a_query_is_written_in_digits() {
    for (text, number) in [("-3", Some(-3)), ("5", Some(5)), ("05", Some(5)), ("-0", Some(0))] {
        assert_eq!(Integer::<-3, 5>::from_text(text).ok().map(Integer::get), number, "{text}");
    }
    for text in ["", "-", "-4", "6", "+5", "5.0", "5e0", " 5", "5 ", "0x5", "٥", "--3", "99999999999999999999"] {
        let told = Integer::<-3, 5>::from_text(text).unwrap_err().to_string();
        assert_eq!(told, "is not an integer from -3 to 5", "{text}");
    }
}

#[test]
fn what_is_wide_in_bytes_or_in_utf_16_is_one_character_of_a_text() {
    // Of 1, 2, 3 and 4 bytes; the last is two units of UTF-16.
    for character in ["a", "é", "€", "\u{1F4A1}"] {
        for (count, fits) in [(0, false), (1, false), (2, true), (4, true), (5, false)] {
            let text = character.repeat(count);
            let json = json!(text).to_string();
            assert_eq!(read::<Text<2, 4>>(&json).is_ok(), fits, "{text}");
            assert_eq!(Text::<2, 4>::try_from(text.clone()).is_ok(), fits, "{text}");
            assert_eq!(text.parse::<Text<2, 4>>().is_ok(), fits, "{text}");
        }
    }
    // A letter and its accent are two, and so are what JSON writes as escapes.
    accepted::<Text<2, 2>>(&[("\"e\u{301}\"", "\"e\u{301}\""), (r#""\ud83d\udca1\u0041""#, "\"\u{1F4A1}A\"")]);
    refused::<Text<1, 1>>("does not have 1 to 1 characters", &["\"e\u{301}\"", r#""\\\"""#, r#""""#]);
    refused::<Text<1, 1>>("is not a string", &["1", "null", "true", "[\"a\"]", "{}"]);
    accepted::<Text<0, 1>>(&[(r#""""#, r#""""#), (r#""\u0000""#, r#""\u0000""#)]);
}

#[test]
fn half_a_surrogate_pair_is_no_text() {
    for json in [r#""\ud83d""#, r#""\udca1""#, r#""\ud83dx""#] {
        assert!(read::<Text<0, 9>>(json).unwrap_err().starts_with("body: is not JSON"), "{json}");
    }
}

/// The strict schema of a type and its reader accept the same of these texts.
fn schema_says_the_same<T: Wire + FromStr<Err: Debug>>(texts: impl Strategy<Value = String>) {
    let schema = T::shape().schema(Form::Strict, &mut Definitions::new("#/$defs/"));
    let validator = validator(&schema);
    for_all(texts, |text| {
        let value = json!(text);
        prop_assert_eq!(validator.is_valid(&value), read_json::<T>(value.to_string().as_bytes()).is_ok(), "{:?}", text);
        prop_assert_eq!(T::from_str(&text).is_ok(), validator.is_valid(&value), "{:?}", text);
        Ok(())
    });
}

#[test]
fn the_schema_of_a_text_counts_the_same_characters() {
    schema_says_the_same::<Text<2, 5>>("(?s).{0,7}".boxed());
    schema_says_the_same::<Text<0, 1>>("(?s).{0,3}".boxed());
}

#[test]
fn the_pattern_of_an_identifier_is_what_its_reader_takes() {
    schema_says_the_same::<Letter>("(x-|x|)[a-d]{0,4}\n?".boxed());
    schema_says_the_same::<ConnectorId>("(pcon_|pcon|PCON_)[0-9A-Za-z_é]{0,3}".boxed());
    accepted::<Letter>(&[(r#""x-a""#, r#""x-a""#), (r#""x-cb""#, r#""x-cb""#), (r#""x-\u0061""#, r#""x-a""#)]);
    for json in
        [r#""x-""#, r#""x-abc""#, r#""x-d""#, r#""x-A""#, r#""a""#, r#""""#, r#"" x-a""#, r#""x-a\n""#, "1", "null"]
    {
        assert!(read::<Letter>(json).is_err(), "{json}");
    }
}

#[test]
fn a_time_keeps_its_offset_and_a_whole_second_has_none() {
    let table = [
        // The text, whether a server sends it, and its instant.
        ("2025-11-13T10:30:00Z", true, "2025-11-13T10:30:00Z"),
        ("2025-11-13T12:30:00+02:00", false, "2025-11-13T10:30:00Z"),
        ("2025-11-13T05:00:00-05:30", false, "2025-11-13T10:30:00Z"),
        ("2025-11-14T10:29:00+23:59", false, "2025-11-13T10:30:00Z"),
        ("2025-11-12T10:31:00-23:59", false, "2025-11-13T10:30:00Z"),
        ("2025-11-13T10:30:00-00:00", false, "2025-11-13T10:30:00Z"),
        ("2025-11-13T10:30:00.0Z", false, "2025-11-13T10:30:00Z"),
        ("2025-11-13t10:30:00z", false, "2025-11-13T10:30:00Z"),
        ("2024-02-29T00:00:00Z", true, "2024-02-29T00:00:00Z"),
    ];
    for (text, is_sent, instant) in table {
        let json = json!(text).to_string();
        assert_eq!(read::<Timestamp>(&json).as_deref(), Ok(&*json));
        let time: Timestamp = text.parse().unwrap();
        assert_eq!(time.instant(), instant.parse().unwrap(), "{text}");

        // A server sends whole seconds of UTC; a client reads any time.
        let strict = read_json::<WholeSecond>(json.as_bytes());
        assert_eq!(strict.is_ok(), is_sent, "{text}");
        let received: <WholeSecond as Wire>::Received = serde_json::from_str(&json).unwrap();
        assert_eq!(received, time);
    }
    for text in [
        "2025-11-13T10:30:00",
        "2025-11-13 10:30:00Z",
        "2025-11-13T10:30:00+24:00",
        "2025-11-13T10:30:00+02",
        "2025-02-29T00:00:00Z",
        "",
    ] {
        assert!(read::<Timestamp>(&json!(text).to_string()).is_err(), "{text}");
        assert!(read::<WholeSecond>(&json!(text).to_string()).is_err(), "{text}");
    }
}

#[test]
fn a_boolean_is_one_of_two_words() {
    accepted::<bool>(&[("true", "true"), ("false", "false")]);
    refused::<bool>("is not `true` or `false`", &["0", "1", "null", "\"true\"", "[]", "{}"]);
    for text in ["True", "1", "", " true", "yes"] {
        assert_eq!(bool::from_text(text).unwrap_err().to_string(), "is not `true` or `false`", "{text}");
    }
}
