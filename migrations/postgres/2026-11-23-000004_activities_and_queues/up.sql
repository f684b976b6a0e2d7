CREATE TABLE activities (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    kind TEXT NOT NULL,
    local BOOLEAN NOT NULL,
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT REFERENCES posts (id),
    listed BOOLEAN NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX activities_post ON activities (post_id);
CREATE INDEX activities_outbox ON activities (actor_id, id) WHERE listed;

CREATE TABLE seen_activities (
    ap_id TEXT PRIMARY KEY NOT NULL,
    seen_at BIGINT NOT NULL
);
CREATE INDEX seen_activities_age ON seen_activities (seen_at);

CREATE TABLE effects (
    id BIGINT PRIMARY KEY NOT NULL,
    document TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

CREATE TABLE deliveries (
    id BIGINT PRIMARY KEY NOT NULL,
    activity_id BIGINT NOT NULL REFERENCES activities (id),
    signer_id BIGINT NOT NULL REFERENCES actors (id),
    inbox TEXT NOT NULL,
    host TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    claimed_until BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (activity_id, inbox)
);
CREATE INDEX deliveries_due ON deliveries (state, next_at);
CREATE INDEX deliveries_order ON deliveries (host, subject, id);

CREATE TABLE jobs (
    id BIGINT PRIMARY KEY NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    document TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    claimed_until BIGINT,
    last_error TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX jobs_due ON jobs (state, next_at);
CREATE INDEX jobs_order ON jobs (subject, id);

CREATE TABLE hosts (
    host TEXT PRIMARY KEY NOT NULL,
    software TEXT,
    version TEXT,
    clocher BOOLEAN NOT NULL,
    checked_at BIGINT,
    failures BIGINT NOT NULL,
    failing_since BIGINT,
    retry_at BIGINT,
    seen_at BIGINT
);

CREATE TABLE domain_rules (
    domain TEXT PRIMARY KEY NOT NULL,
    rule TEXT NOT NULL,
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
