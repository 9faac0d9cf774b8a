"""Does with the walk-through API what its standard input says, and writes what the generated client gave for it."""

import json
import sys
from datetime import datetime

from jobs.api.jobs import cancel_job, create_job, get_job, list_jobs, update_job
from jobs.client import AuthenticatedClient
from jobs.models import ErrorEnvelope, Job, JobCreate, JobCreateLabels, JobOwner, JobPage, JobPatch
from jobs.models import JobRunningDetails, JobSchedule, JobScheduleEvery
from jobs.types import UNSET, Unset

PATCHES = {"absent": JobPatch(priority=7), "null": JobPatch(note=None), "value": JobPatch(note="Slow on Tuesdays")}


def given(**fields: object) -> dict:
    """The fields that are there, times as text."""
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in fields.items()
        if not isinstance(value, Unset)
    }


def fields_of(job: Job) -> dict:
    schedule, owner = job.schedule, job.owner
    return job.additional_properties | given(
        id=job.id,
        name=job.name,
        state=job.state,
        priority=job.priority,
        schedule=schedule.additional_properties
        | given(kind=schedule.kind, at=schedule.at, minutes=schedule.minutes, jitter=schedule.jitter),
        labels=job.labels.additional_properties,
        owner=owner.additional_properties | given(name=owner.name, team=owner.team),
        ended_at=job.ended_at,
        note=job.note,
        bytes_processed=job.bytes_processed,
        created_at=job.created_at,
    )


def page_of(page: JobPage) -> dict:
    items = [fields_of(job) for job in page.items]
    return page.additional_properties | given(items=items, has_more=page.has_more, next_cursor=page.next_cursor)


def error_of(envelope: ErrorEnvelope, retry_after: str | None) -> dict:
    error = envelope.error
    details = None if isinstance(error.details, Unset) else error.details.to_dict()
    result = {"error": {"code": error.code, "status": error.status, "details": details}}
    if error.code == "JOB_RUNNING":
        running = JobRunningDetails.from_dict(details)
        result["running"] = given(
            started_at=running.started_at, progress=running.progress, retry_after=retry_after
        )
    return result


def perform(base_url: str, action: str, argument: str) -> dict:
    client = AuthenticatedClient(base_url=base_url, token="key", auth_header_name="X-API-Key", prefix="")
    match action.split():
        case ["list"]:
            cursor, pages = argument or UNSET, []
            while True:
                answer = list_jobs.sync_detailed(
                    client=client,
                    state=["queued", "running"],
                    created_after=datetime.fromisoformat("2025-11-13T10:30:00+00:00"),
                    limit=2,
                    cursor=cursor,
                )
                if not isinstance(answer.parsed, JobPage):
                    return {"http_status": int(answer.status_code)}
                pages.append(page_of(answer.parsed))
                cursor = answer.parsed.next_cursor
                if not answer.parsed.has_more:
                    return {"http_status": int(answer.status_code), "pages": pages}
        case ["create"]:
            body = JobCreate(
                name="Nightly report",
                schedule=JobSchedule(kind="every", minutes=15),
                labels=JobCreateLabels.from_dict({"tier": "gold"}),
                owner=JobOwner(name="Ada"),
            )
            answer = create_job.sync_detailed(client=client, body=body, idempotency_key=argument)
        case ["patch", how]:
            answer = update_job.sync_detailed(argument, client=client, body=PATCHES[how])
        case ["cancel"]:
            answer = cancel_job.sync_detailed(argument, client=client)
        case _:
            answer = get_job.sync_detailed(argument, client=client)
    result = {"http_status": int(answer.status_code), "location": answer.headers.get("Location")}
    if isinstance(answer.parsed, ErrorEnvelope):
        return result | error_of(answer.parsed, answer.headers.get("Retry-After"))
    if isinstance(answer.parsed, Job):
        result["job"] = fields_of(answer.parsed)
        if answer.parsed.schedule.kind == "every":
            every = JobScheduleEvery.from_dict(answer.parsed.schedule.to_dict())
            result["variant"] = given(kind=every.kind, minutes=every.minutes, jitter=every.jitter)
    return result


for line in sys.stdin:
    try:
        result = perform(*line.rstrip("\n").split("\t"))
    except Exception as error:
        result = {"exception": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
