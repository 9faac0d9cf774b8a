//! Paths and methods that an endpoint does not have.

use freddy_types::{EncodedRequest, Endpoint, ErrorCode};

use super::{Answer, Case, Exchange, Level, Malformed, Target, anchor, changed, refusal};

/// Ways to spoil the segment of a path that a parameter fills.
#[derive(Clone, Copy)]
enum Spoiled {
    Instead(&'static str),
    AfterPrefix(&'static str),
    Before(&'static str),
    Behind(&'static str),
    UpperCase,
    OneTooLong,
    FarTooLong,
}
use Spoiled::{AfterPrefix, Before, Behind, FarTooLong, Instead, OneTooLong, UpperCase};

const FAR_TOO_LONG: usize = 4000;

/// Each with a name and a reason.
const SPOILED: &[(&str, Spoiled, &str)] = &[
    ("null", Instead("null"), "What a program writes for a missing value is no ID."),
    ("number", Instead("1"), "A number is no ID."),
    ("nothing-after-prefix", AfterPrefix(""), "A prefix alone is no ID."),
    ("text-before-prefix", Before("x"), "An ID begins with its prefix."),
    ("upper-case", UpperCase, "The prefix is written in lower case."),
    ("hyphen", Behind("-"), "An ID has letters and digits alone."),
    ("space-before", Before("%20"), "What stands around an ID is not cut off."),
    ("space-behind", Behind("%20"), "What stands around an ID is not cut off."),
    ("newline", Behind("%0A"), "In many languages `$` matches before a last line feed."),
    ("quote", Behind("%27"), "A quote gets no further than the check of the ID."),
    ("wildcard", AfterPrefix("%25"), "A wildcard of SQL is no ID."),
    ("letter-beyond-ascii", AfterPrefix("%C3%A4"), "The letters of an ID are those of ASCII."),
    ("digit-beyond-ascii", AfterPrefix("%D9%A3"), "In many languages `\\d` and `\\w` match it."),
    ("one-too-long", OneTooLong, "An ID has a greatest length."),
    ("far-too-long", FarTooLong, "An ID that is far too long is refused in the envelope."),
];

/// The same where a framework may find no route before the endpoint is asked.
const UNROUTED: &[(&str, Spoiled, &str)] = &[
    ("nul", Behind("%00"), "A NUL ends no text."),
    ("not-utf-8", AfterPrefix("%FF"), "Bytes that are no UTF-8 are refused in the envelope."),
    ("broken-escape", Behind("%zz"), "A broken escape is refused in the envelope."),
    ("encoded-slash", Behind("%2Fx"), "An encoded slash makes no valid ID."),
    ("dots", Instead(".."), "Two dots are no ID, and lead nowhere else."),
    ("encoded-dots", Instead("%2e%2e"), "Two dots are no ID, and lead nowhere else."),
];

/// The request with its last path parameter spoiled in every way that the type refuses.
pub(super) fn malformed<E: Endpoint>(valid: &EncodedRequest) -> Vec<Malformed> {
    let is_parameter = |(_, segment): &(usize, &str)| segment.starts_with('{');
    let Some((at, _)) = E::PATH.as_str().split('/').enumerate().filter(is_parameter).last() else { return Vec::new() };
    let segments: Vec<&str> = valid.path.split('/').collect();
    let Some(segment) = segments.get(at) else { return Vec::new() };
    let prefix = segment.find('_').and_then(|end| segment.get(..=end)).unwrap_or_default();
    let with = |segment: &str| {
        let before_and_behind = (segments.iter().take(at), segments.iter().skip(at + 1));
        let all: Vec<&str> =
            before_and_behind.0.copied().chain([segment]).chain(before_and_behind.1.copied()).collect();
        changed(valid, |request| request.path = all.join("/"))
    };
    let longer = |length| with(&format!("{prefix}{}", "a".repeat(length)));
    let rows = SPOILED.iter().map(|row| (row, false)).chain(UNROUTED.iter().map(|row| (row, true)));
    let rows = rows.filter_map(|((name, spoiled, why), is_unrouted)| {
        let request = match spoiled {
            Instead(text) => with(text),
            AfterPrefix(text) => with(&format!("{prefix}{text}")),
            Before(text) => with(&format!("{text}{segment}")),
            Behind(text) => with(&format!("{segment}{text}")),
            UpperCase => with(&segment.to_uppercase()),
            OneTooLong => (1..FAR_TOO_LONG).map(longer).find(|request| refusal::<E>(request).is_some())?,
            FarTooLong => longer(FAR_TOO_LONG),
        };
        // What the type takes is not malformed.
        let mut codes = vec![refusal::<E>(&request)?];
        if is_unrouted {
            codes.push(ErrorCode::NotFound);
        }
        codes.dedup();
        let or = matches!(spoiled, FarTooLong).then_some(414);
        Some(Malformed { name: format!("malformed-id-{name}"), why: (*why).to_owned(), request, codes, or })
    });
    rows.collect()
}

pub(super) fn unknown(target: &Target) -> Vec<Exchange> {
    let path = &target.request.path;
    let version = path.split('/').nth(1).unwrap_or_default();
    let below = path.split_once(version).map_or("", |(_, below)| below);
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let rows = [
        ("root", Level::Must, "/no-such-path".to_owned(), "A path that does not exist is answered in the envelope."),
        (
            "beside",
            Level::Must,
            format!("/{version}/no-such-path"),
            "A path beside the endpoints is answered in the envelope, not by the framework's own page.",
        ),
        ("below", Level::Must, format!("{path}/no-such-path"), "A path below that of an endpoint is another path."),
        (
            "slash-behind",
            Level::Should,
            format!("{path}/"),
            "A slash behind makes another path. Many clients lose the method or the key in a redirect.",
        ),
        ("without-id", Level::Should, format!("{folder}/"), "Without its ID the path is not the endpoint's."),
        (
            "two-slashes",
            Level::Should,
            format!("/{version}/{below}"),
            "An empty segment makes another path, which a proxy's rules may not know.",
        ),
        (
            "upper-case",
            Level::Should,
            format!("/{}{below}", version.to_uppercase()),
            "Paths distinguish upper and lower case.",
        ),
        (
            "encoded-dots",
            Level::May,
            format!("/{version}/no-such-path/%2e%2e{below}"),
            "Encoded dots make another path, which a proxy's rules may not know.",
        ),
    ];
    let rows = rows.into_iter().filter(|(_, _, unknown, _)| !target.is_known(unknown));
    let exchanges = rows.map(|(name, level, unknown, why)| {
        let request = changed(&target.request, |request| request.path = unknown);
        let case = Case::new(level, format!("unknown-path-{name}"), why);
        target.exchange(case, target.message(&request), vec![Answer::error(ErrorCode::NotFound)])
    });
    exchanges.map(|exchange| exchange.see(anchor("Error codes"))).collect()
}

pub(super) fn methods(target: &Target) -> Vec<Exchange> {
    // To the rare ones, not every framework lets a program say something.
    let rare = ["QUERY", "TRACE", "PROPFIND", "UNKNOWN"];
    let rows = ["GET", "POST", "PUT", "PATCH", "DELETE"].into_iter().chain(rare);
    let exchanges = rows.filter(|method| !target.takes(method)).map(|method| {
        let is_rare = rare.contains(&method);
        let level = if is_rare { Level::May } else { Level::Must };
        let why = "A method that the path does not take is answered in the envelope, and does nothing.";
        let case = Case::new(level, format!("wrong-method-{}", method.to_lowercase()), why);
        let request = target.message_with(method, &target.request.target(), target.credential(), &target.request);
        let mut answers = vec![Answer::error(ErrorCode::MethodNotAllowed)];
        if is_rare {
            answers.extend([400, 501].map(Answer::status));
        }
        target.exchange(case, request, answers)
    });
    exchanges.map(|exchange| exchange.see(anchor("Error codes"))).collect()
}
