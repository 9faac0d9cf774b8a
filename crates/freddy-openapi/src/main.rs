//! Writes, checks and applies the published contract.

mod files;
mod gate;
mod published;

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use files::Change;
use freddy_openapi::contract;
use freddy_openapi::validate::Side;
use gate::Format;

/// The published contract of the Freddy API: without a command, writes `openapi/` from the Rust types.
#[derive(Parser)]
#[command(name = "freddy-openapi", bin_name = "cargo openapi", version, max_term_width = 100)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The folder to write or check [default: `openapi` in the workspace]
    #[arg(long, global = true, value_name = "FOLDER")]
    dir: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Exits with 1, and shows how, if the folder is not what the types say, or if they break the newest published version
    Check,
    /// Lists what changed between two documents, and whom it breaks: exits with 1 if it breaks anybody
    Diff {
        /// An OpenAPI 3.1 document, as JSON or YAML, or a published version such as `1.0.0`
        old: String,
        /// The document to compare it with
        new: String,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Publishes the document of the types as a version, which is never edited afterwards
    Release {
        /// The version, which `contract()` declares as well
        version: String,
    },
    /// Says whether the body of a response is in the contract: exits with 0 if it is, with 1 if not
    Validate {
        /// The HTTP status of the response
        #[arg(long, value_parser = clap::value_parser!(u16).range(100..=999))]
        status: u16,
        /// Hold the body to what our server may send, not to what a client must be able to read
        #[arg(long)]
        strict: bool,
        /// The body, `-` for standard input
        file: PathBuf,
    },
}

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    let outcome = match arguments.command {
        None => write(arguments.dir, &mut out),
        Some(Command::Check) => check(arguments.dir, &mut out),
        Some(Command::Diff { old, new, format }) => {
            gate::diff(files::output_folder(arguments.dir).as_deref(), &old, &new, format, &mut out)
        }
        Some(Command::Release { version }) => {
            folder(arguments.dir).and_then(|folder| gate::release(&folder, &version, &mut out))
        }
        Some(Command::Validate { status, strict, file }) => {
            let side = if strict { Side::Sent } else { Side::Received };
            validate(status, side, &file, &mut out)
        }
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}

/// The reader of our output has seen enough.
fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn folder(named: Option<PathBuf>) -> Result<PathBuf> {
    files::output_folder(named).ok_or_else(|| "there is no `openapi` folder here or above: name it with --dir".into())
}

fn write(named: Option<PathBuf>, out: &mut impl Write) -> Result<bool> {
    let folder = folder(named)?;
    for (path, change) in files::compare(&folder, &contract().artifacts()?)? {
        let word = match &change {
            None => "unchanged",
            Some(Change::New { .. }) => "written, new",
            Some(Change::Different { .. }) => "written, changed",
            Some(Change::Leftover { .. }) => "removed",
        };
        if let Some(change) = &change {
            files::apply(&path, change)?;
        }
        writeln!(out, "{}: {word}", path.display())?;
    }
    Ok(true)
}

fn check(named: Option<PathBuf>, out: &mut impl Write) -> Result<bool> {
    let folder = folder(named)?;
    let files = files::compare(&folder, &contract().artifacts()?)?;
    let mut fresh = true;
    for (path, change) in &files {
        let Some(change) = change else { continue };
        fresh = false;
        let (old, new) = match change {
            Change::New { text } => ("", text.as_str()),
            Change::Different { old, new } => (old.as_str(), new.as_str()),
            Change::Leftover { text } => (text.as_str(), ""),
        };
        let path = path.display().to_string();
        let diff = similar::TextDiff::from_lines(old, new);
        write!(out, "{}", diff.unified_diff().header(&format!("{path} as it is"), &format!("{path} from the types")))?;
    }
    if fresh {
        writeln!(out, "{} is what the types say: {} files", folder.display(), files.len())?;
    } else {
        writeln!(out, "\n{} is not what the types say. To write it: cargo run -p freddy-openapi", folder.display())?;
    }
    Ok(gate::check(&folder, out)? && fresh)
}

fn validate(status: u16, side: Side, file: &Path, out: &mut impl Write) -> Result<bool> {
    let body = read_body(file).map_err(|error| format!("{}: {error}", file.display()))?;
    let problems = contract().validate(status, &body, side);
    let contract = match side {
        Side::Received => "the contract",
        Side::Sent => "the strict contract",
    };
    if problems.is_empty() {
        writeln!(out, "{}: in {contract} for status {status}", file.display())?;
    } else {
        writeln!(out, "{}: not in {contract} for status {status}", file.display())?;
        for problem in &problems {
            writeln!(out, "  {problem}")?;
        }
    }
    Ok(problems.is_empty())
}

fn read_body(file: &Path) -> io::Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut body = Vec::new();
        io::stdin().lock().read_to_end(&mut body)?;
        Ok(body)
    } else {
        std::fs::read(file)
    }
}
