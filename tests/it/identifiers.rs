//! Identifiers, names of the table and timestamps as values: their exact error texts, and every trait.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::{Debug, Display};
use std::str::FromStr;

use freddy_types::{ConnectorId, ErrorCode, ErrorType, InvalidId, Timestamp, TraceId, connector_id};
use serde::Serialize;
use serde::de::DeserializeOwned;

#[track_caller]
fn error_of<T: FromStr<Err: Display> + Debug>(text: &str) -> T::Err {
    match text.parse::<T>() {
        Ok(parsed) => panic!("{text:?} is {parsed:?}"),
        Err(error) => error,
    }
}

/// What every way to an identifier says of a text: `FromStr`, `TryFrom` and serde.
#[track_caller]
fn assert_invalid<T>(text: &str, position: usize, message: &str)
where
    T: FromStr<Err = InvalidId> + for<'a> TryFrom<&'a str, Error = InvalidId> + TryFrom<String, Error = InvalidId>,
    T: DeserializeOwned + Debug,
{
    let error = error_of::<T>(text);
    assert_eq!((error.to_string(), error.position()), (message.to_owned(), position), "{text:?}");
    assert_eq!(T::try_from(text).unwrap_err(), error);
    assert_eq!(T::try_from(text.to_owned()).unwrap_err(), error);
    let json = serde_json::to_string(text).unwrap();
    let from_json = serde_json::from_str::<T>(&json).unwrap_err().to_string();
    assert_eq!(from_json, format!("{message} at line 1 column {}", json.len()));
}

#[test]
fn a_text_that_is_no_connector_id_is_told_where_and_why() {
    const PREFIX: &str = "connector ID does not start with `pcon_`";
    let character = |at| {
        format!("connector ID has an unexpected character at byte {at}: allowed there is an ASCII letter or digit")
    };
    let too_long = |len| format!("connector ID is {len} bytes long, at most 69 are allowed");
    let x = |len| format!("pcon_{}", "x".repeat(len));
    let table = [
        ("", 0, "connector ID is empty".to_owned()),
        ("p", 0, PREFIX.to_owned()),
        ("pcon", 0, PREFIX.to_owned()),
        ("pcon-abc123", 0, PREFIX.to_owned()),
        ("PCON_abc123", 0, PREFIX.to_owned()),
        (" pcon_abc123", 0, PREFIX.to_owned()),
        ("conn_abc123", 0, PREFIX.to_owned()),
        ("pcoñ_abc123", 0, PREFIX.to_owned()),
        ("ppppñ", 0, PREFIX.to_owned()),
        // These stand in the same place of other paths of the family.
        ("available", 0, PREFIX.to_owned()),
        ("callback", 0, PREFIX.to_owned()),
        ("pcon_", 5, "connector ID has nothing after `pcon_`".to_owned()),
        ("pcon__", 5, character(5)),
        ("pcon_abc-123", 8, character(8)),
        ("pcon_abc123\n", 11, character(11)),
        ("pcon_abc 123", 8, character(8)),
        ("pcon_é", 5, character(5)),
        ("pcon_aé", 6, character(6)),
        ("pcon_\u{661}", 5, character(5)),
        ("pcon_a\0", 6, character(6)),
        ("pcon_%61", 5, character(5)),
        ("pcon_a/../b", 6, character(6)),
        (&x(65), 69, too_long(70)),
        (&x(1000), 69, too_long(1005)),
        // The length is told before a character, and counts bytes.
        (&format!("pcon_{}", "é".repeat(33)), 69, too_long(71)),
    ];
    for (text, position, message) in table {
        assert_invalid::<ConnectorId>(text, position, &message);
    }
}

#[test]
fn a_text_that_is_no_trace_id_is_told_where_and_why() {
    let character =
        |at| format!("trace ID has an unexpected character at byte {at}: allowed there is a visible ASCII character");
    let table = [
        ("", 0, "trace ID is empty".to_owned()),
        (" ", 0, character(0)),
        ("two words", 3, character(3)),
        ("line\nfeed", 4, character(4)),
        ("req_\u{7f}", 4, character(4)),
        ("req_é", 4, character(4)),
        ("é", 0, character(0)),
        (&"x".repeat(129), 128, "trace ID is 129 bytes long, at most 128 are allowed".to_owned()),
    ];
    for (text, position, message) in table {
        assert_invalid::<TraceId>(text, position, &message);
    }
}

#[test]
fn the_longest_and_the_shortest_ids_are_ids() {
    for len in [1, 32, 64] {
        assert_eq!(format!("pcon_{}", "Z".repeat(len)).parse::<ConnectorId>().unwrap().as_str().len(), 5 + len);
    }
    for len in [1, 36, 128] {
        assert_eq!("~".repeat(len).parse::<TraceId>().unwrap().as_str().len(), len);
    }
    assert_eq!((ConnectorId::MAX_LEN, TraceId::MAX_LEN), (69, 128));
}

#[test]
fn an_error_never_echoes_what_came() {
    const SECRET: &str = "sk_live_51H8";
    let texts = [
        SECRET.to_owned(),
        format!("pcon_{SECRET}"),
        format!("pcon_{}", SECRET.repeat(20)),
        format!("{SECRET}\n"),
        SECRET.repeat(20),
    ];
    for text in &texts {
        let mut told = Vec::new();
        told.extend(text.parse::<ConnectorId>().err().map(|error| format!("{error} {error:?}")));
        told.extend(text.parse::<TraceId>().err().map(|error| format!("{error} {error:?}")));
        told.extend(text.parse::<ErrorCode>().err().map(|error| format!("{error} {error:?}")));
        told.extend(text.parse::<ErrorType>().err().map(|error| format!("{error} {error:?}")));
        told.extend(text.parse::<Timestamp>().err().map(|error| format!("{error} {error:?}")));
        assert!(told.len() >= 4, "{told:?}");
        assert!(!told.concat().contains(&SECRET[..4]), "{told:?}");
    }
}

/// What every identifier can do, for one of them and a later one.
fn has_every_trait<T>(text: &str, later: &str, debug: &str)
where
    T: FromStr<Err = InvalidId> + for<'a> TryFrom<&'a str, Error = InvalidId> + TryFrom<String, Error = InvalidId>,
    T: AsRef<str> + Borrow<str> + Display + Debug + Clone + Ord + std::hash::Hash + PartialEq<str>,
    T: for<'a> PartialEq<&'a str> + Into<String> + Into<Box<str>> + Serialize + DeserializeOwned,
    str: PartialEq<T>,
    for<'a> &'a str: PartialEq<T>,
{
    let id: T = text.parse().unwrap();
    assert_eq!(T::try_from(text).unwrap(), id);
    assert_eq!(T::try_from(text.to_owned()).unwrap(), id);
    assert_eq!(id.clone(), id);

    assert_eq!((AsRef::<str>::as_ref(&id), Borrow::<str>::borrow(&id)), (text, text));
    for (other, equal) in [(text, true), (later, false)] {
        assert_eq!([id == *other, id == other, *other == id, other == id], [equal; 4], "{other}");
    }
    assert_eq!(Into::<String>::into(id.clone()), String::from(text));
    assert_eq!(Into::<Box<str>>::into(id.clone()), Box::<str>::from(text));

    let after: T = later.parse().unwrap();
    assert_eq!(id.cmp(&after), text.cmp(later), "ordered as their texts are");
    let by_hash: HashMap<T, u8> = [(id.clone(), 1), (after.clone(), 2)].into();
    let by_order: BTreeMap<T, u8> = [(after.clone(), 2), (id.clone(), 1)].into();
    assert_eq!((by_hash.get(text), by_hash.get(later), by_hash.get("")), (Some(&1), Some(&2), None));
    assert_eq!((by_order.get(text), by_order.get(later), by_order.get("")), (Some(&1), Some(&2), None));

    let width = text.len() + 3;
    assert_eq!(id.to_string(), text);
    assert_eq!(format!("{id:>width$}"), format!("   {text}"));
    assert_eq!(format!("{id:-<width$}"), format!("{text}---"));
    assert_eq!(format!("{id:.4}"), text[..4]);
    assert_eq!(format!("{id:?}"), debug);

    let json = format!("\"{text}\"");
    assert_eq!(serde_json::to_string(&id).unwrap(), json);
    assert_eq!(serde_json::from_str::<T>(&json).unwrap(), id);
    assert_eq!(serde_json::from_value::<T>(text.into()).unwrap(), id);
    assert_eq!(serde_json::from_reader::<_, T>(json.as_bytes()).unwrap(), id);
}

#[test]
fn identifiers_have_every_trait() {
    has_every_trait::<ConnectorId>("pcon_abc123", "pcon_abd", r#"ConnectorId("pcon_abc123")"#);
    has_every_trait::<TraceId>("req_abc123", "req_abd", r#"TraceId("req_abc123")"#);
}

#[test]
fn an_id_is_read_from_a_string_only() {
    let id = |json| serde_json::from_str::<ConnectorId>(json).unwrap_err().to_string();
    assert_eq!(id("5"), "invalid type: integer `5`, expected a connector ID at line 1 column 1");
    assert_eq!(id("null"), "invalid type: null, expected a connector ID at line 1 column 4");
    let trace_id = |json| serde_json::from_str::<TraceId>(json).unwrap_err().to_string();
    assert_eq!(trace_id("[]"), "invalid type: sequence, expected a trace ID at line 1 column 0");
}

#[test]
fn a_literal_is_a_connector_id_at_compile_time() {
    let id = connector_id!("pcon_abc123");
    assert_eq!(id, "pcon_abc123".parse::<ConnectorId>().unwrap());
}

#[test]
fn a_trace_id_of_bits_is_req_and_32_lower_case_hex_digits() {
    assert_eq!(TraceId::from_bits(0), "req_00000000000000000000000000000000");
    assert_eq!(TraceId::from_bits(0xC0FFEE), "req_00000000000000000000000000c0ffee");
    assert_eq!(TraceId::from_bits(u128::MAX), "req_ffffffffffffffffffffffffffffffff");
}

/// `as_str`, `FromStr`, `Display`, `AsRef` and serde of a name of the table.
fn is_a_name<T>(name: &T, text: &str)
where
    T: FromStr + Display + AsRef<str> + Serialize + DeserializeOwned + PartialEq + Debug,
{
    assert!(text.parse::<T>().is_ok_and(|parsed| parsed == *name), "{text}");
    assert_eq!((name.to_string().as_str(), name.as_ref()), (text, text));
    assert_eq!(format!("{name:>30}").trim_start(), text);
    assert_eq!(format!("{name:_<30}").len(), 30);
    assert_eq!(serde_json::to_string(name).unwrap(), format!("\"{text}\""));
    assert_eq!(serde_json::from_str::<T>(&format!("\"{text}\"")).unwrap(), *name);
}

#[test]
fn codes_have_their_documented_names() {
    let table = [
        (ErrorCode::ValidationError, "VALIDATION_ERROR", 400, ErrorType::Validation),
        (ErrorCode::Unauthorized, "UNAUTHORIZED", 401, ErrorType::Authentication),
        (ErrorCode::Forbidden, "FORBIDDEN", 403, ErrorType::Authorization),
        (ErrorCode::NotFound, "NOT_FOUND", 404, ErrorType::NotFound),
        (ErrorCode::MethodNotAllowed, "METHOD_NOT_ALLOWED", 405, ErrorType::Client),
        (ErrorCode::RequestTimeout, "REQUEST_TIMEOUT", 408, ErrorType::Client),
        (ErrorCode::PayloadTooLarge, "PAYLOAD_TOO_LARGE", 413, ErrorType::Client),
        (ErrorCode::RateLimitExceeded, "RATE_LIMIT_EXCEEDED", 429, ErrorType::RateLimit),
        (ErrorCode::InternalServerError, "INTERNAL_SERVER_ERROR", 500, ErrorType::Server),
        (ErrorCode::ServiceUnavailable, "SERVICE_UNAVAILABLE", 503, ErrorType::Server),
    ];
    assert_eq!(table.map(|(code, ..)| code), ErrorCode::ALL);
    for (code, text, status, error_type) in table {
        is_a_name(&code, text);
        assert_eq!((code.as_str(), code.status(), code.error_type()), (text, status, error_type));
    }
}

#[test]
fn types_have_their_documented_names() {
    let table = [
        (ErrorType::Validation, "validation_error"),
        (ErrorType::Authentication, "authentication_error"),
        (ErrorType::Authorization, "authorization_error"),
        (ErrorType::NotFound, "not_found_error"),
        (ErrorType::Client, "client_error"),
        (ErrorType::RateLimit, "rate_limit_error"),
        (ErrorType::Server, "server_error"),
    ];
    assert_eq!(table.map(|(error_type, _)| error_type), ErrorType::ALL);
    for (error_type, text) in table {
        is_a_name(&error_type, text);
        assert_eq!(error_type.as_str(), text);
    }
}

#[test]
fn wire_names_are_distinct() {
    let codes: HashSet<_> = ErrorCode::ALL.iter().map(|code| code.as_str()).collect();
    let types: HashSet<_> = ErrorType::ALL.iter().map(|error_type| error_type.as_str()).collect();
    assert_eq!((codes.len(), types.len()), (ErrorCode::ALL.len(), ErrorType::ALL.len()));
}

#[test]
fn a_name_outside_the_table_is_told_so() {
    for text in ["", "forbidden", "FORBIDDEN ", "CONFLICT", "authorization_error"] {
        assert_eq!(error_of::<ErrorCode>(text).to_string(), "not an error code of the contract's table", "{text:?}");
    }
    for text in ["", "conflict_error", "Server_Error", "FORBIDDEN"] {
        assert_eq!(error_of::<ErrorType>(text).to_string(), "not an error type of the contract's table", "{text:?}");
    }
    let of_json = |json| serde_json::from_str::<ErrorCode>(json).unwrap_err().to_string();
    assert_eq!(of_json("\"CONFLICT\""), "not an error code of the contract's table at line 1 column 10");
    assert_eq!(
        of_json("403"),
        "invalid type: integer `403`, expected the wire form of an error code at line 1 column 3"
    );
}

#[test]
fn a_text_that_is_no_timestamp_is_told_where_and_what_was_expected() {
    const OFFSET: &str = "an offset, `Z` or one such as `+02:00`,";
    const LEAP_SECOND: &str = "a second from 00 to 59, as 60 stands only at the end of a UTC day";
    let table = [
        ("", 0, "a year of four digits"),
        ("now", 0, "a year of four digits"),
        ("+2025-11-13T10:30:00Z", 0, "a year of four digits"),
        ("202", 0, "a year of four digits"),
        ("20251113T103000Z", 4, "`-`"),
        ("2025-13-13T10:30:00Z", 5, "a month from 01 to 12"),
        ("2025-00-13T10:30:00Z", 5, "a month from 01 to 12"),
        ("2025-1-13T10:30:00Z", 5, "a month from 01 to 12"),
        ("2025-11-00T10:30:00Z", 8, "a day of the month"),
        ("2025-11-31T10:30:00Z", 8, "a day of the month"),
        ("2025-02-29T10:30:00Z", 8, "a day of the month"),
        ("1900-02-29T10:30:00Z", 8, "a day of the month"),
        ("2025-11-13", 10, "`T`"),
        ("2025-11-13 10:30:00Z", 10, "`T`"),
        ("2025-11-13T24:00:00Z", 11, "an hour from 00 to 23"),
        ("2025-11-13T10.30:00Z", 13, "`:`"),
        ("2025-11-13T10:60:00Z", 14, "a minute from 00 to 59"),
        ("2025-11-13T10:30Z", 16, "`:`"),
        ("2025-11-13T10:30:61Z", 17, "a second from 00 to 60"),
        ("2025-11-13T10:30:60Z", 17, LEAP_SECOND),
        ("2016-12-31T23:59:60+01:00", 17, LEAP_SECOND),
        ("2025-11-13T10:30:00", 19, OFFSET),
        ("2025-11-13T10:30:00,5Z", 19, OFFSET),
        ("2025-11-13T10:30:00\u{2212}02:00", 19, OFFSET),
        ("2025-11-13T10:30:00.Z", 20, "a digit of the fraction"),
        ("2025-11-13T10:30:00.25", 22, OFFSET),
        ("2025-11-13T10:30:00+24:00", 20, "an offset hour from 00 to 23"),
        ("2025-11-13T10:30:00+2:00", 20, "an offset hour from 00 to 23"),
        ("2025-11-13T10:30:00+0200", 22, "`:`"),
        ("2025-11-13T10:30:00-02:60", 23, "an offset minute from 00 to 59"),
        ("2025-11-13T10:30:00Z\n", 20, "the end"),
        ("2025-11-13T10:30:00+02:00[Europe/Berlin]", 25, "the end"),
    ];
    for (text, position, expected) in table {
        let error = error_of::<Timestamp>(text);
        let message = format!("invalid RFC 3339 date-time: expected {expected} at byte {position}");
        assert_eq!((error.to_string(), error.position()), (message.clone(), position), "{text:?}");
        let json = serde_json::to_string(text).unwrap();
        let from_json = serde_json::from_str::<Timestamp>(&json).unwrap_err().to_string();
        assert_eq!(from_json, format!("{message} at line 1 column {}", json.len()));
    }
}

#[test]
fn a_timestamp_is_printed_as_it_came() {
    for text in [
        "2025-11-13T10:30:00Z",
        "2025-11-13t10:30:00z",
        "2025-11-13T10:30:00.250+02:00",
        "2025-11-13T10:30:00-00:00",
        "2025-11-13T10:30:00.000Z",
        "2016-12-31T23:59:60Z",
        "0000-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
    ] {
        let timestamp: Timestamp = text.parse().unwrap();
        assert_eq!(timestamp.to_string(), text);
        assert_eq!(format!("{timestamp:>40}"), format!("{text:>40}"));
        assert_eq!(format!("{timestamp:?}"), format!("Timestamp({text})"));
        assert_eq!(serde_json::to_value(&timestamp).unwrap(), text);
        assert_eq!(serde_json::from_value::<Timestamp>(text.into()).unwrap(), timestamp);
    }
}

#[test]
fn a_timestamp_knows_its_instant() {
    let table = [
        ("2025-11-13T10:30:00Z", "2025-11-13T10:30:00Z"),
        ("2025-11-13t10:30:00z", "2025-11-13T10:30:00Z"),
        ("2025-11-13T12:30:00.25+02:00", "2025-11-13T10:30:00.25Z"),
        ("2025-11-13T10:30:00.1234567899Z", "2025-11-13T10:30:00.123456789Z"),
        ("2025-11-13T00:15:00+05:45", "2025-11-12T18:30:00Z"),
        ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59Z"),
        ("2016-12-31T23:59:60.5Z", "2016-12-31T23:59:59.5Z"),
        ("2017-01-01T05:29:60+05:30", "2016-12-31T23:59:59Z"),
        ("0000-01-01T00:00:00+23:59", "-000001-12-31T00:01:00Z"),
    ];
    for (text, instant) in table {
        let instant: jiff::Timestamp = instant.parse().unwrap();
        let timestamp: Timestamp = text.parse().unwrap();
        assert_eq!(timestamp.instant(), instant, "{text}");
        assert_eq!(jiff::Timestamp::from(timestamp), instant, "{text}");
    }
    let past_jiff: Timestamp = "9999-12-31T23:59:59Z".parse().unwrap();
    assert_eq!(past_jiff.instant(), jiff::Timestamp::MAX);
}

#[test]
fn timestamps_are_equal_when_their_texts_are() {
    let zulu: Timestamp = "2025-11-13T10:30:00Z".parse().unwrap();
    let offset: Timestamp = "2025-11-13T10:30:00+00:00".parse().unwrap();
    assert_ne!(zulu, offset);
    assert_eq!(zulu.instant(), offset.instant());
    assert_eq!(HashSet::from([zulu.clone(), zulu, offset]).len(), 2);
}

#[test]
fn a_server_makes_timestamps_of_whole_seconds_inside_rfc_3339() {
    let table = [
        ("2025-11-13T10:30:00.999999999Z", "2025-11-13T10:30:00Z"),
        ("1969-12-31T23:59:59.5Z", "1969-12-31T23:59:59Z"),
        ("-000001-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
        ("0000-12-31T23:59:59Z", "0001-01-01T00:00:00Z"),
        ("9999-12-30T00:00:00Z", "9998-12-31T23:59:59Z"),
    ];
    for (instant, text) in table {
        let instant: jiff::Timestamp = instant.parse().unwrap();
        assert_eq!(Timestamp::from(instant).to_string(), text);
        assert_eq!(Timestamp::from(instant), text.parse().unwrap());
    }
}
