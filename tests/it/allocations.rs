//! What decoding costs, in allocations.

use allocation_counter::measure;
use freddy_types::{ConnectorId, ErrorEnvelope};

use crate::support::rate_limited;

/// `message`, `system_message`, `details` and `trace_id`; code and type are known and need no string.
#[test]
fn the_rate_limited_body_decodes_in_four_allocations() {
    let mut decoded = None;
    let cost = measure(|| decoded = serde_json::from_str::<ErrorEnvelope>(rate_limited()).ok());
    assert!(decoded.is_some());
    assert!((1..=4).contains(&cost.count_total), "{} allocations", cost.count_total);
}

#[test]
fn parsing_a_connector_id_allocates_once() {
    let mut id = None;
    let cost = measure(|| id = "pcon_abc123".parse::<ConnectorId>().ok());
    assert!(id.is_some());
    assert_eq!(cost.count_total, 1);
}

#[test]
fn a_string_becomes_a_connector_id_without_an_allocation() {
    let text = String::from("pcon_abc123").into_boxed_str().into_string();
    let mut id = None;
    let cost = measure(|| id = ConnectorId::try_from(text).ok());
    assert!(id.is_some());
    assert_eq!(cost.count_total, 0);
}

#[test]
fn a_text_that_is_no_id_is_refused_without_an_allocation() {
    let mut error = None;
    let cost = measure(|| error = "pcon_abc-123".parse::<ConnectorId>().err());
    assert!(error.is_some());
    assert_eq!(cost.count_total, 0);
}
