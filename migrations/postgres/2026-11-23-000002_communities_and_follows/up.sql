CREATE TABLE communities (
    actor_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    territory TEXT,
    posting TEXT NOT NULL,
    members_claimed BIGINT
);

CREATE TABLE moderators (
    community_id BIGINT NOT NULL REFERENCES actors (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (community_id, actor_id)
);

CREATE TABLE follows (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    follower_id BIGINT NOT NULL REFERENCES actors (id),
    followed_id BIGINT NOT NULL REFERENCES actors (id),
    standing TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (follower_id, followed_id)
);
CREATE INDEX follows_followed ON follows (followed_id, standing);
