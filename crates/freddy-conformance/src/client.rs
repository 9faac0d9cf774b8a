//! Holds a client to the contract: a server plays the cases, and a program that uses the client tells what came of each.

mod adapter;
mod judge;
mod people;
mod stub;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use freddy_types::AuthScheme;
use freddy_types::Endpoint as _;
use freddy_types::personal_connectors::DisconnectConnector;
use serde_json::{Map, json};
use tokio::time::Instant;

use self::adapter::{Adapter, Reply, Task};
use self::judge::Fault;
use self::stub::Stub;
use crate::command;
use crate::progress::Progress;
use crate::report::{Outcome, Problem, Report, ReportArguments, Row, printable};
use crate::vectors::call::{self, CallCase, Step};
use crate::vectors::decode::{self, Answer, DecodeCase, Told};
use crate::vectors::request::{self, Credential, Expected, RequestCase, Sent};
use crate::vectors::{Case, File, Level};

pub use people::{StubArguments, stub};

/// What is said on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    report: ReportArguments,
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
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
    /// The program that uses the client, and its arguments
    #[arg(last = true, required = true, value_name = "COMMAND")]
    command: Vec<String>,
}

fn factor(text: &str) -> Result<f64, String> {
    let factor: f64 = text.parse().map_err(|_| "is not a number".to_owned())?;
    if factor > 0.0 && factor <= 1.0 { Ok(factor) } else { Err("is not above 0 and at most 1".to_owned()) }
}

/// Who writes nothing for so many cases in a row writes nothing at all.
const MOST_SILENT: usize = 10;

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

    /// What the client did not tell and need not.
    fn untold(&self, told: &Told) -> Vec<String> {
        match self {
            Self::Decode(case) => case.expected.untold(told),
            Self::Request(_) | Self::Call(_) => vec![],
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
        if let Self::Call(case) = self {
            task.credential = case.credential.clone();
        }
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
    command::run(async {
        arguments.report.prepare()?;
        Report::new("client", &arguments.report, rows(arguments).await?).write(&arguments.report)
    })
}

async fn rows(arguments: &Arguments) -> Result<Vec<Row>, String> {
    let requests = match &arguments.requests {
        Some(path) => read(path).map_err(|error| format!("{}: {error}", path.display()))?,
        None => request::cases::<DisconnectConnector>(),
    };
    let cases = arguments.report.choose(Any::all(requests), Any::case)?;
    let progress = Progress::new(cases.len());
    let mut rows = Vec::new();
    let mut running: Option<Adapter> = None;
    let mut silent = 0;
    for case in &cases {
        progress.begins(&case.case().name);
        let mut adapter = match running.take() {
            Some(adapter) => adapter,
            None => Adapter::start(&arguments.command)?,
        };
        let (row, reply) = run_one(case, &mut adapter, arguments).await?;
        rows.push(row);
        silent = if reply.is_silent() { silent + 1 } else { 0 };
        if silent == MOST_SILENT {
            adapter.stop().await;
            return Err(format!("the program wrote nothing for {MOST_SILENT} cases in a row"));
        }
        if reply.is_usable() && !arguments.per_case {
            running = Some(adapter);
        } else {
            adapter.stop().await;
        }
    }
    if let Some(adapter) = running {
        adapter.stop().await;
    }
    Ok(rows)
}

async fn run_one(case: &Any, adapter: &mut Adapter, arguments: &Arguments) -> Result<(Row, Reply), String> {
    let elsewhere = Stub::start(vec![Step::Answer(Answer::success())], "").await.map_err(|error| error.to_string())?;
    let stub = Stub::start(case.script(), elsewhere.url()).await.map_err(|error| error.to_string())?;
    let task = case.task(stub.url().to_owned(), arguments);
    let started = Instant::now();
    let deadline = Duration::from_millis(task.deadline_ms) + judge::SLACK;
    let reply = adapter.ask(&task, deadline.max(Duration::from_secs(arguments.timeout))).await;
    let elapsed = started.elapsed();
    let observed = judge::Observed { requests: stub.requests(), elsewhere: elsewhere.requests(), elapsed };
    let mut row = Row {
        case: case.case().clone(),
        outcome: Outcome::Passed,
        reference: None,
        seconds: elapsed.as_secs_f64(),
        told: None,
        untold: vec![],
    };
    let faults = match &reply {
        Reply::Unsupported(why) => {
            row.outcome = Outcome::Skipped { because: printable(why) };
            return Ok((row, reply));
        }
        Reply::Wrong(wrong) => vec![Fault::new(case.case().level, "", wrong, "a field as the page says")],
        Reply::Broken(why) | Reply::Silent(why) => {
            vec![Fault::new(Level::Must, "", why, "a line with what came of the case")]
        }
        Reply::Told(told) => {
            row.told = serde_json::to_value(told).ok();
            row.untold = case.untold(told);
            judge::faults(case, told, &observed, arguments.time_scale)
        }
    };
    if !faults.is_empty() {
        let sent: Vec<_> = observed.requests.iter().map(|request| printable(&request.to_string())).collect();
        let sent = if sent.is_empty() { "(nothing)".to_owned() } else { sent.join("\n") };
        let problem =
            |Fault { level, about, got, expected }| Problem { level, about, sent: sent.clone(), got, expected };
        row.outcome = Outcome::Failed { problems: faults.into_iter().map(problem).collect() };
    }
    Ok((row, reply))
}

fn read(path: &Path) -> std::io::Result<Vec<RequestCase>> {
    let file: File<RequestCase> = serde_json::from_slice(&std::fs::read(path)?)?;
    for case in &file.cases {
        if let Expected::Sent(Sent { body: Some(body), .. }) = &case.expected {
            body.to_vec().map_err(|error| std::io::Error::other(format!("{}: {error}", case.case.name)))?;
        }
    }
    Ok(file.cases)
}
