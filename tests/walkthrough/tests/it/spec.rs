//! The contract with the endpoints of this crate beside its own, for the tests and for the example that prints it.

use freddy_openapi::Spec;
use freddy_walkthrough::cancel_job::CancelJob;
use freddy_walkthrough::create_job::CreateJob;
use freddy_walkthrough::get_job::GetJob;
use freddy_walkthrough::list_jobs::ListJobs;
use freddy_walkthrough::update_job::UpdateJob;

pub(crate) fn spec() -> Spec {
    freddy_openapi::contract()
        .endpoint::<ListJobs>()
        .endpoint::<CreateJob>()
        .endpoint::<GetJob>()
        .endpoint::<UpdateJob>()
        .endpoint::<CancelJob>()
}
