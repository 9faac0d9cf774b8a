//! What the client calls and what the server mounts, over a real socket and from a real database.

use std::collections::BTreeMap;

use freddy_client::ErrorKind;
use freddy_types::{Created, ErrorCode, Integer, NoContent, Paged, Patch, ReceivedError};
use freddy_walkthrough::cancel_job::CancelJob;
use freddy_walkthrough::code::{JOB_RUNNING, JobRunningDetails};
use freddy_walkthrough::create_job::CreateJob;
use freddy_walkthrough::get_job::GetJob;
use freddy_walkthrough::job::{
    Job, JobCreate, JobOwner, JobPatch, JobSchedule, JobState, ReceivedJob, RunEvery, RunOnce,
};
use freddy_walkthrough::list_jobs::ListJobs;
use freddy_walkthrough::update_job::UpdateJob;

use crate::server::{CALLER, Server};

pub(crate) fn new_job(name: &str) -> JobCreate {
    JobCreate {
        name: name.parse().unwrap(),
        priority: None,
        schedule: JobSchedule::Every(RunEvery { minutes: Integer::literal::<15>(), jitter: None }),
        labels: None,
        owner: JobOwner { name: "Ada".parse().unwrap(), team: None },
        note: None,
    }
}

pub(crate) fn create(key: &str, job: JobCreate) -> CreateJob {
    CreateJob { idempotency_key: key.parse().unwrap(), job }
}

pub(crate) fn list() -> ListJobs {
    ListJobs { state: vec![], created_after: None, limit: Integer::literal::<20>(), cursor: None }
}

/// The error that the server has sent.
fn sent(error: &freddy_client::Error) -> &ReceivedError {
    error.response().unwrap().envelope().unwrap().error()
}

fn names(jobs: &[ReceivedJob]) -> Vec<&str> {
    jobs.iter().map(|job| job.name.as_str()).collect()
}

impl Server {
    /// A job, made now.
    pub(crate) async fn make(&self, name: &str) -> Job {
        let created = self.client.send(&create(name, new_job(name))).await.unwrap();
        created.body.known().unwrap()
    }

    /// Every page of a list, asked for one after the other.
    async fn pages(&self, mut request: ListJobs) -> Vec<Vec<ReceivedJob>> {
        let mut pages = Vec::new();
        loop {
            let page = self.client.send(&request).await.unwrap();
            assert_eq!(page.has_more, page.next_cursor.is_some());
            pages.push(page.items);
            let Some(cursor) = page.next_cursor else { return pages };
            request = request.with_cursor(cursor);
        }
    }
}

#[tokio::test]
async fn a_list_has_every_job_once_on_pages_of_the_size_that_was_asked_for() {
    let server = Server::start().await;
    assert_eq!(server.pages(list()).await, [vec![]]);
    for number in 1..=5 {
        server.make(&format!("job{number}")).await;
    }
    let pages = server.pages(ListJobs { limit: Integer::literal::<2>(), ..list() }).await;
    let pages: Vec<_> = pages.iter().map(|page| names(page)).collect();
    assert_eq!(pages, [vec!["job1", "job2"], vec!["job3", "job4"], vec!["job5"]]);
    // The last page is full.
    let pages = server.pages(ListJobs { limit: Integer::literal::<5>(), ..list() }).await;
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [5]);
}

#[tokio::test]
async fn a_list_is_filtered_by_any_of_several_states_and_by_time_on_every_page() {
    let server = Server::start().await;
    let noon: jiff::Timestamp = "2025-11-13T12:00:00Z".parse().unwrap();
    let mut jobs = Vec::new();
    for second in 0..6 {
        let name = format!("job{second}");
        let now = noon + jiff::SignedDuration::from_secs(second);
        let job = server.jobs.create(CALLER, &name.parse().unwrap(), &new_job(&name), now).await.unwrap();
        jobs.push(job.unwrap());
    }
    server.jobs.create("bob", &"key".parse().unwrap(), &new_job("not alice's"), noon).await.unwrap();
    server.jobs.start(CALLER, &jobs[1].id, noon, 0).await.unwrap();
    server.jobs.start(CALLER, &jobs[4].id, noon, 0).await.unwrap();
    server.jobs.cancel(CALLER, &jobs[3].id, noon).await.unwrap();

    let filtered = async |state: &[JobState], created_after: Option<&str>| {
        let created_after = created_after.map(|time| time.parse().unwrap());
        let limit = Integer::literal::<1>();
        let pages = server.pages(ListJobs { state: state.to_vec(), created_after, limit, cursor: None }).await;
        names(&pages.concat()).join(" ")
    };
    assert_eq!(filtered(&[], None).await, "job0 job1 job2 job3 job4 job5");
    assert_eq!(filtered(&[JobState::Running], None).await, "job1 job4");
    assert_eq!(filtered(&[JobState::Running, JobState::Done], None).await, "job1 job3 job4");
    assert_eq!(filtered(&[], Some("2025-11-13T12:00:03Z")).await, "job4 job5");
    assert_eq!(filtered(&[], Some("2025-11-13T14:00:02.5+02:00")).await, "job3 job4 job5");
    assert_eq!(filtered(&[JobState::Running], Some("2025-11-13T12:00:03Z")).await, "job4");
}

#[tokio::test]
async fn a_cursor_that_is_not_of_the_list_is_refused_at_its_place() {
    let server = Server::start().await;
    let error = server.client.send(&list().with_cursor("elsewhere".parse().unwrap())).await.unwrap_err();
    assert_eq!(sent(&error).system_message(), "Validation failed: query.cursor: is not one of this list");
}

#[tokio::test]
async fn a_job_is_read_where_its_creation_says() {
    let server = Server::start().await;
    let job = JobCreate {
        priority: Some(Integer::literal::<9>()),
        schedule: JobSchedule::Once(RunOnce { at: "2026-01-01T00:00:00.250+02:00".parse().unwrap() }),
        labels: Some(BTreeMap::from([("tier".to_owned(), "gold".to_owned()), ("ü / ☃".to_owned(), String::new())])),
        owner: JobOwner { name: "Ada".parse().unwrap(), team: Some("Billing".parse().unwrap()) },
        note: Some("\"quoted\" & \u{1F4A1}".parse().unwrap()),
        ..new_job("Nightly")
    };
    let Created { location, body } = server.client.send(&create("k1", job.clone())).await.unwrap();
    let request = GetJob { job_id: body.id.clone() };
    assert_eq!(location, freddy_types::Location::of(&request));
    let read = server.client.send(&request).await.unwrap();
    assert_eq!((read.response, read.headers.ask_again_after), (body.clone(), Some(Integer::literal::<5>())));

    let made = body.known().unwrap();
    assert_eq!((made.name, made.schedule, Some(made.labels)), (job.name, job.schedule, job.labels));
    assert_eq!((made.owner, made.note, Some(made.priority)), (job.owner, job.note, job.priority));
    assert_eq!((made.state, made.ended_at, made.bytes_processed.get()), (JobState::Queued, None, 0));

    let missing = server.client.send(&GetJob { job_id: "job_404".parse().unwrap() }).await.unwrap_err();
    assert_eq!(missing.code(), Some(ErrorCode::NotFound));
}

#[tokio::test]
async fn a_second_creation_with_the_same_key_answers_the_first_job() {
    let server = Server::start().await;
    let first = server.client.send(&create("k1", new_job("Nightly"))).await.unwrap();
    assert_eq!(server.client.send(&create("k1", new_job("Nightly"))).await.unwrap(), first);
    let other = server.client.send(&create("k2", new_job("Nightly"))).await.unwrap();
    assert_ne!(other.body.id, first.body.id);
    assert_eq!(server.pages(list()).await, [[first.body, other.body]]);

    let error = server.client.send(&create("k1", new_job("Weekly"))).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Response, Some(ErrorCode::ValidationError)));
    let words = "Validation failed: header Idempotency-Key: came with another body before";
    assert_eq!(error.system_message(), Some(words));
}

#[tokio::test]
async fn a_patch_leaves_takes_away_or_gives() {
    let server = Server::start().await;
    let job = server.make("Nightly").await;
    let update = async |patch| {
        let updated = server.client.send(&UpdateJob { job_id: job.id.clone(), patch }).await.unwrap();
        assert_eq!(server.client.send(&GetJob { job_id: job.id.clone() }).await.unwrap().response, updated);
        updated.known().unwrap()
    };
    let note = Patch::Value("Slow".parse().unwrap());
    let noted = update(JobPatch { note, ..JobPatch::default() }).await;
    assert_eq!(noted, Job { note: Some("Slow".parse().unwrap()), ..job.clone() });

    let renamed = update(JobPatch {
        name: Some("Weekly".parse().unwrap()),
        priority: Some(Integer::literal::<0>()),
        note: Patch::Absent,
    });
    let renamed = renamed.await;
    let expected = Job { name: "Weekly".parse().unwrap(), priority: Integer::literal::<0>(), ..noted };
    assert_eq!(renamed, expected);

    let cleared = update(JobPatch { note: Patch::Null, ..JobPatch::default() }).await;
    assert_eq!(cleared, Job { note: None, ..renamed });
}

#[tokio::test]
async fn a_job_at_work_is_not_cancelled_and_says_how_far_it_is() {
    let server = Server::start().await;
    let (queued, running) = (server.make("a").await, server.make("b").await);
    let began = "2025-11-13T10:30:00Z".parse().unwrap();
    server.jobs.start(CALLER, &running.id, began, 40).await.unwrap();
    let cancel = async |job: &Job| server.client.send(&CancelJob { job_id: job.id.clone() }).await;

    assert_eq!(cancel(&queued).await.unwrap(), NoContent);
    let ended = server.client.send(&GetJob { job_id: queued.id.clone() }).await.unwrap().response.known().unwrap();
    assert_eq!((ended.state, ended.ended_at.is_some()), (JobState::Done, true));
    assert_eq!(cancel(&queued).await.unwrap(), NoContent);

    let error = cancel(&running).await.unwrap_err();
    let response = error.response().unwrap();
    assert!(response.has_code(JOB_RUNNING.code()));
    assert_eq!((response.status(), response.code_str()), (409, Some("JOB_RUNNING")));
    assert_eq!(error.retry_after(), None);
    let details = sent(&error).details::<JobRunningDetails>().unwrap().unwrap();
    assert_eq!(details.started_at.instant(), began);
    assert_eq!(details.known(), Ok(JobRunningDetails { started_at: began.into(), progress: Integer::literal::<40>() }));
}

#[tokio::test]
async fn another_owners_job_is_not_there() {
    let server = Server::start().await;
    let now = jiff::Timestamp::UNIX_EPOCH;
    let job = server.jobs.create("bob", &"k1".parse().unwrap(), &new_job("Bob's"), now).await.unwrap().unwrap();
    let job_id = job.id;
    let codes = [
        server.client.send(&GetJob { job_id: job_id.clone() }).await.unwrap_err().code(),
        server.client.send(&UpdateJob { job_id: job_id.clone(), patch: JobPatch::default() }).await.unwrap_err().code(),
        server.client.send(&CancelJob { job_id }).await.unwrap_err().code(),
    ];
    assert_eq!(codes, [Some(ErrorCode::NotFound); 3]);
}
