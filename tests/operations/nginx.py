"""nginx with TLS in front of the server, configured by docs/operating/nginx.conf."""

import http.server
import os
import signal
import socket
import ssl
import subprocess
import threading
import time

from support import (DOCS, LONG, PATH, Client, Load, Postgres, Sqlite, expect, free_port, is_open, main, need, run,
                     substituted, within)


class Nginx:
    def __init__(self, place, ports):
        nginx, openssl = need("nginx", "openssl")
        self.folder, self.port = place.folder / "nginx", free_port()
        self.folder.mkdir()
        self.certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        run(openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", self.certificate)
        self.access_log = self.folder / "access.log"
        site = substituted((DOCS / "operating/nginx.conf").read_text(), {
            "127.0.0.1:8080": f"127.0.0.1:{ports[0]}",
            "127.0.0.1:8081": f"127.0.0.1:{ports[1]}",
            "listen 443 ssl": f"listen 127.0.0.1:{self.port} ssl",
            "server_name api.example.com": "server_name localhost",
            "/etc/ssl/freddy/fullchain.pem": self.certificate,
            "/etc/ssl/freddy/key.pem": key,
            "/var/log/nginx/freddy.log": self.access_log,
        })
        (self.folder / "site.conf").write_text(site)
        paths = "".join(f"{name}_temp_path {self.folder / name};\n" for name in
                        ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        user = "user root;\n" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(
            f"{user}daemon off;\nworker_processes 1;\npid {self.folder / 'pid'};\nerror_log {self.folder / 'error.log'};\n"
            f"events {{}}\nhttp {{\n{paths}include {self.folder / 'site.conf'};\n}}\n"
        )
        command = (nginx, "-c", self.folder / "nginx.conf", "-p", self.folder, "-e", self.folder / "error.log")
        run(*command, "-t")
        # Its worker ends with it at SIGTERM, and would stay behind at SIGKILL.
        process = place.spawn(*command, stderr=subprocess.DEVNULL)
        place.stack.callback(lambda: (process.terminate(), process.wait(LONG)))
        within(LONG, "nginx listens", lambda: is_open(self.port))

    def client(self):
        return Client(self.port, trust=str(self.certificate))

    def call(self, *arguments):
        with self.client() as client:
            return client.call(*arguments)

    def tls(self):
        """A connection for bytes."""
        context = ssl.create_default_context(cafile=str(self.certificate))
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=LONG)
        return context.wrap_socket(connection, server_hostname="localhost")


def behind_nginx(place, *flags):
    """nginx in front of a server that trusts it, and a second address where nothing listens."""
    database = Sqlite(place.folder / "freddy.db")
    key = database.fill(place, 100)
    server = place.server(database, "--trust-forwarded-for", *flags)
    return Nginx(place, (server.port, free_port())), server, key


def documented_answers(place):
    """HTTP/2 and HTTP/1.1 clients get through nginx what the server answers, with its envelope and headers."""
    nginx, server, key = behind_nginx(place)
    for connector, its_key, headers, body, status, code in (
        ("pcon_1", key, {}, None, 204, None),
        ("pcon_1", key, {}, None, 204, None),
        ("pcon_2", key, {}, b"x" * 16_384, 204, None),
        ("pcon_2", key, {}, b"x" * 16_385, 413, "PAYLOAD_TOO_LARGE"),
        ("pcon_2", key, {}, b"x" * 60_000, 413, "PAYLOAD_TOO_LARGE"),
        ("wrong", key, {}, None, 400, "VALIDATION_ERROR"),
        ("pcon_2", "frd_wrong", {}, None, 401, "UNAUTHORIZED"),
        ("pcon_nobody", key, {}, None, 403, None),
        ("", key, {}, None, 404, "NOT_FOUND"),
    ):
        answers = []
        for port, trust in ((server.port, None), (nginx.port, str(nginx.certificate))):
            with Client(port, trust=trust) as client:
                answers.append(client.call("DELETE", PATH + connector, {"X-API-Key": its_key} | headers, body))
        direct, through = answers
        expect(direct.status == through.status == status, f"{connector}: {direct} and through nginx {through}")
        expect(code is None or through.code == code, f"{connector}: {through}")
        expect(through.headers["X-Request-Id"], f"no X-Request-Id: {through}")
        missing = {name.lower() for name in direct.headers} - {name.lower() for name in through.headers}
        # What concerns only the one connection.
        expect(missing <= {"connection"}, f"nginx takes away {missing}")
    wrong_method = nginx.call("GET", PATH + "pcon_1")
    expect(wrong_method.status == 405 and wrong_method.headers["Allow"], repr(wrong_method))
    for hidden in ("/healthz", "/readyz"):
        expect(nginx.call("GET", hidden).status == 404, f"{hidden} is open to the world")
    curl = need("curl")
    if "HTTP2" in run(curl, "--version"):
        version = run(curl, "--silent", "--show-error", "--http2", "--cacert", nginx.certificate, "--output", "/dev/null",
                      "--write-out", "%{http_version} %{http_code}", "--request", "DELETE", "--header", f"X-API-Key: {key}",
                      f"https://localhost:{nginx.port}{PATH}pcon_3")
        expect(version == "2 204", f"curl got {version}")
    last = nginx.call("GET", "/nothing").headers["X-Request-Id"]
    # nginx logs after it has answered.
    within(LONG, "the log of nginx has the X-Request-Id", lambda: last in nginx.access_log.read_text())
    logged = nginx.access_log.read_text()
    expect("pcon_" not in logged and key not in logged, "the log of nginx has a path")


def forged_address(place):
    """An invented X-Forwarded-For changes nothing: the address is the one that nginx sees."""
    nginx, _, _ = behind_nginx(place, "--rate-limit", "3")
    answers = [nginx.call("DELETE", PATH + "pcon_1", {"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(5)]
    expect([answer.status for answer in answers] == [401] * 3 + [429] * 2, f"{[answer.status for answer in answers]}")
    limited = answers[-1]
    expect(limited.headers["Retry-After"] and limited.code == "RATE_LIMIT_EXCEEDED", f"the 429 is changed: {limited}")


def overload(place):
    """A 503 of a server that is busy arrives with its Retry-After, and is not tried at another one."""
    nginx, server, key = behind_nginx(place, "--max-concurrency", "1", "--max-queue", "0")
    database = Sqlite(place.folder / "freddy.db")
    with database.connection() as other:
        # Of two who disconnect now, one waits for this writer and holds the one turn there is. The other is refused.
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        statuses = []
        waiting = [threading.Thread(target=lambda: statuses.append(server.disconnect("pcon_1", key).status)) for _ in "12"]
        for thread in waiting:
            thread.start()
        within(LONG, "the server is busy", lambda: 503 in statuses)
        answer = nginx.call("DELETE", PATH + "pcon_2", {"X-API-Key": key})
        other.execute("ROLLBACK")
        for thread in waiting:
            thread.join()
    expect(answer.status == 503 and answer.headers["Retry-After"], repr(answer))
    expect(answer.code == "SERVICE_UNAVAILABLE", repr(answer))


def slow_clients(place):
    """A body that arrives slowly, over TLS, is answered when it is complete, and takes no turn before."""
    nginx, server, key = behind_nginx(place, "--max-concurrency", "2", "--max-queue", "0")
    slow = []
    for number in range(20):
        connection = nginx.tls()
        connection.sendall(f"DELETE {PATH}pcon_{number} HTTP/1.1\r\nHost: localhost\r\nX-API-Key: {key}\r\n"
                           "Connection: close\r\nContent-Length: 3\r\n\r\n1".encode())
        slow.append(connection)
    time.sleep(0.5)
    for number in range(50, 60):
        answer = nginx.call("DELETE", f"{PATH}pcon_{number}", {"X-API-Key": key})
        expect(answer.status == 204, f"while others send slowly: {answer}")
    for connection in slow:
        for byte in (b"2", b"3"):
            connection.sendall(byte)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
        expect(answer.startswith(b"HTTP/1.1 204"), f"{answer[:200]!r}")
        connection.close()
    expect(server.process.poll() is None, "the server is gone")


class Recorder(http.server.BaseHTTPRequestHandler):
    """A server that keeps the heads it gets."""

    protocol_version = "HTTP/1.1"
    heads = []

    def do_DELETE(self):
        self.heads.append((self.client_address[1], self.request_version, dict(self.headers)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


def what_is_passed_on(place):
    """The server gets the caller's address, a request ID and the traceparent, over connections that are kept."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder) as recorder:
        recorder.daemon_threads = True
        threading.Thread(target=recorder.serve_forever, daemon=True).start()
        nginx = Nginx(place, (recorder.server_port, free_port()))
        traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        forged = {"traceparent": traceparent, "X-Forwarded-For": "198.51.100.1", "X-Request-Id": "forged"}
        for _ in range(5):
            nginx.call("DELETE", PATH + "pcon_1", forged)
        recorder.shutdown()
    ports = {port for port, _, _ in Recorder.heads}
    expect(len(Recorder.heads) == 5 and len(ports) == 1, f"5 requests came over {len(ports)} connections")
    for _, version, head in Recorder.heads:
        expect(version == "HTTP/1.1", version)
        expect(head["X-Forwarded-For"] == "127.0.0.1", f"{head}")
        expect(head["traceparent"] == traceparent, f"{head}")
        expect(len(head["X-Request-Id"]) == 32, f"{head}")
        expect(head["Host"] == "localhost" and "Connection" not in head, f"{head}")


def restart_behind(place):
    """Servers that are restarted or killed one after the other lose no request."""
    database = Postgres(place)
    key = database.fill(place)
    flags = ("--trust-forwarded-for",)
    servers = [place.server(database, *flags) for _ in range(2)]
    nginx = Nginx(place, [server.port for server in servers])
    with Load(nginx.client, key, (f"pcon_{n}" for n in range(20_000))) as load:
        for round in range(4):
            load.wait_for(100)
            server = servers[round % 2]
            if round < 2:
                server.stop()
            else:
                server.process.send_signal(signal.SIGKILL)
                server.process.wait()
            load.wait_for(20)
            servers[round % 2] = place.server(database, *flags, port=server.port)
        load.wait_for(100)
    expect(not load.others, f"not answered with 204: {dict(load.others)}")
    load.check(database)


main(documented_answers, forged_address, overload, slow_clients, what_is_passed_on, restart_behind)
