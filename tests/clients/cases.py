"""What is asked of every client beside the published cases, and what its answer has to be."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

DOCUMENTED = Path(__file__).parent.parent / "documented"
CONNECTOR = "pcon_mine1"
"""A connector of the owner whose key is used. Any other one is forbidden."""


@dataclass(frozen=True)
class Request:
    server: str
    connector_id: str
    scheme: str = "apiKeyAuth"
    key: str = "valid"


REQUESTS = {
    "204": Request("real", CONNECTOR),
    "204 again": Request("real", CONNECTOR, scheme="bearerAuth"),
    "400": Request("real", "connector-1"),
    "401": Request("real", CONNECTOR, key="wrong"),
    "403": Request("real", "pcon_notMine1"),
    # One request is allowed there.
    "429 before": Request("limited", CONNECTOR),
    "429": Request("limited", CONNECTOR),
}

Answers = dict[str, dict]
"""What a driver wrote, by the name of the request, or of the published case."""


def instant(text: object) -> object:
    """A client may write the same instant in another way."""
    try:
        return datetime.fromisoformat(str(text))
    except ValueError:
        return text


def envelope_of(body: dict) -> dict:
    """An envelope as drivers write it: what has no field of its own stands in `extra`."""
    known = ("code", "message", "system_message", "type", "status", "details", "trace_id", "timestamp")
    error = body["error"]
    return {
        "success": body["success"],
        "error": {name: error.get(name) for name in known}
        | {"extra": {name: value for name, value in error.items() if name not in known}},
        "extra": {name: value for name, value in body.items() if name not in ("success", "error")},
    }


def fields(envelope: dict) -> dict:
    error = dict(envelope["error"])
    # Nothing is lost between none and empty ones.
    error["details"] = error.get("details") or None
    error["timestamp"] = instant(error["timestamp"])
    error["unknown fields"] = error.pop("extra", None) or {}
    return {"success": envelope["success"], "unknown fields beside error": envelope.get("extra") or {}} | error


def lost(names: list[str]) -> str:
    return f"lost: {', '.join(names)}" if names else "ok"


def crash(answer: dict) -> str:
    return "crash: " + answer["exception"].partition(":")[0].removeprefix("java.lang.")


def compare(answer: dict, status: int, body: dict, ignore: tuple[str, ...] = ()) -> str:
    if "exception" in answer:
        return crash(answer)
    if answer.get("http_status") != status:
        return f"HTTP {answer.get('http_status')}"
    if not answer.get("envelope"):
        return "lost: all but the status"
    expected, got = fields(envelope_of(body)), fields(answer["envelope"])
    return lost([name for name in expected if name not in ignore and got.get(name) != expected[name]])


def documented_case(name: str) -> Callable[[Answers], str]:
    """freddy-server's answer, which may say more of what is wrong than the page does."""
    status = name[:3]
    body = json.loads((DOCUMENTED / f"{name}.json").read_bytes())
    differs = ("trace_id", "timestamp", "details", "system_message")

    def judge(answers: Answers) -> str:
        real = answers[status]
        if "refused" in real:
            return "ok, not sent"
        verdict = compare(real, int(status), body, differs)
        if verdict != "ok":
            return verdict
        error = real["envelope"]["error"]
        age = datetime.now().astimezone() - instant(error["timestamp"])
        wrong = {
            "system_message": not error["system_message"].startswith(body["error"]["system_message"]),
            "trace_id": not error["trace_id"].startswith("req_"),
            "timestamp": abs(age.total_seconds()) > 600,
            "details": (status == "429") != bool(error.get("details")),
        }
        return lost([name for name, is_wrong in wrong.items() if is_wrong])

    return judge


def succeeded(name: str) -> Callable[[Answers], str]:
    def judge(answers: Answers) -> str:
        answer = answers[name]
        if "exception" in answer:
            return crash(answer)
        return "ok" if answer.get("http_status") == 204 else f"HTTP {answer.get('http_status')}"

    return judge


def typed_details(answers: Answers) -> str:
    answer = answers["documented-429-rate-limit-exceeded"]
    if "exception" in answer:
        return crash(answer)
    expected = json.loads((DOCUMENTED / "429-rate-limit-exceeded.json").read_bytes())["error"]["details"]
    got = answer.get("rate_limit")
    return lost([field for field in expected if instant(got[field]) != instant(expected[field])]) if got else "lost"


def unknown_fields(name: str, within: str) -> Callable[[Answers], str]:
    """Those of the published case with a field more."""

    def judge(answers: Answers) -> str:
        envelope = answers[name].get("envelope") or {}
        extra = (envelope if within == "envelope" else envelope.get("error") or {}).get("extra")
        return "ok" if extra else "lost"

    return judge


def request_ids(answers: Answers) -> str:
    error = (answers["403"].get("envelope") or {}).get("error") or {}
    return "ok" if answers["204"].get("request_id") and answers["403"].get("request_id") == error.get("trace_id") else "lost"


def retry_after(answers: Answers) -> str:
    error = (answers["429"].get("envelope") or {}).get("error") or {}
    expected = str((error.get("details") or {}).get("retry_after"))
    return "ok" if str(answers["429"].get("retry_after")) == expected else "lost"


SERVER: dict[str, Callable[[Answers], str]] = {
    "204, with `X-API-Key`": succeeded("204"),
    "204 again, with `Authorization: Bearer`": succeeded("204 again"),
    "400 `VALIDATION_ERROR`": documented_case("400-validation-error"),
    "401 `UNAUTHORIZED`": documented_case("401-unauthorized"),
    "403 `FORBIDDEN`": documented_case("403-forbidden"),
    "429 `RATE_LIMIT_EXCEEDED`": documented_case("429-rate-limit-exceeded"),
}
"""Calls of `freddy-server`."""

TYPES: dict[str, Callable[[Answers], str]] = {
    "`X-Request-Id`": request_ids,
    "`Retry-After`": retry_after,
    "`details` as `RateLimitDetails`": typed_details,
    "an unknown field in the error": unknown_fields("unknown-field-in-error", "error"),
    "an unknown field beside the error": unknown_fields("unknown-field-beside-error", "envelope"),
}
"""What the generated types give of an answer, beyond what the published cases ask for."""
