//! Every form of a credential.

use freddy_types::{AuthScheme, ErrorCode};

use super::names::{CUT_KEY, ELSES_KEY, KEY, REVOKED_KEY};
use super::{Answer, Case, Exchange, Level, Target, anchor, reference_of, with_key};

type Headers = Vec<(String, String)>;

/// What is said of a key: the end of a name, why, how much it matters, and what is sent.
type Row = (Level, String, &'static str, Headers);

pub(super) fn exchanges(target: &Target) -> Vec<Exchange> {
    let taken = taken(target.auth).into_iter().map(|row| (row, target.success.clone(), anchor("Authentication")));
    let unauthorized = || (Answer::error(ErrorCode::Unauthorized), reference_of(ErrorCode::Unauthorized));
    let refused = refused(target.auth).into_iter().map(|row| {
        let (answer, reference) = unauthorized();
        (row, answer, reference)
    });
    let exchanges = taken.chain(refused).map(|((level, name, why, headers), answer, reference)| {
        let request = target.message_with(target.method.as_str(), &target.request.target(), headers, &target.request);
        let is_huge = name.ends_with("-huge");
        let case = Case::new(level, format!("credential-{name}"), why);
        // Who reads no headers as long as that does not get to the key (RFC 6585, section 5).
        let too_large = is_huge.then(|| Answer::other_error(431));
        let exchange = target.exchange(case, request, [answer].into_iter().chain(too_large).collect()).see(reference);
        if is_huge { exchange.or_closed() } else { exchange }
    });
    let mut exchanges: Vec<_> = exchanges.collect();
    let separator = if target.request.query.is_empty() { '?' } else { '&' };
    let in_query = format!("{}{separator}api_key={KEY}&access_token={KEY}", target.request.target());
    let case = Case::new(Level::Must, "credential-in-query", "A query ends up in logs, so no key is read from it.");
    let request = target.message_with(target.method.as_str(), &in_query, [], &target.request);
    let (answer, reference) = unauthorized();
    exchanges.push(target.exchange(case, request, vec![answer]).see(reference));
    exchanges
}

pub(super) fn word(scheme: AuthScheme) -> &'static str {
    match scheme {
        AuthScheme::ApiKey => "api-key",
        AuthScheme::Bearer => "bearer",
        _ => scheme.name(),
    }
}

fn header(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

fn taken(schemes: &[AuthScheme]) -> Vec<Row> {
    let mut rows = Vec::new();
    for scheme in schemes.iter().copied() {
        let ((name, value), word) = (with_key(scheme, KEY), word(scheme));
        let mut row = |level, end, why, line| rows.push((level, format!("{word}{end}"), why, vec![line]));
        row(Level::Must, "", "Each way to authenticate is enough alone.", header(&name, &*value));
        let any_case = "Names of headers do not distinguish upper and lower case.";
        row(Level::Must, "-name-in-upper-case", any_case, header(&name.to_uppercase(), &*value));
        if !scheme.prefix().is_empty() {
            let any_case = "Names of schemes do not distinguish upper and lower case (RFC 9110, section 11.1).";
            row(
                Level::Must,
                "-in-lower-case",
                any_case,
                header(&name, format!("{}{KEY}", scheme.prefix().to_lowercase())),
            );
            row(
                Level::Must,
                "-in-upper-case",
                any_case,
                header(&name, format!("{}{KEY}", scheme.prefix().to_uppercase())),
            );
        }
    }
    if schemes.len() > 1 {
        let all = schemes.iter().map(|scheme| with_key(*scheme, KEY)).collect();
        rows.push((Level::Should, "twice-the-same".into(), "The same key in every way is one key.", all));
    }
    rows
}

fn refused(schemes: &[AuthScheme]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut row = |level, name: String, why, headers| rows.push((level, name, why, headers));
    row(Level::Must, "none".into(), "Without a key nobody disconnects anything.", vec![]);
    row(
        Level::Must,
        "in-cookie".into(),
        "No key is read from a cookie, which browsers send unasked.",
        vec![header("Cookie", format!("api_key={KEY}; access_token={KEY}"))],
    );
    for scheme in schemes.iter().copied() {
        let (name, prefix, word) = (scheme.header(), scheme.prefix(), word(scheme));
        for (end, value, why) in [
            ("empty", String::new(), "An empty header is no key."),
            ("blank", " ".to_owned(), "A blank header is no key."),
            ("wrong", format!("{prefix}sk_nobody"), "A key that does not exist is refused."),
            ("cut", format!("{prefix}{CUT_KEY}"), "A key without its last character is another key."),
            ("longer", format!("{prefix}{KEY}0"), "A key with one more character is another key."),
            ("of-two-lines", format!("{prefix}{KEY}, {prefix}{ELSES_KEY}"), "A list of keys is no key."),
            ("quoted", format!("{prefix}\"{KEY}\""), "A key is not quoted."),
            ("beyond-ascii", format!("{prefix}schlüssel"), "Bytes beyond ASCII are no key, and no reason to fail."),
            ("wildcard", format!("{prefix}%"), "A key is compared, not matched with a pattern."),
            ("huge", format!("{prefix}{}", "k".repeat(6000)), "A key that is far too long is refused in the envelope."),
        ] {
            row(Level::Must, format!("{word}-{end}"), why, vec![header(name, value)]);
        }
        if prefix.is_empty() {
            let value = format!("{}{KEY}", AuthScheme::Bearer.prefix());
            row(
                Level::Must,
                format!("{word}-with-scheme"),
                "This header has the key as it is.",
                vec![header(name, value)],
            );
        } else {
            let without = "Without its scheme a credential says nothing.";
            row(Level::Must, format!("{word}-without-scheme"), without, vec![header(name, KEY)]);
            row(
                Level::Must,
                format!("{word}-alone"),
                "A scheme without a key is no key.",
                vec![header(name, prefix.trim())],
            );
            for other in ["Basic", "Token", "ApiKey"] {
                let why = "A key counts in the documented schemes alone.";
                row(
                    Level::Must,
                    format!("{}-scheme", other.to_lowercase()),
                    why,
                    vec![header(name, format!("{other} {KEY}"))],
                );
            }
        }
        let revoked = "A key that was revoked or has expired is refused like one that never was.";
        row(Level::Must, format!("{word}-revoked"), revoked, vec![with_key(scheme, REVOKED_KEY)]);
        let different = vec![with_key(scheme, KEY), with_key(scheme, ELSES_KEY)];
        let why = "Of two keys nobody knows which one a proxy has checked.";
        row(Level::May, format!("{word}-two-lines"), why, different);
    }
    if let [first, second, ..] = schemes {
        for (name, one, other) in [("first-wrong", "sk_nobody", KEY), ("second-wrong", KEY, "sk_nobody")] {
            let why = "Of two different keys nobody knows which one a proxy has checked.";
            row(Level::Should, format!("two-{name}"), why, vec![with_key(*first, one), with_key(*second, other)]);
        }
    }
    rows
}
