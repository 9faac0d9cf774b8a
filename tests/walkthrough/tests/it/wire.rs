//! Every request and every success, as they stand on the wire.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use freddy_types::{
    Created, EncodedResponse, Endpoint, IncomingRequest, Integer, Json, Location, NoContent, Page, Patch,
    SuccessResponse,
};
use freddy_walkthrough::cancel_job::CancelJob;
use freddy_walkthrough::create_job::CreateJob;
use freddy_walkthrough::get_job::GetJob;
use freddy_walkthrough::job::{Job, JobCreate, JobOwner, JobPatch, JobSchedule, JobState, RunEvery, RunOnce};
use freddy_walkthrough::list_jobs::ListJobs;
use freddy_walkthrough::update_job::UpdateJob;

/// A request, after the server has read it back.
fn request<E: Endpoint>(request: &E) -> String {
    let encoded = request.encode();
    let body = encoded.body.clone().unwrap_or_default();
    let incoming = IncomingRequest::new(&encoded.path).query(&encoded.query).headers(&encoded.headers).body(&body);
    assert_eq!(E::decode(&incoming).as_ref(), Ok(request));
    let mut text = format!("{} {}", E::METHOD, encoded.target());
    for (name, value) in &encoded.headers {
        write!(text, "\n{name}: {value}").unwrap();
    }
    if !body.is_empty() {
        write!(text, "\n\n{}", String::from_utf8(body).unwrap()).unwrap();
    }
    text
}

/// A success, after the client has read it.
fn success<R: SuccessResponse>(response: &R) -> String {
    let EncodedResponse { status, headers, body, .. } = response.encode();
    R::decode(&headers, &body).unwrap();
    let mut text = status.to_string();
    for (name, value) in &headers {
        write!(text, "\n{name}: {value}").unwrap();
    }
    if !body.is_empty() {
        write!(text, "\n\n{}", String::from_utf8(body).unwrap()).unwrap();
    }
    text
}

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

#[test]
fn lists() {
    let plain = ListJobs { state: vec![], created_after: None, limit: Integer::literal::<20>(), cursor: None };
    insta::assert_snapshot!(request(&plain), "a list", @"GET /v1/jobs?limit=20");
    let filtered = ListJobs {
        state: vec![JobState::Queued, JobState::Done],
        created_after: Some("2025-11-13T12:30:00+02:00".parse().unwrap()),
        limit: Integer::literal::<1>(),
        cursor: Some("job_7".parse().unwrap()),
    };
    insta::assert_snapshot!(request(&filtered), "a filtered list", @"GET /v1/jobs?state=queued&state=done&created_after=2025-11-13T12%3A30%3A00%2B02%3A00&limit=1&cursor=job_7");
    let page = Page { items: vec![small_job()], next_cursor: Some("job_1".parse().unwrap()) };
    insta::assert_snapshot!(success(&page), "a page", @r#"
    200
    Content-Type: application/json

    {"items":[{"id":"job_1","name":"Nightly","state":"queued","priority":5,"schedule":{"kind":"every","minutes":15},"labels":{},"owner":{"name":"Ada"},"ended_at":null,"bytes_processed":0,"created_at":"2025-11-13T10:30:00Z"}],"has_more":true,"next_cursor":"job_1"}
    "#);
    insta::assert_snapshot!(success(&Page::<Job> { items: vec![], next_cursor: None }), "the last page", @r#"
    200
    Content-Type: application/json

    {"items":[],"has_more":false}
    "#);
}

#[test]
fn reading() {
    insta::assert_snapshot!(request(&GetJob { job_id: small_job().id }), "a request", @"GET /v1/jobs/job_1");
    insta::assert_snapshot!(success(&Json(large_job())), "a job with everything", @r#"
    200
    Content-Type: application/json

    {"id":"job_1","name":"Nightly","state":"done","priority":5,"schedule":{"kind":"once","at":"2025-11-13T12:30:00.5+02:00"},"labels":{"tier":"gold"},"owner":{"name":"Ada","team":"Billing"},"ended_at":"2025-11-13T10:31:00Z","note":"Slow","bytes_processed":9223372036854775807,"created_at":"2025-11-13T10:30:00Z"}
    "#);
}

#[test]
fn creation() {
    let small = small_job();
    let job = JobCreate {
        name: small.name,
        priority: None,
        schedule: small.schedule,
        labels: None,
        owner: small.owner,
        note: None,
    };
    let idempotency_key = "0b7c-9e4e".parse().unwrap();
    insta::assert_snapshot!(request(&CreateJob { idempotency_key, job }), "a request", @r#"
    POST /v1/jobs
    Idempotency-Key: 0b7c-9e4e

    {"name":"Nightly","schedule":{"kind":"every","minutes":15},"owner":{"name":"Ada"}}
    "#);
    let location = Location::of(&GetJob { job_id: small.id });
    insta::assert_snapshot!(success(&Created { location, body: small_job() }), "a job and its address", @r#"
    201
    Content-Type: application/json
    Location: /v1/jobs/job_1

    {"id":"job_1","name":"Nightly","state":"queued","priority":5,"schedule":{"kind":"every","minutes":15},"labels":{},"owner":{"name":"Ada"},"ended_at":null,"bytes_processed":0,"created_at":"2025-11-13T10:30:00Z"}
    "#);
}

#[test]
fn changes() {
    let update = |patch| request(&UpdateJob { job_id: small_job().id, patch });
    insta::assert_snapshot!(update(JobPatch::default()), "a patch of nothing", @r"
    PATCH /v1/jobs/job_1

    {}
    ");
    let cleared = JobPatch { note: Patch::Null, ..JobPatch::default() };
    insta::assert_snapshot!(update(cleared), "a note that is taken away", @r#"
    PATCH /v1/jobs/job_1

    {"note":null}
    "#);
    let changed = JobPatch {
        name: Some("Weekly".parse().unwrap()),
        priority: Some(Integer::literal::<7>()),
        note: Patch::Value("Slow".parse().unwrap()),
    };
    insta::assert_snapshot!(update(changed), "everything", @r#"
    PATCH /v1/jobs/job_1

    {"name":"Weekly","priority":7,"note":"Slow"}
    "#);
}

#[test]
fn cancellation() {
    insta::assert_snapshot!(request(&CancelJob { job_id: small_job().id }), "a request", @"POST /v1/jobs/job_1/cancel");
    insta::assert_snapshot!(success(&NoContent), "done", @"204");
}
