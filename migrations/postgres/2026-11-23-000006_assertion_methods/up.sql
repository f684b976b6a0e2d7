CREATE TABLE assertion_methods (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    key_id TEXT NOT NULL,
    ed25519_public TEXT NOT NULL,
    PRIMARY KEY (actor_id, key_id)
);
-- Of actors of elsewhere the column had the first key, without its id.
UPDATE actors SET ed25519_public = NULL WHERE NOT local;
