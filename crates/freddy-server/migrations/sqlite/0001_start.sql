-- Times are Unix milliseconds.
CREATE TABLE api_keys (
    id         INTEGER PRIMARY KEY,
    owner      TEXT NOT NULL,
    hash       BLOB NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    revoked_at INTEGER
) STRICT;

CREATE TABLE connectors (
    id              TEXT PRIMARY KEY,
    owner           TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    disconnected_at INTEGER,
    disconnected_by INTEGER REFERENCES api_keys (id),
    CHECK ((disconnected_at IS NULL) = (disconnected_by IS NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX connectors_by_owner ON connectors (owner);

-- One row for each connector that was disconnected, written in the transaction that did it.
CREATE TABLE audit (
    connector_id TEXT PRIMARY KEY REFERENCES connectors (id),
    key_id       INTEGER NOT NULL REFERENCES api_keys (id),
    trace_id     TEXT NOT NULL,
    at           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
