"""A server that answers what `freddy-server` cannot be made to answer, or does not answer yet."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DOCUMENTED = Path(__file__).parent.parent / "documented"
PREFIX = "/v1/personal-connectors/"


@dataclass
class Answer:
    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def envelope(self) -> dict:
        return json.loads(self.body)


def documented(name: str, **headers: str) -> Answer:
    """The body of the page, byte for byte."""
    body = (DOCUMENTED / f"{name}.json").read_bytes()
    return json_answer(int(name[:3]), body, **headers)


def json_answer(status: int, body: bytes, content_type: str = "application/json", **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request_id = json.loads(body)["error"]["trace_id"]
    return Answer(status, body, {"Content-Type": content_type, "X-Request-Id": request_id} | named)


def envelope(status: int, *, meta: object = None, headers: dict[str, str] | None = None, **fields: object) -> Answer:
    """An envelope that differs from the documented 403 in these fields of the error, and in `meta` beside it."""
    body = documented("403-forbidden").envelope
    body["error"] |= {"status": status} | fields
    if meta is not None:
        body["meta"] = meta
    return json_answer(status, json.dumps(body).encode(), **headers or {})


RATE_LIMIT = documented("429-rate-limit-exceeded").envelope["error"]

# By the connector ID that is asked for, without `pcon_`.
ANSWERS = {
    "204": Answer(204, headers={"X-Request-Id": "req_204"}),
    "bearer": Answer(204),
    "400": documented("400-validation-error"),
    "401": documented("401-unauthorized"),
    "403": documented("403-forbidden"),
    "429": documented("429-rate-limit-exceeded", Retry_After="60"),
    "500": documented("500-internal-server-error"),
    "unknownCode": envelope(403, code="CONNECTOR_LOCKED", type="lock_error"),
    "unknownFields": envelope(
        403,
        meta={"region": "eu", "hops": [1, 2]},
        help={"url": "https://api.aitronos.com/help", "tags": ["a", None]},
        headers={"content_type": "application/json; charset=utf-8"},
    ),
    "unknownDetails": envelope(
        403, details={"reasons": [{"field": "id", "weight": 1.5}], "owner": {"team": {"id": 7}}, "until": None}
    ),
    "moreDetails": envelope(
        429, code=RATE_LIMIT["code"], type=RATE_LIMIT["type"], details=RATE_LIMIT["details"] | {"bucket": "burst"}
    ),
    "418": envelope(418, code="TEAPOT", type="client_error"),
    "503": envelope(503, code="SERVICE_UNAVAILABLE", type="server_error", headers={"Retry_After": "7"}),
    # One that languages' lists of statuses do not have.
    "529": envelope(529, code="OVERLOADED", type="server_error"),
    "offset": envelope(403, timestamp="2025-11-13T12:30:00.250+02:00"),
    "retryDate": documented("429-rate-limit-exceeded", Retry_After="Thu, 13 Nov 2025 10:31:00 GMT"),
    "html": Answer(502, b"<h1>Bad Gateway</h1>", {"Content-Type": "text/html", "X-Request-Id": "req_html"}),
    "empty": Answer(503, headers={"X-Request-Id": "req_empty"}),
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30

    def do_DELETE(self) -> None:
        name = self.path.removeprefix(f"{PREFIX}pcon_")
        answer = ANSWERS.get(name, Answer(404))
        self.server.credentials[name] = {name.lower() for name in self.headers} & {"x-api-key", "authorization"}
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.status != 204:
            self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: object) -> None:
        pass


class Stub(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.credentials: dict[str, set[str]] = {}
        """The headers with credentials that a request brought, by its answer's name."""
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"
