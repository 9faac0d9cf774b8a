//! HTTP that is rare, and HTTP that is wrong.

use freddy_types::{ErrorCode, headers};

use super::super::bytes::Bytes;
use super::{Answer, Case, Exchange, Level, Request, Target, anchor, changed, reference_of};

pub(super) fn exchanges(target: &Target) -> Vec<Exchange> {
    let mut exchanges = bodies(target);
    let unknown_query = format!("{}?no_such_parameter=1", target.request.path);
    if target.request.query.is_empty() {
        let case = Case::new(Level::Should, "query-unknown", "A parameter that the endpoint does not have is ignored.");
        let request = target.message_with(target.method.as_str(), &unknown_query, target.credential(), &target.request);
        exchanges.push(target.exchange(case, request, vec![target.success.clone()]));
        let broken = format!("{}?no_such_parameter=%zz&%ff=%", target.request.path);
        let case = Case::new(
            Level::Should,
            "query-broken-escape",
            "A broken escape in a query is ignored, or answered in the envelope.",
        );
        let request = target.message_with(target.method.as_str(), &broken, target.credential(), &target.request);
        let refused = [ErrorCode::ValidationError, ErrorCode::NotFound].map(Answer::error);
        exchanges.push(target.exchange(case, request, [target.success.clone()].into_iter().chain(refused).collect()));
    }
    exchanges.extend(asking_for_html(target));
    exchanges.extend(asking_for_more(target));
    exchanges.extend(odd(target));
    exchanges
}

/// What a browser asks for: frameworks have an error page for it.
fn asking_for_html(target: &Target) -> Vec<Exchange> {
    let unknown = changed(&target.request, |request| request.path = "/no-such-path".to_owned());
    let rows = [
        ("without-key", ErrorCode::Unauthorized, None, &target.request),
        ("unknown-path", ErrorCode::NotFound, target.credential(), &unknown),
    ];
    let exchanges = rows.into_iter().map(|(name, code, credential, request)| {
        let mut message = target.message_with(target.method.as_str(), &request.target(), credential, request);
        if let Request::Message { headers, .. } = &mut message {
            headers.push(("Accept".to_owned(), "text/html, application/xhtml+xml, */*;q=0.1".to_owned()));
        }
        let why = "An error has the envelope whatever the client accepts, and no page for people.";
        let case = Case::new(Level::Must, format!("accept-html-{name}"), why);
        target.exchange(case, message, vec![Answer::error(code)]).see(reference_of(code))
    });
    exchanges.collect()
}

/// What HTTP lets a client ask for beside what a method does.
fn asking_for_more(target: &Target) -> Vec<Exchange> {
    let (method, path) = (target.method.as_str(), target.request.target());
    let message = |method: &str, path: &str, more: &[(&str, &str)]| {
        let mut message = target.message_with(method, path, target.credential(), &target.request);
        if let Request::Message { headers, .. } = &mut message {
            headers.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        }
        message
    };
    let mut exchanges = Vec::new();
    if !target.takes("POST") && target.request.query.is_empty() {
        let why =
            "No header and no parameter makes another method of POST: a proxy's rules know the one that was sent.";
        let others = ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"].map(|name| (name, method));
        let request = message("POST", &format!("{path}?_method={method}"), &others);
        let case = Case::new(Level::Must, "wrong-method-overridden", why);
        let answers = vec![Answer::error(ErrorCode::MethodNotAllowed)];
        exchanges.push(target.exchange(case, request, answers).see(anchor("Error codes")));
    }
    let why = "A protocol that the server does not speak is not changed to (RFC 9110, section 7.8).";
    let upgrade = message(method, &path, &[("Connection", "Upgrade"), ("Upgrade", "no-such-protocol")]);
    let case = Case::new(Level::Should, "odd-upgrade", why);
    exchanges.push(target.exchange(case, upgrade, vec![target.success.clone()]));
    let why = "What nobody can expect is ignored or refused (RFC 9110, section 10.1.1).";
    let expect = message(method, &path, &[("Expect", "no-such-thing")]);
    let refused = vec![target.success.clone(), Answer::error(ErrorCode::ValidationError), Answer::status(417)];
    exchanges.push(target.exchange(Case::new(Level::May, "odd-unknown-expectation", why), expect, refused));
    let why = "OPTIONS may ask about the whole server (RFC 9110, section 9.3.7).";
    let star = message("OPTIONS", "*", &[]);
    let refused = [ErrorCode::ValidationError, ErrorCode::NotFound, ErrorCode::MethodNotAllowed].map(Answer::error);
    let answers = [200, 204].map(Answer::status).into_iter().chain(refused).collect();
    exchanges.push(target.exchange(Case::new(Level::May, "odd-options-of-server", why), star, answers));
    exchanges
}

/// Bodies that nobody asked for, where the endpoint takes none.
fn bodies(target: &Target) -> Vec<Exchange> {
    if target.request.body.is_some() {
        return Vec::new();
    }
    let json = headers::JSON;
    let parser = "What a framework's body parser finds is answered in the envelope.";
    let unknown_charset = format!("{json}; charset=no-such-charset");
    let rows = [
        ("empty-json", json, None, Bytes::new("{}"), "A body where none is asked for is ignored."),
        ("broken-json", json, None, Bytes::new("{"), parser),
        ("unknown-charset", &*unknown_charset, None, Bytes::new("{}"), parser),
        ("unknown-coding", json, Some("no-such-coding"), Bytes::new("{}"), parser),
        ("broken-gzip", json, Some("gzip"), Bytes::new("{}"), parser),
        ("broken-form", "multipart/form-data", None, Bytes::new("--"), parser),
        (
            "deep-json",
            json,
            None,
            Bytes::default().and_repeated("[", 4000),
            "A body that goes deep is ignored, or refused in the envelope.",
        ),
        (
            "large",
            json,
            None,
            Bytes::default().and_repeated("x", HUGE),
            "A body that is too large is refused in the envelope.",
        ),
    ];
    let exchanges = rows.into_iter().map(|(name, media_type, coding, content, why)| {
        let mut request = target.message(&target.request);
        if let Request::Message { headers, body, .. } = &mut request {
            headers.push((headers::CONTENT_TYPE.to_owned(), media_type.to_owned()));
            headers.extend(coding.map(|coding| ("Content-Encoding".to_owned(), coding.to_owned())));
            *body = Some(content);
        }
        let refused = || Answer::error(ErrorCode::ValidationError);
        let more = match name {
            "empty-json" => vec![],
            "large" => vec![refused(), Answer::error(ErrorCode::PayloadTooLarge)],
            // RFC 9110, sections 8.4 and 15.5.16.
            "unknown-charset" | "unknown-coding" => vec![refused(), Answer::other_error(415)],
            _ => vec![refused()],
        };
        let level = if more.is_empty() { Level::Should } else { Level::Must };
        let answers = [target.success.clone()].into_iter().chain(more).collect();
        let case = Case::new(level, format!("body-unasked-{name}"), why);
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
    let why = "HTTP/1.0 needs no host (RFC 9112, section 3.2).";
    let old = format!("{method} {path} HTTP/1.0\r\n{lines}\r\n");
    push(Level::May, "odd-http-1-0-without-host", why, Bytes::new(old), &success, false);
    let why = "An empty line before a request is ignored (RFC 9112, section 2.2).";
    let late = format!("\r\n{method} {path} HTTP/1.1\r\n{host}{lines}\r\n");
    push(Level::May, "odd-empty-line-before", why, Bytes::new(late), &success, false);
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
    let why = "A host that cannot be one is refused (RFC 9112, section 3.2).";
    let odd_host = format!("{method} {path} HTTP/1.1\r\nHost: local host\r\n{lines}\r\n");
    push(Level::May, "odd-invalid-host", why, Bytes::new(odd_host), &bad, true);
    let why = "A tunnel is not opened for anybody.";
    let tunnel = format!("CONNECT localhost:80 HTTP/1.1\r\n{host}{lines}\r\n");
    push(Level::May, "odd-connect", why, Bytes::new(tunnel), &[400, 404, 405, 501], true);
    let why = "A line may end without a carriage return, or not (RFC 9112, section 2.2).";
    let bare = format!("{method} {path} HTTP/1.1\r\n{host}{lines}\r\n").replace("\r\n", "\n");
    push(Level::May, "odd-line-feed-alone", why, Bytes::new(bare), &either, true);
    let unauthorized = [400, ErrorCode::Unauthorized.status()];
    let why = "A carriage return alone ends no line: a proxy reads other headers (RFC 9112, section 2.2).";
    let bare = format!("{method} {path} HTTP/1.1\r\n{host}{declared}X-Odd: odd\r{credential}\r\n");
    push(Level::Should, "odd-carriage-return-alone", why, Bytes::new(bare), &unauthorized, true);
    let why =
        "A line that begins with a space is none of its own: a proxy reads other headers (RFC 9112, section 5.2).";
    let folded = format!("{method} {path} HTTP/1.1\r\n{host}{declared}X-Odd: odd\r\n {credential}\r\n");
    push(Level::Should, "odd-folded-line", why, Bytes::new(folded), &unauthorized, true);
    let why = "Bytes that are no UTF-8 are no key, and no reason to fail.";
    let head = format!("{method} {path} HTTP/1.1\r\n{host}{declared}{key_name}: ");
    let bytes = Bytes::new(head).and(b"\xFF\xC3").and("\r\n\r\n");
    push(Level::Should, "odd-key-not-utf-8", why, bytes, &unauthorized, true);
    let why = "Bytes beyond ASCII are no part of a target (RFC 3986, section 2), and no reason to fail.";
    let bytes = Bytes::new(format!("{method} {path}")).and(b"\xFF\xC3");
    let bytes = bytes.and(format!(" HTTP/1.1\r\n{host}{lines}\r\n"));
    push(Level::Should, "odd-target-not-ascii", why, bytes, &[400, 404], true);
    let why = "The same length twice is one length, or refused (RFC 9112, section 6.3).";
    let lengths = format!("{method} {path} HTTP/1.1\r\n{host}{lines}Content-Length: 0\r\nContent-Length: 0\r\n\r\n");
    push(Level::May, "odd-same-length-twice", why, Bytes::new(lengths), &either, true);
    let why = "A body in a coding that nobody knows ends nowhere (RFC 9112, section 6.1).";
    let coding = format!("{method} {path} HTTP/1.1\r\n{host}{lines}Transfer-Encoding: no-such-coding\r\n\r\n");
    push(Level::May, "odd-unknown-coding", why, Bytes::new(coding), &[400, 411, 501], true);
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
    let why = "Very many headers are refused, or read.";
    let many = Bytes::new(format!("{method} {path} HTTP/1.1\r\n{host}{lines}")).and_repeated("X-Odd: 1\r\n", 20_000);
    let statuses = [success.as_slice(), &[400, 413, 431]].concat();
    push(Level::May, "odd-many-headers", why, many.and("\r\n"), &statuses, true);
    let why = "A path that is far too long is refused.";
    let long = Bytes::new(format!("{method} {path}"));
    let long = long.and_repeated("x", HUGE).and(format!(" HTTP/1.1\r\n{host}{lines}\r\n"));
    push(Level::Should, "odd-huge-path", why, long, &[400, 404, 413, 414, 431], true);

    let exchanges = rows.into_iter().map(|(level, name, why, bytes, statuses, may_close)| {
        let answers = statuses.into_iter().map(Answer::status).collect();
        let exchange = target.exchange(Case::new(level, name, why), Request::Bytes { bytes }, answers);
        // What no server may hang up on is rare, and right; but for an empty line before, which is forgiven at best.
        let exchange = Exchange { is_http: !may_close && name != "odd-empty-line-before", ..exchange };
        if may_close { exchange.or_closed() } else { exchange }
    });
    exchanges.collect()
}
