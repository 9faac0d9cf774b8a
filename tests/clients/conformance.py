"""The published cases, played to a generated client by `freddy-conformance`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).resolve().parent
PUBLISHED = HERE.parent.parent / "openapi" / "conformance"
ADAPTER = HERE / "adapter.py"
LEVELS = ("must", "should", "may")
SHOWN = 4
"""How many cases with the same fault are named."""

CASES = {
    case["name"]: case
    for kind in ("decode", "request", "call")
    for case in json.loads((PUBLISHED / f"{kind}.json").read_bytes())["cases"]
}

HEAD = """### The published cases

In how many cases of a group the client does what it must: it gives the status of any answer, and keeps what the case says if
that is a `must`. `should` and `may` are the cases of these levels that it keeps whole. Cases that a driver cannot play, because
it takes no deadline or no line feed in an ID, are not counted.
"""

DETAIL_HEAD = """What clients do not do and must. `crash`: no status, but an exception. `lost`: what is missing, or another value. `another
path`: an ID changes where the request goes. `credential to a redirect`: it is sent to where a redirect points.
"""


@contextmanager
def stub(runner: Path) -> Iterator[str]:
    """The server that answers each case by the ID of its connector."""
    command = [runner, "stub", "--listen", "127.0.0.1:0"]
    with subprocess.Popen(command, text=True, stdout=subprocess.PIPE) as process:
        try:
            url = re.search(r"http://[^/\s]+", process.stdout.readline())[0]
            # What comes in is written down there, and a full pipe would hold it up.
            threading.Thread(target=process.stdout.read, daemon=True).start()
            yield url
        finally:
            process.terminate()


def run(runner: Path, driver: list[str], where: Path, environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, dict]]:
    """What came of each case, and what the driver wrote for it."""
    results, log = where / "conformance.json", where / "driver.log"
    log.unlink(missing_ok=True)
    command = [runner, "client", "--level", "must", "--timeout", "10", "--json", results]
    command += ["--", sys.executable, "-B", ADAPTER, *driver]
    # A driver that hangs outlives its adapter.
    process = subprocess.Popen(
        command, cwd=where, env={**environment, "FREDDY_DRIVER_LOG": str(log)}, start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        code = process.wait(timeout=600)
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    if code not in (0, 1):
        raise subprocess.CalledProcessError(code, command)
    written = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        name, _, answer = line.partition(" ")
        written[name] = json.loads(answer)
    rows = json.loads(results.read_bytes())["cases"]
    return {row["name"]: verdict(row, written.get(row["name"], {})) for row in rows}, written


def verdict(row: dict, written: dict) -> str:
    """`ok`, `skipped`, or the level of what is wrong, and what it is."""
    if row["result"] != "failed":
        return "ok" if row["result"] == "passed" else "skipped"
    level = min((problem["level"] for problem in row["problems"]), key=LEVELS.index)
    problems = [problem for problem in row["problems"] if problem["level"] == level]
    about = [problem.get("about") for problem in problems]
    if "exception" in written:
        kind = re.match(r"[\w.]+(?=:)", written["exception"])
        return f"{level}: crash: {kind[0].removeprefix('java.lang.')}" if kind else f"{level}: crash"
    if "path" in about:
        return f"{level}: another path"
    if "redirect" in about:
        return f"{level}: credential to a redirect"
    if all(about):
        return f"{level}: lost: {', '.join(about)}"
    return f"{level}: {problems[0]['got'].splitlines()[0]}"


def ran(cells: Mapping[str, str], names: list[str]) -> list[str]:
    """What came of those of the cases that were played."""
    return [cells[name] for name in names if cells.get(name, "skipped") != "skipped"]


def counted(good: int, of: int) -> str:
    return "-" if not of else "ok" if good == of else f"{good} of {of}"


def summary(tools: Mapping[str, Mapping[str, str]]) -> list[list[str]]:
    """A row for each tool: the cases by group, and those of a level."""
    groups: dict[str, list[str]] = {}
    for name, case in CASES.items():
        groups.setdefault(case["group"], []).append(name)
    levels = {level: [name for name, case in CASES.items() if case["level"] == level] for level in LEVELS[1:]}
    rows = [["tool", *groups, *levels]]
    for tool, cells in tools.items():
        if not ran(cells, list(CASES)):
            continue
        must = [(ran(cells, names), lambda verdict: not verdict.startswith("must")) for names in groups.values()]
        whole = [(ran(cells, names), lambda verdict: verdict == "ok") for names in levels.values()]
        counts = [counted(sum(map(is_good, verdicts)), len(verdicts)) for verdicts, is_good in must + whole]
        rows.append([tool, *counts])
    # No driver can play the cases with a deadline.
    empty = [column for column in range(1, len(rows[0])) if all(row[column] == "-" for row in rows[1:])]
    return [[cell for column, cell in enumerate(row) if column not in empty] for row in rows]


def detail(tools: Mapping[str, Mapping[str, str]]) -> list[list[str]]:
    """The cases that a tool does not keep and must, by what is wrong."""
    rows = [["tool", "what came of it", "cases"]]
    for tool, cells in tools.items():
        found: dict[str, list[str]] = {}
        for name in CASES:
            level, _, fault = cells.get(name, "").partition(": ")
            if level == "must":
                found.setdefault(fault, []).append(f"`{name}`")
        for fault, names in found.items():
            more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
            rows.append([tool, fault, ", ".join(names[:SHOWN]) + more])
    return rows
