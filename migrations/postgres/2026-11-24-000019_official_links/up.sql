-- Links that official territories imply, and those that a successor carries on for a while.
ALTER TABLE links ADD COLUMN implied BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE links ADD COLUMN carried_until BIGINT;
