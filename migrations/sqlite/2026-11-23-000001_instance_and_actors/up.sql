CREATE TABLE actors (
    id INTEGER PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    local BOOLEAN NOT NULL,
    name TEXT NOT NULL,
    host TEXT NOT NULL,
    display_name TEXT NOT NULL,
    summary_html TEXT NOT NULL,
    summary_source TEXT,
    url TEXT NOT NULL,
    inbox TEXT NOT NULL,
    shared_inbox TEXT,
    outbox TEXT,
    followers TEXT,
    public_key_id TEXT NOT NULL,
    public_key_pem TEXT NOT NULL,
    ed25519_public TEXT,
    fetched_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    suspended_at BIGINT,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX actors_local_name ON actors (name) WHERE local;
CREATE INDEX actors_handle ON actors (host, name);
CREATE INDEX actors_by_key_id ON actors (public_key_id);

CREATE TABLE actor_keys (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    rsa_private TEXT,
    ed25519_seed TEXT NOT NULL
);

CREATE TABLE instance (
    id INTEGER PRIMARY KEY NOT NULL,
    domain TEXT NOT NULL,
    name TEXT NOT NULL,
    territory TEXT,
    language TEXT NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    community_id BIGINT REFERENCES actors (id),
    secret TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE accounts (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    mail TEXT NOT NULL UNIQUE,
    password_hash TEXT,
    role TEXT NOT NULL,
    language TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expires_at);
CREATE INDEX sessions_account ON sessions (account_id);

CREATE TABLE sign_in_links (
    token_hash TEXT PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX sign_in_links_expiry ON sign_in_links (expires_at);
