//! Reads failed responses that are nearly those of the published cases, millions of them, and holds each to its promises:
//!
//! ```sh
//! cargo run --release -p freddy-contract-tests --example mutate -- 10000000
//! cargo run --release -p freddy-contract-tests --example mutate -- 10000000 --seed 7
//! cargo run --release -p freddy-contract-tests --example mutate -- --seconds 60
//! cargo run --release -p freddy-contract-tests --example mutate -- 1 --seed 7 --from 123456
//! ```
//!
//! An input that breaks a promise is printed with the command that makes it again, and the exit code is 1. What it tries
//! depends on the seed alone; each input has a number, from which it is made.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test that is a program")]

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use allocation_counter::measure;
use freddy_types::{ErrorBody, ErrorResponse, Repair};

#[path = "../it/promises.rs"]
mod promises;

#[derive(Clone, Debug)]
struct Raw {
    status: u16,
    headers: Vec<(String, Vec<u8>)>,
    body: Vec<u8>,
}

/// The generator `SplitMix64`: what comes after a seed is the same everywhere.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    fn pick<'a, T: ?Sized>(&mut self, list: &[&'a T]) -> &'a T {
        list[self.below(list.len())]
    }
}

/// What means something somewhere in a body or a header.
const TOKENS: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b":",
    b",",
    b"\0",
    b"\xFF",
    b"\xC3",
    b"\xF0\x9F\x98",
    b"\xEF\xBB\xBF",
    b"\n",
    b"\\ud800",
    b"\\udc00",
    b"\\ud83d\\ude00",
    b"\\u",
    b"\\x",
    b"null",
    b"true",
    b"NaN",
    b"None",
    b"-1",
    b"0",
    b"1e999",
    b"86401",
    b"1763029860",
    b"\"detail\":",
    b"\"detail\":{",
    b"\"error\":{",
    b"\"errors\":[",
    b"\"message\":",
    b"\"message\":null,",
    b"\"code\":",
    b"\"code\":88,",
    b"\"details\":null,",
    b"\"details\":{",
    b"\"retry_after\":",
    b"\"reset_at\":",
    b"\"meta\":{",
    b"\"status\":",
    b"\"title\":\"t\",",
    b")]}'",
    b"<!-- x -->",
    b"</",
    b"60, 120",
    b"Thu, 13 Nov 2025 10:31:00 GMT",
    b"Thursday, 13-Nov-25 10:31:00 GMT",
    b"2025-11-13T10:31:00Z",
    b"+0000",
    b" ",
];

const HEADERS: &[&str] = &[
    "Retry-After",
    "retry-after",
    "Date",
    "X-Request-Id",
    "X-RateLimit-Reset",
    "X-RateLimit-Remaining",
    "X-RateLimit-Retry-After",
];

const STATUSES: &[u16] = &[400, 401, 403, 404, 408, 422, 425, 429, 500, 501, 502, 503, 504, 511, 522, 599, 200, 0, 999];

fn mutate_bytes(bytes: &mut Vec<u8>, other: &[u8], random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    let range = {
        let len = random.below((bytes.len() - at).min(64) + 1);
        at..at + len
    };
    match random.below(12) {
        0..=2 if at < bytes.len() => bytes[at] ^= 1 << random.below(8),
        3 if at < bytes.len() => bytes[at] = random.next() as u8,
        4 => bytes.insert(at, random.next() as u8),
        5..=7 => drop(bytes.splice(at..at, random.pick(TOKENS).iter().copied())),
        8 => drop(bytes.drain(range)),
        9 => {
            let copy = bytes[range].to_vec();
            let to = random.below(bytes.len() + 1);
            let times = if random.below(64) == 0 { 200 } else { 1 };
            bytes.splice(to..to, copy.repeat(times));
        }
        10 => bytes.truncate(at),
        _ => {
            let from = random.below(other.len() + 1);
            let until = from + random.below(other.len() - from + 1);
            bytes.splice(at..at, other[from..until].iter().copied());
        }
    }
}

fn mutate(raw: &mut Raw, other: &Raw, random: &mut Random) {
    match random.below(16) {
        0 => raw.status = STATUSES[random.below(STATUSES.len())],
        1 => raw.headers.push((random.pick(HEADERS).to_owned(), random.pick(TOKENS).to_vec())),
        2 => raw.headers.extend(other.headers.clone()),
        3 | 4 if !raw.headers.is_empty() => {
            let at = random.below(raw.headers.len());
            mutate_bytes(&mut raw.headers[at].1, random.pick(TOKENS), random);
        }
        5 => raw.body = [b"{\"detail\":", &*raw.body, b"}"].concat(),
        _ => mutate_bytes(&mut raw.body, &other.body, random),
    }
}

/// What is read of a response but for where it was found.
#[derive(Debug, PartialEq)]
struct Read(Vec<Option<String>>);

impl Read {
    fn of(response: &ErrorResponse, with_details: bool) -> Self {
        let texts = [
            response.code_str(),
            response.error_type_str(),
            response.message(),
            response.system_message(),
            response.request_id(),
            response.details_json().filter(|_| with_details),
        ];
        let mut read: Vec<_> = texts.map(|text| text.map(str::to_owned)).to_vec();
        read.push(response.timestamp().map(ToString::to_string));
        read.push(response.retry_after().map(|wait| format!("{wait:?}")));
        Self(read)
    }
}

/// Reads a response and checks all that holds for any.
fn check(raw: &Raw) -> Result<ErrorResponse, String> {
    let mut response = None;
    let cost = measure(|| response = Some(ErrorResponse::decode(raw.status, &raw.headers, &raw.body)));
    let response = response.expect("`measure` calls it");
    promises::check(&response, raw.status)?;
    let len = raw.body.len() + raw.headers.iter().map(|(_, value)| value.len()).sum::<usize>();
    // Some hundred for an object of nothing but short names, and some thousand for what is small.
    let most = 16_384 + 400 * len as u64;
    if cost.bytes_total > most {
        return Err(format!("{} bytes of memory for {len} bytes", cost.bytes_total));
    }
    Ok(response)
}

/// Checks that an edit elsewhere changes nothing of a body that is an object.
fn check_edits(raw: &Raw, response: &ErrorResponse, random: &mut Random) -> Result<(), String> {
    let (Some(b'{'), Some(b'}')) = (raw.body.first(), raw.body.last()) else { return Ok(()) };
    let is_whole = !response.repairs().iter().any(|repair| {
        matches!(repair, Repair::Unterminated | Repair::TrailingBytes | Repair::StrayBytes | Repair::InvalidValue)
    });
    if !is_whole || matches!(response.body(), ErrorBody::Opaque(_)) || raw.body.len() < 3 {
        return Ok(());
    }
    let noise: Vec<u8> =
        (0..random.below(24)).map(|_| random.next() as u8).filter(|byte| !matches!(byte, b'"' | b'\\')).collect();
    let escape = random.pick(&[&b""[..], b"\\ud800", b"\\udc00\\ud83d", b"\\u12", b"\\x"]);
    let echo = [b"\"echo", escape, b"\":\"", &noise, escape, b"\""].concat();
    let rest = &raw.body[1..];
    let wrapped = [b"{", &*echo, b",\"detail\":", &raw.body, b"}"].concat();
    let edits: [(&str, Vec<u8>); 4] = [
        ("a field before the others", [b"{", &*echo, b",", rest].concat()),
        ("a field after the others", [&raw.body[..raw.body.len() - 1], b",", &echo, b"}"].concat()),
        ("bytes behind", [&*raw.body, &noise, b"}<!-- "].concat()),
        ("an envelope under `detail`", wrapped),
    ];
    // Details are kept as they came, with half a pair of surrogates in them, unless something else in the body is mended.
    let with_details = response.details_json().is_none_or(|text| !text.to_ascii_lowercase().contains("\\ud"));
    let expected = Read::of(response, with_details);
    let takes = if response.envelope().is_some() && !response.repairs().contains(&Repair::Wrapped) { 4 } else { 3 };
    for (what, body) in edits.into_iter().take(takes) {
        let edited = Raw { body, ..raw.clone() };
        let read = Read::of(&check(&edited)?, with_details);
        if read != expected {
            return Err(format!("{what}: {read:?} instead of {expected:?} from {}", edited.body.escape_ascii()));
        }
    }
    Ok(())
}

/// The answers of the published cases, but for those that are long by design.
fn corpus() -> Vec<Raw> {
    let answers = freddy_conformance::vectors::decode::cases().into_iter().map(|case| case.answer);
    let raw = answers.map(|answer| Raw {
        status: answer.status,
        headers: answer.header_bytes().map(|(name, value)| (name.to_owned(), value)).collect(),
        body: answer.body.to_vec().expect("the bytes of a case"),
    });
    raw.filter(|raw| raw.body.len() <= 4096).collect()
}

/// The input with a number: some edits of a response of the corpus.
fn input(corpus: &[Raw], random: &mut Random) -> Raw {
    const MAX_BODY: usize = 64 << 10;
    let mut raw = corpus[random.below(corpus.len())].clone();
    for _ in 0..random.below(5) {
        let other = &corpus[random.below(corpus.len())];
        mutate(&mut raw, other, random);
    }
    raw.body.truncate(MAX_BODY);
    raw
}

fn try_one(corpus: &[Raw], seed: u64, number: u64) -> Result<(), (Raw, String)> {
    let mut random = Random(Random(seed ^ number.rotate_left(32)).next());
    let raw = input(corpus, &mut random);
    let tried = catch_unwind(AssertUnwindSafe(|| {
        let response = check(&raw)?;
        check_edits(&raw, &response, &mut random)
    }));
    match tried {
        Ok(Ok(())) => Ok(()),
        Ok(Err(broken)) => Err((raw, broken)),
        Err(_) => Err((raw, "it panicked".to_owned())),
    }
}

struct Arguments {
    count: u64,
    seed: u64,
    from: u64,
    seconds: Option<u64>,
}

fn arguments() -> Option<Arguments> {
    let mut found = Arguments { count: u64::MAX, seed: 1, from: 0, seconds: None };
    let mut given = std::env::args().skip(1);
    let mut is_bounded = false;
    while let Some(argument) = given.next() {
        let mut number = || given.next()?.parse().ok();
        match &*argument {
            "--seed" => found.seed = number()?,
            "--from" => found.from = number()?,
            "--seconds" => (found.seconds, is_bounded) = (Some(number()?), true),
            count => (found.count, is_bounded) = (count.parse().ok()?, true),
        }
    }
    is_bounded.then_some(found)
}

fn main() -> ExitCode {
    let Some(Arguments { count, seed, from, seconds }) = arguments() else {
        eprintln!("usage: mutate [COUNT] [--seconds SECONDS] [--seed SEED] [--from NUMBER]");
        return ExitCode::from(2);
    };
    let corpus = corpus();
    assert!(!corpus.is_empty(), "the corpus has no responses");
    let (start, limit) = (Instant::now(), seconds.map(Duration::from_secs));
    let mut tried: u64 = 0;
    for number in from..from.saturating_add(count) {
        if number.is_multiple_of(1024) && limit.is_some_and(|limit| start.elapsed() >= limit) {
            break;
        }
        if let Err((raw, broken)) = try_one(&corpus, seed, number) {
            println!("{broken}\n\nHTTP {}", raw.status);
            for (name, value) in &raw.headers {
                println!("{name}: {}", value.escape_ascii());
            }
            println!("\n{}\n\nseed {seed}, input {number}. Again, with this input alone:", raw.body.escape_ascii());
            println!(
                "cargo run --release -p freddy-contract-tests --example mutate -- 1 --seed {seed} --from {number}"
            );
            return ExitCode::FAILURE;
        }
        tried += 1;
        if tried.is_multiple_of(1_000_000) {
            println!("{tried} inputs in {} s", start.elapsed().as_secs());
            // A pipe that nobody reads is no reason to stop.
            let _ = std::io::stdout().flush();
        }
    }
    println!("{tried} inputs of seed {seed} from {from} on keep their promises, in {} s", start.elapsed().as_secs());
    ExitCode::SUCCESS
}
