//! What holds for every value: decoding undoes encoding, nothing is lost, and nothing panics.

use freddy_types::personal_connectors::DisconnectConnector;
use freddy_types::{
    ApiError, ConnectorId, Endpoint, ErrorBody, ErrorEnvelope, ErrorResponse, Failure, RateLimit, RateLimitDetails,
    ReceivedRateLimitDetails, Repair, Timestamp, TraceId, headers, strategies,
};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::select;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::promises;
use crate::support::{DOCUMENTED, NOW, for_all, json, samples};

fn decoding_undoes_encoding<T>(values: impl Strategy<Value = T>)
where
    T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug,
{
    for_all(values, |value| {
        let text = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), &value, "from a string");
        prop_assert_eq!(&serde_json::from_slice::<T>(text.as_bytes()).unwrap(), &value, "from bytes");
        prop_assert_eq!(&serde_json::from_reader::<_, T>(text.as_bytes()).unwrap(), &value, "from a reader");
        prop_assert_eq!(serde_json::to_string(&serde_json::from_str::<T>(&text).unwrap()).unwrap(), text);
        Ok(())
    });
}

#[test]
fn decoding_undoes_encoding_for_envelopes() {
    decoding_undoes_encoding(any::<ErrorEnvelope>());
}

#[test]
fn decoding_undoes_encoding_for_rate_limit_details() {
    decoding_undoes_encoding(any::<RateLimitDetails>());
    decoding_undoes_encoding(any::<ReceivedRateLimitDetails>());
}

#[test]
fn decoding_undoes_encoding_for_timestamps() {
    decoding_undoes_encoding(any::<Timestamp>());
}

#[test]
fn decoding_undoes_encoding_for_ids() {
    decoding_undoes_encoding(any::<ConnectorId>());
    decoding_undoes_encoding(any::<TraceId>());
}

#[test]
fn parsing_undoes_printing() {
    for_all((any::<ConnectorId>(), any::<TraceId>(), any::<Timestamp>()), |(connector_id, trace_id, timestamp)| {
        prop_assert_eq!(&connector_id.to_string().parse::<ConnectorId>().unwrap(), &connector_id);
        prop_assert_eq!(&trace_id.to_string().parse::<TraceId>().unwrap(), &trace_id);
        prop_assert_eq!(&timestamp.to_string().parse::<Timestamp>().unwrap(), &timestamp);
        Ok(())
    });
}

/// What is generated has to reach every form that can be received.
#[test]
fn generated_timestamps_have_every_form() {
    let generated = samples(&strategies::timestamp());
    let share = |has_form: fn(&str) -> bool| {
        generated.iter().filter(|timestamp| has_form(&timestamp.to_string())).count() * 100 / generated.len()
    };
    assert!(share(|text| text.ends_with('Z') && !text.contains('.')) > 10, "plain");
    assert!(share(|text| text.contains('.')) > 10, "with a fraction");
    assert!(share(|text| text.contains(['t', 'z'])) > 10, "in lower case");
    assert!(share(|text| text.contains('+') || text.matches('-').count() == 3) > 10, "with an offset");
    assert!(share(|text| text.contains(":60")) > 1, "a leap second");
    assert!(share(|text| text.starts_with("9999-12-31")) > 1, "past what jiff holds");
}

#[test]
fn an_instant_is_the_one_that_jiff_reads() {
    for_all(any::<Timestamp>(), |timestamp| {
        let text = timestamp.to_string();
        // jiff reads no more than nine digits of a fraction and holds no instant after 9999-12-30T22:00:00Z.
        if let Ok(instant) = text.parse::<jiff::Timestamp>() {
            prop_assert_eq!(timestamp.instant(), instant, "{}", text);
        } else {
            let digits =
                text.split_once('.').map_or(0, |(_, rest)| rest.bytes().take_while(u8::is_ascii_digit).count());
            prop_assert!(digits > 9 || timestamp.instant() == jiff::Timestamp::MAX, "{}", text);
        }
        Ok(())
    });
}

/// A JSON object as text, with the spacing and the spelling of numbers that another server may use.
fn object_text() -> impl Strategy<Value = String> {
    let number = select(&["0", "-0", "1.50", "1e5", "1E+05", "12345678901234567890123", "1e999", "0.1000"][..]);
    let value = prop_oneof![
        strategies::json().prop_map(|value| serde_json::to_string_pretty(&value).unwrap()),
        strategies::json().prop_map(|value| value.to_string()),
        number.prop_map(str::to_owned),
        Just(r#""\u0041\/ \ud83d\ude00""#.to_owned()),
        Just("[ ]".to_owned()),
    ];
    (btree_map("[a-z_]{1,6}", value, 0..4), select(&["", " ", "\n  ", "\t"][..])).prop_map(|(fields, space)| {
        let fields = fields.iter().map(|(name, value)| format!("{space}\"{name}\"{space}:{space}{value}{space}"));
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    })
}

#[test]
fn what_is_unknown_survives_as_the_same_text() {
    let names = ("[A-Z_]{1,20}", "[a-z_]{1,20}", "x_[a-z]{1,8}", "x_[a-z]{1,8}");
    for_all((names, object_text(), object_text(), object_text()), |(names, details, inner, outer)| {
        let (code, error_type, inner_name, outer_name) = names;
        let text = format!(
            r#"{{"{outer_name}": {outer}, "success": false, "error": {{"{inner_name}": {inner}, "code": "{code}",
            "message": "m", "system_message": "s", "type": "{error_type}", "status": 418, "details": {details},
            "trace_id": "any one", "timestamp": "2025-11-13T12:30:00.250+02:00"}}}}"#
        );
        let envelope: ErrorEnvelope = serde_json::from_str(&text).unwrap();
        let error = envelope.error();
        prop_assert_eq!(error.code_str(), &code);
        prop_assert_eq!(error.error_type_str(), &error_type);
        prop_assert_eq!(error.details_json(), Some(&*details));
        prop_assert_eq!(error.unknown_fields().collect::<Vec<_>>(), [(&*inner_name, &*inner)]);
        prop_assert_eq!(envelope.unknown_fields().collect::<Vec<_>>(), [(&*outer_name, &*outer)]);
        prop_assert_eq!(error.trace_id(), "any one");
        prop_assert_eq!(error.timestamp().to_string(), "2025-11-13T12:30:00.250+02:00");

        let encoded = serde_json::to_string(&envelope).unwrap();
        for kept in [&details, &inner, &outer] {
            prop_assert!(encoded.contains(&**kept), "{} is not in {}", kept, encoded);
        }
        // A value of `serde_json` cannot hold `1e999`; where there is none, the two are the same JSON.
        if let Ok(came) = serde_json::from_str::<Value>(&text) {
            prop_assert_eq!(json(&encoded), came);
        }
        Ok(())
    });
}

/// What a failed response promises, whatever it was made from.
fn promises(response: &ErrorResponse, status: u16) -> Result<(), TestCaseError> {
    promises::check(response, status).map_err(TestCaseError::fail)
}

fn header_lists() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
    let names = [
        "Retry-After",
        "retry-after",
        "X-Request-Id",
        "x-request-id",
        "Date",
        "X-RateLimit-Reset",
        "X-RateLimit-Remaining",
        "X-RateLimit-Retry-After",
        "Via",
    ];
    let values = [
        "60",
        "0",
        " 7 ",
        "1.5",
        "-1",
        "99999999999999999999",
        "soon",
        "",
        " ",
        "Thu, 13 Nov 2025 10:31:00 GMT",
        "Thursday, 13-Nov-25 10:31:00 GMT",
        "Thu Nov 13 10:31:00 2025",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Mon, 01 Jan 0001 00:00:00 GMT",
        "60, 120",
        "Thu, 13 Nov 2025 10:31:00 GMT, 7",
        "1763029860",
        "req_abc123",
    ];
    let value = prop_oneof![
        select(values.to_vec()).prop_map(|value| value.as_bytes().to_vec()),
        "[0-9.]{1,30}".prop_map(String::into_bytes),
        vec(any::<u8>(), 0..40),
    ];
    vec((select(names.to_vec()).prop_map(str::to_owned), value), 0..4)
}

/// Statuses that decide something, and any other.
fn statuses() -> impl Strategy<Value = u16> {
    prop_oneof![select(&[429, 503, 400, 500, 408, 0, 204, 999][..]), any::<u16>()]
}

/// A body, shown as a string with its odd bytes escaped.
struct Body(Vec<u8>);

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

fn bodies() -> impl Strategy<Value = Body> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        vec(any::<u8>(), 1000..1100),
        ".{0,1100}".prop_map(String::into_bytes),
        strategies::json().prop_map(|value| value.to_string().into_bytes()),
        crate::mutants::envelopes().prop_map(String::into_bytes),
        // A body that an older part of the API may send.
        (select(&["error", "detail", "message"][..]), strategies::json())
            .prop_map(|(name, value)| serde_json::json!({ name: value, "retry_after": 7 }).to_string().into_bytes()),
    ]
    .prop_map(Body)
}

#[test]
fn decoding_a_response_never_fails_and_keeps_the_status() {
    for_all((statuses(), header_lists(), bodies()), |(status, headers, body)| {
        promises(&ErrorResponse::decode(status, &headers, &body.0), status)
    });
}

#[test]
fn a_documented_body_cut_short_is_never_an_envelope_and_gives_what_was_complete() {
    for documented in &DOCUMENTED {
        let whole = documented.body.trim_end().as_bytes();
        let fields = [("code", documented.code.as_str()), ("message", documented.code.message())];
        // Where each value ends.
        let ends = fields.map(|(_, value)| documented.body.find(&format!("\"{value}\"")).unwrap() + value.len() + 2);
        for len in 0..whole.len() {
            let response = ErrorResponse::decode(429_u16, &(), &whole[..len]);
            promises(&response, 429).unwrap();
            assert_eq!(response.envelope(), None, "{len}");
            let read = [response.code_str(), response.message()];
            for (n, (name, value)) in fields.into_iter().enumerate() {
                assert_eq!(read[n], (len >= ends[n]).then_some(value), "{name} of {len} bytes");
            }
            match response.body() {
                ErrorBody::Json(_) => assert_eq!(response.repairs(), [Repair::Unterminated]),
                ErrorBody::Opaque(preview) => {
                    assert_eq!((preview.text().as_bytes(), preview.total_len()), (&whole[..len], len));
                }
                body => panic!("{body:?}"),
            }
        }
    }
}

#[test]
fn a_documented_body_with_a_corrupt_byte_keeps_the_status() {
    for documented in &DOCUMENTED {
        let status = documented.code.status();
        for at in 0..documented.body.len() {
            for bit in 0..8 {
                let mut body = documented.body.as_bytes().to_vec();
                body[at] ^= 1 << bit;
                let response = ErrorResponse::decode(status, &[(headers::X_REQUEST_ID, "req_1")], &body);
                promises(&response, status).unwrap();
                assert_eq!(response.request_id(), Some("req_1"));
            }
        }
    }
}

/// The instants that a server can send, and so the ones between which the laws of waiting hold to the second.
fn sendable_instants() -> impl Strategy<Value = jiff::Timestamp> {
    let first: jiff::Timestamp = "0001-01-01T00:00:00Z".parse().unwrap();
    let last: jiff::Timestamp = "9998-12-31T23:59:59Z".parse().unwrap();
    prop_oneof![
        strategies::instant(),
        (-100..100_i64, 0..1_000_000_000_i32).prop_map(|(seconds, nanoseconds)| {
            jiff::Timestamp::new(NOW.as_second() + seconds, nanoseconds).unwrap()
        }),
        select(vec![first, last, NOW]),
    ]
    .prop_map(move |instant| instant.clamp(first, last))
}

fn rate_limited(now: jiff::Timestamp, limit: RateLimit) -> ApiError {
    ApiError::new(Failure::RateLimitExceeded(limit), TraceId::from_bits(1), now)
}

#[test]
fn the_reset_is_the_time_of_the_error_plus_the_wait() {
    for_all((strategies::instant(), strategies::rate_limit()), |(now, limit)| {
        let error = rate_limited(now, limit);
        let details = error.details::<RateLimitDetails>().unwrap();
        let wait = details.reset_at().instant().as_second() - error.timestamp().instant().as_second();
        prop_assert_eq!(wait, i64::from(details.retry_after()));
        prop_assert!(details.retry_after() <= 2_147_483_647);
        prop_assert_eq!(details.limit(), limit.limit.min(2_147_483_647));
        prop_assert_eq!(details.remaining(), limit.remaining.min(2_147_483_647));
        Ok(())
    });
}

#[test]
fn a_client_is_never_told_to_come_back_too_early_nor_a_second_too_late() {
    for_all((sendable_instants(), sendable_instants()), |(now, reset_at)| {
        let error = rate_limited(now, RateLimit { limit: 100, remaining: 0, reset_at });
        let told = i128::from(error.details::<RateLimitDetails>().unwrap().retry_after());
        let second = 1_000_000_000;
        let wait = reset_at.as_nanosecond() - now.as_nanosecond();
        prop_assert!(told * second >= wait.min(2_147_483_647 * second), "too early: {} s for {} ns", told, wait);
        // Rounded up, and counted from the whole second in which the error happened.
        prop_assert!(told == 0 || (told - 2) * second < wait, "too late: {} s for {} ns", told, wait);
        Ok(())
    });
}

#[test]
fn a_built_error_says_its_codes_status_and_type_and_drops_the_fraction_of_the_second() {
    for_all((strategies::failure(), strategies::trace_id(), sendable_instants()), |(failure, trace_id, now)| {
        let code = failure.code();
        let error = ApiError::new(failure, trace_id.clone(), now);
        prop_assert_eq!((error.code(), error.status(), error.error_type()), (code, code.status(), code.error_type()));
        prop_assert_eq!(
            error.details::<RateLimitDetails>().is_some(),
            code == freddy_types::ErrorCode::RateLimitExceeded
        );
        prop_assert_eq!(error.trace_id(), &trace_id);
        let since = now.as_nanosecond() - error.timestamp().instant().as_nanosecond();
        prop_assert!((0..1_000_000_000).contains(&since), "{}", since);
        Ok(())
    });
}

#[test]
fn a_path_leads_back_to_its_request() {
    for_all(strategies::connector_id(), |connector_id| {
        let request = DisconnectConnector { connector_id };
        prop_assert_eq!(DisconnectConnector::from_path(&request.path()), Ok(request));
        Ok(())
    });
}

#[test]
fn a_path_with_every_character_encoded_leads_back_to_its_request() {
    for_all((strategies::connector_id(), any::<u128>()), |(connector_id, lower_case)| {
        let encoded: String = connector_id
            .as_str()
            .bytes()
            .enumerate()
            .map(|(n, byte)| if lower_case >> n & 1 == 1 { format!("%{byte:02x}") } else { format!("%{byte:02X}") })
            .collect();
        let path = format!("/v1/personal-connectors/{encoded}");
        prop_assert_eq!(DisconnectConnector::from_path(&path), Ok(DisconnectConnector { connector_id }));
        Ok(())
    });
}

#[test]
fn reading_a_path_never_panics() {
    let paths = prop_oneof![".*", "/v1/personal-connectors/[%0-9a-fA-Fé/]{0,12}", "(/[a-z0-9%-]{0,8}){0,5}"];
    for_all(paths, |path| {
        if let Ok(request) = DisconnectConnector::from_path(&path) {
            prop_assert_eq!(DisconnectConnector::from_path(&request.path()), Ok(request));
        }
        Ok(())
    });
}
