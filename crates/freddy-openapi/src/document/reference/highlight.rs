//! Colours for code, as much as the samples and the examples need: words, strings, numbers and comments.

use maud::{Markup, html};

const KEYWORDS: [&str; 19] = [
    "import", "from", "if", "else", "for", "in", "return", "print", "const", "let", "await", "async", "new", "true",
    "false", "null", "None", "True", "False",
];

/// The source, with a class around what has a colour.
pub(super) fn highlight(source: &str) -> Markup {
    let mut rest = source;
    let mut parts = Vec::new();
    while let Some(first) = rest.chars().next() {
        let (class, length) = token(first, rest);
        let (part, after) = rest.split_at(length);
        let is_key = class == "s" && after.trim_start_matches(' ').starts_with(':');
        parts.push((if is_key { "k" } else { class }, part));
        rest = after;
    }
    html! {
        @for (class, part) in parts {
            @if class.is_empty() { (part) } @else { span class=(class) { (part) } }
        }
    }
}

/// The class and the length of what the text begins with. The text is not empty.
fn token(first: char, text: &str) -> (&'static str, usize) {
    let while_it_is = |is: fn(char) -> bool| text.find(|letter| !is(letter)).unwrap_or(text.len());
    match first {
        '"' | '\'' | '`' => ("s", string(first, text)),
        '#' => ("c", text.find('\n').unwrap_or(text.len())),
        '/' if text.starts_with("// ") => ("c", text.find('\n').unwrap_or(text.len())),
        '0'..='9' => ("n", while_it_is(|letter| letter.is_alphanumeric() || letter == '.')),
        _ if first.is_alphabetic() || first == '_' => {
            let length = while_it_is(|letter| letter.is_alphanumeric() || letter == '_');
            let is_keyword = text.get(..length).is_some_and(|word| KEYWORDS.contains(&word));
            (if is_keyword { "w" } else { "" }, length)
        }
        _ => ("", first.len_utf8()),
    }
}

/// The length of the string that the text begins with, or of the text if the string does not end.
fn string(quote: char, text: &str) -> usize {
    let mut is_escaped = false;
    for (index, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            _ if letter == quote => return index + letter.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_class_stands_as_it_is() {
        assert_eq!(highlight("a < b").into_string(), "a &lt; b");
    }

    #[test]
    fn each_kind_has_its_class() {
        for (source, expected) in [
            (
                r#"{"a": "b\"c"}"#,
                r#"{<span class="k">&quot;a&quot;</span>: <span class="s">&quot;b\&quot;c&quot;</span>}"#,
            ),
            ("x == 204", r#"x == <span class="n">204</span>"#),
            ("if ift", r#"<span class="w">if</span> ift"#),
            ("// é", r#"<span class="c">// é</span>"#),
            ("'open", r#"<span class="s">'open</span>"#),
            ("é\"é", r#"é<span class="s">&quot;é</span>"#),
        ] {
            assert_eq!(highlight(source).into_string(), expected);
        }
    }
}
