ALTER TABLE actors ADD COLUMN handle TEXT;
CREATE UNIQUE INDEX actors_by_handle ON actors (handle);
