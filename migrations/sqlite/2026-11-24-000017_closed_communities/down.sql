DROP INDEX communities_not_open;
DROP TABLE join_requests;
DROP TABLE invitations;
ALTER TABLE communities DROP COLUMN openness;
