-- Since when no other instance of the process is to be asked for the same address; none where they were not asked.
ALTER TABLE addresses ADD COLUMN matched_at BIGINT;

-- One address on two instances, joined by its holder: of the two, the home alone sends. `domain` is the other instance,
-- `partner_id` the actor that speaks for it, `account_id` the account of here that follows, or that asked.
CREATE TABLE joints (
    id BIGINT PRIMARY KEY NOT NULL,
    key TEXT NOT NULL UNIQUE,
    is_home BOOLEAN NOT NULL,
    address_id BIGINT NOT NULL REFERENCES addresses (id),
    account_id BIGINT NOT NULL REFERENCES accounts (actor_id),
    domain TEXT NOT NULL,
    partner_id BIGINT REFERENCES actors (id),
    ticket TEXT,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    mailed_at BIGINT,
    changed_at BIGINT NOT NULL
);
CREATE INDEX joints_address ON joints (address_id);
CREATE INDEX joints_account ON joints (account_id);
CREATE INDEX joints_state ON joints (state, id);

-- The communities of a joint: the mode that the second instance had, when it was listed, and since when the home tells of
-- it. `was_member`: the account of the home was a member before.
CREATE TABLE joint_communities (
    joint_id BIGINT NOT NULL REFERENCES joints (id),
    community_id BIGINT NOT NULL REFERENCES actors (id),
    mode TEXT NOT NULL,
    was_member BOOLEAN NOT NULL,
    listed_at BIGINT NOT NULL,
    handed_at BIGINT,
    PRIMARY KEY (joint_id, community_id)
);

-- Messages, by their ActivityPub ids, that another instance told to an address of here when it was joined or parted.
CREATE TABLE told_elsewhere (
    address_id BIGINT NOT NULL REFERENCES addresses (id),
    ap_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (address_id, ap_id)
);
CREATE INDEX told_elsewhere_message ON told_elsewhere (ap_id);
CREATE INDEX told_elsewhere_age ON told_elsewhere (created_at);
