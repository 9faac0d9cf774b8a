-- A key is valid before this time, if there is one.
ALTER TABLE api_keys ADD COLUMN expires_at INTEGER;
-- The key that was made to take its place.
ALTER TABLE api_keys ADD COLUMN replaced_by INTEGER REFERENCES api_keys (id);

CREATE INDEX api_keys_by_owner ON api_keys (owner, id);

-- When each key was last used, to about a minute. Not in `api_keys`, as in PostgreSQL, where requests lock its rows.
CREATE TABLE key_uses (
    key_id INTEGER PRIMARY KEY REFERENCES api_keys (id) ON DELETE CASCADE,
    at     INTEGER NOT NULL
) STRICT;

-- What is listed in pages is found in its order. `connectors_by_owner` has the ID in it, as every index of a table
-- without row numbers has its primary key.
CREATE INDEX audit_by_time ON audit (at, connector_id);
CREATE INDEX audit_by_key_and_time ON audit (key_id, at, connector_id);
