-- What a community hides from its own readers of a thread that it shares: a reply or, by the top post, all of them.
CREATE TABLE hidings (
    community_id BIGINT NOT NULL REFERENCES actors (id),
    post_id BIGINT NOT NULL REFERENCES posts (id),
    thread_id BIGINT NOT NULL REFERENCES posts (id),
    moderator_id BIGINT NOT NULL REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (community_id, post_id)
);
CREATE INDEX hidings_thread ON hidings (thread_id);

-- When communities that were not open were opened: ids, which sort by the time at which they were minted.
CREATE TABLE openings (
    id BIGINT PRIMARY KEY NOT NULL,
    community_id BIGINT NOT NULL REFERENCES actors (id)
);
CREATE INDEX openings_community ON openings (community_id, id);
