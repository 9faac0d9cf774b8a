"""Builds the packages twice, looks at what is in them, and uses each in a project of its own."""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
OPENAPI = ROOT / "openapi"
README = ROOT / "crates" / "freddy-openapi" / "src" / "packages"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")).resolve()
WORK = ROOT / "target" / "packages"
CRATES = ("freddy-types", "freddy-client", "freddy-conformance", "openapi-compat", "freddy-openapi")
DOCUMENTS = {"openapi.json": "freddy.json", "openapi.yaml": "freddy.yaml", "openapi-3.0.json": "freddy-3.0.json"}
"""What the documents are called in the packages, and in openapi/."""
PIP = ("venv/bin/pip", "install", "--quiet", "--disable-pip-version-check")

ENVELOPE = json.loads((ROOT / "tests/documented/429-rate-limit-exceeded.json").read_text(encoding="utf-8"))
LIMITED = "RATE_LIMIT_EXCEEDED: Too many requests. Please try again later.\nagain in 60 s\n"
REFUSED = "not an envelope: "


def error_with(**fields: object) -> dict:
    return ENVELOPE | {"error": ENVELOPE["error"] | fields}


# What every program has to print first, by the body that it is given.
BODIES = {
    "documented": (ENVELOPE, LIMITED),
    "a code and fields that are added later": (
        error_with(code="ADDED", added=[1]) | {"added": None},
        "ADDED: Too many requests. Please try again later.\n",
    ),
    "no error": ({"success": False}, REFUSED),
    "success": (ENVELOPE | {"success": True}, REFUSED),
    "a status that is text": (error_with(status="429"), REFUSED),
    "a day that is none": (error_with(timestamp="2025-02-30T10:30:00Z"), REFUSED),
    "a list": ([ENVELOPE], REFUSED),
}


def run(*command: object, cwd: Path, **options: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], cwd=cwd, text=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=1800, check=False, **options,
    )  # fmt: skip
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


def expect(holds: bool, what: str) -> None:
    if not holds:
        sys.exit(what)


def install(name: str, files: tuple[str, ...], *commands: tuple[object, ...]) -> Path:
    """A copy of a folder with its tools installed: nothing to do where it was done with the same files."""
    folder = WORK / name
    stamp = folder / ".installed"
    digest = hashlib.sha256(b"".join((HERE / name / file).read_bytes() for file in files)).hexdigest()
    if not (stamp.exists() and stamp.read_text() == digest):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for file in files:
            shutil.copy(HERE / name / file, folder)
        for command in commands:
            run(*command, cwd=folder)
        stamp.write_text(digest)
    for path in filter(Path.is_file, (HERE / name).iterdir()):
        shutil.copy(path, folder)
    return folder


def install_npm(name: str) -> Path:
    files = ("package.json", "package-lock.json", ".npmrc")
    return install(name, files, ("npm", "ci", "--ignore-scripts"))


def install_python(name: str) -> Path:
    return install(
        name, ("requirements.txt",), (sys.executable, "-m", "venv", "venv"),
        (*PIP, "--no-deps", "--require-hashes", "--requirement", "requirements.txt"),
    )  # fmt: skip


def trees() -> list[Path]:
    """The source trees, written twice: the second seem to be of another day."""
    folders = [WORK / "first", WORK / "second"]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
        cargo = ("cargo", "run", "--quiet", "--locked", "--package", "freddy-openapi", "--")
        run(*cargo, "package", folder, cwd=ROOT)
    for path in folders[1].rglob("*"):
        os.utime(path, (1e9, 1e9))
    return folders


def same(packages: list[Path]) -> Path:
    first, second = packages
    expect(first.read_bytes() == second.read_bytes(), f"{first.name}: packed twice, it has other bytes")
    return first


def check_files(package: str, files: dict[str, bytes], version: str, others: set[str]) -> None:
    """The package has the published files as they are, its own, and no more."""
    published = {name: (OPENAPI / file).read_bytes() for name, file in DOCUMENTS.items()}
    published |= {f"schemas/{path.name}": path.read_bytes() for path in (OPENAPI / "schemas").iterdir()}
    published |= {f"conformance/{path.name}": path.read_bytes() for path in (OPENAPI / "conformance").glob("*.json")}
    for name, content in published.items():
        expect(files.get(name) == content, f"{package}: {name} is not what openapi/ has")
    expect(json.loads(published["openapi.json"])["info"]["version"] == version, f"{package}: it is {version}")
    for name in sorted((files.keys() - published.keys()) ^ others):
        sys.exit(f"{package}: {name} is {'missing' if name in others else 'not listed'}")


def check_readme(readme: Path, program: Path) -> None:
    """The program of the package's README is the one that is run here."""
    expect(f"\n{program.read_text()}```" in readme.read_text(), f"{readme} does not show {program}")


def use(name: str, *program: object, cwd: Path) -> None:
    for number, (body, expected) in enumerate(BODIES.values()):
        (cwd / f"body-{number}.json").write_text(json.dumps(body))
    for number, (body, (_, expected)) in enumerate(BODIES.items()):
        printed = run(*program, f"body-{number}.json", cwd=cwd)
        fits = printed.startswith(expected) if expected == REFUSED else printed == expected
        expect(fits, f"{name}, given {body}: it printed {printed!r}, not {expected!r}")


def npm() -> None:
    tools = install_npm("npm")
    packed = []
    for tree in trees():
        # npm looks for the tools of a package in the folders above it.
        folder = tools / tree.name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(tree / "npm", folder)
        run("npm", "pack", "--silent", cwd=folder)
        packed += folder.glob("*.tgz")
    package = same(packed)
    manifest = json.loads((package.parent / "package.json").read_text())
    ours = json.loads((HERE / "npm/package.json").read_text())["devDependencies"]
    expect(manifest["devDependencies"].items() <= ours.items(), "the generator is not the one of the lock file")
    expect(manifest["private"] is True, f"{package.name}: npm would publish it")
    with tarfile.open(package) as archive:
        files = {entry.name.removeprefix("package/"): archive.extractfile(entry).read() for entry in archive}
    others = {"README.md", "LICENSE-APACHE", "LICENSE-MIT", "package.json", "types.d.cts"}
    others |= {f"index.{ending}" for ending in ("js", "d.ts", "cjs", "d.cts")}
    for schema in (OPENAPI / "schemas").iterdir():
        others |= {f"schemas/{schema.stem}.{ending}" for ending in ("js", "d.ts", "cjs", "d.cts")}
    check_files(package.name, files, manifest["version"], others)
    run("node_modules/.bin/publint", "--strict", package, cwd=tools)
    # YAML is no module, and has no types.
    run("node_modules/.bin/attw", "--exclude-entrypoints", "openapi.yaml", "--", package, cwd=tools)

    project = install_npm("npm/project")
    shutil.rmtree(project / "node_modules/freddy-openapi", ignore_errors=True)
    run("npm", "install", "--no-save", "--ignore-scripts", "--offline", package, cwd=project)
    check_readme(README / "npm/README.md", project / "program.ts")
    run("node_modules/.bin/tsc", cwd=project)
    run("node_modules/.bin/tsc", "--project", "tsconfig.bundler.json", cwd=project)
    use("an ES module", "node", "built/program.js", cwd=project)
    use("a CommonJS module", "node", "built/program.cjs", cwd=project)
    run("node", "modules.mjs", cwd=project)
    print(f"npm: {package.name} is built and used")


def python() -> None:
    tools = install_python("python")
    packed = []
    for tree in trees():
        out = tools / tree.name
        shutil.rmtree(out, ignore_errors=True)
        # Without isolation, what is not in the lock file is an error.
        run("venv/bin/python", "-m", "build", "--wheel", "--no-isolation", "--outdir", out, tree / "python", cwd=tools)
        packed += out.glob("*.whl")
    package = same(packed)
    with zipfile.ZipFile(package) as archive:
        everything = {name: archive.read(name) for name in archive.namelist()}
    (metadata,) = (text.decode() for name, text in everything.items() if name.endswith("/METADATA"))
    found = re.search(r"^Version: (.+)$", metadata, re.MULTILINE)
    inside = {name: text for name, text in everything.items() if ".dist-info/" not in name}
    files = {name.removeprefix("freddy_openapi/"): text for name, text in inside.items()}
    check_files(package.name, files, found[1] if found else "", {"__init__.py", "_names.py", "models.py", "py.typed"})
    licences = {name.rsplit("/")[-1] for name in everything if "/licenses/" in name}
    expect(licences == {"LICENSE-APACHE", "LICENSE-MIT"}, f"{package.name}: its licences are {licences}")
    expect("Classifier: Private :: Do Not Upload\n" in metadata, f"{package.name}: PyPI would take it")
    run("venv/bin/twine", "check", "--strict", package, cwd=tools)

    project = install_python("python/project")
    # From the wheel itself, which is no folder.
    run("venv/bin/python", "documents.py", cwd=project, env=os.environ | {"PYTHONPATH": str(package)})
    run(*PIP, "--force-reinstall", "--no-deps", package, cwd=project)
    run(*PIP, "--no-index", f"{package}[models]", cwd=project)
    check_readme(README / "python/README.md", project / "program.py")
    mypy = ("venv/bin/mypy", "--strict", "--python-version", "3.10")
    run(*mypy, "program.py", "types_of_models.py", "documents.py", cwd=project)
    run(*mypy, "--package", "freddy_openapi", cwd=project)
    run("venv/bin/python", "documents.py", cwd=project)
    use("Python", "venv/bin/python", "program.py", cwd=project)
    print(f"Python: {package.name} is built and used")


def rust() -> None:
    packed = []
    # Cargo builds each of them alone, and once is enough.
    for turn, options in {"first": (), "second": ("--no-verify",)}.items():
        kept = WORK / "rust" / turn
        shutil.rmtree(kept, ignore_errors=True)
        kept.mkdir(parents=True)
        for crate in TARGET.glob("package/*.crate"):
            crate.unlink()
        crates = [word for crate in CRATES for word in ("--package", crate)]
        run("cargo", "package", "--quiet", "--locked", "--allow-dirty", *options, *crates, cwd=ROOT)
        packed.append([Path(shutil.copy(crate, kept)) for crate in sorted(TARGET.glob("package/*.crate"))])
    packages = [same(list(pair)) for pair in zip(*packed, strict=True)]

    project = WORK / "rust" / "project"
    shutil.rmtree(project, ignore_errors=True)
    (project / "src").mkdir(parents=True)
    shutil.copy(HERE / "rust/main.rs", project / "src")
    shutil.copy(ROOT / "Cargo.lock", project)
    manifest = (HERE / "rust/project.toml").read_text() + "\n[patch.crates-io]\n"
    for package in packages:
        with tarfile.open(package) as archive:
            archive.extractall(project / "crates", filter="data")
        manifest += f'{package.stem.rpartition("-")[0]} = {{ path = "crates/{package.stem}" }}\n'
    for crate in CRATES:
        (folder,) = (project / "crates").glob(f"{crate}-[0-9]*")
        for file in ("LICENSE-APACHE", "LICENSE-MIT", "README.md"):
            expect((folder / file).is_file(), f"{folder.name}: it has no {file}")
    (project / "Cargo.toml").write_text(manifest)
    # Most of what the project needs is built in the workspace's folder already.
    environment = os.environ | {"CARGO_TARGET_DIR": str(TARGET)}
    run("cargo", "build", "--quiet", cwd=project, env=environment)
    use("Rust", TARGET / "debug/freddy-packages", 429, cwd=project)
    print(f"Rust: {', '.join(package.name for package in packages)} are built and used")


def main() -> None:
    every = {"npm": npm, "python": python, "rust": rust}
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("only", nargs="*", help=f"the packages to try: {', '.join(every)}; all without it")
    chosen = arguments.parse_args().only or list(every)
    if unknown := set(chosen) - every.keys():
        arguments.error(f"no such package: {', '.join(sorted(unknown))}")
    # npm packs the modes of the files.
    os.umask(0o022)
    for name in chosen:
        every[name]()


main()
