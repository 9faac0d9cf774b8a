//! Generators of values for property tests (feature `proptest`).
//!
//! Each of them is also the [`Arbitrary`] of its type: `any::<ErrorEnvelope>()`.

use std::fmt::Debug;

use proptest::arbitrary::Arbitrary;
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::error::details::DetailsSource;
use crate::error::details::rate_limit::{RateLimit, RateLimitDetails, ReceivedRateLimitDetails};
use crate::error::envelope::ErrorEnvelope;
use crate::error::received::ReceivedError;
use crate::error::sent::ApiError;
use crate::error::table::{ErrorCode, ErrorType, Failure};
use crate::value::connector_id::ConnectorId;
use crate::value::time::Timestamp;
use crate::value::trace_id::TraceId;
use crate::wire::extra::Extra;
use crate::wire::read::{Wire, read_json};
use crate::wire::shape::{ObjectShape, Presence, Shape, TextShape};

/// Any connector ID.
pub fn connector_id() -> impl Strategy<Value = ConnectorId> {
    parsed("pcon_[0-9A-Za-z]{1,64}")
}

/// Any trace ID that a server may send.
pub fn trace_id() -> impl Strategy<Value = TraceId> {
    prop_oneof![any::<u128>().prop_map(TraceId::from_bits), parsed("[!-~]{1,128}")]
}

fn parsed<T: std::str::FromStr + Debug>(pattern: &'static str) -> impl Strategy<Value = T> {
    pattern.prop_filter_map("the pattern matches more than the parser reads", |text| text.parse().ok())
}

/// Any code of the table.
pub fn error_code() -> impl Strategy<Value = ErrorCode> {
    select(ErrorCode::ALL)
}

/// Any type of the table.
pub fn error_type() -> impl Strategy<Value = ErrorType> {
    select(ErrorType::ALL)
}

/// Any instant that `jiff` holds, most of them near the present.
pub fn instant() -> impl Strategy<Value = jiff::Timestamp> {
    let near = 1_500_000_000..2_500_000_000_i64;
    let all = jiff::Timestamp::MIN.as_second()..jiff::Timestamp::MAX.as_second();
    (prop_oneof![4 => near, 1 => all], 0..1_000_000_000_i32)
        .prop_filter_map("past the end of time", |(second, nanosecond)| jiff::Timestamp::new(second, nanosecond).ok())
}

/// Any timestamp that can be received: offsets, fractions and the last hours of the year 9999 included.
pub fn timestamp() -> impl Strategy<Value = Timestamp> {
    prop_oneof![
        instant().prop_map(Timestamp::from),
        parsed(
            "20[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])[Tt]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,12})?([Zz]|[+-](0[0-9]|1[0-9]|2[0-3]):[0-5][0-9])"
        ),
        select(
            &["2016-12-31T23:59:60Z", "9999-12-31T23:59:59Z", "0000-01-01T00:00:00+23:59", "2024-02-29T12:00:00-00:00"]
                [..]
        )
        .prop_filter_map("not a timestamp", |text| text.parse().ok()),
    ]
}

/// Any rate limit of a server.
pub fn rate_limit() -> impl Strategy<Value = RateLimit> {
    (any::<u32>(), any::<u32>(), instant()).prop_map(|(limit, remaining, reset_at)| RateLimit {
        limit,
        remaining,
        reset_at,
    })
}

/// Any details that a server builds.
pub fn rate_limit_details() -> impl Strategy<Value = RateLimitDetails> {
    (rate_limit(), instant()).prop_map(|(limit, now)| limit.details_at(&now.into()))
}

/// Any details that a client can receive: of any instant, with further fields.
pub fn received_rate_limit_details() -> impl Strategy<Value = ReceivedRateLimitDetails> {
    received::<RateLimitDetails>()
}

/// Any failure of a server.
pub fn failure() -> impl Strategy<Value = Failure> {
    (error_code(), rate_limit()).prop_map(|(code, limit)| match Failure::example(code) {
        Failure::RateLimitExceeded(_) => Failure::RateLimitExceeded(limit),
        failure => failure,
    })
}

/// Any error that a server builds.
pub fn api_error() -> impl Strategy<Value = ApiError> {
    (failure(), trace_id(), instant(), option::of(".{0,40}"), any::<bool>()).prop_map(
        |(failure, trace_id, now, message, own_system_message)| {
            let error = ApiError::new(failure, trace_id, now);
            let error = if own_system_message { error.with_system_message("written for a test") } else { error };
            match message {
                Some(message) => error.with_message(message),
                None => error,
            }
        },
    )
}

/// Any error that can be received: known and unknown codes and types, details of any shape, further fields.
pub fn received_error() -> impl Strategy<Value = ReceivedError> {
    read_of(&Shape::Object(ReceivedError::shape()))
}

/// Any envelope that can be received.
pub fn error_envelope() -> impl Strategy<Value = ErrorEnvelope> {
    (received_error(), unknown_fields()).prop_map(|(error, unknown)| ErrorEnvelope { error, unknown })
}

/// Any JSON, a few levels deep.
pub fn json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(Number::from),
        any::<u64>().prop_map(Number::from),
        any::<f64>().prop_filter_map("JSON has no NaN and no infinity", Number::from_f64),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number.prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map("[a-z_]{0,8}", inner, 0..4).prop_map(|fields| fields.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

/// Any value of a wire type that a sender can build.
pub fn wire<T: Wire>() -> impl Strategy<Value = T> {
    // Of the strings that match a pattern and a format, not all are values: a date may be none of the calendar.
    json_of(&T::shape(), false)
        .prop_filter_map("not a value of the type", |json| read_json(json.to_string().as_bytes()).ok())
}

/// Any value that a client can receive in the place of a wire type: with fields, names and variants that it does not know.
pub fn received<T: Wire>() -> impl Strategy<Value = T::Received> {
    read_of(&T::shape())
}

fn read_of<R: DeserializeOwned + Debug>(shape: &Shape) -> impl Strategy<Value = R> + use<R> {
    json_of(shape, true).prop_filter_map("not a value of the type", |json| serde_json::from_str(&json.to_string()).ok())
}

/// JSON of a shape: what a sender builds, or with `open` also what a later version may send.
pub fn json_of(shape: &Shape, open: bool) -> BoxedStrategy<Value> {
    within(shape, open, 4)
}

/// Objects end at a depth, for those that contain themselves.
fn within(shape: &Shape, open: bool, depth: u32) -> BoxedStrategy<Value> {
    match shape {
        Shape::Boolean => any::<bool>().prop_map(Value::from).boxed(),
        Shape::Integer { min, max } => {
            let (min, max) = (*min, *max);
            prop_oneof![6 => min..=max, 1 => Just(min), 1 => Just(max)].prop_map(Value::from).boxed()
        }
        Shape::Text(text) => text_of(text, open),
        Shape::Enum(names) => {
            let known = select(names.values.iter().map(|(name, _)| *name).collect::<Vec<_>>()).prop_map(Value::from);
            if open { prop_oneof![3 => known, 1 => ".{0,20}".prop_map(Value::from)].boxed() } else { known.boxed() }
        }
        Shape::Object(object) => fields_of(object, open, depth).prop_map(Value::Object).boxed(),
        Shape::Union(union) => {
            let tag = union.tag;
            let known: Vec<_> = union
                .variants
                .iter()
                .filter_map(|variant| match (variant.shape)() {
                    Shape::Object(object) => Some((variant.name, object)),
                    _ => None,
                })
                .map(|(name, object)| {
                    fields_of(&object, open, depth).prop_map(move |fields| tagged(tag, name, fields)).boxed()
                })
                .collect();
            let known = proptest::strategy::Union::new(known);
            if open {
                let unknown = ("[a-z]{1,8}", json_object()).prop_map(move |(name, fields)| tagged(tag, &name, fields));
                prop_oneof![3 => known, 1 => unknown].boxed()
            } else {
                known.boxed()
            }
        }
        Shape::AnyObject => json_object().prop_map(Value::Object).boxed(),
        Shape::List(_) | Shape::Map(_) if depth == 0 => match shape {
            Shape::List(_) => Just(Value::Array(Vec::new())).boxed(),
            _ => Just(Value::Object(Map::new())).boxed(),
        },
        Shape::List(item) => {
            proptest::collection::vec(within(item, open, depth - 1), 0..4).prop_map(Value::from).boxed()
        }
        Shape::Map(value) => btree_map(".{0,8}", within(value, open, depth - 1), 0..4)
            .prop_map(|entries| Value::Object(entries.into_iter().collect()))
            .boxed(),
    }
}

fn tagged(tag: &str, name: &str, fields: Map<String, Value>) -> Value {
    let mut object = Map::new();
    object.insert(tag.to_owned(), name.into());
    object.extend(fields.into_iter().filter(|(field, _)| field != tag));
    object.into()
}

fn fields_of(object: &ObjectShape, open: bool, depth: u32) -> BoxedStrategy<Map<String, Value>> {
    let mut fields = Just(Map::new()).boxed();
    for field in &object.fields {
        let name = field.name;
        let value = if depth == 0 && field.presence.may_be_absent() {
            Just(None).boxed()
        } else {
            let value = within(&(field.shape)(), open, depth.saturating_sub(1));
            match field.presence {
                Presence::Required => value.prop_map(Some).boxed(),
                Presence::Optional => option::of(value).boxed(),
                Presence::Nullable => option::of(value).prop_map(|value| Some(value.unwrap_or_default())).boxed(),
                Presence::Patchable => option::of(option::of(value).prop_map(Option::unwrap_or_default)).boxed(),
            }
        };
        fields = (fields, value)
            .prop_map(move |(mut fields, value): (Map<_, _>, _)| {
                fields.extend(value.map(|value| (name.to_owned(), value)));
                fields
            })
            .boxed();
    }
    if !open {
        return fields;
    }
    // No field of the contract starts with `x_`.
    (fields, btree_map("x_[a-z]{0,6}", json(), 0..3))
        .prop_map(|(mut fields, unknown)| {
            fields.extend(unknown);
            fields
        })
        .boxed()
}

fn text_of(text: &TextShape, open: bool) -> BoxedStrategy<Value> {
    let pattern = text.pattern.filter(|_| !text.is_open || !open);
    match (text.format, pattern) {
        (Some("date-time"), None) => timestamp().prop_map(|timestamp| timestamp.to_string().into()).boxed(),
        (Some("date-time"), Some(_)) => instant().prop_map(|at| Timestamp::from(at).to_string().into()).boxed(),
        (_, Some(pattern)) => {
            let inner = pattern.trim_start_matches('^').trim_end_matches('$');
            match proptest::string::string_regex(inner) {
                Ok(texts) => texts.prop_map(Value::from).boxed(),
                Err(_) => Just(Value::from(text.example)).boxed(),
            }
        }
        (_, None) => {
            let (min, max) = (text.min_chars, text.max_chars.unwrap_or(40).min(text.min_chars + 40));
            proptest::collection::vec(any::<char>(), min..=max)
                .prop_map(|chars| Value::from(chars.into_iter().collect::<String>()))
                .boxed()
        }
    }
}

fn json_object() -> impl Strategy<Value = Map<String, Value>> {
    btree_map("[a-z_]{0,8}", json(), 0..4).prop_map(|fields| fields.into_iter().collect())
}

fn unknown_fields() -> impl Strategy<Value = Extra> {
    // No field of the contract starts with `x_`.
    btree_map("x_[a-z]{0,6}", json(), 0..3)
        .prop_map(|fields| fields.into_iter().filter_map(|(name, value)| Some((name.into(), raw(&value)?))).collect())
}

fn raw(value: &Value) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(value).ok()
}

macro_rules! arbitrary {
    ($($Type:ty: $strategy:ident;)+) => {$(
        impl Arbitrary for $Type {
            type Parameters = ();
            type Strategy = BoxedStrategy<Self>;

            fn arbitrary_with((): ()) -> BoxedStrategy<Self> {
                $strategy().boxed()
            }
        }
    )+};
}

arbitrary! {
    ApiError: api_error;
    ConnectorId: connector_id;
    ErrorCode: error_code;
    ErrorEnvelope: error_envelope;
    ErrorType: error_type;
    Failure: failure;
    RateLimit: rate_limit;
    RateLimitDetails: rate_limit_details;
    ReceivedRateLimitDetails: received_rate_limit_details;
    ReceivedError: received_error;
    Timestamp: timestamp;
    TraceId: trace_id;
}
