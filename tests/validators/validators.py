"""Puts bodies through validators in other languages, and compares what they took with expected.md."""

from __future__ import annotations

import argparse
import difflib
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SCHEMAS = ROOT / "openapi" / "schemas"
WORK = ROOT / "target" / "validators"
EXPECTED = HERE / "expected.md"
STRICT = "error-envelope.strict.json"
# It reads the schemas as draft 7.
NOT_2020_12 = {"fastjsonschema"}


@dataclass(frozen=True)
class Reason:
    """Why validators take a body that the types do not, or the other way round."""

    validators: tuple[str, ...]
    takes: bool
    body: str
    """A regular expression that the text of the body matches."""
    words: str


SECOND_60 = r'\d\d:\d\d:60(\.\d+)?([Zz]|[+-]\d\d:\d\d)"'

REASONS = [
    Reason(("jsonschema (Python)",), False, SECOND_60, "a leap second: Python's `datetime`, which it asks, has none"),
    Reason(("jsonschema (Python)",), False, r'"0000-', "the year 0000: Python's `datetime`, which it asks, begins with 0001"),
    Reason(("check-jsonschema",), False, SECOND_60, "a leap second: its check of the format has none"),
    Reason(("@hyperjump/json-schema",), False, SECOND_60, "a leap second on a day that had none"),
    Reason(("fastjsonschema",), True, SECOND_60, "a second 60 that is not at the end of a day in UTC"),
    Reason(("@exodus/schemasafe",), False, r'"\d{4}-\d\d-\d\dT[^"]{28,}"', "a timestamp of more than 38 characters"),
]


def run(*command: object, codes: tuple[int, ...] = (0,), **options: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=WORK, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, timeout=600, check=False, **options,
    )  # fmt: skip
    if done.returncode not in codes:
        sys.exit(f"{command[0]} ended with {done.returncode}:\n{done.stdout[-3000:]}")
    return done.stdout


def install() -> None:
    WORK.mkdir(parents=True, exist_ok=True)
    files = ["package.json", "package-lock.json", ".npmrc", "requirements.txt"]
    digest = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in files)).hexdigest()
    for name in [*files, "validators.mjs"]:
        shutil.copy(HERE / name, WORK / name)
    done = WORK / ".installed"
    if done.exists() and done.read_text() == digest:
        return
    run("npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit")
    run(sys.executable, "-m", "venv", "venv")
    run("venv/bin/pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement", "requirements.txt")
    done.write_text(digest)


def refused_by_check_jsonschema(lines: list[dict]) -> set[int]:
    """The numbers of the lines whose body this command, which reads files, refuses."""
    folder = WORK / "bodies"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    refused = set()
    for schema in sorted({line["schema"] for line in lines}):
        names = []
        for number, line in enumerate(lines):
            if line["schema"] == schema:
                names.append(f"bodies/{number}.json")
                (WORK / names[-1]).write_text(line["body"], encoding="utf-8")
        report = json.loads(run(
            "venv/bin/check-jsonschema", "--output-format", "json", "--schemafile", SCHEMAS / schema, *names, codes=(0, 1)
        ))  # fmt: skip
        if report.get("parse_errors"):
            sys.exit(f"check-jsonschema cannot read: {report['parse_errors'][:3]}")
        refused.update(int(Path(error["filename"]).stem) for error in report["errors"])
    return refused


def verdicts() -> list[dict]:
    """The bodies, each with what the types and every validator say of it."""
    bodies = WORK / "bodies.jsonl"
    bodies.write_text(run(
        "cargo", "run", "--quiet", "--manifest-path", ROOT / "Cargo.toml", "--package", "freddy-contract-tests",
        "--example", "bodies", "--locked", "--", SCHEMAS,
    ), encoding="utf-8")  # fmt: skip
    run("node", "validators.mjs", SCHEMAS, bodies, "of-node.jsonl")
    run("venv/bin/python", "-B", HERE / "judge.py", SCHEMAS, bodies, "of-python.jsonl")
    # JSON escapes line feeds, and not the other characters at which splitlines() splits.
    files = [path.read_text(encoding="utf-8").strip("\n").split("\n") for path in
             (bodies, WORK / "of-node.jsonl", WORK / "of-python.jsonl")]  # fmt: skip
    lines = []
    for line, *others in zip(*files, strict=True):
        lines.append(json.loads(line))
        for other in others:
            lines[-1]["verdicts"] |= json.loads(other)
    refused = refused_by_check_jsonschema(lines)
    for number, line in enumerate(lines):
        line["verdicts"]["check-jsonschema"] = number not in refused
    return lines


def reason(validator: str, takes: bool, body: str) -> str | None:
    for known in REASONS:
        if validator in known.validators and takes == known.takes and re.search(known.body, body):
            return known.words
    return None


def table(lines: list[dict]) -> tuple[str, list[str]]:
    """The page, and what has no place on it."""
    schemas = sorted({line["schema"] for line in lines})
    validators = sorted(lines[0]["verdicts"], key=str.lower)
    differs, problems = defaultdict(list), []
    for line in lines:
        for validator, takes in line["verdicts"].items():
            if takes != line["expected"]:
                words = reason(validator, takes, line["body"])
                if words is None:
                    problems.append(f"{line['schema']}: {validator} {'takes' if takes else 'refuses'} {line['body']}")
                elif line["schema"] == STRICT and validator not in NOT_2020_12:
                    problems.append(f"{STRICT}: {validator} differs, though {words}: {line['body']}")
                differs[line["schema"], validator, takes, words or "?"].append(line["body"])
    for schema in schemas:
        taken = {line["expected"] for line in lines if line["schema"] == schema}
        if taken != {True, False}:
            problems.append(f"{schema}: the bodies are all taken or all refused")
    out = [
        "# What the validators take",
        "",
        f"Written by `tests/validators/run --update`. {len({line['body'] for line in lines})} bodies, each held against the"
        " schemas that it is for. A cell has how many of them the validator takes or refuses unlike the types do.",
        "",
        f"| schema | bodies | taken | {' | '.join(validators)} |",
        f"| --- {'| --- ' * (len(validators) + 2)}|",
    ]
    for schema in schemas:
        of = [line for line in lines if line["schema"] == schema]
        counts = [sum(line["verdicts"][validator] != line["expected"] for line in of) for validator in validators]
        cells = [str(count) if count else "–" for count in counts]
        out.append(f"| `{schema}` | {len(of)} | {sum(line['expected'] for line in of)} | {' | '.join(cells)} |")
    out += ["", "## Why they differ", "", "| schema | validator | bodies | what it does |", "| --- | --- | --- | --- |"]
    for (schema, validator, takes, words), bodies in sorted(differs.items(), key=lambda item: tuple(map(str, item[0]))):
        out.append(f"| `{schema}` | {validator} | {len(bodies)} | {'takes' if takes else 'refuses'} {words} |")
    return "\n".join(out) + "\n", problems


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--update", action="store_true", help="write expected.md")
    update = arguments.parse_args().update
    install()
    page, problems = table(verdicts())
    for problem in problems[:40]:
        print(problem, file=sys.stderr)
    if problems:
        sys.exit(f"{len(problems)} verdicts that have no place in expected.md")
    if update:
        EXPECTED.write_text(page, encoding="utf-8")
    before = EXPECTED.read_text(encoding="utf-8") if EXPECTED.exists() else ""
    if page != before:
        sys.exit("".join(difflib.unified_diff(before.splitlines(True), page.splitlines(True), "expected.md", "this run")))
    print("every validator does what expected.md says")


main()
