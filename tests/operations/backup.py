"""Backup and restore by the commands of docs/operating/backup.md, while the server writes."""

import os
import shutil

from support import Client, Load, Postgres, Sqlite, expect, main, need, run, shown, substituted

PAGE = "operating/backup.md"
CONNECTORS = 40_000


def shell(commands, **environment):
    environment = {name: str(value) for name, value in environment.items()}
    run("bash", "-euo", "pipefail", "-c", commands, env=os.environ | environment)


def only_file(folder):
    files = list(folder.iterdir())
    expect(len(files) == 1, f"the backup is not one file: {files}")
    return files[0]


def back_up_under_load(place, database, key, commands, folder, **environment):
    """Runs the commands while the server writes; gives the backup and what it must contain."""
    folder.mkdir()
    commands = substituted(commands, {"/var/backups/freddy": folder})
    server = place.server(database)
    with Load(lambda: Client(server.port), key, (f"pcon_{n}" for n in range(CONNECTORS - 1))) as load:
        load.wait_for(1000)
        before = set(load.acknowledged)
        shell(commands, **environment)
        load.wait_for(100)
    expect(not load.others, f"while the backup was made: {dict(load.others)}")
    return server, only_file(folder), before, load.asked


def check_restored(place, database, key, before, asked):
    """What a server on the restored database has and does."""
    server = place.server(database)
    done = database.disconnected()
    expect(before <= done, f"{len(before - done)} disconnects that were acknowledged before the backup are not in it")
    expect(done <= asked, "there is more in it than was asked for")
    expect(server.is_ready(), "the server is not ready on it")
    for connector in (min(before), f"pcon_{CONNECTORS - 1}"):
        answer = server.disconnect(connector, key)
        expect(answer.status == 204, f"{connector}: {answer}")
    expect(server.disconnect("pcon_1", "frd_wrong").status == 401, "any key is good")
    expect(f"pcon_{CONNECTORS - 1}" in database.disconnected(), "it does not write")
    server.stop()


def sqlite(place):
    """A backup of SQLite has all that was acknowledged before it, and is restored over a later state."""
    need("sqlite3")
    home = place.folder / "home"
    home.mkdir()
    database = Sqlite(home / "freddy.db")
    key = database.fill(place, CONNECTORS)
    commands = substituted(shown(PAGE, "Back up SQLite"), {"/var/lib/freddy": home})
    server, backup, before, asked = back_up_under_load(place, database, key, commands, place.folder / "backups")
    # As after a crash: with a WAL that does not belong to the backup.
    server.process.kill()
    server.process.wait()
    expect((home / "freddy.db-wal").stat().st_size > 0, "there is no WAL that could disturb")
    shell(substituted(shown(PAGE, "Restore SQLite"), {"/var/lib/freddy": home}), backup=backup)
    check_restored(place, database, key, before, asked)


def sqlite_copied(place):
    """A copy of the SQLite file alone lacks what was acknowledged, which is why the page warns of it."""
    database = Sqlite(place.folder / "freddy.db")
    key = database.fill(place, 100)
    server = place.server(database)
    with Client(server.port) as client:
        acknowledged = {f"pcon_{n}" for n in range(100) if client.disconnect(f"pcon_{n}", key).status == 204}
    copy = Sqlite(place.folder / "copy.db")
    shutil.copy(database.file, copy.file)
    expect(acknowledged == database.disconnected(), "the database lacks what was acknowledged")
    expect(acknowledged - copy.disconnected(), "the copy is complete, so the page need not warn of it")


def sqlite_old_wal(place):
    """A restore that leaves the WAL of SQLite in place breaks the database, which is why the page moves it away."""
    database, backup = Sqlite(place.folder / "freddy.db"), place.folder / "backup.db"
    key = database.fill(place, 2000)
    with database.connection() as connection:
        connection.execute(f"VACUUM INTO '{backup}'")
    server = place.server(database)
    with Client(server.port) as client:
        for n in range(200):
            client.disconnect(f"pcon_{n}", key)
    server.process.kill()
    server.process.wait()
    shutil.copy(backup, database.file)
    with database.connection() as connection:
        try:
            state = connection.execute("PRAGMA integrity_check").fetchall()
            [(mixed,)] = connection.execute("SELECT count(*) FROM audit")
        except Exception as error:  # "database disk image is malformed"
            state, mixed = error, 0
    expect(state != [("ok",)] or mixed, "an old WAL does no harm, so the page need not warn of it")


def postgresql(place):
    """A backup of PostgreSQL has all that was acknowledged before it, and is restored beside the later state."""
    need("pg_dump", "pg_restore", "createdb")
    database = Postgres(place)
    key = database.fill(place, CONNECTORS)
    server, backup, before, asked = back_up_under_load(
        place, database, key, shown(PAGE, "Back up PostgreSQL"), place.folder / "backups", DATABASE_URL=database.url)
    server.stop()
    restored = "freddy_restored"
    shell(shown(PAGE, "Restore PostgreSQL"), backup=backup, DATABASE_URL=database.url,
          RESTORED_URL=database.url_of(database.port, restored))
    database.name = restored
    check_restored(place, database, key, before, asked)


main(sqlite, sqlite_copied, sqlite_old_wal, postgresql)
