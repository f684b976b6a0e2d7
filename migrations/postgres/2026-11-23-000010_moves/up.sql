ALTER TABLE actors ADD COLUMN also_known_as TEXT;
ALTER TABLE actors ADD COLUMN moved_to TEXT;
ALTER TABLE actors ADD COLUMN moved_at BIGINT;
