-- Mail addresses: of two accounts with one address, one person. `home` is the instance that alone writes to it; none
-- where that is this one.
CREATE TABLE addresses (
    id INTEGER PRIMARY KEY NOT NULL,
    mail TEXT NOT NULL UNIQUE,
    verified_at BIGINT,
    home TEXT
);

-- Where each account gets its mail, and in which mode where nothing else is said.
CREATE TABLE subscribers (
    account_id BIGINT PRIMARY KEY NOT NULL REFERENCES accounts (actor_id),
    address_id BIGINT NOT NULL REFERENCES addresses (id),
    mode TEXT NOT NULL
);
CREATE INDEX subscribers_address ON subscribers (address_id);
INSERT INTO addresses (id, mail, verified_at, home) SELECT actor_id, mail, NULL, NULL FROM accounts;
INSERT INTO subscribers (account_id, address_id, mode) SELECT actor_id, actor_id, 'none' FROM accounts;

-- What an account asked for a community; no mode: the account's own.
CREATE TABLE subscriptions (
    account_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    community_id BIGINT NOT NULL REFERENCES actors (id),
    mode TEXT,
    quiet BOOLEAN NOT NULL,
    left_at BIGINT,
    PRIMARY KEY (account_id, community_id)
);

-- Whose messages an account wants to hear nothing of.
CREATE TABLE mutes (
    account_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, actor_id)
);
CREATE INDEX mutes_actor ON mutes (actor_id);

CREATE TABLE thread_follows (
    account_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    thread_id BIGINT NOT NULL REFERENCES posts (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, thread_id)
);
CREATE INDEX thread_follows_thread ON thread_follows (thread_id, account_id);

-- Proofs of an address that are asked of its holder by a mail.
CREATE TABLE address_claims (
    id INTEGER PRIMARY KEY NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    address_id BIGINT NOT NULL REFERENCES addresses (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    sent_at BIGINT
);
CREATE INDEX address_claims_account ON address_claims (account_id);
CREATE INDEX address_claims_unsent ON address_claims (id) WHERE sent_at IS NULL;

-- Messages that became visible in a community: whom they are owed is not written yet.
CREATE TABLE fan_outs (
    id INTEGER PRIMARY KEY NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    community_id BIGINT REFERENCES actors (id),
    fetched BOOLEAN NOT NULL,
    stage BIGINT NOT NULL,
    reached BIGINT NOT NULL,
    created_at BIGINT NOT NULL
);

-- Who is told what: one row a person, message and channel. The person is an address for mail, an account else.
CREATE TABLE ledger (
    id INTEGER PRIMARY KEY NOT NULL,
    person_id BIGINT NOT NULL,
    post_id BIGINT NOT NULL REFERENCES posts (id),
    channel TEXT NOT NULL,
    thread_id BIGINT NOT NULL,
    mode TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    retry_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    list_id BIGINT REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    sent_at BIGINT,
    UNIQUE (person_id, post_id, channel)
);
CREATE INDEX ledger_waiting ON ledger (channel, due_at, id) WHERE state = 'waiting';
CREATE INDEX ledger_thread ON ledger (person_id, thread_id);
CREATE INDEX ledger_person ON ledger (person_id, channel, id);
CREATE INDEX ledger_post ON ledger (post_id);

-- What the folder of the instance holds too, so that a restored or copied database is known. One row.
CREATE TABLE sending (
    id BIGINT PRIMARY KEY NOT NULL,
    marker TEXT NOT NULL,
    turn BIGINT NOT NULL,
    stopped_at BIGINT
);
