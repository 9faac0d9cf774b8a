//! Writes bodies for the validators of `tests/validators`: one JSON object a line, with the body as text, the schema that it
//! is for, and whether the types, `jsonschema` (which `freddy-openapi validate` runs) and `boon` take it:
//!
//! ```sh
//! cargo run -p freddy-contract-tests --example bodies -- openapi/schemas
//! ```
//!
//! The bodies are the same in every run.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that is a program"
)]

use std::io::Write as _;
use std::path::Path;

use freddy_types::{ApiError, ConnectorId, ErrorEnvelope, ReceivedRateLimitDetails, TraceId, strategies};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::{Value, json};

#[path = "../it/mutants.rs"]
mod mutants;
#[expect(dead_code, reason = "it has more than this program needs")]
#[path = "../it/support.rs"]
mod support;

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "openapi/schemas".to_owned());
    let folder = Path::new(&folder);
    let id = |valid: BoxedStrategy<String>, characters| {
        prop_oneof![1 => valid.clone(), 4 => mutants::of_text(valid, characters), 1 => ".*", 1 => "[ -~]{60,70}"]
            .prop_map(|text| Value::from(text).to_string())
    };

    let near_misses = mutants::near_misses().flat_map(|text| support::in_every_place(&text).collect::<Vec<_>>());
    let envelopes = prop_oneof![
        1 => strategies::error_envelope().prop_map(|it| serde_json::to_string(&it).unwrap()),
        2 => strategies::api_error().prop_map(|it| serde_json::to_string(&ErrorEnvelope::from(it)).unwrap()),
        6 => mutants::envelopes(),
        1 => strategies::json().prop_map(|it| it.to_string()),
    ];
    // Every near miss in the two times of the documented 429, and one in seven of the others elsewhere.
    let of_times = mutants::near_misses().flat_map(|text| times(&text));
    // Right but for this.
    let succeeded = support::rate_limited().replacen("false", "true", 1);
    let envelopes: Vec<_> =
        of_times.chain([succeeded]).chain(near_misses.step_by(7)).chain(some(2400, &envelopes)).collect();
    judge(folder, "error-envelope.open.json", &envelopes, |text| serde_json::from_str::<ErrorEnvelope>(text).is_ok());
    judge(folder, "error-envelope.strict.json", &envelopes, |text| {
        serde_json::from_str::<ErrorEnvelope>(text).is_ok_and(|envelope| match ApiError::try_from(envelope) {
            Ok(_) => true,
            // No schema can state it.
            Err(violation) => violation.is_beyond_schema(),
        })
    });
    judge(folder, "rate-limit-details.open.json", &some(400, &mutants::rate_limit_details()), |text| {
        serde_json::from_str::<ReceivedRateLimitDetails>(text).is_ok()
    });
    let ids =
        id(strategies::connector_id().prop_map(String::from).boxed(), "aZ09_-/ .%é\0\n\r\u{85}\u{2028}\u{212a}\u{661}");
    let at_bounds = [0, 1, 64, 65].map(|length| Value::from(format!("pcon_{}", "a".repeat(length))).to_string());
    let ids = [some(500, &ids), at_bounds.to_vec()].concat();
    judge(folder, "connector-id.json", &ids, |text| serde_json::from_str::<ConnectorId>(text).is_ok());
    let ids = id(strategies::trace_id().prop_map(String::from).boxed(), "a~! \u{7f}é\0\n\r\u{85}\u{2028}\u{ff01}");
    judge(folder, "trace-id.strict.json", &some(500, &ids), |text| serde_json::from_str::<TraceId>(text).is_ok());
}

/// The documented 429 with a text in the place of each time.
fn times(text: &str) -> Vec<String> {
    let body = support::rate_limited();
    ["\"2025-11-13T10:30:00Z\"", "\"2025-11-13T10:31:00Z\""].map(|old| body.replacen(old, text, 1)).to_vec()
}

fn some<T>(count: usize, texts: &impl Strategy<Value = T>) -> Vec<T> {
    let config = Config { max_local_rejects: u32::MAX, max_global_rejects: u32::MAX, ..Config::default() };
    let random = TestRng::deterministic_rng(config.rng_algorithm);
    let mut runner = TestRunner::new_with_rng(config, random);
    (0..count).map(|_| texts.new_tree(&mut runner).unwrap().current()).collect()
}

fn judge(folder: &Path, schema: &str, texts: &[String], types: impl Fn(&str) -> bool) {
    let document: Value = serde_json::from_str(&std::fs::read_to_string(folder.join(schema)).unwrap()).unwrap();
    let jsonschema = support::validator(&document);
    let mut compiler = boon::Compiler::new();
    compiler.set_default_draft(boon::Draft::V2020_12);
    compiler.enable_format_assertions();
    compiler.add_resource(schema, document).unwrap();
    let mut schemas = boon::Schemas::new();
    let boon = compiler.compile(schema, &mut schemas).unwrap();
    let mut out = std::io::stdout().lock();
    for text in texts {
        let body: Value = serde_json::from_str(text).unwrap();
        let line = json!({
            "schema": schema,
            "body": text,
            "expected": types(text),
            "verdicts": { "freddy-openapi validate": jsonschema.is_valid(&body), "boon": schemas.validate(&body, boon).is_ok() },
        });
        writeln!(out, "{line}").unwrap();
    }
}
