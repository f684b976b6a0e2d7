DROP INDEX openings_community;
DROP TABLE openings;
DROP INDEX hidings_thread;
DROP TABLE hidings;
