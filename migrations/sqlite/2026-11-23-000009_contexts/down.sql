DROP INDEX posts_published;
DROP INDEX posts_author_published;
DROP INDEX posts_home_published;
CREATE INDEX posts_home ON posts (home_id, id) WHERE parent_id IS NULL;
ALTER TABLE jobs DROP COLUMN progress;
ALTER TABLE posts DROP COLUMN context;
