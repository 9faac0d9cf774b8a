//! Does with the walk-through API what its standard input says, and writes what the generated client gave for it.

use std::io::BufRead;

use jobs::apis::configuration::{ApiKey, Configuration};
use jobs::apis::jobs_api::{self, CreateJobSuccess, GetJobSuccess, ListJobsSuccess, UpdateJobSuccess};
use jobs::apis::{Error, ResponseContent};
use jobs::models::{
    ErrorEnvelope, Job, JobCreate, JobOwner, JobPage, JobPatch, JobRunningDetails, JobSchedule, JobScheduleEvery,
};
use serde_json::{Value, json};

fn fields_of(job: &Job) -> Value {
    let (schedule, owner) = (&job.schedule, &job.owner);
    json!({
        "id": job.id,
        "name": job.name,
        "state": job.state,
        "priority": job.priority,
        "schedule": {
            "kind": schedule.kind, "at": schedule.at, "minutes": schedule.minutes, "jitter": schedule.jitter,
        },
        "labels": job.labels,
        "owner": { "name": owner.name, "team": owner.team },
        "ended_at": job.ended_at,
        "note": job.note,
        "bytes_processed": job.bytes_processed,
        "created_at": job.created_at,
    })
}

fn page_of(page: &JobPage) -> Value {
    let items: Vec<_> = page.items.iter().map(fields_of).collect();
    json!({ "items": items, "has_more": page.has_more, "next_cursor": page.next_cursor })
}

fn job_of(status: u16, job: &Job) -> Value {
    let mut result = json!({ "http_status": status, "job": fields_of(job) });
    if job.schedule.kind == "every" {
        let schedule = serde_json::to_value(&job.schedule).unwrap();
        let every: JobScheduleEvery = serde_json::from_value(schedule).unwrap();
        result["variant"] = json!({ "kind": every.kind, "minutes": every.minutes, "jitter": every.jitter });
    }
    result
}

/// The error as JSON, whatever the operation.
fn failed<E>(error: Error<E>) -> Value {
    let Error::ResponseError(ResponseContent { status, content, .. }) = error else {
        return json!({ "exception": error.to_string() });
    };
    let mut result = json!({ "http_status": status.as_u16() });
    if let Ok(ErrorEnvelope { error, .. }) = serde_json::from_str(&content) {
        result["error"] = json!({ "code": error.code, "status": error.status, "details": error.details });
        if error.code == "JOB_RUNNING" {
            let running: JobRunningDetails = serde_json::from_value(json!(error.details)).unwrap();
            result["running"] = json!({ "started_at": running.started_at, "progress": running.progress });
        }
    }
    result
}

async fn list(configuration: &Configuration, mut cursor: Option<String>) -> Result<Value, Value> {
    let mut pages = Vec::new();
    loop {
        let states = ["queued".to_owned(), "running".to_owned()].to_vec();
        let after = "2025-11-13T10:30:00Z".to_owned();
        let answer = jobs_api::list_jobs(configuration, Some(states), Some(after), Some(2), cursor.as_deref())
            .await
            .map_err(failed)?;
        let Some(ListJobsSuccess::Status200(page)) = answer.entity else {
            return Ok(json!({ "http_status": answer.status.as_u16() }));
        };
        pages.push(page_of(&page));
        if !page.has_more {
            return Ok(json!({ "http_status": answer.status.as_u16(), "pages": pages }));
        }
        cursor = page.next_cursor;
    }
}

async fn create(configuration: &Configuration, idempotency_key: &str) -> Result<Value, Value> {
    let job = JobCreate {
        labels: Some([("tier".to_owned(), "gold".to_owned())].into()),
        ..JobCreate::new(
            "Nightly report".to_owned(),
            JobSchedule { minutes: Some(15), ..JobSchedule::new("every".to_owned()) },
            JobOwner::new("Ada".to_owned()),
        )
    };
    let answer = jobs_api::create_job(configuration, idempotency_key, job).await.map_err(failed)?;
    let status = answer.status.as_u16();
    Ok(match answer.entity {
        Some(CreateJobSuccess::Status201(job)) => job_of(status, &job),
        _ => json!({ "http_status": status }),
    })
}

async fn update(configuration: &Configuration, job_id: &str, patch: JobPatch) -> Result<Value, Value> {
    let answer = jobs_api::update_job(configuration, job_id, patch).await.map_err(failed)?;
    let status = answer.status.as_u16();
    Ok(match answer.entity {
        Some(UpdateJobSuccess::Status200(job)) => job_of(status, &job),
        _ => json!({ "http_status": status }),
    })
}

async fn get(configuration: &Configuration, job_id: &str) -> Result<Value, Value> {
    let answer = jobs_api::get_job(configuration, job_id).await.map_err(failed)?;
    let status = answer.status.as_u16();
    Ok(match answer.entity {
        Some(GetJobSuccess::Status200(job)) => job_of(status, &job),
        _ => json!({ "http_status": status }),
    })
}

async fn perform(base_url: &str, action: &str, argument: &str) -> Result<Value, Value> {
    let configuration = Configuration {
        base_path: base_url.to_owned(),
        api_key: Some(ApiKey { prefix: None, key: "key".to_owned() }),
        ..Configuration::default()
    };
    match action {
        "list" => list(&configuration, (!argument.is_empty()).then(|| argument.to_owned())).await,
        "create" => create(&configuration, argument).await,
        "patch absent" => update(&configuration, argument, JobPatch { priority: Some(7), ..JobPatch::new() }).await,
        "patch null" => update(&configuration, argument, JobPatch { note: Some(None), ..JobPatch::new() }).await,
        "patch value" => {
            let note = Some(Some("Slow on Tuesdays".to_owned()));
            update(&configuration, argument, JobPatch { note, ..JobPatch::new() }).await
        }
        "cancel" => {
            let answer = jobs_api::cancel_job(&configuration, argument).await.map_err(failed)?;
            Ok(json!({ "http_status": answer.status.as_u16() }))
        }
        _ => get(&configuration, argument).await,
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    for line in std::io::stdin().lock().lines() {
        let line = line.unwrap();
        let [base_url, action, argument] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
        let answer = perform(base_url, action, argument).await.unwrap_or_else(|failed| failed);
        println!("{answer}");
    }
}
