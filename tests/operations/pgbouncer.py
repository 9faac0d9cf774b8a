"""The server behind pgbouncer in transaction mode, configured by docs/operating/pgbouncer.ini."""

import os
import shutil
import subprocess
import time

from support import (DOCS, LONG, Client, Failed, Load, Postgres, expect, free_port, is_open, main, need, ok, substituted,
                     within)


class Bouncer:
    """A pgbouncer in front of a cluster."""

    def __init__(self, place, cluster, changes=None):
        program, self.port = need("pgbouncer"), free_port()
        self.cluster = cluster
        self.url = f"postgres://freddy@127.0.0.1:{self.port}/freddy"
        folder = place.folder / f"pgbouncer-{self.port}"
        folder.mkdir()
        users, configuration = folder / "users", folder / "pgbouncer.ini"
        users.write_text('"freddy" ""\n')
        configuration.write_text(substituted((DOCS / "operating/pgbouncer.ini").read_text(), {
            "port=5432 dbname=freddy": f"port={cluster.port} dbname={cluster.name} user=freddy",
            "listen_port = 6432": f"listen_port = {self.port}\nunix_socket_dir =\nlogfile = {folder / 'log'}",
            "auth_type = scram-sha-256": "auth_type = trust",
            "/etc/pgbouncer/userlist.txt": users,
        } | (changes or {})))
        # It refuses to run as root.
        user = ("-u", "postgres") if os.geteuid() == 0 else ()
        if user:
            for path in (folder, users, configuration):
                shutil.chown(path, "postgres")
        place.spawn(program, "-q", *user, configuration, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        within(LONG, "pgbouncer listens", lambda: is_open(self.port))


def serves(place, cluster, bouncer):
    """Two servers get through pgbouncer what they need for some hundred disconnects."""
    key = cluster.fill(place, 2000)
    # Each session is soon used by both.
    servers = [place.server(bouncer, "--key-cache-ms", "0") for _ in range(2)]
    loads = [
        Load(lambda server=server: Client(server.port), key, (f"pcon_{n}" for n in range(first, 2000, 2)))
        for first, server in enumerate(servers)
    ]
    for load in loads:
        with load:
            load.wait_for(300)
    for load in loads:
        expect(not load.others, f"not answered with 204: {dict(load.others)}")
    done = cluster.disconnected()
    acknowledged = set().union(*(load.acknowledged for load in loads))
    expect(acknowledged <= done, f"{len(acknowledged - done)} acknowledged disconnects are lost")
    for server in servers:
        expect(server.is_ready(), "a server is not ready")
        server.stop()


def transaction_mode(place):
    """Behind pgbouncer in transaction mode, two servers start on an empty database and lose nothing, or say why not."""
    cluster = Postgres(place)
    bouncer = Bouncer(place, cluster)
    started = time.monotonic()
    # The first that comes migrates the database.
    for attempt in ("first", "second"):
        command = [place.program, "key", "create", "--owner", "bob", "--database-url", bouncer.url]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=20)
        except subprocess.TimeoutExpired:
            raise Failed(f"the {attempt} start hangs") from None
        if done.returncode and "pgbouncer" in done.stderr.lower() and "transaction" in done.stderr:
            expect(time.monotonic() - started < 10, "it is refused too late")
            ok(f"it is refused: {done.stderr.strip()}")
            return
        expect(done.returncode == 0, f"the {attempt} start fails without naming pgbouncer: {done.stderr.strip()}")
    locks = cluster.column("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'")
    expect(locks == ["0"], f"{locks} locks of a migration are left in sessions that others get")
    serves(place, cluster, bouncer)


def session_mode(place):
    """Behind pgbouncer in session mode, two servers lose nothing."""
    cluster = Postgres(place)
    bouncer = Bouncer(place, cluster, {
        "pool_mode = transaction": "pool_mode = session",
        "default_pool_size = 20": "default_pool_size = 100",
    })
    place.command(bouncer, "key", "create", "--owner", "bob")
    serves(place, cluster, bouncer)


main(transaction_mode, session_mode)
