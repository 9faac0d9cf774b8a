"""The OpenAPI documents and the JSON Schemas of the Freddy API. Models of the bodies are in `freddy_openapi.models`."""

import json
from importlib.resources import files
from typing import Any, get_args

from ._names import CaseName, SchemaName

__all__ = [
    "CASE_NAMES",
    "SCHEMA_NAMES",
    "CaseName",
    "SchemaName",
    "cases",
    "document",
    "document_3_0",
    "document_yaml",
    "schema",
]

CASE_NAMES: tuple[CaseName, ...] = get_args(CaseName)
"""The names that `cases()` takes."""

SCHEMA_NAMES: tuple[SchemaName, ...] = get_args(SchemaName)
"""The names that `schema()` takes."""


def document() -> dict[str, Any]:
    """The OpenAPI 3.1 document."""
    return _json("openapi.json")


def document_3_0() -> dict[str, Any]:
    """The document as OpenAPI 3.0, for tools that read nothing newer."""
    return _json("openapi-3.0.json")


def document_yaml() -> str:
    """The text of the OpenAPI 3.1 document as YAML."""
    return _text("openapi.yaml")


def schema(name: SchemaName) -> dict[str, Any]:
    """A JSON Schema 2020-12: `open` is what a client must accept, `strict` what a server may send."""
    if name not in SCHEMA_NAMES:
        raise ValueError(f"no schema is named {name!r}, but {', '.join(SCHEMA_NAMES)}")
    return _json(f"schemas/{name}.json")


def cases(name: CaseName) -> dict[str, Any]:
    """The contract as cases for tests, of one kind."""
    if name not in CASE_NAMES:
        raise ValueError(f"no cases are named {name!r}, but {', '.join(CASE_NAMES)}")
    return _json(f"conformance/{name}.json")


def _json(path: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(_text(path))
    return value


def _text(path: str) -> str:
    return files(__name__).joinpath(path).read_text(encoding="utf-8")
