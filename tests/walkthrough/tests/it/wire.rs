//! Every request and every success, as they stand on the wire: a file in `pinned/` for each.

use std::collections::BTreeMap;
use std::path::Path;

use freddy_types::{Created, ErrorCode, Integer, Json, Location, NoContent, Page, Patch, WithHeaders};
use freddy_walkthrough::cancel_job::CancelJob;
use freddy_walkthrough::code::JOB_RUNNING;
use freddy_walkthrough::create_job::CreateJob;
use freddy_walkthrough::get_job::{GetJob, JobHeaders};
use freddy_walkthrough::job::{Job, JobCreate, JobOwner, JobPatch, JobSchedule, JobState, RunEvery, RunOnce};
use freddy_walkthrough::list_jobs::ListJobs;
use freddy_walkthrough::update_job::UpdateJob;

use crate::pinning::{Pins, request, success};
use crate::spec::spec;

/// A job with nothing that can be left out.
pub(crate) fn small_job() -> Job {
    Job {
        id: "job_1".parse().unwrap(),
        name: "Nightly".parse().unwrap(),
        state: JobState::Queued,
        priority: Integer::literal::<5>(),
        schedule: JobSchedule::Every(RunEvery { minutes: Integer::literal::<15>(), jitter: None }),
        labels: BTreeMap::new(),
        owner: JobOwner { name: "Ada".parse().unwrap(), team: None },
        ended_at: None,
        note: None,
        bytes_processed: Integer::literal::<0>(),
        created_at: "2025-11-13T10:30:00Z".parse::<jiff::Timestamp>().unwrap().into(),
    }
}

/// A job with everything that can be there.
fn large_job() -> Job {
    Job {
        state: JobState::Done,
        schedule: JobSchedule::Once(RunOnce { at: "2025-11-13T12:30:00.5+02:00".parse().unwrap() }),
        labels: BTreeMap::from([("tier".to_owned(), "gold".to_owned())]),
        owner: JobOwner { name: "Ada".parse().unwrap(), team: Some("Billing".parse().unwrap()) },
        ended_at: Some("2025-11-13T10:31:00Z".parse::<jiff::Timestamp>().unwrap().into()),
        note: Some("Slow".parse().unwrap()),
        bytes_processed: Integer::literal::<{ i64::MAX }>(),
        ..small_job()
    }
}

fn lists(pins: &mut Pins) {
    pins.add_endpoint::<ListJobs>();
    let plain = ListJobs { state: vec![], created_after: None, limit: Integer::literal::<20>(), cursor: None };
    pins.add("request-listJobs", request(&plain));
    let filtered = ListJobs {
        state: vec![JobState::Queued, JobState::Done],
        created_after: Some("2025-11-13T12:30:00+02:00".parse().unwrap()),
        limit: Integer::literal::<1>(),
        cursor: Some("job_7".parse().unwrap()),
    };
    pins.add("request-listJobs-with-a-filter", request(&filtered));
    let page = Page { items: vec![small_job()], next_cursor: Some("job_1".parse().unwrap()) };
    pins.add("success-listJobs-with-a-next-page", success(&page));
    pins.add("success-listJobs-of-the-last-page", success(&Page::<Job> { items: vec![], next_cursor: None }));
}

fn reading(pins: &mut Pins) {
    pins.add_endpoint::<GetJob>();
    pins.add("request-getJob", request(&GetJob { job_id: small_job().id }));
    let read = |job, ask_again_after| WithHeaders { response: Json(job), headers: JobHeaders { ask_again_after } };
    let soon = Some(Integer::literal::<5>());
    pins.add("success-getJob-with-everything", success(&read(large_job(), soon)));
    pins.add("success-getJob-with-the-least", success(&read(small_job(), None)));
}

fn creation(pins: &mut Pins) {
    pins.add_endpoint::<CreateJob>();
    let Job { id, name, schedule, owner, .. } = small_job();
    let job = JobCreate { name, priority: None, schedule, labels: None, owner, note: None };
    let least = CreateJob { idempotency_key: "0b7c-9e4e".parse().unwrap(), job };
    pins.add("request-createJob-with-the-least", request(&least));
    let Job { name, priority, schedule, labels, owner, note, .. } = large_job();
    let job = JobCreate { name, priority: Some(priority), schedule, labels: Some(labels), owner, note };
    pins.add("request-createJob-with-everything", request(&CreateJob { job, ..least }));
    let created = Created { location: Location::of(&GetJob { job_id: id }), body: small_job() };
    pins.add("success-createJob", success(&created));
}

fn changes(pins: &mut Pins) {
    pins.add_endpoint::<UpdateJob>();
    let mut update = |name: &str, patch| pins.add(name, request(&UpdateJob { job_id: small_job().id, patch }));
    update("request-updateJob-with-nothing", JobPatch::default());
    update("request-updateJob-with-a-null", JobPatch { note: Patch::Null, ..JobPatch::default() });
    let everything = JobPatch {
        name: Some("Weekly".parse().unwrap()),
        priority: Some(Integer::literal::<7>()),
        note: Patch::Value("Slow".parse().unwrap()),
    };
    update("request-updateJob-with-everything", everything);
    pins.add("success-updateJob", success(&Json(small_job())));
}

fn cancellation(pins: &mut Pins) {
    pins.add_endpoint::<CancelJob>();
    pins.add("request-cancelJob", request(&CancelJob { job_id: small_job().id }));
    pins.add("success-cancelJob", success(&NoContent));
    pins.add_code(JOB_RUNNING.code());
}

fn pins() -> Pins {
    let mut pins = Pins::new();
    lists(&mut pins);
    reading(&mut pins);
    creation(&mut pins);
    changes(&mut pins);
    cancellation(&mut pins);
    pins
}

#[test]
fn what_stands_on_the_wire_is_what_was_recorded() {
    let (pins, folder) = (pins(), Path::new(env!("CARGO_MANIFEST_DIR")).join("pinned"));
    pins.assert_as_recorded(&folder, |name, text| insta::assert_snapshot!(name, text));
    pins.assert_no_other_file(&folder);
}

#[test]
fn every_operation_of_this_crate_is_pinned_and_every_code_of_its_own() {
    // What the contract itself has is pinned with the contract.
    let mut document = spec().document().unwrap();
    let contract = freddy_openapi::contract().document().unwrap();
    let own = |path: &String| contract["paths"].get(path).is_none();
    document["paths"].as_object_mut().unwrap().retain(|path, _| own(path));
    pins().assert_every_operation_is_there(&document);
    pins().assert_every_code_is_there(&document, ErrorCode::ALL);
}
