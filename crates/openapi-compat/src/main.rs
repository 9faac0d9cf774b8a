//! Says which clients and servers a change of an OpenAPI document breaks.

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};
use openapi_compat::report::{Bump, Format, JSON_SCHEMA, Report, RuleFormat};
use openapi_compat::{Document, Settings, Source, report};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Says which clients and servers a change of an OpenAPI document breaks.
#[derive(Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 if nothing breaks, 1 if something does, 2 if there is no answer.";

#[derive(Subcommand)]
enum Command {
    /// Lists what changed between two documents and whom it breaks
    #[command(after_help = EXIT_CODES)]
    Diff {
        /// The old document: a file, `-` for standard input, or a file in a git revision such as `main:api/openapi.yaml`
        old: String,
        /// The new document, named in the same ways
        new: String,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// A file of settings: severities, accepted breaks and so on
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
        /// Exit with 1 if the changes need more than this part of the version, instead of if something breaks
        #[arg(long, value_enum, value_name = "VERSION")]
        expect: Option<Expect>,
        /// List only what breaks and is not accepted
        #[arg(long)]
        breaking_only: bool,
    },
    /// Lists the rules: what each finds, and what to do instead
    Rules {
        /// The ID of a rule, to list only this one
        id: Option<String>,
        #[arg(long, value_enum, default_value_t = RuleFormat::Text)]
        format: RuleFormat,
    },
    /// Prints the JSON Schema of what `diff --format json` prints
    Schema,
}

#[derive(Clone, Copy, ValueEnum)]
enum Expect {
    Major,
    Minor,
    Patch,
    /// What the versions in the two documents allow
    Declared,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Diff { old, new, format, settings, expect, breaking_only } => {
            diff(&old, &new, settings.as_deref(), expect).map(|(report, passes)| {
                let report = if breaking_only { report.breaking_only() } else { report };
                (report.show(format, format == Format::Text), passes)
            })
        }
        Command::Rules { id, format } => rules(id.as_deref(), format).map(|list| (list, true)),
        Command::Schema => Ok((JSON_SCHEMA.to_owned(), true)),
    };
    match outcome.and_then(|(text, passes)| print(&text).map(|()| passes)) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            // There is nobody left to tell if this fails, too.
            let _ = writeln!(io::stderr(), "error: {error}");
            ExitCode::from(2)
        }
    }
}

/// Compares two documents. Also returns whether the change is one that may be.
fn diff(old: &str, new: &str, settings: Option<&Path>, expect: Option<Expect>) -> Result<(Report, bool)> {
    let (old, new) = (Source::named(old), Source::named(new));
    if old == Source::Stdin && new == Source::Stdin {
        return Err("standard input can be only one of the two documents".into());
    }
    let of_settings = |error: &dyn std::error::Error| match settings {
        Some(file) => format!("{}: {error}", file.display()),
        None => error.to_string(),
    };
    let rules = match settings {
        None => Settings::default(),
        Some(file) => {
            let text = read_bounded(file).map_err(|error| of_settings(&error))?;
            Settings::parse(&text).map_err(|error| of_settings(&error))?
        }
    };
    let (old, new) = (read(&old)?, read(&new)?);
    let report = Report::with_settings(&old, &new, &rules, report::today()).map_err(|error| of_settings(&error))?;
    let passes = match expect {
        None => !report.breaking,
        Some(Expect::Major) => true,
        Some(Expect::Minor) => report.version_bump <= Bump::Minor,
        Some(Expect::Patch) => report.version_bump <= Bump::Patch,
        Some(Expect::Declared) => report
            .version
            .suffices
            .ok_or("`--expect declared` needs a version such as 1.2.3 in `info.version` of both documents")?,
    };
    Ok((report, passes))
}

/// The error may quote the document, and is one line nevertheless.
fn read(source: &Source) -> Result<Document> {
    Document::read(source).map_err(|error| report::visible(&error.to_string()).into())
}

/// A text that is not larger than settings may be, and a byte if it is.
fn read_bounded(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(file)?.take(Settings::MAX_BYTES as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

fn rules(id: Option<&str>, format: RuleFormat) -> Result<String> {
    let all = match id {
        Some(id) => vec![openapi_compat::rules::find(id)?],
        None => openapi_compat::rules::ALL.to_vec(),
    };
    Ok(report::rules(&all, format))
}

/// Prints to standard output, with colours only where they can be seen. That nobody reads on, as `head` does, is no error.
fn print(text: &str) -> Result<()> {
    let mut out = anstream::AutoStream::auto(io::stdout().lock());
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("standard output cannot be written: {error}").into())
        }
        _ => Ok(()),
    }
}
