"""What is asked of every client, and what its answer has to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from stub import ANSWERS, documented

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
    "ID with /": Request("real", f"{CONNECTOR}/x"),
    "ID with ?": Request("real", f"{CONNECTOR}?x=1"),
    "ID with ä": Request("real", f"{CONNECTOR} ä"),
    "ID ..": Request("real", ".."),
} | {
    f"stub {name}": Request("stub", f"pcon_{name}", scheme="bearerAuth" if name == "bearer" else "apiKeyAuth")
    for name in ANSWERS
}

Answers = dict[str, dict]
"""What a driver wrote, by the name of the request, and under `credentials` what the stub was sent."""


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


def compare(answer: dict, status: int, body: dict, ignore: tuple[str, ...] = ()) -> str:
    if "exception" in answer:
        return "crash: " + answer["exception"].partition(":")[0].removeprefix("java.lang.")
    if answer.get("http_status") != status:
        return f"HTTP {answer.get('http_status')}"
    if not answer.get("envelope"):
        return "lost: all but the status"
    expected, got = fields(envelope_of(body)), fields(answer["envelope"])
    return lost([name for name in expected if name not in ignore and got.get(name) != expected[name]])


def first_problem(*verdicts: str) -> str:
    return next((verdict for verdict in verdicts if verdict != "ok"), "ok")


def stub_case(name: str) -> Callable[[Answers], str]:
    return lambda answers: compare(answers[f"stub {name}"], ANSWERS[name].status, ANSWERS[name].envelope)


def documented_case(name: str) -> Callable[[Answers], str]:
    """freddy-server's answer, which may say more of what is wrong, and the page's body byte for byte."""
    status = name[:3]
    differs = ("trace_id", "timestamp", "details", "system_message")

    def judge(answers: Answers) -> str:
        real = answers[status]
        if "refused" in real:
            return stub_case(status)(answers)
        verdict = compare(real, int(status), documented(name).envelope, differs)
        if verdict == "ok":
            error = real["envelope"]["error"]
            age = datetime.now().astimezone() - instant(error["timestamp"])
            words = documented(name).envelope["error"]["system_message"]
            wrong = {
                "system_message": not error["system_message"].startswith(words),
                "trace_id": not error["trace_id"].startswith("req_"),
                "timestamp": abs(age.total_seconds()) > 600,
                "details": (status == "429") != bool(error.get("details")),
            }
            verdict = lost([name for name, is_wrong in wrong.items() if is_wrong])
        return first_problem(verdict, stub_case(status)(answers))

    return judge


def succeeded(name: str, stub_name: str, header: str) -> Callable[[Answers], str]:
    """204, and no other credential than the chosen one was sent."""

    def judge(answers: Answers) -> str:
        answer = answers[name]
        if "exception" in answer:
            return "crash: " + answer["exception"].partition(":")[0]
        if answer.get("http_status") != 204:
            return f"HTTP {answer.get('http_status')}"
        sent = answers["credentials"][stub_name]
        return "ok" if sent == {header} else f"sent {', '.join(sorted(sent))}"

    return judge


def rate_limit(name: str) -> Callable[[Answers], str]:
    def judge(answers: Answers) -> str:
        answer = answers[f"stub {name}"]
        got = answer.get("rate_limit")
        if not got:
            return stub_case(name)(answers) if "exception" in answer else "lost: typed details"
        expected = ANSWERS["429"].envelope["error"]["details"]
        return lost([field for field in expected if instant(got[field]) != instant(expected[field])])

    return judge


def header(field: str, expected: dict[str, str | None]) -> Callable[[Answers], str]:
    """A header is given for these requests; None is one whose value is not known before."""

    def judge(answers: Answers) -> str:
        for request, value in expected.items():
            got = answers[request].get(field)
            if got is None or (value is not None and str(got) != value):
                return "lost"
        return "ok"

    return judge


def request_ids(answers: Answers) -> str:
    error = (answers["403"].get("envelope") or {}).get("error") or {}
    real = {"204": None, "403": error.get("trace_id", "")}
    return header("request_id", real | {"stub 204": "req_204", "stub 403": "req_def456"})(answers)


def retry_after(answers: Answers) -> str:
    error = (answers["429"].get("envelope") or {}).get("error") or {}
    real = {"429": str((error.get("details") or {}).get("retry_after"))}
    return header("retry_after", real | {"stub 429": "60", "stub 503": "7"})(answers)


def status_only(name: str) -> Callable[[Answers], str]:
    """An answer that is no envelope: what is left of it is the status and the headers."""

    def judge(answers: Answers) -> str:
        answer = answers[f"stub {name}"]
        if "exception" in answer:
            return "crash: " + answer["exception"].partition(":")[0]
        expected = ANSWERS[name]
        if answer.get("http_status") != expected.status:
            return f"HTTP {answer.get('http_status')}"
        return "ok" if answer.get("request_id") == expected.headers["X-Request-Id"] else "lost: headers"

    return judge


def refused(name: str) -> Callable[[Answers], str]:
    """By the client, or by the server because the ID arrived as one segment of the path."""

    def judge(answers: Answers) -> str:
        answer = answers[name]
        if "refused" in answer:
            return "ok, not sent"
        if "exception" in answer:
            return "crash: " + answer["exception"].partition(":")[0]
        code = ((answer.get("envelope") or {}).get("error") or {}).get("code")
        if (answer["http_status"], code) == (400, "VALIDATION_ERROR"):
            return "ok"
        return f"another path: {answer['http_status']}"

    return judge


GROUPS: dict[str, dict[str, Callable[[Answers], str]]] = {
    "204": {
        "204, with `X-API-Key`": succeeded("204", "204", "x-api-key"),
        "204 again, with `Authorization: Bearer`": succeeded("204 again", "bearer", "authorization"),
    },
    "the documented errors": {
        "400 `VALIDATION_ERROR`": documented_case("400-validation-error"),
        "401 `UNAUTHORIZED`": documented_case("401-unauthorized"),
        "403 `FORBIDDEN`": documented_case("403-forbidden"),
        "429 `RATE_LIMIT_EXCEEDED`": documented_case("429-rate-limit-exceeded"),
        "500 `INTERNAL_SERVER_ERROR`": stub_case("500"),
        "`details` absent": stub_case("403"),
        "`details` as `RateLimitDetails`": rate_limit("429"),
    },
    "what may be added": {
        "an unknown code and type": stub_case("unknownCode"),
        "unknown fields, in the error and beside it": stub_case("unknownFields"),
        "`details` with a field more": stub_case("moreDetails"),
        "`details` of an unknown shape": stub_case("unknownDetails"),
        "a status that is not listed: 418": stub_case("418"),
        "a status that is not listed: 503": stub_case("503"),
        "a status that no standard has: 529": stub_case("529"),
        "a timestamp with a fraction and an offset": stub_case("offset"),
    },
    "headers": {
        "`X-Request-Id`": request_ids,
        "`Retry-After`": retry_after,
        "`Retry-After` as a date": stub_case("retryDate"),
    },
    "a proxy's answers": {
        "a proxy's HTML with 502": status_only("html"),
        "an empty 503": status_only("empty"),
    },
    "malformed IDs": {
        "an ID with `/`": refused("ID with /"),
        "an ID with `?`": refused("ID with ?"),
        "an ID with a space and `ä`": refused("ID with ä"),
        "the ID `..`": refused("ID .."),
    },
}
"""The cases, by the column that they are counted in."""
