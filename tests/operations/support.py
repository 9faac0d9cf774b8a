"""What the scripts share: checks, servers, databases, and requests as bytes."""

import argparse
import collections
import contextlib
import glob
import http.client
import inspect
import itertools
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"
PATH = "/v1/personal-connectors/"
# Much longer than anything takes on a slow machine.
LONG = 60


class Failed(Exception):
    """A check that does not hold, in words."""


class Skipped(Exception):
    """A check that cannot be made here, and why."""


def expect(holds, otherwise):
    if not holds:
        raise Failed(otherwise)


def ok(what):
    print(f"ok    {what}", flush=True)


def need(*programs):
    """The paths of programs; without one of them the check is skipped."""
    found = [shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin:/sbin") for program in programs]
    missing = [program for program, path in zip(programs, found) if path is None]
    if missing:
        raise Skipped(f"not installed: {', '.join(missing)}")
    return found[0] if len(found) == 1 else found


def need_root():
    if os.geteuid() != 0:
        raise Skipped("needs root")


def within(seconds, what, holds):
    """Waits until something holds, and says how long that took. `what` is a text, or makes one."""
    started = time.monotonic()
    while not holds():
        if time.monotonic() - started > seconds:
            raise Failed(f"not within {seconds} s: {what() if callable(what) else what}")
        time.sleep(0.02)
    return time.monotonic() - started


def run(*command, **options):
    """What a command printed that has to succeed."""
    options = {"capture_output": True, "text": True, "timeout": LONG} | options
    done = subprocess.run([str(part) for part in command], **options)
    line = " ".join(map(str, command))
    expect(done.returncode == 0, f"{line} ended with {done.returncode}:\n{done.stdout or ''}{done.stderr or ''}")
    return (done.stdout or "").strip()


def main(*checks):
    """Makes each check, a function, in a folder of its own. Its first line of documentation is what it shows."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--server", required=True, type=pathlib.Path, help="the program freddy-server")
    parser.add_argument("--only", action="append", help="the name of a check to make, instead of all")
    arguments = parser.parse_args()
    unknown = set(arguments.only or ()) - {check.__name__ for check in checks}
    if unknown:
        parser.error(f"no such check: {', '.join(sorted(unknown))}")
    failed = False
    for check in checks:
        if arguments.only and check.__name__ not in arguments.only:
            continue
        what = inspect.getdoc(check).splitlines()[0].rstrip(".")
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="freddy-") as folder, contextlib.ExitStack() as stack:
            # PostgreSQL and pgbouncer do not run as root, and look into it.
            os.chmod(folder, 0o755)
            try:
                check(Place(arguments.server.resolve(), pathlib.Path(folder), stack))
                ok(f"{what} ({time.monotonic() - started:.0f} s)")
            except Skipped as why:
                print(f"skipped: {what}: {why}", flush=True)
            except (Failed, OSError, subprocess.SubprocessError) as error:
                failed = True
                print(f"FAILED {check.__name__}: {what}: {error}", file=sys.stderr, flush=True)
    sys.exit(1 if failed else 0)


class Place:
    """Where a check takes place: the server's program, a folder, and what is ended afterwards."""

    def __init__(self, program, folder, stack):
        self.program, self.folder, self.stack = program, folder, stack

    def spawn(self, *command, **options):
        """Starts a process that is killed at the end, if it is still there."""
        process = subprocess.Popen([str(part) for part in command], **options)

        def end():
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
            process.wait()

        self.stack.callback(end)
        return process

    def server(self, database, *flags, **options):
        return Server(self, database, *flags, **options)

    def command(self, database, *arguments):
        return run(self.program, *arguments, "--database-url", database.url)

    def small_disk(self, size):
        """A file system that is soon full."""
        need_root()
        disk = self.folder / "small"
        disk.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)], capture_output=True)
        if mounted.returncode:
            raise Skipped(f"cannot mount a tmpfs: {mounted.stderr.decode().strip()}")
        self.stack.callback(subprocess.run, ["umount", "-l", str(disk)], check=False)
        return disk


def free_port():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def fill_up(disk):
    """Leaves no byte on a disk; gives the file to delete."""
    filler = disk / "filler"
    with open(filler, "wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)
    return filler


class Server:
    """A server process, started when it has said where it listens."""

    def __init__(self, place, database, *flags, port=None, log=None, environment=None):
        self.port = port or free_port()
        self.log = log or place.folder / f"server-{self.port}.log"
        command = [place.program, "serve", "--database-url", database.url, "--listen", f"127.0.0.1:{self.port}"]
        # No limit in the way of what a check is about, unless it says one.
        limit = () if "--rate-limit" in flags else ("--rate-limit", "100000000")
        with open(self.log, "ab") as log_file:
            self.process = place.spawn(
                *command, *limit, *flags, stdout=subprocess.PIPE, stderr=log_file, env=os.environ | (environment or {})
            )
        greeting = self.process.stdout.readline()
        expect(greeting, f"the server did not start:\n{self.log.read_text()}")

    def call(self, method="GET", path="/healthz", headers=None, body=None, timeout=LONG):
        with Client(self.port, timeout) as client:
            return client.call(method, path, headers, body)

    def disconnect(self, connector, key, timeout=LONG):
        with Client(self.port, timeout) as client:
            return client.disconnect(connector, key)

    def is_ready(self):
        return self.call(path="/readyz").status == 204

    def lines(self):
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self, within=LONG):
        """Ends it with SIGTERM; gives the seconds that took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(within)
        except subprocess.TimeoutExpired:
            raise Failed(f"the server did not stop within {within} s") from None
        expect(status == 0, f"the server stopped with status {status}")
        return time.monotonic() - started


class Answer:
    def __init__(self, response):
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def code(self):
        """The code of the documented envelope."""
        try:
            return json.loads(self.body)["error"]["code"]
        except (ValueError, KeyError, TypeError):
            raise Failed(f"no envelope in the {self.status}: {self.body[:200]!r}") from None

    def __repr__(self):
        return f"{self.status} {dict(self.headers)} {self.body[:300]!r}"


class Client:
    """A connection that is kept, and opened again when it was closed."""

    def __init__(self, port, timeout=LONG, trust=None):
        if trust:
            context = ssl.create_default_context(cafile=trust)
            self.connection = http.client.HTTPSConnection("localhost", port, timeout=timeout, context=context)
        else:
            self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def call(self, method="GET", path="/healthz", headers=None, body=None):
        try:
            self.connection.request(method, path, body=body, headers=headers or {})
            return Answer(self.connection.getresponse())
        except (OSError, http.client.HTTPException) as error:
            self.connection.close()
            raise OSError(f"{method} {path}: {type(error).__name__}: {error}") from error

    def disconnect(self, connector, key, headers=None):
        return self.call("DELETE", PATH + connector, {"X-API-Key": key} | (headers or {}))


class Load:
    """Clients that disconnect one connector after the other, and after the last the first again, until they are stopped."""

    def __init__(self, client, key, connectors, clients=8):
        """`client` makes a `Client`."""
        self.make, self.key = client, key
        self.ids = itertools.cycle(connectors)
        self.lock = threading.Lock()
        self.stopping = threading.Event()
        self.acknowledged, self.asked = set(), set()
        self.successes, self.others = 0, collections.Counter()
        self.threads = [threading.Thread(target=self._call, daemon=True) for _ in range(clients)]
        for thread in self.threads:
            thread.start()

    def _call(self):
        with self.make() as client:
            while not self.stopping.is_set():
                with self.lock:
                    connector = next(self.ids)
                    self.asked.add(connector)
                try:
                    status = client.disconnect(connector, self.key).status
                except OSError as error:
                    status = str(error).split(": ", 1)[1]
                with self.lock:
                    if status == 204:
                        self.acknowledged.add(connector)
                        self.successes += 1
                    else:
                        self.others[status] += 1
                if status != 204:
                    time.sleep(0.05)

    def wait_for(self, more, seconds=LONG):
        """Waits until so many more requests are acknowledged; gives the seconds that took."""
        aim = self.successes + more

        def what():
            return f"{more} more disconnects; not acknowledged were {dict(self.others)}"

        return within(seconds, what, lambda: self.successes >= aim)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()

    def check(self, database):
        """Nothing that was acknowledged is lost, and nothing was done that nobody asked for."""
        done = database.disconnected()
        expect(self.acknowledged, "nothing was acknowledged")
        expect(self.acknowledged <= done, f"{len(self.acknowledged - done)} acknowledged disconnects are lost")
        expect(done <= self.asked, f"{len(done - self.asked)} disconnects that nobody asked for")


class Database:
    """A database with the schema, a key of alice's, and connectors pcon_0, pcon_1 and so on, which are hers."""

    def fill(self, place, connectors=20_000):
        key = place.command(self, "key", "create", "--owner", "alice").splitlines()[0]
        self.execute(self.SERIES.format(connectors - 1))
        return key

    def disconnected(self):
        """What is disconnected, after a look whether the audit says the same."""
        # In one statement, so that both are of one moment.
        rows = self.column("SELECT 'connectors ' || id FROM connectors WHERE disconnected_at IS NOT NULL "
                           "UNION ALL SELECT 'audit ' || connector_id FROM audit")
        found = {"connectors": set(), "audit": set()}
        for row in rows:
            table, connector = row.split()
            found[table].add(connector)
        differ = found["connectors"] ^ found["audit"]
        expect(not differ, f"audit and connectors differ in {len(differ)} rows")
        return found["connectors"]


class Sqlite(Database):
    SERIES = (
        "INSERT INTO connectors (id, owner, created_at) WITH RECURSIVE n (i) AS "
        "(SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < {}) SELECT 'pcon_' || i, 'alice', 0 FROM n"
    )

    def __init__(self, file):
        self.file, self.url = file, f"sqlite://{file}"

    def connection(self):
        return contextlib.closing(sqlite3.connect(self.file, timeout=30))

    def execute(self, statement):
        with self.connection() as connection, connection:
            connection.execute(statement)

    def column(self, query):
        with self.connection() as connection:
            return [row[0] for row in connection.execute(query)]


class Postgres(Database):
    """A database in a cluster of its own."""

    SERIES = (
        "INSERT INTO connectors (id, owner, created_at) "
        "SELECT 'pcon_' || i, 'alice', 0 FROM generate_series(0, {}) AS i"
    )

    def __init__(self, place):
        [*_, initdb] = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb")) or [shutil.which("initdb")]
        if initdb is None:
            raise Skipped("not installed: PostgreSQL")
        self.bin = pathlib.Path(initdb).parent
        self.psql = need("psql")
        self.place, self.port, self.name = place, free_port(), "postgres"
        # PostgreSQL refuses to run as root.
        self.as_postgres = ("runuser", "-u", "postgres", "--") if os.geteuid() == 0 else ()
        self.folder = place.folder / f"postgres-{self.port}"
        self.folder.mkdir()
        if self.as_postgres:
            shutil.chown(self.folder, "postgres")
        self.data = self.folder / "data"
        run(*self.as_postgres, initdb, f"--pgdata={self.data}", "--username=freddy", "--auth=trust", "--encoding=UTF8",
            "--no-sync", cwd=self.folder)
        self.options = " ".join(f"-c {setting}" for setting in (
            "listen_addresses=127.0.0.1", f"port={self.port}", "unix_socket_directories=", "max_connections=200"))
        self.control("start")
        place.stack.callback(self.end)

    def end(self):
        self.signal(signal.SIGCONT)
        with contextlib.suppress(Failed):
            self.control("stop", "--mode=immediate")

    @property
    def url(self):
        return self.url_of(self.port)

    def url_of(self, port, name=None):
        return f"postgres://freddy@127.0.0.1:{port}/{name or self.name}"

    def control(self, *arguments):
        command = (self.bin / "pg_ctl", f"--pgdata={self.data}", f"--log={self.folder / 'log'}", "--silent", "--wait")
        # Not captured: the cluster would keep the pipes open.
        run(*self.as_postgres, *command, f"--options={self.options}", *arguments, cwd=self.folder, capture_output=False,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def processes(self):
        """The postmaster, and what it started."""
        postmaster = int((self.data / "postmaster.pid").read_text().split()[0])
        return [postmaster, *map(int, subprocess.run(["pgrep", "-P", str(postmaster)], capture_output=True).stdout.split())]

    def signal(self, number, processes=None):
        with contextlib.suppress(FileNotFoundError):
            for process in self.processes() if processes is None else processes:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process, number)

    def column(self, query):
        return run(self.psql, "-qtAX", self.url, "-v", "ON_ERROR_STOP=1", "-c", query).splitlines()

    execute = column


def others_connections(what="pid"):
    """A query of the connections of this database but the one that asks."""
    return (f"SELECT {what} FROM pg_stat_activity WHERE backend_type = 'client backend' "
            "AND datname = current_database() AND pid <> pg_backend_pid()")


def redis(place, port=None):
    """A Redis of its own; gives its process and its port."""
    program, port = need("redis-server"), port or free_port()
    process = place.spawn(program, "--bind", "127.0.0.1", "--port", port, "--save", "", "--appendonly", "no",
                          "--dir", place.folder, stdout=subprocess.DEVNULL)
    within(LONG, "Redis listens", lambda: is_open(port))
    return process, port


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=LONG).close()
    except ConnectionRefusedError:
        return False
    return True


# What the documentation shows is what is tried.


def shown(page, heading):
    """The first block of commands under a heading of a page."""
    text = (DOCS / page).read_text()
    block = re.search(rf"^#+ {re.escape(heading)}\n.*?^```sh\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    expect(block and "\n#" not in text[block.start() + 1:block.start(1)], f"{page} shows no commands under “{heading}”")
    return block[1]


def substituted(text, replacements):
    """A text with each of these replaced, all of which it must have."""
    for old, new in replacements.items():
        expect(str(old) in text, f"the documentation does not say “{old}” any more")
        text = text.replace(str(old), str(new))
    return text
