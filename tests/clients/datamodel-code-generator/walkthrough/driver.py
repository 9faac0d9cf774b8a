"""Does with the walk-through API what its standard input says, and writes what the generated models gave for it. They
are models only: the requests are httpx's."""

import json
import sys
from datetime import datetime

import httpx
from pydantic import BaseModel

from jobs import ErrorEnvelope, IdempotencyKey, Job, JobCreate, JobId, JobOwner, JobPage, JobPatch
from jobs import JobRunningDetails, JobSchedule, JobScheduleEvery

PATCHES = {"absent": JobPatch(priority=7), "null": JobPatch(note=None), "value": JobPatch(note="Slow on Tuesdays")}


def given(model: BaseModel, **fields: object) -> dict:
    """The fields that are there, times as text, and those that the model does not know."""
    return (model.model_extra or {}) | {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in fields.items()
        if name in model.model_fields_set
    }


def fields_of(job: Job) -> dict:
    schedule, owner = job.schedule, job.owner
    return given(
        job,
        id=job.id,
        name=job.name,
        state=job.state,
        priority=job.priority,
        schedule=given(
            schedule, kind=schedule.kind, at=schedule.at, minutes=schedule.minutes, jitter=schedule.jitter
        ),
        labels=job.labels,
        owner=given(owner, name=owner.name, team=owner.team),
        ended_at=job.ended_at,
        note=job.note,
        bytes_processed=job.bytes_processed,
        created_at=job.created_at,
    )


def page_of(page: JobPage) -> dict:
    items = [fields_of(job) for job in page.items]
    return given(page, items=items, has_more=page.has_more, next_cursor=page.next_cursor)


def error_of(envelope: ErrorEnvelope, retry_after: str | None) -> dict:
    error = envelope.error
    result = {"error": {"code": error.code, "status": error.status, "details": error.details}}
    if error.code == "JOB_RUNNING":
        running = JobRunningDetails.model_validate(error.details)
        fields = given(running, started_at=running.started_at, progress=running.progress)
        result["running"] = {name: fields[name] for name in ("started_at", "progress")} | {"retry_after": retry_after}
    return result


def perform(base_url: str, action: str, argument: str) -> dict:
    client = httpx.Client(base_url=base_url, headers={"X-API-Key": "key"})
    sent_json = {"Content-Type": "application/json"}
    match action.split():
        case ["list"]:
            cursor, pages = argument or None, []
            while True:
                query = {"state": ["queued", "running"], "created_after": "2025-11-13T10:30:00Z", "limit": 2}
                answer = client.get("/v1/jobs", params=query | ({"cursor": cursor} if cursor else {}))
                if answer.status_code != 200:
                    return {"http_status": answer.status_code}
                page = JobPage.model_validate_json(answer.content)
                pages.append(page_of(page))
                cursor = page.next_cursor
                if not page.has_more:
                    return {"http_status": answer.status_code, "pages": pages}
        case ["create"]:
            body = JobCreate(
                name="Nightly report",
                schedule=JobSchedule(kind="every", minutes=15),
                labels={"tier": "gold"},
                owner=JobOwner(name="Ada"),
            )
            headers = sent_json | {"Idempotency-Key": IdempotencyKey(argument).root}
            answer = client.post("/v1/jobs", content=body.model_dump_json(exclude_unset=True), headers=headers)
        case ["patch", how]:
            content = PATCHES[how].model_dump_json(exclude_unset=True)
            answer = client.patch(f"/v1/jobs/{JobId(argument).root}", content=content, headers=sent_json)
        case ["cancel"]:
            answer = client.post(f"/v1/jobs/{JobId(argument).root}/cancel")
        case _:
            answer = client.get(f"/v1/jobs/{JobId(argument).root}")
    result = {"http_status": answer.status_code, "location": answer.headers.get("Location")}
    if answer.is_error:
        envelope = ErrorEnvelope.model_validate_json(answer.content)
        return result | error_of(envelope, answer.headers.get("Retry-After"))
    if answer.content:
        job = Job.model_validate_json(answer.content)
        result["job"] = fields_of(job)
        if job.schedule.kind == "every":
            every = JobScheduleEvery.model_validate(job.schedule.model_dump())
            result["variant"] = {"kind": every.kind, "minutes": every.minutes, "jitter": every.jitter}
    return result


for line in sys.stdin:
    try:
        result = perform(*line.rstrip("\n").split("\t"))
    except Exception as error:
        result = {"exception": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
