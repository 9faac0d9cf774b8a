//! Which names can stand where, found when the program is compiled.

/// Whether a text is not empty and nothing but visible ASCII characters.
#[must_use]
pub const fn is_visible(text: &str) -> bool {
    let mut unread = text.as_bytes();
    while let [b'!'..=b'~', tail @ ..] = unread {
        unread = tail;
    }
    unread.is_empty() && !text.is_empty()
}

/// Whether HTTP takes a name: a token of RFC 9110, section 5.6.2.
#[must_use]
pub const fn is_header_name(name: &str) -> bool {
    let mut unread = name.as_bytes();
    while let [
        b'0'..=b'9'
        | b'A'..=b'Z'
        | b'a'..=b'z'
        | b'!'
        | b'#'
        | b'$'
        | b'%'
        | b'&'
        | b'\''
        | b'*'
        | b'+'
        | b'-'
        | b'.'
        | b'^'
        | b'_'
        | b'`'
        | b'|'
        | b'~',
        tail @ ..,
    ] = unread
    {
        unread = tail;
    }
    unread.is_empty() && !name.is_empty()
}

/// Whether two texts are the same, at compile time.
pub(crate) const fn is_same(one: &str, other: &str) -> bool {
    let (mut one, mut other) = (one.as_bytes(), other.as_bytes());
    loop {
        match (one, other) {
            ([], []) => return true,
            ([a, one_tail @ ..], [b, other_tail @ ..]) if *a == *b => (one, other) = (one_tail, other_tail),
            _ => return false,
        }
    }
}

/// Whether no two names are the same. In `any_case`, upper and lower case are, as in the names of headers.
#[must_use]
pub const fn are_distinct(names: &[&str], any_case: bool) -> bool {
    let mut unread = names;
    while let [name, tail @ ..] = unread {
        let mut others = tail;
        while let [other, behind @ ..] = others {
            if is_same(name, other) || any_case && name.eq_ignore_ascii_case(other) {
                return false;
            }
            others = behind;
        }
        unread = tail;
    }
    true
}
