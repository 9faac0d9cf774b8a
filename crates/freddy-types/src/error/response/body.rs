//! The body of a failed response: how much of it could be read.

use std::fmt;

use serde_json::value::RawValue;

use crate::error::envelope::ErrorEnvelope;
use crate::error::one_line::{OneLine, bound_problem};
use crate::error::response::repair::{self, Repair, Repaired};
use crate::error::response::shapes::{self, BodyHints, Object, Reading};
use crate::wire::field;

/// How much of the body of a failed response could be read.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum ErrorBody {
    /// The contract's envelope.
    Envelope(ErrorEnvelope),
    /// JSON that is not the contract's envelope.
    Json(OtherJson),
    /// Not JSON.
    Opaque(BodyPreview),
}

impl fmt::Debug for ErrorBody {
    /// Bounded: not the whole body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Envelope(envelope) => {
                f.debug_tuple("Envelope").field(&OneLine(envelope.error().code_str())).finish_non_exhaustive()
            }
            Self::Json(other) => f.debug_tuple("Json").field(other).finish(),
            Self::Opaque(preview) => f.debug_tuple("Opaque").field(preview).finish(),
        }
    }
}

/// A JSON body that is not the contract's envelope. What could be read from it, the methods of
/// [`ErrorResponse`](crate::ErrorResponse) tell.
#[derive(Clone, PartialEq)]
pub struct OtherJson {
    pub(super) read: Reading,
    problem: Box<str>,
    json: Box<str>,
}

impl OtherJson {
    /// Why it is not the contract's envelope, such as ``missing field `system_message` at line 1 column 180``.
    /// At most 256 bytes.
    #[must_use]
    pub fn problem(&self) -> &str {
        &self.problem
    }

    /// The whole body, as JSON that any parser reads: after the [`repairs`](crate::ErrorResponse::repairs) where it needed some.
    #[must_use]
    pub fn json(&self) -> &str {
        &self.json
    }
}

impl fmt::Debug for OtherJson {
    /// Bounded: of the JSON, the beginning.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { read: _, problem, json } = self;
        f.debug_struct("OtherJson")
            .field("problem", &OneLine(problem))
            .field("json", &OneLine(json))
            .field("len", &json.len())
            .finish()
    }
}

/// The beginning of a body that is not JSON.
#[derive(Clone, PartialEq, Eq)]
pub struct BodyPreview {
    text: Box<str>,
    total_len: usize,
}

impl BodyPreview {
    /// The most bytes of a body that are kept.
    pub const MAX_LEN: usize = 1024;

    fn of(body: &[u8]) -> Self {
        let kept = body.get(..Self::MAX_LEN).unwrap_or(body);
        let cut = kept.len() < body.len();
        let mut text = String::with_capacity(kept.len());
        let mut chunks = kept.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            // A character that the cut went through is no fault of the body.
            let halved = cut && chunks.peek().is_none();
            if !chunk.invalid().is_empty() && !halved {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        Self { text: text.into(), total_len: body.len() }
    }

    /// The first [`MAX_LEN`](Self::MAX_LEN) bytes; what is not UTF-8 there is U+FFFD.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The length of the whole body, in bytes.
    #[must_use]
    pub fn total_len(&self) -> usize {
        self.total_len
    }

    /// The body, if it is one line of plain text for a person: whole, in words, not HTML, not the beginning of JSON.
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        let line = self.text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\0' | '\u{feff}'));
        let is_whole = self.total_len <= Self::MAX_LEN;
        let is_markup = line.starts_with(['<', '{']) || line.contains("</") || line.starts_with("[{");
        let has_words = line.chars().any(char::is_alphabetic) && !line.contains(char::is_control);
        // Bytes that happen to be text here and there are none.
        let broken = line.chars().filter(|c| *c == char::REPLACEMENT_CHARACTER).count();
        let is_text = broken * 8 <= line.len();
        (is_whole && !is_markup && has_words && is_text).then_some(line)
    }
}

impl fmt::Debug for BodyPreview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { text, total_len } = self;
        f.debug_struct("BodyPreview").field("text", &OneLine(text)).field("total_len", total_len).finish()
    }
}

/// What was made of a body.
pub(super) struct Decoded {
    pub(super) body: ErrorBody,
    pub(super) repairs: Vec<Repair>,
    /// Those that stand outside of an envelope.
    pub(super) hints: BodyHints,
}

impl ErrorBody {
    /// Goes down the ladder, the documented envelope first: nothing else is done for it.
    pub(super) fn decode(body: &[u8]) -> Decoded {
        let mut hints = BodyHints::default();
        let (json, mut repairs) = match body.strip_prefix(b"\xEF\xBB\xBF") {
            Some(json) => (json, vec![Repair::ByteOrderMark]),
            None => (body, Vec::new()),
        };
        let error = match serde_json::from_slice::<ErrorEnvelope>(json) {
            Ok(envelope) => return Decoded { body: Self::Envelope(envelope), repairs, hints },
            Err(error) => error,
        };
        let Some(Repaired { json, repairs: mended }) = repair::repair(json) else {
            return Decoded { body: Self::Opaque(BodyPreview::of(body)), repairs: Vec::new(), hints };
        };
        repairs.extend(mended);
        let body = match serde_json::from_str::<&RawValue>(&json) {
            Ok(json) => Self::of_json(json, &error, &mut repairs, &mut hints),
            // The repair makes JSON of all that it takes.
            Err(_) => Self::Opaque(BodyPreview::of(body)),
        };
        repairs.sort_unstable();
        repairs.dedup();
        Decoded { body, repairs, hints }
    }

    fn of_json(json: &RawValue, error: &serde_json::Error, repairs: &mut Vec<Repair>, hints: &mut BodyHints) -> Self {
        // An envelope of which the end is missing is never passed off as a whole one.
        if !repairs.contains(&Repair::Unterminated)
            && let Some(envelope) = shapes::envelope_within(json, repairs, hints)
        {
            return Self::Envelope(envelope);
        }
        let read = Reading::of(json, hints);
        let mut problem = error.to_string();
        bound_problem(&mut problem);
        Self::Json(OtherJson { read, problem: problem.into(), json: json.get().into() })
    }
}

/// What an envelope says of when to try again.
pub(super) fn hints_of_envelope(envelope: &ErrorEnvelope, hints: &mut BodyHints) {
    let error = envelope.error();
    if let Some(details) = error.details_json() {
        match Object::parse_str(details) {
            Some(details) => details.hints_of_details(hints),
            // Only a name with half of a surrogate pair is no text. It is mended, as it is anywhere else in a body.
            None => {
                let mended = repair::repair(details.as_bytes());
                if let Some(details) = mended.as_ref().and_then(|mended| Object::parse_str(&mended.json)) {
                    details.hints_of_details(hints);
                }
            }
        }
    }
    for unknown in [error.unknown(), &envelope.unknown] {
        if let Some(value) = unknown.get(field::RETRY_AFTER) {
            crate::error::retry::Hint::of_json(value, &mut hints.waits);
        }
    }
}
