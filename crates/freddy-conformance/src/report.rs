//! What came of a run: a table for people, JSON and XML for programs.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use serde::Serialize;
use serde_json::Value;

use crate::vectors::{Case, Level};

/// Which cases are run, what fails, and where it is written.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReportArguments {
    /// Fail if a case of this level fails, or one that matters more
    #[arg(long, value_enum, default_value_t = Level::Should)]
    level: Level,
    /// Run only the cases that have this in their names. May be given several times
    #[arg(long, value_name = "TEXT")]
    only: Vec<String>,
    /// Write the results as JSON, with what was sent and got
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the results as the XML that most CI systems read
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
}

impl ReportArguments {
    /// Makes the files for the results, so that what cannot be written is told before the run.
    ///
    /// # Errors
    /// One cannot be made, or both are the same.
    pub(crate) fn prepare(&self) -> Result<(), String> {
        if self.json.is_some() && self.json == self.junit {
            return Err("--json and --junit name the same file".to_owned());
        }
        [&self.json, &self.junit].into_iter().flatten().try_for_each(|path| write(path, ""))
    }

    /// The cases that are to be run.
    ///
    /// # Errors
    /// A text of `--only` is in the name of no case.
    pub(crate) fn choose<T>(&self, all: Vec<T>, case: impl Fn(&T) -> &Case) -> Result<Vec<T>, String> {
        let has = |text: &String, one: &T| case(one).name.contains(&**text);
        if let Some(unknown) = self.only.iter().find(|text| !all.iter().any(|one| has(text, one))) {
            return Err(format!("--only: no case has `{unknown}` in its name"));
        }
        let is_chosen = |one: &T| self.only.is_empty() || self.only.iter().any(|text| has(text, one));
        Ok(all.into_iter().filter(is_chosen).collect())
    }
}

/// A case that was run.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Row {
    #[serde(flatten)]
    pub(crate) case: Case,
    #[serde(flatten)]
    pub(crate) outcome: Outcome,
    /// The heading of the reference that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reference: Option<String>,
    pub(crate) seconds: f64,
    /// What a client told.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) told: Option<Value>,
    /// What a client need not tell, and did not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) untold: Vec<String>,
}

/// What came of a case.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "lowercase", tag = "result")]
pub(crate) enum Outcome {
    Passed,
    Failed { problems: Vec<Problem> },
    Skipped { because: String },
}

/// What was sent and got where a case fails, and what had to come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Problem {
    /// How much it matters.
    pub(crate) level: Level,
    /// The field that a client told otherwise, or what of its requests is wrong. Empty where there is no word for it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(crate) about: String,
    pub(crate) sent: String,
    pub(crate) got: String,
    pub(crate) expected: String,
}

impl Row {
    /// How much the worst of its problems matters.
    fn failed_level(&self) -> Option<Level> {
        match &self.outcome {
            Outcome::Failed { problems } => problems.iter().map(|problem| problem.level).min(),
            Outcome::Passed | Outcome::Skipped { .. } => None,
        }
    }
}

/// Where the reference stands.
const REFERENCE: &str = "openapi/reference.md";
/// How much of a text from the outside is shown.
const MAX_SHOWN: usize = 1500;

/// The words for what came of a case, in the order of the columns.
const WORDS: [&str; 4] = ["passed", "FAILED", "not kept", "skipped"];

/// A whole run.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// What was run: `server` or `client`.
    subject: &'static str,
    level: Level,
    cases: Vec<Row>,
}

impl Report {
    pub(crate) fn new(subject: &'static str, arguments: &ReportArguments, cases: Vec<Row>) -> Self {
        Self { subject, level: arguments.level, cases }
    }

    /// Prints the table and writes the files. The exit code is 1 if a case has failed.
    ///
    /// # Errors
    /// Something cannot be written.
    pub(crate) fn write(&self, arguments: &ReportArguments) -> Result<ExitCode, String> {
        std::io::stdout().write_all(self.table().as_bytes()).map_err(|error| format!("standard output: {error}"))?;
        if let Some(path) = &arguments.json {
            let json = serde_json::to_string_pretty(self).map_err(|error| error.to_string())?;
            write(path, &format!("{json}\n"))?;
        }
        if let Some(path) = &arguments.junit {
            write(path, &self.junit())?;
        }
        has_tried(&self.cases)?;
        let has_failed = self.cases.iter().any(|row| self.fails(row));
        Ok(if has_failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Whether a case fails at the level of the run.
    fn fails(&self, row: &Row) -> bool {
        row.failed_level().is_some_and(|level| level <= self.level)
    }

    fn word(&self, row: &Row) -> &'static str {
        match row.outcome {
            Outcome::Passed => "passed",
            Outcome::Failed { .. } if self.fails(row) => "FAILED",
            Outcome::Failed { .. } => "not kept",
            Outcome::Skipped { .. } => "skipped",
        }
    }

    fn table(&self) -> String {
        let mut text = String::new();
        let width = self.cases.iter().map(|row| row.case.name.len()).max().unwrap_or_default();
        for row in &self.cases {
            let note = match &row.outcome {
                Outcome::Skipped { because } => because,
                Outcome::Passed | Outcome::Failed { .. } => &row.case.why,
            };
            let (word, level, name) = (self.word(row), row.case.level.as_str(), &row.case.name);
            let _ = writeln!(text, "{word:<8}  {level:<6}  {name:<width$}  {note}");
        }
        for row in &self.cases {
            if let Outcome::Failed { problems } = &row.outcome {
                let (name, word) = (&row.case.name, self.word(row));
                let _ = write!(text, "\n{word}  {name}\n  {}\n", row.case.why);
                if let Some(reference) = &row.reference {
                    let _ = writeln!(text, "  {REFERENCE}#{reference}");
                }
                text.push_str(&shown(problems));
            }
        }
        let _ = write!(text, "\n{}", self.counts());
        for (field, count) in self.untold() {
            let _ = writeln!(text, "`{field}` was not told in {count} of {} cases, and need not be", self.cases.len());
        }
        text
    }

    /// How many cases of each group and level there are, by what came of them.
    fn counts(&self) -> String {
        let count =
            |rows: &[&Row]| WORDS.map(|word| rows.iter().filter(|row| self.word(row) == word).count().to_string());
        let line = |name: &str, counts: [String; WORDS.len()]| {
            let counts: String = counts.iter().map(|count| format!("{count:>10}")).collect();
            format!("{name:<24}{counts}\n")
        };
        let mut text = line("", WORDS.map(str::to_owned));
        let mut groups: Vec<&str> = self.cases.iter().map(|row| &*row.case.group).collect();
        let mut seen = BTreeSet::new();
        groups.retain(|group| seen.insert(*group));
        for group in groups {
            for level in Level::ALL {
                let is_counted = |row: &&Row| row.case.group == group && row.case.level == level;
                let rows: Vec<_> = self.cases.iter().filter(is_counted).collect();
                if !rows.is_empty() {
                    text += &line(&format!("{group} {}", level.as_str()), count(&rows));
                }
            }
        }
        text + &line("all", count(&self.cases.iter().collect::<Vec<_>>()))
    }

    /// How many cases told nothing of a field that a client need not offer.
    fn untold(&self) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for field in self.cases.iter().flat_map(|row| &row.untold) {
            *counts.entry(&**field).or_default() += 1;
        }
        counts
    }

    fn junit(&self) -> String {
        let count = |word: &str| self.cases.iter().filter(|row| self.word(row) == word).count();
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuite name=\"freddy-conformance {}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
            self.subject,
            self.cases.len(),
            count("FAILED"),
            count("skipped")
        );
        for row in &self.cases {
            let Case { name, group, why, .. } = &row.case;
            let (name, why) = (escaped(name), escaped(why));
            let _ = write!(text, "<testcase classname=\"{group}\" name=\"{name}\" time=\"{:.3}\">", row.seconds);
            match &row.outcome {
                Outcome::Skipped { because } => {
                    let _ = write!(text, "<skipped message=\"{}\"/>", escaped(because));
                }
                Outcome::Failed { problems } if self.fails(row) => {
                    let _ = write!(text, "<failure message=\"{why}\">{}</failure>", escaped(&shown(problems)));
                }
                Outcome::Passed | Outcome::Failed { .. } => {}
            }
            text.push_str("</testcase>\n");
        }
        text + "</testsuite>\n"
    }
}

/// A run that has tried nothing must not look like one in which all is well.
///
/// # Errors
/// Every case was skipped. Says why the first one was.
pub(crate) fn has_tried(rows: &[Row]) -> Result<(), String> {
    let because = |row: &Row| match &row.outcome {
        Outcome::Skipped { because } => Some(because.clone()),
        Outcome::Passed | Outcome::Failed { .. } => None,
    };
    match rows.iter().map(because).collect::<Option<Vec<_>>>() {
        Some(all) => Err(format!("nothing was tried: {}", all.first().map_or("no case was chosen", |first| first))),
        None => Ok(()),
    }
}

/// What was sent is said once for all problems that come of it.
fn shown(problems: &[Problem]) -> String {
    let mut text = String::new();
    let mut sent_before = "";
    for Problem { level, sent, got, expected, .. } in problems {
        if sent != sent_before {
            text += &labelled("sent", sent);
        }
        sent_before = sent;
        text += &labelled("got", got);
        text += &labelled(&format!("expected ({})", level.as_str()), expected);
    }
    text
}

/// A line, or several below their label.
fn labelled(label: &str, text: &str) -> String {
    let mut lines = text.lines();
    match (lines.next(), lines.next()) {
        (Some(line), None) => format!("    {label}: {line}\n"),
        _ => text.lines().fold(format!("    {label}:\n"), |shown, line| format!("{shown}      {line}\n")),
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The beginning of a text from the outside, in which only line feeds and visible characters are left.
pub(crate) fn printable(text: &str) -> String {
    let mut shown = String::new();
    for character in text.replace("\r\n", "\n").chars() {
        if shown.len() > MAX_SHOWN {
            shown.push('…');
            break;
        }
        if character == '\n' {
            shown.push('\n');
        } else if character.is_control() || is_bidirectional(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Characters that change the order of what stands around them.
fn is_bidirectional(character: char) -> bool {
    matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// For a text or an attribute of XML, which has no place for most control characters.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            letter if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            letter => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{Outcome, Problem, Report, ReportArguments, Row, escaped, printable};
    use crate::vectors::{Case, Level};

    fn row(level: Level, name: &str, group: &str, outcome: Outcome) -> Row {
        let case = Case::new(level, name, format!("Why {name}.")).in_group(group);
        Row { case, outcome, reference: None, seconds: 0.5, told: None, untold: vec![] }
    }

    fn failed(level: Level, got: &str) -> Outcome {
        let problem = |got: &str| Problem {
            level,
            about: String::new(),
            sent: "DELETE /\nHost: a<b".to_owned(),
            got: got.to_owned(),
            expected: "204".to_owned(),
        };
        Outcome::Failed { problems: vec![problem(got), problem("nothing")] }
    }

    fn report() -> Report {
        let arguments = ReportArguments { level: Level::Should, only: vec![], json: None, junit: None };
        let skipped = Outcome::Skipped { because: "there is no key".to_owned() };
        let referred = Row {
            reference: Some("errors".to_owned()),
            ..row(Level::Must, "b", "odd", failed(Level::Must, "404\n<p>"))
        };
        let rows = vec![
            row(Level::May, "c", "odd", failed(Level::May, "500")),
            row(Level::Must, "a", "even", Outcome::Passed),
            referred,
            // What breaks the contract does so whatever the level of the case.
            Row { untold: vec!["wait".to_owned()], ..row(Level::May, "d", "odd", failed(Level::Must, "no status")) },
            row(Level::Must, "e", "even", skipped),
        ];
        Report::new("server", &arguments, rows)
    }

    #[test]
    fn a_table_has_a_line_for_each_case_what_is_wrong_and_the_counts() {
        let expected = "\
not kept  may     c  Why c.
passed    must    a  Why a.
FAILED    must    b  Why b.
FAILED    may     d  Why d.
skipped   must    e  there is no key

not kept  c
  Why c.
    sent:
      DELETE /
      Host: a<b
    got: 500
    expected (may): 204
    got: nothing
    expected (may): 204

FAILED  b
  Why b.
  openapi/reference.md#errors
    sent:
      DELETE /
      Host: a<b
    got:
      404
      <p>
    expected (must): 204
    got: nothing
    expected (must): 204

FAILED  d
  Why d.
    sent:
      DELETE /
      Host: a<b
    got: no status
    expected (must): 204
    got: nothing
    expected (must): 204

                            passed    FAILED  not kept   skipped
odd must                         0         1         0         0
odd may                          0         1         1         0
even must                        1         0         0         1
all                              1         2         1         1
`wait` was not told in 1 of 5 cases, and need not be
";
        assert_eq!(report().table(), expected);
    }

    #[test]
    fn junit_counts_what_fails_at_the_level_and_says_what_is_wrong_with_it() {
        let xml = report().junit();
        assert!(
            xml.contains(
                "<testsuite name=\"freddy-conformance server\" tests=\"5\" failures=\"2\" errors=\"0\" skipped=\"1\">"
            ),
            "{xml}"
        );
        for testcase in [
            "<testcase classname=\"even\" name=\"a\" time=\"0.500\"></testcase>",
            "<testcase classname=\"odd\" name=\"c\" time=\"0.500\"></testcase>",
            "<testcase classname=\"even\" name=\"e\" time=\"0.500\"><skipped message=\"there is no key\"/></testcase>",
            "name=\"b\" time=\"0.500\"><failure message=\"Why b.\">    sent:&#10;      DELETE /&#10;      Host: a&lt;b&#10;",
        ] {
            assert!(xml.contains(testcase), "{testcase}: {xml}");
        }
    }

    #[test]
    fn only_chooses_by_parts_of_names_and_a_part_of_none_is_an_error() {
        let chosen = |only: &[&str]| {
            let only = only.iter().map(ToString::to_string).collect();
            let arguments = ReportArguments { level: Level::Must, only, json: None, junit: None };
            let cases = ["law-a", "law-b", "slow-a"].map(|name| Case::new(Level::Must, name, "w."));
            let chosen = arguments.choose(cases.into(), |case| case);
            chosen.map(|cases| cases.into_iter().map(|case| case.name).collect::<Vec<_>>())
        };
        assert_eq!(chosen(&[]).unwrap().len(), 3);
        assert_eq!(chosen(&["law-"]).unwrap(), ["law-a", "law-b"]);
        assert_eq!(chosen(&["slow", "b"]).unwrap(), ["law-b", "slow-a"]);
        assert_eq!(chosen(&["law", "x"]).unwrap_err(), "--only: no case has `x` in its name");
    }

    #[test]
    fn a_text_keeps_its_lines_and_nothing_that_xml_would_read() {
        let text = "<a b=\"c\">&\n\u{0}\u{1b}\u{ffff}ä";
        assert_eq!(escaped(text), "&lt;a b=&quot;c&quot;&gt;&amp;&#10;\u{fffd}\u{fffd}\u{fffd}ä");
    }

    #[test]
    fn what_a_terminal_would_obey_is_shown_as_an_escape_and_what_is_long_is_cut() {
        assert_eq!(printable("a\r\nb\u{1b}[2J\u{202e}ä"), "a\nb\\u{1b}[2J\\u{202e}ä");
        let long = printable(&"x".repeat(1_000_000));
        assert!(long.len() < 2000 && long.ends_with('…'));
    }
}
