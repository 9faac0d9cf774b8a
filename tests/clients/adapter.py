"""Makes a driver an adapter of `freddy-conformance client`: `… client -- python3 adapter.py DRIVER ARGUMENTS`."""

from __future__ import annotations

import json
import subprocess
import sys


def told(result: dict) -> dict:
    """What a driver wrote, as the conformance runner takes it."""
    if "refused" in result:
        return {"outcome": "refused"}
    if "http_status" not in result:
        # The driver goes on after an exception, and so the client has lost the status.
        return {"outcome": "failure"}
    error = (result.get("envelope") or {}).get("error") or {}
    return {
        "outcome": "success" if result["http_status"] == 204 else "failure",
        "status": result["http_status"],
        "code": error.get("code"),
        "type": error.get("type"),
        "message": error.get("message"),
        "details": error.get("details"),
        "timestamp": error.get("timestamp"),
        "request_id": result.get("request_id") or error.get("trace_id"),
    }


driver = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
for line in sys.stdin:
    case = json.loads(line)
    connector_id = case["values"]["connector_id"]
    if case["retry"]:
        answer = {"unsupported": "a driver has neither a deadline nor retries"}
    elif set("\t\n\r\0") & set(connector_id):
        answer = {"unsupported": "a driver reads lines with tabs between the values"}
    else:
        credential = case["credential"]
        fields = (case["base_url"], credential["scheme"], credential["key"], connector_id)
        print("\t".join(fields), file=driver.stdin, flush=True)
        written = driver.stdout.readline()
        if not written:
            sys.exit("the driver ended")
        answer = told(json.loads(written))
    print(json.dumps(answer), flush=True)
driver.stdin.close()
driver.wait()
