//! Text from outside, for logs.

use std::fmt::{self, Write as _};

/// A text fit for a log line: bounded, and nothing in it that ends the line or turns its direction.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const MAX_CHARS: usize = 256;
        let mut chars = self.0.chars();
        for c in chars.by_ref().take(MAX_CHARS) {
            if c.is_control() || is_layout(c) {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        if chars.next().is_some() { f.write_char('…') } else { Ok(()) }
    }
}

impl fmt::Debug for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// The beginning of a text, of at most this many bytes, that ends with a whole character.
pub(crate) fn beginning(text: &str, max_len: usize) -> &str {
    let mut len = text.len().min(max_len);
    while !text.is_char_boundary(len) {
        len -= 1;
    }
    text.get(..len).unwrap_or_default()
}

/// Cuts the words of an error, which may quote what came in, to 256 bytes.
pub(crate) fn bound_problem(text: &mut String) {
    let len = beginning(text, 256).len();
    text.truncate(len);
}

/// Line and paragraph separators, and the marks that switch between left-to-right and right-to-left.
fn is_layout(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::OneLine;

    #[test]
    fn nothing_ends_the_line_or_turns_it() {
        let text = "a\nb\u{2028}c\u{202e}d\u{85}é";
        assert_eq!(OneLine(text).to_string(), "a\\nb\\u{2028}c\\u{202e}d\\u{85}é");
    }

    #[test]
    fn a_long_text_is_cut() {
        assert_eq!(OneLine(&"é".repeat(256)).to_string(), "é".repeat(256));
        assert_eq!(OneLine(&"é".repeat(257)).to_string(), "é".repeat(256) + "…");
    }
}
