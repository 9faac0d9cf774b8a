"""The generators: how each is installed, what it generates from, and how that is built and run."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field

Command = list[str]

NPM_CI = ["npm", "ci", "--ignore-scripts", "--no-fund", "--no-audit"]
VENV = [sys.executable, "-m", "venv", "venv"]
PIP = ["venv/bin/pip", "install", "--quiet", "--no-deps", "--require-hashes", "--requirement", "requirements.txt"]
TSC = ["node_modules/.bin/tsc"]
SITE_PACKAGES = f"venv/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


@dataclass(frozen=True)
class Tool:
    """Commands run in a copy of the tool's folder that has the published documents in it."""

    name: str
    folder: str
    document: str
    locks: tuple[str, ...]
    install: list[Command]
    generate: list[Command]
    build: list[Command] | None = None
    """None where the language's toolchain is not in the package registries."""
    driver: Command = field(default_factory=list)
    quickstart: Command = field(default_factory=list)
    quickstart_file: str | None = None


def typescript(name: str, folder: str, generate: Command) -> Tool:
    return Tool(
        name,
        folder,
        "freddy.json",
        ("package-lock.json",),
        install=[NPM_CI],
        generate=[generate],
        build=[TSC],
        driver=["node", "built/driver.js"],
        quickstart=["node", "built/quickstart.js"],
        quickstart_file="quickstart.ts",
    )


def python(name: str, generate: Command) -> Tool:
    return Tool(
        name,
        name,
        "freddy.json",
        ("requirements.txt",),
        install=[VENV, PIP],
        generate=[generate],
        build=[["venv/bin/python", "-m", "compileall", "-q", "-f", "freddy", "."]],
        driver=["venv/bin/python", "driver.py"],
        quickstart=["venv/bin/python", "quickstart.py"],
        quickstart_file="quickstart.py",
    )


def openapi_generator(generator: str, output: str, properties: str, **rest: object) -> Tool:
    return Tool(
        f"openapi-generator {generator}",
        "openapi-generator",
        "freddy.json",
        ("requirements.txt",),
        install=[VENV, PIP],
        generate=[
            ["venv/bin/openapi-generator-cli", "generate", "-g", generator, "-i", "freddy.json", "-o", output]
            + ["--additional-properties", properties]
        ],
        **rest,
    )


JAVA_CLASSES = f"{SITE_PACKAGES}/openapi_generator_cli/openapi-generator.jar"
"""Has the Jackson that the generated Java needs; Maven Central does not have to be reached."""

TOOLS = [
    typescript(
        "openapi-typescript + openapi-fetch",
        "openapi-typescript",
        ["node_modules/.bin/openapi-typescript", "freddy.json", "--output", "freddy.d.ts"],
    ),
    typescript(
        "@hey-api/openapi-ts",
        "hey-api",
        ["node_modules/.bin/openapi-ts", "--input", "freddy.json", "--output", "freddy"],
    ),
    python(
        "openapi-python-client",
        ["venv/bin/openapi-python-client", "generate", "--path", "freddy.json", "--output-path", "freddy"]
        + ["--meta", "none", "--overwrite", "--fail-on-warning"],
    ),
    python(
        "datamodel-code-generator",
        ["venv/bin/datamodel-codegen", "--input", "freddy.json", "--input-file-type", "openapi"]
        + ["--output", "freddy.py", "--output-model-type", "pydantic_v2.BaseModel", "--formatters", "builtin"],
    ),
    Tool(
        "progenitor",
        "progenitor",
        "freddy-3.0.json",
        ("Cargo.lock",),
        install=[["cargo", "fetch", "--quiet", "--locked"]],
        # A macro generates while it is built.
        generate=[],
        build=[["cargo", "build", "--quiet", "--locked", "--offline"]],
        driver=["target/debug/driver"],
        quickstart=["target/debug/quickstart"],
        quickstart_file="src/bin/quickstart.rs",
    ),
    openapi_generator(
        "go",
        "go/freddy",
        "packageName=freddy,withGoMod=false",
        build=[["venv/bin/go", "-C", "go", "build", "-o", "built/", "./driver", "./quickstart"]],
        driver=["go/built/driver"],
        quickstart=["go/built/quickstart"],
        quickstart_file="go/quickstart/main.go",
    ),
    openapi_generator(
        "java",
        "java/freddy",
        "library=native,openApiNullable=false,hideGenerationTimestamp=true,invokerPackage=com.aitronos.freddy,"
        "apiPackage=com.aitronos.freddy.api,modelPackage=com.aitronos.freddy.model",
        build=[
            ["javac", "-nowarn", "-d", "java/built", "-cp", JAVA_CLASSES]
            + ["-sourcepath", "java:java/freddy/src/main/java", "java/Driver.java", "java/Quickstart.java"]
        ],
        driver=["java", "-cp", f"java/built:{JAVA_CLASSES}", "Driver"],
        quickstart=["java", "-cp", f"java/built:{JAVA_CLASSES}", "Quickstart"],
        quickstart_file="java/Quickstart.java",
    ),
    openapi_generator("csharp", "csharp", "packageName=Freddy"),
    openapi_generator("kotlin", "kotlin", "packageName=com.aitronos.freddy"),
]
