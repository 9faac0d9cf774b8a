"""What happens when a disk is full, and when PostgreSQL or Redis hangs, dies or comes back. Full disks need root."""

import glob
import signal
import socket
import time

from support import (LONG, Client, Load, Postgres, Skipped, Sqlite, expect, fill_up, free_port, main, others_connections,
                     redis, within)

# What a fault may cost a caller at most, where the server notices it by itself.
SECONDS = 10


def timed(call):
    started = time.monotonic()
    return call(), time.monotonic() - started


def clients(server):
    return lambda: Client(server.port)


def connectors(number=20_000):
    return (f"pcon_{n}" for n in range(number))


def full_disk(place):
    """SQLite on a full disk: nothing acknowledged is lost, the server is not ready, and writes again once there is room."""
    database = Sqlite(place.small_disk("4m") / "freddy.db")
    key = database.fill(place, 5000)
    server = place.server(database)
    ids = connectors(5000)
    with Client(server.port) as client:
        acknowledged = {next(ids)}
        expect(client.disconnect(*acknowledged, key).status == 204, "it does not even write with room")
        filler = fill_up(database.file.parent)
        failures = []
        while len(failures) < 3:
            connector = next(ids, None)
            expect(connector, "the full disk has no effect")
            answer = client.disconnect(connector, key)
            if answer.status == 204:
                acknowledged.add(connector)
            else:
                failures.append(answer.status)
        expect(set(failures) <= {500, 503}, f"{failures}")
        ready = client.call(path="/readyz").status
        filler.unlink()
        within(SECONDS, "it writes again", lambda: client.disconnect("pcon_4999", key).status == 204)
        acknowledged.add("pcon_4999")
        within(SECONDS, "it is ready again", server.is_ready)
    server.stop()
    lost = acknowledged - database.disconnected()
    expect(not lost, f"acknowledged and lost: {lost}")
    expect(database.column("PRAGMA integrity_check") == ["ok"], "the database is damaged")
    expect(ready == 503, f"it cannot write, and /readyz answered {ready}")


def full_disk_of_the_log(place):
    """A log on a full disk holds nothing up, and says how many lines it lost once there is room."""
    log = place.small_disk("256k") / "log"
    database = Sqlite(place.folder / "freddy.db")
    key = database.fill(place, 500)
    server = place.server(database, log=log)
    filler = fill_up(log.parent)
    with Client(server.port) as client:
        for connector in connectors(300):
            expect(client.disconnect(connector, key).status == 204, f"{connector} fails")
        expect(client.call().status == 204, "it is not healthy")
        filler.unlink()

        def says_it():
            client.call()
            return "log lines were dropped" in log.read_text()

        within(SECONDS, "the log says that lines were dropped", says_it)
    server.stop()


def redis_says(port, command):
    with socket.create_connection(("127.0.0.1", port), timeout=LONG) as connection:
        connection.sendall(command.encode() + b"\r\n")
        return connection.recv(1000).decode().strip()


def counts_in(port, server, key):
    """Whether the server counts requests in this Redis."""
    server.disconnect("pcon_0", key)
    return redis_says(port, "DBSIZE") != ":0"


def without_redis(server, key, why):
    """Requests are answered about as fast as with Redis, by the process's own count."""
    number = 40
    with Client(server.port) as client:
        answers, seconds = timed(lambda: [client.disconnect("pcon_0", key).status for _ in range(number)])
    expect(set(answers) == {204}, f"{why}: {answers}")
    expect(seconds < SECONDS, f"{why}: {number} requests took {seconds:.0f} s")


def redis_killed(place):
    """Redis dies: requests go on at once, and are counted in it again when it is back."""
    database = Sqlite(place.folder / "freddy.db")
    key = database.fill(place, 10)
    process, port = redis(place)
    server = place.server(database, "--redis-url", f"redis://127.0.0.1:{port}")
    expect(counts_in(port, server, key), "it does not count in Redis")
    process.kill()
    process.wait()
    without_redis(server, key, "Redis is dead")
    redis(place, port)
    within(30, "it counts in Redis again", lambda: counts_in(port, server, key))
    server.stop()


def redis_hung(place):
    """Redis hangs: requests go on at once, and are counted in it again when it answers."""
    database = Sqlite(place.folder / "freddy.db")
    key = database.fill(place, 10)
    process, port = redis(place)
    server = place.server(database, "--redis-url", f"redis://127.0.0.1:{port}")
    expect(counts_in(port, server, key), "it does not count in Redis")
    process.send_signal(signal.SIGSTOP)
    without_redis(server, key, "Redis hangs")
    process.send_signal(signal.SIGCONT)
    redis_says(port, "FLUSHALL")
    within(30, "it counts in Redis again", lambda: counts_in(port, server, key))
    server.stop()


def redis_missing_at_the_start(place):
    """A server starts while Redis is away, says so in its log, and counts in it once it is there."""
    database = Sqlite(place.folder / "freddy.db")
    key = database.fill(place, 10)
    port = free_port()
    server = place.server(database, "--redis-url", f"redis://127.0.0.1:{port}")
    without_redis(server, key, "Redis is away")
    said = [line for line in server.lines() if line["level"] == "WARN" and "redis" in str(line["fields"]).lower()]
    expect(said, "the log says nothing of it")
    redis(place, port)
    within(30, "it counts in Redis", lambda: counts_in(port, server, key))
    server.stop()


def two_clocks(place):
    """Two processes whose clocks differ by two windows, and one Redis, let through what one limit allows."""
    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)
    if library is None:
        raise Skipped("not installed: libfaketime")
    database = Sqlite(place.folder / "freddy.db")
    key = database.fill(place, 10)
    _, port = redis(place)
    flags = ("--redis-url", f"redis://127.0.0.1:{port}", "--rate-limit", "10", "--rate-window", "60")
    later = {"LD_PRELOAD": library, "FAKETIME": "+120s", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    servers = [place.server(database, *flags), place.server(database, *flags, environment=later)]
    dates = {server.call().headers["Date"] for server in servers}
    expect(len(dates) == 2, "libfaketime has no effect on the server")
    statuses = [servers[n % 2].disconnect("pcon_0", key).status for n in range(100)]
    expect(set(statuses) <= {204, 429}, f"{set(statuses)}")
    expect(statuses.count(204) == 10, f"{statuses.count(204)} requests were let through, not 10")


def postgresql_hangs(place):
    """PostgreSQL hangs: readiness and callers are told in time, a stop takes what it may, and all goes on afterwards."""
    database = Postgres(place)
    key = database.fill(place)
    flags = ("--answer-timeout-ms", "1000", "--read-timeout-ms", "1000", "--stop-timeout-ms", "2000")
    server, other = place.server(database, *flags), place.server(database, *flags)
    with Load(clients(server), key, connectors()) as load:
        load.wait_for(100)
        database.signal(signal.SIGSTOP)
        ready, seconds = timed(lambda: server.call(path="/readyz").status)
        expect((ready, seconds < 3) == (503, True), f"/readyz answered {ready} after {seconds:.1f} s")
        answer, seconds = timed(lambda: server.disconnect("pcon_19999", key))
        expect(answer.status in (500, 503) and seconds < 4, f"{answer.status} after {seconds:.1f} s")
        healthy, seconds = timed(lambda: server.call().status)
        expect((healthy, seconds < 1) == (204, True), f"/healthz answered {healthy} after {seconds:.1f} s")
        # Its connections hang as well.
        seconds = other.stop()
        expect(seconds < 3.5, f"the stop took {seconds:.1f} s")
        database.signal(signal.SIGCONT)
        load.wait_for(100, SECONDS)
        within(SECONDS, "it is ready again", server.is_ready)
    load.asked.add("pcon_19999")
    server.stop()
    load.check(database)


def postgresql_restarts(place):
    """PostgreSQL crashes and starts again, and connections are ended all the time: nothing acknowledged is lost."""
    database = Postgres(place)
    key = database.fill(place)
    server = place.server(database)
    with Load(clients(server), key, connectors()) as load:
        for how in ("fast", "immediate"):
            load.wait_for(100)
            database.control("restart", f"--mode={how}")
            load.wait_for(100, SECONDS)
        for _ in range(20):
            database.execute(others_connections("pg_terminate_backend(pid)"))
            time.sleep(0.05)
        load.wait_for(100, SECONDS)
    server.stop()
    load.check(database)


def postgresql_fails_over(place):
    """Connections that are dead without a word, as after a failover, cost callers seconds: new ones are made."""
    database = Postgres(place)
    key = database.fill(place)
    server = place.server(database, "--key-cache-ms", "0")
    with Load(clients(server), key, connectors(5000), clients=24) as before:
        before.wait_for(200)
    # Only now, when they are idle: one that is stopped while it commits would hold up the new ones as well.
    dead = [int(process) for process in database.column(others_connections())]
    expect(dead, "there are no connections")
    database.signal(signal.SIGSTOP, dead)
    with Load(clients(server), key, connectors(), clients=24) as load:
        load.wait_for(500, SECONDS)
    database.signal(signal.SIGCONT, dead)
    server.stop()
    load.asked |= before.asked
    load.check(database)


def postgresql_turns_read_only(place):
    """A primary that turned into a replica: the server is not ready, and is again when it can write again."""
    database = Postgres(place)
    key = database.fill(place, 100)
    server = place.server(database, "--key-cache-ms", "0")
    expect(server.disconnect("pcon_0", key).status == 204, "it does not write")

    database.execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
    # As at a failover, connections end. The new ones can only read.
    database.execute(others_connections("pg_terminate_backend(pid)"))
    within(SECONDS, "/readyz answers 503 on a read-only database", lambda: not server.is_ready())
    for _ in range(3):
        answer = server.disconnect("pcon_1", key)
        expect(answer.status in (500, 503), f"{answer}")
    expect(not server.is_ready(), "it says it is ready on a read-only database")
    # Connections that are open stay read-only, and the server has to give them up.
    database.execute("BEGIN; SET TRANSACTION READ WRITE; "
                     "ALTER DATABASE postgres RESET default_transaction_read_only; COMMIT")
    within(SECONDS, "it writes again", lambda: server.disconnect("pcon_1", key).status == 204)
    within(SECONDS, "it is ready again", server.is_ready)
    server.stop()


main(full_disk, full_disk_of_the_log, redis_killed, redis_hung, redis_missing_at_the_start, two_clocks, postgresql_hangs,
     postgresql_restarts, postgresql_fails_over, postgresql_turns_read_only)
