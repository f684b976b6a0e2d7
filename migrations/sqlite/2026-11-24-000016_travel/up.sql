-- The date that a thread bears, by which the communities that share it list it.
ALTER TABLE placements ADD COLUMN dated_at BIGINT NOT NULL DEFAULT 0;
UPDATE placements SET dated_at = (SELECT published_at FROM posts WHERE posts.id = placements.thread_id);
DROP INDEX placements_waiting;
DROP INDEX placements_community;
CREATE INDEX placements_community ON placements (community_id, state, dated_at, thread_id);
CREATE INDEX placements_announce ON placements (announce);
CREATE INDEX placements_edited ON placements (community_id) WHERE accepted_html IS NOT NULL;
CREATE INDEX arrivals_neighbour ON arrivals (neighbour_id, created_at);

-- What moderators answered about threads that have not come to their communities yet.
CREATE TABLE placement_answers (
    thread_id BIGINT NOT NULL REFERENCES posts (id),
    community_id BIGINT NOT NULL REFERENCES actors (id),
    decider_id BIGINT NOT NULL REFERENCES actors (id),
    accepted BOOLEAN NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (thread_id, community_id)
);
