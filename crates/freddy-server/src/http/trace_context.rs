//! The trace that a request belongs to, as the W3C's Trace Context has it.

use hyper::HeaderMap;

/// The length of version 00. Later versions may have more behind it.
const LENGTH: usize = 55;

/// The header `traceparent` in the form of version 00, if it is valid: `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`.
pub(super) fn traceparent(headers: &HeaderMap) -> Option<&str> {
    let mut lines = headers.get_all("traceparent").iter();
    let line = lines.next()?.to_str().ok()?;
    if lines.next().is_some() {
        return None;
    }
    let (known, more) = line.split_at_checked(LENGTH)?;
    let fields: Vec<&str> = known.split('-').collect();
    let &[version, trace, parent, flags] = fields.as_slice() else { return None };
    let is_hex =
        |text: &str, length| text.len() == length && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let is_nonzero = |text: &str| text.bytes().any(|byte| byte != b'0');
    let is_version = match version {
        "00" => more.is_empty(),
        "ff" => false,
        _ => is_hex(version, 2) && (more.is_empty() || more.starts_with('-')),
    };
    let is_valid = is_version && is_hex(trace, 32) && is_nonzero(trace) && is_hex(parent, 16) && is_nonzero(parent);
    (is_valid && is_hex(flags, 2)).then_some(known)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn only_a_valid_traceparent_is_taken_over() {
        const VALID: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        for (lines, expected) in [
            (&[VALID][..], Some(VALID)),
            (
                &["cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what-the-future-brings"],
                Some("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ),
            (&[], None),
            (&[""], None),
            (&[VALID, VALID], None),
            (&["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more"], None),
            (&["cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"], None),
            (&["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"], None),
            (&["00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"], None),
            (&["00-00000000000000000000000000000000-00f067aa0ba902b7-01"], None),
            (&["00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"], None),
            (&["00-4bf92f3577b34da6a3ce929d0e0e47-3600f067aa0ba902b7-01"], None),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("traceparent", HeaderValue::from_static(line));
            }
            assert_eq!(traceparent(&headers), expected, "{lines:?}");
        }
    }
}
