-- The links of the communities of here, one row an end: of two communities of here, two.
CREATE TABLE links (
    id INTEGER PRIMARY KEY NOT NULL,
    community_id BIGINT NOT NULL REFERENCES actors (id),
    other_id BIGINT NOT NULL REFERENCES actors (id),
    relation TEXT NOT NULL,
    state TEXT NOT NULL,
    shares TEXT NOT NULL,
    accepts TEXT NOT NULL,
    other_shares TEXT NOT NULL,
    other_accepts TEXT NOT NULL,
    offer TEXT NOT NULL,
    acceptance TEXT,
    other_document TEXT,
    effective_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    UNIQUE (community_id, other_id)
);
CREATE INDEX links_other ON links (other_id);
CREATE UNIQUE INDEX links_offer ON links (community_id, offer);
CREATE INDEX links_asked ON links (community_id, state);

-- What communities elsewhere list, as they were last seen to: for cycles, for what is nearest and for drawings.
CREATE TABLE links_elsewhere (
    community_id BIGINT NOT NULL REFERENCES actors (id),
    other TEXT NOT NULL,
    relation TEXT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (community_id, other)
);
CREATE INDEX links_elsewhere_other ON links_elsewhere (other);

-- The public journal of a community: what was decided about its links.
CREATE TABLE journal (
    id INTEGER PRIMARY KEY NOT NULL,
    community_id BIGINT NOT NULL REFERENCES actors (id),
    event TEXT NOT NULL,
    actor_id BIGINT REFERENCES actors (id),
    other_id BIGINT REFERENCES actors (id),
    details TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX journal_community ON journal (community_id, id);
