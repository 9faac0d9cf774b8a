-- Times are Unix milliseconds.
CREATE TABLE api_keys (
    id         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner      TEXT NOT NULL,
    hash       BYTEA NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);

CREATE TABLE connectors (
    id              TEXT COLLATE "C" PRIMARY KEY,
    owner           TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    disconnected_at BIGINT,
    disconnected_by BIGINT REFERENCES api_keys (id),
    CHECK ((disconnected_at IS NULL) = (disconnected_by IS NULL))
);

CREATE INDEX connectors_by_owner ON connectors (owner);

-- One row for each connector that was disconnected, written in the transaction that did it.
CREATE TABLE audit (
    connector_id TEXT COLLATE "C" PRIMARY KEY REFERENCES connectors (id),
    key_id       BIGINT NOT NULL REFERENCES api_keys (id),
    trace_id     TEXT NOT NULL,
    at           BIGINT NOT NULL
);
