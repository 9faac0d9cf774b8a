import os
import sys
from http import HTTPStatus

import httpx

from freddy.api.personal_connectors import disconnect_connector
from freddy.client import AuthenticatedClient
from freddy.models import ErrorEnvelope, RateLimitDetails


def raise_what_is_not_decoded(response: httpx.Response) -> None:
    """The client decodes JSON alone, and with statuses that Python knows: neither needs to be true of a proxy."""
    if response.is_error and not (
        response.status_code in list(HTTPStatus) and "json" in response.headers.get("Content-Type", "")
    ):
        response.read()
        response.raise_for_status()


client = AuthenticatedClient(
    base_url=os.environ.get("FREDDY_BASE_URL", "https://api.aitronos.com"),
    token=os.environ["FREDDY_API_KEY"],
    auth_header_name="X-API-Key",
    prefix="",
    httpx_args={"event_hooks": {"response": [raise_what_is_not_decoded]}},
)

answer = disconnect_connector.sync_detailed(sys.argv[1], client=client)

if isinstance(answer.parsed, ErrorEnvelope):
    error = answer.parsed.error
    print(f"{error.code}: {error.message} ({error.trace_id})")
    if error.code == "RATE_LIMIT_EXCEEDED":
        details = RateLimitDetails.from_dict(error.details.to_dict())
        print(f"again in {details.retry_after} s")
else:
    print("disconnected")
