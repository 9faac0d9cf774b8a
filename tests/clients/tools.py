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
class Walkthrough:
    """The commands that make a client of the walk-through API, and the driver that runs it."""

    document: str
    generate: list[Command]
    build: list[Command]
    driver: Command


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
    walkthrough: Walkthrough | None = None
    code: Command | None = None
    """Writes the generated code, where the tool leaves no file."""


def for_walkthrough(generate: Command, output: str) -> Command:
    """The command that generates, from the walk-through's document and into the folder of its driver."""
    paths = {"freddy.json": "walkthrough.json", output: f"walkthrough/{output.replace('freddy', 'jobs')}"}
    return [paths.get(argument, argument) for argument in generate]


def typescript(name: str, folder: str, output: str, generate: Command) -> Tool:
    return Tool(
        name,
        folder,
        "freddy.json",
        ("package-lock.json",),
        install=[NPM_CI],
        generate=[generate],
        build=[TSC],
        driver=["node", f"built/{folder}/driver.js"],
        quickstart=["node", f"built/{folder}/quickstart.js"],
        quickstart_file="quickstart.ts",
        walkthrough=Walkthrough(
            "walkthrough.json",
            generate=[for_walkthrough(generate, output)],
            build=[[*TSC, "--project", "walkthrough"]],
            driver=["node", f"walkthrough/built/{folder}/walkthrough/driver.js"],
        ),
    )


def python(name: str, output: str, generate: Command) -> Tool:
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
        walkthrough=Walkthrough(
            "walkthrough.json",
            generate=[for_walkthrough(generate, output)],
            build=[["venv/bin/python", "-m", "compileall", "-q", "-f", "walkthrough"]],
            driver=["venv/bin/python", "walkthrough/driver.py"],
        ),
    )


def openapi_generator_command(generator: str, document: str, output: str, properties: str) -> Command:
    command = ["venv/bin/openapi-generator-cli", "generate", "-g", generator, "-i", document, "-o", output]
    return [*command, "--additional-properties", properties]


def openapi_generator(
    generator: str,
    output: str,
    properties: str,
    walkthrough_build: Command | None = None,
    walkthrough_driver: Command | None = None,
    **rest: object,
) -> Tool:
    walkthrough = None
    if walkthrough_build and walkthrough_driver:
        # Its names are the contract's with another package.
        output_of_jobs = output.replace("freddy", "jobs")
        properties_of_jobs = properties.replace("freddy", "jobs").replace("Freddy", "Jobs")
        walkthrough = Walkthrough(
            "walkthrough.json",
            [openapi_generator_command(generator, "walkthrough.json", output_of_jobs, properties_of_jobs)],
            [walkthrough_build],
            walkthrough_driver,
        )
    return Tool(
        f"openapi-generator {generator}",
        "openapi-generator",
        "freddy.json",
        ("requirements.txt", "package-lock.json"),
        install=[VENV, PIP, NPM_CI],
        generate=[openapi_generator_command(generator, "freddy.json", output, properties)],
        walkthrough=walkthrough,
        **rest,
    )


def go(name: str, generate: Command) -> Tool:
    """Both generate the same package from the same folder, whose `go.mod` pins the tool and what its code needs."""
    build = ["venv/bin/go", "build", "-o", "built/"]
    return Tool(
        name,
        "go",
        "freddy.json",
        ("requirements.txt", "go.mod", "go.sum"),
        install=[VENV, PIP, ["venv/bin/go", "mod", "download"]],
        generate=[["mkdir", "-p", "freddy"], generate],
        build=[[*build, f"./{name}/driver", f"./{name}/quickstart"]],
        driver=["built/driver"],
        quickstart=["built/quickstart"],
        quickstart_file=f"{name}/quickstart/main.go",
        walkthrough=Walkthrough(
            "walkthrough.json",
            generate=[
                ["mkdir", "-p", "jobs"],
                [part.replace("freddy.json", "walkthrough.json").replace("freddy", "jobs") for part in generate],
            ],
            build=[[*build, f"./{name}/walkthrough"]],
            driver=["built/walkthrough"],
        ),
    )


def openapi_generator_typescript(client: str, properties: str) -> Tool:
    folder = f"typescript-{client}"
    built = f"{folder}/built/openapi-generator/{folder}"
    walkthrough_built = f"{folder}/walkthrough/built/openapi-generator/{folder}/walkthrough"
    return openapi_generator(
        folder,
        f"{folder}/freddy",
        properties,
        build=[[*TSC, "--project", folder]],
        driver=["node", f"{built}/driver.js"],
        quickstart=["node", f"{built}/quickstart.js"],
        quickstart_file=f"{folder}/quickstart.ts",
        walkthrough_build=[*TSC, "--project", f"{folder}/walkthrough"],
        walkthrough_driver=["node", f"{walkthrough_built}/driver.js"],
    )


CARGO_TARGET = "../progenitor/target"
"""Both need the same crates."""
CARGO_BUILD = ["cargo", "build", "--quiet", "--locked", "--target-dir", CARGO_TARGET]

JAVA_CLASSES = f"{SITE_PACKAGES}/openapi_generator_cli/openapi-generator.jar"
"""Has the Jackson that the generated Java needs; Maven Central does not have to be reached."""


def php_lint(client: str) -> Command:
    return ["sh", "-c", f"find php/{client}/lib -name '*.php' -print0 | xargs -0 -n 1 php -l"]


def ruby_load(client: str) -> Command:
    """The generated file that loads all others."""
    return ["ruby", "-I", f"ruby/{client}/lib", "-r", client, "-e", ""]


def maven(client: str, app: str) -> Command:
    """The versions are in the `pom.xml`; what was downloaded once is kept."""
    command = ["mvn", "--quiet", "--batch-mode", "--file=kotlin/pom.xml", "-Dmaven.repo.local=../maven"]
    return [*command, f"-Dclient={client}", f"-Dapp={app}", "compile"]


TOOLS = [
    typescript(
        "openapi-typescript + openapi-fetch",
        "openapi-typescript",
        "freddy.d.ts",
        ["node_modules/.bin/openapi-typescript", "freddy.json", "--output", "freddy.d.ts"],
    ),
    typescript(
        "@hey-api/openapi-ts",
        "hey-api",
        "freddy",
        ["node_modules/.bin/openapi-ts", "--input", "freddy.json", "--output", "freddy"],
    ),
    typescript(
        "orval",
        "orval",
        "freddy.ts",
        ["node_modules/.bin/orval", "--input", "freddy.json", "--output", "freddy.ts", "--client", "axios"],
    ),
    typescript(
        "swagger-typescript-api",
        "swagger-typescript-api",
        "freddy.ts",
        ["node_modules/.bin/swagger-typescript-api", "generate", "--path", "freddy.json", "--output", "."]
        + ["--name", "freddy.ts", "--disable-throw-on-error", "--custom-config", "escape.config.cjs"],
    ),
    typescript(
        "oazapfts",
        "oazapfts",
        "freddy.ts",
        ["node_modules/.bin/oazapfts", "freddy.json", "freddy.ts", "--allSchemas"],
    ),
    python(
        "openapi-python-client",
        "freddy",
        ["venv/bin/openapi-python-client", "generate", "--path", "freddy.json", "--output-path", "freddy"]
        + ["--meta", "none", "--overwrite", "--fail-on-warning"],
    ),
    python(
        "datamodel-code-generator",
        "freddy.py",
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
        build=[["cargo", "build", "--quiet", "--locked", "--offline", "--bin", "driver", "--bin", "quickstart"]],
        driver=["target/debug/driver"],
        quickstart=["target/debug/quickstart"],
        quickstart_file="src/bin/quickstart.rs",
        # What a macro expands to can be had of a nightly compiler, or of one that is told to be one.
        code=["env", "RUSTC_BOOTSTRAP=1", "cargo", "rustc", "--quiet", "--locked", "--offline", "--bin", "quickstart"]
        + ["--", "-Zunpretty=expanded"],
        walkthrough=Walkthrough(
            "walkthrough-3.0.json",
            generate=[],
            build=[["cargo", "build", "--quiet", "--locked", "--offline", "--bin", "walkthrough"]],
            driver=["target/debug/walkthrough"],
        ),
    ),
    go(
        "oapi-codegen",
        ["venv/bin/go", "tool", "oapi-codegen", "-generate", "types,client,skip-prune", "-package", "freddy"]
        + ["-o", "freddy/freddy.gen.go", "freddy.json"],
    ),
    go(
        "ogen",
        ["venv/bin/go", "tool", "ogen", "--config", "ogen.yml", "--package", "freddy", "--target", "freddy", "--clean"]
        + ["freddy.json"],
    ),
    openapi_generator_typescript("axios", "importFileExtension=.js"),
    openapi_generator_typescript(
        "fetch", "importFileExtension=.js,modelPropertyNaming=original,withoutRuntimeChecks=true"
    ),
    openapi_generator(
        "python",
        "python",
        "packageName=freddy",
        build=[["venv/bin/python", "-m", "compileall", "-q", "-f", "python"]],
        driver=["venv/bin/python", "python/driver.py"],
        quickstart=["venv/bin/python", "python/quickstart.py"],
        quickstart_file="python/quickstart.py",
        walkthrough_build=["venv/bin/python", "-m", "compileall", "-q", "-f", "python"],
        walkthrough_driver=["venv/bin/python", "python/walkthrough/driver.py"],
    ),
    openapi_generator(
        "go",
        "go/freddy",
        "packageName=freddy,withGoMod=false",
        build=[["venv/bin/go", "-C", "go", "build", "-o", "built/", "./driver", "./quickstart"]],
        driver=["go/built/driver"],
        quickstart=["go/built/quickstart"],
        quickstart_file="go/quickstart/main.go",
        walkthrough_build=["venv/bin/go", "-C", "go", "build", "-o", "built/", "./walkthrough"],
        walkthrough_driver=["go/built/walkthrough"],
    ),
    openapi_generator(
        "rust",
        "rust/freddy",
        # A version of its own, as lock files have it.
        "packageName=freddy,packageVersion=1.0.0,supportMultipleResponses=true,useChrono=false",
        build=[[*CARGO_BUILD, "--manifest-path", "rust/Cargo.toml"]],
        driver=[f"{CARGO_TARGET}/debug/openapi-generator-driver"],
        quickstart=[f"{CARGO_TARGET}/debug/openapi-generator-quickstart"],
        quickstart_file="rust/src/bin/quickstart.rs",
        walkthrough_build=[*CARGO_BUILD, "--manifest-path", "rust/walkthrough/Cargo.toml"],
        walkthrough_driver=[f"{CARGO_TARGET}/debug/openapi-generator-walkthrough"],
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
        walkthrough_build=["javac", "-nowarn", "-d", "java/built-walkthrough", "-cp", JAVA_CLASSES]
        + ["-sourcepath", "java:java/jobs/src/main/java", "java/walkthrough/Walkthrough.java"],
        walkthrough_driver=["java", "-cp", f"java/built-walkthrough:{JAVA_CLASSES}", "Walkthrough"],
    ),
    openapi_generator(
        "kotlin",
        "kotlin/freddy",
        "library=jvm-okhttp4,serializationLibrary=jackson,packageName=com.aitronos.freddy",
        build=[maven("freddy", "app")],
        driver=["java", "-cp", "kotlin/built-freddy/classes:kotlin/built-freddy/classes/*", "Driver"],
        quickstart=["java", "-cp", "kotlin/built-freddy/classes:kotlin/built-freddy/classes/*", "Quickstart"],
        quickstart_file="kotlin/app/Quickstart.kt",
        walkthrough_build=maven("jobs", "walkthrough"),
        walkthrough_driver=["java", "-cp", "kotlin/built-jobs/classes:kotlin/built-jobs/classes/*", "Walkthrough"],
    ),
    openapi_generator(
        "php",
        "php/freddy",
        "invokerPackage=Freddy",
        build=[
            php_lint("freddy"),
            # Where Composer would put its own.
            ["mkdir", "-p", "php/freddy/vendor"],
            ["ln", "-sf", "../../autoload.php", "php/freddy/vendor/autoload.php"],
        ],
        driver=["php", "php/driver.php"],
        quickstart=["php", "php/quickstart.php"],
        quickstart_file="php/quickstart.php",
        walkthrough_build=php_lint("jobs"),
        walkthrough_driver=["php", "php/walkthrough/driver.php"],
    ),
    openapi_generator(
        "ruby",
        "ruby/freddy",
        "gemName=freddy",
        build=[ruby_load("freddy")],
        driver=["ruby", "ruby/driver.rb"],
        quickstart=["ruby", "ruby/quickstart.rb"],
        quickstart_file="ruby/quickstart.rb",
        walkthrough_build=ruby_load("jobs"),
        walkthrough_driver=["ruby", "ruby/walkthrough/driver.rb"],
    ),
    openapi_generator("csharp", "csharp", "packageName=Freddy"),
    openapi_generator("dart", "dart", "pubName=freddy"),
    openapi_generator("swift6", "swift", "projectName=Freddy"),
]
