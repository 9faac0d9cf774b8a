//! The address that a request came from, with or without a proxy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::{ConnectInfo, Request};
use axum::http::HeaderMap;

/// The address that the proxy names, if it is trusted and names one; otherwise that of the connection.
///
/// Only [`serve`](super::serve::serve) tells the routes about the connection. Without it every caller has the same
/// address: they share one rate limit, which is too strict rather than too lax.
pub(crate) fn caller_address(request: &Request, trust_forwarded_for: bool) -> IpAddr {
    let forwarded = if trust_forwarded_for { forwarded_for(request.headers()) } else { None };
    forwarded.unwrap_or_else(|| {
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |ConnectInfo(peer)| peer.ip())
    })
}

/// The last entry, which the nearest proxy wrote. A client can invent those before it.
fn forwarded_for(headers: &HeaderMap) -> Option<IpAddr> {
    let last = headers.get_all("x-forwarded-for").into_iter().next_back()?;
    last.to_str().ok()?.rsplit(',').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn the_forwarded_address_is_the_one_that_the_nearest_proxy_wrote() {
        for (headers, expected) in [
            (&["192.0.2.1"][..], Some("192.0.2.1")),
            (&["203.0.113.9, 192.0.2.1"], Some("192.0.2.1")),
            (&["203.0.113.9", "10.0.0.1,2001:db8::7"], Some("2001:db8::7")),
            (&["192.0.2.1, unknown"], None),
            (&[], None),
        ] {
            let mut map = HeaderMap::new();
            for header in headers {
                map.append("x-forwarded-for", HeaderValue::from_static(header));
            }
            assert_eq!(forwarded_for(&map), expected.map(|address| address.parse().unwrap()), "{headers:?}");
        }
    }
}
