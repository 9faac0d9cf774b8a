"""What generated clients declare beside the types of the documents, and what of it `names.rs` does not have."""

from __future__ import annotations

import os
import re
from pathlib import Path

LIST = Path(__file__).resolve().parents[2] / "crates" / "freddy-openapi" / "src" / "document" / "names.rs"

MODIFIERS = (
    r"(?:(?:abstract|annotation|async|base|data|declare|default|enum|export|fileprivate|final|inline|internal|open|partial|"
    r"private|pub|public|sealed|static|value) )*"
)
DECLARED = {
    ".cs": ("C#", r" {0,4}" + MODIFIERS + r"(?:class|delegate [\w<>]+|enum|interface|struct) (\w+)"),
    ".dart": ("Dart", MODIFIERS + r"(?:class|enum|extension|mixin|typedef) (\w+)"),
    ".go": ("Go", r"(?:const|func|type|var) (\w+)"),
    ".java": ("Java", MODIFIERS + r"(?:class|enum|interface|@interface|record) (\w+)"),
    ".kt": ("Kotlin", MODIFIERS + r"(?:class|interface|object|typealias) (\w+)"),
    ".php": ("PHP", MODIFIERS + r"(?:class|enum|interface|trait) (\w+)"),
    ".py": ("Python", r"(?:class |def |(?=\w+ = ))(\w+)"),
    ".rb": ("Ruby", r" *(?:class|module) (\w+)"),
    ".rs": ("Rust", r" *pub (?:enum|struct|trait|type|union) (\w+)"),
    ".swift": ("Swift", MODIFIERS + r"(?:actor|class|enum|extension|protocol|struct|typealias) (\w+)"),
    ".ts": ("TypeScript", MODIFIERS + r"(?:class|const|enum|function|interface|let|namespace|type) (\w+)"),
}
"""The language of a file by its ending, and the lines in it that declare a name."""

IMPORTED = {
    ".java": r"import (?:static )?[\w.]+\.(\w+);",
    ".kt": r"import [\w.]+\.(\w+)$",
    ".php": r"use [\w\\]*?(\w+);",
    ".py": r"(?:from \S+ )?import (\([^)]*\)|[^()#\n]+)",
    ".rs": r" *(?:pub )?use [^;]*?([\w, ]+)\}?;",
    ".ts": r"import (?:type )?([^;]+?) from ",
}
"""What a file names that is declared elsewhere. A type of this name cannot be declared in the file, or imported into it."""

MODULES = {".py", ".ts"}
"""In these, a name that another file declares is no other's concern, but for `export *`."""

# What stands there beside a client: dependencies, and what was built.
NOT_GENERATED = {"node_modules", "target", "venv", "__pycache__"}


def generated(where: Path, written: Path) -> dict[str, str]:
    """The code in a folder, by the name of the file, without what the folder is a copy of and without generated tests."""
    files = {}
    for root, folders, names in os.walk(where):
        folders[:] = [name for name in folders if name not in NOT_GENERATED and not name.startswith("built")]
        for path in (Path(root, name).relative_to(where) for name in names):
            is_generated = not (written / path).exists() and not re.search("test|spec|setup.py", str(path), re.I)
            if path.suffix in DECLARED and is_generated:
                files[str(path)] = (where / path).read_text()
    return files


def letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def named_after(*documents: dict) -> set[str]:
    """What a name is made of that comes from a document, and not from the generator alone."""
    names = {"freddy"}
    for document in documents:
        for kind in ("headers", "parameters", "responses", "schemas"):
            names |= set(document["components"].get(kind, {}))
        for methods in document["paths"].values():
            names |= {operation["operationId"] for operation in methods.values()}
        names |= {tag["name"] for tag in document["tags"]}
    return {letters(name).removesuffix("s") for name in names}


def beside(code: dict[str, str], own: set[str]) -> dict[str, set[str]]:
    """The names, by language, that the types of a document would meet, and that come from no document."""

    def is_own(name: str) -> bool:
        return any(word in letters(name) for word in own)

    exported = {
        os.path.normpath(os.path.join(os.path.dirname(path), module)).removesuffix(".js") + ".ts"
        for path, text in code.items()
        for module in re.findall(r"^export \* from ['\"](.+?)['\"]", text, re.M)
    }
    found: dict[str, set[str]] = {}
    for path, text in code.items():
        suffix = Path(path).suffix
        language, declared = DECLARED[suffix]
        names = re.findall(f"^{declared}", text, re.M)
        if suffix == ".go":
            for block in re.findall(r"^(?:const|type|var) \((.*?)^\)", text, re.M | re.S):
                names += re.findall(r"^\t(\w+)", block, re.M)
        has_own = any(map(is_own, names))
        if not has_own and suffix in MODULES and path not in exported:
            continue
        if has_own and suffix in IMPORTED:
            for imported in re.findall(f"^{IMPORTED[suffix]}", text, re.M):
                names += [part.split()[-1] for part in re.split(r"[,{}()]", imported) if part.strip()]
        # Types begin with a capital letter. So do constants, in which there is no other, and parameters of types.
        types = {name for name in names if re.match("[A-Z].", name) and not re.fullmatch("[A-Z0-9]+_[A-Z0-9_]+", name)}
        found.setdefault(language, set()).update(name for name in types if not is_own(name))
    return found


def listed() -> dict[str, set[str]]:
    table = LIST.read_text().split("TAKEN", 1)[1].split("];", 1)[0]
    parts = re.findall(r'\("([^"]+)", &\[(.*?)\]\)', table, re.S)
    return {language: {name.lower() for name in re.findall(r'"(\w+)"', names)} for language, names in parts}


def missing(code: dict[str, str], documents: list[dict]) -> dict[str, list[str]]:
    """What the list does not have, by language. As there, upper and lower case are the same."""
    known = listed()
    found = beside(code, named_after(*documents))
    lacking = {language: [name for name in sorted(names) if name.lower() not in known[language]] for language, names in found.items()}
    return {language: names for language, names in lacking.items() if names}
