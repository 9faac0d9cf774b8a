//! The key that a request gives.

use freddy_types::AuthScheme;
use hyper::HeaderMap;

/// The key that a request gives, in one scheme or in several; `None` if it gives none, or different ones: which of them a
/// proxy has checked is unknown.
pub(super) fn credential(headers: &HeaderMap) -> Option<&[u8]> {
    let mut given = AuthScheme::ALL.iter().flat_map(|scheme| {
        let lines = headers.get_all(scheme.header()).iter();
        lines.filter_map(|line| scheme.credential_in(line.as_bytes()))
    });
    let first = given.next()?;
    given.all(|other| other == first).then_some(first)
}

#[cfg(test)]
mod tests {
    use hyper::header::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn a_request_gives_one_key_or_none() {
        for (lines, expected) in [
            (&[][..], None),
            (&[("x-api-key", "one")], Some("one")),
            (&[("authorization", "Bearer one")], Some("one")),
            (&[("authorization", "bearer  one ")], Some("one")),
            (&[("x-api-key", "one"), ("authorization", "Bearer one")], Some("one")),
            (&[("x-api-key", "one"), ("x-api-key", "one")], Some("one")),
            (&[("x-api-key", "one"), ("authorization", "Bearer two")], None),
            (&[("x-api-key", "one"), ("x-api-key", "two")], None),
            (&[("authorization", "Bearer one"), ("authorization", "Bearer two")], None),
            // A scheme that is not the API's is somebody else's, such as a proxy's.
            (&[("x-api-key", "one"), ("authorization", "Basic dXNlcjpwdw==")], Some("one")),
            (&[("authorization", "Basic dXNlcjpwdw==")], None),
            (&[("x-api-key", ""), ("authorization", "Bearer one")], Some("one")),
        ] {
            let header = |(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value));
            let mut headers = HeaderMap::new();
            for (name, value) in lines.iter().copied().map(header) {
                headers.append(name, value);
            }
            assert_eq!(credential(&headers), expected.map(str::as_bytes), "{lines:?}");
        }
    }
}
