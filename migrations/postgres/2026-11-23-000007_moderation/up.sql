ALTER TABLE posts ADD COLUMN removed_at BIGINT;
ALTER TABLE posts ADD COLUMN removal_reason TEXT;
ALTER TABLE posts ADD COLUMN featured_at BIGINT;
CREATE INDEX posts_removed ON posts (removed_at) WHERE removed_at IS NOT NULL;
CREATE INDEX posts_featured ON posts (home_id, featured_at) WHERE featured_at IS NOT NULL;

ALTER TABLE communities ADD COLUMN moderators_url TEXT;
ALTER TABLE communities ADD COLUMN featured_url TEXT;

CREATE TABLE bans (
    community_id BIGINT NOT NULL REFERENCES actors (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    moderator_id BIGINT NOT NULL REFERENCES actors (id),
    reason TEXT NOT NULL,
    until BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (community_id, actor_id)
);
CREATE INDEX bans_actor ON bans (actor_id);

CREATE TABLE reports (
    id BIGINT PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL,
    reporter_id BIGINT NOT NULL REFERENCES actors (id),
    community_id BIGINT REFERENCES actors (id),
    post_id BIGINT REFERENCES posts (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    resolved_at BIGINT,
    resolver_id BIGINT REFERENCES actors (id)
);
CREATE INDEX reports_open ON reports (community_id, id) WHERE resolved_at IS NULL;
CREATE INDEX reports_reporter ON reports (reporter_id, post_id);
CREATE INDEX reports_post ON reports (post_id);
