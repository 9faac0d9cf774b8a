"""The documents, the schemas and the cases, without pydantic and from wherever the package is imported."""

import sys

sys.modules["pydantic"] = None  # type: ignore[assignment]

import freddy_openapi  # noqa: E402

document = freddy_openapi.document()
assert document["openapi"] == "3.1.0", document["openapi"]
assert freddy_openapi.document_3_0()["openapi"] == "3.0.3"
assert freddy_openapi.document_yaml().startswith('openapi: "3.1.0"\n')
assert document["info"] == freddy_openapi.document_3_0()["info"]
assert freddy_openapi.SCHEMA_NAMES
for name in freddy_openapi.SCHEMA_NAMES:
    assert freddy_openapi.schema(name)["$schema"].endswith("2020-12/schema"), name
assert freddy_openapi.CASE_NAMES
for kind in freddy_openapi.CASE_NAMES:
    cases = freddy_openapi.cases(kind)
    assert cases["version"] == document["info"]["version"] and cases["cases"], kind
for read in (freddy_openapi.schema, freddy_openapi.cases):
    try:
        read("../openapi")  # type: ignore[arg-type]
    except ValueError as error:
        assert "'../openapi'" in str(error)
    else:
        raise AssertionError("a file that is none of these was read")
print(f"{len(freddy_openapi.SCHEMA_NAMES)} schemas")
