-- A key is valid before this time, if there is one.
ALTER TABLE api_keys ADD COLUMN expires_at BIGINT;
-- The key that was made to take its place.
ALTER TABLE api_keys ADD COLUMN replaced_by BIGINT REFERENCES api_keys (id);

CREATE INDEX api_keys_by_owner ON api_keys (owner, id);

-- When each key was last used, to about a minute. Not in `api_keys`, whose rows are locked by requests.
CREATE TABLE key_uses (
    key_id BIGINT PRIMARY KEY REFERENCES api_keys (id) ON DELETE CASCADE,
    at     BIGINT NOT NULL
);

-- What is listed in pages is found in its order.
CREATE INDEX connectors_by_owner_and_id ON connectors (owner, id);
CREATE INDEX audit_by_time ON audit (at, connector_id);
CREATE INDEX audit_by_key_and_time ON audit (key_id, at, connector_id);
