"""Measures what docs/operating/sizing.md tells: memory, disk and log. It checks nothing, and CI does not run it."""

import resource
import socket

from support import LONG, PATH, Client, Load, Postgres, Sqlite, main, within

ROWS = 200_000
CONNECTIONS = 5_000
DISCONNECTS = 5_000


def say(what, number, unit):
    print(f"      {what}: {number:,.1f} {unit}")


def memory(server):
    """MiB."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS")) / 1024


def connections(place):
    """Memory of the server process."""
    files = 2 * CONNECTIONS + 1000
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, files), hard), hard))
    database = Sqlite(place.folder / "freddy.db")
    database.fill(place, 10)
    server = place.server(database, "--read-timeout-ms", "3600000")
    idle = memory(server)
    say("started", idle, "MiB")
    kept = []
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: t\r\n\r\n")
        connection.recv(4096)
        kept.append(connection)
    say("an idle connection", (memory(server) - idle) * 1024 / CONNECTIONS, "KiB")
    for connection in kept:
        connection.close()


def log(place):
    """Log of an answer."""
    database = Sqlite(place.folder / "freddy.db")
    key = database.fill(place, 2000)
    server = place.server(database)
    with Client(server.port) as client:
        for what, its_key in (("204", key), ("401", "frd_wrong")):
            before = server.log.stat().st_size
            for n in range(1000):
                client.call("DELETE", f"{PATH}pcon_{n}", {"X-API-Key": its_key})
            say(f"a {what}", (server.log.stat().st_size - before) / 1000, "bytes")


def rows(place, database, identifier, trace_id, sizes, wal):
    key = place.command(database, "key", "create", "--owner", "alice").splitlines()[0]
    database.execute(database.SERIES.format(ROWS - 1).replace("'pcon_' || i", identifier))
    some = database.column(f"SELECT id FROM connectors LIMIT {DISCONNECTS}")
    server = place.server(database)
    say("a connector", sizes("connectors") / ROWS, "bytes")
    before = wal()
    with Load(lambda: Client(server.port), key, some, clients=64) as load:
        within(LONG, "all are disconnected", lambda: len(load.acknowledged) == DISCONNECTS)
    say(f"WAL after {DISCONNECTS:,} disconnects, 64 at a time", (wal() - before) / 2**20, "MiB")
    database.execute("UPDATE connectors SET disconnected_at = 1767225600000, disconnected_by = 1 "
                     "WHERE disconnected_at IS NULL")
    database.execute("INSERT INTO audit (connector_id, key_id, trace_id, at) "
                     f"SELECT id, 1, {trace_id}, disconnected_at FROM connectors WHERE true ON CONFLICT DO NOTHING")
    say("a connector that is disconnected", sizes("connectors") / ROWS, "bytes")
    say("an audit row", sizes("audit") / ROWS, "bytes")
    server.stop()


def sqlite(place):
    """SQLite."""
    database = Sqlite(place.folder / "freddy.db")
    wal = database.file.with_name("freddy.db-wal")

    def sizes(table):
        return database.column("SELECT sum(pgsize) FROM dbstat WHERE name IN "
                               f"(SELECT name FROM sqlite_schema WHERE tbl_name = '{table}')")[0]

    rows(place, database, "'pcon_' || lower(hex(randomblob(16)))", "'req_' || lower(hex(randomblob(16)))", sizes,
         lambda: wal.stat().st_size)


def postgresql(place):
    """PostgreSQL."""
    database = Postgres(place)
    rows(place, database, "'pcon_' || md5(random()::text || i)", "'req_' || md5(random()::text)",
         lambda table: int(database.column(f"SELECT pg_total_relation_size('{table}')")[0]),
         lambda: int(database.column("SELECT pg_current_wal_lsn() - '0/0'")[0]))


main(connections, log, sqlite, postgresql)
