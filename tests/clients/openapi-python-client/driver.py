"""Sends what its standard input says, and writes what the generated client gave for it."""

import json
import sys

from freddy.api.personal_connectors import disconnect_connector
from freddy.client import AuthenticatedClient
from freddy.models import ErrorEnvelope, RateLimitDetails
from freddy.types import Unset


def call(base_url: str, scheme: str, key: str, connector_id: str) -> dict:
    if scheme == "apiKeyAuth":
        client = AuthenticatedClient(base_url=base_url, token=key, auth_header_name="X-API-Key", prefix="")
    else:
        client = AuthenticatedClient(base_url=base_url, token=key)
    answer = disconnect_connector.sync_detailed(connector_id, client=client)
    result = {
        "http_status": int(answer.status_code),
        "request_id": answer.headers.get("X-Request-Id"),
        "retry_after": answer.headers.get("Retry-After"),
    }
    if isinstance(answer.parsed, ErrorEnvelope):
        envelope, error = answer.parsed, answer.parsed.error
        result["envelope"] = {
            "success": envelope.success,
            "error": {
                "code": error.code,
                "message": error.message,
                "system_message": error.system_message,
                "type": error.type_,
                "status": error.status,
                "details": None if isinstance(error.details, Unset) else error.details.to_dict(),
                "trace_id": error.trace_id,
                "timestamp": error.timestamp.isoformat(),
                "extra": error.additional_properties,
            },
            "extra": envelope.additional_properties,
        }
        try:
            limit = RateLimitDetails.from_dict(result["envelope"]["error"]["details"] or {})
        except (KeyError, TypeError, ValueError):
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
