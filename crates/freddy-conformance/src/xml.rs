//! Texts in XML.

/// For a text or an attribute of XML, which has no place for most control characters.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            letter if letter.is_control() => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn a_text_keeps_its_lines_and_nothing_that_xml_would_read() {
        assert_eq!(escaped("<a b=\"c\">&\n\u{0}\u{1b}ä"), "&lt;a b=&quot;c&quot;&gt;&amp;&#10;\u{fffd}\u{fffd}ä");
    }
}
