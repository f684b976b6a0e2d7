DROP TABLE told_elsewhere;
DROP TABLE joint_communities;
DROP TABLE joints;
ALTER TABLE addresses DROP COLUMN matched_at;
