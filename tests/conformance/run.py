"""Holds servers to the contract with freddy-conformance, and plants faults that it has to find: see README.md."""

import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

from mutants import MUTANTS, MUTANTS_OF_THE_LIMIT

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
WORK = TARGET / "conformance"
CONFORMANCE = TARGET / "debug" / "freddy-conformance"
SERVER = TARGET / "debug" / "freddy-server"

OWN = ["pcon_alice1", "pcon_alice2", "pcon_alice3"]
ELSES = ["pcon_bob1", "pcon_bob2"]


# A server that does nothing, and whose connectors are all disconnected from the beginning: no case can tell what it does.
DOES_NOTHING = [("disconnected: false", "disconnected: true"), ("connector.disconnected = true;\n", "")]
HIDDEN = [
    "effect-of-success",
    "effect-of-refusal",
    "effect-of-unfinished-head",
    "effect-of-unfinished-body",
    "effect-of-all",
]


class Failed(Exception):
    """What does not hold, in words."""


def expect(holds, otherwise):
    if not holds:
        raise Failed(otherwise)


def output(command, timeout=300, **options):
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, **options)
    expect(done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def install(folder, pins, commands):
    """Installs into a folder of its own, unless it was filled from the same pins."""
    target, stamp = WORK / folder, WORK / folder / "installed-from"
    wanted = "\n".join([sys.version, *((HERE / folder / pin).read_text(encoding="utf-8") for pin in pins)])
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for pin in pins:
            shutil.copy(HERE / folder / pin, target)
        for command in commands:
            output(command, cwd=target)
        stamp.write_text(wanted, encoding="utf-8")
    return target


@contextlib.contextmanager
def running(command, log, announced, **options):
    """Runs a server for as long as the block, and gives what its first line says."""
    with log.open("w") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True, **options)
    try:
        line = process.stdout.readline()
        found = re.search(announced, line)
        expect(found, f"{command} did not start: {line}{log.read_text(encoding='utf-8')}")
        yield found.groups()
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


LEVELS = ["must", "should", "may"]

# The servers here give up in less time what does not come to its end, or never.
HOLD = ["--hold", "5"]


def failures(cases, level):
    """The cases that fail and matter that much."""
    counted = LEVELS[: LEVELS.index(level) + 1]
    return [case for case in cases.values() if case["result"] == "failed" and case["level"] in counted]


def conformance(name, url, setup, level, *arguments):
    """The cases of a run, by name."""
    file = WORK / "run" / f"{name}.json"
    file.write_text(json.dumps(setup), encoding="utf-8")
    results = WORK / "run" / f"{name}-results.json"
    command = [CONFORMANCE, "server", "--base-url", url, "--setup", file, "--json", results, "--level", level, *HOLD, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=200)
    expect(done.returncode in (0, 1), f"{command} ended with {done.returncode}: {done.stderr}")
    cases = {case["name"]: case for case in json.loads(results.read_text(encoding="utf-8"))["cases"]}
    failed = failures(cases, level)
    expect(bool(failed) == (done.returncode == 1), f"{command} ended with {done.returncode}, and has failed {failed}")
    return cases


def passes(name, url, setup, level, skipped=()):
    started = time.monotonic()
    cases = conformance(name, url, setup, level, "--rate", "500")
    wrong = failures(cases, level)
    expect(not wrong, f"{name} fails: {json.dumps(wrong, indent=1)}")
    left_out = {case["name"] for case in cases.values() if case["result"] == "skipped"}
    expect(left_out == set(skipped), f"{name} skips {left_out}, and not {set(skipped)}")
    print(f"ok    {name}: {len(cases)} cases up to `{level}`, {time.monotonic() - started:.0f} s", flush=True)


def freddy_server(kind, database):
    """The server of this project, without a reset."""

    def administer(*arguments):
        return output([SERVER, *arguments, "--database-url", database]).strip()

    keys = {owner: administer("key", "create", "--owner", owner) for owner in ("alice", "bob", "carol", "dora")}
    administer("key", "revoke", "--owner", "dora")
    for owner, connectors in {"alice": OWN, "bob": ELSES}.items():
        for connector in connectors:
            administer("connector", "add", "--owner", owner, "--id", connector)
    administer("connector", "add", "--owner", "carol", "--id", "pcon_carol1")
    setup = {
        "owner": {"key": keys["alice"], "connectors": OWN},
        "stranger": {"key": keys["bob"], "connectors": ELSES},
        "revoked_keys": [keys["dora"]],
        "limit": {"key": keys["carol"], "requests": 300, "seconds": 3, "connectors": ["pcon_carol1"]},
        "disconnected": [str(SERVER), "connector", "list", "--state", "disconnected", "--database-url", database],
    }
    command = [SERVER, "serve", "--database-url", database, "--listen", "127.0.0.1:0"]
    command += ["--rate-limit", "300", "--rate-window", "3", "--read-timeout-ms", "2000"]
    with running(command, WORK / "run" / f"{kind}.log", r"Listening on (\S+)") as (url,):
        passes(f"freddy-server on {kind}", url, setup, "may")


def small_setup(reset, disconnected, seconds):
    return {
        "owner": {"key": "sk_test_alice", "connectors": OWN},
        "stranger": {"key": "sk_test_bob", "connectors": ELSES},
        "revoked_keys": ["sk_test_alice_old", "sk_test_alice_older"],
        "limit": {"key": "sk_test_carol", "requests": 20, "seconds": seconds, "connectors": ["pcon_carol1"]},
        "reset": reset,
        "disconnected": disconnected,
    }


@contextlib.contextmanager
def express(folder, name, source):
    """The server in Express, and its setup."""
    file = folder / f"{name}.mjs"
    file.write_text(source, encoding="utf-8")
    log = WORK / "run" / f"{name}.log"
    with running(["node", file.name], log, r"Listening on (\d+), for tests on (\d+)", cwd=folder) as (port, admin):
        admin = f"http://127.0.0.1:{admin}"
        curl = ["curl", "-sSf", "--noproxy", "*"]
        setup = small_setup([*curl, "-X", "POST", f"{admin}/reset"], [*curl, f"{admin}/disconnected"], seconds=1)
        yield f"http://127.0.0.1:{port}", setup
    file.unlink()


def fastapi():
    python = WORK / "fastapi" / "venv" / "bin" / "python"
    database = WORK / "run" / "fastapi.db"
    sql = [sys.executable, "-c", "import sqlite3, sys\nfor row in sqlite3.connect(sys.argv[1], isolation_level=None).execute(sys.argv[2]): print(*row)"]
    setup = small_setup(
        [*sql, str(database), "UPDATE connectors SET disconnected_at = NULL"],
        [*sql, str(database), "SELECT id FROM connectors WHERE disconnected_at IS NOT NULL"],
        seconds=2,
    )
    log = WORK / "run" / "fastapi.log"
    with running([python, HERE / "fastapi" / "server.py", database], log, r"Listening on (\d+)") as (port,):
        passes("FastAPI", f"http://127.0.0.1:{port}", setup, "should")


def mutated(edits):
    source = (HERE / "express" / "server.js").read_text(encoding="utf-8")
    for old, new in edits:
        expect(source.count(old) == 1, f"express/server.js has {source.count(old)} times: {old}")
        source = source.replace(old, new)
    return source


def mutant(folder, number, tries_limit, name, case, edits):
    """What is wrong if a fault is not found by its case, and which cases find it."""
    try:
        with express(folder, f"mutant-{number}", mutated(edits)) as (url, setup):
            if not tries_limit:
                del setup["limit"]
            cases = conformance(f"mutant-{number}", url, setup, "should", "--rate", "2000", "--timeout", "4")
    except Failed as failed:
        return f"{name}: {failed}", []
    expect(case in cases, f"{name}: there is no case {case}")
    finding = [one["name"] for one in failures(cases, "should")]
    found = case in finding or (cases[case]["level"] == "may" and cases[case]["result"] == "failed")
    problem = None if found else f"{name}: not found by {case}, but by {finding}"
    return problem, finding


def mutants(folder):
    started = time.monotonic()
    rows = [(False, *row) for row in MUTANTS] + [(True, *row) for row in MUTANTS_OF_THE_LIMIT]
    expect(len({name for _, name, _, _ in rows}) == len(rows), "two mutants have the same name")
    chosen = [(number, *row) for number, row in enumerate(rows) if not sys.argv[1:] or row[2] in sys.argv[1:]]
    with ThreadPoolExecutor(max_workers=3) as pool:
        results = list(pool.map(lambda row: mutant(folder, *row), chosen))
    problems = [problem for problem, _ in results if problem]
    expect(not problems, "mutants are not found:\n" + "\n".join(problems))
    alone = sum(len(finding) == 1 for _, finding in results)
    took = time.monotonic() - started
    print(f"ok    {len(results)} mutants, each found by its case, {alone} of them by no other; {took:.0f} s", flush=True)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    os.environ |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    # Only what a check sets configures a program.
    postgres = os.environ.get("FREDDY_TEST_POSTGRES_URL")
    for name in [name for name in os.environ if name.startswith("FREDDY_")]:
        del os.environ[name]
    missing = [tool for tool in ("cargo", "curl", "node", "npm") if shutil.which(tool) is None]
    expect(not missing, f"not installed: {', '.join(missing)}")
    shutil.rmtree(WORK / "run", ignore_errors=True)
    (WORK / "run").mkdir(parents=True)
    packages = ["--package", "freddy-conformance", "--package", "freddy-server"]
    subprocess.run(["cargo", "build", "--quiet", "--locked", *packages], cwd=ROOT, check=True)
    pins = ("package.json", "package-lock.json", ".npmrc")
    folder = install("express", pins, [["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"]])
    pip = ["venv/bin/pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement", "requirements.txt"]
    install("fastapi", ("requirements.txt",), [[sys.executable, "-m", "venv", "venv"], pip])

    if not sys.argv[1:]:
        freddy_server("SQLite", f"sqlite://{WORK / 'run' / 'freddy.db'}")
        if postgres is None:
            print("skip  freddy-server on PostgreSQL: FREDDY_TEST_POSTGRES_URL is not set", flush=True)
        else:
            freddy_server("PostgreSQL", new_database(postgres))
        with express(folder, "server", mutated([])) as (url, setup):
            passes("Express", url, setup, "should")
        with express(folder, "does-nothing", mutated(DOES_NOTHING)) as (url, setup):
            passes("Express where all is disconnected", url, setup, "should", skipped=HIDDEN)
        fastapi()
    mutants(folder)


def new_database(url):
    server, _, _ = url.rpartition("/")
    name = f"freddy_{uuid.uuid4().hex}"
    output(["psql", url, "--quiet", "--command", f"CREATE DATABASE {name}"])
    return f"{server}/{name}"


if __name__ == "__main__":
    try:
        main()
    except Failed as failed:
        sys.exit(f"error: {failed}")
