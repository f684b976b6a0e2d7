CREATE TABLE posts (
    id INTEGER PRIMARY KEY NOT NULL,
    ap_id TEXT NOT NULL UNIQUE,
    url TEXT NOT NULL,
    kind TEXT NOT NULL,
    local BOOLEAN NOT NULL,
    author_id BIGINT NOT NULL REFERENCES actors (id),
    home_id BIGINT REFERENCES actors (id),
    thread_id BIGINT NOT NULL REFERENCES posts (id),
    parent_id BIGINT REFERENCES posts (id),
    visibility TEXT NOT NULL,
    title TEXT,
    source TEXT,
    html TEXT NOT NULL,
    language TEXT,
    request_key TEXT,
    locked BOOLEAN NOT NULL,
    likes BIGINT NOT NULL,
    dislikes BIGINT NOT NULL,
    replies BIGINT NOT NULL,
    published_at BIGINT NOT NULL,
    edited_at BIGINT,
    deleted_at BIGINT,
    received_at BIGINT NOT NULL,
    UNIQUE (author_id, request_key)
);
CREATE INDEX posts_thread ON posts (thread_id, id);
CREATE INDEX posts_home ON posts (home_id, id) WHERE parent_id IS NULL;
CREATE INDEX posts_author ON posts (author_id, id);
CREATE INDEX posts_parent ON posts (parent_id);

CREATE TABLE post_recipients (
    post_id BIGINT NOT NULL REFERENCES posts (id),
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    PRIMARY KEY (post_id, actor_id)
);

CREATE TABLE votes (
    actor_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    score BIGINT NOT NULL,
    ap_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor_id, post_id)
);
CREATE INDEX votes_post ON votes (post_id);
CREATE INDEX votes_activity ON votes (ap_id);
