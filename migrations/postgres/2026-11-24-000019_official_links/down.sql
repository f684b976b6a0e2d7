ALTER TABLE links DROP COLUMN carried_until;
ALTER TABLE links DROP COLUMN implied;
