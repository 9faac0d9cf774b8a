//! The example bodies, built by the types that servers and clients use.

use freddy_types::{ApiError, ErrorCode, ErrorEnvelope};
use serde_json::{Value, json};

/// The documented body of a code.
#[expect(clippy::expect_used, reason = "a document must not show an empty example")]
pub(crate) fn body(code: ErrorCode) -> Value {
    serde_json::to_value(ErrorEnvelope::from(ApiError::example(code))).expect("strings and integers encode")
}

/// A body with a code that is not in the table, as a later version of a server may send it.
pub(crate) fn unlisted_body() -> Value {
    json!({
        "success": false,
        "error": {
            "code": "CONFLICT",
            "message": "Another request changed the connector. Please try again.",
            "system_message": "Version conflict",
            "type": "conflict_error",
            "status": 409,
            "details": { "version": 7 },
            "trace_id": "req_mno345",
            "timestamp": "2025-11-13T10:30:00Z",
        },
    })
}
