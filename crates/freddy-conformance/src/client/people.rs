//! A server for people: it answers the cases by connector ID, lists them, and shows what came in.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use freddy_types::{ErrorCode, headers};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use super::Any;
use super::stub::{Received, accept, lock, play};
use crate::command;
use crate::report::printable;
use crate::vectors::Case;
use crate::vectors::bytes::Bytes;
use crate::vectors::call::Step;
use crate::vectors::decode::Answer;

/// What is said on the command line.
#[derive(Clone, Debug, clap::Args)]
pub struct StubArguments {
    /// The address to listen at
    #[arg(long, default_value_t = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4010))]
    listen: SocketAddr,
}

/// The requests that are shown.
const SHOWN: usize = 50;

#[derive(Default)]
struct State {
    /// How often a case was asked for, by the ID of its connector.
    asked: HashMap<String, usize>,
    log: Vec<String>,
}

struct Shared {
    cases: Vec<(Case, String, Vec<Step>)>,
    state: Mutex<State>,
    url: String,
}

/// Serves until it is stopped.
#[must_use]
pub fn stub(arguments: &StubArguments) -> ExitCode {
    let address = arguments.listen;
    command::run(async {
        serve(address).await.map_err(|error| format!("{address}: {error}"))?;
        Ok(ExitCode::SUCCESS)
    })
}

async fn serve(address: SocketAddr) -> std::io::Result<()> {
    let listener = TcpListener::bind(address).await?;
    let url = format!("http://{}", listener.local_addr()?);
    writeln!(std::io::stdout(), "{url}/ lists the cases and shows what came in")?;
    // A request has no answer of its own: what comes in is for the caller to look at.
    let cases = Any::all(vec![]).into_iter();
    let cases = cases.map(|case| (case.case().clone(), case.case().connector_id(), case.script())).collect();
    let shared = Arc::new(Shared { cases, state: Mutex::default(), url });
    loop {
        let stream = accept(&listener).await;
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            let mut stream = BufReader::new(stream);
            let Ok(Some(received)) = Received::read(&mut stream).await else { return };
            if received.target == "/" {
                let page = Answer::new(200, Bytes::new(shared.page()));
                let page = page.header(headers::CONTENT_TYPE, "text/html; charset=utf-8");
                play(&Step::Answer(page), "", &mut stream).await;
            } else {
                let step = shared.step(&received);
                play(&step, &shared.url, &mut stream).await;
            }
            let _ = stream.shutdown().await;
            let _ = tokio::io::copy(&mut stream, &mut tokio::io::sink()).await;
        });
    }
}

impl Shared {
    /// What to do on a request, which is written down.
    fn step(&self, received: &Received) -> Step {
        let path = received.target.split('?').next().unwrap_or_default();
        let asked = path.split('/').find_map(|segment| self.cases.iter().find(|(_, id, _)| id == segment));
        let mut state = lock(&self.state);
        let name = asked.map_or("no case", |(case, ..)| &case.name);
        let line = format!("{name}\n{}", printable(&received.to_string()));
        // Where nobody reads it, the page has it.
        let _ = writeln!(std::io::stdout(), "{line}");
        state.log.push(line);
        let surplus = state.log.len().saturating_sub(SHOWN);
        state.log.drain(..surplus);
        let Some((_, id, script)) = asked else { return Step::Answer(not_found()) };
        let count = state.asked.entry(id.clone()).or_default();
        let step = script.get(*count % script.len().max(1)).cloned();
        *count += 1;
        step.unwrap_or_else(|| Step::Answer(not_found()))
    }

    fn page(&self) -> String {
        let mut page = String::from(
            "<!doctype html><meta charset=utf-8><title>Freddy conformance</title>\
             <style>body{font:15px/1.5 system-ui;margin:2em auto;max-width:70em;padding:0 1em}\
             td,th{text-align:left;vertical-align:top;padding:.2em .8em .2em 0}pre{background:#8881;padding:1em;overflow:auto}</style>\
             <h1>Cases for a client</h1>\
             <p>Disconnect the connector of a case, with any key, and look at what your client makes of the answer. A case with \
             more than one answer begins again after the last.</p><h2>What came in</h2><pre>",
        );
        let log = lock(&self.state).log.iter().rev().cloned().collect::<Vec<_>>().join("\n");
        page += if log.is_empty() { "nothing yet" } else { "" };
        page += &html(&log);
        page += "</pre><h2>Cases</h2><table><tr><th>connector<th>level<th>answers<th>why";
        for (case, id, script) in &self.cases {
            let answers: Vec<_> = script.iter().map(in_a_word).collect();
            let (answers, why) = (answers.join(", "), html(&case.why));
            let _ = write!(page, "<tr><td><code>{id}</code><td>{}<td>{answers}<td>{why}", case.level.as_str());
        }
        page + "</table>\n"
    }
}

fn in_a_word(step: &Step) -> String {
    match step {
        Step::Answer(answer) => answer.status.to_string(),
        Step::Close => "closes".to_owned(),
        Step::Stall => "nothing".to_owned(),
        Step::StallInBody(answer) => format!("{}, cut", answer.status),
        Step::Drip(answer) => format!("{}, byte by byte", answer.status),
    }
}

fn not_found() -> Answer {
    Answer::documented(ErrorCode::NotFound)
}

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}
