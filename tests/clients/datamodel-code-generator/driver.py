"""Sends what its standard input says, and writes what the generated models gave for it. They are models only: the
request is httpx's."""

import json
import sys

import httpx
from pydantic import ValidationError

from freddy import ConnectorId, ErrorEnvelope, RateLimitDetails


def call(base_url: str, scheme: str, key: str, connector_id: str) -> dict:
    try:
        connector_id = ConnectorId(connector_id).root
    except ValidationError as error:
        return {"refused": str(error)}
    headers = {"X-API-Key": key} if scheme == "apiKeyAuth" else {"Authorization": f"Bearer {key}"}
    answer = httpx.delete(f"{base_url}/v1/personal-connectors/{connector_id}", headers=headers)
    result = {
        "http_status": answer.status_code,
        "request_id": answer.headers.get("X-Request-Id"),
        "retry_after": answer.headers.get("Retry-After"),
    }
    if "json" in answer.headers.get("Content-Type", ""):
        try:
            envelope = ErrorEnvelope.model_validate_json(answer.content)
        except ValidationError as error:
            return result | {"undecoded": str(error)}
        error = envelope.error
        result["envelope"] = {
            "success": envelope.success,
            "error": {
                "code": error.code,
                "message": error.message,
                "system_message": error.system_message,
                "type": error.type,
                "status": error.status,
                "details": error.details,
                "trace_id": error.trace_id,
                "timestamp": error.timestamp.isoformat(),
                "extra": error.model_extra,
            },
            "extra": envelope.model_extra,
        }
        try:
            limit = RateLimitDetails.model_validate(error.details)
        except ValidationError:
            return result
        if error.code == "RATE_LIMIT_EXCEEDED":
            result["rate_limit"] = {
                "retry_after": limit.retry_after,
                "limit": limit.limit,
                "remaining": limit.remaining,
                "reset_at": limit.reset_at.isoformat(),
            }
    return result


for line in sys.stdin:
    try:
        result = call(*line.rstrip("\n").split("\t"))
    except Exception as error:
        result = {"exception": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
