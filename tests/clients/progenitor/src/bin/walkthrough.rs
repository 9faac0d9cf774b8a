//! Does with the walk-through API what its standard input says, and writes what the generated client gave for it.

use std::io::BufRead;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Map, Value, json};

progenitor::generate_api!("walkthrough-3.0.json");

/// The fields, and those that the type does not know.
fn with(fields: Value, extra: &Map<String, Value>) -> Value {
    let mut fields = fields;
    fields.as_object_mut().unwrap().extend(extra.clone());
    fields
}

fn fields_of(job: &types::Job) -> Value {
    let (schedule, owner) = (&job.schedule, &job.owner);
    let fields = json!({
        "id": job.id,
        "name": job.name,
        "state": job.state,
        "priority": job.priority,
        "schedule": with(
            json!({ "kind": schedule.kind, "at": schedule.at, "minutes": schedule.minutes, "jitter": schedule.jitter }),
            &schedule.extra,
        ),
        "labels": job.labels,
        "owner": with(json!({ "name": owner.name, "team": owner.team }), &owner.extra),
        "ended_at": job.ended_at,
        "note": job.note,
        "bytes_processed": job.bytes_processed,
        "created_at": job.created_at,
    });
    with(fields, &job.extra)
}

fn page_of(page: &types::JobPage) -> Value {
    let items: Vec<_> = page.items.iter().map(fields_of).collect();
    with(json!({ "items": items, "has_more": page.has_more, "next_cursor": page.next_cursor }), &page.extra)
}

fn job_of(answer: &ResponseValue<types::Job>) -> Value {
    let mut result = json!({
        "http_status": answer.status().as_u16(),
        "location": answer.headers().get("Location").map(|value| value.to_str().unwrap()),
        "job": fields_of(answer),
    });
    if answer.schedule.kind == "every" {
        let schedule = serde_json::to_value(&answer.schedule).unwrap();
        let every: types::JobScheduleEvery = serde_json::from_value(schedule).unwrap();
        result["variant"] = json!({ "kind": every.kind, "minutes": every.minutes, "jitter": every.jitter });
    }
    result
}

fn error_of(answer: &ResponseValue<types::ErrorEnvelope>) -> Value {
    let error = &answer.error;
    let mut result = json!({
        "http_status": answer.status().as_u16(),
        "error": { "code": error.code, "status": error.status, "details": error.details },
    });
    if error.code == "JOB_RUNNING" {
        let running: types::JobRunningDetails = serde_json::from_value(error.details.clone().into()).unwrap();
        result["running"] = json!({
            "started_at": running.started_at,
            "progress": running.progress,
            "retry_after": answer.headers().get("Retry-After").map(|value| value.to_str().unwrap()),
        });
    }
    result
}

async fn list(client: &Client, mut cursor: Option<types::Cursor>) -> Result<Value, Error<types::ErrorEnvelope>> {
    let states = ["queued".to_owned(), "running".to_owned()].to_vec();
    let after = "2025-11-13T10:30:00Z".parse().unwrap();
    let mut pages = Vec::new();
    loop {
        let limit = 2.try_into().unwrap();
        let answer = client.list_jobs(Some(&after), cursor.as_ref(), Some(limit), Some(&states)).await?;
        pages.push(page_of(&answer));
        if !answer.has_more {
            return Ok(json!({ "http_status": answer.status().as_u16(), "pages": pages }));
        }
        cursor = answer.next_cursor.as_ref().map(|next| next.parse().unwrap());
    }
}

fn nothing_changed() -> types::JobPatch {
    types::JobPatch { name: None, priority: None, note: None, extra: Map::new() }
}

async fn perform(base_url: &str, action: &str, argument: &str) -> Result<Value, Error<types::ErrorEnvelope>> {
    let headers = HeaderMap::from_iter([(HeaderName::from_static("x-api-key"), HeaderValue::from_static("key"))]);
    let http = reqwest::Client::builder().default_headers(headers).build().unwrap();
    let client = Client::new_with_client(base_url, http);
    let job_id = || argument.parse::<types::JobId>().unwrap();
    Ok(match action {
        "list" => list(&client, (!argument.is_empty()).then(|| argument.parse().unwrap())).await?,
        "create" => {
            let body = types::JobCreate {
                name: "Nightly report".parse().unwrap(),
                priority: None,
                schedule: types::JobSchedule {
                    kind: "every".to_owned(),
                    at: None,
                    minutes: Some(15.try_into().unwrap()),
                    jitter: None,
                    extra: Map::new(),
                },
                labels: [("tier".to_owned(), "gold".to_owned())].into(),
                owner: types::JobOwner { name: "Ada".parse().unwrap(), team: None, extra: Map::new() },
                note: None,
                extra: Map::new(),
            };
            job_of(&client.create_job(&argument.parse().unwrap(), &body).await?)
        }
        "patch absent" => {
            let body = types::JobPatch { priority: Some(7.try_into().unwrap()), ..nothing_changed() };
            job_of(&client.update_job(&job_id(), &body).await?)
        }
        "patch null" => {
            // `note: None` leaves it out.
            let extra = Map::from_iter([("note".to_owned(), Value::Null)]);
            let body = types::JobPatch { extra, ..nothing_changed() };
            let mut result = job_of(&client.update_job(&job_id(), &body).await?);
            result["way"] = "as an additional field".into();
            result
        }
        "patch value" => {
            let body = types::JobPatch { note: Some("Slow on Tuesdays".parse().unwrap()), ..nothing_changed() };
            job_of(&client.update_job(&job_id(), &body).await?)
        }
        "cancel" => json!({ "http_status": client.cancel_job(&job_id()).await?.status().as_u16() }),
        _ => job_of(&client.get_job(&job_id()).await?),
    })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let [base_url, action, argument] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let answer = match perform(base_url, action, argument).await {
            Ok(answer) => answer,
            Err(Error::ErrorResponse(answer)) => error_of(&answer),
            Err(Error::InvalidResponsePayload(_, error)) => {
                json!({ "exception": format!("InvalidResponsePayload: {error}") })
            }
            Err(other) => json!({ "exception": other.to_string() }),
        };
        println!("{answer}");
    }
}
