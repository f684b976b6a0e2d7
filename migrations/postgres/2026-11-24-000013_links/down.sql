DROP TABLE journal;
DROP TABLE links_elsewhere;
DROP TABLE links;
