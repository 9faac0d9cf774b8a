//! Writes, checks and applies the published contract.

mod output_folder;
mod release;

use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use freddy_openapi::validate::Side;
use freddy_openapi::{Artifact, contract};
use openapi_compat::report::Format;
use output_folder::FileChange;
use release::Result;

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
    /// Exits with 1, and shows why, if the folder does not match the types or they break the newest published version
    Check,
    /// Lists what changed between two documents and whom it breaks; exits with 1 if it breaks anybody
    Diff {
        /// A published version such as `1.0.0`, a file, `-`, or a file in a git revision such as `main:openapi/freddy.json`
        old: String,
        /// The document to compare it with
        new: String,
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Writes the source trees of the packages for npm and Python, of which each language's own tools make packages
    Package {
        /// Where to put `npm` and `python`: a folder that is empty or does not exist
        out: PathBuf,
    },
    /// Publishes the document of the types as a version, which must never be edited afterwards
    Release {
        /// The version, which must be the one that `contract()` declares
        version: String,
    },
    /// Checks the body of a response against the contract: exits with 0 if it is in it, with 1 if not
    Validate {
        /// The HTTP status of the response
        #[arg(long, value_parser = clap::value_parser!(u16).range(100..=999))]
        status: u16,
        /// Check against what our server may send, instead of what a client must be able to read
        #[arg(long)]
        strict: bool,
        /// The body, or `-` for standard input
        file: PathBuf,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    let outcome = match arguments.command {
        None => write(arguments.dir, &mut out),
        Some(Command::Check) => check(arguments.dir, &mut out),
        Some(Command::Diff { old, new, format }) => {
            release::diff(output_folder::find(arguments.dir).as_deref(), &old, &new, format, &mut out)
        }
        Some(Command::Package { out: folder }) => package(&folder, &mut out),
        Some(Command::Release { version }) => {
            folder(arguments.dir).and_then(|folder| release::release(&folder, &version, &mut out))
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

/// Whether the reader of our output has closed it, as `head` does.
fn is_broken_pipe(error: &(dyn std::error::Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

fn folder(named: Option<PathBuf>) -> Result<PathBuf> {
    output_folder::find(named).ok_or_else(|| "there is no `openapi` folder here or above: name it with --dir".into())
}

fn write(named: Option<PathBuf>, out: &mut impl Write) -> Result<bool> {
    write_files(&folder(named)?, &contract().artifacts()?, out)
}

fn package(folder: &Path, out: &mut impl Write) -> Result<bool> {
    // Whatever else is there would be packed too.
    if !output_folder::list(folder)?.is_empty() {
        return Err(format!("{}: it is not empty; name a folder that is empty or new", folder.display()).into());
    }
    write_files(folder, &contract().packages()?, out)
}

fn write_files(folder: &Path, files: &[Artifact], out: &mut impl Write) -> Result<bool> {
    for (path, change) in output_folder::compare(folder, files)? {
        let word = match &change {
            None => "unchanged",
            Some(FileChange::New { .. }) => "written, new",
            Some(FileChange::Different { .. }) => "written, changed",
            Some(FileChange::Leftover { .. }) => "removed",
        };
        if let Some(change) = &change {
            output_folder::apply(&path, change)?;
        }
        writeln!(out, "{}: {word}", path.display())?;
    }
    Ok(true)
}

fn check(named: Option<PathBuf>, out: &mut impl Write) -> Result<bool> {
    let folder = folder(named)?;
    let files = output_folder::compare(&folder, &contract().artifacts()?)?;
    let mut fresh = true;
    for (path, change) in &files {
        let Some(change) = change else { continue };
        fresh = false;
        let (old, new) = match change {
            FileChange::New { text } => ("", text.as_str()),
            FileChange::Different { old, new } => (old.as_str(), new.as_str()),
            FileChange::Leftover { text } => (text.as_str(), ""),
        };
        let path = path.display().to_string();
        let diff = similar::TextDiff::from_lines(old, new);
        write!(out, "{}", diff.unified_diff().header(&format!("{path} as it is"), &format!("{path} from the types")))?;
    }
    if fresh {
        writeln!(out, "{} matches the types: {} files", folder.display(), files.len())?;
    } else {
        writeln!(out, "\n{} does not match the types. To write it: cargo run -p freddy-openapi", folder.display())?;
    }
    Ok(release::check(&folder, out)? && fresh)
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
