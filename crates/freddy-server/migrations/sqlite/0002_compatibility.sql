-- The oldest version of the schema whose servers may use this database. A migration that only adds leaves it as it is.
CREATE TABLE schema_compatibility (
    compatible_from INTEGER NOT NULL
) STRICT;

INSERT INTO schema_compatibility VALUES (1);

-- One row, which is written again to try whether the database takes a write of a few pages.
CREATE TABLE readiness (
    content BLOB NOT NULL
) STRICT;

INSERT INTO readiness VALUES (x'');
