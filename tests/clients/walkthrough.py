"""The walk-through API, which has all that the contract's one endpoint does not: what its stub answers, what is asked of
every client, and what its answer has to be.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

JOB = {
    "id": "job_1",
    "name": "Nightly report",
    "state": "queued",
    "priority": 5,
    "schedule": {"kind": "every", "minutes": 15, "jitter": 30},
    "labels": {"tier": "gold"},
    "owner": {"name": "Ada", "team": "Billing"},
    "ended_at": "2025-11-13T10:45:00Z",
    "note": "Slow on Mondays",
    "bytes_processed": 4096,
    "created_at": "2025-11-13T10:30:00Z",
}


def job(without: str = "", **fields: object) -> dict:
    return {name: value for name, value in (JOB | fields).items() if name != without}


# By the job ID that is asked for, without `job_`.
JOBS = {
    "1": job(),
    "unknownState": job(state="paused"),
    "once": job(schedule={"kind": "once", "at": "2025-11-14T01:00:00Z"}),
    "unknownKind": job(schedule={"kind": "cron", "expression": "0 1 * * *", "zones": ["UTC"]}),
    "moreInVariant": job(schedule=JOB["schedule"] | {"window": {"from": 1, "to": 5}}),
    "moreInJob": job(color="red", runs=[{"at": None, "exit": 0}]),
    "moreInOwner": job(owner=JOB["owner"] | {"pager": "+41 44"}),
    "notEnded": job(ended_at=None),
    "noNote": job(without="note"),
    "bigInteger": job(bytes_processed=2**53 + 1),
    "bigUnknown": job(bytes_written=2**53 + 1),
    "offset": job(
        created_at="2025-11-13T12:30:00.250+02:00", schedule={"kind": "once", "at": "2025-11-14T01:00:00.5Z"}
    ),
    "nanoseconds": job(created_at="2025-11-13T10:30:00.123456789Z"),
    "noLabels": job(labels={}),
    "anyLabels": job(labels={"": "empty", "a.b/c": "signs", "ö": "letters", "additionalProperties": "x", "id": ""}),
}

# By the cursor that is asked for.
PAGES = {
    None: {"items": [job(id="job_1"), job(id="job_2", ended_at=None)], "has_more": True, "next_cursor": "job_2+/=&"},
    "job_2+/=&": {"items": [job(id="job_3", state="paused")], "has_more": False},
    "empty": {"items": [], "has_more": False},
    "more": {"items": [], "has_more": False, "total": 0},
}

LIST = {"state": ["queued", "running"], "created_after": ["2025-11-13T10:30:00Z"], "limit": ["2"]}
"""What every list is to ask for, beside the cursor."""

CREATE = {
    "name": "Nightly report",
    "schedule": {"kind": "every", "minutes": 15},
    "labels": {"tier": "gold"},
    "owner": {"name": "Ada"},
}
"""What is to be created: with two of the optional fields, and without `priority` and `note`."""

IDEMPOTENCY_KEY = "0b7c9e4e"

PATCHES = {
    "absent": b'{"priority":7}',
    "null": b'{"note":null}',
    "value": b'{"note":"Slow on Tuesdays"}',
}


def error(code: str, status: int, **fields: object) -> dict:
    return {
        "success": False,
        "error": {"code": code, "message": "Please.", "system_message": "No", "type": "client_error", "status": status}
        | fields
        | {"trace_id": "req_efg456", "timestamp": "2025-11-13T10:30:00Z"},
    }


RUNNING = {"started_at": "2025-11-13T10:30:00Z", "progress": 40}

# What cancelling answers, by the job ID without `job_`.
ERRORS = {
    "running": error("JOB_RUNNING", 409, details=RUNNING),
    "moreDetails": error("JOB_RUNNING", 409, details=RUNNING | {"worker": {"id": 7}}),
    "otherCode": error("JOB_LOCKED", 409, details={"until": None}),
    "missing": error("NOT_FOUND", 404),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def answer(self) -> tuple[int, object, dict[str, str]]:
        length = int(self.headers.get("Content-Length") or 0)
        url = urlsplit(self.path)
        sent = {
            "query": parse_qs(url.query, keep_blank_values=True),
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": self.rfile.read(length),
        }
        match [self.command, *url.path.removeprefix("/v1/jobs").split("/")]:
            case ["GET", ""]:
                cursor = sent["query"].get("cursor", [None])[0]
                self.server.sent[f"list {cursor}"] = sent
                return (200, PAGES[cursor], {}) if cursor in PAGES else (404, error("NOT_FOUND", 404), {})
            case ["POST", ""]:
                self.server.sent["create"] = sent
                return 201, JOB, {"Location": "/v1/jobs/job_1"}
            case ["GET", "", name] if (found := JOBS.get(name.removeprefix("job_"))) is not None:
                return 200, found, {}
            case ["PATCH", "", name]:
                self.server.sent[name] = sent
                return 200, JOB, {}
            case ["POST", "", name, "cancel"] if (found := ERRORS.get(name.removeprefix("job_"))) is not None:
                retry = {"Retry-After": "5"} if found["error"]["status"] == 409 else {}
                return found["error"]["status"], found, retry
            case ["POST", "", "job_1", "cancel"]:
                return 204, None, {}
            case _:
                return 404, error("NOT_FOUND", 404), {}

    def respond(self) -> None:
        status, body, headers = self.answer()
        data = b"" if body is None else json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()
        self.send_response(status)
        for name, value in (headers | {"X-Request-Id": "req_efg456"}).items():
            self.send_header(name, value)
        if status != 204:
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = respond

    def log_message(self, *_: object) -> None:
        pass


class Stub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.sent: dict[str, dict] = {}
        """What requests brought: for a list by its cursor, for a change by the job."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


REQUESTS = (
    {f"get {name}": ("get", f"job_{name}") for name in JOBS}
    | {f"list {cursor}": ("list", cursor) for cursor in ("", "empty", "more")}
    | {"create": ("create", IDEMPOTENCY_KEY)}
    | {f"patch {how}": (f"patch {how}", f"job_{how}") for how in PATCHES}
    | {f"cancel {name}": ("cancel", f"job_{name}") for name in ("1", *ERRORS)}
)
"""What a driver is to do, and with what."""


Answers = dict[str, dict]
"""What a driver wrote, by the name of the request, and under `sent` what the stub got."""


def instant(text: object) -> object:
    """A client may write the same instant in another way. `datetime` itself drops what is less than a microsecond."""
    if not isinstance(text, str) or not (found := re.fullmatch(r"(.*T\d\d:\d\d:\d\d)(?:\.(\d+))?(.*)", text)):
        return text
    whole, fraction, offset = found.groups()
    try:
        return datetime.fromisoformat(whole + offset), (fraction or "").rstrip("0")
    except ValueError:
        return text


def differences(expected: object, got: object, path: str = "") -> list[str]:
    """Where two values differ. Nothing is lost between null and absent: no field of an answer may be both."""
    match expected, got:
        case dict(), dict():
            names = expected | got
            return [
                place
                for name in names
                for place in differences(expected.get(name), got.get(name), f"{path}.{name}" if path else name)
            ]
        case list(), list() if len(expected) == len(got):
            pairs = enumerate(zip(expected, got, strict=True))
            return [place for index, pair in pairs for place in differences(*pair, f"{path}[{index}]")]
        case _:
            return [] if instant(expected) == instant(got) else [path or "all"]


def verdict(expected: object, got: object) -> str:
    places = differences(expected, got)
    return f"lost: {', '.join(f'`{place}`' for place in places)}" if places else "ok"


def failure(answer: dict, status: int) -> str | None:
    if "exception" in answer:
        return "crash: " + answer["exception"].partition(":")[0].rpartition(".")[2]
    if answer.get("http_status") != status:
        return f"HTTP {answer.get('http_status')}"
    return None


def got(name: str) -> Callable[[Answers], str]:
    def judge(answers: Answers) -> str:
        answer = answers[f"get {name}"]
        return failure(answer, 200) or verdict(JOBS[name], answer.get("job"))

    return judge


def variant(name: str) -> Callable[[Answers], str]:
    """The schedule once more, as the type of its variant."""

    def judge(answers: Answers) -> str:
        answer = answers[f"get {name}"]
        return failure(answer, 200) or verdict(JOBS[name]["schedule"], answer.get("variant"))

    return judge


def listed(cursor: str, *cursors: str | None) -> Callable[[Answers], str]:
    """The pages that are read from a cursor on."""

    def judge(answers: Answers) -> str:
        answer = answers[f"list {cursor}"]
        return failure(answer, 200) or verdict([PAGES[cursor] for cursor in cursors], answer.get("pages"))

    return judge


def asked(cursor: str | None) -> Callable[[Answers], str]:
    """The query of a list, with the cursor as it was given."""

    def judge(answers: Answers) -> str:
        sent = answers["sent"].get(f"list {cursor}")
        if sent is None:
            return "not sent"
        expected = LIST if cursor is None else LIST | {"cursor": [cursor]}
        return verdict(expected, sent["query"]).replace("lost", "sent otherwise")

    return judge


def create(judge: Callable[[dict, dict], str]) -> Callable[[Answers], str]:
    def judge_create(answers: Answers) -> str:
        return failure(answers["create"], 201) or judge(answers["create"], answers["sent"]["create"])

    return judge_create


def patched(how: str) -> Callable[[Answers], str]:
    """The body of a change, to the byte."""

    def judge(answers: Answers) -> str:
        answer = answers[f"patch {how}"]
        if problem := failure(answer, 200):
            return problem
        sent, expected = answers["sent"][f"job_{how}"]["body"], PATCHES[how]
        if json.loads(sent) != json.loads(expected):
            return f"sent `{sent.decode()}`"
        way = f", {answer['way']}" if "way" in answer else ""
        # Go ends a body with a line's end.
        as_wanted = "ok" if sent.rstrip() == expected else "ok, other bytes"
        return verdict(JOB, answer.get("job")).replace("ok", as_wanted) + way

    return judge


def failed(name: str) -> Callable[[Answers], str]:
    def judge(answers: Answers) -> str:
        answer, expected = answers[f"cancel {name}"], ERRORS[name]
        if problem := failure(answer, expected["error"]["status"]):
            return problem
        error = answer.get("error") or {}
        # Nothing is lost between none and empty ones.
        got = error | {"details": error.get("details") or None}
        return verdict({field: expected["error"].get(field) for field in ("code", "status", "details")}, got)

    return judge


def running(answers: Answers) -> str:
    """The details as the type that `x-details-by-code` names."""
    answer = answers["cancel running"]
    return failure(answer, 409) or verdict(RUNNING | {"retry_after": "5"}, answer.get("running"))


GROUPS: dict[str, dict[str, Callable[[Answers], str]]] = {
    "a job": {
        "a job": got("1"),
        "an unknown `state`": got("unknownState"),
        "`schedule` of the kind `once`": got("once"),
        "`schedule` of an unknown kind": got("unknownKind"),
        "`schedule` with a field more": got("moreInVariant"),
        "`schedule` as `JobScheduleEvery`": variant("1"),
        "unknown fields in the job": got("moreInJob"),
        "an unknown field in `owner`": got("moreInOwner"),
        "`ended_at` null": got("notEnded"),
        "`note` absent": got("noNote"),
        "`bytes_processed` beyond 2^53": got("bigInteger"),
        "an unknown field beyond 2^53": got("bigUnknown"),
        "times with a fraction and an offset": got("offset"),
        "a time with nanoseconds": got("nanoseconds"),
        "`labels` empty": got("noLabels"),
        "`labels` with any names": got("anyLabels"),
    },
    "lists": {
        "two pages": listed("", None, "job_2+/=&"),
        "the filter as sent": asked(None),
        "the cursor as sent": asked("job_2+/=&"),
        "an empty page": listed("empty", "empty"),
        "an unknown field in a page": listed("more", "more"),
    },
    "creating": {
        "201: the job": create(lambda answer, _: verdict(JOB, answer.get("job"))),
        "201: `Location`": create(lambda answer, _: "ok" if answer.get("location") == "/v1/jobs/job_1" else "lost"),
        "the body of a creation as sent": create(
            lambda _, sent: verdict(CREATE, json.loads(sent["body"])).replace("lost", "sent otherwise")
        ),
        "`Idempotency-Key` as sent": create(
            lambda _, sent: "ok" if sent["headers"].get("idempotency-key") == IDEMPOTENCY_KEY else "not sent"
        ),
    },
    "changing": {
        "a change: `note` absent": patched("absent"),
        "a change: `note` null": patched("null"),
        "a change: `note` a text": patched("value"),
    },
    "an action and its errors": {
        "204 of an action": lambda answers: failure(answers["cancel 1"], 204) or "ok",
        "409 `JOB_RUNNING`": failed("running"),
        "its `details` as `JobRunningDetails`, and `Retry-After`": running,
        "its `details` with a field more": failed("moreDetails"),
        "409 with an unknown code": failed("otherCode"),
        "404 `NOT_FOUND`": failed("missing"),
    },
}
"""The cases, by the column that they are counted in."""
