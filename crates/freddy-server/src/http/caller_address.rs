//! The address that a request came from, with or without proxies.

use std::net::{IpAddr, SocketAddr};

use hyper::HeaderMap;

/// The address that the outermost of the trusted proxies saw; that of the connection if none is trusted.
///
/// Each proxy appends to `X-Forwarded-For` the address that it saw, so the last entry is the nearest proxy's, and a client
/// can invent those before the trusted ones. An entry that is no address ends the search: what is known by then counts.
pub(super) fn caller_address(peer: SocketAddr, headers: &HeaderMap, trusted_hops: usize) -> IpAddr {
    let mut address = peer.ip();
    if trusted_hops == 0 {
        return address;
    }
    let lines = headers.get_all("x-forwarded-for").into_iter().rev();
    let entries = lines.flat_map(|line| line.to_str().unwrap_or_default().rsplit(','));
    for entry in entries.take(trusted_hops) {
        match address_of(entry.trim()) {
            Some(entry) => address = entry,
            None => break,
        }
    }
    address
}

/// An address, with or without a port, an IPv6 address with or without brackets.
fn address_of(entry: &str) -> Option<IpAddr> {
    if let Ok(address) = entry.parse::<IpAddr>() {
        return Some(address);
    }
    if let Ok(address) = entry.parse::<SocketAddr>() {
        return Some(address.ip());
    }
    entry.strip_prefix('[')?.strip_suffix(']')?.parse().ok().map(IpAddr::V6)
}

#[cfg(test)]
mod tests {
    use hyper::header::HeaderValue;

    use super::*;

    const PEER: &str = "10.0.0.9";

    #[test]
    fn the_address_is_the_one_that_the_outermost_trusted_proxy_saw() {
        for (hops, lines, expected) in [
            (0, &["192.0.2.1"][..], PEER),
            (1, &[], PEER),
            (1, &["192.0.2.1"], "192.0.2.1"),
            (1, &["203.0.113.9, 192.0.2.1"], "192.0.2.1"),
            (2, &["203.0.113.9, 192.0.2.1"], "203.0.113.9"),
            (2, &["invented, 203.0.113.9, 192.0.2.1"], "203.0.113.9"),
            (2, &["203.0.113.9", "192.0.2.1"], "203.0.113.9"),
            (2, &["192.0.2.1"], "192.0.2.1"),
            (1, &["203.0.113.9", "10.0.0.1,2001:db8::7"], "2001:db8::7"),
            (1, &["192.0.2.1:4711"], "192.0.2.1"),
            (1, &["[2001:db8::7]:4711"], "2001:db8::7"),
            (1, &["[2001:db8::7]"], "2001:db8::7"),
            (1, &["192.0.2.1, unknown"], PEER),
            (2, &["unknown, 192.0.2.1"], "192.0.2.1"),
            (1, &["192.0.2.1,"], PEER),
            (1, &["[192.0.2.1]"], PEER),
            (1, &["192.0.2.1:99999"], PEER),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append("x-forwarded-for", HeaderValue::from_static(line));
            }
            let address = caller_address(SocketAddr::new(PEER.parse().unwrap(), 80), &headers, hops);
            assert_eq!(address, expected.parse::<IpAddr>().unwrap(), "{hops} {lines:?}");
        }
    }
}
