"""Measures other forms of parts of the documents: every generator and linter of `tools.py`, each form against the published one.

`python3 -B tests/clients/forms.py [FORM…]` writes what differs to `target/clients/forms/<form>/`: the cases, what the tools
said, and the code that they made.
"""

from __future__ import annotations

import difflib
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import clients
from clients import DOCUMENTS, OPENAPI, SAID, WORK
from tools import TOOLS, Tool

FORMS = WORK / "forms"
RATE_LIMIT = "#/components/schemas/RateLimitDetails"
PUBLISHED = "published"


def nodes(node: object) -> Iterator[dict]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else []:
        yield from nodes(inner)


def not_on_success(document: dict) -> None:
    document["components"]["schemas"]["ErrorEnvelope"]["properties"]["success"]["not"] = {"enum": [True]}


def inline_id(document: dict) -> None:
    schema = document["components"]["schemas"].pop("ConnectorId")
    for node in nodes(document):
        if node.get("schema") == {"$ref": "#/components/schemas/ConnectorId"}:
            node["schema"] = schema


def without_int32(document: dict) -> None:
    for node in nodes(document):
        if node.get("format") == "int32":
            del node["format"]


def error_object(document: dict) -> dict:
    return document["components"]["schemas"]["ErrorObject"]


def details_if_then(document: dict) -> None:
    # 3.0 has no `if`.
    if document["openapi"].startswith("3.1"):
        error_object(document)["allOf"] = [
            {
                "if": {"properties": {"code": {"const": "RATE_LIMIT_EXCEEDED"}}, "required": ["code"]},
                "then": {"properties": {"details": {"$ref": RATE_LIMIT}}},
            }
        ]


def details_any_of(document: dict) -> None:
    details = error_object(document)["properties"]["details"]
    open_object = {"type": "object", "additionalProperties": details.pop("additionalProperties")}
    del details["type"]
    details["anyOf"] = [{"$ref": RATE_LIMIT}, open_object]


def details_any_of_beside(document: dict) -> None:
    """Beside the type, which stays."""
    error_object(document)["properties"]["details"]["anyOf"] = [{"$ref": RATE_LIMIT}, {}]


def details_of_429(document: dict) -> None:
    """The 429 has an envelope of its own."""
    details = {"properties": {"details": {"$ref": RATE_LIMIT}}}
    error = {"allOf": [{"$ref": "#/components/schemas/ErrorObject"}, details]}
    envelope = {"allOf": [{"$ref": "#/components/schemas/ErrorEnvelope"}, {"properties": {"error": error}}]}
    document["components"]["schemas"]["RateLimitEnvelope"] = envelope
    responses = document["components"]["responses"]
    response = next(response for response in responses.values() if "RATE_LIMIT_EXCEEDED" in json.dumps(response))
    response["content"]["application/json"]["schema"] = {"$ref": "#/components/schemas/RateLimitEnvelope"}


EDITS: dict[str, Callable[[dict], None]] = {
    PUBLISHED: lambda _: None,
    "not-on-success": not_on_success,
    "inline-id": inline_id,
    "without-int32": without_int32,
    "details-if-then": details_if_then,
    "details-any-of": details_any_of,
    "details-any-of-beside": details_any_of_beside,
    "details-of-429": details_of_429,
}


DRIVERS = {
    "inline-id": {
        "progenitor": ("types::ConnectorId", "types::DisconnectConnectorConnectorId"),
        "ogen": ("freddy.ConnectorId", "string"),
    },
    "without-int32": {"ogen": ("OptInt32", "OptInt")},
}
"""What a driver names, and what a form makes of it: a driver that does not build is none of the form's faults."""


def change_driver(form: str, tool: Tool) -> Callable[[Path], None]:
    def change(where: Path) -> None:
        if names := DRIVERS.get(form, {}).get(tool.name):
            for path in [*where.glob("src/**/*.rs"), *where.glob("ogen/**/*.go")]:
                path.write_text(path.read_text().replace(*names))

    return change


def write_documents(form: str) -> Path:
    folder = FORMS / form / "documents"
    shutil.rmtree(FORMS / form, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in DOCUMENTS:
        shutil.copy(OPENAPI / name, folder)
        if name.endswith(".json"):
            document = json.loads((OPENAPI / name).read_text())
            EDITS[form](document)
            (folder / name).write_text(json.dumps(document, indent=2))
    return folder


def difference(before: dict[str, str], after: dict[str, str]) -> str:
    lines = []
    for name in sorted(before | after):
        old, new = (of.get(name, "").splitlines() for of in (before, after))
        lines += difflib.unified_diff(old, new, name, name, n=2, lineterm="")
    return "".join(f"{line}\n" for line in lines)


def steady(said: str) -> dict[str, str]:
    """What the tools wrote, without what differs from run to run."""
    return {SAID: re.sub(r"\d+(\.\d+)? ?m?s\b|\d\d:\d\d:\d\d\S*", "", said)}


def main(forms: list[str]) -> None:
    published: dict[str, tuple[dict[str, str], dict[str, str], dict[str, str]]] = {}
    with clients.bench() as measured:
        for form in [PUBLISHED, *(form for form in forms if form != PUBLISHED)]:
            documents = write_documents(form)
            print(f"\n## {form}\n", flush=True)
            for tool in TOOLS:
                cells = measured(tool, documents, change_driver(form, tool))
                said = steady((WORK / tool.folder / SAID).read_text())
                code = clients.code_of(tool) if cells["generates"] == "ok" else {}
                cells_before, said_before, code_before = published.setdefault(tool.name, (cells, said, code))
                for case in cells_before | cells:
                    before, after = cells_before.get(case, "-"), cells.get(case, "-")
                    if before != after:
                        print(f"{tool.name}: {case}: {before} -> {after}", flush=True)
                for kind, old, new in (("said", said_before, said), ("code", code_before, code)):
                    if differs := difference(old, new):
                        file = FORMS / form / f"{tool.name.replace('/', '-')}.{kind}.diff"
                        file.write_text(differs)
                        print(f"{tool.name}: {file.relative_to(WORK)}, {len(differs.splitlines())} lines", flush=True)
            print(clients.lint(documents), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:] or list(EDITS))
