//! HTTP that is rare, and HTTP that is wrong.

use freddy_types::{ErrorCode, headers};

use super::super::bytes::Bytes;
use super::{Answer, Case, Exchange, Level, Request, Target, anchor};

pub(super) fn exchanges(target: &Target) -> Vec<Exchange> {
    let mut exchanges = bodies(target);
    let unknown_query = format!("{}?no_such_parameter=1", target.request.path);
    if target.request.query.is_empty() {
        let case = Case::new(Level::Should, "query-unknown", "A parameter that the endpoint does not have is ignored.");
        let request = target.message_with(target.method.as_str(), &unknown_query, target.credential(), &target.request);
        exchanges.push(target.exchange(case, request, vec![target.success.clone()]));
    }
    exchanges.extend(odd(target));
    exchanges
}

/// Bodies that nobody asked for, where the endpoint takes none.
fn bodies(target: &Target) -> Vec<Exchange> {
    if target.request.body.is_some() {
        return Vec::new();
    }
    let rows = [
        ("empty-json", Bytes::new("{}"), "A body where none is asked for is no reason to fail."),
        ("broken-json", Bytes::new("{"), "What a framework's body parser finds is answered in the envelope."),
        ("deep-json", Bytes::default().and_repeated("[", 4000), "A body that goes deep is no reason to fail."),
        ("large", Bytes::default().and_repeated("x", HUGE), "A body that is too large is refused in the envelope."),
    ];
    let exchanges = rows.into_iter().map(|(name, content, why)| {
        let mut request = target.message(&target.request);
        if let Request::Message { headers, body, .. } = &mut request {
            headers.push((headers::CONTENT_TYPE.to_owned(), headers::JSON.to_owned()));
            *body = Some(content);
        }
        let mut answers = vec![target.success.clone(), Answer::error(ErrorCode::ValidationError)];
        if name == "large" {
            answers.push(Answer::error(ErrorCode::PayloadTooLarge));
        }
        let case = Case::new(Level::Must, format!("body-unasked-{name}"), why);
        let exchange = target.exchange(case, request, answers).see(anchor("Error codes"));
        // Who closes while much is still being sent often loses the answer.
        if name == "large" { exchange.or_closed() } else { exchange }
    });
    exchanges.collect()
}

/// More than a server reads of a line or a body that nobody asked for.
const HUGE: usize = 1 << 20;

/// How much it matters, its name and why, the bytes, the statuses that are allowed, and whether the connection may be closed.
type Row = (Level, &'static str, &'static str, Bytes, Vec<u16>, bool);

/// The request as bytes: rare, but right; or wrong.
fn odd(target: &Target) -> Vec<Exchange> {
    if target.request.body.is_some() {
        return Vec::new();
    }
    let (method, path) = (target.method.as_str(), target.request.target());
    let declared: String = target.request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let credential: String = target.credential().iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let key_name = target.auth.first().map_or(headers::X_API_KEY, |scheme| scheme.header());
    let key_value = target.credential().map(|(_, value)| value).unwrap_or_default();
    let lines = format!("{declared}{credential}");
    let host = "Host: localhost\r\n";
    let success = [target.success.status];
    let bad = [400];
    let mut rows: Vec<Row> = Vec::new();
    let mut push = |level, name, why, bytes, statuses: &[u16], may_close| {
        rows.push((level, name, why, bytes, statuses.to_vec(), may_close));
    };
    let either = [success.as_slice(), &bad].concat();

    let why = "A body may come in chunks.";
    let chunked = format!("{method} {path} HTTP/1.1\r\n{host}{lines}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
    push(Level::Should, "odd-chunked", why, Bytes::new(chunked), &success, false);
    let why = "HTTP/1.0 is answered like HTTP/1.1.";
    push(
        Level::May,
        "odd-http-1-0",
        why,
        Bytes::new(format!("{method} {path} HTTP/1.0\r\n{host}{lines}\r\n")),
        &success,
        false,
    );
    let why = "The target may be a whole URL (RFC 9112, section 3.2.2).";
    let absolute = format!("{method} http://localhost{path} HTTP/1.1\r\n{host}{lines}\r\n");
    push(Level::May, "odd-whole-url", why, Bytes::new(absolute), &success, false);
    let why = "Space around a value is no part of it (RFC 9112, section 5).";
    let spaced = format!("{method} {path} HTTP/1.1\r\n{host}{declared}{key_name}: \t {key_value} \t \r\n\r\n");
    push(Level::Should, "odd-space-around-value", why, Bytes::new(spaced), &success, false);

    let why = "Methods distinguish upper and lower case.";
    let lower = format!("{} {path} HTTP/1.1\r\n{host}{lines}\r\n", method.to_lowercase());
    push(Level::Should, "odd-lower-case-method", why, Bytes::new(lower), &[400, 404, 405, 501], true);
    let why = "A request without a host is refused (RFC 9112, section 3.2).";
    push(Level::May, "odd-no-host", why, Bytes::new(format!("{method} {path} HTTP/1.1\r\n{lines}\r\n")), &bad, true);
    let why = "A request with two hosts is refused (RFC 9112, section 3.2).";
    let hosts = format!("{method} {path} HTTP/1.1\r\n{host}Host: example.com\r\n{lines}\r\n");
    push(Level::May, "odd-two-hosts", why, Bytes::new(hosts), &bad, true);
    let why = "Two lengths are two opinions on where the next request begins.";
    let lengths = format!("{method} {path} HTTP/1.1\r\n{host}{lines}Content-Length: 0\r\nContent-Length: 5\r\n\r\n");
    push(Level::Should, "odd-two-lengths", why, Bytes::new(lengths), &bad, true);
    let why = "A length is a number.";
    let length = format!("{method} {path} HTTP/1.1\r\n{host}{lines}Content-Length: -1\r\n\r\n");
    push(Level::Should, "odd-negative-length", why, Bytes::new(length), &bad, true);
    let why = "A space before the colon is refused: a proxy may read another name (RFC 9112, section 5.1).";
    let space = format!("{method} {path} HTTP/1.1\r\n{host}{declared}{key_name} : {key_value}\r\n\r\n");
    push(Level::Should, "odd-space-before-colon", why, Bytes::new(space), &bad, true);
    let why = "A NUL in a header is refused.";
    let nul = format!("{method} {path} HTTP/1.1\r\n{host}{lines}X-Odd: \0\r\n\r\n");
    push(Level::Should, "odd-nul-in-header", why, Bytes::new(nul), &bad, true);
    let why = "What is no HTTP is refused or hung up on.";
    push(Level::Should, "odd-no-http", why, Bytes::new("HELLO\r\n\r\n"), &bad, true);
    let why = "A version that nobody knows is refused or hung up on.";
    let version = format!("{method} {path} HTTP/9.9\r\n{host}{lines}\r\n");
    push(Level::May, "odd-unknown-version", why, Bytes::new(version), &[400, 505], true);
    let why = "A chunk that is none is refused, where the body is read.";
    let chunk = format!("{method} {path} HTTP/1.1\r\n{host}{lines}Transfer-Encoding: chunked\r\n\r\nzz\r\n");
    push(Level::Should, "odd-broken-chunk", why, Bytes::new(chunk), &either, true);
    let why = "A header that is far too long is refused.";
    let head = format!("{method} {path} HTTP/1.1\r\n{host}{lines}X-Odd: ");
    let long = Bytes::new(head).and_repeated("x", HUGE).and("\r\n\r\n");
    push(Level::Should, "odd-huge-header", why, long, &[400, 413, 431], true);
    let why = "A path that is far too long is refused.";
    let long = Bytes::new(format!("{method} {path}"));
    let long = long.and_repeated("x", HUGE).and(format!(" HTTP/1.1\r\n{host}{lines}\r\n"));
    push(Level::Should, "odd-huge-path", why, long, &[400, 404, 413, 414, 431], true);

    let exchanges = rows.into_iter().map(|(level, name, why, bytes, statuses, may_close)| {
        let answers = statuses.into_iter().map(Answer::status).collect();
        let exchange = target.exchange(Case::new(level, name, why), Request::Bytes { bytes }, answers);
        if may_close { exchange.or_closed() } else { exchange }
    });
    exchanges.collect()
}
