//! What the types cost beside the least that does the same work. To be run by hand:
//!
//! ```sh
//! cargo bench -p freddy-types
//! ```
//!
//! The bars are ratios of times from one run. The exit code is 1 where one of them is missed.

mod harness;

use std::collections::BTreeMap;
use std::error::Error;
use std::hint::black_box;
use std::process::ExitCode;

use freddy_types::{
    ApiError, ConnectorId, ErrorEnvelope, Failure, Integer, Page, RateLimit, ReceivedPage, Text, Timestamp,
    WholeSecond, identifier, object, string_enum,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::harness::{Bar, Contender, Table};

/// With the line breaks and indentation of the documentation.
const DOCUMENTED: &str = include_str!("../../../tests/documented/429-rate-limit-exceeded.json");

const DOCUMENTED_ID: &str = "pcon_abc123";
const LONGEST_ID: &str = "pcon_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz01";

/// The same envelope for whoever wants nothing but speed: the text is borrowed, little is checked, nothing is kept.
#[derive(Deserialize, Serialize)]
struct Borrowed<'a> {
    success: bool,
    #[serde(borrow)]
    error: BorrowedError<'a>,
}

#[derive(Deserialize, Serialize)]
struct BorrowedError<'a> {
    code: &'a str,
    message: &'a str,
    system_message: &'a str,
    r#type: &'a str,
    status: u16,
    #[serde(borrow)]
    details: BorrowedDetails<'a>,
    trace_id: &'a str,
    timestamp: &'a str,
}

#[derive(Deserialize, Serialize)]
struct BorrowedDetails<'a> {
    retry_after: u32,
    limit: u32,
    remaining: u32,
    reset_at: &'a str,
}

identifier! {
    /// The identifier of a job.
    pub struct JobId: "job ID" {
        prefix: "job_",
        characters: "0-9A-Za-z", "an ASCII letter or digit",
        max: 64,
        example: "job_1",
    }
}

string_enum! {
    /// What a job is doing.
    pub enum JobState: "a job state" {
        /// It waits.
        Queued = "queued",
        /// It is at work.
        Running = "running",
    }
}

object! {
    /// Whose job it is.
    pub struct JobOwner, received as ReceivedJobOwner {
        /// The name.
        pub required name: Text<1, 80>,
        /// The team.
        pub optional team: Text<1, 80>,
    }
}

object! {
    /// An item of a list.
    pub struct Job, received as ReceivedJob {
        /// Its identifier.
        pub required id: JobId,
        /// What it is called.
        pub required name: Text<1, 80>,
        /// What it is doing.
        pub required state: JobState,
        /// Whose it is.
        pub required owner: JobOwner,
        /// What it is tagged with.
        pub required labels: BTreeMap<String, String>,
        /// When it ended.
        pub nullable ended_at: Timestamp,
        /// What it read.
        pub required bytes_processed: Integer<0, { i64::MAX }>,
        /// When it was made.
        pub required created_at: WholeSecond,
    }
}

/// The same for whoever checks nothing and keeps nothing that is unknown.
#[derive(Deserialize, Serialize)]
struct DerivedPage {
    items: Vec<DerivedJob>,
    has_more: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Deserialize, Serialize)]
struct DerivedJob {
    id: String,
    name: String,
    state: String,
    owner: DerivedOwner,
    labels: BTreeMap<String, String>,
    ended_at: Option<String>,
    bytes_processed: i64,
    created_at: String,
}

#[derive(Deserialize, Serialize)]
struct DerivedOwner {
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
}

fn page() -> Result<Page<Job>, Box<dyn Error>> {
    let now: jiff::Timestamp = "2025-11-13T10:30:00Z".parse()?;
    let job = |n: i64| -> Result<Job, Box<dyn Error>> {
        Ok(Job {
            id: format!("job_{n:08}").parse()?,
            name: format!("Nightly export {n}").parse()?,
            state: if n % 3 == 0 { JobState::Queued } else { JobState::Running },
            owner: JobOwner {
                name: "Alice Example".parse()?,
                team: if n % 2 == 0 { Some("data".parse()?) } else { None },
            },
            labels: BTreeMap::from([("env".to_owned(), "production".to_owned()), ("tier".to_owned(), "2".to_owned())]),
            ended_at: if n % 2 == 0 { Some("2025-11-13T12:30:00.250+02:00".parse()?) } else { None },
            bytes_processed: Integer::saturating(n * 1_000_003),
            created_at: now.into(),
        })
    };
    Ok(Page { items: (0..100).map(job).collect::<Result<_, _>>()?, next_cursor: Some("job_00000100".parse()?) })
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    // `cargo test --all-targets` runs this as well, without optimization.
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(ExitCode::SUCCESS);
    }

    let borrowed: Borrowed<'_> = serde_json::from_str(DOCUMENTED)?;
    let compact = serde_json::to_string(&borrowed)?;
    let received: ErrorEnvelope = serde_json::from_str(&compact)?;
    let limit = RateLimit { limit: 100, remaining: 0, reset_at: "2025-11-13T10:31:00Z".parse()? };
    let now = "2025-11-13T10:30:00Z".parse()?;
    let built = ErrorEnvelope::from(ApiError::new(Failure::RateLimitExceeded(limit), "req_ghi789".parse()?, now));

    // All contenders read and write the same bytes.
    assert_eq!(serde_json::from_str::<Value>(&compact)?, serde_json::from_str::<Value>(DOCUMENTED)?);
    assert_eq!(serde_json::to_string(&received)?, compact);
    assert_eq!(serde_json::to_string(&built)?, compact);
    for id in [DOCUMENTED_ID, LONGEST_ID] {
        assert_eq!(id.parse::<ConnectorId>()?, id);
    }
    assert_eq!(LONGEST_ID.len(), ConnectorId::MAX_LEN);

    let mut table = Table::new();
    for (name, body) in [("decode the documented 429", DOCUMENTED), ("decode the same, compact", &compact)] {
        table.compare(
            Contender::new(name, || serde_json::from_str::<ErrorEnvelope>(black_box(body))),
            Some(4),
            [
                Bar::new(1.3, "borrowed structs", || serde_json::from_str::<Borrowed<'_>>(black_box(body))),
                Bar::new(0.5, "serde_json::Value", || serde_json::from_str::<Value>(black_box(body))),
            ],
        );
    }
    table.compare(
        Contender::new("encode a 429 that was built", || serde_json::to_vec(black_box(&built))),
        None,
        [Bar::new(1.10, "borrowed structs", || serde_json::to_vec(black_box(&borrowed)))],
    );
    table.compare(
        Contender::new("encode a 429 that was received", || serde_json::to_vec(black_box(&received))),
        None,
        [Bar::new(1.10, "borrowed structs", || serde_json::to_vec(black_box(&borrowed)))],
    );
    let page = page()?;
    let text = serde_json::to_string(&page)?;
    let derived: DerivedPage = serde_json::from_str(&text)?;
    assert_eq!(serde_json::to_string(&derived)?, text);
    assert_eq!(serde_json::to_string(&serde_json::from_str::<ReceivedPage<ReceivedJob>>(&text)?)?, text);
    table.compare(
        Contender::new("decode a page of 100 items", || {
            serde_json::from_str::<ReceivedPage<ReceivedJob>>(black_box(&text))
        }),
        None,
        [Bar::new(1.3, "a derived struct", || serde_json::from_str::<DerivedPage>(black_box(&text)))],
    );
    table.compare(
        Contender::new("encode a page of 100 items", || serde_json::to_vec(black_box(&page))),
        None,
        [Bar::new(1.15, "a derived struct", || serde_json::to_vec(black_box(&derived)))],
    );
    for (name, id) in [("parse the documented ID", DOCUMENTED_ID), ("parse the longest ID", LONGEST_ID)] {
        table.compare(
            Contender::new(name, || black_box(id).parse::<ConnectorId>()),
            Some(1),
            [
                Bar::new(2.5, "Box::<str>::from", || Box::<str>::from(black_box(id))),
                Bar::new(2.5, "String::from", || String::from(black_box(id))),
            ],
        );
    }
    Ok(if table.passed() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
