"""The verdicts of validators in Python: reads the bodies, a JSON object a line, and writes an object of verdicts for each."""

import json
import sys
from pathlib import Path

import fastjsonschema
from jsonschema import Draft202012Validator


def fast(schema):
    validate = fastjsonschema.compile(schema)

    def is_valid(body):
        try:
            validate(body)
        except fastjsonschema.JsonSchemaValueException:
            return False
        return True

    return is_valid


def main(schemas: Path, bodies: Path, verdicts: Path) -> None:
    known = {}
    with bodies.open(encoding="utf-8") as lines, verdicts.open("w", encoding="utf-8") as out:
        for line in map(json.loads, lines):
            name = line["schema"]
            if name not in known:
                schema = json.loads((schemas / name).read_text(encoding="utf-8"))
                slow = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
                known[name] = {"jsonschema (Python)": slow.is_valid, "fastjsonschema": fast(schema)}
            body = json.loads(line["body"])
            print(json.dumps({validator: of(body) for validator, of in known[name].items()}), file=out)


main(*map(Path, sys.argv[1:]))
