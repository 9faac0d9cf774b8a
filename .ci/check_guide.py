#!/usr/bin/env python3
"""Follows the guide "Add an error code" of docs/contributing.md in a copy of the workspace, word for word.

The row and the details come from the code blocks of that page. The copy must compile, a server must be able to send the code
and a client to read its details, and the documents must have both.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "target/guide/workspace"
TABLE = "crates/freddy-types/src/error/table.rs"
DETAILS = "crates/freddy-types/src/error/details"

PROGRAM = """//! What the guide leads to.
use freddy_types::*;

fn main() {
    let details = ConflictDetails { version: Integer::literal::<7>() };
    let failure = Failure::VersionConflict(details.clone());
    let error = ApiError::new(failure, TraceId::from_bits(7), jiff::Timestamp::UNIX_EPOCH);
    let body = serde_json::to_vec(&ErrorEnvelope::from(error)).unwrap();
    let envelope: ErrorEnvelope = serde_json::from_slice(&body).unwrap();
    assert_eq!(envelope.error().code(), Some(ErrorCode::VersionConflict));
    let received = envelope.error().details::<ConflictDetails>().unwrap().unwrap();
    assert_eq!(received.known(), Ok(details));
    assert_eq!(ApiError::try_from(envelope).unwrap().status(), 409);
}
"""


def replace(path, old, new):
    text = path.read_text()
    if text.count(old) != 1:
        sys.exit(f"{path} does not have once: {old}")
    path.write_text(text.replace(old, new))


def main():
    guide = (ROOT / "docs/contributing.md").read_text()
    section = guide[guide.index("## Add an error code"):guide.index("### A code in another crate")]
    row, details, head = re.findall(r"```rust(?:,ignore)?\n(.*?)```", section, re.DOTALL)
    # The head with details takes the place of the one without.
    row = re.sub(r"^VersionConflict \{$", head.strip(), row, flags=re.MULTILINE)
    details = details.replace("use freddy_types::{Details, Integer, object};",
                              "use crate::error::details::Details;\nuse crate::object;\nuse crate::value::integer::Integer;")

    shutil.rmtree(COPY, ignore_errors=True)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        (COPY / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, COPY / name)

    indented = "".join(f"    {line}\n" if line else "\n" for line in row.rstrip().split("\n"))
    first = "    /// Too many requests with this key."
    replace(COPY / TABLE, first, indented + first)
    replace(COPY / TABLE, "use crate::error::details::rate_limit::",
            "use crate::error::details::conflict::ConflictDetails;\nuse crate::error::details::rate_limit::")
    (COPY / DETAILS / "conflict.rs").write_text("//! A version that is no longer the stored one.\n\n" + details)
    replace(COPY / DETAILS / "mod.rs", "pub(crate) mod rate_limit;", "pub(crate) mod conflict;\npub(crate) mod rate_limit;")
    replace(COPY / "crates/freddy-types/src/lib.rs", "pub use error::details::rate_limit::",
            "pub use error::details::conflict::{ConflictDetails, ReceivedConflictDetails};\npub use error::details::rate_limit::")
    (COPY / "crates/freddy-types/examples").mkdir(exist_ok=True)
    (COPY / "crates/freddy-types/examples/guide.rs").write_text(PROGRAM)

    # With the dependencies that are built already.
    cargo = ["cargo", "run", "--quiet", "--target-dir", str(ROOT / "target")]
    subprocess.run([*cargo, "--package", "freddy-types", "--example", "guide"], cwd=COPY, check=True)
    subprocess.run([*cargo, "--package", "freddy-openapi"], cwd=COPY, check=True)
    for document in ("freddy.json", "freddy-3.0.json"):
        schemas = json.loads((COPY / "openapi" / document).read_text())["components"]["schemas"]
        error = schemas["ErrorObject"]["properties"]
        reference = error["details"]["x-details-by-code"].get("VERSION_CONFLICT")
        if reference != "#/components/schemas/ConflictDetails" or "ConflictDetails" not in schemas:
            sys.exit(f"{document} does not have the details of the code: {reference}")
        if "VERSION_CONFLICT" not in error["code"]["description"]:
            sys.exit(f"{document} does not have the code")
    if "VERSION_CONFLICT" not in (COPY / "openapi/schemas/error-envelope.strict.json").read_text():
        sys.exit("the strict schema does not have the code")
    shutil.rmtree(COPY)
    print("the guide does what it says")


main()
