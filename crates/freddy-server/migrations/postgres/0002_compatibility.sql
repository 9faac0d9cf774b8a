-- The oldest version of the schema whose servers may use this database. A migration that only adds leaves it as it is.
CREATE TABLE schema_compatibility (
    compatible_from BIGINT NOT NULL
);

INSERT INTO schema_compatibility VALUES (1);

-- One row, which is written again to try whether the database takes a write.
CREATE TABLE readiness (
    tries BIGINT NOT NULL
);

INSERT INTO readiness VALUES (0);
