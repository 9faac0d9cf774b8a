"""Sends what its standard input says, and writes what the generated client gave for it."""

import json
import sys

import freddy
from pydantic import ValidationError


def call(base_url: str, scheme: str, key: str, connector_id: str) -> dict:
    credential = {"api_key": {"apiKeyAuth": key}} if scheme == "apiKeyAuth" else {"access_token": key}
    # Otherwise urllib3 sleeps for as long as `Retry-After` says, three times, before a 429 is raised.
    configuration = freddy.Configuration(host=base_url, retries=0, **credential)
    with freddy.ApiClient(configuration) as client:
        try:
            answer = freddy.PersonalConnectorsApi(client).disconnect_connector_with_http_info(connector_id)
            status, headers, envelope = answer.status_code, answer.headers, None
        except freddy.ApiException as failed:
            status, headers, envelope = failed.status, failed.headers, failed.data
    # Those of a success are a dict, whose names are as they were sent.
    headers = {name.lower(): value for name, value in headers.items()}
    result = {
        "http_status": status,
        "request_id": headers.get("x-request-id"),
        "retry_after": headers.get("retry-after"),
    }
    if isinstance(envelope, freddy.ErrorEnvelope):
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
                "extra": error.additional_properties,
            },
            "extra": envelope.additional_properties,
        }
        try:
            limit = freddy.RateLimitDetails.from_dict(error.details)
        except ValidationError:
            return result
        if error.code == "RATE_LIMIT_EXCEEDED" and limit:
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
