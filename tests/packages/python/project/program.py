import json
import sys
from pathlib import Path

import freddy_openapi
from freddy_openapi.models import ErrorEnvelope, RateLimitDetails
from jsonschema import Draft202012Validator

validator = Draft202012Validator(
    freddy_openapi.schema("error-envelope.open"),
    format_checker=Draft202012Validator.FORMAT_CHECKER,
)

body = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
faults = [fault.message for fault in validator.iter_errors(body)]
if faults:
    print(f"not an envelope: {'; '.join(faults)}")
else:
    error = ErrorEnvelope.model_validate(body).error
    print(f"{error.code}: {error.message}")
    if error.code == "RATE_LIMIT_EXCEEDED":
        details = RateLimitDetails.model_validate(error.details)
        print(f"again in {details.retry_after} s")
