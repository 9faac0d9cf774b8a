"""Checks the running server by programs that are not ours: the documented samples, curl, schemathesis, a browser."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import traceback
import urllib.request
from collections import Counter

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = ROOT / os.environ.get("CARGO_TARGET_DIR", "target")
TOOLS = TARGET / "live"
# Databases, logs and reports of the last run.
RUN = TOOLS / "run"
PYTHON = TOOLS / "python" / "bin"
BINARY = pathlib.Path(os.environ.get("FREDDY_SERVER_BIN", TARGET / "debug" / "freddy-server")).resolve()

DOCUMENT = ROOT / "openapi" / "freddy.json"
CONTRACT = json.loads(DOCUMENT.read_text(encoding="utf-8"))
SCHEMES = CONTRACT["components"]["securitySchemes"]
# The one there is: a second one needs checks of its own.
[[OPERATION]] = [path.values() for path in CONTRACT["paths"].values()]
STATUSES = {int(status) for status in OPERATION["responses"] if status.isdigit()}
# The ID that the document, the samples and the demo name.
CONNECTOR = OPERATION["parameters"][0]["example"]
OTHERS = {"pcon_alice2": "alice", "pcon_bob1": "bob"}

HOST = "https://api.aitronos.com"
SUCCESS = "Connector disconnected successfully\n"
SEED = 20251113


class Failed(Exception):
    """A check that does not hold, in words."""


def expect(holds, otherwise):
    if not holds:
        raise Failed(otherwise)


def ok(what):
    print(f"ok    {what}", flush=True)


def run(command, timeout=120, environment=None, **options):
    """Runs a command to its end and gives what it printed."""
    environment = os.environ | (environment or {})
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=environment, **options)


def output(command, **options):
    """What a command printed that has to succeed."""
    done = run(command, **options)
    line = shlex.join(map(str, command))
    expect(done.returncode == 0, f"{line} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


# What the checks need


def install_tools():
    missing = [tool for tool in ("bash", "cargo", "curl", "node", "npm") if shutil.which(tool) is None]
    expect(not missing, f"not installed: {', '.join(missing)}")
    if shutil.which("chromium") is None:
        as_root = [] if os.geteuid() == 0 else ["sudo"]
        output([*as_root, "apt-get", "update"], timeout=600)
        output([*as_root, "apt-get", "install", "-y", "--no-install-recommends", "chromium"], timeout=600)

    def python(folder):
        output([sys.executable, "-m", "venv", folder])
        output([folder / "bin" / "pip", "install", "--quiet", "--requirement", HERE / "requirements.txt"], timeout=600)

    def browser(folder):
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, folder)
        output(["npm", "ci", "--engine-strict", "--ignore-scripts"], cwd=folder, timeout=600)

    install(TOOLS / "python", [HERE / "requirements.txt"], python)
    install(TOOLS / "browser", [HERE / "package.json", HERE / "package-lock.json"], browser)


def install(folder, pins, installer):
    """Installs into a new folder, unless it was filled from the same pins."""
    stamp = folder / "installed-from"
    wanted = "\n".join([sys.version, *(file.read_text(encoding="utf-8") for file in pins)])
    if not (stamp.exists() and stamp.read_text(encoding="utf-8") == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        installer(folder)
        stamp.write_text(wanted, encoding="utf-8")


def build_server():
    if "FREDDY_SERVER_BIN" not in os.environ:
        subprocess.run(["cargo", "build", "--locked", "--package", "freddy-server"], cwd=ROOT, check=True)
    ok(f"{output([BINARY, '--version']).strip()}, {BINARY}")


# The server


@contextlib.contextmanager
def running(name, *arguments):
    """Runs the server on a free port for as long as the block, and gives its address and what it printed."""
    printed, log = RUN / f"{name}.out", RUN / f"{name}.log"
    with printed.open("w") as out, log.open("w") as err:
        command = [BINARY, *arguments, "--listen", "127.0.0.1:0"]
        process = subprocess.Popen(command, stdout=out, stderr=err)
    try:
        url = wait_until_ready(process, printed, log)
        yield url, printed.read_text(encoding="utf-8")
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    expect(process.returncode == 0, f"the server did not stop cleanly: {process.returncode}, {log}")
    errors = [line for line in log.read_text(encoding="utf-8").splitlines() if json.loads(line)["level"] == "ERROR"]
    expect(not errors, f"the server logged errors: {errors}")


def wait_until_ready(process, printed, log):
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        listening = re.search(r"^Listening on (http://\S+)$", printed.read_text(encoding="utf-8"), re.MULTILINE)
        if listening:
            with contextlib.suppress(OSError), urllib.request.urlopen(f"{listening[1]}/readyz", timeout=5):
                return listening[1]
        time.sleep(0.05)
    raise Failed(f"the server is not ready: {log.read_text(encoding='utf-8')}")


@dataclasses.dataclass(frozen=True)
class Served:
    """A server over a database with a key of alice, her connectors and one of bob's."""

    url: str
    key: str
    database: str

    def states(self):
        rows = output([BINARY, "connector", "list", "--database-url", self.database]).splitlines()
        return {connector: state.split()[0] for connector, _, state in (row.split("\t") for row in rows)}

    def expect_state(self, state):
        wanted = {CONNECTOR: state} | dict.fromkeys(OTHERS, "connected")
        expect(self.states() == wanted, f"the database has {self.states()} and not {wanted}")


@contextlib.contextmanager
def serving(name, rate_limit=1_000_000):
    database = f"sqlite://{RUN / name}.db"
    key = output([BINARY, "key", "create", "--owner", "alice", "--database-url", database]).strip()
    for connector, owner in {CONNECTOR: "alice", **OTHERS}.items():
        output([BINARY, "connector", "add", "--owner", owner, "--id", connector, "--database-url", database])
    arguments = ["--database-url", database, "--rate-limit", str(rate_limit), "--rate-window", "3600"]
    with running(name, "serve", *arguments) as (url, _):
        yield Served(url, key, database)


# The checks


def samples():
    """The documented samples, run as they stand on the page but for the host."""
    interpreters = {
        "curl.sh": (["bash", "-c"], ""),
        "disconnect.js": (["node", "--input-type=module", "-e"], SUCCESS),
        "disconnect.py": ([PYTHON / "python", "-c"], SUCCESS),
    }
    files = sorted((ROOT / "tests" / "documented" / "samples").iterdir())
    expect([file.name for file in files] == sorted(interpreters), f"other samples than {sorted(interpreters)}: {files}")
    for file in files:
        page = file.read_text(encoding="utf-8")
        expect(page.count(HOST) == page.count("://") == 1, f"{file.name} does not name {HOST} once, and nothing else")
        interpreter, printed = interpreters[file.name]
        with serving(file.name) as server:
            sample = [*interpreter, page.replace(HOST, server.url)]
            done = run(sample, environment={"FREDDY_API_KEY": "not-a-key"})
            expect(SUCCESS.strip() not in done.stdout, f"{file.name} reports success with a wrong key")
            server.expect_state("connected")
            done = run(sample, environment={"FREDDY_API_KEY": server.key})
            seen = (done.returncode, done.stdout)
            expect(seen == (0, printed), f"{file.name} gave {seen} and not {(0, printed)}: {done.stderr}")
            server.expect_state("disconnected")
        ok(f"sample {file.name}: disconnects and prints {json.dumps(printed)}; not so with a wrong key")


def demo():
    """The lines that `freddy-server demo` prints, as pasted into a shell."""
    with running("demo", "demo") as (_, text):
        lines = re.findall(r"^# (\d{3}): (.+)\n(.+)$", text, re.MULTILINE)
        announced = {int(status) for status, _, _ in lines}
        expect(announced == STATUSES - {500}, f"the demo has lines for {announced}")
        for status, what, line in lines:
            answer = output(["bash", "-c", line])
            seen = re.findall(r"^HTTP/\S+ (\d{3})", answer, re.MULTILINE)
            expect(seen == [status], f"“# {status}: {what}” answers {seen}: {line}\n{answer}")
            body = answer.replace("\r", "").partition("\n\n")[2]
            code = json.loads(body)["error"]["code"] if body else None
            expect(code == documented_code(status), f"“# {status}: {what}” answers the code {code}")
            ok(f"demo, # {status}: {what}: answers {status} {code or 'without a body'}")


def documented_code(status):
    response = OPERATION["responses"][status]
    if "$ref" in response:
        response = CONTRACT["components"]["responses"][response["$ref"].rpartition("/")[2]]
    examples = response["content"]["application/json"]["examples"].values() if "content" in response else []
    return next((example["value"]["error"]["code"] for example in examples), None)


def client():
    """The client's example, as its README says to run it."""
    readme = (ROOT / "crates" / "freddy-client" / "README.md").read_text(encoding="utf-8")
    command = re.search(r"`(cargo run [^`]*--example [^`]*)`", readme)
    expect(command, "the README of freddy-client has no command for its example")
    with running("client", "demo") as (url, text):
        key = re.search(r"^ +alice +(\S+)$", text, re.MULTILINE)[1]

        def example(key):
            environment = {"FREDDY_BASE_URL": url, "FREDDY_API_KEY": key}
            return run(["bash", "-c", command[1]], timeout=1800, cwd=ROOT, environment=environment)

        done = example(key)
        expect((done.returncode, done.stdout) == (0, SUCCESS), f"{command[1]} gave {done}")
        refused = example("not-a-key")
        expect((refused.returncode, refused.stdout) == (1, ""), f"with a wrong key, {command[1]} gave {refused}")
        expect("UNAUTHORIZED" in refused.stderr, f"a wrong key is not named: {refused.stderr}")
    ok(f"{command[1]}: disconnects; with a wrong key: {refused.stderr.strip().splitlines()[-1]}")


def fuzz():
    """schemathesis, with all of its checks and phases, over both documents and both ways to authenticate."""
    all_but_limited = STATUSES - {429, 500} | {405}
    for document in ("freddy.json", "freddy-3.0.json"):
        for scheme in SCHEMES:
            schemathesis(document, scheme, required=all_but_limited)
    # `OPTIONS` needs no key, and gets a 204 as well.
    schemathesis("freddy.json", None, required={401, 405}, also={204}, warnings={"missing_auth"})
    limited = {"also": all_but_limited, "warnings": {"rate_limited"}, "rate_limit": 20}
    schemathesis("freddy.json", "apiKeyAuth", required={204, 429}, **limited)


def schemathesis(document, scheme, required, also=frozenset(), warnings=frozenset(), rate_limit=1_000_000):
    name = f"{document}, {scheme or 'no key'}, {rate_limit} requests an hour"
    folder = RUN / re.sub(r"\W+", "-", name)
    folder.mkdir()
    # A key given as a mere header would not be known as the credential of its scheme.
    config = ""
    if scheme:
        kind = {"apiKey": "api_key", "http": "bearer"}[SCHEMES[scheme]["type"]]
        config = f'[auth.openapi.{scheme}]\n{kind} = "${{FREDDY_API_KEY}}"\n'
    (folder / "schemathesis.toml").write_text(config, encoding="utf-8")
    with serving(folder.name, rate_limit) as server:
        command = [PYTHON / "schemathesis", "--no-color", "--config-file", "schemathesis.toml", "run"]
        command += [ROOT / "openapi" / document, "--url", server.url, "--checks", "all"]
        command += ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "200", "--seed", str(SEED)]
        command += ["--generation-database", "none", "--report", "har,json"]
        command += ["--report-har-path", "har.json", "--report-json-path", "report.json"]
        done = run(command, cwd=folder, environment={"FREDDY_API_KEY": server.key})
        expect(done.returncode == 0, f"schemathesis on {name}:\n{done.stdout}{done.stderr}")
        server.expect_state("disconnected" if 204 in required else "connected")

    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    findings = report["failures"] + report["errors"]
    expect(report["complete"] and not findings, f"schemathesis on {name}: {findings}, {folder}")
    expect(report["operations"]["tested"] == report["operations"]["total"], f"{name}: {report['operations']}")
    phases = {phase: result["skip_reason"] or result["status"] for phase, result in report["phases"].items()}
    # One operation without links has no states to go through.
    wanted = dict.fromkeys(("examples", "coverage", "fuzzing"), "success") | {"stateful": "not_applicable"}
    expect(phases == wanted, f"{name}: {phases}")
    warned = {warning for warning, operations in report["warnings"].items() if operations}
    expect(warned == warnings, f"{name}: schemathesis warns of {warned}")

    entries = json.loads((folder / "har.json").read_text(encoding="utf-8"))["log"]["entries"]
    answers = Counter(entry["response"]["status"] for entry in entries)
    expect(required <= set(answers) <= required | also, f"{name}: the answers were {dict(answers)}")
    counts = ", ".join(f"{count} times {status}" for status, count in sorted(answers.items()))
    ok(f"schemathesis, {name}, seed {SEED}: no finding; answered {counts}")


def browser():
    """The reference page, read and tried in Chromium."""
    folder = TOOLS / "browser"
    shutil.copy(HERE / "browser.mjs", folder)
    with serving("browser") as server:
        server.expect_state("connected")
        environment = {
            "CHROMIUM": shutil.which("chromium"),
            "DOCUMENT": str(DOCUMENT),
            "PAGE": str(ROOT / "openapi" / "index.html"),
            "SCREENSHOTS": str(RUN),
            "SERVER": server.url,
            "FREDDY_API_KEY": server.key,
        }
        print(output(["node", "browser.mjs"], cwd=folder, environment=environment), end="", flush=True)
        server.expect_state("disconnected")
    ok("browser: what was tried out is disconnected in the database, and nothing else")


def main():
    # So that a stopped run stops its server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    # Only what a check sets configures a program, and no proxy stands between it and the server.
    for name in [name for name in os.environ if name.startswith("FREDDY_") and name != "FREDDY_SERVER_BIN"]:
        del os.environ[name]
    os.environ |= {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    shutil.rmtree(RUN, ignore_errors=True)
    RUN.mkdir(parents=True)

    started = time.monotonic()
    failed = []
    for check in (install_tools, build_server, samples, demo, client, fuzz, browser):
        try:
            check()
        except Exception as error:
            failed.append(check.__name__)
            why = error if isinstance(error, Failed) else traceback.format_exc()
            print(f"FAIL  {check.__name__}: {why}", flush=True)
            if check in (install_tools, build_server):
                break
    if failed:
        sys.exit(f"{', '.join(failed)} failed; databases, logs and reports: {RUN}")
    print(f"all is well, in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
