//! What a failed response promises, whatever it was made from. The tests and the example `mutate` hold it to that.

use std::time::Duration;

use freddy_types::{BodyPreview, ErrorBody, ErrorCode, ErrorResponse, ErrorType, Repair};

/// The bytes that are kept of a message, and of a code, type or request ID.
const LONGEST_MESSAGE: usize = 4096;
const LONGEST_NAME: usize = 1024;
/// Of each text that is printed 256 characters, the longest of which is escaped as `\u{10ffff}`.
const LONGEST_PRINTED: usize = 256 * 10 + 64;

macro_rules! hold {
    ($condition:expr, $($what:tt)+) => {
        if !$condition {
            return Err(format!($($what)+));
        }
    };
}

/// Checks all that holds for any status, headers and body.
pub(crate) fn check(response: &ErrorResponse, status: u16) -> Result<(), String> {
    let is_final = matches!(status, 501 | 505 | 506 | 508 | 510 | 511);
    let is_retryable = status == 408 || status == 429 || ((500..=599).contains(&status) && !is_final);
    hold!(response.status() == status, "status {}", response.status());
    hold!(response.is_retryable() == is_retryable, "retryable: {}", response.is_retryable());
    let hints = (response.retry_after(), response.retry_at());
    hold!(is_retryable || hints == (None, None), "a hint that nobody may follow: {hints:?}");
    let is_plausible = |wait: Duration| wait <= Duration::from_secs(86_400) && wait.subsec_nanos() == 0;
    hold!(response.retry_after().is_none_or(is_plausible), "{hints:?}");

    let code = response.code().map(ErrorCode::as_str);
    hold!(code.is_none() || code == response.code_str(), "{code:?} is {:?}", response.code_str());
    let error_type = response.error_type().map(ErrorType::as_str);
    hold!(error_type.is_none() || error_type == response.error_type_str(), "{error_type:?}");
    for (name, text, longest) in [
        ("code", response.code_str(), LONGEST_NAME),
        ("type", response.error_type_str(), LONGEST_NAME),
        ("request ID", response.request_id(), LONGEST_NAME),
        ("message", response.message(), LONGEST_MESSAGE),
        ("system message", response.system_message(), LONGEST_MESSAGE),
    ] {
        hold!(text.is_none_or(|text| text.len() <= longest), "a {name} of {:?} bytes", text.map(str::len));
        // A code or type of an envelope may be any text.
        let may_be_blank = matches!(name, "code" | "type");
        hold!(may_be_blank || text.is_none_or(|text| !text.trim().is_empty()), "a blank {name}");
    }
    let repairs = response.repairs();
    hold!(repairs.is_sorted_by(|one, next| one < next), "repairs out of order: {repairs:?}");
    match response.body() {
        ErrorBody::Envelope(envelope) => {
            hold!(response.envelope() == Some(envelope), "another envelope");
            hold!(!repairs.contains(&Repair::Unterminated), "an envelope without its end");
        }
        ErrorBody::Json(other) => {
            hold!((1..=256).contains(&other.problem().len()), "problem: {}", other.problem());
            let json = serde_json::from_str::<&serde_json::value::RawValue>(other.json());
            hold!(json.is_ok(), "not JSON: {}", other.json());
        }
        ErrorBody::Opaque(preview) => {
            // A byte that is not UTF-8 becomes a character of three.
            hold!(preview.text().len() <= 3 * BodyPreview::MAX_LEN, "a preview of {} bytes", preview.text().len());
            let read = (response.code_str(), response.error_type_str(), response.system_message());
            hold!(read == (None, None, None), "read from what is not JSON: {read:?}");
            hold!(response.message() == preview.line() && repairs.is_empty(), "{:?}", response.message());
        }
        other => return Err(format!("unexpected: {other:?}")),
    }
    let line = response.to_string();
    hold!(line.starts_with(&format!("HTTP {status}")) && !line.contains(char::is_control), "{line:?}");
    // Code, message and request ID.
    hold!(line.chars().count() <= 3 * LONGEST_PRINTED, "a line of {} bytes", line.len());
    let debug = format!("{response:?}");
    hold!(debug.chars().count() <= 11 * LONGEST_PRINTED, "a debug text of {} bytes", debug.len());
    Ok(())
}
