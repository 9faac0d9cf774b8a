-- The oldest version of the schema whose servers may use this database. A migration that only adds leaves it as it is.
CREATE TABLE schema_compatibility (
    compatible_from BIGINT NOT NULL
);

INSERT INTO schema_compatibility VALUES (1);
