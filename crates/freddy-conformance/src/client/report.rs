//! What came of a run: a table for people, JSON and XML for programs.

use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use serde_json::json;

use super::adapter::Reply;
use super::judge::{Observed, Verdict};
use super::stub::Received;
use super::{Any, Arguments, untold};
use crate::vectors::Level;
use crate::xml::escaped;

/// A case, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Row {
    kind: &'static str,
    name: String,
    why: String,
    level: Level,
    /// `passed`, `failed` or `skipped`.
    verdict: &'static str,
    /// What is wrong, or why it was skipped.
    problems: Vec<String>,
    /// How much the worst of it matters.
    failed_level: Option<Level>,
    /// What the client told.
    told: Option<serde_json::Value>,
    /// What the client sent.
    requests: Vec<Received>,
    /// The milliseconds that it took.
    milliseconds: u128,
    #[serde(skip)]
    pub(super) untold: Vec<String>,
}

impl Row {
    pub(super) fn new(case: &Any, verdict: Verdict, untold: Vec<String>, reply: &Reply, observed: &Observed) -> Self {
        let head = case.case();
        let (verdict, problems, failed_level) = match verdict {
            Verdict::Passed => ("passed", vec![], None),
            Verdict::Skipped(why) => ("skipped", vec![why], None),
            Verdict::Failed(faults) => {
                let worst = faults.iter().map(|(level, _)| *level).min();
                (
                    "failed",
                    faults.into_iter().map(|(level, fault)| format!("{}: {fault}", level.as_str())).collect(),
                    worst,
                )
            }
        };
        let told = match reply {
            Reply::Told(told) => serde_json::to_value(told).ok(),
            Reply::Unsupported(_) | Reply::Broken(_) => None,
        };
        Self {
            kind: case.kind(),
            name: head.name.clone(),
            why: head.why.clone(),
            level: head.level,
            verdict,
            problems,
            failed_level,
            told,
            requests: observed.requests.clone(),
            milliseconds: observed.elapsed.as_millis(),
            untold,
        }
    }

    fn fails(&self, level: Level) -> bool {
        self.failed_level.is_some_and(|failed| failed <= level)
    }
}

/// Prints the table, writes the files, and says what the exit code is.
pub(super) fn end(rows: &[Row], arguments: &Arguments) -> ExitCode {
    print!("{}", table(rows, arguments.level));
    let files = [(&arguments.json, json_of(rows)), (&arguments.junit, junit(rows, arguments.level))];
    for (path, text) in files {
        if let Some(path) = path
            && let Err(error) = write(path, &text)
        {
            return super::fail(&error);
        }
    }
    if rows.is_empty() {
        return super::fail("no case has that in its name");
    }
    if rows.iter().any(|row| row.fails(arguments.level)) { ExitCode::from(1) } else { ExitCode::SUCCESS }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

fn table(rows: &[Row], level: Level) -> String {
    let mut text = String::new();
    for row in rows.iter().filter(|row| row.verdict == "failed") {
        let word = if row.fails(level) { "FAILED" } else { "not kept" };
        let _ = writeln!(text, "{word}  {}/{}  ({})\n  {}", row.kind, row.name, row.level.as_str(), row.why);
        for problem in &row.problems {
            let _ = writeln!(text, "  - {problem}");
        }
        for request in &row.requests {
            let _ = writeln!(text, "  sent: {} {}", request.method, request.target);
        }
        text.push('\n');
    }
    let _ = writeln!(text, "{:<10}{:>8}{:>8}{:>10}{:>9}", "", "passed", "failed", "not kept", "skipped");
    for kind in ["decode", "request", "call"] {
        for of in [Level::Must, Level::Should, Level::May] {
            let rows: Vec<_> = rows.iter().filter(|row| row.kind == kind && row.level == of).collect();
            let count = |verdict: &str| rows.iter().filter(|row| row.verdict == verdict).count();
            let failed = rows.iter().filter(|row| row.fails(level)).count();
            if !rows.is_empty() {
                let name = format!("{kind} {}", of.as_str());
                let (passed, skipped) = (count("passed"), count("skipped"));
                let _ = writeln!(text, "{name:<16}{passed:>2}{failed:>8}{:>10}{skipped:>9}", count("failed") - failed);
            }
        }
    }
    for (field, count) in untold(rows) {
        let _ = writeln!(text, "`{field}` was not told in {count} cases, and need not be");
    }
    let failed = rows.iter().filter(|row| row.fails(level)).count();
    let _ = writeln!(text, "\n{} cases, {failed} failed at the level `{}`", rows.len(), level.as_str());
    text
}

fn json_of(rows: &[Row]) -> String {
    format!("{:#}\n", json!({ "cases": rows }))
}

fn junit(rows: &[Row], level: Level) -> String {
    let failures = rows.iter().filter(|row| row.fails(level)).count();
    let skipped = rows.iter().filter(|row| row.verdict == "skipped").count();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"freddy-conformance client\" tests=\"{}\" failures=\"{failures}\" skipped=\"{skipped}\">\n",
        rows.len()
    );
    for row in rows {
        let seconds = format!("{}.{:03}", row.milliseconds / 1000, row.milliseconds % 1000);
        let _ = write!(text, "<testcase classname=\"{}\" name=\"{}\" time=\"{seconds}\">", row.kind, row.name);
        let problems = escaped(&row.problems.join("; "));
        if row.fails(level) {
            let _ = write!(text, "<failure message=\"{problems}\">{}</failure>", escaped(&row.why));
        } else if row.verdict == "skipped" {
            let _ = write!(text, "<skipped message=\"{problems}\"/>");
        }
        text.push_str("</testcase>\n");
    }
    text + "</testsuite>\n"
}
