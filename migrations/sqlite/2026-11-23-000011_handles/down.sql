DROP INDEX actors_by_handle;
ALTER TABLE actors DROP COLUMN handle;
