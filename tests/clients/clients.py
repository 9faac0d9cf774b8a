"""Generates clients from openapi/ with several tools, runs them, and compares what they did with expected.md."""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import conformance
import names
import walkthrough
from cases import CONNECTOR, REQUESTS, SERVER, TYPES, Answers
from tools import NPM_CI, TOOLS, Command, Tool, Walkthrough

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OPENAPI = ROOT / "openapi"
WORK = ROOT / "target" / "clients"
EXPECTED = HERE / "expected.md"
README = OPENAPI / "README.md"
INSTALLED = ".installed"
SAID = "said.log"
"""What the commands wrote that were run in a folder."""
DOCUMENTS = ("freddy.json", "freddy.yaml", "freddy-3.0.json")
WALKTHROUGH_DOCUMENTS = {"walkthrough.json": "3.1", "walkthrough-3.0.json": "3.0"}
"""The version of OpenAPI that each is written in."""

# What a tool is not to learn, or to fetch on its own.
ENVIRONMENT = {
    "GOCACHE": str(WORK / "go-cache"),
    # What it downloads can be deleted like all else, and no repository is asked what is built.
    "GOFLAGS": "-modcacherw -buildvcs=false",
    "GOPATH": str(WORK / "go-path"),
    "GOPROXY": "off",
    "GOTOOLCHAIN": "local",
    "REDOCLY_TELEMETRY": "off",
    "SCARF_ANALYTICS": "false",
    "NO_COLOR": "1",
}


Groups = dict[str, dict[str, Callable[[Answers], str]]]
GROUPS: Groups = {"the server": SERVER, "types": TYPES}


class Failed(Exception):
    """A command that did not do what it was run for; says which and why."""


def run(command: Command, cwd: Path, timeout: float, **variables: str) -> str:
    # The tools of a virtual environment call each other.
    path = f"{cwd / 'venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | ENVIRONMENT | {"PATH": path} | variables
    environment.pop("CARGO_TARGET_DIR", None)
    try:
        done = subprocess.run(
            command, cwd=cwd, env=environment, timeout=timeout, text=True, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
    except FileNotFoundError as error:
        raise Failed(f"{command[0]} is not installed") from error
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{' '.join(command)}: not done after {timeout} s") from error
    with (cwd / SAID).open("a") as log:
        log.write(done.stdout)
    if done.returncode != 0:
        raise Failed(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout[-4000:]}")
    return done.stdout


def folder(name: str, documents: Path = OPENAPI) -> Path:
    """A copy of a tool's folder, with the documents, and of earlier runs only what was installed."""
    target = WORK / name
    for old in target.iterdir() if target.exists() else []:
        if old.is_file() and old.name != INSTALLED:
            old.unlink()
        elif old.is_dir() and old.name not in ("node_modules", "target", "venv"):
            shutil.rmtree(old)
    shutil.copytree(HERE / name, target, dirs_exist_ok=True)
    for document in DOCUMENTS:
        shutil.copy2(documents / document, target)
    for document in WALKTHROUGH_DOCUMENTS:
        shutil.copy2(WORK / document, target)
    return target


def install(where: Path, locks: tuple[str, ...], commands: list[Command]) -> None:
    """Nothing to do where it was done with the same lock files."""
    digest = hashlib.sha256(b"".join((where / lock).read_bytes() for lock in locks)).hexdigest()
    stamp = where / INSTALLED
    if stamp.exists() and stamp.read_text() == digest:
        return
    for command in commands:
        run(command, where, timeout=600, GOPROXY=os.environ.get("GOPROXY", ""))
    stamp.write_text(digest)


class Server:
    """freddy-server with a database of its own."""

    def __init__(self, binary: Path, data: Path, rate_limit: int) -> None:
        self.binary, self.rate_limit = binary, rate_limit
        self.database = f"sqlite://{data}"
        self.cli("connector", "add", "--owner", "somebody", "--id", "pcon_notMine1")

    def cli(self, *arguments: str) -> str:
        done = subprocess.run(
            [self.binary, *arguments, "--database-url", self.database],
            check=True, timeout=30, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        return done.stdout.strip()

    def key(self, owner: str) -> str:
        return self.cli("key", "create", "--owner", owner)

    @contextmanager
    def serve(self) -> Iterator[str]:
        command = [self.binary, "serve", "--listen", "127.0.0.1:0", "--database-url", self.database]
        command += ["--rate-limit", str(self.rate_limit), "--rate-window", "600"]
        with subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            try:
                line = process.stdout.readline() if process.stdout else ""
                if not (found := re.search(r"http://\S+", line)):
                    raise Failed(f"freddy-server did not say where it listens: {line!r}")
                yield found[0]
            finally:
                process.terminate()


def binaries(*packages: str) -> list[Path]:
    """The program of each package, built."""
    command = ["cargo", "build", "--quiet", "--locked", "--message-format", "json-render-diagnostics"]
    command += [argument for package in packages for argument in ("--package", package)]
    done = subprocess.run(command, cwd=ROOT, check=True, timeout=1800, text=True, stdout=subprocess.PIPE)
    built = [json.loads(line) for line in done.stdout.splitlines()]
    programs = {found["target"]["name"]: Path(found["executable"]) for found in built if found.get("executable")}
    return [programs[package] for package in packages]


def write_walkthrough_documents() -> None:
    command = ["cargo", "run", "--quiet", "--locked", "--package", "freddy-walkthrough", "--example", "spec", "--"]
    for document, version in WALKTHROUGH_DOCUMENTS.items():
        done = subprocess.run([*command, version], cwd=ROOT, check=True, timeout=1800, stdout=subprocess.PIPE)
        (WORK / document).write_bytes(done.stdout)


def ask(driver: Command, where: Path, lines: list[str]) -> list[dict]:
    """What the driver wrote for each line. One that ends early is started again behind the line that ended it."""
    answers: list[dict] = []
    while len(answers) < len(lines):
        rest = "".join(f"{line}\n" for line in lines[len(answers) :])
        try:
            done = subprocess.run(
                driver, cwd=where, input=rest, timeout=60, text=True, capture_output=True,
                env=os.environ | ENVIRONMENT,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            hangs = {"exception": "hangs"}
            return answers + [hangs] * (len(lines) - len(answers))
        answers += [json.loads(line) for line in done.stdout.splitlines()]
        if len(answers) < len(lines):
            answers.append({"exception": f"exit {done.returncode}: {done.stderr[-500:]}"})
    return answers


def quick_start(tool: Tool, where: Path, servers: dict[str, str], keys: dict[str, str]) -> str:
    """What the README shows does what it says."""
    for server, connector_id, expected in [
        ("real", CONNECTOR, "disconnected"),
        ("real", "pcon_notMine1", "FORBIDDEN: You do not have permission"),
        ("limited", CONNECTOR, "again in "),
        ("stub", "pcon_casehtml502", "502"),
    ]:
        environment = os.environ | ENVIRONMENT
        environment |= {"FREDDY_BASE_URL": servers[server], "FREDDY_API_KEY": keys.get(server, "key")}
        done = subprocess.run(
            [*tool.quickstart, connector_id], cwd=where, env=environment, timeout=60, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if expected not in done.stdout:
            return f"no `{expected.strip()}`"
    return "ok"


def make(where: Path, document: str, generate: list[Command], build: list[Command] | None) -> dict[str, str]:
    """The cells about generating and building; `builds` is `ok` where there is something to run."""
    cells = {"document": f"`{document}`"}
    try:
        for command in generate:
            run(command, where, timeout=120)
        cells["generates"] = "ok"
    except Failed as error:
        print(error, file=sys.stderr)
        return cells | {"generates": "fails"}
    if build is None:
        return cells | {"builds": "no toolchain"}
    try:
        for command in build:
            run(command, where, timeout=900)
        return cells | {"builds": "ok"}
    except Failed as error:
        print(error, file=sys.stderr)
        return cells | {"builds": "fails"}


def judged(groups: Groups, answers: Answers) -> dict[str, str]:
    return {case: judge(answers) for cases in groups.values() for case, judge in cases.items()}


def measure(tool: Tool, where: Path, servers: dict[str, str], keys: dict[str, str], runner: Path) -> dict[str, str]:
    """What came of each case of the contract."""
    cells = make(where, tool.document, tool.generate, tool.build)
    if cells.get("builds") != "ok":
        return cells
    lines = []
    for request in REQUESTS.values():
        key = keys[request.server] if request.key == "valid" else "wrong"
        lines.append("\t".join([servers[request.server], request.scheme, key, request.connector_id]))
    answers: Answers = dict(zip(REQUESTS, ask(tool.driver, where, lines), strict=True))
    verdicts, written = conformance.run(runner, tool.driver, where, os.environ | ENVIRONMENT)
    answers |= written
    (where / "answers.json").write_text(json.dumps(answers, indent=2))
    cells |= judged(GROUPS, answers) | verdicts
    return cells | {QUICK_START: quick_start(tool, where, servers, keys)}


def measure_walkthrough(made: Walkthrough, where: Path, stub: walkthrough.Stub) -> dict[str, str]:
    """What came of each case of the walk-through."""
    cells = make(where, made.document, made.generate, made.build)
    if cells.get("builds") != "ok":
        return cells
    stub.sent.clear()
    lines = ["\t".join([stub.url, *request]) for request in walkthrough.REQUESTS.values()]
    answers: Answers = dict(zip(walkthrough.REQUESTS, ask(made.driver, where, lines), strict=True))
    (where / "walkthrough-answers.json").write_text(json.dumps(answers, indent=2))
    answers["sent"] = dict(stub.sent)
    return cells | judged(walkthrough.GROUPS, answers)


def lint(documents: Path = OPENAPI) -> str:
    """What linters say to each document."""
    where = folder("lint", documents)
    install(where, ("package-lock.json",), [NPM_CI])
    redocly, spectral = "node_modules/.bin/redocly", "node_modules/.bin/spectral"
    # A warning fails both.
    commands = {
        "Redocly, `recommended-strict`": [redocly, "lint", "--config=redocly.yaml"],
        "Spectral, `spectral:oas`": [spectral, "lint", "--ruleset=spectral.yaml", "--fail-severity=hint"],
    }
    rows = []
    for document in (*DOCUMENTS, *WALKTHROUGH_DOCUMENTS):
        row = [f"`{document}`"]
        for command in commands.values():
            try:
                run([*command, document], where, timeout=120)
                verdict = "ok"
            except Failed as error:
                print(error, file=sys.stderr)
                verdict = "problems"
            row.append(verdict)
        rows.append(row)
    return table(["document", *commands], *rows)


MADE = ["document", "generates", "builds"]
QUICK_START = "the quick start"
HEAD = """# What generated clients do

Written by `tests/clients/run --update`; `tests/clients/run` fails where it comes out otherwise. What a user does about what a
tool loses is in [the README of the documents](../../openapi/README.md#what-generated-clients-do-with-it).
"""

CONTRACT_HEAD = """## The contract

`the server` are calls of `freddy-server`; `types` is what the generated types and headers give of an answer. The rest are the
[published cases](../../openapi/conformance/README.md): in how many of each group the client does what it must, and how many of
those that it should and may keep it keeps. `ok`: in all of them. `-`: not run.
"""

WALKTHROUGH_HEAD = """## The walk-through API

The same tools and another API, that of `tests/walkthrough`, against a stub.
"""

DETAIL_HEAD = """What did not simply go well; all else did. `lost`: what the client did not give, or gave as another value. `ok, not sent`: the
client itself refused the ID.
"""


def table(*rows: list[str]) -> str:
    head, *rest = rows
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *rest])


def summary(groups: Groups, tools: dict[str, dict[str, str]], rest: list[str]) -> str:
    """A row for each tool, with how many cases of each group went well."""

    def count(cells: dict[str, str], cases: list[str]) -> str:
        verdicts = [cells[case] for case in cases if case in cells]
        good = sum(verdict.startswith("ok") for verdict in verdicts)
        return "-" if not verdicts else "ok" if good == len(verdicts) else f"{good} of {len(cases)}"

    rows = [
        [name, *(cells.get(made, "-") for made in MADE)]
        + [count(cells, list(cases)) for cases in groups.values()]
        + [cells.get(row, "-") for row in rest]
        for name, cells in tools.items()
    ]
    return table(["tool", *MADE, *groups, *rest], *rows)


def detail(groups: Groups, tools: dict[str, dict[str, str]]) -> str:
    """The cases of each tool that are not plainly `ok`, by what came of them, and what the cases are."""
    found: dict[tuple[str, str], list[str]] = {}
    for name, cells in tools.items():
        for case in (case for cases in groups.values() for case in cases):
            if cells.get(case, "ok") != "ok":
                found.setdefault((name, cells[case]), []).append(case)
    rows = [[name, verdict, "; ".join(cases)] for (name, verdict), cases in found.items()]
    columns = [[group, "; ".join(cases)] for group, cases in groups.items()]
    return f"{DETAIL_HEAD}\n{table(['tool', 'what came of it', 'cases'], *rows)}\n{table(['column', 'cases'], *columns)}"


def rows_of(names: list[str], text: str) -> list[str]:
    """The rows of these tools, in every table."""
    return [line for line in text.splitlines() if line.startswith(tuple(f"| {name} |" for name in names))]


def with_quick_starts(text: str) -> str:
    """The README, each block as the comment before it says: a file, a part of one, or what a tool generates with."""
    tools = {tool.name: tool for tool in TOOLS}

    def block(found: re.Match[str]) -> str:
        if found["file"] == "tools.py":
            if found["part"] not in tools:
                raise Failed(f"openapi/README.md: there is no tool `{found['part']}`")
            code = "".join(f"{' '.join(command)}\n" for command in tools[found["part"]].generate)
            code = code.replace("node_modules/.bin/", "npx ").replace("venv/bin/", "")
            # Here the clients of openapi-generator share a folder; a reader's has one client.
            code = re.sub(r" -o \S+/freddy ", " -o freddy ", code)
        else:
            code = (HERE / found["file"]).read_text()
            if found["part"]:
                code = next(part for part in code.split("\n\n") if found["part"] in part) + "\n"
        return f"{found['before']}{code}{found['after']}"

    pattern = (
        r"(?P<before><!-- tests/clients/(?P<file>\S+)(?: (?P<part>[^\n]+?))? -->\n```\w+\n)"
        r".*?(?P<after>^```\n)"
    )
    return re.sub(pattern, block, text, flags=re.DOTALL | re.MULTILINE)


def check_readme(update: bool) -> bool:
    text = README.read_text()
    wanted = with_quick_starts(text)
    missing = [
        f"{tool.folder}/{tool.quickstart_file}"
        for tool in TOOLS
        if tool.quickstart_file and f"<!-- tests/clients/{tool.folder}/{tool.quickstart_file} -->" not in text
    ]
    for file in missing:
        print(f"openapi/README.md: has no block for tests/clients/{file}", file=sys.stderr)
    if update:
        README.write_text(wanted)
    elif text != wanted:
        print("openapi/README.md: its code is not the code that runs; tests/clients/run --update", file=sys.stderr)
        difference = difflib.unified_diff(text.splitlines(True), wanted.splitlines(True), "README.md", "wanted")
        sys.stderr.writelines(difference)
    return not missing and (update or text == wanted)


def code_of(tool: Tool) -> dict[str, str]:
    """The code that the tool made, by the name of the file."""
    where = WORK / tool.folder
    if tool.code:
        return {f"{tool.name}.rs": run(tool.code, where, timeout=300)}
    return names.generated(where, HERE / tool.folder)


def check_names(tool: Tool) -> bool:
    """What the client declares beside the types has its place in the list of names that no type may have."""
    documents = [json.loads((WORK / tool.folder / name).read_text()) for name in ("freddy.json", "walkthrough.json")]
    code = code_of(tool)
    if not code:
        print(f"{tool.name}: where is its code?", file=sys.stderr)
        return False
    missing = names.missing(code, documents)
    for language, lacking in missing.items():
        print(f"{tool.name}: {names.LIST.relative_to(ROOT)} lacks, for {language}: {', '.join(lacking)}", file=sys.stderr)
    return not missing


@contextmanager
def bench() -> Iterator[Callable[..., dict[str, str]]]:
    """What measures a tool, while the servers run: with which documents, and what is to be changed in the folder before."""
    WORK.mkdir(parents=True, exist_ok=True)
    # Beside the tools' folders, as it is here.
    shutil.copytree(HERE / "typescript", WORK / "typescript", dirs_exist_ok=True)
    binary, runner = binaries("freddy-server", "freddy-conformance")
    write_walkthrough_documents()
    data = WORK / "data"
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir()
    real = Server(binary, data / "real.db", rate_limit=1_000_000)
    limited = Server(binary, data / "limited.db", rate_limit=1)
    with real.serve() as real_url, limited.serve() as limited_url, conformance.stub(runner) as stub_url:
        servers = {"real": real_url, "limited": limited_url, "stub": stub_url}
        real.cli("connector", "add", "--owner", "me", "--id", CONNECTOR)
        limited.cli("connector", "add", "--owner", "me", "--id", CONNECTOR)
        key = real.key("me")

        def measured(tool: Tool, documents: Path = OPENAPI, edit: Callable[[Path], None] = lambda _: None) -> dict[str, str]:
            where = folder(tool.folder, documents)
            edit(where)
            install(where, tool.locks, tool.install)
            # A key of its own there: what it may ask for is counted.
            return measure(tool, where, servers, {"real": key, "limited": limited.key("me")}, runner)

        yield measured


def measure_all(tools: list[Tool]) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]], bool]:
    """What came of each case, by the tool: of the contract, and of the walk-through. And have all names their place?"""
    walkthrough_stub = walkthrough.Stub()
    contract, jobs, named = {}, {}, True
    with bench() as measured:
        for tool in tools:
            start = time.monotonic()
            contract[tool.name] = measured(tool)
            if tool.walkthrough:
                jobs[tool.name] = measure_walkthrough(tool.walkthrough, WORK / tool.folder, walkthrough_stub)
            named &= check_names(tool)
            print(f"{tool.name}: {time.monotonic() - start:.0f} s", flush=True)
    return contract, jobs, named


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--update", action="store_true", help="write expected.md and the code in openapi/README.md")
    parser.add_argument("--readme", action="store_true", help="check only the code in openapi/README.md; needs no tool")
    parser.add_argument("--only", metavar="WORD", help="only the tool of this name, or those with it in their name; no linter")
    arguments = parser.parse_args()
    right = check_readme(arguments.update)
    if arguments.readme or not right:
        return 0 if right else 1
    tools = [tool for tool in TOOLS if tool.name == arguments.only]
    tools = tools or [tool for tool in TOOLS if (arguments.only or "") in tool.name]
    contract, jobs, named = measure_all(tools)
    text = f"{HEAD}\n{CONTRACT_HEAD}\n{summary(GROUPS, contract, [QUICK_START])}\n{detail(GROUPS, contract)}"
    text += f"\n{conformance.HEAD}\n{table(*conformance.summary(contract))}\n{conformance.DETAIL_HEAD}\n"
    text += table(*conformance.detail(contract))
    text += f"\n{WALKTHROUGH_HEAD}\n{summary(walkthrough.GROUPS, jobs, [])}\n{detail(walkthrough.GROUPS, jobs)}"
    expected = EXPECTED.read_text()
    if arguments.only:
        names = [tool.name for tool in tools]
        got, wanted = rows_of(names, text), rows_of(names, expected)
        print("\n".join(got))
    else:
        start = time.monotonic()
        text += f"\n## The linters\n\n{lint()}"
        print(f"linters: {time.monotonic() - start:.0f} s\n\n{text}")
        if arguments.update:
            EXPECTED.write_text(text)
        got, wanted = text.splitlines(), EXPECTED.read_text().splitlines()
    if got == wanted:
        return 0 if named else 1
    print("It is not as expected.md says; `--update` writes it anew:", file=sys.stderr)
    print(*difflib.unified_diff(wanted, got, "expected.md", "measured", n=0, lineterm=""), sep="\n", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, subprocess.SubprocessError) as error:
        sys.exit(f"error: {error}")
