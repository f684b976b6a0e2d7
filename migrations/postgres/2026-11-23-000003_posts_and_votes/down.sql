DROP TABLE votes;
DROP TABLE post_recipients;
DROP TABLE posts;
