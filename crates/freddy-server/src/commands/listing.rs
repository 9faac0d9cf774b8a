//! Lists in pages, for people and for programs.

use std::io::ErrorKind;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::{print, say};
use crate::Result;

/// How much to list, and how.
#[derive(Args)]
pub(crate) struct Listing {
    /// How many to list at most, up to 1000
    #[arg(long, default_value = "100", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1000))]
    limit: u32,
    /// `text` has a line for each, with tabs between the columns. `json` is one object: `items`, and `next` with what to
    /// pass to `--after` for the next page, or null
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

#[derive(Clone, Copy, Default, ValueEnum)]
enum Format {
    #[default]
    Text,
    Json,
}

/// What is listed.
pub(super) trait Row {
    /// What one of them is called. An `s` makes it many.
    const NAME: &str;

    /// What to pass to `--after` to go on after this one.
    fn cursor(&self) -> Value;
    fn columns(&self) -> Vec<String>;
    fn json(&self) -> Value;
}

impl Listing {
    /// How many rows to read. One more than is shown tells whether there is another page.
    pub(super) fn rows_to_read(&self) -> u32 {
        self.limit + 1
    }

    /// Shows a page, of which one more row was read.
    pub(super) fn show<R: Row>(&self, mut rows: Vec<R>) -> Result<()> {
        let limit = usize::try_from(self.limit)?;
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| has_more).map(R::cursor);
        let text = match self.format {
            Format::Text => rows.iter().map(|row| row.columns().join("\t") + "\n").collect(),
            Format::Json => visible(&json!({ "items": rows.iter().map(R::json).collect::<Vec<_>>(), "next": next })),
        };
        match print(&text) {
            Ok(()) => {}
            // Whoever reads it has read enough.
            Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
            Err(error) => return Err(format!("the list could not be printed: {error}").into()),
        }
        let mut line = format!("{} {}{}", rows.len(), R::NAME, if rows.len() == 1 { "" } else { "s" });
        if let Some(next) = &next {
            // An ID is shown without quotes.
            let next = next.as_str().map_or_else(|| next.to_string(), str::to_owned);
            line += &format!("; for the next page, add --after {next}");
        }
        say(&line);
        Ok(())
    }
}

/// JSON in a line, in which characters that cannot be seen are escaped, beyond those that JSON wants escaped.
fn visible(value: &Value) -> String {
    let mut text = String::new();
    for character in value.to_string().chars() {
        if character.is_ascii_control() || character.escape_debug().nth(1) == Some('u') {
            text.extend(character.encode_utf16(&mut [0; 2]).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            text.push(character);
        }
    }
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_says_the_same_without_characters_that_cannot_be_seen() {
        let value = json!({ "items": ["a\tb\n\u{1b}[2J\u{7f}\u{9b}\u{202e}\u{e0001}", "José 李 🦀 \\ \" '"] });
        let text = visible(&value);
        assert!(text.trim_end_matches('\n').chars().all(|c| !c.is_control() && c != '\u{202e}' && c != '\u{e0001}'));
        assert!(text.contains("José 李 🦀"), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
