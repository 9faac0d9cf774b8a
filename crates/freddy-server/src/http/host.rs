//! The host that a request names.

use hyper::header::HOST;
use hyper::http::uri::Authority;
use hyper::{HeaderMap, Version};

/// Whether a request names its host as HTTP requires (RFC 9112, section 3.2): once, and from HTTP/1.1 on always. Servers and
/// proxies that read a request with two hosts differently can be played off against each other.
pub(crate) fn is_named_once(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host.as_bytes()),
        (None, _) => version < Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

/// A host with or without a port, and nothing else.
fn is_host(value: &[u8]) -> bool {
    let Ok(authority) = Authority::try_from(value) else { return false };
    let host = authority.host();
    let Some(port) = authority.as_str().strip_prefix(host) else { return false };
    let is_port = |port: &str| port.bytes().all(|byte| byte.is_ascii_digit());
    !host.is_empty() && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    #[test]
    fn a_request_names_one_host() {
        for (version, hosts, expected) in [
            (Version::HTTP_11, &["api.example.com"][..], true),
            (Version::HTTP_11, &["api.example.com:8080"], true),
            (Version::HTTP_11, &["192.0.2.1:80"], true),
            (Version::HTTP_11, &["[2001:db8::7]:80"], true),
            (Version::HTTP_11, &["[2001:db8::7]"], true),
            (Version::HTTP_10, &[], true),
            (Version::HTTP_11, &[], false),
            (Version::HTTP_11, &[""], false),
            (Version::HTTP_11, &[":80"], false),
            (Version::HTTP_11, &["a b"], false),
            (Version::HTTP_11, &["a/b"], false),
            (Version::HTTP_11, &["a, b"], false),
            (Version::HTTP_11, &["user@a"], false),
            (Version::HTTP_11, &["a:port"], false),
            (Version::HTTP_11, &["[::1"], false),
            (Version::HTTP_11, &["a", "a"], false),
            (Version::HTTP_10, &["a", "b"], false),
            (Version::HTTP_10, &["a b"], false),
        ] {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, HeaderValue::from_static(host));
            }
            assert_eq!(is_named_once(version, &headers), expected, "{version:?} {hosts:?}");
        }
    }
}
