"""A server that is killed a hundred times under load, on each database."""

import random
import signal
import time

from support import Client, Load, Postgres, Sqlite, expect, free_port, main

KILLS = 100
CONNECTORS = 100_000


def killed(place, database):
    key = database.fill(place, CONNECTORS)
    port = free_port()
    # The same moments in every run.
    moments = random.Random(1)
    with Load(lambda: Client(port), key, (f"pcon_{n}" for n in range(CONNECTORS))) as load:
        for kill in range(KILLS):
            server = place.server(database, port=port, log=place.folder / "server.log")
            load.wait_for(1)
            time.sleep(moments.uniform(0, 0.05))
            server.process.send_signal(signal.SIGKILL)
            server.process.wait()
            acknowledged = set(load.acknowledged)
            lost = acknowledged - database.disconnected()
            expect(not lost, f"after kill {kill + 1}, acknowledged and lost: {lost}")
    load.check(database)
    # A kill that meets no request shows nothing.
    expect(sum(load.others.values()) > KILLS, f"the kills broke only {sum(load.others.values())} requests")
    expect(not {status for status in load.others if isinstance(status, int)}, f"answers other than 204: {load.others}")


def sqlite(place):
    """SQLite: what was acknowledged is there after each kill, and nothing else is."""
    killed(place, Sqlite(place.folder / "freddy.db"))


def postgresql(place):
    """PostgreSQL: what was acknowledged is there after each kill, and nothing else is."""
    killed(place, Postgres(place))


main(sqlite, postgresql)
