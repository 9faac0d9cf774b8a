//! Holds a running server to the contract.

mod cases;
mod driver;
mod http;
mod laws;
mod limits;
mod outcome;
mod setup;
mod slow;
mod timing;

use std::cell::RefCell;
use std::path::PathBuf;
use std::process::ExitCode;
use std::rc::Rc;
use std::time::{Duration, Instant};

use clap::Args;
use freddy_types::ErrorCode;
use futures_util::future::join_all;

use self::driver::Driver;
use self::laws::Known;
use self::limits::Limits;
use self::outcome::{MAX_FINDINGS, Stop, outcome};
use crate::command;
use crate::progress::Progress;
use crate::report::{Report, ReportArguments, Row};
use crate::vectors::Case;
use crate::vectors::exchange::{self, Exchange, Target, contract_target};

/// What `freddy-conformance server` takes.
#[derive(Args, Clone, Debug)]
pub struct Arguments {
    /// Where the server is, such as `http://localhost:8080`
    #[arg(long, value_name = "URL")]
    base_url: String,
    /// The keys and connectors that the run may use: YAML or JSON
    #[arg(long, value_name = "FILE")]
    setup: PathBuf,
    #[command(flatten)]
    report: ReportArguments,
    /// Requests per second. Trying the rate limit takes a burst as large as the limit
    #[arg(long, value_name = "NUMBER", default_value = "20", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// How long an answer may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// How long requests that do not come to their end are held open, in seconds. A server gives them up by then
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = clap::value_parser!(u64).range(1..=3600))]
    hold: u64,
}

/// Runs the cases, and prints what came of them: 0 if all passed, 1 if one failed, 2 if they could not be run.
#[must_use]
pub fn run(arguments: &Arguments) -> ExitCode {
    command::run(async {
        arguments.report.prepare()?;
        Report::new("server", &arguments.report, rows(arguments).await?).write(&arguments.report)
    })
}

/// A case that is to be run.
enum Step {
    Exchange(Box<Exchange>),
    Procedure(Case, String, cases::Procedure),
    Slow(Case, String, slow::Slow),
    Law(laws::Law),
}

impl Step {
    fn case(&self) -> &Case {
        match self {
            Self::Exchange(exchange) => &exchange.case,
            Self::Procedure(case, ..) | Self::Slow(case, ..) => case,
            Self::Law(law) => &law.case,
        }
    }

    fn reference(&self) -> &str {
        match self {
            Self::Exchange(exchange) => &exchange.reference,
            Self::Procedure(_, reference, _) | Self::Slow(_, reference, _) => reference,
            Self::Law(law) => &law.reference,
        }
    }
}

fn steps() -> Vec<Step> {
    let procedure = |(case, reference, procedure)| Step::Procedure(case, reference, procedure);
    let exchanges = exchange::cases().into_iter().map(|exchange| Step::Exchange(Box::new(exchange)));
    let first = cases::first().into_iter().map(procedure);
    let rest = cases::rest().into_iter().map(procedure);
    let slow = slow::cases().into_iter().map(|(case, reference, slow)| Step::Slow(case, reference, slow));
    first.chain(exchanges).chain(rest).chain(slow).chain(laws::laws().into_iter().map(Step::Law)).collect()
}

async fn rows(arguments: &Arguments) -> Result<Vec<Row>, String> {
    let setup = setup::Setup::read(&arguments.setup)?;
    let base = http::Base::parse(&arguments.base_url)?;
    let chosen = arguments.report.choose(steps(), Step::case)?;
    let target: Target = contract_target();
    // Laws alone have nothing to judge.
    let is_law = |step: &Step| matches!(step, Step::Law(_) | Step::Procedure(_, _, cases::Procedure::RequestIdsDiffer));
    let judged: Vec<_> = if chosen.iter().all(is_law) {
        steps().into_iter().filter(|step| matches!(step, Step::Exchange(_))).collect()
    } else {
        Vec::new()
    };
    let progress = Rc::new(Progress::new(judged.len() + chosen.len()));
    let mut driver = Driver::new(base, setup, target, Duration::from_secs(arguments.timeout), arguments.rate);
    driver.progress = Some(Rc::clone(&progress));
    driver.open().await.map_err(|trouble| format!("{}: {trouble}", arguments.base_url))?;
    if let Err(Stop::Skipped(because)) = driver.reset().await {
        return Err(because);
    }
    check_keys(&driver).await?;
    let run = Run { driver: &driver, limits: Limits::default(), held: slow::Held::default(), rows: RefCell::default() };
    run.perform(&judged, &progress).await?;
    // What comes of them was not asked for.
    run.rows.borrow_mut().clear();
    // They go on while the others do, and the laws are for the answers to all of them.
    let is_late = |step: &Step| matches!(step, Step::Slow(..)) || is_law(step);
    let (late, early): (Vec<_>, Vec<_>) = chosen.into_iter().partition(is_late);
    let is_slow = late.iter().any(|step| matches!(step, Step::Slow(..)));
    let slow = async {
        if is_slow {
            run.held.hold(&driver, Duration::from_secs(arguments.hold)).await;
        }
    };
    let others = async {
        if is_slow {
            run.held.begun().await;
        }
        run.perform(&early, &progress).await?;
        if is_slow {
            progress.note("waiting until the server gives up what does not come to its end");
        }
        Ok::<_, String>(())
    };
    let ((), others) = tokio::join!(slow, others);
    others?;
    run.perform(&late, &progress).await?;
    Ok(run.rows.into_inner())
}

/// A run, and what came of it so far.
struct Run<'d> {
    driver: &'d Driver,
    limits: Limits,
    held: slow::Held,
    rows: RefCell<Vec<Row>>,
}

impl Run<'_> {
    /// # Errors
    /// The rest would come to nothing.
    async fn perform(&self, steps: &[Step], progress: &Progress) -> Result<(), String> {
        for step in steps {
            progress.begins(&step.case().name);
            let started = Instant::now();
            let mut held = Duration::ZERO;
            let result = match step {
                Step::Exchange(exchange) => cases::exchange(exchange, self.driver).await,
                Step::Procedure(_, _, procedure) => cases::run(*procedure, self.driver, &self.limits).await,
                Step::Slow(_, _, slow) => {
                    let (result, took) = self.held.take(*slow);
                    held = took;
                    result
                }
                Step::Law(law) => holds(law, self.driver),
            };
            let case = step.case().clone();
            self.rows.borrow_mut().push(Row {
                outcome: outcome(result, case.level),
                case,
                reference: Some(step.reference().to_owned()),
                seconds: (held + started.elapsed()).as_secs_f64(),
                told: None,
                untold: vec![],
            });
            self.driver.goes_on()?;
        }
        Ok(())
    }
}

/// Keys of a server that is held to the contract.
#[derive(Clone, Debug)]
pub struct Keys {
    /// A valid one.
    pub caller: String,
    /// Somebody else's.
    pub somebody_elses: String,
}

/// Holds a running server to what follows from the declarations of endpoints, of whatever crate, by one request at a time and then by
/// several, and gives what is wrong with it: the name of an operation and of a case, and what was sent and got.
///
/// # Errors
/// The server cannot be called.
pub async fn hold(base_url: &str, keys: Keys, targets: Vec<Target>) -> Result<Vec<String>, String> {
    let user = |key| setup::User { key, connectors: Vec::new() };
    let mut faults = Vec::new();
    for target in Target::of_one_api(targets) {
        let setup = setup::Setup {
            owner: user(keys.caller.clone()),
            stranger: user(keys.somebody_elses.clone()),
            revoked_keys: Vec::new(),
            limit: None,
            reset: None,
            disconnected: None,
        };
        let (operation, exchanges) = (target.operation_id(), target.exchanges());
        let driver = Driver::new(http::Base::parse(base_url)?, setup, target, HOLD_TIMEOUT, HOLD_RATE);
        let mut note = |case: &Case, result| {
            if let Err(Stop::Failed(findings)) = result {
                faults.push(format!("{operation}: {} ({}): {findings:#?}", case.name, case.level.as_str()));
            }
        };
        let mut kept = Vec::new();
        for exchange in &exchanges {
            let result = cases::exchange(exchange, &driver).await;
            driver.goes_on()?;
            if result.is_ok() {
                kept.push(exchange);
            }
            note(&exchange.case, result);
        }
        // What is kept by one request at a time is kept by several.
        for together in kept.chunks(cases::AT_ONCE) {
            let results = join_all(together.iter().map(|exchange| cases::exchange(exchange, &driver))).await;
            driver.goes_on()?;
            for (exchange, result) in together.iter().zip(results) {
                let name = format!("{}, with others at the same time", exchange.case.name);
                note(&Case { name, ..exchange.case.clone() }, result);
            }
        }
        for law in laws::laws() {
            note(&law.case, holds(&law, &driver));
        }
    }
    Ok(faults)
}

const HOLD_TIMEOUT: Duration = Duration::from_secs(10);
const HOLD_RATE: u32 = 1000;

/// A key that the server does not take in any way is told at once: nearly all cases would fail for it.
async fn check_keys(driver: &Driver) -> Result<(), String> {
    let unauthorized = ErrorCode::Unauthorized.status();
    for (place, user) in [("owner.key", &driver.setup.owner), ("stranger.key", &driver.setup.stranger)] {
        let mut is_taken = false;
        for scheme in driver.target.auth {
            let method = driver.target.method.as_str();
            let request = driver.request_as(*scheme, method, &driver::unknown_id(), Some(&user.key));
            is_taken |= driver.send(&request).await.map_or(true, |answer| answer.status != unauthorized);
        }
        if !is_taken {
            return Err(format!("{place}: the server answers {unauthorized} to it"));
        }
    }
    Ok(())
}

/// Whether a law holds for every answer of the run.
fn holds(law: &laws::Law, driver: &Driver) -> Result<(), Stop> {
    let known = Known { limit: driver.setup.limit_as_shown(), keys: driver.setup.keys().map(|(_, key)| key).collect() };
    if driver.seen.borrow().is_empty() {
        return Err(Stop::skip("no case has got an answer"));
    }
    let mut findings = Vec::new();
    let mut more = 0;
    for seen in driver.seen.borrow().iter() {
        let Some(fault) = (law.fault)(seen, &known) else { continue };
        if findings.len() == MAX_FINDINGS {
            more += 1;
            continue;
        }
        let got = format!("{fault}\n\n{}", driver.shown_answer(&seen.answer));
        findings.push(driver.finding(seen.sent.as_bytes(), &got, &law.case.why));
    }
    if let Some(last) = findings.last_mut().filter(|_| more > 0) {
        last.got += &format!("\n\nand {more} more answers that do not keep it");
    }
    if findings.is_empty() { driver.has_seen_all() } else { Err(Stop::Failed(findings)) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use freddy_types::connector_id;
    use freddy_types::personal_connectors::DisconnectConnector;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;
    use crate::report::{Outcome, has_tried};
    use crate::vectors::{call, decode, request};

    #[test]
    fn every_case_has_a_name_of_its_own_and_a_sentence() {
        let mut names = BTreeSet::new();
        for step in steps() {
            let Case { name, group, why, .. } = step.case();
            assert!(!group.is_empty(), "{name}: is in no group");
            assert!(names.insert(name.clone()), "{name} stands twice");
            assert!(name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'), "{name}");
            assert!(why.ends_with('.') && why.chars().next().is_some_and(|c| !c.is_lowercase()), "{name}: {why}");
        }
    }

    /// A server that answers every request with these bytes, and with 500 while it answers another one.
    async fn server_of(answer: &'static [u8]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let busy = Arc::new(AtomicUsize::new(0));
            while let Ok((mut stream, _)) = listener.accept().await {
                let busy = Arc::clone(&busy);
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let _ = stream.read(&mut request).await;
                    let is_alone = busy.fetch_add(1, Ordering::SeqCst) == 0;
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    let fault: &[u8] = b"HTTP/1.1 500 Fault\r\nContent-Length: 0\r\n\r\n";
                    let _ = stream.write_all(if is_alone { answer } else { fault }).await;
                    busy.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        url
    }

    /// A server that refuses the first request of every second connection, as over a limit, and else answers as the contract says, on
    /// connections that are kept open.
    async fn limited_server() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            let count = AtomicUsize::new(0);
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut refuses = count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2);
                tokio::spawn(async move {
                    let mut read = Vec::new();
                    while stream.read_buf(&mut read).await.is_ok_and(|count| count > 0) {
                        while let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                            let head = String::from_utf8(read.drain(..end + 4).collect()).unwrap();
                            if read.starts_with(b"{}") {
                                read.drain(..2);
                            }
                            let path = head.split(' ').nth(1).unwrap();
                            let status = match path.rsplit('/').next().unwrap() {
                                _ if std::mem::take(&mut refuses) => "429 Limited\r\nRetry-After: 0",
                                id if id.ends_with('-') => "400 Bad Request",
                                "pcon_a" | "pcon_b" => "204 No Content",
                                _ => "403 Forbidden",
                            };
                            let length = if status.starts_with("204") { "" } else { "Content-Length: 0\r\n" };
                            let answer = format!("HTTP/1.1 {status}\r\n{length}\r\n");
                            let _ = stream.write_all(answer.as_bytes()).await;
                            if head.contains("Connection: close") {
                                return;
                            }
                            if head.contains("Expect: ") && read.is_empty() {
                                let _ = stream.read_exact(&mut [0; 2]).await;
                            }
                        }
                    }
                });
            }
        });
        url
    }

    #[tokio::test]
    async fn a_case_waits_for_the_rate_limit_however_it_sends_and_the_laws_are_told_of_every_answer() {
        let tried = cases::rest().into_iter().filter(|(case, ..)| {
            case.name.starts_with("odd-") && !["odd-http-2-preface", "odd-tls-hello"].contains(&&*case.name)
                || case.name == "method-head"
        });
        let mut count = 0;
        for (case, _, procedure) in tried {
            let driver = driver::tests::driver(&limited_server().await, "");
            let result = cases::run(procedure, &driver, &Limits::default()).await;
            assert!(result.is_ok(), "{}: {result:?}", case.name);
            let seen = driver.seen.borrow();
            let statuses: Vec<_> = seen.iter().map(|seen| seen.answer.status).collect();
            // The request that the case is about is refused once, and so is the one before it.
            assert!(statuses.iter().filter(|status| **status == 429).count() >= 2, "{}: {statuses:?}", case.name);
            if procedure == cases::Procedure::Pipelined {
                assert!(statuses.ends_with(&[429, 204, 403]), "{statuses:?}");
            }
            count += 1;
        }
        assert_eq!(count, 7);
    }

    /// A server that answers each connection once, after a moment, with what these lines are for its number.
    async fn numbered_server(moment: Duration, answer: fn(usize, &str) -> String) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            for number in 0.. {
                let Ok((mut stream, _)) = listener.accept().await else { return };
                tokio::spawn(async move {
                    let mut request = [0; 4096];
                    let length = stream.read(&mut request).await.unwrap_or_default();
                    tokio::time::sleep(moment).await;
                    let answer = answer(number, &String::from_utf8_lossy(&request[..length]));
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        url
    }

    async fn result_of(driver: &Driver, procedure: cases::Procedure) -> Result<(), Stop> {
        cases::run(procedure, driver, &Limits::default()).await
    }

    #[tokio::test]
    async fn a_limit_is_not_tried_on_a_server_whose_answers_take_longer_than_a_window() {
        let answer = |_, _: &str| "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_owned();
        let url = numbered_server(Duration::from_millis(600), answer).await;
        let driver = driver::tests::driver(&url, "limit: {key: sk_limit, requests: 1, seconds: 1}");
        let result = result_of(&driver, cases::Procedure::LimitAtOnce).await;
        assert!(matches!(result, Err(Stop::Skipped(_))), "{result:?}");
    }

    /// Answers as the contract says, but for its headers and with IDs that are counted, and with these lines.
    fn refused(number: usize, request: &str, lines: &str) -> String {
        if request.contains("/pcon_d ") && request.contains("sk_test_bob") {
            return "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_owned();
        }
        // The lengths of IDs differ, by chance as the kinds of requests do.
        let id = if number.is_multiple_of(2) { format!("req_{number}") } else { format!("req_{number}00") };
        let body = format!(r#"{{"error":{{"code":"FORBIDDEN","trace_id":"{id}"}}}}"#);
        let length = body.len();
        format!("HTTP/1.1 403 Forbidden\r\n{lines}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}")
    }

    #[tokio::test]
    async fn answers_are_alike_whatever_changes_with_the_number_of_the_request() {
        let changes = |number: usize, request: &str| {
            let [age, slow] = [number / 3, number / 9].map(|step| format!("{step}"));
            let mut lines = [format!("Age: {age}\r\n"), format!("X-Served: {slow}\r\n")];
            lines.rotate_left(number % 2);
            refused(number + 5, request, &lines.concat())
        };
        let driver = driver::tests::driver(&numbered_server(Duration::ZERO, changes).await, "");
        let result = result_of(&driver, cases::Procedure::AlikeInAnswer).await;
        assert!(result.is_ok(), "{result:?}");
    }

    #[tokio::test]
    async fn answers_are_not_alike_if_a_header_says_whose_a_connector_is() {
        for leak in [
            |number: usize, request: &str| {
                refused(
                    number,
                    request,
                    if request.contains("/pcon_c ") { "X-Cache: HIT\r\n" } else { "X-Cache: MISS\r\n" },
                )
            },
            |number: usize, request: &str| {
                refused(number, request, if request.contains("/pcon_d ") { "X-Cache: HIT\r\n" } else { "" })
            },
        ] {
            let driver = driver::tests::driver(&numbered_server(Duration::ZERO, leak).await, "");
            let result = result_of(&driver, cases::Procedure::AlikeInAnswer).await;
            assert!(matches!(result, Err(Stop::Failed(_))), "{result:?}");
        }
    }

    #[tokio::test]
    async fn what_could_not_be_compared_is_not_passed() {
        let setup = |_: usize, request: &str| refused(0, &request.replace("sk_test_bob", ""), "");
        let driver = driver::tests::driver(&numbered_server(Duration::ZERO, setup).await, "");
        for procedure in [cases::Procedure::AlikeInAnswer, cases::Procedure::AlikeInTime] {
            let result = result_of(&driver, procedure).await;
            assert!(matches!(&result, Err(Stop::Skipped(why)) if why.contains("the stranger cannot")), "{result:?}");
        }
    }

    /// What came of a run with these arguments.
    async fn run_of(url: &str, arguments: &[&str]) -> Result<Vec<Row>, String> {
        #[derive(clap::Parser)]
        struct Cli {
            #[command(flatten)]
            arguments: Arguments,
        }
        let folder = tempfile::tempdir().unwrap();
        let setup = folder.path().join("setup.yaml");
        let text = "owner: {key: sk_a, connectors: [pcon_a]}\nstranger: {key: sk_b, connectors: [pcon_c]}";
        std::fs::write(&setup, text).unwrap();
        let fixed = ["freddy-conformance", "--rate", "10000", "--base-url", url, "--setup", setup.to_str().unwrap()];
        let cli: Cli = clap::Parser::parse_from(fixed.iter().chain(arguments));
        rows(&cli.arguments).await
    }

    const REFUSED: &[u8] = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";

    #[tokio::test]
    async fn a_law_that_is_chosen_alone_judges_answers() {
        let rows = run_of(&server_of(REFUSED).await, &["--only", "law-envelope"]).await.unwrap();
        let [row] = &*rows else { panic!("{rows:?}") };
        assert!(matches!(row.outcome, Outcome::Failed { .. }), "{row:?}");
    }

    #[tokio::test]
    async fn a_run_that_tries_nothing_is_an_error() {
        let rows = run_of(&server_of(REFUSED).await, &["--only", "limit-kept"]).await.unwrap();
        let problem = has_tried(&rows).unwrap_err();
        assert_eq!(problem, "nothing was tried: the setup names no `limit`");
    }

    #[tokio::test]
    async fn a_server_that_refuses_everything_ends_the_run() {
        const LIMITED: &str =
            "HTTP/1.1 429 Limited\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let url = numbered_server(Duration::ZERO, |_, _| LIMITED.to_owned()).await;
        let problem = run_of(&url, &["--only", "malformed-id"]).await.unwrap_err();
        assert!(problem.contains("rate limit"), "{problem}");
        let keys = Keys { caller: "sk_caller".to_owned(), somebody_elses: "sk_somebody_else".to_owned() };
        let problem = hold(&url, keys, vec![contract_target()]).await.unwrap_err();
        assert!(problem.contains("rate limit"), "{problem}");
    }

    async fn faults_of(answer: &'static [u8]) -> Vec<String> {
        let keys = Keys { caller: "sk_caller".to_owned(), somebody_elses: "sk_somebody_else".to_owned() };
        // No connector of the setup.
        let target = Target::of(&DisconnectConnector { connector_id: connector_id!("pcon_other") });
        hold(&server_of(answer).await, keys, vec![target]).await.unwrap()
    }

    #[tokio::test]
    async fn headers_that_are_no_text_are_a_fault_of_the_server_alone() {
        let answer = b"HTTP/1.1 404 \xFF\r\nX-Request-Id: \xFF\xFE\r\nContent-Type: \xC3\r\nRetry-After: \xFF\r\nContent-Length: 2\r\n\r\n\xFF\0";
        let faults = faults_of(answer).await;
        assert!(faults.iter().any(|fault| fault.contains(": law-envelope (must)")), "{faults:?}");
    }

    #[tokio::test]
    async fn what_is_kept_by_one_request_at_a_time_has_to_be_kept_by_several() {
        let faults = faults_of(b"HTTP/1.1 204 No Content\r\nX-Request-Id: req_1\r\nConnection: close\r\n\r\n").await;
        let (together, alone): (Vec<_>, Vec<_>) =
            faults.into_iter().partition(|fault| fault.contains("with others at the same time"));
        assert!(together.iter().any(|fault| fault.contains(": credential-bearer,")), "{together:?}");
        assert!(!alone.iter().any(|fault| fault.contains(": credential-bearer (")), "{alone:?}");
    }

    #[test]
    fn a_name_that_was_given_to_a_case_is_kept() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/names.txt");
        let listed = std::fs::read_to_string(file).unwrap();
        let (kept, given_up): (Vec<_>, Vec<_>) = listed.lines().partition(|line| !line.starts_with("- "));
        let decode = decode::cases().into_iter().map(|one| one.case.name);
        let request = request::cases::<DisconnectConnector>().into_iter().map(|one| one.case.name);
        let call = call::cases().into_iter().map(|one| one.case.name);
        let server = steps().into_iter().map(|step| step.case().name.clone());
        let mut names: Vec<_> = decode.chain(request).chain(call).chain(server).collect();
        names.sort_unstable();
        for name in &given_up {
            assert!(!names.contains(&name[2..].to_owned()), "{name}: it was another case's");
        }
        let told = "names.txt has a line for each case. A new case adds its line; one that is gone leaves `- name`, so that no \
                    other case gets it";
        assert_eq!(names, kept, "{told}");
    }

    #[test]
    fn every_case_links_to_a_heading_of_the_reference() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../openapi/reference.md");
        let reference = std::fs::read_to_string(file).unwrap();
        let headings = reference.lines().filter(|line| line.starts_with('#'));
        let anchors: BTreeSet<_> =
            headings.map(|line| line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-")).collect();
        for step in steps() {
            assert!(anchors.contains(step.reference()), "{}: #{}", step.case().name, step.reference());
        }
    }
}
