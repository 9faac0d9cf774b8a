//! Prints the OpenAPI document of the contract with this crate's endpoints: 3.1, or with `3.0` its twin for older tools.

#[path = "../tests/it/spec.rs"]
mod spec;

use std::process::ExitCode;

fn main() -> ExitCode {
    let spec = spec::spec();
    let document = match std::env::args().nth(1).as_deref() {
        None | Some("3.1") => spec.document(),
        Some("3.0") => spec.document_3_0(),
        Some(other) => {
            eprintln!("there is no document of version {other}: 3.1 or 3.0");
            return ExitCode::FAILURE;
        }
    };
    match document {
        Ok(document) => {
            println!("{document:#}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
