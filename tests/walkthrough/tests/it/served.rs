//! The running server keeps what follows from the declarations of this crate's endpoints.

use freddy_conformance::server::{Keys, hold};
use freddy_conformance::vectors::exchange::Target;
use freddy_server::Settings;
use freddy_walkthrough::cancel_job::CancelJob;
use freddy_walkthrough::get_job::GetJob;
use freddy_walkthrough::job::JobPatch;
use freddy_walkthrough::update_job::UpdateJob;

use crate::both_sides::{create, list, new_job};
use crate::server::Server;

#[tokio::test]
async fn the_server_keeps_what_its_endpoints_declare() {
    let mut settings = Settings::default();
    settings.rate_limit = 100_000.try_into().unwrap();
    let server = Server::start_with(settings).await;
    let job_id = server.make("job").await.id;
    let targets = vec![
        Target::of(&list()),
        Target::of(&create("conformance", new_job("job"))),
        Target::of(&GetJob { job_id: job_id.clone() }),
        Target::of(&UpdateJob { job_id: job_id.clone(), patch: JobPatch::default() }),
        Target::of(&CancelJob { job_id }),
    ];
    let keys = Keys { caller: server.api_key.clone(), somebody_elses: "sk_somebody_else".to_owned() };
    let faults = hold(&server.base_url, keys.clone(), targets).await.unwrap();
    assert!(faults.is_empty(), "{}", faults.join("\n"));

    // A job that is not there is found missing wherever a success has to come.
    let missing = vec![Target::of(&GetJob { job_id: "job_none".parse().unwrap() })];
    let faults = hold(&server.base_url, keys, missing).await.unwrap();
    assert!(faults.iter().any(|fault| fault.starts_with("getJob: credential-bearer (must)")), "{faults:?}");
}
