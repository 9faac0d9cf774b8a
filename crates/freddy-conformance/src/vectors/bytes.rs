//! Bytes in JSON: a list of parts, so that what is huge is a short line and what is no text can be written at all.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The bytes of a text whose characters are a byte each, as ISO 8859-1 has it.
pub(crate) fn latin1(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(letter).unwrap_or(b'?')).collect()
}

/// The bytes of a body: those of its parts, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bytes(Vec<Part>);

/// Some bytes, once or several times.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Part {
    #[serde(flatten)]
    content: Content,
    /// How many times they stand there.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    times: usize,
}

/// More than any case needs.
const MAX_LEN: usize = 64 << 20;

/// Why a list of parts has no bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidBytes {
    /// A part is not Base64.
    NotBase64,
    /// They are more than 64 MiB.
    TooLong,
}

impl fmt::Display for InvalidBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotBase64 => f.write_str("a part is not Base64"),
            Self::TooLong => f.write_str("the parts are more than 64 MiB"),
        }
    }
}

impl std::error::Error for InvalidBytes {}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Content {
    /// A text, in UTF-8.
    Text(String),
    /// Bytes in Base64, with padding.
    Base64(String),
}

fn once() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_once(times: &usize) -> bool {
    *times == 1
}

impl Bytes {
    /// These bytes, as text if they are UTF-8.
    #[must_use]
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self::default().and(bytes)
    }

    /// Puts one text in the place of another one.
    pub(crate) fn replace(&mut self, text: &str, instead: &str) {
        for part in &mut self.0 {
            if let Content::Text(content) = &mut part.content {
                *content = content.replace(text, instead);
            }
        }
    }

    /// With these bytes at the end.
    #[must_use]
    pub fn and(self, bytes: impl AsRef<[u8]>) -> Self {
        self.and_repeated(bytes, 1)
    }

    /// With these bytes so many times at the end.
    #[must_use]
    pub fn and_repeated(mut self, bytes: impl AsRef<[u8]>, times: usize) -> Self {
        let bytes = bytes.as_ref();
        let content = match str::from_utf8(bytes) {
            Ok(text) => Content::Text(text.to_owned()),
            Err(_) => Content::Base64(STANDARD.encode(bytes)),
        };
        if !bytes.is_empty() {
            self.0.push(Part { content, times });
        }
        self
    }

    /// All of them.
    ///
    /// # Errors
    /// A part is not Base64, or they are more than 64 MiB, which the published ones never are.
    pub fn to_vec(&self) -> Result<Vec<u8>, InvalidBytes> {
        let mut bytes = Vec::new();
        for part in &self.0 {
            let once = match &part.content {
                Content::Text(text) => text.as_bytes().to_vec(),
                Content::Base64(text) => STANDARD.decode(text).map_err(|_| InvalidBytes::NotBase64)?,
            };
            let len = once.len().checked_mul(part.times).and_then(|len| len.checked_add(bytes.len()));
            if len.is_none_or(|len| len > MAX_LEN) {
                return Err(InvalidBytes::TooLong);
            }
            bytes.extend(once.repeat(part.times));
        }
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{Bytes, InvalidBytes, latin1};

    #[test]
    fn parts_that_are_too_many_or_no_base64_are_refused() {
        for times in ["1000000000", "18446744073709551615"] {
            let parts = format!("[{{\"text\": \"ab\", \"times\": {times}}}]");
            let bytes: Bytes = serde_json::from_str(&parts).unwrap();
            assert_eq!(bytes.to_vec(), Err(InvalidBytes::TooLong), "{times}");
        }
        let bytes: Bytes = serde_json::from_str("[{\"base64\": \"?\"}]").unwrap();
        assert_eq!(bytes.to_vec(), Err(InvalidBytes::NotBase64));
    }

    #[test]
    fn each_character_of_a_header_is_a_byte() {
        assert_eq!(latin1("caf\u{e9}\u{ff}€"), b"caf\xe9\xff?");
    }
}
