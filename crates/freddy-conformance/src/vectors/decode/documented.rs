//! The documented answers, byte for byte.

use freddy_types::{ErrorCode, headers};

use super::{Answer, DecodeCase, Told, case};
use crate::vectors::Level::Must;

pub(super) fn cases() -> Vec<DecodeCase> {
    let success = Answer::success();
    let told = Told::success(success.status).request_id(Some(Answer::SUCCESS_ID));
    let mut cases = vec![case(
        Must,
        "success-204",
        "The documented success has no body, and its request has an ID all the same.",
        success,
        told,
    )];
    cases.extend(ErrorCode::ALL.iter().map(|code| {
        let (kind, why) = if code.is_documented() {
            ("documented", "The documented answer, byte for byte, is read without a loss.")
        } else {
            ("answer", "An answer of a code that the contract has and the page does not is read without a loss.")
        };
        let name = format!("{kind}-{}-{}", code.status(), code.as_str().to_ascii_lowercase().replace('_', "-"));
        let answer = Answer::documented(*code);
        let asked = answer.headers.iter().find(|(name, _)| name == headers::RETRY_AFTER);
        let wait = asked.and_then(|(_, seconds)| seconds.parse().ok());
        case(Must, name, why, answer, Told::documented(*code).wait(wait))
    }));
    cases
}
