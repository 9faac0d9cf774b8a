"""The systemd unit docs/operating/freddy-server.service and its settings docs/operating/server.env."""

import configparser
import os
import pathlib
import re
import shutil
import subprocess

from support import (DOCS, LONG, Client, Failed, Skipped, Sqlite, expect, free_port, main, need, need_root, run,
                     substituted, within)

UNIT = DOCS / "operating/freddy-server.service"
# The most that `systemd-analyze security` may find, of 100.
EXPOSURE = 15


def unit(place, replacements=None):
    """The unit, with the program that is tried."""
    text = substituted(UNIT.read_text(), {"/usr/local/bin/freddy-server": place.program} | (replacements or {}))
    file = place.folder / UNIT.name
    file.write_text(text)
    return file


def settings():
    lines = (DOCS / "operating/server.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def milliseconds(value, unit):
    return round(float(value) * {"ms": 1, "s": 1000, "min": 60_000, "": 1000}[unit])


def verified(place):
    """systemd finds no mistake in the unit."""
    analyze = need("systemd-analyze")
    done = subprocess.run([analyze, "verify", "--man=no", str(unit(place))], capture_output=True, text=True, timeout=LONG)
    said = [line for line in done.stderr.splitlines() if UNIT.name in line]
    expect(done.returncode == 0 and not said, done.stderr)


def hardened(place):
    """The unit gives the server little that it does not need."""
    analyze = need("systemd-analyze")
    command = [analyze, "security", "--offline=true", f"--threshold={EXPOSURE}", "--no-pager", str(unit(place))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=LONG)
    if "--offline" in done.stderr:
        raise Skipped("systemd-analyze is older than 250")
    expect(done.returncode == 0, done.stdout + done.stderr)


def times_fit(place):
    """systemd gives the server more time to stop than the server takes."""
    # A name may stand there twice.
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(UNIT)
    timeout, unit_of_time = re.fullmatch(r"(\d+)(s|min|)", parser["Service"]["TimeoutStopSec"]).groups()
    # Without the ends of lines, which may be anywhere.
    help_text = " ".join(run(place.program, "serve", "--help").split())
    # The time in which requests are still taken comes on top.
    flags = re.findall(r"--(stop-timeout|[a-z-]*drain[a-z-]*)-ms .*?\[default: (\d+)\]", help_text)
    expect(flags, "the server has no --stop-timeout-ms")
    takes = sum(int(default) for _, default in flags)
    expect(milliseconds(timeout, unit_of_time) >= takes + 1000, f"TimeoutStopSec={timeout} is too short for {flags}")
    unknown = [name for name in settings() if f"env: {name}" not in help_text]
    expect(not unknown, f"no settings of the server: {unknown}")


def mistakes_are_final(place):
    """A wrong setting ends with the status that is not tried again, a missing database with another."""
    for arguments, status in ((("--max-queue", "many"), 2), (("--database-url", f"sqlite://{place.folder}/no/file"), 1)):
        command = [place.program, "serve", "--listen", "127.0.0.1:0", *arguments]
        done = subprocess.run(command, capture_output=True, timeout=LONG)
        expect(done.returncode == status, f"{arguments} ends with {done.returncode}: {done.stderr.decode()}")


def starts_with_its_settings(place):
    """The server starts with the documented settings."""
    database = Sqlite(place.folder / "freddy.db")
    port, metrics = free_port(), free_port()
    changed = {"FREDDY_DATABASE_URL": database.url, "FREDDY_LISTEN": f"127.0.0.1:{port}",
               "FREDDY_METRICS_LISTEN": f"127.0.0.1:{metrics}"}
    expect(changed.keys() <= settings().keys(), f"not in server.env: {changed.keys() - settings().keys()}")
    process = place.spawn(place.program, "serve", env=os.environ | settings() | changed, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL)
    expect(process.stdout.readline(), "it does not start")
    with Client(port) as client:
        expect(client.call(path="/readyz").status == 204, "it is not ready")
    with Client(metrics) as client:
        expect(client.call(path="/metrics").status == 200, "it has no metrics")


def started(place):
    """systemd starts the server with all its restrictions, starts it again after a crash, and stops it."""
    if not pathlib.Path("/run/systemd/system").is_dir():
        raise Skipped("systemd does not run here")
    need_root()
    name, port = f"freddy-try-{os.getpid()}", free_port()
    # Not in /run or /tmp: programs there may not be run.
    program = pathlib.Path("/usr/local/bin") / name
    shutil.copy(place.program, program)
    place.stack.callback(program.unlink)
    environment = place.folder / "server.env"
    environment.write_text(substituted((DOCS / "operating/server.env").read_text(), {
        "/var/lib/freddy/": f"/var/lib/{name}/",
        "127.0.0.1:8080": f"127.0.0.1:{port}",
        "127.0.0.1:9464": f"127.0.0.1:{free_port()}",
    }))
    text = substituted(UNIT.read_text(), {
        "/usr/local/bin/freddy-server": program,
        "/etc/freddy/server.env": environment,
        "User=freddy": "DynamicUser=yes",
        "StateDirectory=freddy": f"StateDirectory={name}",
        "WorkingDirectory=/var/lib/freddy": f"WorkingDirectory=/var/lib/{name}",
    })
    file = pathlib.Path("/run/systemd/system") / f"{name}.service"
    file.write_text(text)

    def end():
        subprocess.run(["systemctl", "stop", name], check=False, capture_output=True)
        file.unlink()
        subprocess.run(["systemctl", "daemon-reload"], check=False)
        shutil.rmtree(f"/var/lib/private/{name}", ignore_errors=True)
        pathlib.Path(f"/var/lib/{name}").unlink(missing_ok=True)

    place.stack.callback(end)

    def is_ready():
        try:
            with Client(port) as client:
                return client.call(path="/readyz").status == 204
        except OSError:
            return False

    def shows(what):
        return run("systemctl", "show", "--value", "--property", what, name)

    def ready():
        try:
            within(LONG, "it is ready", is_ready)
        except Failed as error:
            log = subprocess.run(["journalctl", "--unit", name, "--no-pager"], capture_output=True, text=True).stdout
            raise Failed(f"{error}:\n{log}") from None

    run("systemctl", "daemon-reload")
    run("systemctl", "start", name)
    ready()
    crashed = shows("MainPID")
    run("systemctl", "kill", "--signal=SIGKILL", name)
    within(LONG, "it is started again", lambda: shows("MainPID") not in ("0", crashed))
    ready()
    run("systemctl", "stop", name)
    expect(shows("Result") == "success", f"it stopped with {shows('Result')}")


main(verified, hardened, times_fit, mistakes_are_final, starts_with_its_settings, started)
