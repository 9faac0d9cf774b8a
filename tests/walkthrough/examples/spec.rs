//! Prints the OpenAPI document of the contract with this crate's endpoints: 3.1, or with `3.0` its twin for older tools.

use std::process::ExitCode;

use freddy_walkthrough::cancel_job::CancelJob;
use freddy_walkthrough::create_job::CreateJob;
use freddy_walkthrough::get_job::GetJob;
use freddy_walkthrough::list_jobs::ListJobs;
use freddy_walkthrough::update_job::UpdateJob;

fn main() -> ExitCode {
    let spec = freddy_openapi::contract()
        .endpoint::<ListJobs>()
        .endpoint::<CreateJob>()
        .endpoint::<GetJob>()
        .endpoint::<UpdateJob>()
        .endpoint::<CancelJob>();
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
