//! JSON that is nearly right: valid envelopes with an edit or two, as text.
//!
//! Text, because a reader sees more than a JSON value holds: `429.0` and `4.29e2`, `"code"` and `"c\u006fde"`.

use freddy_types::{ApiError, ErrorCode, ErrorEnvelope, RateLimitDetails, strategies};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::support::{DOCUMENTED, documented, json};

/// JSON numbers at the edges of what the contract's integers take.
const NUMBERS: &[&str] = &[
    "429.0",
    "4.29e2",
    "4290e-1",
    "429.5",
    "429.0000000000000000001",
    "403",
    "400",
    "500",
    "60.0",
    "61",
    "0",
    "0.0",
    "-0",
    "-0.0",
    "-1",
    "-1.0",
    "1e-400",
    "99",
    "99.9",
    "100",
    "999",
    "9.99e2",
    "1000",
    "2147483646",
    "2147483647",
    "2147483647.0",
    "2147483648",
    "4294967295",
    "4294967296",
    "4294967725",
    "65965",
    "9007199254740993",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "1e19",
    "1e300",
    "-1e300",
];

/// Texts at the edges of RFC 3339.
pub(crate) const TIMESTAMPS: &[&str] = &[
    "2025-11-13T10:30:00Z",
    "2025-11-13T10:31:00Z",
    "2025-11-13T10:31:01Z",
    "2025-11-13T10:29:59Z",
    "2025-11-13t10:31:00Z",
    "2025-11-13T10:31:00z",
    "2025-11-13t10:31:00z",
    "2025-11-13 10:31:00Z",
    "2025-11-13_10:31:00Z",
    "2025-11-13T10:31:00",
    "2025-11-13T10:31Z",
    "2025-11-13",
    "10:31:00Z",
    "",
    "Z",
    "T",
    "2025-11-13T",
    "2025-11-13TZ",
    "2025-11-13T10:31:00Z\n",
    "2025-11-13T10:31:00Z ",
    " 2025-11-13T10:31:00Z",
    "\u{feff}2025-11-13T10:31:00Z",
    "2025-11-13T10:31:00ZZ",
    "2025-11-13T10:31:00+Z",
    "2025-11-13T10:31:00.Z",
    "2025-11-13T10:31:00,5Z",
    "2025-11-13T10:31:00.0Z",
    "2025-11-13T10:31:00.000Z",
    "2025-11-13T10:31:00.5Z",
    "2025-11-13T10:31:00.123456789Z",
    "2025-11-13T10:31:00.1234567890123456789012345Z",
    "2025-11-13T10:31:00.999999999999Z",
    "2025-11-13T10:31:00.-5Z",
    "2025-11-13T10:31:00+00:00",
    "2025-11-13T10:31:00-00:00",
    "2025-11-13T12:31:00+02:00",
    "2025-11-13T10:31:00+2:00",
    "2025-11-13T10:31:00+02",
    "2025-11-13T10:31:00+0200",
    "2025-11-13T10:31:00+02:0",
    "2025-11-13T10:31:00+02:000",
    "2025-11-13T10:31:00+23:59",
    "2025-11-13T10:31:00-23:59",
    "2025-11-13T10:31:00+24:00",
    "2025-11-13T10:31:00-24:00",
    "2025-11-13T10:31:00+23:60",
    "2025-11-13T10:31:00\u{2212}02:00",
    "2025-11-13T10:31:00.5+02:00",
    "2025-11-13T24:00:00Z",
    "2025-11-13T23:60:00Z",
    "2025-11-13T10:31:60Z",
    "2025-11-13T10:31:61Z",
    "2016-12-31T23:59:59Z",
    "2016-12-31T23:59:60Z",
    "2016-12-31T23:59:60z",
    "2016-12-31T23:59:60.5Z",
    "2016-12-31T23:59:61Z",
    "2016-12-31T23:59:60+00:00",
    "2016-12-31T23:59:60+01:00",
    "2017-01-01T00:59:60+01:00",
    "2017-01-01T00:59:60-01:00",
    "2016-12-31T22:59:60-01:00",
    "2016-12-31T15:59:60-08:00",
    "2016-12-31T18:29:60-05:30",
    "2017-01-01T05:29:60+05:30",
    "2017-01-01T05:30:60+05:30",
    "2017-01-01T23:58:60+23:59",
    "2016-12-31T00:00:60-23:59",
    "2025-06-15T23:59:60Z",
    "2025-11-13T22:59:60Z",
    "2025-11-13T23:58:60Z",
    "2025-00-13T10:31:00Z",
    "2025-13-13T10:31:00Z",
    "2025-11-00T10:31:00Z",
    "2025-11-31T10:31:00Z",
    "2025-12-31T10:31:00Z",
    "2025-02-29T10:31:00Z",
    "2024-02-29T10:31:00Z",
    "2024-02-30T10:31:00Z",
    "1900-02-29T10:31:00Z",
    "2000-02-29T10:31:00Z",
    "0000-02-29T10:31:00Z",
    "0000-01-01T00:00:00Z",
    "0000-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00Z",
    "-001-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "+2025-11-13T10:31:00Z",
    "12025-11-13T10:31:00Z",
    "025-11-13T10:31:00Z",
    "1969-12-31T23:59:59Z",
    "9998-12-31T23:59:59Z",
    "9999-01-01T00:00:00Z",
    "9999-12-30T22:00:00Z",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:60Z",
    "9999-12-31T23:59:59-23:59",
    "9999-12-31T23:59:59.999999999Z",
    "10000-01-01T00:00:00Z",
    "2025-1-13T10:31:00Z",
    "2025-11-13T1:31:00Z",
    "20251113T103100Z",
    "2025-W46-4T10:31:00Z",
    "2025-317T10:31:00Z",
    "2025-11-13T10:31:00Z[UTC]",
    "2025-11-13T10:31:00[UTC]",
    "\u{0662}\u{0660}\u{0662}\u{0665}-11-13T10:31:00Z",
    "2025\u{2010}11\u{2010}13T10:31:00Z",
    "Thu, 13 Nov 2025 10:31:00 GMT",
    "1763029800",
];

/// JSON of other kinds, and texts that mean something elsewhere in an envelope.
const OTHERS: &[&str] = &[
    "null",
    "true",
    "false",
    "[]",
    "{}",
    "[{}]",
    r#"{"retry_after":60,"limit":100,"remaining":0,"reset_at":"2025-11-13T10:31:00Z"}"#,
    r#""""#,
    r#""false""#,
    r#""429""#,
    r#""60""#,
    r#""FORBIDDEN""#,
    r#""forbidden""#,
    r#""FORBIDDEN ""#,
    r#""F\u004fRBIDDEN""#,
    r#""RATE_LIMIT_EXCEEDED""#,
    r#""RESOURCE_NOT_FOUND""#,
    r#""authorization_error""#,
    r#""rate_limit_error""#,
    r#""client_error""#,
    r#""req_00000000000000000000000000c0ffee""#,
    r#""550e8400-e29b-41d4-a716-446655440000""#,
    r#""two words""#,
    r#""line\nfeed""#,
    r#""tab\t""#,
    r#""\u007f""#,
    r#""\u0000""#,
    r#""münchen""#,
    r#""~!""#,
];

/// Names of fields, and names that are nearly one.
const NAMES: &[&str] = &[
    "success",
    "error",
    "code",
    "message",
    "system_message",
    "type",
    "status",
    "details",
    "trace_id",
    "timestamp",
    "retry_after",
    "limit",
    "remaining",
    "reset_at",
    "Code",
    "traceId",
    "code ",
    "",
    "x_region",
    "status_code",
];

/// What takes the place of a value, or comes in beside it.
#[derive(Clone, Debug)]
enum Text {
    /// A near miss for a value of the kind that stands there.
    Aimed(Index),
    /// A near miss of any kind.
    NearMiss(Index),
    /// Another value of the kind that stands there.
    Valid(u32),
    Any(Value),
}

#[derive(Clone, Debug)]
enum Edit {
    Remove(Index),
    Rename(Index, &'static str),
    Replace(Index, Text),
    Add(Index, &'static str, Text),
}

fn texts() -> impl Strategy<Value = Text> {
    prop_oneof![
        4 => any::<Index>().prop_map(Text::Aimed),
        1 => any::<Index>().prop_map(Text::NearMiss),
        2 => (0..2_147_483_648_u32).prop_map(Text::Valid),
        1 => strategies::json().prop_map(Text::Any),
    ]
}

fn edits() -> impl Strategy<Value = Edit> {
    let at = any::<Index>;
    prop_oneof![
        2 => at().prop_map(Edit::Remove),
        1 => (at(), select(NAMES)).prop_map(|(at, name)| Edit::Rename(at, name)),
        6 => (at(), texts()).prop_map(|(at, text)| Edit::Replace(at, text)),
        2 => (at(), select(NAMES), texts()).prop_map(|(at, name, text)| Edit::Add(at, name, text)),
    ]
}

/// Every near miss, as JSON text.
pub(crate) fn near_misses() -> impl Iterator<Item = String> {
    let timestamps = TIMESTAMPS.iter().map(|text| quoted(text));
    NUMBERS.iter().chain(OTHERS).map(|text| (*text).to_owned()).chain(timestamps)
}

fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

impl Text {
    fn for_value(&self, old: &Value) -> String {
        let pick = |index: &Index, list: &[&str]| (*index.get(list)).to_owned();
        match (self, old) {
            (Self::Any(value), _) => value.to_string(),
            (Self::Aimed(index), Value::Number(_)) => pick(index, NUMBERS),
            (Self::Aimed(index), Value::String(text)) if text.contains(':') => quoted(&pick(index, TIMESTAMPS)),
            (Self::Aimed(index), _) => pick(index, OTHERS),
            (Self::Valid(n), Value::Number(_)) => n.to_string(),
            (Self::Valid(n), Value::String(text)) if text.contains(':') => {
                quoted(&jiff::Timestamp::constant((*n).into(), 0).to_string())
            }
            (Self::Valid(n), _) => quoted(&format!("text_{n}")),
            (Self::NearMiss(index), _) => index.get(&near_misses().collect::<Vec<_>>()).clone(),
        }
    }
}

/// The fields of all objects in a value: the JSON pointer of the object, and the name.
fn fields(value: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut unread = vec![(String::new(), value)];
    while let Some((pointer, value)) = unread.pop() {
        for (name, value) in value.as_object().into_iter().flatten() {
            found.push((pointer.clone(), name.clone()));
            unread.push((format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), value));
        }
    }
    found
}

/// The object at `pointer`, which was found by [`fields`].
fn object<'a>(value: &'a mut Value, pointer: &str) -> &'a mut Map<String, Value> {
    value.pointer_mut(pointer).and_then(Value::as_object_mut).expect("the pointer of an object")
}

/// Applies the edits and gives the text. A text that takes a value's place goes in last, so that it stays as it is.
fn edited(mut value: Value, edits: &[Edit]) -> String {
    let mut put_in = Vec::new();
    let mut stand_in = |text| {
        put_in.push(text);
        Value::from(format!("\u{1}{}", put_in.len()))
    };
    for edit in edits {
        let fields = fields(&value);
        if fields.is_empty() {
            break;
        }
        match edit {
            Edit::Remove(at) => {
                let (pointer, name) = at.get(&fields);
                object(&mut value, pointer).remove(name);
            }
            Edit::Rename(at, new_name) => {
                let (pointer, name) = at.get(&fields);
                let object = object(&mut value, pointer);
                let moved = object.remove(name).expect("a field of the object");
                object.insert((*new_name).to_owned(), moved);
            }
            Edit::Replace(at, text) => {
                let (pointer, name) = at.get(&fields);
                let old = object(&mut value, pointer).get_mut(name).expect("a field of the object");
                *old = stand_in(text.for_value(old));
            }
            Edit::Add(at, name, text) => {
                let (pointer, _) = at.get(&fields);
                let text = text.for_value(&Value::Null);
                object(&mut value, pointer).insert((*name).to_owned(), stand_in(text));
            }
        }
    }
    let text = value.to_string();
    put_in
        .iter()
        .enumerate()
        .fold(text, |text, (n, put_in)| text.replacen(&quoted(&format!("\u{1}{}", n + 1)), put_in, 1))
}

fn encoded(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

/// Envelopes that decode: the documented ones, what servers build, and whatever else can be received.
fn valid_envelopes() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => select(DOCUMENTED.each_ref().map(|documented| documented.body).to_vec()).prop_map(json),
        2 => Just(documented(ErrorCode::RateLimitExceeded).body).prop_map(json),
        2 => any::<ApiError>().prop_map(|error| encoded(&ErrorEnvelope::from(error))),
        1 => any::<ErrorEnvelope>().prop_map(|envelope| encoded(&envelope)),
    ]
}

/// The texts of valid envelopes with one edit, sometimes two or three.
pub(crate) fn envelopes() -> impl Strategy<Value = String> {
    let edits = prop_oneof![4 => 1..=1_usize, 1 => 2..=3_usize]
        .prop_flat_map(|edit_count| proptest::collection::vec(edits(), edit_count));
    (valid_envelopes(), edits).prop_map(|(value, edits)| edited(value, &edits))
}

/// The texts of valid rate limit details with one edit.
pub(crate) fn rate_limit_details() -> impl Strategy<Value = String> {
    let valid = any::<RateLimitDetails>().prop_map(|details| encoded(&details));
    (valid, edits()).prop_map(|(value, edit)| edited(value, &[edit]))
}

/// A text with one character taken out, put in or exchanged.
pub(crate) fn of_text(valid: impl Strategy<Value = String>, characters: &'static str) -> impl Strategy<Value = String> {
    let character = select(characters.chars().collect::<Vec<_>>());
    (valid, any::<Index>(), 0..=1_usize, proptest::option::of(character)).prop_map(|(text, at, taken, put_in)| {
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len() + 1);
        let rest = chars.iter().skip(at + taken);
        chars.iter().take(at).copied().chain(put_in).chain(rest.copied()).collect()
    })
}
