DROP TABLE follows;
DROP TABLE moderators;
DROP TABLE communities;
