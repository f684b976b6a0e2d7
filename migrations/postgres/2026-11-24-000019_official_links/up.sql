-- Links that nobody chose to propose: official territories imply them.
ALTER TABLE links ADD COLUMN implied BOOLEAN NOT NULL DEFAULT FALSE;
