//! Texts for logs, which are bounded.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::iter::successors;

/// How many characters of a text, or of an error with its sources, are shown.
pub(crate) const MAX_CHARS: usize = 256;
/// How many sources are shown at most. A chain has an end, but nobody promises it.
const MAX_SOURCES: usize = 8;

/// The beginning of a text. If something is missing, `…` stands for it.
pub(crate) fn bounded(text: &str, max_chars: usize) -> Cow<'_, str> {
    match text.char_indices().nth(max_chars) {
        None => Cow::Borrowed(text),
        Some(_) => text.chars().take(max_chars.saturating_sub(1)).chain(['…']).collect::<String>().into(),
    }
}

/// What an error and its sources say, the error first, with so many characters in all.
pub(crate) fn bounded_chain(error: &(dyn StdError + 'static), max_chars: usize) -> Vec<String> {
    let mut left = max_chars;
    let mut texts = Vec::new();
    for error in successors(Some(error), |&error| error.source()).take(1 + MAX_SOURCES) {
        if left == 0 {
            break;
        }
        let text = bounded(&error.to_string(), left).into_owned();
        left = left.saturating_sub(text.chars().count());
        texts.push(text);
    }
    texts
}

/// An error as it is traced: with its sources, and bounded with them.
#[derive(Debug)]
pub(crate) struct Traced {
    text: String,
    source: Option<Box<Traced>>,
}

impl Traced {
    pub(crate) fn of(error: &(dyn StdError + 'static)) -> Self {
        let mut texts = bounded_chain(error, MAX_CHARS).into_iter().rev();
        let mut traced = Self { text: texts.next().unwrap_or_default(), source: None };
        for text in texts {
            traced = Self { text, source: Some(Box::new(traced)) };
        }
        traced
    }

    pub(crate) fn as_error(&self) -> &(dyn StdError + 'static) {
        self
    }
}

impl fmt::Display for Traced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl StdError for Traced {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(Self::as_error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_by_characters() {
        assert_eq!(bounded("ééé", 3), "ééé");
        assert_eq!(bounded("éééé", 3), "éé…");
        assert_eq!(bounded("", 0), "");
    }

    #[test]
    fn an_error_is_bounded_with_all_its_sources() {
        let long = (0..50).fold(Traced { text: "x".repeat(100), source: None }, |source, _| Traced {
            text: "é".repeat(100),
            source: Some(Box::new(source)),
        });
        let traced = Traced::of(&long);
        let texts: Vec<_> =
            successors(Some(traced.as_error()), |&error| error.source()).map(ToString::to_string).collect();
        assert_eq!(texts.len(), 3);
        assert_eq!(texts.concat().chars().count(), 256);
        assert_eq!(texts[0], "é".repeat(100));
        assert!(texts[2].ends_with('…'));
    }
}
