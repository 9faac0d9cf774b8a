//! Path templates, and percent-encoding.

use std::borrow::Cow;
use std::fmt::{self, Write as _};

use crate::wire::private::is_header_name;

/// A path with parameters, such as `/v1/personal-connectors/{connector_id}`: a parameter fills a segment.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PathTemplate(&'static str);

pub(crate) enum Segment {
    Literal(&'static str),
    Parameter(&'static str),
}

impl PathTemplate {
    /// Checks a template. In a constant, as an [`Endpoint`](crate::Endpoint) has it, a fault is a compile error.
    ///
    /// # Panics
    /// If the template does not start with `/`, has an empty segment, a brace that is not the first or last
    /// character of its segment, a name twice, a segment `.` or `..`, or any other character than ASCII letters, digits,
    /// `-`, `_`, `.` and `~`.
    #[must_use]
    pub const fn new(template: &'static str) -> Self {
        let mut unread = template.as_bytes();
        assert!(matches!(unread, [b'/', ..]), "a path template starts with `/`");
        let mut in_parameter = false;
        let mut previous = 0;
        while let [byte, tail @ ..] = unread {
            match *byte {
                b'/' => assert!(!in_parameter && previous != b'/', "a segment is empty or a brace is not closed"),
                b'{' => {
                    assert!(previous == b'/', "a parameter starts a segment");
                    in_parameter = true;
                }
                b'}' => {
                    assert!(in_parameter && previous != b'{', "a parameter has a name between two braces");
                    assert!(matches!(tail, [] | [b'/', ..]), "a parameter fills its segment");
                    in_parameter = false;
                }
                byte => assert!(is_unreserved(byte), "a character needs percent-encoding"),
            }
            if *byte == b'/' {
                assert!(!is_dots(tail), "a segment `.` or `..` is taken away by URL parsers");
            }
            if *byte == b'{' {
                assert!(!is_repeated(tail), "a name stands in two pairs of braces");
            }
            previous = *byte;
            unread = tail;
        }
        assert!(!in_parameter && previous != b'/', "a path template ends with a whole segment");
        Self(template)
    }

    /// The template as it was written, which is also how axum and OpenAPI write one.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// The names of the parameters, in their order.
    pub fn parameter_names(self) -> impl Iterator<Item = &'static str> {
        self.segments().filter_map(|segment| match segment {
            Segment::Parameter(name) => Some(name),
            Segment::Literal(_) => None,
        })
    }

    /// The template, if its parameters are those of the rows in `rows`, each a place and a name.
    ///
    /// # Panics
    /// If a name in braces has no row, a row has no name in braces, or the name of a header is none of HTTP.
    #[doc(hidden)]
    #[must_use]
    pub const fn with_rows(self, rows: &[(&str, &str)]) -> Self {
        let mut parameters = 0;
        let mut unread = self.0.as_bytes();
        while let [byte, tail @ ..] = unread {
            if *byte == b'{' {
                parameters += 1;
                assert!(names_a_row(tail, rows), "a name in braces in the path has no row `required path NAME: Type`");
            }
            unread = tail;
        }
        let mut of_path = 0;
        let mut unread = rows;
        while let [(place, name), tail @ ..] = unread {
            match place.as_bytes() {
                b"path" => of_path += 1,
                b"header" => assert!(is_header_name(name), "the name of a header has a character that HTTP forbids"),
                _ => {}
            }
            unread = tail;
        }
        assert!(parameters == of_path, "a row `required path NAME: Type` has no name in braces in the path");
        self
    }

    pub(crate) fn segments(self) -> impl Iterator<Item = Segment> {
        self.0.split('/').skip(1).map(|text| match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
            Some(name) => Segment::Parameter(name),
            None => Segment::Literal(text),
        })
    }
}

impl fmt::Display for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.0)
    }
}

impl fmt::Debug for PathTemplate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PathTemplate({})", self.0)
    }
}

/// Whether a segment that starts here is `.` or `..`.
const fn is_dots(segment: &[u8]) -> bool {
    matches!(segment, [b'.'] | [b'.', b'/', ..] | [b'.', b'.'] | [b'.', b'.', b'/', ..])
}

/// Whether the name that starts here stands in braces once more behind.
const fn is_repeated(name: &[u8]) -> bool {
    let mut unread = name;
    while let [byte, tail @ ..] = unread {
        if *byte == b'{' && same_name(name, tail) {
            return true;
        }
        unread = tail;
    }
    false
}

/// Whether two names, each up to its closing brace, are the same.
const fn same_name(mut one: &[u8], mut other: &[u8]) -> bool {
    loop {
        match (one, other) {
            ([b'}', ..], [b'}', ..]) => return true,
            ([a, one_tail @ ..], [b, other_tail @ ..]) if *a == *b => (one, other) = (one_tail, other_tail),
            _ => return false,
        }
    }
}

/// Whether the name that starts here, up to its closing brace, is that of a row of the path.
const fn names_a_row(name: &[u8], mut rows: &[(&str, &str)]) -> bool {
    while let [(place, row), tail @ ..] = rows {
        if matches!(place.as_bytes(), b"path") {
            let (mut name, mut row) = (name, row.as_bytes());
            loop {
                match (name, row) {
                    ([b'}', ..], []) => return true,
                    ([a, name_tail @ ..], [b, row_tail @ ..]) if *a == *b => (name, row) = (name_tail, row_tail),
                    _ => break,
                }
            }
        }
        rows = tail;
    }
    false
}

/// The characters that mean the same encoded or not (RFC 3986, section 2.3).
const fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')
}

pub(crate) fn percent_encode(text: &str, path: &mut String) {
    for byte in text.bytes() {
        if is_unreserved(byte) {
            path.push(byte.into());
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(path, "%{byte:02X}");
        }
    }
}

pub(crate) fn percent_decode(text: &str) -> Option<Cow<'_, str>> {
    if !text.contains('%') {
        return Some(text.into());
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut unread = text.as_bytes();
    while let [byte, tail @ ..] = unread {
        (unread, _) = match (byte, tail) {
            (b'%', [high, low, tail @ ..]) => {
                let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                (tail, decoded.push(digit(*high)? << 4 | digit(*low)?))
            }
            (b'%', _) => return None,
            (byte, tail) => (tail, decoded.push(*byte)),
        };
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}
