-- What communities elsewhere say now that they stand for, where that is not what is shown of them here.
CREATE TABLE changed_claims (
    community_id BIGINT PRIMARY KEY NOT NULL REFERENCES actors (id),
    territory TEXT,
    since BIGINT NOT NULL
);
CREATE INDEX changed_claims_territory ON changed_claims (territory);

-- What administrators of here decided about what a community elsewhere says that it stands for.
CREATE TABLE judged_claims (
    community_id BIGINT NOT NULL REFERENCES actors (id),
    territory TEXT NOT NULL,
    confirmed BOOLEAN NOT NULL,
    decider_id BIGINT NOT NULL REFERENCES actors (id),
    decided_at BIGINT NOT NULL,
    PRIMARY KEY (community_id, territory)
);
CREATE INDEX communities_territory ON communities (territory);

-- Links that wait for an answer and work meanwhile: they take the place of those of communities that merged.
CREATE TABLE carried_links (
    link_id BIGINT PRIMARY KEY NOT NULL REFERENCES links (id),
    former_id BIGINT NOT NULL REFERENCES actors (id),
    until BIGINT NOT NULL
);

-- Whether the other end is listed only because official territories imply it: nobody chose to.
ALTER TABLE links_elsewhere ADD COLUMN implied BOOLEAN NOT NULL DEFAULT FALSE;
