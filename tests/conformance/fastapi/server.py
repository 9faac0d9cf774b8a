"""A server of the contract in FastAPI, as a team would write it."""

import dataclasses
import datetime
import math
import re
import sqlite3
import sys
import time
import uuid

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

REQUESTS = 1000
WINDOW = 2.0

ERRORS = {
    "VALIDATION_ERROR": (400, "validation_error", "Invalid request parameters", "Validation failed"),
    "UNAUTHORIZED": (
        401,
        "authentication_error",
        "Authentication required. Please provide a valid API key.",
        "Missing or invalid authorization header",
    ),
    "FORBIDDEN": (
        403,
        "authorization_error",
        "You do not have permission to perform this action.",
        "Insufficient permissions",
    ),
    "NOT_FOUND": (404, "not_found_error", "The requested resource was not found.", "No route for this path"),
    "METHOD_NOT_ALLOWED": (405, "client_error", "This method is not allowed here.", "No route for this method"),
    "RATE_LIMIT_EXCEEDED": (429, "rate_limit_error", "Too many requests. Please try again later.", "Rate limit exceeded"),
    "INTERNAL_SERVER_ERROR": (500, "server_error", "An unexpected error occurred.", "Unhandled exception"),
}


class ApiError(Exception):
    def __init__(self, code, headers=None, details=None):
        super().__init__(code)
        self.code, self.headers, self.details = code, headers or {}, details


def rfc3339(second):
    return datetime.datetime.fromtimestamp(second, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def answer(request, failure):
    status, kind, message, system_message = ERRORS[failure.code]
    error = {
        "code": failure.code,
        "message": message,
        "system_message": system_message,
        "type": kind,
        "status": status,
        "trace_id": request.state.trace_id,
        "timestamp": rfc3339(int(request.state.now)),
    }
    if failure.details is not None:
        error["details"] = failure.details
    headers = dict(failure.headers)
    if status == 401:
        headers["WWW-Authenticate"] = 'ApiKey realm="api", Bearer realm="api"'
    return JSONResponse({"success": False, "error": error}, status, headers)


database = sqlite3.connect(sys.argv[1], check_same_thread=False, isolation_level=None)
database.executescript(
    """
    CREATE TABLE IF NOT EXISTS connectors (id TEXT PRIMARY KEY, owner TEXT NOT NULL, disconnected_at REAL);
    INSERT OR IGNORE INTO connectors (id, owner) VALUES
      ('pcon_alice1', 'alice'), ('pcon_alice2', 'alice'), ('pcon_alice3', 'alice'),
      ('pcon_bob1', 'bob'), ('pcon_bob2', 'bob'), ('pcon_carol1', 'carol');
    """
)


@dataclasses.dataclass
class Caller:
    user: str
    limit: int
    revoked: bool = False
    count: int = 0
    end: float = 0.0


CALLERS = {
    "sk_test_alice": Caller("alice", REQUESTS),
    "sk_test_bob": Caller("bob", REQUESTS),
    "sk_test_carol": Caller("carol", 20),
    "sk_test_alice_old": Caller("alice", REQUESTS, revoked=True),
    "sk_test_alice_older": Caller("alice", REQUESTS, revoked=True),
}


def credential(request):
    given = request.headers.getlist("X-API-Key")
    for value in request.headers.getlist("Authorization"):
        scheme, _, key = value.partition(" ")
        if scheme.lower() == "bearer":
            given.append(key.strip())
    given = {key for key in given if key}
    return given.pop() if len(given) == 1 else None


async def limited_caller(request: Request):
    caller = CALLERS.get(credential(request))
    if caller is None or caller.revoked:
        raise ApiError("UNAUTHORIZED")
    now = request.state.now
    if now >= caller.end:
        caller.count, caller.end = 0, now + WINDOW
    caller.count += 1
    retry_after = math.ceil(caller.end) - int(now)
    remaining = max(0, caller.limit - caller.count)
    headers = {
        "X-RateLimit-Limit": str(caller.limit),
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset": str(int(now) + retry_after),
    }
    request.state.headers = headers
    if caller.count > caller.limit:
        details = {
            "retry_after": retry_after,
            "limit": caller.limit,
            "remaining": remaining,
            "reset_at": rfc3339(int(now) + retry_after),
        }
        raise ApiError("RATE_LIMIT_EXCEEDED", {"Retry-After": str(retry_after)}, details)
    return caller


app = FastAPI(redirect_slashes=False, openapi_url=None)


@app.middleware("http")
async def identify(request: Request, call_next):
    request.state.trace_id = f"req_{uuid.uuid4().hex}"
    request.state.now = time.time()
    request.state.headers = {}
    try:
        response = await call_next(request)
    except Exception:
        response = answer(request, ApiError("INTERNAL_SERVER_ERROR"))
    response.headers["X-Request-Id"] = request.state.trace_id
    response.headers.update(request.state.headers)
    return response


@app.exception_handler(ApiError)
async def refuse(request: Request, failure: ApiError):
    return answer(request, failure)


@app.exception_handler(HTTPException)
async def refuse_of_framework(request: Request, failure: HTTPException):
    codes = {404: "NOT_FOUND", 405: "METHOD_NOT_ALLOWED"}
    return answer(request, ApiError(codes.get(failure.status_code, "VALIDATION_ERROR"), failure.headers))


@app.delete("/v1/personal-connectors/{connector_id}", status_code=204)
async def disconnect(connector_id: str, caller: Caller = Depends(limited_caller)):
    if not re.fullmatch(r"pcon_[0-9A-Za-z]{1,64}", connector_id):
        raise ApiError("VALIDATION_ERROR")
    row = database.execute("SELECT owner FROM connectors WHERE id = ?", [connector_id]).fetchone()
    if row is None or row[0] != caller.user:
        raise ApiError("FORBIDDEN")
    database.execute(
        "UPDATE connectors SET disconnected_at = coalesce(disconnected_at, ?) WHERE id = ?",
        [time.time(), connector_id],
    )
    return Response(status_code=204)


if __name__ == "__main__":
    import socket

    import uvicorn

    listener = socket.create_server(("127.0.0.1", 0))
    print(f"Listening on {listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="error")).run(sockets=[listener])
