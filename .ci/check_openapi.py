"""Holds openapi/ to readers written by others, in another language."""

import json
import pathlib

import yaml
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

ROOT = pathlib.Path(__file__).resolve().parent.parent
OPENAPI = ROOT / "openapi"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def main():
    document = read(OPENAPI / "freddy.json")
    validate(document)
    validate(read(OPENAPI / "freddy-3.0.json"))
    print("both documents are valid OpenAPI")

    # PyYAML reads YAML 1.1, where an unquoted timestamp or `no` is not a string.
    assert yaml.safe_load((OPENAPI / "freddy.yaml").read_text(encoding="utf-8")) == document, "the YAML says something else"
    print("the YAML is equal to the JSON, for a YAML 1.1 reader too")

    validators = {}
    for path in sorted((OPENAPI / "schemas").glob("*.json")):
        schema = read(path)
        Draft202012Validator.check_schema(schema)
        validators[path.name] = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
    bodies = sorted((ROOT / "tests" / "documented").glob("*.json"))
    assert len(bodies) == 5, bodies
    for path in bodies:
        body = read(path)
        validators["error-envelope.open.json"].validate(body)
        validators["error-envelope.strict.json"].validate(body)
        body["error"]["code"] = "A_CODE_OF_NEXT_YEAR"
        assert validators["error-envelope.open.json"].is_valid(body), path
        assert not validators["error-envelope.strict.json"].is_valid(body), path
    print(f"{len(bodies)} documented bodies are valid, open and strict")


main()
