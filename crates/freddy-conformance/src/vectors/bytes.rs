//! Bytes in JSON: a list of parts, so that what is huge is a short line and what is no text can be written at all.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
    /// A part is not Base64, which the published ones are.
    pub fn to_vec(&self) -> Result<Vec<u8>, base64::DecodeError> {
        let mut bytes = Vec::new();
        for part in &self.0 {
            let once = match &part.content {
                Content::Text(text) => text.as_bytes().to_vec(),
                Content::Base64(text) => STANDARD.decode(text)?,
            };
            bytes.extend(once.repeat(part.times));
        }
        Ok(bytes)
    }
}
