//! A file that is the same for every caller: conditional, compressed, and with headers that keep a page to itself.

use std::io::Write as _;
use std::sync::OnceLock;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, Shared};
use hyper::header::{self, HeaderName, HeaderValue};
use hyper::{HeaderMap, StatusCode};
use sha2::{Digest as _, Sha256};

use super::context::{Response, empty};

/// Headers with a fixed value. The names are in lower case.
pub(crate) type Headers = &'static [(&'static str, &'static str)];

/// Of every answer, also of one without a file. A document loads, runs and calls nothing, and is in nobody's frame.
const SAFE: Headers = &[
    ("content-security-policy", "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    // No path says which version of the server it is of, so a copy is used only after asking.
    ("cache-control", "no-cache"),
];

/// A file, in memory as it is and, once somebody asked for that, compressed.
#[derive(Debug)]
pub(crate) struct StaticFile {
    bytes: Bytes,
    headers: HeaderMap,
    content_type: HeaderValue,
    /// Of the file as it is, and compressed.
    etags: OnceLock<[HeaderValue; 2]>,
    /// Compressing goes on when the request that it is for is given up, so it is done once.
    compressed: OnceLock<Shared<BoxFuture<'static, Option<Bytes>>>>,
}

impl StaticFile {
    /// The headers are sent with each answer.
    pub(crate) fn new(bytes: Bytes, content_type: &str, headers: Headers) -> Self {
        let content_type = HeaderValue::from_str(content_type)
            .unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream"));
        let mut headers = with_safe(headers);
        headers.insert(header::VARY, HeaderValue::from_static("Accept-Encoding"));
        Self { bytes, headers, content_type, etags: OnceLock::new(), compressed: OnceLock::new() }
    }

    /// The same with a `Content-Security-Policy` of its own.
    pub(crate) fn with_policy(mut self, policy: HeaderValue) -> Self {
        self.headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        self
    }

    /// The headers of each answer.
    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The answer to a GET.
    pub(crate) async fn answer(&self, request: &HeaderMap) -> Response {
        let is_compressed = prefers_gzip(request);
        let [plain, gzip] = self.etags();
        let etag = if is_compressed { gzip } else { plain };
        let mut headers = self.headers.clone();
        if is_known(request, etag) {
            headers.insert(header::ETAG, etag.clone());
            return with_headers(empty(StatusCode::NOT_MODIFIED), headers);
        }
        let compressed = if is_compressed { self.compressed().await } else { None };
        headers.insert(header::CONTENT_TYPE, self.content_type.clone());
        let (bytes, etag) = match compressed {
            Some(bytes) => {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
                (bytes, gzip)
            }
            None => (self.bytes.clone(), plain),
        };
        headers.insert(header::ETAG, etag.clone());
        headers.insert(header::CONTENT_LENGTH, bytes.len().into());
        with_headers(Response::new(bytes.into()), headers)
    }

    /// Strong, and so one for each coding.
    fn etags(&self) -> &[HeaderValue; 2] {
        self.etags.get_or_init(|| {
            let hash = Sha256::digest(&self.bytes);
            let hash: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            ["", "-gzip"].map(|coding| {
                HeaderValue::try_from(format!("\"{hash}{coding}\"")).unwrap_or(HeaderValue::from_static("\"\""))
            })
        })
    }

    /// `None` if the server is about to end.
    async fn compressed(&self) -> Option<Bytes> {
        let compressed = self.compressed.get_or_init(|| {
            let bytes = self.bytes.clone();
            // It takes tens of milliseconds.
            let compressing = tokio::task::spawn_blocking(move || gzip(&bytes));
            compressing.map(|compressed| compressed.ok().flatten()).boxed().shared()
        });
        compressed.clone().await
    }
}

/// Sends a reader to another path.
pub(crate) fn redirect(path: &'static str) -> Response {
    let mut headers = with_safe(&[]);
    headers.insert(header::LOCATION, HeaderValue::from_static(path));
    with_headers(empty(StatusCode::TEMPORARY_REDIRECT), headers)
}

fn with_headers(mut response: Response, headers: HeaderMap) -> Response {
    *response.headers_mut() = headers;
    response
}

fn with_safe(headers: Headers) -> HeaderMap {
    let headers = SAFE.iter().chain(headers);
    headers.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
}

fn gzip(bytes: &[u8]) -> Option<Bytes> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().map(Bytes::from)
}

/// Whether the caller has this already, according to `If-None-Match`. The comparison is the weak one, as RFC 9110 says.
fn is_known(request: &HeaderMap, etag: &HeaderValue) -> bool {
    // No tag of ours has a comma, so a tag that has one is none of ours, whole or in parts.
    list(request, header::IF_NONE_MATCH).any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

/// Whether the caller takes gzip, and not less gladly than no coding, according to `Accept-Encoding`. Who takes neither gets
/// no coding, as RFC 9110 allows.
fn prefers_gzip(request: &HeaderMap) -> bool {
    let (mut gzip, mut identity, mut any) = (None, None, None);
    for item in list(request, header::ACCEPT_ENCODING) {
        let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
        let coding = coding.trim();
        let quality = match coding {
            _ if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") => &mut gzip,
            _ if coding.eq_ignore_ascii_case("identity") => &mut identity,
            "*" => &mut any,
            _ => continue,
        };
        quality.get_or_insert(quality_of(parameters));
    }
    let gzip = gzip.or(any).unwrap_or(0.0);
    gzip > 0.0 && gzip >= identity.or(any).unwrap_or(0.0)
}

/// The quality that the parameters of a coding say: 1 if they say nothing, and 0 if it is none.
fn quality_of(parameters: &str) -> f32 {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return 1.0;
    }
    let value = parameters.split_once('=').filter(|(name, _)| name.trim_end().eq_ignore_ascii_case("q"));
    let quality = value.and_then(|(_, value)| value.trim_start().parse().ok());
    quality.filter(|quality| (0.0..=1.0).contains(quality)).unwrap_or(0.0)
}

/// The items of a header that is a list, on however many lines.
fn list(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    fn headers(name: &HeaderName, lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (name.clone(), HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn gzip_is_chosen_as_accept_encoding_says() {
        for (lines, expected) in [
            (&[][..], false),
            (&[""], false),
            (&["gzip"], true),
            (&["GZip"], true),
            (&["x-gzip"], true),
            (&["br, deflate"], false),
            (&["br", "deflate, gzip"], true),
            (&["*"], true),
            (&["*;q=0"], false),
            (&["gzip;q=0"], false),
            (&["gzip;q=0.000, *"], false),
            (&["gzip;q=0.001"], true),
            (&["gzip ; q = 0.5"], true),
            (&["gzip;Q=0.5, *;q=0"], true),
            (&["identity;q=0, *;q=0.1"], true),
            (&["identity;q=0"], false),
            (&["identity, gzip;q=0.5"], false),
            (&["identity;q=0.5, gzip;q=0.5"], true),
            (&["gzip;q=2"], false),
            (&["gzip;q=NaN"], false),
            (&["gzip;level=9"], false),
            (&["gzip;;;===,,;"], false),
            (&["gzippy"], false),
        ] {
            assert_eq!(prefers_gzip(&headers(&header::ACCEPT_ENCODING, lines)), expected, "{lines:?}");
        }
    }

    #[test]
    fn a_tag_is_known_if_if_none_match_lists_it() {
        let etag = HeaderValue::from_static("\"abc\"");
        for (lines, expected) in [
            (&[][..], false),
            (&["\"abc\""], true),
            (&["W/\"abc\""], true),
            (&["w/\"abc\""], false),
            (&["*"], true),
            (&["\"x\", W/\"y\" , \"abc\""], true),
            (&["\"x\"", "\"abc\""], true),
            (&["abc"], false),
            (&["\"abc"], false),
            (&["\"abcd\""], false),
            (&["\"*\""], false),
            (&[""], false),
        ] {
            assert_eq!(is_known(&headers(&header::IF_NONE_MATCH, lines), &etag), expected, "{lines:?}");
        }
    }

    #[tokio::test]
    async fn what_is_compressed_is_the_file_and_shares_no_tag_with_it() {
        let text = "a text that repeats itself, ".repeat(1000);
        let file = StaticFile::new(Bytes::from(text.clone()), "text/plain", &[]);
        let plain = file.answer(&HeaderMap::new()).await;
        let compressed = file.answer(&headers(&header::ACCEPT_ENCODING, &["gzip"])).await;
        assert_ne!(plain.headers()[header::ETAG], compressed.headers()[header::ETAG]);
        let body = compressed.into_body().collect().await.unwrap().to_bytes();
        assert!(body.len() < text.len() / 10);
        let decoded = std::io::read_to_string(flate2::read::GzDecoder::new(&*body)).unwrap();
        assert_eq!(decoded, text);
    }

    #[tokio::test]
    async fn a_file_is_compressed_once_though_nobody_waits_for_it() {
        let file = StaticFile::new(Bytes::from_static(b"text"), "text/plain", &[]);
        drop(file.compressed().now_or_never());
        let first = file.compressed().await.unwrap();
        let second = file.compressed().await.unwrap();
        assert_eq!(first.as_ptr(), second.as_ptr(), "it is shared, and not copied");
    }
}
