-- How far the author lets a thread go; none where the author could not say. The default of its home says the rest.
ALTER TABLE posts ADD COLUMN reach TEXT;
ALTER TABLE communities ADD COLUMN default_reach TEXT;

-- Where a thread stands besides its home: in communities of here as they decided, in others as they said.
CREATE TABLE placements (
    id INTEGER PRIMARY KEY NOT NULL,
    thread_id BIGINT NOT NULL REFERENCES posts (id),
    community_id BIGINT NOT NULL REFERENCES actors (id),
    state TEXT NOT NULL,
    ways BIGINT NOT NULL,
    path TEXT NOT NULL,
    announce TEXT,
    accepted_title TEXT,
    accepted_html TEXT,
    decider_id BIGINT REFERENCES actors (id),
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (thread_id, community_id)
);
CREATE INDEX placements_community ON placements (community_id, state, thread_id);
CREATE INDEX placements_waiting ON placements (state, created_at) WHERE state = 'waiting';

-- By which neighbours, and by which paths, it came there: one a neighbour.
CREATE TABLE arrivals (
    placement_id BIGINT NOT NULL REFERENCES placements (id),
    neighbour_id BIGINT NOT NULL REFERENCES actors (id),
    way TEXT NOT NULL,
    path TEXT NOT NULL,
    announces TEXT NOT NULL,
    offer TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (placement_id, neighbour_id)
);
