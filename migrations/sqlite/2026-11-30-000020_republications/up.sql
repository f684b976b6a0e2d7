-- Top posts of communities that are not open which moderators propose to publish in open ones: the first, and once its
-- author agreed, the new thread.
CREATE TABLE republications (
    original_id BIGINT PRIMARY KEY NOT NULL REFERENCES posts (id),
    community_id BIGINT NOT NULL REFERENCES actors (id),
    proposer_id BIGINT NOT NULL REFERENCES actors (id),
    state TEXT NOT NULL,
    copy_id BIGINT REFERENCES posts (id),
    created_at BIGINT NOT NULL,
    decided_at BIGINT
);
CREATE INDEX republications_copy ON republications (copy_id);
