//! What a later version of the server sends: the client of this version reads it, keeps it and can tell.

use freddy_client::Client;
use freddy_types::{Faults, Integer};
use freddy_walkthrough::get_job::GetJob;
use freddy_walkthrough::job::{Job, JobState, ReceivedJob, ReceivedJobSchedule};
use freddy_walkthrough::list_jobs::ListJobs;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::wire::small_job;

/// A client of a server that gives one answer.
async fn client_of(body: &Value) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let body = body.to_string();
    let answer =
        format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
    });
    Client::builder().base_url(base_url).api_key("key").build().unwrap()
}

/// The job with one place of it changed, as the client reads it.
async fn received(pointer: &str, name: &str, value: Value) -> ReceivedJob {
    let mut job = serde_json::to_value(small_job()).unwrap();
    job.pointer_mut(pointer).unwrap()[name] = value;
    let read = client_of(&job).await.send(&GetJob { job_id: small_job().id }).await.unwrap().response;
    // Nothing is lost, wherever the reader passes it on.
    assert_eq!(serde_json::to_value(&read).unwrap(), job);
    read
}

fn words(known: Result<impl Sized, Faults>) -> String {
    known.err().unwrap().to_string()
}

#[tokio::test]
async fn fields() {
    let job = received("", "color", json!({ "red": [1.0, null] })).await;
    assert_eq!(job.unknown_fields().collect::<Vec<_>>(), [("color", r#"{"red":[1.0,null]}"#)]);
    insta::assert_snapshot!(words(job.known()), "a field of the job", @"body: has an unknown field `color`");

    let job = received("/owner", "email", json!("ada@jobs.example")).await;
    assert_eq!(job.owner.unknown_fields().collect::<Vec<_>>(), [("email", r#""ada@jobs.example""#)]);
    insta::assert_snapshot!(words(job.known()), "a field of an object within", @"body /owner: has an unknown field `email`");

    let job = received("/schedule", "zone", json!("Europe/Zurich")).await;
    let ReceivedJobSchedule::Every(every) = &job.schedule else { panic!("{:?}", job.schedule) };
    assert_eq!(every.unknown_fields().collect::<Vec<_>>(), [("zone", r#""Europe/Zurich""#)]);
    insta::assert_snapshot!(words(job.known()), "a field of a variant", @"body /schedule: has an unknown field `zone`");
}

#[tokio::test]
async fn names_in_a_list_of_names() {
    let job = received("", "state", json!("paused")).await;
    assert_eq!((job.state.known(), job.state.as_str()), (None, "paused"));
    insta::assert_snapshot!(words(job.known()), "a state", @"body /state: is not one of queued, running, done");
    assert_eq!(received("", "state", json!("done")).await.state, JobState::Done);
}

#[tokio::test]
async fn variants_of_a_union() {
    let job = received("", "schedule", json!({ "kind": "cron", "line": "0 4 * * *" })).await;
    let ReceivedJobSchedule::Unknown(variant) = &job.schedule else { panic!("{:?}", job.schedule) };
    assert_eq!((variant.tag(), variant.json()), ("cron", r#"{"kind":"cron","line":"0 4 * * *"}"#));
    insta::assert_snapshot!(words(job.known()), "a kind of schedule", @"body /schedule/kind: is not one of once, every");
}

#[tokio::test]
async fn times_that_a_server_of_this_version_does_not_send() {
    let job = received("", "created_at", json!("2025-11-13T11:30:00.5+01:00")).await;
    assert_eq!(job.created_at.as_str(), "2025-11-13T11:30:00.5+01:00");
    insta::assert_snapshot!(words(job.known()), "a fraction of a second", @"body /created_at: is not in whole seconds of UTC, such as `2025-11-13T10:30:00Z`");
}

#[tokio::test]
async fn fields_and_items_of_a_page() {
    let mut job = serde_json::to_value(small_job()).unwrap();
    job["state"] = json!("paused");
    let page = json!({ "items": [job], "has_more": false, "total": 1 });
    let list = ListJobs { state: vec![], created_after: None, limit: Integer::literal::<20>(), cursor: None };
    let read = client_of(&page).await.send(&list).await.unwrap();
    assert_eq!(read.unknown_fields().collect::<Vec<_>>(), [("total", "1")]);
    assert_eq!(serde_json::to_value(&read).unwrap(), page);
    let known = read.known::<Job>();
    insta::assert_snapshot!(words(known), "a page", @"body /items/0/state: is not one of queued, running, done; body: has an unknown field `total`");
}
