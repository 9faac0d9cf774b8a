import os
import sys

import httpx

from freddy import ConnectorId, ErrorEnvelope, RateLimitDetails

connector_id = ConnectorId(sys.argv[1]).root

answer = httpx.delete(
    f"{os.environ.get('FREDDY_BASE_URL', 'https://api.aitronos.com')}/v1/personal-connectors/{connector_id}",
    headers={"X-API-Key": os.environ["FREDDY_API_KEY"]},
)

if answer.status_code == 204:
    print("disconnected")
elif "json" in answer.headers.get("Content-Type", ""):
    error = ErrorEnvelope.model_validate_json(answer.content).error
    print(f"{error.code}: {error.message} ({error.trace_id})")
    if error.code == "RATE_LIMIT_EXCEEDED":
        details = RateLimitDetails.model_validate(error.details)
        print(f"again in {details.retry_after} s")
else:
    # Not from Freddy but from a proxy: not an envelope.
    answer.raise_for_status()
