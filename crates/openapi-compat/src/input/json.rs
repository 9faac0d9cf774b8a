//! JSON as events. `serde_json` judges the syntax; what is left is to find where each part starts.

use std::borrow::Cow;

use serde::de::IgnoredAny;

use super::event::{Event, Fault, Style, What};

/// Whether a text is JSON. This never recurses, however deep the text is.
pub(super) fn check(text: &str) -> Result<(), Fault> {
    serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(|error| {
        let line_start = match error.line() {
            0 | 1 => 0,
            line => text.match_indices('\n').nth(line.saturating_sub(2)).map_or(text.len(), |(at, _)| at + 1),
        };
        let what = error.to_string();
        let what = what.split_once(" at line ").map_or(what.as_str(), |(what, _)| what);
        let at = line_start + error.column().saturating_sub(1);
        Fault { source: Some(error.into()), ..Fault::new(at, format!("is no JSON: {what}")) }
    })
}

/// The events of a text that was checked.
#[derive(Debug)]
pub(super) struct Events<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Events<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Result<Event<'a>, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let bytes = self.text.as_bytes();
        let between = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b',' | b':');
        let at = self.at + bytes.get(self.at..)?.iter().position(|byte| !between(byte))?;
        let rest = bytes.get(at..)?;
        let (what, length) = match rest.first()? {
            b'{' => (What::Object, 1),
            b'[' => (What::Array, 1),
            b'}' | b']' => (What::End, 1),
            b'"' => {
                let length = length_of_text(rest);
                match unquoted(self.text.get(at..at + length)?) {
                    Ok(text) => (What::Scalar(text, Style::Quoted), length),
                    Err(_) => return Some(Err(Fault::new(at, "a text escapes half of a surrogate pair"))),
                }
            }
            _ => {
                let is_after = |byte: &u8| between(byte) || matches!(byte, b'}' | b']');
                let length = rest.iter().position(is_after).unwrap_or(rest.len());
                (What::Scalar(self.text.get(at..at + length)?.into(), Style::Plain), length)
            }
        };
        self.at = at + length;
        Some(Ok(Event { what, at, anchor: 0 }))
    }
}

/// The length of a text with its quotes, at the start of `bytes`.
fn length_of_text(bytes: &[u8]) -> usize {
    let mut is_escaped = false;
    let end = bytes.iter().skip(1).position(|byte| {
        let is_end = *byte == b'"' && !is_escaped;
        is_escaped = *byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(bytes.len(), |end| end + 2)
}

fn unquoted(quoted: &str) -> Result<Cow<'_, str>, serde_json::Error> {
    match quoted.get(1..quoted.len().saturating_sub(1)) {
        Some(text) if !text.contains('\\') => Ok(text.into()),
        _ => serde_json::from_str::<String>(quoted).map(Cow::Owned),
    }
}
