//! JSON that is not quite: read in one pass, with what is broken mended or left out, so that it spoils nothing beside it.

/// Something in the body of a failed response that was not as it should be, and that was read all the same.
///
/// See [`ErrorResponse::repairs`](crate::ErrorResponse::repairs).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Repair {
    /// A byte order mark stood first. It was passed over.
    ByteOrderMark,
    /// A guard against scripts such as `)]}'` stood first. It was passed over.
    Guard,
    /// Bytes in a string were not UTF-8. They became U+FFFD.
    InvalidUtf8,
    /// A string had half of a surrogate pair. It became U+FFFD.
    LoneSurrogate,
    /// A string had a line feed or another control character as it is. It was taken for what it is.
    ControlCharacter,
    /// A string had a backslash before a character that needs none. The backslash was kept as text.
    InvalidEscape,
    /// A value was none of JSON, such as `NaN`. It became `null`, or what Python's `True` and `False` mean.
    InvalidValue,
    /// Between the values stood bytes that have no place there, or a comma or colon was missing or too many.
    StrayBytes,
    /// The text was cut short or became unreadable. What was complete before was read.
    Unterminated,
    /// Something followed the JSON. It was left out.
    TrailingBytes,
    /// `details` was `null`. It was taken for absent.
    NullDetails,
    /// The envelope stood inside `detail`. What stood beside it was left out of the envelope.
    Wrapped,
}

/// A JSON text made of a body, and what was done for it.
pub(super) struct Repaired {
    /// Always valid JSON without half surrogate pairs.
    pub(super) json: String,
    /// In the order of the enum, each once. Empty for JSON that was valid: `json` is then the body without the space around it.
    pub(super) repairs: Vec<Repair>,
}

/// What some servers write before JSON so that a browser does not run it as a script.
const GUARDS: [&[u8]; 4] = [b")]}',", b")]}'", b"while(1);", b"for(;;);"];

/// Reads a body as JSON as far as it can be. Nothing if it is not JSON from the start.
///
/// Each byte is looked at a bounded number of times, without recursion.
pub(super) fn repair(body: &[u8]) -> Option<Repaired> {
    let mut repairs = Vec::new();
    let mut input = body.trim_ascii_start();
    if let Some(rest) = input.strip_prefix(b"\xEF\xBB\xBF") {
        repairs.push(Repair::ByteOrderMark);
        input = rest.trim_ascii_start();
    }
    if let Some(rest) = GUARDS.iter().find_map(|guard| input.strip_prefix(*guard)) {
        repairs.push(Repair::Guard);
        input = rest.trim_ascii_start();
    }
    let strays = input.iter().take_while(|byte| is_stray(byte)).count();
    let after = input.get(strays..).unwrap_or_default().trim_ascii_start();
    let second = after.get(1..).unwrap_or_default().trim_ascii_start().first();
    match (after.first(), second) {
        (Some(b'{' | b'"'), _) => {}
        // Other lists are read if they are valid: a line of a log may begin with a bracket.
        (Some(b'['), Some(b'{' | b'"')) => {}
        _ => {
            let json = str::from_utf8(input).ok()?.trim_ascii_end();
            serde_json::from_str::<&serde_json::value::RawValue>(json).ok()?;
            return Some(Repaired { json: json.to_owned(), repairs });
        }
    }
    if strays > 0 {
        repairs.push(Repair::StrayBytes);
        input = after;
    }
    let out = String::with_capacity(input.len() + 16);
    let mut scanner = Scanner { input, at: 0, out, good: 0, open: Vec::new(), says_something: false, repairs };
    if scanner.document() {
        let rest = input.get(scanner.at..).unwrap_or_default().trim_ascii();
        if !rest.is_empty() {
            if input.first() == Some(&b'"') {
                return None;
            }
            scanner.repairs.push(Repair::TrailingBytes);
        }
    } else {
        scanner.give_up()?;
    }
    let Scanner { out, mut repairs, .. } = scanner;
    repairs.sort_unstable();
    repairs.dedup();
    Some(Repaired { json: out, repairs })
}

/// What has no place outside of a string.
fn is_stray(byte: &u8) -> bool {
    !byte.is_ascii() || (byte.is_ascii_control() && !matches!(byte, b' ' | b'\t' | b'\n' | b'\r'))
}

#[derive(Clone, Copy, PartialEq)]
enum Open {
    Object,
    List,
}

impl Open {
    fn closing(self) -> char {
        match self {
            Self::Object => '}',
            Self::List => ']',
        }
    }
}

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    /// A value, after a colon or as the whole text.
    Value,
    /// The first name or value of what was opened, or its end.
    First,
    /// A name or value after a comma.
    Another,
    Colon,
    /// A comma or the end of what is open.
    Separator,
}

struct Scanner<'a> {
    input: &'a [u8],
    at: usize,
    out: String,
    /// Up to here `out` is complete but for what is open.
    good: usize,
    open: Vec<Open>,
    /// Whether a value is complete that is more than an opening.
    says_something: bool,
    repairs: Vec<Repair>,
}

impl Scanner<'_> {
    fn note(&mut self, repair: Repair) {
        // Each kind in a row once, so that a body of nothing else makes no long list.
        if !self.repairs.contains(&repair) {
            self.repairs.push(repair);
        }
    }

    fn peek(&self) -> Option<u8> {
        self.input.get(self.at).copied()
    }

    fn take(&mut self, c: char) {
        self.at += 1;
        self.out.push(c);
    }

    /// Ends a value.
    fn complete(&mut self) -> Next {
        self.good = self.out.len();
        self.says_something = true;
        Next::Separator
    }

    fn open(&mut self, open: Open, c: char) -> Next {
        self.take(c);
        self.open.push(open);
        self.good = self.out.len();
        Next::First
    }

    fn close(&mut self) -> Next {
        if let Some(open) = self.open.pop() {
            self.take(open.closing());
        }
        self.complete()
    }

    /// Reads one value. Whether it ended; if not, the input did, or nothing more can be made of it.
    fn document(&mut self) -> bool {
        let mut next = Next::Value;
        loop {
            if next == Next::Separator && self.open.is_empty() {
                return true;
            }
            let Some(byte) = self.peek() else { return false };
            if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                self.take(char::from(byte));
                continue;
            }
            if is_stray(&byte) {
                self.at += 1;
                self.note(Repair::StrayBytes);
                continue;
            }
            let Some(then) = self.step(next, byte) else { return false };
            next = then;
        }
    }

    fn step(&mut self, next: Next, byte: u8) -> Option<Next> {
        let in_object = self.open.last() == Some(&Open::Object);
        let ends = match self.open.last() {
            Some(Open::Object) => byte == b'}',
            Some(Open::List) => byte == b']',
            None => false,
        };
        match next {
            Next::First if ends => Some(self.close()),
            Next::First | Next::Another if ends || byte == b',' => {
                self.note(Repair::StrayBytes);
                if ends {
                    // The comma before the end goes.
                    self.out.truncate(self.good);
                    return Some(self.close());
                }
                self.at += 1;
                Some(next)
            }
            Next::First | Next::Another if in_object => {
                if byte != b'"' {
                    return None;
                }
                self.string().then_some(Next::Colon)
            }
            Next::Colon if byte == b':' => {
                self.take(':');
                Some(Next::Value)
            }
            Next::Colon => {
                self.note(Repair::StrayBytes);
                self.out.push(':');
                Some(Next::Value)
            }
            Next::Separator if ends => Some(self.close()),
            Next::Separator if byte == b',' => {
                self.take(',');
                Some(Next::Another)
            }
            Next::Separator if byte == b'"' || (!in_object && matches!(byte, b'{' | b'[')) => {
                self.note(Repair::StrayBytes);
                self.out.push(',');
                Some(Next::Another)
            }
            Next::Separator => None,
            Next::Value | Next::First | Next::Another => self.value(byte),
        }
    }

    fn value(&mut self, byte: u8) -> Option<Next> {
        match byte {
            b'{' => Some(self.open(Open::Object, '{')),
            b'[' => Some(self.open(Open::List, '[')),
            b'"' => self.string().then(|| self.complete()),
            b',' | b'}' if self.open.last() == Some(&Open::Object) => {
                self.note(Repair::InvalidValue);
                self.out.push_str("null");
                Some(self.complete())
            }
            b'-' | b'+' | b'.' | b'_' | b'$' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => self.word(),
            _ => None,
        }
    }

    /// A number or a literal, or what stands in the place of one.
    fn word(&mut self) -> Option<Next> {
        let rest = self.input.get(self.at..).unwrap_or_default();
        let is_of_word = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.' | b'_' | b'$') || is_stray(byte)
        };
        let len = rest.iter().position(|byte| !is_of_word(byte)).unwrap_or(rest.len());
        let bytes = rest.get(..len)?;
        let word: String = bytes.iter().filter(|byte| !is_stray(byte)).map(|byte| char::from(*byte)).collect();
        if word.len() < len {
            self.note(Repair::StrayBytes);
        }
        let is_cut = len == rest.len();
        self.at += len;
        let json = match &*word {
            "true" | "True" => "true",
            "false" | "False" => "false",
            "null" => "null",
            // More digits, or more letters, may have followed.
            _ if is_cut => return None,
            _ if is_number(&word) => &word,
            _ => "null",
        };
        if json != word {
            self.note(Repair::InvalidValue);
        }
        self.out.push_str(json);
        Some(self.complete())
    }

    /// A string. Whether it ended.
    fn string(&mut self) -> bool {
        self.take('"');
        loop {
            self.plain();
            let Some(byte) = self.peek() else { return false };
            match byte {
                b'"' => {
                    self.take('"');
                    return true;
                }
                b'\\' => self.escape(),
                control => {
                    self.note(Repair::ControlCharacter);
                    self.at += 1;
                    self.push_escape(control);
                }
            }
        }
    }

    /// Copies up to the next quote, backslash or control character.
    fn plain(&mut self) {
        let rest = self.input.get(self.at..).unwrap_or_default();
        let len = rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..=0x1F)).unwrap_or(rest.len());
        for chunk in rest.get(..len).unwrap_or_default().utf8_chunks() {
            self.out.push_str(chunk.valid());
            if !chunk.invalid().is_empty() {
                self.note(Repair::InvalidUtf8);
                self.out.push(char::REPLACEMENT_CHARACTER);
            }
        }
        self.at += len;
    }

    fn escape(&mut self) {
        let code = self.input.get(self.at + 1).copied();
        match code {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.take('\\');
                self.out.push(char::from(code.unwrap_or_default()));
                self.at += 1;
            }
            Some(b'u') => self.unicode_escape(),
            _ => self.invalid_escape(),
        }
    }

    fn invalid_escape(&mut self) {
        self.note(Repair::InvalidEscape);
        self.at += 1;
        self.out.push_str("\\\\");
    }

    fn unicode_escape(&mut self) {
        let Some(unit) = self.unit(self.at) else { return self.invalid_escape() };
        let len = match unit {
            0xD800..=0xDBFF if matches!(self.unit(self.at + 6), Some(0xDC00..=0xDFFF)) => 12,
            0xD800..=0xDFFF => {
                self.note(Repair::LoneSurrogate);
                self.at += 6;
                return self.out.push_str("\\ufffd");
            }
            _ => 6,
        };
        // Only ASCII, as `unit` found.
        let escape = self.input.get(self.at..self.at + len).and_then(|escape| str::from_utf8(escape).ok());
        self.out.push_str(escape.unwrap_or_default());
        self.at += len;
    }

    /// The UTF-16 unit of the `\uXXXX` at a place.
    fn unit(&self, at: usize) -> Option<u32> {
        let digits = self.input.get(at..at + 6)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |unit, digit| Some(unit * 16 + char::from(*digit).to_digit(16)?))
    }

    fn push_escape(&mut self, control: u8) {
        match control {
            b'\n' => self.out.push_str("\\n"),
            b'\r' => self.out.push_str("\\r"),
            b'\t' => self.out.push_str("\\t"),
            _ => {
                self.out.push_str("\\u00");
                self.out.extend(
                    [control >> 4, control & 0xF].map(|digit| char::from_digit(digit.into(), 16).unwrap_or('0')),
                );
            }
        }
    }

    /// Leaves out what is not complete and closes what is open. Nothing if nothing was complete.
    fn give_up(&mut self) -> Option<()> {
        if !self.says_something {
            return None;
        }
        self.out.truncate(self.good);
        self.note(Repair::Unterminated);
        while let Some(open) = self.open.pop() {
            self.out.push(open.closing());
        }
        Some(())
    }
}

/// A number as JSON writes it.
fn is_number(word: &str) -> bool {
    serde_json::from_str::<&serde_json::value::RawValue>(word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(body: &[u8], json: &str, repairs: &[Repair]) {
        let repaired = repair(body).unwrap_or_else(|| panic!("not JSON: {}", body.escape_ascii()));
        assert_eq!((&*repaired.json, &*repaired.repairs), (json, repairs), "{}", body.escape_ascii());
        assert!(serde_json::from_str::<serde_json::Value>(json).is_ok(), "{json}");
    }

    #[test]
    fn valid_json_stays_as_it_is() {
        let valid = [
            "{}",
            "[]",
            "null",
            "-0.5e+7",
            "1e999",
            "\"\"",
            r#"{ "a" : [ 1 , true , {} , [] , "\u00e9\ud83d\ude00\"\\\/" ] , "b" : null }"#,
            r#"[[1], "x"]"#,
            r#"["x", {"a": {"a": 1, "a": 2}}]"#,
        ];
        for json in valid {
            let spaced = format!("\r\n {json}\t");
            let repaired = repair(spaced.as_bytes()).unwrap();
            assert_eq!((&*repaired.json, &*repaired.repairs), (json, &[][..]));
        }
    }

    #[test]
    fn each_kind_of_damage_is_mended_where_it_stands() {
        use Repair::*;

        check(b"\xEF\xBB\xBF{\"a\":1}", r#"{"a":1}"#, &[ByteOrderMark]);
        check(b")]}',\n{\"a\":1}", r#"{"a":1}"#, &[Guard]);
        check(b"\xEF\xBB\xBFwhile(1);[{\"a\":1}]", r#"[{"a":1}]"#, &[ByteOrderMark, Guard]);
        check(b"{\"a\":\"caf\xE9\",\"b\":1}", "{\"a\":\"caf\u{fffd}\",\"b\":1}", &[InvalidUtf8]);
        check(b"{\"a\xF0\x9F\x98\":1}", "{\"a\u{fffd}\":1}", &[InvalidUtf8]);
        check(br#"{"\ud800":"x\udc00\ud83d\ude00"}"#, r#"{"\ufffd":"x\ufffd\ud83d\ude00"}"#, &[LoneSurrogate]);
        check(br#"{"a":"\ud800\n\ud800\ud83d\ude00"}"#, r#"{"a":"\ufffd\n\ufffd\ud83d\ude00"}"#, &[LoneSurrogate]);
        check(b"{\"a\":\"x\n\x01y\"}", r#"{"a":"x\n\u0001y"}"#, &[ControlCharacter]);
        check(br#"{"a":"C:\dir \u12g \'"}"#, r#"{"a":"C:\\dir \\u12g \\'"}"#, &[InvalidEscape]);
        check(
            br#"{"a":NaN,"b":-Infinity,"c":True,"d":01,"e":}"#,
            r#"{"a":null,"b":null,"c":true,"d":null,"e":null}"#,
            &[InvalidValue],
        );
        check(b"{\"a\":t\xFFrue,\"b\":4\x0003\xC3}", r#"{"a":true,"b":403}"#, &[StrayBytes]);
        check(b"{\xFF\"a\"\x00:\xE9 1,\x7f\"b\":2\xC3}", r#"{"a": 1,"b":2}"#, &[StrayBytes]);
        check(br#"{"a":[1,],"b" 2 "c":3,,"d":4,}"#, r#"{"a":[1],"b" :2 ,"c":3,"d":4}"#, &[StrayBytes]);
        check(b"\xFF\0{\"a\":1}", r#"{"a":1}"#, &[StrayBytes]);
        check(b"{\"a\":1}\0", r#"{"a":1}"#, &[TrailingBytes]);
        check(br#"{"a":1}{"a":2}"#, r#"{"a":1}"#, &[TrailingBytes]);
        check(b"\"caf\xE9\"", "\"caf\u{fffd}\"", &[InvalidUtf8]);
    }

    #[test]
    fn what_was_complete_before_the_end_counts() {
        use Repair::*;

        for (cut, json) in [
            (r#"{"a":1,"b":"cu"#, r#"{"a":1}"#),
            (r#"{"a":1,"b":{"c":"d","e"#, r#"{"a":1,"b":{"c":"d"}}"#),
            (r#"{"a":1,"b":{"c":"d","e":12"#, r#"{"a":1,"b":{"c":"d"}}"#),
            (r#"{"a":true,"b":tru"#, r#"{"a":true}"#),
            (r#"{"a":true"#, r#"{"a":true}"#),
            (r#"{"a":[1,{"b":2},"#, r#"{"a":[1,{"b":2}]}"#),
            (r#"{"a":1]"#, r#"{"a":1}"#),
            (r#"{"a":1 oops "b":2}"#, r#"{"a":1}"#),
        ] {
            check(cut.as_bytes(), json, &[Unterminated]);
        }
    }

    #[test]
    fn what_is_not_json_from_the_start_is_left_alone() {
        for body in [
            "",
            " ",
            "<html>",
            "403 Forbidden",
            "null and void",
            "{error}",
            "{",
            "{\"a",
            "{\"a\":",
            "{\"a\":{\"b\":\"cu",
            "[{\"a\":\"b\\u12",
            "[2025-11-13] failed",
            "[error] x",
            "[[[[",
            "\"a\" and \"b\"",
            "\"never closed",
            ")]}'",
        ] {
            assert!(repair(body.as_bytes()).is_none(), "{body}");
        }
    }
}
