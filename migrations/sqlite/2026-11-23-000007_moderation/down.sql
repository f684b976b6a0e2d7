DROP TABLE reports;
DROP TABLE bans;
ALTER TABLE communities DROP COLUMN featured_url;
ALTER TABLE communities DROP COLUMN moderators_url;
DROP INDEX posts_featured;
DROP INDEX posts_removed;
ALTER TABLE posts DROP COLUMN featured_at;
ALTER TABLE posts DROP COLUMN removal_reason;
ALTER TABLE posts DROP COLUMN removed_at;
