//! Generators of values for property tests (feature `proptest`).
//!
//! Each of them is also the [`Arbitrary`] of its type: `any::<ErrorEnvelope>()`.

use proptest::arbitrary::Arbitrary;
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::api_error::ApiError;
use crate::code::{ErrorCode, ErrorType, Failure};
use crate::connector_id::ConnectorId;
use crate::envelope::ErrorEnvelope;
use crate::rate_limit::{RateLimit, RateLimitDetails};
use crate::received::{JsonObject, MAX_STATUS, MIN_STATUS, ReceivedError};
use crate::time::Timestamp;
use crate::trace_id::TraceId;
use crate::wire::{Extra, Open, Vocabulary};

/// Any connector ID.
pub fn connector_id() -> impl Strategy<Value = ConnectorId> {
    parsed("pcon_[0-9A-Za-z]{1,64}")
}

/// Any trace ID that a server may send.
pub fn trace_id() -> impl Strategy<Value = TraceId> {
    prop_oneof![any::<u128>().prop_map(TraceId::from_bits), parsed("[!-~]{1,128}")]
}

fn parsed<T: std::str::FromStr + std::fmt::Debug>(pattern: &'static str) -> impl Strategy<Value = T> {
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

/// Any failure of a server.
pub fn failure() -> impl Strategy<Value = Failure> {
    (error_code(), rate_limit()).prop_map(|(code, limit)| code.failure_with(&limit))
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
    let texts = (".{0,20}", ".{0,20}", ".{0,20}");
    let rest = (MIN_STATUS..=MAX_STATUS, option::of(json_object()), timestamp(), extra());
    (open::<ErrorCode>(), open::<ErrorType>(), texts, rest).prop_map(
        |(code, error_type, (message, system_message, trace_id), (status, details, timestamp, extra))| ReceivedError {
            code,
            message: message.into(),
            system_message: system_message.into(),
            error_type,
            // At most MAX_STATUS, which fits.
            status: status as u16,
            details: details.and_then(|details| raw(&details.into())).map(JsonObject),
            trace_id: trace_id.into(),
            timestamp,
            extra,
        },
    )
}

/// Any envelope that can be received.
pub fn error_envelope() -> impl Strategy<Value = ErrorEnvelope> {
    (received_error(), extra()).prop_map(|(error, extra)| ErrorEnvelope { error, extra })
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

fn json_object() -> impl Strategy<Value = Map<String, Value>> {
    btree_map("[a-z_]{0,8}", json(), 0..4).prop_map(|fields| fields.into_iter().collect())
}

fn open<T: Vocabulary + std::fmt::Debug>() -> impl Strategy<Value = Open<T>> {
    prop_oneof![select(T::ALL).prop_map(Open::Known), ".{0,20}".prop_map(|name| Open::from(&*name))]
}

fn extra() -> impl Strategy<Value = Extra> {
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
    ReceivedError: received_error;
    Timestamp: timestamp;
    TraceId: trace_id;
}
