#!/usr/bin/env python3
"""Tries the alerts with Prometheus: by its unit tests, and with servers that it scrapes and that get into trouble.

Run as `prometheus.py --server BINARY`, or without it to build the server. Needs `prometheus` and `promtool`.
"""

import argparse
import http.client
import json
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.parse
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALERTS = ROOT / "crates/freddy-server/prometheus/alerts.yml"
UNIT_TESTS = Path(__file__).with_name("alerts.test.yml")
# Much longer than anything takes.
LONG = 60


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", type=Path, help="the server's binary")
    server = parser.parse_args().server or build()
    missing = [tool for tool in ("prometheus", "promtool") if shutil.which(tool) is None]
    if missing:
        print(f"skipped: {' and '.join(missing)} is not installed")
        return
    with tempfile.TemporaryDirectory() as folder:
        unit_tests(Path(folder))
        Trial(Path(folder), server.resolve()).run()


def build():
    subprocess.run(["cargo", "build", "--locked", "--package", "freddy-server"], cwd=ROOT, check=True)
    metadata = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
    target = json.loads(subprocess.run(metadata, cwd=ROOT, check=True, capture_output=True).stdout)["target_directory"]
    return Path(target, "debug/freddy-server")


def unit_tests(folder):
    rules, tests = ALERTS.read_text(), UNIT_TESTS.read_text()
    (folder / "alerts.yml").write_text(rules)
    (folder / "alerts.test.yml").write_text(tests)
    for command in (["check", "rules", "alerts.yml"], ["test", "rules", "alerts.test.yml"]):
        done = subprocess.run(["promtool", *command], cwd=folder, capture_output=True, text=True, timeout=LONG)
        check(done.returncode == 0, f"promtool {' '.join(command)}: {done.stdout}{done.stderr}")
    alerts = re.findall(r"- alert: (\w+)", rules)
    untested = [alert for alert in alerts if f'alertname="{alert}"' not in tests]
    check(not untested, f"no unit test has these alerts fire: {', '.join(untested)}")
    ok(f"promtool accepts the {len(alerts)} alerts, and each fires when it should and not before")


class Trial:
    """Two servers and a Prometheus. What takes minutes in the rules takes seconds here."""

    def __init__(self, folder, server):
        self.folder = folder
        self.binary = server
        self.processes = []

    def run(self):
        try:
            servers = [self.serve(name) for name in ("a", "b")]
            self.prometheus = self.scrape([server.metrics for server in servers])
            self.adds_up(*servers)
            self.fires(*servers)
        finally:
            for process in self.processes:
                process.kill()
                process.wait()

    def serve(self, name):
        url = f"sqlite://{self.folder / name}.db"
        key = self.manage("key", "create", "--owner", "alice", "--database-url", url).strip()
        self.manage("connector", "add", "--owner", "alice", "--id", "pcon_abc123", "--database-url", url)
        metrics = free_address()
        command = [self.binary, "serve", "--database-url", url, "--listen", "127.0.0.1:0", "--metrics-listen", metrics]
        process = self.start([*command, "--rate-limit", "1000000"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        greeting = process.stdout.readline()
        address = re.search(r"http://(\S+)", greeting)
        check(address, f"the server does not listen: {greeting}")
        return Server(process, address[1], metrics, key, self.folder / f"{name}.db")

    def manage(self, *arguments):
        return subprocess.run([self.binary, *arguments], check=True, capture_output=True, text=True, timeout=LONG).stdout

    def start(self, command, **streams):
        process = subprocess.Popen(command, text=True, **streams)
        self.processes.append(process)
        return process

    def scrape(self, targets):
        rules = re.sub(r"\bfor: \d+m", "for: 2s", ALERTS.read_text())
        rules = re.sub(r"\[\d+m\]", "[10s]", rules)
        (self.folder / "quick.yml").write_text(rules)
        config = {
            "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
            "rule_files": ["quick.yml"],
            "scrape_configs": [{"job_name": "freddy", "static_configs": [{"targets": targets}]}],
        }
        # JSON is YAML.
        (self.folder / "prometheus.yml").write_text(json.dumps(config))
        address = free_address()
        self.log = self.folder / "prometheus.log"
        command = ["prometheus", f"--config.file={self.folder}/prometheus.yml", f"--web.listen-address={address}"]
        with self.log.open("w") as log:
            process = self.start([*command, f"--storage.tsdb.path={self.folder}/tsdb"], stdout=log, stderr=log)
        try:
            wait_for("Prometheus scrapes both servers", lambda: self.value(address, "sum(up)") == len(targets))
        except Failure:
            print(self.log.read_text()[-3000:], file=sys.stderr)
            raise
        check(process.poll() is None, "Prometheus has ended")
        return address

    def query(self, address, query):
        found = get(address, "/api/v1/query?" + urllib.parse.urlencode({"query": query}))
        return found["data"]["result"] if found else []

    def value(self, address, query):
        found = self.query(address, query)
        return float(found[0]["value"][1]) if found else None

    def adds_up(self, first, second):
        """What each process counts is in the sums, and in the quantiles of the sums."""
        calls = {first: 20, second: 30}
        for server, number in calls.items():
            for _ in range(number):
                check(server.disconnect(key="wrong") == 401, "a wrong key is not refused")
        of_these = '{method="DELETE", status="401"}'
        for query, expected in [
            (f"sum(freddy_request_seconds_count{of_these})", sum(calls.values())),
            (f"max(freddy_request_seconds_count{of_these})", max(calls.values())),
            (f'sum(freddy_request_seconds_bucket{{le="+Inf", {of_these[1:]})', sum(calls.values())),
            (f'count by (le) (freddy_request_seconds_bucket{{le="0.005", {of_these[1:]})', len(calls)),
            ("count(freddy_requests_in_flight)", len(calls)),
        ]:
            wait_for(f"{query} is {expected}", lambda: self.value(self.prometheus, query) == expected)
        slowest = f"histogram_quantile(1, sum by (le) (freddy_request_seconds_bucket{of_these}))"
        check(0 < self.value(self.prometheus, slowest) <= 30, "a quantile over both processes is not a time")
        quantiles = self.query(self.prometheus, '{__name__=~"freddy_.*", quantile!=""}')
        check(not quantiles, f"these do not add up: {quantiles}")
        check(self.firing() == set(), f"these fire at servers that are well: {self.firing()}")
        ok("the histograms of two processes add up, and nothing fires while they are well")

    def firing(self):
        alerts = get(self.prometheus, "/api/v1/alerts")["data"]["alerts"]
        return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}

    def fires(self, first, second):
        def until_fires(alert, call=lambda: None):
            def fires():
                call()
                return alert in self.firing()

            wait_for(f"{alert} fires", fires)
            ok(f"{alert} fires")

        # Nobody reads its log any more.
        first.process.stderr.close()
        until_fires("FreddyLogLinesDropped", lambda: first.disconnect(key="wrong"))
        with sqlite3.connect(second.database) as database:
            database.execute("DROP TABLE connectors")
        until_fires("FreddyErrors", lambda: check(second.disconnect() >= 500, "it answers without its table"))
        second.process.send_signal(signal.SIGKILL)
        until_fires("FreddyDown")


class Server:
    def __init__(self, process, address, metrics, key, database):
        self.process, self.address, self.metrics, self.key, self.database = process, address, metrics, key, database

    def disconnect(self, key=None):
        connection = http.client.HTTPConnection(self.address, timeout=LONG)
        connection.request("DELETE", "/v1/personal-connectors/pcon_abc123", headers={"X-API-Key": key or self.key})
        status = connection.getresponse().status
        connection.close()
        return status


class Failure(Exception):
    pass


def get(address, path):
    """What Prometheus answers; nothing before it listens and has read its data."""
    connection = http.client.HTTPConnection(address, timeout=LONG)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        return json.load(response) if response.status == 200 else None
    except ConnectionError:
        return None
    finally:
        connection.close()


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def wait_for(what, holds):
    end = time.monotonic() + LONG
    while not holds():
        check(time.monotonic() < end, f"after {LONG} s it does not hold that {what}")
        time.sleep(0.2)


def check(holds, message):
    if not holds:
        raise Failure(message)


def ok(what):
    print(f"ok    prometheus: {what}", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (Failure, subprocess.SubprocessError) as failure:
        sys.exit(f"FAIL  prometheus: {failure}")
