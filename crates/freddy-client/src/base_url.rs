//! The URL of the API, checked once.

use std::net::IpAddr;

use reqwest::Url;

use crate::build_error::InvalidBaseUrl;

/// A URL that a path can be appended to: `http` or `https`, a host, optionally a port and a path, and nothing else.
#[derive(Clone, Debug)]
pub(crate) struct BaseUrl {
    /// Without a slash at the end of its path.
    text: Box<str>,
    /// The length of the part before the path.
    origin_len: usize,
    is_plain: bool,
    is_loopback: bool,
    host: Box<str>,
    port: u16,
}

impl BaseUrl {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidBaseUrl> {
        let url = Url::parse(text).map_err(|error| InvalidBaseUrl::Syntax { reason: error.to_string().into() })?;
        let is_plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return Err(InvalidBaseUrl::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidBaseUrl::Userinfo);
        }
        if url.query().is_some() {
            return Err(InvalidBaseUrl::Query);
        }
        if url.fragment().is_some() {
            return Err(InvalidBaseUrl::Fragment);
        }
        let origin_len = url.as_str().len() - url.path().len();
        let is_loopback = url.host_str().is_some_and(is_loopback);
        Ok(Self {
            text: url.as_str().trim_end_matches('/').into(),
            origin_len,
            is_plain,
            is_loopback,
            host: url.host_str().unwrap_or_default().into(),
            port: url.port_or_known_default().unwrap_or_default(),
        })
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The name or address of the server.
    pub(crate) fn host(&self) -> &str {
        &self.host
    }

    /// The port of the server, also where the URL leaves it out.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// What stands before the path of each endpoint, such as `/freddy`; empty where there is nothing.
    #[cfg(feature = "mock")]
    pub(crate) fn prefix(&self) -> &str {
        self.text.get(self.origin_len..).unwrap_or_default()
    }

    pub(crate) fn is_plain(&self) -> bool {
        self.is_plain
    }

    /// Whether others on the network could read the credential.
    pub(crate) fn is_exposed(&self) -> bool {
        self.is_plain && !self.is_loopback
    }

    /// Whether the requests must bypass any proxy, since plain HTTP to this machine would otherwise leave it.
    pub(crate) fn is_plain_loopback(&self) -> bool {
        self.is_plain && self.is_loopback
    }

    /// The URL of a path, or `None` if the path would not arrive unchanged, such as one with a `..` or an empty segment.
    pub(crate) fn join(&self, path: &str) -> Option<Url> {
        if path.split('/').skip(1).any(str::is_empty) {
            return None;
        }
        let text = format!("{}{path}", self.text);
        let url = Url::parse(&text).ok()?;
        // A parser removes dot segments, and splits at the `?` or `#` of a path that is not encoded.
        let is_as_written = text.get(self.origin_len..) == Some(url.path());
        is_as_written.then_some(url)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_appended_to_the_base_url() {
        for (base, expected) in [
            ("https://api.aitronos.com", "https://api.aitronos.com/v1/x"),
            ("https://api.aitronos.com/", "https://api.aitronos.com/v1/x"),
            ("HTTPS://API.aitronos.com:443", "https://api.aitronos.com/v1/x"),
            ("https://gateway.example:8443/freddy/", "https://gateway.example:8443/freddy/v1/x"),
            ("http://[::1]:80/a/b//", "http://[::1]/a/b/v1/x"),
        ] {
            let url = BaseUrl::parse(base).unwrap().join("/v1/x").unwrap();
            assert_eq!(url.as_str(), expected, "{base}");
        }
    }

    #[test]
    fn a_path_that_would_not_arrive_unchanged_is_refused() {
        let base = BaseUrl::parse("https://api.aitronos.com/freddy").unwrap();
        for path in [
            "/v1/..",
            "/v1/",
            "/v1//x",
            "/v1/%2e%2E/x",
            "/v1/./x",
            "/v1/x?y",
            "/v1/x#y",
            "/v1/a b",
            "/v1/é",
            "/v1\\x",
            "/v1/x\n",
        ] {
            assert_eq!(base.join(path), None, "{path}");
        }
        assert!(base.join("/v1/a%20b/%C3%A9/...").is_some());
    }

    #[test]
    fn loopback_is_this_machine_only() {
        for host in ["127.0.0.1", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "localhost", "LOCALHOST", "2130706433"] {
            assert!(!BaseUrl::parse(&format!("http://{host}:8080")).unwrap().is_exposed(), "{host}");
        }
        for host in ["10.0.0.1", "0.0.0.0", "[::]", "localhost.example", "127.0.0.1.example", "api.aitronos.com"] {
            assert!(BaseUrl::parse(&format!("http://{host}")).unwrap().is_exposed(), "{host}");
            assert!(!BaseUrl::parse(&format!("https://{host}")).unwrap().is_exposed(), "{host}");
        }
    }
}
