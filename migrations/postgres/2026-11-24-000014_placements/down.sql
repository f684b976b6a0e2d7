DROP TABLE arrivals;
DROP TABLE placements;
ALTER TABLE communities DROP COLUMN default_reach;
ALTER TABLE posts DROP COLUMN reach;
