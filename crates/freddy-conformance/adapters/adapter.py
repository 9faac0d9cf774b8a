"""Tells `freddy-conformance client -- python3 adapter.py` what a small client made of each case."""

import json, re, signal, sys, urllib.error, urllib.request

SCHEMES = {"apiKeyAuth": ("X-API-Key", "{}"), "bearerAuth": ("Authorization", "Bearer {}")}


def call(case):
    connector_id = case["values"]["connector_id"]
    if not re.fullmatch(r"pcon_[0-9A-Za-z]{1,64}", connector_id):
        return {"outcome": "refused"}
    name, form = SCHEMES[case["credential"]["scheme"]]
    request = urllib.request.Request(f"{case['base_url']}/v1/personal-connectors/{connector_id}", method="DELETE")
    request.add_header(name, form.format(case["credential"]["key"]))
    signal.setitimer(signal.ITIMER_REAL, case["deadline_ms"] / 1000)
    try:
        with urllib.request.urlopen(request) as answer:
            return {"outcome": "success" if answer.status == 204 else "failure"} | read(answer, answer.status)
    except urllib.error.HTTPError as answer:
        return {"outcome": "failure"} | read(answer, answer.code)
    except OSError:
        return {"outcome": "no_answer"}
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def over(*_):
    raise TimeoutError  # The `timeout` of urllib is for each read alone.


def read(answer, status):
    try:
        body = json.loads(answer.read(1 << 20))
        error = body["error"] if isinstance(body["error"], dict) else {}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        error = {}  # Not from Freddy but from a proxy, or cut.
    known = {name: error.get(name) for name in ("code", "type", "message", "details")}
    known = {name: value if name == "details" or isinstance(value, str) else None for name, value in known.items()}
    request_id = answer.headers.get("X-Request-Id") or error.get("trace_id")
    return known | {"status": status, "request_id": request_id if isinstance(request_id, str) else None}


signal.signal(signal.SIGALRM, over)
for line in sys.stdin:
    print(json.dumps(call(json.loads(line))), flush=True)
