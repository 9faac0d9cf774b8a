import os
import sys

import freddy

configuration = freddy.Configuration(
    host=os.environ.get("FREDDY_BASE_URL", "https://api.aitronos.com"),
    api_key={"apiKeyAuth": os.environ["FREDDY_API_KEY"]},
    # Otherwise a 429 is raised only after three more requests, and as many sleeps of `Retry-After` seconds.
    retries=0,
)

with freddy.ApiClient(configuration) as client:
    try:
        freddy.PersonalConnectorsApi(client).disconnect_connector(sys.argv[1])
        print("disconnected")
    except freddy.ApiException as failed:
        if isinstance(failed.data, freddy.ErrorEnvelope):
            error = failed.data.error
            print(f"{error.code}: {error.message} ({error.trace_id})")
            if error.code == "RATE_LIMIT_EXCEEDED":
                details = freddy.RateLimitDetails.from_dict(error.details)
                print(f"again in {details.retry_after} s")
        else:
            # Not from Freddy but from a proxy: not an envelope.
            print(f"HTTP {failed.status}")
