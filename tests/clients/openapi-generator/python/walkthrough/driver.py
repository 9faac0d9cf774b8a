"""Does with the walk-through API what its standard input says, and writes what the generated client gave for it."""

import json
import sys
from datetime import datetime
from pathlib import Path

# Where it is generated into.
sys.path.insert(0, str(Path(__file__).parent.parent))

import jobs

PATCHES = {
    "absent": jobs.JobPatch(priority=7),
    "null": jobs.JobPatch(note=None),
    "value": jobs.JobPatch(note="Slow on Tuesdays"),
}


def given(**fields: object) -> dict:
    """Times as text."""
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in fields.items()}


def fields_of(job: jobs.Job) -> dict:
    schedule, owner = job.schedule, job.owner
    return job.additional_properties | given(
        id=job.id,
        name=job.name,
        state=job.state,
        priority=job.priority,
        schedule=schedule.additional_properties
        | given(kind=schedule.kind, at=schedule.at, minutes=schedule.minutes, jitter=schedule.jitter),
        labels=job.labels,
        owner=owner.additional_properties | given(name=owner.name, team=owner.team),
        ended_at=job.ended_at,
        note=job.note,
        bytes_processed=job.bytes_processed,
        created_at=job.created_at,
    )


def page_of(page: jobs.JobPage) -> dict:
    items = [fields_of(job) for job in page.items]
    return page.additional_properties | given(items=items, has_more=page.has_more, next_cursor=page.next_cursor)


def listed(api: jobs.JobsApi, cursor: str | None) -> dict:
    pages = []
    while True:
        answer = api.list_jobs_with_http_info(
            state=["queued", "running"],
            created_after=datetime.fromisoformat("2025-11-13T10:30:00+00:00"),
            limit=2,
            cursor=cursor,
        )
        pages.append(page_of(answer.data))
        cursor = answer.data.next_cursor
        if not answer.data.has_more:
            return {"http_status": answer.status_code, "pages": pages}


def perform(api: jobs.JobsApi, action: str, argument: str) -> dict:
    match action.split():
        case ["list"]:
            return listed(api, argument or None)
        case ["create"]:
            body = jobs.JobCreate(
                name="Nightly report",
                schedule=jobs.JobSchedule(kind="every", minutes=15),
                labels={"tier": "gold"},
                owner=jobs.JobOwner(name="Ada"),
            )
            answer = api.create_job_with_http_info(idempotency_key=argument, job_create=body)
        case ["patch", how]:
            answer = api.update_job_with_http_info(argument, PATCHES[how])
        case ["cancel"]:
            return {"http_status": api.cancel_job_with_http_info(argument).status_code}
        case _:
            answer = api.get_job_with_http_info(argument)
    result = {
        "http_status": answer.status_code,
        "location": answer.headers.get("Location"),
        "job": fields_of(answer.data),
    }
    if answer.data.schedule.kind == "every":
        every = jobs.JobScheduleEvery.from_dict(answer.data.schedule.to_dict())
        result["variant"] = given(kind=every.kind, minutes=every.minutes, jitter=every.jitter)
    return result


def error_of(failed: jobs.ApiException) -> dict:
    result = {"http_status": failed.status}
    if isinstance(failed.data, jobs.ErrorEnvelope):
        error = failed.data.error
        result["error"] = {"code": error.code, "status": error.status, "details": error.details}
        if error.code == "JOB_RUNNING":
            running = jobs.JobRunningDetails.from_dict(error.details)
            retry_after = failed.headers.get("Retry-After")
            result["running"] = given(
                started_at=running.started_at, progress=running.progress, retry_after=retry_after
            )
    return result


for line in sys.stdin:
    try:
        base_url, action, argument = line.rstrip("\n").split("\t")
        configuration = jobs.Configuration(host=base_url, api_key={"apiKeyAuth": "key"}, retries=0)
        with jobs.ApiClient(configuration) as client:
            result = perform(jobs.JobsApi(client), action, argument)
    except jobs.ApiException as failed:
        result = error_of(failed)
    except Exception as error:
        result = {"exception": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
