//! Every endpoint of this crate holds the laws of the contract: a line each.

use freddy_openapi::laws::{hold, hold_code};
use freddy_walkthrough::cancel_job::CancelJob;
use freddy_walkthrough::code::JOB_RUNNING;
use freddy_walkthrough::create_job::CreateJob;
use freddy_walkthrough::get_job::GetJob;
use freddy_walkthrough::list_jobs::ListJobs;
use freddy_walkthrough::update_job::UpdateJob;

#[test]
fn listing_jobs_holds_the_laws() {
    hold::<ListJobs>();
}

#[test]
fn reading_a_job_holds_the_laws() {
    hold::<GetJob>();
}

#[test]
fn creating_a_job_holds_the_laws() {
    hold::<CreateJob>();
}

#[test]
fn changing_a_job_holds_the_laws() {
    hold::<UpdateJob>();
}

#[test]
fn cancelling_a_job_holds_the_laws() {
    hold::<CancelJob>();
}

#[test]
fn the_details_of_a_running_job_hold_the_laws() {
    hold_code(JOB_RUNNING.code());
}
