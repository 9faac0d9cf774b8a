"""Makes a driver an adapter of `freddy-conformance client`: `… client -- python3 adapter.py DRIVER ARGUMENTS`.

Where `FREDDY_DRIVER_LOG` names a file, it becomes what the driver wrote for each case: lines of a name and JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading

LONGEST_WAIT_MS = 10_000
"""A driver takes no deadline, and a call with a shorter one would need it."""


def told(result: dict) -> dict:
    """What a driver wrote, as the conformance runner takes it."""
    if "refused" in result:
        return {"outcome": "refused"}
    if "http_status" not in result:
        # The driver goes on after an exception, and so the client has lost the status.
        return {"outcome": "failure"}
    error = (result.get("envelope") or {}).get("error") or {}

    def text(name: str) -> str | None:
        """Where types are not checked at run time, a field may be anything. Some clients have an empty text for none."""
        value = error.get(name)
        return (value or None) if isinstance(value, str) else None

    return {
        "outcome": "success" if result["http_status"] == 204 else "failure",
        "status": result["http_status"],
        "code": text("code"),
        "type": text("type"),
        "message": text("message"),
        # Some clients have an empty map where there are none.
        "details": error.get("details") or None,
        "timestamp": text("timestamp"),
        "request_id": result.get("request_id") or text("trace_id"),
    }


def main() -> None:
    driver = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8")
    log = open(os.environ.get("FREDDY_DRIVER_LOG", os.devnull), "a", encoding="utf-8")
    for line in sys.stdin:
        case = json.loads(line)
        credential, connector_id = case["credential"], case["values"].get("connector_id")
        if connector_id is None or set("\t\n\r\0") & set(connector_id):
            answer = {"unsupported": "a driver reads a line with tabs between the values"}
        elif case["deadline_ms"] < LONGEST_WAIT_MS:
            answer = {"unsupported": "a driver takes no deadline"}
        else:
            fields = (case["base_url"], credential["scheme"], credential["key"], connector_id)
            print("\t".join(fields), file=driver.stdin, flush=True)
            written = driver.stdout.readline()
            if not written:
                sys.exit("the driver ended")
            try:
                result = json.loads(written)
            except ValueError:
                result = {"exception": f"not JSON: {written[:100]}"}
            print(case["case"], json.dumps(result), file=log, flush=True)
            answer = told(result)
        print(json.dumps(answer), flush=True)
    driver.stdin.close()
    driver.wait()


if __name__ == "__main__":
    # Some cases are nested far deeper than Python reads by itself, and a driver passes them on.
    sys.setrecursionlimit(1_000_000)
    threading.stack_size(1 << 29)
    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
