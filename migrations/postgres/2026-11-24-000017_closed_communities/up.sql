-- Communities that are not open, whom they invited, and what was said when somebody asked to join one.
ALTER TABLE communities ADD COLUMN openness TEXT NOT NULL DEFAULT 'open';

CREATE TABLE invitations (
    community_id BIGINT NOT NULL REFERENCES actors (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    ap_id TEXT NOT NULL,
    inviter_id BIGINT REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (community_id, actor_id)
);
CREATE INDEX invitations_actor ON invitations (actor_id);

CREATE TABLE join_requests (
    follow_id BIGINT PRIMARY KEY NOT NULL REFERENCES follows (id) ON DELETE CASCADE,
    is_join BOOLEAN NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX communities_not_open ON communities (actor_id) WHERE openness <> 'open';
