//! Holds a client to the contract: a server plays the cases, and a program that uses the client tells what came of each.

mod adapter;
mod judge;
mod people;
mod report;
mod stub;

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use freddy_types::AuthScheme;
use freddy_types::Endpoint as _;
use freddy_types::personal_connectors::DisconnectConnector;
use serde_json::{Map, json};
use tokio::time::Instant;

use self::adapter::{Adapter, Reply, Task};
use self::judge::Verdict;
use self::report::Row;
use self::stub::Stub;
use crate::vectors::call::{self, CallCase, Step};
use crate::vectors::decode::{self, Answer, DecodeCase};
use crate::vectors::request::{self, Credential, RequestCase};
use crate::vectors::{Case, File, Level};

pub use people::{StubArguments, stub};

/// What is said on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    /// The least level that has to be kept
    #[arg(long, value_enum, default_value_t = Level::Should)]
    level: Level,
    /// Run only the cases whose names have this in them
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
    /// Take the requests of another API, as `conformance/request.json` of its documents has them
    #[arg(long, value_name = "FILE")]
    requests: Option<PathBuf>,
    /// Start the command for each case, in the place of once
    #[arg(long)]
    per_case: bool,
    /// How fast time passes for waits and deadlines: with 0.1, a client has to wait a tenth of what is asked. The command is
    /// told so, and has to scale what it waits
    #[arg(long, value_name = "FACTOR", default_value_t = 1.0, value_parser = factor)]
    time_scale: f64,
    /// The seconds after which a case is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,
    /// Write the results as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the results as XML, as `JUnit` does
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// The program that uses the client, and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

fn factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "is not a number".to_owned())?;
    if factor > 0.0 && factor <= 1.0 { Ok(factor) } else { Err("is not above 0 and at most 1".to_owned()) }
}

/// A case of any kind that a client is held to.
#[derive(Clone, Debug)]
enum Any {
    Decode(DecodeCase),
    Request(RequestCase),
    Call(CallCase),
}

impl Any {
    fn all(requests: Vec<RequestCase>) -> Vec<Self> {
        let decode = decode::cases().into_iter().map(Self::Decode);
        let request = requests.into_iter().map(Self::Request);
        let call = call::cases().into_iter().map(Self::Call);
        decode.chain(request).chain(call).collect()
    }

    fn case(&self) -> &Case {
        match self {
            Self::Decode(case) => &case.case,
            Self::Request(case) => &case.case,
            Self::Call(case) => &case.case,
        }
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Decode(_) => "decode",
            Self::Request(_) => "request",
            Self::Call(_) => "call",
        }
    }

    fn script(&self) -> Vec<Step> {
        match self {
            Self::Decode(case) => vec![Step::Answer(case.answer.clone())],
            Self::Request(_) => vec![Step::Answer(Answer::success())],
            Self::Call(case) => case.script.clone(),
        }
    }

    fn task(&self, base_url: String, arguments: &Arguments) -> Task {
        let case = self.case();
        let deadline_ms = match self {
            Self::Call(case) => case.deadline_ms,
            _ => arguments.timeout.saturating_mul(1000),
        };
        let mut task = Task {
            case: case.name.clone(),
            base_url,
            operation: DisconnectConnector::OPERATION_ID.to_owned(),
            credential: Credential::of(AuthScheme::ApiKey),
            values: Map::from_iter([("connector_id".to_owned(), json!(case.connector_id()))]),
            retry: matches!(self, Self::Call(_)),
            deadline_ms: judge::scaled(deadline_ms, arguments.time_scale),
            time_scale: arguments.time_scale,
        };
        if let Self::Request(case) = self {
            task.operation.clone_from(&case.operation);
            task.credential = case.credential.clone();
            task.values = case.values.clone();
        }
        task
    }
}

/// Runs all cases and prints what came of them. The exit code is 1 if one was not kept, and 2 if the command does not run.
#[must_use]
pub fn run(arguments: &Arguments) -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("no runtime: {error}")),
    };
    match runtime.block_on(run_all(arguments)) {
        Ok(rows) => report::end(&rows, arguments),
        Err(error) => fail(&error),
    }
}

fn fail(error: &str) -> ExitCode {
    eprintln!("error: {error}");
    ExitCode::from(2)
}

async fn run_all(arguments: &Arguments) -> Result<Vec<Row>, String> {
    let requests = match &arguments.requests {
        Some(path) => read(path).map_err(|error| format!("{}: {error}", path.display()))?,
        None => request::cases::<DisconnectConnector>(),
    };
    let cases: Vec<_> =
        Any::all(requests).into_iter().filter(|case| case.case().name.contains(&arguments.only)).collect();
    let mut rows = Vec::new();
    let mut running: Option<Adapter> = None;
    for (number, case) in cases.iter().enumerate() {
        progress(number, cases.len(), &case.case().name);
        let mut adapter = match running.take() {
            Some(adapter) => adapter,
            None => Adapter::start(&arguments.command)?,
        };
        let (row, is_usable) = run_one(case, &mut adapter, arguments).await?;
        rows.push(row);
        if is_usable && !arguments.per_case {
            running = Some(adapter);
        } else {
            adapter.stop().await;
        }
    }
    if let Some(adapter) = running {
        adapter.stop().await;
    }
    progress(cases.len(), cases.len(), "");
    Ok(rows)
}

async fn run_one(case: &Any, adapter: &mut Adapter, arguments: &Arguments) -> Result<(Row, bool), String> {
    let elsewhere = Stub::start(vec![Step::Answer(Answer::success())], "").await.map_err(|error| error.to_string())?;
    let stub = Stub::start(case.script(), elsewhere.url()).await.map_err(|error| error.to_string())?;
    let task = case.task(stub.url().to_owned(), arguments);
    let started = Instant::now();
    let reply = adapter.ask(&task, Duration::from_secs(arguments.timeout)).await;
    let elapsed = started.elapsed();
    let is_usable = matches!(reply, Reply::Told(_) | Reply::Unsupported(_));
    let observed = judge::Observed { requests: stub.requests(), elsewhere: elsewhere.requests(), elapsed };
    let (verdict, untold) = match &reply {
        Reply::Unsupported(why) => (Verdict::Skipped(why.clone()), vec![]),
        Reply::Broken(why) => (Verdict::Failed(vec![(Level::Must, why.clone())]), vec![]),
        Reply::Told(told) => judge::judge(case, told, &observed, arguments.time_scale),
    };
    let row = Row::new(case, verdict, untold, &reply, &observed);
    Ok((row, is_usable))
}

fn read(path: &Path) -> std::io::Result<Vec<RequestCase>> {
    let file: File<RequestCase> = serde_json::from_slice(&std::fs::read(path)?)?;
    Ok(file.cases)
}

/// Where the run is, for people who watch.
fn progress(number: usize, of: usize, name: &str) {
    let mut out = std::io::stderr();
    if out.is_terminal() {
        let _ = write!(out, "\r\x1b[K");
        if number < of {
            let _ = write!(out, "{}/{of} {name}", number + 1);
        }
        let _ = out.flush();
    }
}

/// How many cases told nothing of a field that a client need not offer.
fn untold(rows: &[Row]) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for field in rows.iter().flat_map(|row| &row.untold) {
        *counts.entry(&**field).or_default() += 1;
    }
    counts
}
