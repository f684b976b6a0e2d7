ALTER TABLE posts ADD COLUMN context TEXT;
ALTER TABLE jobs ADD COLUMN progress TEXT;
DROP INDEX posts_home;
CREATE INDEX posts_home_published ON posts (home_id, published_at, id) WHERE parent_id IS NULL;
CREATE INDEX posts_author_published ON posts (author_id, published_at, id) WHERE parent_id IS NULL;
CREATE INDEX posts_published ON posts (published_at, id) WHERE parent_id IS NULL;
